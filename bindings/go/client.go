// The client and the life of one call as Go adds it: permit, context, the call inside the
// native library, and the error. It promises that Close waits and that no goroutine outlives
// its call; it knows nothing of endpoints, of C, or of secrets.

package chat

import (
	"context"
	"fmt"
	"io"
	"math"
	"runtime"
	"sync"
	"sync/atomic"
	"time"
)

// Client calls the service. It is safe for any number of goroutines; make one and share it.
type Client struct {
	about   string
	timeout time.Duration
	permits chan struct{} // one for each call inside the native library
	closing chan struct{} // closed by the first Shutdown or Close
	once    sync.Once

	inside sync.RWMutex  // held for reading by whoever uses native
	native *nativeClient // nil once closed
	last   Stats         // once closed

	recorder atomic.Value // of type recorder: who is told of each call
}

// New makes a client. It checks the configuration and reads the certificate files but opens
// no connection. Errors: ErrConfig or ErrInvalidArgument, with a message that names the
// setting and what it accepts.
//
// Close the client when it is no longer needed. One that is only dropped is closed by the
// garbage collector, at a time of its choosing.
func New(config Config) (*Client, error) {
	plain, failure := config.plain()
	if failure != nil {
		return nil, failure
	}
	native, failure := openNative(plain)
	if failure != nil {
		return nil, failure
	}
	client := &Client{
		about:   config.about(),
		timeout: time.Duration(plain.timeoutMS) * time.Millisecond,
		permits: make(chan struct{}, plain.maxConnections),
		closing: make(chan struct{}),
		native:  native,
	}
	runtime.SetFinalizer(client, (*Client).Close)
	return client, nil
}

// SetSecretKey replaces the key that signs, while calls run. Calls that begin after it
// returns use the new key. A refused key leaves the old one in place.
func (c *Client) SetSecretKey(key Secret) error {
	return c.replace("key", key, (*nativeClient).setSecretKey)
}

// SetUserSig replaces the ready signature, while calls run. Calls that begin after it returns
// use the new one. A refused signature leaves the old one in place.
func (c *Client) SetUserSig(signature Secret) error {
	return c.replace("signature", signature, (*nativeClient).setUserSig)
}

func (c *Client) replace(name string, secret Secret, set func(*nativeClient, string) Code) error {
	if err := checkText(name, secret.Reveal()); err != nil {
		return err
	}
	native, leave := c.enter()
	defer leave()
	if native == nil {
		return errClosed()
	}
	if code := set(native, secret.Reveal()); code != CodeOK {
		return newError(code, "%s refused: %s", name, code.Explain())
	}
	return nil
}

// Shutdown ends the calls in progress, which answer ErrShutdown, and refuses new ones. It does
// not wait for them; Close does.
func (c *Client) Shutdown() {
	c.once.Do(func() {
		close(c.closing)
		native, leave := c.enter()
		defer leave()
		if native != nil {
			native.shutdown()
		}
	})
}

// Close shuts down, waits until no call is inside, and frees the client's connections. A call
// after Close answers ErrShutdown. Close may be called again, and always returns nil.
func (c *Client) Close() error {
	c.Shutdown()
	c.inside.Lock()
	defer c.inside.Unlock()
	if c.native != nil {
		runtime.SetFinalizer(c, nil)
		c.last = c.native.stats()
		c.native.free()
		c.native = nil
	}
	return nil
}

// String names the service, the SDKAppID and the identifier; no secret.
func (c *Client) String() string { return c.about }

// GoString serves %#v; it shows no secret.
func (c *Client) GoString() string { return c.about }

// Format serves every verb of package fmt; it shows no secret.
func (c *Client) Format(state fmt.State, _ rune) { io.WriteString(state, c.about) }

// enter lends the native client until leave is called; nil when closed.
func (c *Client) enter() (native *nativeClient, leave func()) {
	c.inside.RLock()
	return c.native, c.inside.RUnlock
}

// do makes a call and tells the recorder of it.
func (c *Client) do(ctx context.Context, command string, options []CallOption, send func(*nativeClient, *nativeOptions) *Response) (*Response, error) {
	begun := time.Now()
	response, err := c.run(ctx, options, send)
	c.record(ctx, command, begun, response, err)
	return response, err
}

