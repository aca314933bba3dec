//go:build cgo && !linux

package chat

// workers make no call here: what they need of the system is Linux's. A call is made on the thread of its goroutine, which waits in C.
type workers struct{}

type ending struct{}

func (*workers) make(*nativeOptions) bool { return false }
func (*workers) end()                     {}
