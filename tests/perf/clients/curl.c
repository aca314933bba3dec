/* libcurl as a client of the bench: one easy handle a thread, used again for every call, with a deadline and without signals.
 * The body is ready in memory and the answer is collected but not parsed: libcurl is spared the JSON. */
#include "client.h"

#include <curl/curl.h>

struct worker {
    CURL *easy;
    struct curl_slist *headers;
    const char *url;
    unsigned next;
    size_t got;
    char answer[16384];
};

static void *open_client(const struct run *run) {
    (void)run;
    curl_global_init(CURL_GLOBAL_DEFAULT);
    return NULL;
}

static size_t collect(char *bytes, size_t size, size_t count, void *opaque) {
    struct worker *worker = (struct worker *)opaque;
    const size_t n = size * count;
    if (worker->got + n > sizeof worker->answer) return 0;
    memcpy(worker->answer + worker->got, bytes, n);
    worker->got += n;
    return n;
}

static void *open_worker(const struct run *run, void *client) {
    struct worker *worker = (struct worker *)calloc(1, sizeof *worker);
    (void)client;
    if (worker == NULL || (worker->easy = curl_easy_init()) == NULL) give_up("no handle to be had");
    worker->url = run->url;
    worker->headers = curl_slist_append(NULL, "Content-Type: application/json");
    curl_easy_setopt(worker->easy, CURLOPT_HTTPHEADER, worker->headers);
    curl_easy_setopt(worker->easy, CURLOPT_POSTFIELDS, BODY);
    curl_easy_setopt(worker->easy, CURLOPT_POSTFIELDSIZE, (long)strlen(BODY));
    curl_easy_setopt(worker->easy, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(worker->easy, CURLOPT_TIMEOUT_MS, (long)DEADLINE_MS);
    curl_easy_setopt(worker->easy, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
    curl_easy_setopt(worker->easy, CURLOPT_WRITEFUNCTION, collect);
    curl_easy_setopt(worker->easy, CURLOPT_WRITEDATA, worker);
    if (run->ca_file[0] != '\0') curl_easy_setopt(worker->easy, CURLOPT_CAINFO, run->ca_file);
    return worker;
}

static void call_once(void *opaque) {
    struct worker *worker = (struct worker *)opaque;
    char url[2048];
    long status = 0;
    CURLcode code;
    snprintf(url, sizeof url, "%s%u", worker->url, ++worker->next);
    curl_easy_setopt(worker->easy, CURLOPT_URL, url);
    worker->got = 0;
    code = curl_easy_perform(worker->easy);
    curl_easy_getinfo(worker->easy, CURLINFO_RESPONSE_CODE, &status);
    if (code != CURLE_OK) give_up(curl_easy_strerror(code));
    if (status != 200) give_up("not answered with 200");
}

static void close_worker(void *opaque) {
    struct worker *worker = (struct worker *)opaque;
    curl_easy_cleanup(worker->easy);
    curl_slist_free_all(worker->headers);
    free(worker);
}

static void close_client(void *client) {
    (void)client;
    curl_global_cleanup();
}
