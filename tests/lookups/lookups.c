/* A `getaddrinfo` to be preloaded, so that a test decides what names look up to, in any language: built as a shared object and named in
 * LD_PRELOAD. The file that CHAT_LOOKUPS names is read at every look-up and may change while one is under way; it holds words:
 *
 *   real            the system's own answer (also without a file)
 *   dead            no answer: EAI_AGAIN
 *   127.0.0.2       this address, whatever the name; several in this order
 *   slow 1500       waits so many milliseconds first; a changed file ends the wait
 *
 * such as `slow 30000 dead`. A name below .lookups.test says them itself, as slow-30000-dead.lookups.test does. Every look-up of a name adds its line to the file's neighbour `<file>.seen`; numeric addresses are none. */
#define _GNU_SOURCE

#include <arpa/inet.h>
#include <dlfcn.h>
#include <fcntl.h>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

typedef int look_up(const char *, const char *, const struct addrinfo *, struct addrinfo **);

/* What the file says now; without one, nothing is changed. */
static void read_orders(const char *node, char *orders, size_t room) {
    const char *named = strstr(node, ".lookups.test");
    if (named != NULL && (size_t)(named - node) < room) {
        char *dash = orders;
        snprintf(orders, room, "%.*s", (int)(named - node), node);
        while ((dash = strchr(dash, '-')) != NULL) *dash = ' ';
        return;
    }
    const char *path = getenv("CHAT_LOOKUPS");
    const int fd = path == NULL ? -1 : open(path, O_RDONLY | O_CLOEXEC);
    const ssize_t n = fd < 0 ? 0 : read(fd, orders, room - 1);
    orders[n < 0 ? 0 : n] = '\0';
    if (fd >= 0) close(fd);
}

/* One write, so that the lines of threads and processes stay whole. */
static void write_down(const char *node) {
    const char *path = getenv("CHAT_LOOKUPS");
    char name[4096], line[512];
    int fd;
    if (path == NULL) return;
    snprintf(name, sizeof name, "%s.seen", path);
    snprintf(line, sizeof line, "%s\n", node);
    fd = open(name, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
    if (fd < 0) return;
    if (write(fd, line, strlen(line)) < 0) abort(); /* a count that lies is worse than none */
    close(fd);
}

/* Waits as the orders say, until they change; they are then the new ones. */
static void wait_as_told(const char *node, char *orders, size_t room) {
    const struct timespec step = {0, 10 * 1000000};
    char first[256];
    long waited, told = 0;
    snprintf(first, sizeof first, "%s", orders);
    if (sscanf(orders, "slow %ld", &told) != 1) return;
    for (waited = 0; waited < told && strcmp(first, orders) == 0; waited += 10) {
        nanosleep(&step, NULL);
        read_orders(node, orders, room);
    }
}

static int is_address(const char *word) {
    unsigned char bytes[sizeof(struct in6_addr)];
    return inet_pton(AF_INET, word, bytes) == 1 || inet_pton(AF_INET6, word, bytes) == 1;
}

int getaddrinfo(const char *node, const char *service, const struct addrinfo *hints, struct addrinfo **result) {
    static look_up *real;
    char orders[256], *word, *rest = orders;
    struct addrinfo **last = result;
    if (real == NULL) real = (look_up *)dlsym(RTLD_NEXT, "getaddrinfo");
    if (node == NULL || is_address(node)) return real(node, service, hints, result);
    write_down(node);
    read_orders(node, orders, sizeof orders);
    wait_as_told(node, orders, sizeof orders);
    while ((word = strsep(&rest, " \n")) != NULL) {
        if (strcmp(word, "dead") == 0) return EAI_AGAIN;
        if (!is_address(word)) continue;
        const int failed = real(word, service, hints, last);
        if (failed) return failed;
        while (*last != NULL) last = &(*last)->ai_next; /* of what the C library frees one by one */
    }
    return last == result ? real(node, service, hints, result) : 0;
}
