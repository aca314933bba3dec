//go:build cgo

// The attempt hook in C. The library tells of an attempt on the thread of its call and knows one hook for the client; which call of Go it
// is, the thread tells, which keeps the call that it makes.

package chat

/*
#include "native.h"

void tencent_chat_go_attempt_ended(char *attempt_json, void *user);

static inline native_call *call_of_this_thread(void) { return tencent_chat_go_current; }
*/
import "C"

import (
	"context"
	"sync"
	"unsafe"
)

// hookedCalls are the calls inside the library that have a hook.
var hookedCalls sync.Map // of *hookedCall, by *C.native_call

func setAttemptHook(settings *C.chat_config) {
	C.chat_config_set_attempt_hook(settings, (*[0]byte)(C.tencent_chat_go_attempt_ended), nil)
}

//export tencent_chat_go_attempt_ended
func tencent_chat_go_attempt_ended(attempt *C.char, _ unsafe.Pointer) {
	if call, ok := hookedCalls.Load(C.call_of_this_thread()); ok {
		call.(*hookedCall).tell(C.GoString(attempt))
	}
}

// hooked has the hook told of the attempts that the library makes for this call until leave is called.
func (n *nativeClient) hooked(ctx context.Context, options *nativeOptions) (leave func()) {
	if n.hook == nil {
		return func() {}
	}
	call := &hookedCall{ctx: ctx, hook: n.hook}
	hookedCalls.Store(options.call, call)
	return func() {
		hookedCalls.Delete(options.call)
		call.end()
	}
}
