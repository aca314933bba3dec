// Deletes one group of very many users: a bounded pool over DelContactGroup. Every item taken is counted
// once, memory does not grow with the list, and a run that cannot succeed ends.

package chat

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"
)

// UserGroup is one conversation group of one user.
type UserGroup struct {
	FromAccount string
	GroupName   string
}

// Bulk is how [Client.DelContactGroups] runs. The zero value is ready for use.
type Bulk struct {
	// Workers is the number of calls at a time; 0 is DefaultBulkWorkers. More than Config.MaxConnections is as many as those.
	Workers int
	// MaxFailures ends the run after so many failed items; 0 is DefaultBulkMaxFailures, NoFailureLimit goes on to the end.
	MaxFailures int
	// Progress is told of each item when it ended, in one goroutine at a time. The run waits for it, so it should be quick. To end the
	// run, it cancels the context. A panic in it ends the run and reaches the caller of DelContactGroups, once the calls on the way have
	// ended.
	Progress func(BulkProgress)
}

// What a zero in [Bulk] means, and what its MaxFailures takes besides numbers.
const (
	DefaultBulkWorkers     = 16
	DefaultBulkMaxFailures = 100
	NoFailureLimit         = -1
)

// throttledRounds is how often an item is tried again that waited in vain for its turn, or that the service throttled in spite of the
// client's own repeats, each of which slows the client down.
const throttledRounds = 5

// BulkProgress is an item that ended, and the counts up to and with it.
type BulkProgress struct {
	Item UserGroup
	// Err is the call's failure; nil when the group was deleted.
	Err error
	// Result is a copy of the counts; its FailedByCode is nil.
	Result BulkResult
}

// BulkResult counts the items that a run took from its list. Taken is the sum of the others but FailedByCode, which is Failed and InDoubt
// by code.
type BulkResult struct {
	Taken    int
	Deleted  int // those included whose first answer was lost and whose repeat found nothing
	Missing  int // the user has no such group: ErrGroupNotFound
	Unknown  int // Chat does not know the user: ErrAccountNotImported
	Failed   int // refused, or not sent in time; the group is still there
	InDoubt  int // no answer: the group may be deleted or not; another run finds out
	NotDone  int // taken and not deleted, because the run ended
	Attempts int // requests, repeats included

	FailedByCode map[Code]int
}

// BulkError is a run that did not delete all. errors.Is and errors.As see Cause.
type BulkError struct {
	// Cause is why the run ended early (the context, or the failure that made it end), or else the last failure. Where it is the context,
	// errors.Is finds context.Canceled or context.DeadlineExceeded, and context.Cause.
	Cause error
	// Stopped says that the run ended early, so that items may be left in the list.
	Stopped bool
	// Result is what DelContactGroups returns too.
	Result *BulkResult
}

// Error gives the counts and the cause.
func (e *BulkError) Error() string {
	if e == nil || e.Result == nil {
		return "chat: no failure"
	}
	how := "ended with failures"
	if e.Stopped {
		how = "stopped early"
	}
	return fmt.Sprintf("chat: deleting groups %s (%d taken: %d deleted, %d not there, %d unknown users, %d failed, %d in doubt, %d not done): %v",
		how, e.Result.Taken, e.Result.Deleted, e.Result.Missing, e.Result.Unknown, e.Result.Failed, e.Result.InDoubt, e.Result.NotDone, e.Cause)
}

// Unwrap gives Cause.
func (e *BulkError) Unwrap() error {
	if e == nil {
		return nil
	}
	return e.Cause
}

// DelContactGroups deletes one group of each of very many users, by DelContactGroup over a bounded pool. items gives them one by one, on
// the caller's goroutine, and is asked for no more than the pool can take: an iter.Seq[UserGroup] of Go 1.23 (as slices.Values makes), or
// any function of that form.
//
// Each item is repeated by the client's own rules, and keeps to the client's rate: give a run beside a live app a client of its own with
// half of the app's Config.RateLimit. A group that is not there and a user that Chat does not know are counted and are no failures. The
// run ends early, and finishes the calls that are on the way, when a failure says that no call can succeed (configuration, certificate,
// administrator, signature, plan, address), after MaxFailures, and with the context, which also ends the calls on the way. It may then be
// run again with the same items: what is deleted is counted as Missing.
//
// The result is never nil. The error is nil when nothing failed, nothing is in doubt and nothing is left undone; else a *[BulkError].
func (c *Client) DelContactGroups(ctx context.Context, items func(yield func(UserGroup) bool), bulk Bulk, options ...CallOption) (*BulkResult, error) {
	run := &bulkRun{client: c, options: options, bulk: bulk, result: BulkResult{FailedByCode: map[Code]int{}}}
	switch {
	case !c.isMade():
		return &run.result, errNotMade()
	case ctx == nil:
		return &run.result, errNoContext()
	case items == nil:
		return &run.result, newError(CodeInvalidArgument, "items is nil; pass a list")
	}
	run.do(ctx, items)
	return &run.result, run.failure(ctx)
}

// bulkRun is one call of DelContactGroups.
type bulkRun struct {
	client  *Client
	options []CallOption
	bulk    Bulk

	cut    bool            // the list was told to end; of the caller's goroutine alone
	ending context.Context // over when no further item is to begin; calls on the way have the caller's
	stop   context.CancelFunc

	mutex  sync.Mutex
	result BulkResult
	cause  error  // why it stopped
	last   error  // the last failure
	broken func() // does on the caller's goroutine what the caller's own code did on a worker's: panic, or runtime.Goexit
}

func (r *bulkRun) workers() int {
	workers := r.bulk.Workers
	if workers <= 0 {
		workers = DefaultBulkWorkers
	}
	if most := r.client.places.most; workers > most {
		workers = most
	}
	return workers
}