// run is the life of a call. send runs inside the native library, on the caller's goroutine. The
// response is nil when the call failed, and comes beside the error when only some items did.
func (c *Client) run(ctx context.Context, options []CallOption, send func(*nativeClient, *nativeOptions) *Response) (*Response, error) {
	limits, failure := c.limits(ctx, options)
	if failure != nil {
		return nil, failure
	}
	if failure := c.takePermit(ctx, limits); failure != nil {
		return nil, failure
	}
	defer func() { <-c.permits }()
	native, leave := c.enter()
	defer leave()
	if native == nil {
		return nil, errClosed()
	}
	settings := newNativeOptions(limits, ctx.Done() != nil)
	defer settings.free()
	unwatch := watch(ctx, limits, settings)
	response := send(native, settings)
	unwatch()
	switch response.Code {
	case CodeOK:
		return response, nil
	case CodePartial:
		return response, &Error{Response: *response}
	}
	return nil, &Error{Response: *response, cause: limits.cause(ctx, response.Code)}
}

// callLimits is when a call must end and who wants it.
type callLimits struct {
	deadline  time.Time
	byContext bool // the deadline is the context's
	callSettings
}

func (c *Client) limits(ctx context.Context, options []CallOption) (*callLimits, *Error) {
	if ctx == nil {
		return nil, newError(CodeInvalidArgument, "ctx is nil; pass context.Background()")
	}
	var settings callSettings
	for _, option := range options {
		option(&settings)
	}
	if settings.err != nil {
		return nil, settings.err
	}
	if settings.split {
		return nil, errNotSplit()
	}
	timeout := c.timeout
	if settings.timeout > 0 {
		timeout = settings.timeout
	}
	limits := &callLimits{deadline: time.Now().Add(timeout), callSettings: settings}
	if deadline, ok := ctx.Deadline(); ok && deadline.Before(limits.deadline) {
		limits.deadline, limits.byContext = deadline, true
	}
	return limits, limits.ended(ctx)
}

// ended tells a call that has not reached the library that its time is over: nothing was sent.
func (l *callLimits) ended(ctx context.Context) *Error {
	if cause := ctx.Err(); cause != nil {
		code := CodeCancelled
		if cause == context.DeadlineExceeded {
			code = CodeTimeout
		}
		failure := newError(code, "the context ended before the call was sent (%v); nothing reached the service", cause)
		failure.cause = cause
		return failure
	}
	if time.Now().Before(l.deadline) {
		return nil
	}
	failure := newError(CodeTimeout, "no connection was free before the deadline, as Config.MaxConnections calls waited for answers, or for their turn under Config.RateLimit; "+
		"nothing was sent: call less at a time, or raise these or the timeout")
	failure.Retriable = true
	if l.byContext {
		failure.cause = context.DeadlineExceeded
	}
	return failure
}

// leftMS is the time left in milliseconds, rounded up, at least 1.
func (l *callLimits) leftMS() uint32 { return milliseconds(time.Until(l.deadline)) }

// milliseconds are rounded up, at least 1, and at most what C takes: seven weeks.
func milliseconds(d time.Duration) uint32 {
	count := wholeUnits(d, time.Millisecond)
	switch {
	case count < 1:
		return 1
	case count > math.MaxUint32:
		return math.MaxUint32
	}
	return uint32(count)
}

// cause is the context's part in a failure: nil when it had none.
func (l *callLimits) cause(ctx context.Context, code Code) error {
	switch {
	case code == CodeCancelled:
		return ctx.Err()
	case code == CodeTimeout && l.byContext && !time.Now().Before(l.deadline):
		return context.DeadlineExceeded // the context's own timer may fire a moment later
	}
	return nil
}

// takePermit waits for a free place inside the native library.
func (c *Client) takePermit(ctx context.Context, limits *callLimits) *Error {
	select {
	case <-c.closing:
		return errClosed()
	default:
	}
	select {
	case c.permits <- struct{}{}:
		return nil
	default:
	}
	timer := time.NewTimer(time.Until(limits.deadline))
	defer timer.Stop()
	select {
	case c.permits <- struct{}{}:
		if failure := limits.ended(ctx); failure != nil {
			<-c.permits
			return failure
		}
		return nil
	case <-c.closing:
		return errClosed()
	case <-ctx.Done():
		return limits.ended(ctx)
	case <-timer.C:
		return limits.ended(ctx)
	}
}

// watch ends the call when the context is cancelled. The context's deadline needs no watching:
// the library keeps it, and names the failure a timeout. The goroutine is gone when unwatch
// returns, so the cancel token may be freed.
func watch(ctx context.Context, limits *callLimits, settings *nativeOptions) (unwatch func()) {
	if ctx.Done() == nil {
		return func() {}
	}
	finished, gone := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(gone)
		select {
		case <-ctx.Done():
			if !limits.byContext || ctx.Err() != context.DeadlineExceeded {
				settings.cancel()
			}
		case <-finished:
		}
	}()
	return func() {
		close(finished)
		<-gone
	}
}

func errClosed() *Error {
	return newError(CodeShutdown, "the client is closed; make a new one")
}
