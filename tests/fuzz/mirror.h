/* A peer that answers what the request tells it to: a call whose JSON is {"Answer":"<hex>"} gets exactly these bytes back, so that a
 * target can show the client any answer at all. Calls of other shapes get an answer that reads like the service's.
 * One thread a connection, in the target's own process; knows nothing of the library. */
#ifndef MIRROR_H
#define MIRROR_H

#ifndef _POSIX_C_SOURCE
#define _POSIX_C_SOURCE 200809L
#endif

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* Ends the process the way the fuzzer notices: with the input at hand. */
#define MUST(condition) \
    do { \
        if (!(condition)) { \
            fprintf(stderr, "%s:%d: broken: %s\n", __FILE__, __LINE__, #condition); \
            abort(); \
        } \
    } while (0)

/* After this path the connection is closed, so that an answer without an end has one. */
#define MIRROR_CLOSE "v4/mirror/close"
#define MIRROR_KEEP "v4/mirror/keep"

#define MIRROR_ROOM (1 << 18)

/* Has one page and no failed item, whatever was asked. */
#define MIRROR_ANSWER \
    "{\"ActionStatus\":\"OK\",\"ErrorCode\":0,\"ErrorInfo\":\"\",\"CompleteFlag\":1,\"NextSeq\":0," \
    "\"SessionItem\":[{\"Type\":1,\"To_Account\":\"b\"}]," \
    "\"GroupItem\":[{\"GroupName\":\"g\",\"GroupId\":1,\"ContactItem\":[]}],\"ResultItem\":[{\"UserID\":\"a\",\"ResultCode\":0}]}"

static int mirror_digit(char c) { return c <= '9' ? c - '0' : c - 'a' + 10; }

static int mirror_send(int fd, const char *bytes, size_t left) {
    while (left > 0) {
        const ssize_t n = send(fd, bytes, left, MSG_NOSIGNAL);
        if (n <= 0) return 0;
        bytes += n;
        left -= (size_t)n;
    }
    return 1;
}

/* The bytes that the request's JSON asks for, or the fixed answer; whether they were sent. */
static int mirror_reply(int fd, const char *body) {
    const char *hex = strstr(body, "\"Answer\":\"");
    const char *end = hex == NULL ? NULL : strchr(hex + 10, '"');
    char head[128], *answer;
    size_t length = 0;
    int sent;
    if (end == NULL) {
        snprintf(head, sizeof head, "HTTP/1.1 200 OK\r\nContent-Length: %lu\r\n\r\n", (unsigned long)strlen(MIRROR_ANSWER));
        return mirror_send(fd, head, strlen(head)) && mirror_send(fd, MIRROR_ANSWER, strlen(MIRROR_ANSWER));
    }
    answer = (char *)malloc((size_t)(end - hex));
    for (hex += 10; hex + 1 < end; hex += 2) answer[length++] = (char)(mirror_digit(hex[0]) * 16 + mirror_digit(hex[1]));
    sent = mirror_send(fd, answer, length);
    free(answer);
    return sent;
}

/* Reads and answers requests until the client goes or the connection is to be closed. */
static void *mirror_serve(void *connection) {
    const int fd = (int)(intptr_t)connection;
    char *room = (char *)malloc(MIRROR_ROOM);
    size_t length = 0;
    for (;;) {
        const ssize_t n = recv(fd, room + length, MIRROR_ROOM - length - 1, 0);
        const char *body, *announced;
        if (n <= 0) break;
        length += (size_t)n;
        room[length] = '\0';
        body = strstr(room, "\r\n\r\n");
        announced = strstr(room, "ontent-length: ");
        if (announced == NULL) announced = strstr(room, "ontent-Length: ");
        MUST(length < MIRROR_ROOM - 1);
        if (body == NULL || announced == NULL) continue;
        if (length < (size_t)(body + 4 - room) + strtoul(announced + 15, NULL, 10)) continue;
        if (!mirror_reply(fd, body + 4) || strstr(room, MIRROR_CLOSE) != NULL) break;
        length = 0;
    }
    free(room);
    close(fd);
    return NULL;
}

static void *mirror_accept(void *listener) {
    for (;;) {
        const int fd = accept((int)(intptr_t)listener, NULL, NULL);
        const int yes = 1;
        pthread_t thread;
        if (fd < 0) continue;
        setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
        MUST(pthread_create(&thread, NULL, mirror_serve, (void *)(intptr_t)fd) == 0);
        pthread_detach(thread);
    }
    return NULL;
}

/* Starts the peer; its base URL, valid for ever. */
static const char *mirror_start(void) {
    static char url[64];
    struct sockaddr_in address;
    socklen_t size = sizeof address;
    pthread_t thread;
    const int listener = socket(AF_INET, SOCK_STREAM, 0);
    memset(&address, 0, sizeof address);
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    MUST(bind(listener, (struct sockaddr *)&address, sizeof address) == 0 && listen(listener, 64) == 0);
    MUST(getsockname(listener, (struct sockaddr *)&address, &size) == 0);
    MUST(pthread_create(&thread, NULL, mirror_accept, (void *)(intptr_t)listener) == 0);
    pthread_detach(thread);
    snprintf(url, sizeof url, "http://127.0.0.1:%d", ntohs(address.sin_port));
    return url;
}

#endif
