// Makes the record of each call for loggers and traces: one a call, without a secret, after the call has left
// the library.

package chat

import (
	"context"
	"time"
)

// callRecord is one call: one part of a split one, one page of an iteration.
type callRecord struct {
	command string // the vendor's name, or Call's path
	spent   time.Duration
	*Response
}

// recorder is told of calls on their own goroutines; nil: nobody is.
type recorder func(context.Context, callRecord)

// recording is who is told of this client's calls; nil when nobody is.
func (c *Client) recording() recorder {
	if c == nil {
		return nil
	}
	tell, _ := c.recorder.Load().(recorder)
	return tell
}

// record tells of a call that answered response or err.
func (c *Client) record(ctx context.Context, command string, begun time.Time, response *Response, err error) {
	tell := c.recording()
	if tell == nil {
		return
	}
	if failure, ok := err.(*Error); ok {
		response = &failure.Response
	}
	tell(ctx, callRecord{command: command, spent: time.Since(begun), Response: response})
}
