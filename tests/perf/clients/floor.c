/* The least that a blocking client can do: a request that is ready in memory, one send, one receive until the answer is whole.
 * It parses nothing but the answer's length, sends what the library sends byte for byte, and knows neither TLS nor names. */
#include "client.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

struct worker {
    int fd;
    size_t length;
    char *random;
    unsigned next;
    char request[2048];
    char answer[16384];
};

static void *open_client(const struct run *run) {
    (void)run;
    return NULL;
}

/* The port of `http://127.0.0.1:PORT/...`. */
static int connect_to(const char *url) {
    struct sockaddr_in address;
    struct timeval deadline = {DEADLINE_MS / 1000, 0};
    const int fd = socket(AF_INET, SOCK_STREAM, 0), on = 1;
    int port = 0;
    if (sscanf(url, "http://127.0.0.1:%d/", &port) != 1) give_up("the floor speaks plain HTTP to 127.0.0.1");
    memset(&address, 0, sizeof address);
    address.sin_family = AF_INET;
    address.sin_port = htons((unsigned short)port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (fd < 0 || connect(fd, (struct sockaddr *)&address, sizeof address) != 0) give_up("cannot connect");
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &deadline, sizeof deadline);
    return fd;
}

static void *open_worker(const struct run *run, void *client) {
    struct worker *worker = (struct worker *)calloc(1, sizeof *worker);
    const char *authority = run->url + strlen("http://"), *target = strchr(authority, '/');
    (void)client;
    if (worker == NULL || target == NULL) give_up("no memory, or no path in the URL");
    worker->fd = connect_to(run->url);
    worker->next = 1000000000;
    snprintf(worker->request, sizeof worker->request,
             "POST %s%u HTTP/1.1\r\nhost: %.*s\r\nuser-agent: tencent-chat/0.1.0\r\ncontent-type: application/json\r\n"
             "content-length: %d\r\n\r\n" BODY,
             target, worker->next, (int)(target - authority), authority, (int)strlen(BODY));
    worker->length = strlen(worker->request);
    worker->random = strstr(worker->request, "&random=") + strlen("&random=");
    return worker;
}

/* Whether the bytes are a whole answer. */
static int whole(const char *answer, size_t got) {
    const char *body = (const char *)memmem(answer, got, "\r\n\r\n", 4), *length;
    if (body == NULL) return 0;
    length = (const char *)memmem(answer, (size_t)(body - answer), "\r\ncontent-length: ", 18);
    return length != NULL && (size_t)(answer + got - body - 4) == strtoul(length + 18, NULL, 10);
}

static void call_once(void *opaque) {
    struct worker *worker = (struct worker *)opaque;
    size_t got = 0;
    unsigned number = ++worker->next;
    for (int digit = 9; digit >= 0; --digit, number /= 10) worker->random[digit] = (char)('0' + number % 10);
    if (send(worker->fd, worker->request, worker->length, MSG_NOSIGNAL) != (ssize_t)worker->length) give_up("cannot send");
    do {
        const ssize_t n = recv(worker->fd, worker->answer + got, sizeof worker->answer - got, 0);
        if (n <= 0) give_up("no answer");
        got += (size_t)n;
    } while (!whole(worker->answer, got));
    if (strncmp(worker->answer, "HTTP/1.1 200", 12) != 0) give_up("not answered with 200");
}

static void close_worker(void *opaque) {
    struct worker *worker = (struct worker *)opaque;
    close(worker->fd);
    free(worker);
}

static void close_client(void *client) { (void)client; }
