//go:build cgo

// An iteration in C. It holds the client by itself, so it may be freed after the client was; one
// goroutine at a time uses it (see Items).

package chat

/*
#include "native.h"

static void next_item(native_call *call) {
	chat_call_options *options = options_of(&call->settings);
	chat_response *response = NULL;
	call->code = chat_items_next(call->items, options, &response);
	chat_call_options_free(options);
	take(response, call);
}

static void make_step(native_call *call) {
	call->run = next_item;
	make_call(call);
}

static int page_of(chat_items *items, call_answer *answer) {
	const chat_response *page = chat_items_page(items);
	look_at(page, answer);
	return page != NULL;
}
*/
import "C"

import "unsafe"

type nativeItems struct{ handle *C.chat_items }

// next gives a response whose body is the item, the failed answer of its page, or one with CodeEnd. No worker makes it: most items came
// with their page, and are there at once.
func (n *nativeItems) next(options *nativeOptions) *Response {
	options.call.items = n.handle
	C.make_step(options.call)
	response := options.response()
	response.Code = Code(options.call.code)
	return response
}

// page gives the answer that the last item came in, nil before the first. It gives known again while
// that is the one: a page is read once, not once for each item.
func (n *nativeItems) page(known *Response) *Response {
	var answer C.call_answer
	if C.page_of(n.handle, &answer) == 0 {
		return nil
	}
	outcome := &answer.outcome
	body := unsafe.Slice((*byte)(unsafe.Pointer(outcome.body)), int(outcome.body_len))
	if known != nil && known.Random == uint32(outcome.random) && known.Body == string(body) {
		return known
	}
	return copied(&answer)
}

func (n *nativeItems) isComplete() bool { return C.chat_items_is_complete(n.handle) != 0 }

func (n *nativeItems) free() { C.chat_items_free(n.handle) }
