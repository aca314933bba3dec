/* Linked beside a test program: makes this kernel one from before 4.14, which refuses MADV_WIPEONFORK, from the program's start on. Everything
 * else is as it is. Ends the program when that cannot be had, so that no promise is kept by accident. */
#define _DEFAULT_SOURCE
#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#ifndef MADV_WIPEONFORK
#define MADV_WIPEONFORK 18
#endif

/* The low half of the third argument; both our machines are little-endian. */
#define ADVICE (offsetof(struct seccomp_data, args) + 2 * sizeof(unsigned long long))

static int install(void) {
    struct sock_filter program[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_madvise, 0, 3),
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, ADVICE),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, MADV_WIPEONFORK, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EINVAL),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    };
    struct sock_fprog filter = {sizeof program / sizeof program[0], program};
    return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 && prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter) == 0;
}

static int refuses(void) {
    const size_t size = (size_t)sysconf(_SC_PAGESIZE);
    void *page = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    return page != MAP_FAILED && madvise(page, size, MADV_WIPEONFORK) == -1 && errno == EINVAL && madvise(page, size, MADV_DONTNEED) == 0
        && munmap(page, size) == 0;
}

__attribute__((constructor)) static void become_old(void) {
    if (!install() || !refuses()) {
        fprintf(stderr, "this kernel does not let a program play an older one (seccomp)\n");
        _exit(77);
    }
}
