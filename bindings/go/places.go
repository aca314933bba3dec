// The places of calls inside the native library. Calls of one command get them in order of arrival, never
// wait for another command's, and get none once their context has ended or the client is closing.

package chat

import (
	"context"
	"sync"
	"time"
)

// places bounds the calls of each command. A call inside holds an OS thread, also while it waits for its turn under the rate limit: were
// the places shared, a command that has to wait would keep those from their way whose turn is free.
type places struct {
	most     int // of one command
	mutex    sync.Mutex
	commands map[string]*commandPlaces
}

// commandPlaces are forgotten when nobody is inside and nobody waits: paths of Call are anybody's texts.
type commandPlaces struct {
	taken chan struct{}
	users int
}

func newPlaces(most int) *places {
	return &places{most: most, commands: map[string]*commandPlaces{}}
}

// take waits for a place of that command until limits or closing end the wait; leave gives it back.
func (p *places) take(ctx context.Context, command string, limits *callLimits, closing <-chan struct{}) (leave func(), failure *Error) {
	place := p.join(command)
	if failure := place.wait(ctx, limits, closing); failure != nil {
		p.part(command, place)
		return nil, failure
	}
	return func() {
		<-place.taken
		p.part(command, place)
	}, nil
}

func (p *places) join(command string) *commandPlaces {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	place := p.commands[command]
	if place == nil {
		place = &commandPlaces{taken: make(chan struct{}, p.most)}
		p.commands[command] = place
	}
	place.users++
	return place
}

func (p *places) part(command string, place *commandPlaces) {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	if place.users--; place.users == 0 {
		delete(p.commands, command)
	}
}

func (c *commandPlaces) wait(ctx context.Context, limits *callLimits, closing <-chan struct{}) *Error {
	select {
	case <-closing:
		return errClosed()
	default:
	}
	select {
	case c.taken <- struct{}{}:
		return nil
	default:
	}
	timer := time.NewTimer(time.Until(limits.deadline))
	defer timer.Stop()
	select {
	case c.taken <- struct{}{}:
		failure := limits.ended(ctx)
		if failure != nil {
			<-c.taken
		}
		return failure
	case <-closing:
		return errClosed()
	case <-ctx.Done():
		return limits.ended(ctx)
	case <-timer.C:
	}
	if failure := limits.ended(ctx); failure != nil && failure.cause != nil {
		return failure
	}
	failure := newError(CodeTimeout, "Config.MaxConnections calls of this command waited for answers, or for their turn under Config.RateLimit, and none ended before "+
		"the deadline; nothing was sent: call less at a time, or raise these or the timeout")
	failure.Retriable = true
	return failure
}
