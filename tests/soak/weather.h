/* What the service does to the soak: faults drawn from a list at short intervals, spells in which nothing gets through, and clear sky in
 * between. Plays on a listener of its own, which it opens, so that the main ports stay dry.
 * A fault is `applied` only where its answer leaves that open, so that a failure that is not in doubt must have changed nothing; and none
 * says success of a call that was refused. */
#ifndef WEATHER_H
#define WEATHER_H

#include "deeds.h"

/* The listener that the callers call: everything but the program's own first and last words. */
static struct {
    int id;
    char url[64], tls_url[64];
} listener;

#define GROUPS "\"path\":\"v4/recentcontact/"

/* Each gets its number of times. */
static const char *const faults[] = {
    "\"drop\":\"reset\",\"applied\":true", "\"drop\":\"fin\",\"applied\":true", "\"drop\":\"reset\"", "\"drop\":\"fin\"",
    "\"drop\":\"reset\",\"applied\":true," GROUPS "del_contact_group\"", "\"drop\":\"fin\",\"applied\":true," GROUPS "del_contact_group\"",
    "\"drop\":\"reset\",\"applied\":true," GROUPS "create_contact_group\"", "\"cut\":10," GROUPS "del_contact_group\"",
    "\"drop\":\"reset\",\"at\":\"accept\"", "\"drop\":\"fin\",\"at\":\"accept\"", "\"hang\":true,\"at\":\"accept\"",
    "\"drop\":\"reset\",\"at\":\"handshake\"", "\"drop\":\"fin\",\"at\":\"handshake\"", "\"hang\":true,\"at\":\"handshake\"",
    "\"drop\":\"reset\",\"at\":\"request\"", "\"drop\":\"fin\",\"at\":\"request\"", "\"hang\":true,\"at\":\"request\"",
    "\"drop\":\"reset\",\"at\":\"head\"", "\"drop\":\"fin\",\"at\":\"head\"", "\"hang\":true,\"at\":\"head\"",
    "\"drop\":\"reset\",\"at\":\"body\"", "\"drop\":\"fin\",\"at\":\"body\"", "\"hang\":true,\"at\":\"body\"",
    "\"drop\":\"reset\",\"at\":\"idle\",\"ms\":5", "\"drop\":\"fin\",\"at\":\"idle\",\"ms\":5", "\"play\":\"idle_408\",\"ms\":5",
    "\"play\":\"idle_408_close\",\"ms\":5", "\"play\":\"connection_close\"", "\"hang\":true", "\"hang\":true,\"applied\":true",
    "\"delay_ms\":60", "\"delay_ms\":400", "\"play\":\"handshake_delay\",\"ms\":60", "\"play\":\"handshake_drip\",\"ms\":1,\"bytes\":200",
    "\"play\":\"drip\",\"ms\":1,\"bytes\":7", "\"play\":\"head_drip\",\"ms\":1,\"bytes\":11", "\"play\":\"chunked_drip\",\"ms\":1,\"bytes\":9",
    "\"play\":\"chunked_cut\"", "\"play\":\"length_too_small\"", "\"play\":\"length_too_large\"", "\"play\":\"duplicate_answer\"",
    "\"play\":\"continue_first\"", "\"play\":\"huge_head\",\"mib\":1,\"applied\":true", "\"play\":\"not_json\",\"applied\":true",
    "\"play\":\"html_502\",\"applied\":true", "\"play\":\"http_500\"", "\"play\":\"http_503\",\"retry_after_s\":1", "\"play\":\"http_429\",\"retry_after_s\":1",
    "\"play\":\"redirect\",\"to\":\"http://127.0.0.1:1\"", "\"play\":\"empty_200\",\"applied\":true", "\"play\":\"no_error_code\",\"applied\":true",
    "\"play\":\"echo_signature\"", "\"play\":\"echo_signature_502\"", "\"code\":50004",
    "\"code\":50005,\"applied\":true", "\"code\":60008,\"applied\":true", "\"code\":70169", "\"code\":60007", "\"code\":60011", "\"code\":70001",
    "\"code\":70052",
};

enum { FAULTS = sizeof faults / sizeof *faults };

static inline void text_after(const char *json, const char *before, char *text, size_t room) {
    const char *begin = strstr(json, before), *end;
    if (begin == NULL || (end = strchr(begin += strlen(before), '"')) == NULL || (size_t)(end - begin) >= room) {
        give_up("the emulator does not say where its listener is");
    }
    memcpy(text, begin, (size_t)(end - begin));
    text[end - begin] = '\0';
}

static inline void open_listener(void) {
    char *opened = admin("POST", "/listeners", "{\"certificate\":\"valid\"}");
    const char *id = strstr(opened, "\"id\":");
    listener.id = id == NULL ? 0 : (int)strtol(id + strlen("\"id\":"), NULL, 10);
    text_after(opened, "\"url\":\"", listener.url, sizeof listener.url);
    text_after(opened, "\"tls_url\":\"", listener.tls_url, sizeof listener.tls_url);
    free(opened);
}

static inline void tell_listener(const char *method, const char *json) {
    char path[48];
    snprintf(path, sizeof path, "/listeners/%d/faults", listener.id);
    tell_emulator(method, path, json);
}

static inline void add_drawn_fault(uint64_t *random) {
    char json[256];
    const char *fault = faults[draw(random, FAULTS)];
    const unsigned times = 1 + draw(random, 3), skip = draw(random, 4);
    snprintf(json, sizeof json, "{%s,\"times\":%u,\"skip\":%u}", fault, times, skip);
    tell_listener("POST", json);
}

/* Nothing is accepted, or nothing is answered, until the sky clears. */
static inline void begin_outage(uint64_t *random) {
    tell_listener("POST", draw(random, 2) == 0 ? "{\"drop\":\"reset\",\"at\":\"accept\",\"times\":0}" : "{\"drop\":\"reset\",\"times\":0}");
}

/* One step of about 20 ms; every fiftieth clears the sky, which also lets go what hangs. */
static inline void change_weather(uint64_t *random, long step) {
    if (step % 50 == 0) tell_listener("DELETE", "");
    else if (step % 50 < 35) add_drawn_fault(random);
    else if (step % 300 == 40) begin_outage(random);
    nap_ms(20);
}

#endif
