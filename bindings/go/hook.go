// Calls Config.AttemptHook after each attempt. The hook is the caller's own code; a panic in it never unwinds the
// native library.

package chat

import (
	"context"
	"encoding/json"
	"runtime"
	"time"
)

// Attempt is one attempt of a call, as Response.Trace has it; what does not apply is zero. It holds no secret.
type Attempt struct {
	Number     int // in its call, from 1
	Code       Code
	HTTPStatus int    // 0 when no answer was read
	Reached    string // nothing_written, written or answer_begun
	Random     uint32 // of its request
	Duration   time.Duration
	Standby    bool   // it went to the standby host
	Limit      string // where Config.SharedLimit is set: shared or fallback
	// LimitReason says why it was under the fallback.
	LimitReason string

	Address string // what it was connected to, the proxy's where there is one
	Kept    bool   // that connection was there before this attempt
	// Turn and Permit are the waits for the rate limit and for one of the connections; LookUp, Connect and TLS made a new one; Exchange is
	// from the request to the end of the answer.
	Turn, Permit, LookUp, Connect, TLS, Exchange time.Duration
}

// newAttempt reads the native library's object.
func newAttempt(text string) Attempt {
	var told struct {
		Attempt        int     `json:"attempt"`
		Code           Code    `json:"code"`
		HTTPStatus     int     `json:"http_status"`
		Reached        string  `json:"reached"`
		Random         uint32  `json:"random"`
		MS             float64 `json:"ms"`
		Standby        bool    `json:"standby"`
		Limit, Address string
		Kept           bool
		LimitReason    string  `json:"limit_reason"`
		Turn           float64 `json:"turn_ms"`
		Permit         float64 `json:"permit_ms"`
		LookUp         float64 `json:"look_up_ms"`
		Connect        float64 `json:"connect_ms"`
		TLS            float64 `json:"tls_ms"`
		Exchange       float64 `json:"exchange_ms"`
	}
	json.Unmarshal([]byte(text), &told) // the library writes nothing else
	ms := func(count float64) time.Duration { return time.Duration(count * float64(time.Millisecond)) }
	return Attempt{
		Number: told.Attempt, Code: told.Code, HTTPStatus: told.HTTPStatus, Reached: told.Reached, Random: told.Random,
		Duration: ms(told.MS), Standby: told.Standby, Limit: told.Limit, LimitReason: told.LimitReason,
		Address: told.Address, Kept: told.Kept,
		Turn: ms(told.Turn), Permit: ms(told.Permit), LookUp: ms(told.LookUp), Connect: ms(told.Connect), TLS: ms(told.TLS), Exchange: ms(told.Exchange),
	}
}

// hookedCall is a call in progress whose attempts a hook is told of.
type hookedCall struct {
	ctx    context.Context
	hook   func(context.Context, Attempt)
	broken func() // does on the caller's goroutine what the hook did instead of returning
}

// tell waits for the hook. It runs on a goroutine of its own: the native library is below this one, and runtime.Goexit, which t.FailNow is,
// can be stopped by nobody.
func (h *hookedCall) tell(text string) {
	if h.broken != nil {
		return
	}
	attempt, broken := newAttempt(text), make(chan func())
	go func() {
		whole := false
		defer func() {
			if whole {
				broken <- nil
			} else {
				broken <- again(recover())
			}
		}()
		h.hook(h.ctx, attempt)
		whole = true
	}()
	h.broken = <-broken
}

// again does on another goroutine what ended the caller's code on its own: a panic with the value that was recovered, or runtime.Goexit.
func again(recovered any) func() {
	if recovered == nil {
		return runtime.Goexit
	}
	return func() { panic(recovered) }
}