func (r *bulkRun) do(ctx context.Context, items func(yield func(UserGroup) bool)) {
	r.ending, r.stop = context.WithCancel(ctx)
	queue := make(chan UserGroup)
	var pool sync.WaitGroup
	listed := false
	defer func() {
		if !listed { // items panicked, which goes on when the calls on the way have ended
			r.stop()
		}
		close(queue)
		pool.Wait()
		r.stop()
		if r.broken != nil {
			r.broken()
		}
	}()
	for i := r.workers(); i > 0; i-- {
		pool.Add(1)
		go r.work(ctx, queue, pool.Done)
	}
	items(func(item UserGroup) bool {
		r.mutex.Lock()
		r.result.Taken++
		r.mutex.Unlock()
		select {
		case queue <- item:
		case <-r.ending.Done():
			r.record(item, outcome{})
		}
		r.cut = r.ending.Err() != nil
		return !r.cut
	})
	listed = true
}

// work is one worker. Progress, a logger's handler and the hooks are the caller's code: a panic in one would end the process here, where nobody
// can recover it.
func (r *bulkRun) work(ctx context.Context, queue <-chan UserGroup, done func()) {
	defer done()
	whole := false
	defer func() {
		if whole {
			return
		}
		broken := again(recover())
		r.mutex.Lock()
		defer r.mutex.Unlock()
		if r.broken == nil {
			r.broken = broken
		}
		r.stop()
	}()
	for item := range queue {
		r.record(item, r.delete(ctx, item))
	}
	whole = true
}

// outcome is what became of an item; the zero value is one that was never sent.
type outcome struct {
	sent     bool
	err      error
	attempts int
}

// delete makes the call, again and again while only the rate is in its way.
func (r *bulkRun) delete(ctx context.Context, item UserGroup) outcome {
	one := outcome{}
	for throttled := 0; r.ending.Err() == nil; {
		one.sent = true
		result, err := r.client.DelContactGroup(ctx, item.FromAccount, item.GroupName, r.options...)
		if result != nil { // also when the answer names the group in a way that cannot be read
			one.err = nil
			one.attempts += result.Attempts
			return one
		}
		one.err = err
		var failure *Error
		if !errors.As(err, &failure) {
			return one
		}
		one.attempts += failure.Attempts
		if !errors.Is(err, ErrThrottled) { // by its own limit nothing was sent; there will be a turn
			if !errors.Is(err, ErrRateExceeded) && !waitedInVain(failure) || throttled == throttledRounds {
				return one
			}
			throttled++
		}
		r.pause(failure.RetryAfter)
	}
	return one
}

// waitedInVain tells a call whose time ran out before its turn came, or a place among Config.MaxConnections.
func waitedInVain(failure *Error) bool {
	return failure.Code == CodeTimeout && failure.Attempts == 0 && failure.cause == nil
}

// pause waits for as long as the rate asks, at least long enough not to spin, or until the run ends.
func (r *bulkRun) pause(asked time.Duration) {
	if asked < 10*time.Millisecond {
		asked = 10 * time.Millisecond
	}
	timer := time.NewTimer(asked)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-r.ending.Done():
	}
}

// record counts an item that ended, ends the run if it says so, and tells Progress.
func (r *bulkRun) record(item UserGroup, one outcome) {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	var failure *Error
	errors.As(one.err, &failure)
	switch {
	case !one.sent:
		r.result.NotDone++
	case one.err == nil:
		r.result.Deleted++
	case errors.Is(one.err, ErrGroupNotFound):
		r.result.Missing++
	case errors.Is(one.err, ErrAccountNotImported):
		r.result.Unknown++
	case failure.InDoubt:
		r.failed(&r.result.InDoubt, failure)
	case failure.Code.IsFatal() && !(failure.Code == CodeTLS && r.worked()):
		r.result.NotDone++
		r.end(one.err)
	case errors.Is(one.err, ErrCancelled) || failure.cause != nil || errors.Is(one.err, ErrThrottled):
		r.result.NotDone++ // its time was the run's
	default:
		r.failed(&r.result.Failed, failure)
	}
	r.result.Attempts += one.attempts
	if r.bulk.Progress != nil {
		counts := r.result
		counts.FailedByCode = nil
		r.bulk.Progress(BulkProgress{Item: item, Err: one.err, Result: counts})
	}
}

// worked tells whether any call had an answer that shows the configuration to be right.
func (r *bulkRun) worked() bool { return r.result.Deleted+r.result.Missing+r.result.Unknown > 0 }

func (r *bulkRun) failed(count *int, failure *Error) {
	*count++
	r.result.FailedByCode[failure.Code]++
	r.last = failure
	most := r.bulk.MaxFailures
	if most == 0 {
		most = DefaultBulkMaxFailures
	}
	if most > 0 && r.result.Failed+r.result.InDoubt >= most {
		r.end(failure)
	}
}

// end lets no further item begin; the first cause stays.
func (r *bulkRun) end(cause error) {
	if r.cause == nil {
		r.cause = cause
	}
	r.stop()
}

// failure is what the whole run answers.
func (r *bulkRun) failure(ctx context.Context) error {
	switch {
	case r.cause != nil:
		return &BulkError{Cause: r.cause, Stopped: true, Result: &r.result}
	case ctx.Err() != nil && (r.cut || r.result.NotDone > 0):
		return &BulkError{Cause: contextEnded(ctx, "before the list's end"), Stopped: true, Result: &r.result}
	case r.last != nil:
		return &BulkError{Cause: r.last, Result: &r.result}
	}
	return nil
}
