/* A library to preload: `two.test` has two addresses, ::1 before 127.0.0.1. Every other name
 * is looked up as ever. */
#include <dlfcn.h>
#include <netdb.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

typedef int look_up(const char *, const char *, const struct addrinfo *, struct addrinfo **);

int getaddrinfo(const char *host, const char *service, const struct addrinfo *hints, struct addrinfo **found) {
    look_up *next = (look_up *)dlsym(RTLD_NEXT, "getaddrinfo");
    struct addrinfo one = {0}, *last;
    int failed;
    if (next == NULL) abort();
    if (host == NULL || strcmp(host, "two.test") != 0 || (hints != NULL && hints->ai_family != AF_UNSPEC)) return next(host, service, hints, found);
    if (hints != NULL) one = *hints;
    one.ai_flags = AI_NUMERICHOST;
    failed = next("::1", service, &one, found);
    if (failed) return failed;
    for (last = *found; last->ai_next != NULL; last = last->ai_next) continue;
    return next("127.0.0.1", service, &one, &last->ai_next);
}
