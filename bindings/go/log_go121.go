//go:build go1.21

// Calls written to log/slog, which came with Go 1.21.

package chat

import (
	"context"
	"encoding/json"
	"log/slog"
)

// LogTo writes one record to logger for each call that ends from now on; nil ends it. It is for Go
// 1.21 and later.
//
// A record has the attributes command (del_contact_group, or the path given to Call), code, ms,
// attempts, in_doubt, and trace: an array with one object for each attempt, as Response.Trace has
// it. Its level is Info when the call succeeded and else Warn, with the message as error. A split
// call writes a record for each part, an iteration for each page. Key, UserSig and the proxy's
// password are in none of it; error quotes the service.
func (c *Client) LogTo(logger *slog.Logger) {
	if c == nil {
		return
	}
	if logger == nil {
		c.recorder.Store(recorder(nil))
		return
	}
	c.recorder.Store(recorder(func(ctx context.Context, call CallRecord) {
		level, attributes := slog.LevelInfo, []slog.Attr{
			slog.String("command", call.Command),
			slog.Int("code", int(call.Code)),
			slog.Float64("ms", float64(call.Duration.Microseconds())/1000),
			slog.Int("attempts", call.Attempts),
			slog.Bool("in_doubt", call.InDoubt),
			slog.Any("trace", json.RawMessage(call.Trace)),
		}
		if call.Code != CodeOK {
			level, attributes = slog.LevelWarn, append(attributes, slog.String("error", call.Message))
		}
		logger.LogAttrs(ctx, level, "tencent-chat call", attributes...)
	}))
}
