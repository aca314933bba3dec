/* Secrets after their end: a key, a signature and a proxy's password that a client had are nowhere in the memory of the process once
 * client and settings are freed, and a key is gone once it was replaced. What is searched is all that this process can write to (heap with
 * its freed parts, stacks, data), which is what a core taken then would hold. The texts looked for are kept masked here, so that the search
 * never finds itself; each test first finds its secret while the client lives. Not for valgrind, which keeps freed memory from the search. */
#include "client.h"

#include <stdint.h>

enum { MASK = 0x5a, LONGEST = 256 };

/* A secret as this program remembers it. */
struct canary {
    size_t length;
    unsigned char masked[LONGEST];
};

static void wipe(char *text, size_t length) {
    volatile char *byte = text;
    while (length-- > 0) *byte++ = '\0';
}

/* A new secret of letters. */
static struct canary new_canary(size_t length) {
    struct canary canary;
    FILE *random = fopen("/dev/urandom", "rb");
    size_t i;
    if (random == NULL || fread(canary.masked, 1, length, random) != length) give_up("no random bytes");
    fclose(random);
    for (i = 0; i < length; ++i) canary.masked[i] = (unsigned char)(('a' + canary.masked[i] % 26) ^ MASK);
    canary.length = length;
    return canary;
}

/* The secret in the clear, for a moment. */
static const char *unmask(const struct canary *canary, char *room) {
    size_t i;
    for (i = 0; i < canary->length; ++i) room[i] = (char)(canary->masked[i] ^ MASK);
    room[canary->length] = '\0';
    return room;
}

/* How often the secret stands between two addresses; also a part of it, as a freed block may have lost its beginning. */
static long occurrences_in(const unsigned char *from, const unsigned char *to, const struct canary *canary) {
    const unsigned char *masked = canary->masked + canary->length - 20;
    long found = 0;
    for (; from + 20 <= to; ++from) {
        size_t same = 0;
        while (same < 20 && (from[same] ^ MASK) == masked[same]) ++same;
        found += same == 20;
    }
    return found;
}

/* How often the end of the secret, 20 bytes, stands in what this process may write to. */
static long occurrences(const struct canary *canary) {
    FILE *maps = fopen("/proc/self/maps", "r");
    char line[512];
    long found = 0;
    if (maps == NULL) give_up("no list of mappings");
    while (fgets(line, sizeof line, maps) != NULL) {
        unsigned long from, to;
        char rights[8];
        if (sscanf(line, "%lx-%lx %7s", &from, &to, rights) != 3 || rights[0] != 'r' || rights[1] != 'w') continue;
        found += occurrences_in((const unsigned char *)(uintptr_t)from, (const unsigned char *)(uintptr_t)to, canary);
    }
    fclose(maps);
    return found;
}

/* A client with this key, and nothing left of what it was told by. */
static chat_client *client_with_key(const struct canary *key) {
    chat_config *config = emulator_config();
    char clear[LONGEST + 1];
    CHECK_INT(chat_config_set_secret_key(config, unmask(key, clear)), CHAT_OK);
    wipe(clear, sizeof clear);
    return client_from(config);
}

/* Answers, refusals, repeats and broken connections, with everything read that can be read. */
static void live(const chat_client *client) {
    int round;
    reset_emulator();
    add_fault("[{\"code\":70001},{\"drop\":\"reset\"},{\"code\":50004},{\"cut\":10},{\"answer\":{\"status\":502,\"body\":\"<html>\"}}]");
    for (round = 0; round < 5; ++round) {
        chat_response *response = delete_group(client, GROUP);
        chat_stats *stats = chat_client_stats(client);
        chat_response_trace(response);
        chat_response_has(response, "/ErrorInfo");
        chat_stats_prometheus(stats, NULL);
        chat_stats_free(stats);
        chat_response_free(response);
    }
}

static void no_key_is_left_after_its_client(void) {
    const struct canary key = new_canary(64);
    chat_client *client = client_with_key(&key);
    live(client);
    CHECK(occurrences(&key) > 0); /* the search finds what is there */
    chat_client_free(client);
    CHECK_INT(occurrences(&key), 0);
}

static void a_replaced_key_is_gone_while_its_client_lives(void) {
    const struct canary old_key = new_canary(64), new_key = new_canary(64);
    chat_client *client = client_with_key(&old_key);
    char clear[LONGEST + 1];
    live(client);
    CHECK(occurrences(&old_key) > 0);
    CHECK_INT(chat_client_set_secret_key(client, unmask(&new_key, clear)), CHAT_OK);
    wipe(clear, sizeof clear);
    CHECK_INT(occurrences(&old_key), 0);
    CHECK(occurrences(&new_key) > 0);
    live(client);
    chat_client_free(client);
    CHECK_INT(occurrences(&new_key), 0);
}

static void no_key_is_left_after_settings_that_made_no_client(void) {
    const struct canary key = new_canary(64);
    chat_config *config = chat_config_new();
    chat_client *client = NULL;
    chat_response *error = NULL;
    char clear[LONGEST + 1];
    CHECK_INT(chat_config_set_secret_key(config, unmask(&key, clear)), CHAT_OK);
    wipe(clear, sizeof clear);
    CHECK_INT(chat_client_new(config, &client, &error), CHAT_ERR_CONFIG);
    CHECK(occurrences(&key) > 0);
    chat_config_free(config);
    CHECK_INT(occurrences(&key), 0);
    chat_response_free(error);
}

static void no_signature_is_left_after_its_client(void) {
    const struct canary sig = new_canary(200);
    chat_config *config = chat_config_new();
    chat_client *client;
    char clear[LONGEST + 1];
    chat_config_set_base_url(config, place.base_url);
    chat_config_set_ca_file(config, place.ca_file);
    chat_config_set_sdk_app_id(config, SDK_APP_ID);
    chat_config_set_identifier(config, ADMIN);
    CHECK_INT(chat_config_set_user_sig(config, unmask(&sig, clear)), CHAT_OK);
    wipe(clear, sizeof clear);
    client = client_from(config);
    live(client);
    CHECK(occurrences(&sig) > 0);
    chat_client_free(client);
    CHECK_INT(occurrences(&sig), 0);
}

static void no_proxys_password_is_left_after_its_client(void) {
    const struct canary password = new_canary(40);
    chat_config *config = emulator_config();
    chat_client *client;
    char clear[LONGEST + 1], url[LONGEST + 64];
    snprintf(url, sizeof url, "http://somebody:%s@127.0.0.1:1", unmask(&password, clear));
    CHECK_INT(chat_config_set_proxy(config, url), CHAT_OK);
    CHECK(occurrences(&password) > 0);
    wipe(clear, sizeof clear);
    wipe(url, sizeof url);
    client = client_from(config);
    CHECK_INT(code_of(delete_group(client, GROUP)), CHAT_ERR_TRANSPORT);
    chat_client_free(client);
    CHECK_INT(occurrences(&password), 0);
}

int main(int argc, char **argv) {
    find_emulator(argc, argv);
    KEEP(no_key_is_left_after_its_client);
    KEEP(a_replaced_key_is_gone_while_its_client_lives);
    KEEP(no_key_is_left_after_settings_that_made_no_client);
    KEEP(no_signature_is_left_after_its_client);
    KEEP(no_proxys_password_is_left_after_its_client);
    return broken_promises != 0;
}
