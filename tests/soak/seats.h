/* Clients that many threads share and that are replaced under their calls: a thread takes a seat, calls, and leaves with what came of it. No
 * call begins on a client that is being freed, and a client that ends with nobody inside has counted what its callers saw. */
#ifndef SEATS_H
#define SEATS_H

#include "ledger.h"

#include <pthread.h>

struct seat {
    pthread_mutex_t lock;
    pthread_cond_t emptied;
    chat_client *(*make)(void);
    chat_client *client;
    int is_open;
    int taken;
    struct sums sums;    /* of the calls on this client */
    struct sums sums_before; /* of those on earlier ones */
    int differences;
    int ended_gently, ended_at_once;
};

static inline void open_seat(struct seat *seat, chat_client *(*make)(void)) {
    memset(seat, 0, sizeof *seat);
    pthread_mutex_init(&seat->lock, NULL);
    pthread_cond_init(&seat->emptied, NULL);
    seat->make = make;
    seat->client = make();
    seat->is_open = 1;
}

/* The client to call with, or NULL while it is replaced. */
static inline const chat_client *take(struct seat *seat) {
    const chat_client *client = NULL;
    pthread_mutex_lock(&seat->lock);
    if (seat->is_open) {
        client = seat->client;
        ++seat->taken;
    }
    pthread_mutex_unlock(&seat->lock);
    return client;
}

/* `response` is what came of the call; NULL when none was made. */
static inline void leave(struct seat *seat, const chat_response *response) {
    pthread_mutex_lock(&seat->lock);
    if (response != NULL) add_response(&seat->sums, response);
    if (--seat->taken == 0) pthread_cond_broadcast(&seat->emptied);
    pthread_mutex_unlock(&seat->lock);
}

static inline int taken(struct seat *seat) {
    int number;
    pthread_mutex_lock(&seat->lock);
    number = seat->taken;
    pthread_mutex_unlock(&seat->lock);
    return number;
}

static inline void close_seat(struct seat *seat) {
    pthread_mutex_lock(&seat->lock);
    seat->is_open = 0;
    pthread_mutex_unlock(&seat->lock);
}

static inline void wait_until_empty(struct seat *seat) {
    pthread_mutex_lock(&seat->lock);
    while (seat->taken > 0) pthread_cond_wait(&seat->emptied, &seat->lock);
    pthread_mutex_unlock(&seat->lock);
}

/* Whether everybody who took the seat is inside the library: nobody is left who could begin a call on a freed client. */
static inline int all_are_inside(struct seat *seat) {
    const int before = taken(seat);
    chat_stats *stats = chat_client_stats(seat->client);
    const uint64_t inside = chat_stats_get(stats, "calls_in_progress");
    chat_stats_free(stats);
    return before == taken(seat) && inside == (uint64_t)before;
}

/* Ends the client: by a shutdown that calls run into and a look at its counters, or freed at once with calls inside. */
static inline void end_client(struct seat *seat, int gently) {
    close_seat(seat);
    if (gently) {
        chat_client_shutdown(seat->client);
        wait_until_empty(seat);
        seat->differences += differences(seat->client, &seat->sums);
        ++seat->ended_gently;
        chat_client_free(seat->client);
    } else {
        while (!all_are_inside(seat)) nap_ms(1);
        chat_client_free(seat->client);
        ++seat->ended_at_once;
        wait_until_empty(seat);
    }
    seat->client = NULL;
    add_sums(&seat->sums_before, &seat->sums);
    memset(&seat->sums, 0, sizeof seat->sums);
}

static inline void replace_client(struct seat *seat, int gently) {
    chat_client *client;
    end_client(seat, gently);
    client = seat->make();
    pthread_mutex_lock(&seat->lock);
    seat->client = client;
    seat->is_open = 1;
    pthread_mutex_unlock(&seat->lock);
}

#endif
