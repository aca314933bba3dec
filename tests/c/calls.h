/* Calls on threads of their own: begun, met at the service, and joined with what they answered; and a service that says nothing. */
#ifndef CALLS_H
#define CALLS_H

#include "client.h"

#include <pthread.h>

/* One delete of GROUP on its own thread. */
struct begun {
    const chat_client *client;
    const chat_call_options *options;
    pthread_t thread;
    int code;
    int in_doubt;
    int attempts;
};

static inline void *delete_on_thread(void *begun) {
    struct begun *self = (struct begun *)begun;
    chat_response *response = NULL;
    self->code = chat_del_contact_group(self->client, USER, GROUP, self->options, &response);
    self->in_doubt = chat_response_is_in_doubt(response);
    self->attempts = chat_response_attempts(response);
    chat_response_free(response);
    return NULL;
}

static inline void begin(struct begun *call, const chat_client *client, const chat_call_options *options) {
    call->client = client;
    call->options = options;
    call->code = call->in_doubt = call->attempts = -99;
    if (pthread_create(&call->thread, NULL, delete_on_thread, call) != 0) give_up("no thread");
}

/* Joins the call; its code. */
static inline int finish(struct begun *call) {
    pthread_join(call->thread, NULL);
    return call->code;
}

/* A listener on loopback that answers nothing by itself, and its URL. */
static inline int listener_at(const char *scheme, char *url, size_t room) {
    struct sockaddr_in address;
    socklen_t length = sizeof address;
    const int fd = socket(AF_INET, SOCK_STREAM, 0);
    memset(&address, 0, sizeof address);
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (fd < 0 || bind(fd, (struct sockaddr *)&address, length) != 0 || listen(fd, 8) != 0) give_up("no listener");
    if (getsockname(fd, (struct sockaddr *)&address, &length) != 0) give_up("no port");
    snprintf(url, room, "%s://127.0.0.1:%d", scheme, ntohs(address.sin_port));
    return fd;
}

#endif
