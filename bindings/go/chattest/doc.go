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
// Nothing is mocked in the client.
//
// A released module carries the program for Linux, x86-64, and unpacks it once into the folder
// tencent-chat of the user's cache ([os.UserCacheDir]). The environment variable CHAT_EMULATOR
// names another one; one installed beside a dynamic native library, or in ../bin of its
// directory, goes before the carried one; on other platforms it is looked for there and on PATH.
//
// A [Service] is safe for any number of goroutines. Its methods end the test when the
// emulator refuses what they ask, so they are to be called from the test's own goroutine.
package chattest
