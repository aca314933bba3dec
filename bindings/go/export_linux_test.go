//go:build cgo

package chat

import "time"

// WorkersIdleAfter has workers that are not needed end sooner than in ten seconds.
func WorkersIdleAfter(short time.Duration) { idleAfter = short }
