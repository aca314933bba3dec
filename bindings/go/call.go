// The generic call, for every v4 endpoint that has no method of its own; and what one call may set for itself. The
// client's own configuration holds for the rest.

package chat

import (
	"bytes"
	"context"
	"encoding/json"
	"math"
	"time"
)

// Call sends body to path ("v4/recentcontact/create_contact_group") and returns the answer.
//
// body is a JSON object: a struct or map that encoding/json can write, or ready JSON as
// []byte or json.RawMessage, which must not be changed until Call returns. nil sends {}.
// Where items of a batch failed although the call succeeded, the error is a [PartialError], and
// the answer, whose Body tells which, is returned with it. Nothing is known about the endpoint, so a call in doubt is never repeated.
func (c *Client) Call(ctx context.Context, path string, body any, options ...CallOption) (*Response, error) {
	if err := checkText("path", path); err != nil {
		return nil, err
	}
	text, err := bodyText(body)
	if err != nil {
		return nil, err
	}
	response, err := c.do(ctx, path, options, nil, func(native *nativeClient, limits *nativeOptions) *Response {
		return native.call(path, text, limits)
	})
	return response, partial(err, response)
}

func bodyText(body any) ([]byte, error) {
	switch ready := body.(type) {
	case nil:
		return nil, nil
	case []byte:
		return ready, nil
	case json.RawMessage:
		return ready, nil
	}
	var text bytes.Buffer
	encoder := json.NewEncoder(&text)
	encoder.SetEscapeHTML(false) // names with & or < stay readable in the service's logs
	if err := encoder.Encode(body); err != nil {
		return nil, newError(CodeInvalidArgument, "body cannot be written as JSON: %v", err)
	}
	return bytes.TrimRight(text.Bytes(), "\n"), nil
}

// CallOption changes one call.
type CallOption func(*callSettings)

// callSettings are the options of one call; zero is the client's setting.
type callSettings struct {
	timeout, attemptTimeout, connectTimeout time.Duration
	maxAttempts                             uint32
	repeatInDoubt                           *bool
	random                                  *uint32
	split                                   bool
	err                                     *Error
}

// apply sets all of them; a nil option changes nothing.
func (s *callSettings) apply(options []CallOption) {
	for _, option := range options {
		if option != nil {
			option(s)
		}
	}
}

// WithTimeout replaces Config.Timeout for this call; it may be longer or shorter. The
// context's deadline still holds.
func WithTimeout(timeout time.Duration) CallOption {
	return func(s *callSettings) { s.timeout = s.positive("WithTimeout", timeout) }
}

// WithAttemptTimeout replaces Config.AttemptTimeout for this call.
func WithAttemptTimeout(timeout time.Duration) CallOption {
	return func(s *callSettings) { s.attemptTimeout = s.positive("WithAttemptTimeout", timeout) }
}

// WithConnectTimeout replaces Config.ConnectTimeout for this call.
func WithConnectTimeout(timeout time.Duration) CallOption {
	return func(s *callSettings) { s.connectTimeout = s.positive("WithConnectTimeout", timeout) }
}

func (s *callSettings) positive(name string, given time.Duration) time.Duration {
	if given <= 0 || wholeUnits(given, time.Millisecond) > math.MaxUint32 {
		s.err = newError(CodeInvalidArgument, "%s is %v; give a positive duration of at most %v", name, given, math.MaxUint32*time.Millisecond)
	}
	return given
}

// WithMaxAttempts replaces Config.MaxAttempts for this call: 1 (never repeat) to 10.
func WithMaxAttempts(n int) CallOption {
	return func(s *callSettings) {
		if n < 1 || int64(n) > math.MaxUint32 {
			s.err = newError(CodeInvalidArgument, "WithMaxAttempts is %d; give 1 to 10", n)
			return
		}
		s.maxAttempts = uint32(n)
	}
}

// WithRepeatInDoubt says whether the call may be repeated when nobody knows if an attempt took
// effect. Without it the command decides: CreateContactGroup, AccountDelete and Call are not
// repeated then; all others are, since doing them twice leaves what doing them once does.
func WithRepeatInDoubt(yes bool) CallOption {
	return func(s *callSettings) { s.repeatInDoubt = &yes }
}

// WithRandom sets the random of the request, the same for every attempt, so that a request
// can be found by a number known beforehand. Zero is a value like any other. Without this
// option every attempt gets a new one; Response.Random tells it.
func WithRandom(random uint32) CallOption {
	return func(s *callSettings) { s.random = &random }
}
