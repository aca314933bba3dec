/* Preloaded into redis-server: its clock is the machine's and so many seconds more as stand in a file (CLOCK_FILE, an int64_t) just then.
 * Only the time of day moves; what the server measures its own waits with does not. (libfaketime does not start under jemalloc.) */
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

static const volatile int64_t *shift;

__attribute__((constructor)) static void find_the_file(void) {
    const int file = open(getenv("CLOCK_FILE"), O_RDONLY);
    void *page = mmap(NULL, sizeof *shift, PROT_READ, MAP_SHARED, file, 0);
    if (file < 0 || page == MAP_FAILED) abort();
    shift = page;
}

int gettimeofday(struct timeval *time, void *zone) {
    struct timespec now;
    (void)zone;
    if (syscall(SYS_clock_gettime, CLOCK_REALTIME, &now) != 0) return -1;
    time->tv_sec = now.tv_sec + (shift != NULL ? *shift : 0);
    time->tv_usec = now.tv_nsec / 1000;
    return 0;
}
