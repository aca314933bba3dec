// Calls Config.AttemptHook after each attempt. The hook is the caller's own code; a panic in it never unwinds the
// native library.

package chat

import (
	"context"
	"encoding/json"
	"runtime"
	"sync"
	"time"
)

// Attempt is one attempt of a call, as Response.Trace has it; what does not apply is zero. It holds no secret.
type Attempt struct {
	Number     int // in its call, from 1
	Code       Code
	HTTPStatus int           // 0 when no answer was read
	Reached    string        // nothing_written, written or answer_begun
	Random     uint32        // of its request
	At         time.Duration // from the call's begin to its own
	Duration   time.Duration
	Scheme     string // https or http
	Host       string // where it was to go, with the port
	Path       string // the command's, as "v4/recentcontact/del_contact_group"; no query, so no UserSig
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

// toldAttempt is the native library's object.
type toldAttempt struct {
	Attempt     int     `json:"attempt"`
	Code        Code    `json:"code"`
	HTTPStatus  int     `json:"http_status"`
	Reached     string  `json:"reached"`
	Random      uint32  `json:"random"`
	At          float64 `json:"at_ms"`
	Duration    float64 `json:"ms"`
	Scheme      string  `json:"scheme"`
	Host        string  `json:"host"`
	Path        string  `json:"path"`
	Standby     bool    `json:"standby"`
	Limit       string  `json:"limit"`
	LimitReason string  `json:"limit_reason"`
	Address     string  `json:"address"`
	Kept        bool    `json:"kept"`
	Turn        float64 `json:"turn_ms"`
	Permit      float64 `json:"permit_ms"`
	LookUp      float64 `json:"look_up_ms"`
	Connect     float64 `json:"connect_ms"`
	TLS         float64 `json:"tls_ms"`
	Exchange    float64 `json:"exchange_ms"`
}

func (t toldAttempt) attempt() Attempt {
	ms := func(count float64) time.Duration { return time.Duration(count * float64(time.Millisecond)) }
	return Attempt{
		Number: t.Attempt, Code: t.Code, HTTPStatus: t.HTTPStatus, Reached: t.Reached, Random: t.Random,
		At: ms(t.At), Duration: ms(t.Duration), Scheme: t.Scheme, Host: t.Host, Path: t.Path,
		Standby: t.Standby, Limit: t.Limit, LimitReason: t.LimitReason, Address: t.Address, Kept: t.Kept,
		Turn: ms(t.Turn), Permit: ms(t.Permit), LookUp: ms(t.LookUp), Connect: ms(t.Connect), TLS: ms(t.TLS), Exchange: ms(t.Exchange),
	}
}

// newAttempt reads what the library tells a hook.
func newAttempt(text string) Attempt {
	var told toldAttempt
	json.Unmarshal([]byte(text), &told) // the library writes nothing else
	return told.attempt()
}

// EachAttempt is the Trace, read: each attempt of the call, oldest first.
func (r *Response) EachAttempt() []Attempt {
	if r == nil || r.Attempts == 0 {
		return nil
	}
	var told []toldAttempt
	json.Unmarshal([]byte(r.Trace), &told)
	attempts := make([]Attempt, len(told))
	for i, one := range told {
		attempts[i] = one.attempt()
	}
	return attempts
}

// hookedCall is a call in progress whose attempts a hook is told of.
type hookedCall struct {
	ctx    context.Context
	hook   func(context.Context, Attempt)
	mutex  sync.Mutex // what the hook did comes before what follows the call; the way through C does not say so to Go
	broken func()     // does on the caller's goroutine what the hook did instead of returning
}

// tell waits for the hook. It runs on a goroutine of its own: the native library is below this one, and runtime.Goexit, which t.FailNow is,
// can be stopped by nobody.
func (h *hookedCall) tell(text string) {
	h.mutex.Lock()
	defer h.mutex.Unlock()
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

// end is for when the call has ended.
func (h *hookedCall) end() {
	h.mutex.Lock()
	defer h.mutex.Unlock()
	if h.broken != nil {
		h.broken()
	}
}

// again does on another goroutine what ended the caller's code on its own: a panic with the value that was recovered, or runtime.Goexit.
func again(recovered any) func() {
	if recovered == nil {
		return runtime.Goexit
	}
	return func() { panic(recovered) }
}
