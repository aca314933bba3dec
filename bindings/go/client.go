// The client, and what Go adds to a call: its place, its context, the call inside the native library, and the
// error. Close waits for the calls inside, and no goroutine outlives its call.

package chat

import (
	"context"
	"fmt"
	"io"
	"math"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// Client calls the service. It is safe for any number of goroutines; make one with [New] and share it.
// One that New did not make, nil included, refuses every call with ErrInvalidArgument, and may be closed.
type Client struct {
	about   string
	timeout time.Duration
	places  *places
	closing chan struct{} // closed by the first Shutdown or Close; nil in a client that New did not make
	once    sync.Once

	mutex  *sync.Mutex   // not in here: empty points to it, and what points to itself is never finalized
	inside int           // how many use native; Close waits for them
	empty  *sync.Cond    // inside is 0
	native *nativeClient // nil once closed
	last   Stats         // once closed

	recorder atomic.Value // of type recorder: LogTo's
	callHook recorder
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
		places:  newPlaces(int(plain.maxConnections)),
		closing: make(chan struct{}),
		mutex:   &sync.Mutex{},
		native:  native,

		callHook: config.CallHook,
	}
	client.empty = sync.NewCond(client.mutex)
	runtime.SetFinalizer(client, (*Client).Close)
	return client, nil
}

func (c *Client) isMade() bool { return c != nil && c.closing != nil }

