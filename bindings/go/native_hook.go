//go:build cgo

// The attempt hook in C. The library tells of an attempt on the thread of its call and knows one hook for the client; which call of Go it
// is, the thread tells, which belongs to that call until it has ended.

package chat

/*
#include <pthread.h>
#include <stdint.h>
#include <tencent_chat.h>

void tencent_chat_go_attempt_ended(char *attempt_json, void *user);

static inline uintptr_t this_thread(void) { return (uintptr_t)pthread_self(); }
*/
import "C"

import (
	"context"
	"runtime"
	"sync"
	"unsafe"
)

// hookedCalls are the calls inside the library that have a hook, each by its thread.
var hookedCalls sync.Map // of *hookedCall, by C.uintptr_t

func setAttemptHook(settings *C.chat_config) {
	C.chat_config_set_attempt_hook(settings, (*[0]byte)(C.tencent_chat_go_attempt_ended), nil)
}

//export tencent_chat_go_attempt_ended
func tencent_chat_go_attempt_ended(attempt *C.char, _ unsafe.Pointer) {
	if call, ok := hookedCalls.Load(C.this_thread()); ok {
		call.(*hookedCall).tell(C.GoString(attempt))
	}
}

// hooked has the hook told of the attempts that the library makes on this goroutine until leave is called.
func (n *nativeClient) hooked(ctx context.Context) (leave func()) {
	if n.hook == nil {
		return func() {}
	}
	runtime.LockOSThread()
	thread, call := C.this_thread(), &hookedCall{ctx: ctx, hook: n.hook}
	hookedCalls.Store(thread, call)
	return func() {
		hookedCalls.Delete(thread)
		runtime.UnlockOSThread()
		if call.broken != nil {
			call.broken()
		}
	}
}
