/* What every C client of the bench shares: its arguments, its threads, its clocks and the one line that it prints. A client
 * includes this file and defines the four functions declared below; `main` is here. It must not know which client it runs. */
#ifndef CLIENT_H
#define CLIENT_H

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

/* The delete that every client sends, and the deadline that every client sets. */
#define USER "user_0001"
#define GROUP "group_0001"
#define BODY "{\"From_Account\":\"" USER "\",\"GroupName\":[\"" GROUP "\"]}"
#define DEADLINE_MS 10000
/* Calls of each thread before anything is measured: connections, signatures and buffers are there by then. */
#define WARM_UP 20

struct run {
    const char *url;     /* up to and with `&random=` */
    const char *ca_file;
    int threads;
    int calls;           /* of each thread */
    int bursts;          /* 0: one stream of calls; else so many bursts of one call a thread, and no warm-up */
};

/* What all threads share (may be NULL). */
static void *open_client(const struct run *run);
/* What one thread has to itself (may be the shared one). */
static void *open_worker(const struct run *run, void *client);
/* One call; anything but a success ends the program with `give_up`. */
static void call_once(void *worker);
static void close_worker(void *worker);
static void close_client(void *client);

static void give_up(const char *what) {
    fprintf(stderr, "%s\n", what);
    exit(1);
}

static double seconds(clockid_t clock) {
    struct timespec time;
    clock_gettime(clock, &time);
    return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

/* User and system time of this process, all threads. */
static double cpu_seconds(void) {
    struct rusage used;
    getrusage(RUSAGE_SELF, &used);
    return (double)(used.ru_utime.tv_sec + used.ru_stime.tv_sec) + (double)(used.ru_utime.tv_usec + used.ru_stime.tv_usec) / 1e6;
}

static struct run run;
static void *shared_client;
static pthread_barrier_t barrier;

static void *work(void *unused) {
    void *worker = open_worker(&run, shared_client);
    (void)unused;
    if (run.bursts == 0) {
        for (int i = 0; i < WARM_UP; ++i) call_once(worker);
    }
    pthread_barrier_wait(&barrier);
    pthread_barrier_wait(&barrier);
    for (int i = 0; i < run.calls; ++i) call_once(worker);
    for (int i = 0; i < run.bursts; ++i) {
        call_once(worker);
        pthread_barrier_wait(&barrier);
    }
    pthread_barrier_wait(&barrier);
    close_worker(worker);
    return NULL;
}

int main(int argc, char **argv) {
    pthread_t threads[256];
    double cpu, wall;
    if (argc < 5 || argc > 6 || atoi(argv[3]) < 1 || atoi(argv[3]) > 256) give_up("usage: PROGRAM URL CA_FILE THREADS CALLS [BURSTS]");
    run.url = argv[1];
    run.ca_file = argv[2];
    run.threads = atoi(argv[3]);
    run.calls = atoi(argv[4]);
    run.bursts = argc == 6 ? atoi(argv[5]) : 0;
    shared_client = open_client(&run);
    pthread_barrier_init(&barrier, NULL, (unsigned)run.threads + 1);
    for (int i = 0; i < run.threads; ++i) {
        if (pthread_create(&threads[i], NULL, work, NULL) != 0) give_up("no thread to be had");
    }
    pthread_barrier_wait(&barrier);
    cpu = cpu_seconds();
    wall = seconds(CLOCK_MONOTONIC);
    pthread_barrier_wait(&barrier);
    for (int i = 0; i < run.bursts; ++i) pthread_barrier_wait(&barrier);
    pthread_barrier_wait(&barrier);
    wall = seconds(CLOCK_MONOTONIC) - wall;
    cpu = cpu_seconds() - cpu;
    for (int i = 0; i < run.threads; ++i) pthread_join(threads[i], NULL);
    close_client(shared_client);
    printf("{\"calls\":%ld,\"cpu_us\":%.0f,\"wall_us\":%.0f}\n", (long)run.threads * (run.calls + run.bursts), cpu * 1e6, wall * 1e6);
    return 0;
}

#endif
