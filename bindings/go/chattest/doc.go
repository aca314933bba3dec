// Package chattest gives a Go test an emulator of the Tencent Chat service in one line:
//
//	func TestMine(t *testing.T) {
//		service := chattest.Start(t)
//		client, err := chat.New(service.Config())
//		...
//	}
//
// The emulator is the program chat-emulator: a real HTTP and HTTPS server that checks the
// signature and holds the state, started on free ports of loopback and ended with the test.
// It is looked for in the environment variable CHAT_EMULATOR, beside the native library (and
// in ../bin of its directory), and on PATH. Nothing is mocked in the client.
//
// A [Service] is safe for any number of goroutines. Its methods end the test when the
// emulator refuses what they ask, so they are to be called from the test's own goroutine.
package chattest
