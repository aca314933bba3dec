//go:build cgo

// The threads that make a client's calls, outside Go. A goroutine that waits inside a step into C holds a processor of Go's until the
// runtime's monitor takes it away, and each step wakes the monitor: with 20 ms in the server a call took 1.3 to 1.9 times the CPU of
// net/http's, and takes 0.8 to 0.9 of it here (figure 9 of tests/perf, 8 goroutines). So a call goes to a worker without a step into C,
// by a write to a pipe, and its goroutine waits in Go's network poller for a descriptor of its own.

package chat

/*
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>
#include "native.h"

typedef struct {
	int jobs[2]; // pointers to calls; NULL ends the worker that reads it
	pthread_mutex_t lock;
	pthread_cond_t one_ended;
	int begun, ended;
	pthread_t last; // of those that ended
} workers;

static workers *workers_new(void) {
	workers *made = calloc(1, sizeof *made);
	if (made == NULL || pipe2(made->jobs, O_CLOEXEC) != 0) {
		free(made);
		return NULL;
	}
	pthread_mutex_init(&made->lock, NULL);
	pthread_cond_init(&made->one_ended, NULL);
	return made;
}

static native_call *next_job(const workers *all) {
	native_call *job = NULL;
	while (read(all->jobs[0], &job, sizeof job) < 0 && errno == EINTR) {}
	return job;
}

// Each that ends waits for the one that ended before it, so that whoever waits for the last one waits for all.
static void *work(void *of) {
	workers *all = of;
	pthread_setname_np(pthread_self(), "tencent-chat-go");
	for (native_call *call = next_job(all); call != NULL; call = next_job(all)) {
		const uint64_t one = 1;
		const int wake = call->wake;
		make_call(call);
		while (write(wake, &one, sizeof one) < 0 && errno == EINTR) {} // from here on the call is Go's
	}
	pthread_mutex_lock(&all->lock);
	const int others = all->ended++;
	const pthread_t before = all->last;
	all->last = pthread_self();
	pthread_cond_signal(&all->one_ended);
	pthread_mutex_unlock(&all->lock);
	if (others > 0) pthread_join(before, NULL);
	return NULL;
}

// Signals go to the threads of Go, but for those that a thread's own fault sends it.
static int workers_add(workers *all) {
	sigset_t but_faults, before;
	const int faults[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGTRAP, SIGABRT, SIGSYS};
	sigfillset(&but_faults);
	for (size_t i = 0; i < sizeof faults / sizeof *faults; i++) sigdelset(&but_faults, faults[i]);
	pthread_sigmask(SIG_SETMASK, &but_faults, &before);
	pthread_t thread;
	const int failed = pthread_create(&thread, NULL, work, all);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	if (failed == 0) all->begun++;
	return failed;
}

// Every worker has been told to end.
static void workers_free(workers *all) {
	pthread_mutex_lock(&all->lock);
	while (all->ended < all->begun) pthread_cond_wait(&all->one_ended, &all->lock);
	pthread_mutex_unlock(&all->lock);
	if (all->begun > 0) pthread_join(all->last, NULL);
	close(all->jobs[0]);
	close(all->jobs[1]);
	pthread_cond_destroy(&all->one_ended);
	pthread_mutex_destroy(&all->lock);
	free(all);
}

static int ending_new(void) { return eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK); }
*/
import "C"

import (
	"os"
	"sync"
	"syscall"
	"time"
	"unsafe"
)

// workers are as many as calls were made at a time, so that none waits for another's worker. Those that were not needed for a while end,
// and all have ended when the client is freed.
type workers struct {
	mutex   sync.Mutex
	handle  *C.workers // nil before the first call
	threads int
	calls   int
	most    int // calls at a time, since idle last rang
	idle    *time.Timer
}

// idleAfter is how long a worker stays, at least, without a call.
var idleAfter = 10 * time.Second

// make makes a call; false: it was not made, since there are no descriptors or threads to be had.
func (w *workers) make(options *nativeOptions) bool {
	if !options.ending.open() || !w.enter() {
		return false
	}
	defer w.leave()
	options.call.wake = options.ending.descriptor
	return options.ending.wait(func() bool { return w.tell(options.call) })
}

// enter sees to it that a worker is there for the call.
func (w *workers) enter() bool {
	w.mutex.Lock()
	defer w.mutex.Unlock()
	if w.handle == nil {
		if w.handle = C.workers_new(); w.handle == nil {
			return false
		}
		w.idle = time.AfterFunc(idleAfter, w.shrink)
	}
	if w.calls == w.threads {
		if C.workers_add(w.handle) != 0 {
			return false
		}
		if w.threads++; w.threads == 1 {
			w.idle.Reset(idleAfter)
		}
	}
	if w.calls++; w.calls > w.most {
		w.most = w.calls
	}
	return true
}

func (w *workers) leave() {
	w.mutex.Lock()
	defer w.mutex.Unlock()
	w.calls--
}

// tell hands a call to a worker. It is no step into C and cannot block: the pipe has room for more jobs than there are workers.
func (w *workers) tell(call *C.native_call) bool {
	_, _, failure := syscall.RawSyscall(syscall.SYS_WRITE, uintptr(w.handle.jobs[1]), uintptr(unsafe.Pointer(&call)), unsafe.Sizeof(call))
	return failure == 0
}

// shrink ends the workers that were not needed since it last ran.
func (w *workers) shrink() {
	w.mutex.Lock()
	defer w.mutex.Unlock()
	if w.handle == nil {
		return
	}
	for ; w.threads > w.most && w.tell(nil); w.threads-- {
	}
	w.most = w.calls
	if w.threads > 0 {
		w.idle.Reset(idleAfter)
	}
}

// end is for when no call is left.
func (w *workers) end() {
	w.mutex.Lock()
	defer w.mutex.Unlock()
	if w.handle == nil {
		return
	}
	w.idle.Stop()
	for ; w.threads > 0; w.threads-- {
		w.tell(nil)
	}
	C.workers_free(w.handle)
	w.handle = nil
}

// ending is what a goroutine waits for while a worker makes its call.
type ending struct {
	descriptor C.int
	file       *os.File // nil before the first call
	conn       syscall.RawConn
}

// open opens it, where it is not open yet.
func (e *ending) open() bool {
	if e.file != nil {
		return true
	}
	descriptor := C.ending_new()
	if descriptor < 0 {
		return false
	}
	file := os.NewFile(uintptr(descriptor), "end of a call")
	conn, err := file.SyscallConn()
	if err != nil || file.SetReadDeadline(time.Time{}) != nil { // Go's poller does not take it
		file.Close()
		return false
	}
	e.descriptor, e.file, e.conn = descriptor, file, conn
	return true
}

// wait begins the call, unless that fails, and waits for its end. It begins it inside Read, which has made the poller forget earlier ends
// by then; an end that came before that would be waited for in vain.
func (e *ending) wait(begin func() bool) bool {
	asked, begun := false, false
	for e.conn.Read(func(descriptor uintptr) bool {
		if !asked {
			asked, begun = true, begin()
			return !begun
		}
		var count uint64
		_, _, failure := syscall.RawSyscall(syscall.SYS_READ, descriptor, uintptr(unsafe.Pointer(&count)), unsafe.Sizeof(count))
		return failure == 0
	}) != nil && begun {
	}
	return begun
}