func errNotMade() *Error {
	return newError(CodeInvalidArgument, "this Client was not made by chat.New, or is nil; nothing was sent")
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

func (c *Client) replace(name string, secret Secret, set func(*nativeClient, string) *Error) error {
	if !c.isMade() {
		return errNotMade()
	}
	if err := checkText(name, secret.Reveal()); err != nil {
		return err
	}
	native, leave := c.enter()
	defer leave()
	if native == nil {
		return errClosed()
	}
	return refusal(set(native, secret.Reveal()))
}

// Shutdown ends the calls in progress, which answer ErrShutdown, and refuses new ones. It does
// not wait for them; Close does.
func (c *Client) Shutdown() {
	if !c.isMade() {
		return
	}
	c.refuse()
	native, leave := c.enter()
	defer leave()
	if native != nil {
		native.shutdown()
	}
}

// refuse lets no call begin any more, those included that wait for a place.
func (c *Client) refuse() { c.once.Do(func() { close(c.closing) }) }

// Close shuts down, waits until no call is inside, and frees the client's connections. A call
// after Close answers ErrShutdown. Close may be called again, and always returns nil.
func (c *Client) Close() error {
	if !c.isMade() {
		return nil
	}
	c.Shutdown()
	c.mutex.Lock()
	defer c.mutex.Unlock()
	for c.inside > 0 {
		c.empty.Wait()
	}
	if c.native != nil {
		runtime.SetFinalizer(c, nil)
		c.last = c.native.stats()
		c.native.free()
		c.native = nil
	}
	return nil
}

// CloseContext closes without harm to the calls in progress: it refuses new ones, waits until those in progress have ended or ctx has,
// ends those that are left, which answer ErrShutdown, and closes. It returns nil when none had to be ended, else an *Error that is
// context.Cause(ctx).
func (c *Client) CloseContext(ctx context.Context) error {
	if !c.isMade() {
		return nil
	}
	defer c.Close()
	if ctx == nil {
		return errNoContext()
	}
	c.refuse()
	native, leave := c.enter()
	defer leave()
	if native == nil {
		return nil
	}
	drained := make(chan bool, 1)
	go func() { drained <- native.drain() }()
	select {
	case whole := <-drained:
		if whole {
			return nil
		}
		return errClosed() // by somebody else's Close or Shutdown
	case <-ctx.Done():
	}
	native.shutdown()
	<-drained
	return contextEnded(ctx, "before every call in progress had; those that were left were ended")
}

// WarmUp opens connections until n are ready, so that the first calls of a service need not wait for them. It ends at the deadline of ctx,
// or after Config.Timeout if that is sooner, and answers why a connection cannot be made; those made before it stay open. Cancelling ctx
// does not end it, Shutdown and Close do.
func (c *Client) WarmUp(ctx context.Context, n int) error {
	if n < 1 || int64(n) > math.MaxUint32 {
		return newError(CodeInvalidArgument, "WarmUp is asked for %d connections; give 1 to Config.MaxConnections", n)
	}
	_, err := c.run(ctx, "WarmUp", nil, func(native *nativeClient, limits *nativeOptions) *Response {
		return native.warmUp(uint32(n), limits.leftMS)
	})
	return err
}

// String names the service, the SDKAppID and the identifier; no secret.
func (c *Client) String() string {
	if !c.isMade() {
		return "chat.Client not made by New"
	}
	return c.about
}

// GoString serves %#v; it shows no secret.
func (c *Client) GoString() string { return c.String() }

// Format serves every verb of package fmt; it shows no secret.
func (c *Client) Format(state fmt.State, _ rune) { io.WriteString(state, c.String()) }

// enter lends the native client until leave is called; nil when closed. It may be entered from inside, also while Close waits: a call waits
// for its hook, and the hook may ask for Stats. That a sync.RWMutex does not allow.
func (c *Client) enter() (native *nativeClient, leave func()) {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	if c.native == nil {
		return nil, func() {}
	}
	c.inside++
	return c.native, c.leave
}

func (c *Client) leave() {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	if c.inside--; c.inside == 0 {
		c.empty.Broadcast()
	}
}

// do makes a call, reads what it answered, where that is not nil, and tells the recorder of it.
func (c *Client) do(ctx context.Context, command string, options []CallOption, answer any, send func(*nativeClient, *nativeOptions) *Response) (*Response, error) {
	begun := time.Now()
	response, err := c.run(ctx, command, options, func(native *nativeClient, limits *nativeOptions) *Response {
		response := send(native, limits)
		if answer != nil && (response.Code == CodeOK || response.Code == CodePartial) {
			response.misreads(response.read(answer))
		}
		return response
	})
	c.record(ctx, command, begun, response, err)
	return response, err
}

// run is the life of a call. send runs inside the native library, on the caller's goroutine. The
// response is nil when the call failed, and comes beside the error when only some items did, or a member of the answer cannot be read.
func (c *Client) run(ctx context.Context, command string, options []CallOption, send func(*nativeClient, *nativeOptions) *Response) (*Response, error) {
	if !c.isMade() {
		return nil, errNotMade()
	}
	limits, failure := c.limits(ctx, options)
	if failure != nil {
		return nil, failure
	}
	giveBack, failure := c.places.take(ctx, command, limits, c.closing)
	if failure != nil {
		return nil, failure
	}
	defer giveBack()
	native, leave := c.enter()
	defer leave()
	if native == nil {
		return nil, errClosed()
	}
	response := limits.call(ctx, native, send)
	switch response.Code {
	case CodeOK:
		return response, nil
	case CodePartial:
		return response, &Error{Response: *response}
	}
	failure = limits.failure(ctx, response)
	if response.misread {
		return response, failure
	}
	return nil, failure
}

// callLimits is when a call must end and who wants it.
type callLimits struct {
	deadline  time.Time
	byContext bool // the deadline is the context's
	callSettings
}

func (c *Client) limits(ctx context.Context, options []CallOption) (*callLimits, *Error) {
	if ctx == nil {
		return nil, errNoContext()
	}
	var settings callSettings
	settings.apply(options)
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
	if ctx.Err() != nil {
		return contextEnded(ctx, "before the call was sent; nothing reached the service")
	}
	if time.Now().Before(l.deadline) {
		return nil
	}
	failure := newError(CodeTimeout, "the call's time was over before it could be sent; nothing reached the service: give it more")
	failure.Retriable = true
	if l.byContext {
		failure.cause = endOf(ctx)
	}
	return failure
}

// contextEnded is the failure of what a context ended. circumstances go on from "the context was cancelled".
func contextEnded(ctx context.Context, circumstances string) *Error {
	code := CodeCancelled
	if ctx.Err() == context.DeadlineExceeded {
		code = CodeTimeout
	}
	failure := newError(code, "%s %s", howEnded(ctx), circumstances)
	failure.cause = causeOf(ctx)
	return failure
}

// howEnded says that a context ended and, where its owner said so, why.
func howEnded(ctx context.Context) string {
	how := "the context was cancelled"
	if ctx.Err() == context.DeadlineExceeded {
		how = "the context's deadline passed"
	}
	if cause := causeOf(ctx); cause != ctx.Err() {
		how += fmt.Sprintf(" (%v)", cause)
	}
	return how
}

// causeOf is why a context ended, as far as the Go in use can tell; nil while it lives.
var causeOf = context.Context.Err

// endOf is why a context ended whose deadline has passed. Its own timer may fire a moment later.
func endOf(ctx context.Context) error {
	if ctx.Done() != nil {
		patience := time.NewTimer(100 * time.Millisecond)
		defer patience.Stop()
		select {
		case <-ctx.Done():
		case <-patience.C:
		}
	}
	if cause := causeOf(ctx); cause != nil {
		return cause
	}
	return context.DeadlineExceeded
}

// leftMS is the time left in milliseconds, rounded up, at least 1.
func (l *callLimits) leftMS() uint32 { return milliseconds(time.Until(l.deadline)) }

// milliseconds are rounded up, at least 1, and at most what C takes: no call has more, as Config and the options see to.
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

// call is the part inside the native library.
func (l *callLimits) call(ctx context.Context, native *nativeClient, send func(*nativeClient, *nativeOptions) *Response) *Response {
	settings := newNativeOptions(l, ctx.Done() != nil)
	defer settings.free()
	defer watch(ctx, l, settings)()
	defer native.hooked(ctx, settings)()
	return send(native, settings)
}

// failure is what the library answered, with the context's part in it in Go's words.
func (l *callLimits) failure(ctx context.Context, response *Response) *Error {
	failure := &Error{Response: *response}
	switch {
	case failure.Code == CodeCancelled && ctx.Err() != nil:
		failure.Message = strings.Replace(failure.Message, "the cancel token was triggered", shown(howEnded(ctx)), 1)
		failure.cause = causeOf(ctx)
		if ctx.Err() == context.DeadlineExceeded {
			failure.Code = CodeTimeout
		}
	case failure.Code == CodeTimeout && l.byContext && !time.Now().Before(l.deadline):
		failure.cause = endOf(ctx)
	}
	return failure
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

func errNoContext() *Error {
	return newError(CodeInvalidArgument, "ctx is nil; pass context.Background()")
}

func errClosed() *Error {
	return newError(CodeShutdown, "the client is closed; make a new one")
}

// versionMismatch refuses a library of another major or minor number than the header that this package was compiled with.
func versionMismatch(header, library, file string) *Error {
	if majorMinor(header) == majorMinor(library) {
		return nil
	}
	return newError(CodeConfig, "package chat was compiled with tencent_chat.h %s but the library loaded from %q is %s: "+
		"install one version of both, or set CGO_CFLAGS and CGO_LDFLAGS to the same place and build again", header, file, library)
}

func majorMinor(version string) string {
	parts := strings.SplitN(version, ".", 3)
	if len(parts) < 3 {
		return "unknown " + version
	}
	return parts[0] + "." + parts[1]
}

// CallRecord is a call that ended: one part of a split one, one page of an iteration. It holds no secret.
type CallRecord struct {
	Command  string        // the vendor's name, as del_contact_group, or the path given to Call
	Duration time.Duration // in all, waiting included
	*Response
}

// recorder is told of calls on their own goroutines; nil: nobody is.
type recorder func(context.Context, CallRecord)

// log is LogTo's; nil when there is none.
func (c *Client) log() recorder {
	tell, _ := c.recorder.Load().(recorder)
	return tell
}

// isRecorded says whether anybody is told of this client's calls.
func (c *Client) isRecorded() bool { return c != nil && (c.callHook != nil || c.log() != nil) }

// record tells of a call that answered response or err.
func (c *Client) record(ctx context.Context, command string, begun time.Time, response *Response, err error) {
	if !c.isRecorded() {
		return
	}
	if failure, ok := err.(*Error); ok {
		response = &failure.Response
	}
	call := CallRecord{Command: command, Duration: time.Since(begun), Response: response}
	for _, tell := range []recorder{c.log(), c.callHook} {
		if tell != nil {
			tell(ctx, call)
		}
	}
}
