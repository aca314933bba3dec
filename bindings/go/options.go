// What one call may set for itself. The client's own configuration holds for the rest.

package chat

import "time"

// CallOption changes one call.
type CallOption func(*callSettings)

type callSettings struct {
	timeout time.Duration // 0: the client's
	random  *uint32
	split   bool
	err     *Error
}

// WithTimeout replaces Config.Timeout for this call; it may be longer or shorter. The
// context's deadline still holds.
func WithTimeout(timeout time.Duration) CallOption {
	return func(s *callSettings) {
		if timeout <= 0 {
			s.err = newError(CodeInvalidArgument, "WithTimeout is %v; give a positive duration", timeout)
		}
		s.timeout = timeout
	}
}

// WithRandom sets the random of the request, the same for every attempt, so that a request
// can be found by a number known beforehand. Zero is a value like any other. Without this
// option every attempt gets a new one; Response.Random tells it.
func WithRandom(random uint32) CallOption {
	return func(s *callSettings) { s.random = &random }
}
