// An answer, copied out of the native library so that it needs no release and may be shared.
// It knows no endpoint; typed results are built next to the call they belong to.

package chat

import (
	"encoding/json"
	"time"
)

// Response is what is known about one finished call.
type Response struct {
	// Code is 0 on success; see Code.
	Code Code
	// Message says what happened and what to do, and quotes the service. Empty on success.
	Message string
	// HTTPStatus is the answer's status; 0 when no answer was read.
	HTTPStatus int
	// Attempts is the number of requests that were started, repeats included; 0 when refused
	// locally. The service never saw more.
	Attempts int
	// Random is the random of the last attempt: the vendor's support finds a request by it.
	Random uint32
	// Retriable says whether the same call may succeed later.
	Retriable bool
	// InDoubt says whether a failed call may have taken effect in the service.
	InDoubt bool
	// AlreadyDeleted says that a delete succeeded because its repeat found no such group after an
	// attempt in doubt: that attempt had deleted it, or somebody else had. Code is 0 then.
	AlreadyDeleted bool
	// RetryAfter is how long to wait before another try; 0 when unknown.
	RetryAfter time.Duration
	// Body is the answer as it came, at most 1 MiB from typed calls and 8 MiB from Call; of a
	// failed call, as far as it came.
	Body string
	// Trace is a JSON array with one object for each attempt: attempt, code, http_status,
	// reached (nothing_written, written or answer_begun), random, ms, scheme, host, path, and what else
	// Attempt has. For logs: no signature.
	Trace string

	json    string // the answer as every parser reads it, where Body is not that
	misread bool   // the call succeeded, and a member of its answer is of another type than documented
}

// Decode reads the answer's JSON into target, as json.Unmarshal does; a broken text in it has U+FFFD, and
// whole numbers are integers however they were written. Member names are the vendor's ("GroupItem").
func (r *Response) Decode(target any) error {
	if r == nil {
		return newError(CodeInvalidArgument, "this Response is nil: there is no answer to read")
	}
	return json.Unmarshal(r.text(), target)
}

// text is the answer as every parser reads it.
func (r *Response) text() []byte {
	if r.json != "" {
		return []byte(r.json)
	}
	return []byte(r.Body)
}
