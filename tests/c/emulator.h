/* The emulator of the service as a test sees it: where it listens, what it was asked, and the faults it is told to play.
 * Speaks to its admin port over a plain socket, so that nothing here shares code with what is tested. A failure ends the program.
 * Reads as C99 and as C++17. */
#ifndef EMULATOR_H
#define EMULATOR_H

#include "promise.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

/* The program's arguments: BASE_URL CA_FILE ADMIN_URL [NUMBER], the last for programs that say what of. */
static struct {
    const char *base_url;
    const char *ca_file;
    int admin_port;
    long number; /* 0: not given */
} place;

static inline void find_emulator(int argc, char **argv) {
    if (argc < 4 || argc > 5 || sscanf(argv[3], "http://127.0.0.1:%d", &place.admin_port) != 1) {
        give_up("usage: PROGRAM BASE_URL CA_FILE ADMIN_URL [NUMBER]");
    }
    place.base_url = argv[1];
    place.ca_file = argv[2];
    place.number = argc == 5 ? strtol(argv[4], NULL, 10) : 0;
}

static inline int connect_admin(void) {
    struct sockaddr_in address;
    const int fd = socket(AF_INET, SOCK_STREAM, 0);
    memset(&address, 0, sizeof address);
    address.sin_family = AF_INET;
    address.sin_port = htons((unsigned short)place.admin_port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (fd < 0 || connect(fd, (struct sockaddr *)&address, sizeof address) != 0) give_up("the admin port does not answer");
    return fd;
}

static inline void send_all(int fd, const char *bytes, size_t left) {
    while (left > 0) {
        const ssize_t n = send(fd, bytes, left, MSG_NOSIGNAL);
        if (n <= 0) give_up("the admin port closed the connection");
        bytes += n;
        left -= (size_t)n;
    }
}

/* Everything until the peer closes, NUL-terminated. */
static inline char *receive_all(int fd) {
    size_t room = 1 << 16, length = 0;
    char *text = (char *)malloc(room);
    for (;;) {
        if (text == NULL) give_up("no memory");
        const ssize_t n = recv(fd, text + length, room - length - 1, 0);
        if (n <= 0) break;
        length += (size_t)n;
        if (room - length < 4096) text = (char *)realloc(text, room *= 2);
    }
    text[length] = '\0';
    return text;
}

/* One request to the admin port; the answer's body, to be freed. */
static inline char *admin(const char *method, const char *path, const char *body) {
    char head[256];
    char *answer;
    const char *answer_body;
    const int fd = connect_admin();
    snprintf(head, sizeof head, "%s %s HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\nContent-Length: %lu\r\n\r\n", method, path,
             (unsigned long)strlen(body));
    send_all(fd, head, strlen(head));
    send_all(fd, body, strlen(body));
    answer = receive_all(fd);
    close(fd);
    answer_body = strstr(answer, "\r\n\r\n");
    if (strncmp(answer, "HTTP/1.1 200", 12) != 0 || answer_body == NULL) {
        fprintf(stderr, "%s %s: %s\n", method, path, answer);
        give_up("the admin port refused a request");
    }
    answer_body += 4;
    memmove(answer, answer_body, strlen(answer_body) + 1);
    return answer;
}

static inline void tell_emulator(const char *method, const char *path, const char *body) { free(admin(method, path, body)); }

/* A fresh service: no group, no fault, no request seen, the real clock. */
static inline void reset_emulator(void) { tell_emulator("POST", "/reset", ""); }

static inline void add_fault(const char *json) { tell_emulator("POST", "/faults", json); }

/* Also lets go the calls that hang. */
static inline void clear_faults(void) { tell_emulator("DELETE", "/faults", ""); }

/* The next call gets this body with this HTTP status. */
static inline void answer_next(int status, const char *body) {
    char *json = (char *)malloc(strlen(body) * 6 + 128);
    char *end;
    if (json == NULL) give_up("no memory");
    end = json + sprintf(json, "{\"answer\":{\"status\":%d,\"headers\":{\"content-type\":\"application/json\"},\"body\":\"", status);
    for (; *body != '\0'; ++body) {
        const unsigned char c = (unsigned char)*body;
        end += c == '"' || c == '\\' || c < 0x20 ? sprintf(end, "\\u%04x", c) : sprintf(end, "%c", c);
    }
    strcpy(end, "\"}}");
    add_fault(json);
    free(json);
}

/* Requests that the service has read since the last reset. */
static inline long requests_seen(void) {
    char *log = admin("GET", "/log", "");
    const char *total = strstr(log, "\"total\":");
    const long seen = total == NULL ? -1 : strtol(total + strlen("\"total\":"), NULL, 10);
    free(log);
    if (seen < 0) give_up("the request log has no total");
    return seen;
}

/* Whether the request log holds this text. */
static inline int log_holds(const char *text) {
    char *log = admin("GET", "/log", "");
    const int held = strstr(log, text) != NULL;
    free(log);
    return held;
}

/* Changes switches of the service, such as {"page_size":2}, until the next reset. */
static inline void set_service(const char *json) { tell_emulator("PUT", "/settings", json); }

static inline void nap_ms(long ms) {
    struct timespec time;
    time.tv_sec = ms / 1000;
    time.tv_nsec = ms % 1000 * 1000000;
    nanosleep(&time, NULL);
}

/* Milliseconds on a clock that never jumps. */
static inline long now_ms(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return time.tv_sec * 1000 + time.tv_nsec / 1000000;
}

/* Waits until the service has read so many requests; the bound only stops a hang. */
static inline void wait_for_requests(long number) {
    const long give_up_at = now_ms() + 60000;
    while (requests_seen() < number) {
        if (now_ms() > give_up_at) give_up("the request never came");
        nap_ms(5);
    }
}

/* An address from the emulator's own list, such as "tls_url"; to be freed. */
static inline char *emulator_address(const char *name) {
    char quoted[64];
    char *list = admin("GET", "/", "");
    char *value, *end;
    snprintf(quoted, sizeof quoted, "\"%s\": \"", name);
    value = strstr(list, quoted);
    end = value == NULL ? NULL : strchr(value + strlen(quoted), '"');
    if (end == NULL) give_up("the emulator does not name that address");
    *end = '\0';
    memmove(list, value + strlen(quoted), strlen(value + strlen(quoted)) + 1);
    return list;
}

#endif
