/* From nothing to the emulator's first answer: EMULATOR TARGET. Starts it, reads its ready line, sends one call to TARGET (path and
 * query), and prints how long that took and what memory the emulator then holds. */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

extern char **environ;

static void give_up(const char *what) {
    fprintf(stderr, "%s\n", what);
    exit(1);
}

static double now_us(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec * 1e6 + (double)time.tv_nsec / 1e3;
}

/* Starts the emulator with a pipe each way; the ends that stay here. */
static pid_t start(char *program, int *its_input, int *its_output) {
    char *const arguments[] = {program, "--until-stdin-closes", NULL};
    int in[2], out[2];
    pid_t pid;
    posix_spawn_file_actions_t actions;
    if (pipe(in) != 0 || pipe(out) != 0) give_up("no pipe");
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, in[0], 0);
    posix_spawn_file_actions_adddup2(&actions, out[1], 1);
    posix_spawn_file_actions_addclose(&actions, in[1]);
    posix_spawn_file_actions_addclose(&actions, out[0]);
    if (posix_spawn(&pid, program, &actions, NULL, arguments, environ) != 0) give_up("the emulator cannot be started");
    posix_spawn_file_actions_destroy(&actions);
    close(in[0]);
    close(out[1]);
    *its_input = in[1];
    *its_output = out[0];
    return pid;
}

/* The plain HTTP port in the ready line. */
static int ready_port(int its_output) {
    char line[4096];
    size_t got = 0;
    int port = 0;
    do {
        const ssize_t n = read(its_output, line + got, sizeof line - got - 1);
        if (n <= 0) give_up("the emulator says nothing");
        got += (size_t)n;
        line[got] = '\0';
    } while (strchr(line, '\n') == NULL);
    if (sscanf(line, "{\"url\":\"http://127.0.0.1:%d", &port) != 1) give_up("no url in the ready line");
    return port;
}

static void call(int port, const char *target) {
    static const char body[] = "{\"From_Account\":\"user_0001\",\"GroupName\":[\"absent\"]}";
    struct sockaddr_in address;
    char text[4096];
    const int fd = socket(AF_INET, SOCK_STREAM, 0);
    int n = snprintf(text, sizeof text, "POST %s1 HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-length: %d\r\n\r\n%s", target, (int)strlen(body), body);
    memset(&address, 0, sizeof address);
    address.sin_family = AF_INET;
    address.sin_port = htons((unsigned short)port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (connect(fd, (struct sockaddr *)&address, sizeof address) != 0) give_up("the emulator does not listen");
    if (send(fd, text, (size_t)n, MSG_NOSIGNAL) != n) give_up("cannot send");
    n = (int)recv(fd, text, sizeof text - 1, 0);
    text[n < 0 ? 0 : n] = '\0';
    if (strstr(text, "51009") == NULL) give_up(text);
    close(fd);
}

static long resident_kb(pid_t pid) {
    char path[64], line[256];
    long kb = -1;
    FILE *file;
    snprintf(path, sizeof path, "/proc/%ld/status", (long)pid);
    file = fopen(path, "r");
    while (file != NULL && fgets(line, sizeof line, file) != NULL) {
        if (sscanf(line, "VmRSS: %ld", &kb) == 1) break;
    }
    if (file != NULL) fclose(file);
    return kb;
}

int main(int argc, char **argv) {
    double began, took;
    long memory;
    int its_input, its_output;
    pid_t pid;
    if (argc != 3) give_up("usage: start EMULATOR TARGET");
    began = now_us();
    pid = start(argv[1], &its_input, &its_output);
    call(ready_port(its_output), argv[2]);
    took = now_us() - began;
    memory = resident_kb(pid);
    close(its_input);
    waitpid(pid, NULL, 0);
    printf("{\"start_us\":%.0f,\"memory_kb\":%ld}\n", took, memory);
    return 0;
}
