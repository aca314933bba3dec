//go:build cgo

// An iteration in C. It holds the client by itself, so it may be freed after the client was; one
// goroutine at a time uses it (see Items).

package chat

/*
#include <stdlib.h>
#include <tencent_chat.h>
*/
import "C"

import "unsafe"

type nativeItems struct{ handle *C.chat_items }

func (n *nativeClient) contactGroupItems(fromAccount string) (*nativeItems, *Response) {
	var held texts
	defer func() { held.free() }()
	items := &nativeItems{}
	var failure *C.chat_response
	if C.chat_contact_group_items(n.handle, held.add(fromAccount), &items.handle, &failure) != C.CHAT_OK {
		return nil, takeResponse(failure)
	}
	return items, nil
}

func (n *nativeClient) recentContactItems(fromAccount string) (*nativeItems, *Response) {
	var held texts
	defer func() { held.free() }()
	items := &nativeItems{}
	var failure *C.chat_response
	if C.chat_recent_contact_items(n.handle, held.add(fromAccount), &items.handle, &failure) != C.CHAT_OK {
		return nil, takeResponse(failure)
	}
	return items, nil
}

// next gives a response whose body is the item, the failed answer of its page, or one with CodeEnd.
func (n *nativeItems) next(options *nativeOptions, read func(answer)) *Response {
	var handle *C.chat_response
	code := C.chat_items_next(n.handle, options.handle, &handle)
	if code == C.CHAT_END {
		return &Response{Code: CodeEnd}
	}
	return answered(code, handle, read)
}

// page gives the answer that the last item came in, nil before the first. It gives known again while
// that is the one, and calls read only for another: a page is read once, not once for each item.
func (n *nativeItems) page(known *Response, read func(answer)) *Response {
	handle := C.chat_items_page(n.handle)
	if handle == nil {
		return nil
	}
	var length C.size_t
	body := C.chat_response_body(handle, &length)
	random := uint32(C.chat_response_random(handle))
	if known != nil && known.Random == random && known.Body == string(unsafe.Slice((*byte)(unsafe.Pointer(body)), int(length))) {
		return known
	}
	read(readAnswer(handle))
	return copyResponse(handle)
}

func (n *nativeItems) isComplete() bool { return C.chat_items_is_complete(n.handle) != 0 }

func (n *nativeItems) free() { C.chat_items_free(n.handle) }
