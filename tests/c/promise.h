/* What a test program says and how it fails: each promise is a function that is named as a sentence and kept or broken.
 * A broken promise prints where and what, and makes the program end with 1. For one thread: threads hand their findings over.
 * Knows nothing of the library. Reads as C99 and as C++17. */
#ifndef PROMISE_H
#define PROMISE_H

#ifndef _POSIX_C_SOURCE
#define _POSIX_C_SOURCE 200809L /* sockets, threads and clocks beside -std=c99 */
#endif

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#ifdef __cplusplus
#include <exception>
#endif

static int broken_promises;

static inline void broken(const char *file, int line, const char *what) {
    fprintf(stderr, "  broken at %s:%d: %s\n", file, line, what);
    ++broken_promises;
}

static inline void check_int(const char *file, int line, const char *what, long long actual, long long expected) {
    if (actual == expected) return;
    fprintf(stderr, "  %s is %lld, not %lld\n", what, actual, expected);
    broken(file, line, what);
}

static inline void check_str(const char *file, int line, const char *what, const char *actual, const char *expected) {
    if (actual != NULL && strcmp(actual, expected) == 0) return;
    fprintf(stderr, "  %s is \"%s\", not \"%s\"\n", what, actual == NULL ? "(null)" : actual, expected);
    broken(file, line, what);
}

static inline void check_has(const char *file, int line, const char *what, const char *text, const char *part) {
    if (text != NULL && strstr(text, part) != NULL) return;
    fprintf(stderr, "  %s is \"%s\", without \"%s\"\n", what, text == NULL ? "(null)" : text, part);
    broken(file, line, what);
}

static inline void check_lacks(const char *file, int line, const char *what, const char *text, const char *part) {
    if (text != NULL && strstr(text, part) == NULL) return;
    fprintf(stderr, "  %s holds \"%s\" or is NULL\n", what, part);
    broken(file, line, what);
}

#define CHECK(condition) \
    do { if (!(condition)) broken(__FILE__, __LINE__, #condition); } while (0)
#define CHECK_INT(actual, expected) check_int(__FILE__, __LINE__, #actual, (long long)(actual), (long long)(expected))
#define CHECK_STR(actual, expected) check_str(__FILE__, __LINE__, #actual, actual, expected)
#define CHECK_HAS(text, part) check_has(__FILE__, __LINE__, #text, text, part)
#define CHECK_LACKS(text, part) check_lacks(__FILE__, __LINE__, #text, text, part)

/* For what a test cannot go on without. */
static inline void give_up(const char *why) {
    fprintf(stderr, "cannot go on: %s\n", why);
    exit(2);
}

static inline void keep(const char *name, void (*promise)(void)) {
    const int before = broken_promises;
#ifdef __cplusplus
    try {
        promise();
    } catch (const std::exception &error) {
        broken(name, 0, error.what());
    }
#else
    promise();
#endif
    printf("%s %s\n", broken_promises == before ? "kept  " : "BROKEN", name);
    fflush(stdout);
}

/* Runs one promise and says whether it was kept. */
#define KEEP(promise) keep(#promise, promise)

#endif
