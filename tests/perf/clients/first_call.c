/* What a process pays for its first HTTPS call, from dlopen to the answer: LIBRARY URL CA_FILE. LIBRARY is this library or libcurl;
 * both trust the usual public authorities and the test server's besides. Prints CPU time and the growth of resident memory. */
#include <curl/curl.h>
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <tencent_chat.h>
#include <time.h>
#include <unistd.h>

static void give_up(const char *what) {
    fprintf(stderr, "%s\n", what);
    exit(1);
}

static void *library;

static void *function(const char *name) {
    void *found = dlsym(library, name);
    if (found == NULL) give_up(dlerror());
    return found;
}

/* The function of that name and of its declared type. */
#define FN(name) ((__typeof__(&name))function(#name))

static double cpu_us(void) {
    struct timespec time;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
    return (double)time.tv_sec * 1e6 + (double)time.tv_nsec / 1e3;
}

static long resident_kb(void) {
    long size = 0, resident = 0;
    FILE *file = fopen("/proc/self/statm", "r");
    if (file == NULL || fscanf(file, "%ld %ld", &size, &resident) != 2) give_up("/proc/self/statm cannot be read");
    fclose(file);
    return resident * sysconf(_SC_PAGESIZE) / 1024;
}

static void call_by_tencent_chat(const char *url, const char *ca_file) {
    chat_config *config = FN(chat_config_new)();
    chat_client *client = NULL;
    chat_response *response = NULL;
    char base[256];
    snprintf(base, sizeof base, "%.*s", (int)(strstr(url, "/v4/") - url), url);
    FN(chat_config_set_base_url)(config, base);
    FN(chat_config_add_ca_file)(config, ca_file);
    FN(chat_config_set_sdk_app_id)(config, 1400000000);
    FN(chat_config_set_identifier)(config, "administrator");
    FN(chat_config_set_secret_key)(config, "5bd2850fff3ecb11d7c805251c51ee463a25727bddc2385f3fa8bfee1bb93b5e");
    if (FN(chat_client_new)(config, &client, &response) != CHAT_OK) give_up("no client");
    if (FN(chat_del_contact_group)(client, "user_0001", "absent", NULL, &response) != CHAT_SERVICE_GROUP_NOT_FOUND) {
        give_up(FN(chat_response_message)(response, NULL));
    }
}

static size_t drop(char *bytes, size_t size, size_t count, void *unused) {
    (void)bytes;
    (void)unused;
    return size * count;
}

static void call_by_curl(const char *url, const char *ca_file) {
    CURL *easy = FN(curl_easy_init)();
    char whole[2048];
    CURLcode code;
    snprintf(whole, sizeof whole, "%s1", url);
#undef curl_easy_setopt
    FN(curl_easy_setopt)(easy, CURLOPT_URL, whole);
    FN(curl_easy_setopt)(easy, CURLOPT_CAINFO, ca_file);
    FN(curl_easy_setopt)(easy, CURLOPT_NOSIGNAL, 1L);
    FN(curl_easy_setopt)(easy, CURLOPT_POSTFIELDS, "{\"From_Account\":\"user_0001\",\"GroupName\":[\"absent\"]}");
    FN(curl_easy_setopt)(easy, CURLOPT_WRITEFUNCTION, drop);
    code = FN(curl_easy_perform)(easy);
    if (code != CURLE_OK) give_up(FN(curl_easy_strerror)(code));
}

int main(int argc, char **argv) {
    double cpu;
    long memory;
    if (argc != 4) give_up("usage: first_call LIBRARY URL CA_FILE");
    cpu = cpu_us();
    memory = resident_kb();
    library = dlopen(argv[1], RTLD_NOW | RTLD_LOCAL);
    if (library == NULL) give_up(dlerror());
    (strstr(argv[1], "curl") != NULL ? call_by_curl : call_by_tencent_chat)(argv[2], argv[3]);
    printf("{\"cpu_us\":%.0f,\"memory_kb\":%ld}\n", cpu_us() - cpu, resident_kb() - memory);
    return 0;
}
