//go:build !cgo

// The package without cgo, for those who ask for it with the tag chat_nocgo (nocgo_refused.go): the same names, so that a program's other
// parts compile and test, and one clear error from New. No call can be reached without a client.

package chat

import "context"

const withoutCgo = "this program was built without cgo, and package chat calls the native library " +
	"libtencent_chat: build with CGO_ENABLED=1 and a C compiler"

// Version is "" without cgo.
func Version() string { return "" }

// LibraryFile is "" without cgo.
func LibraryFile() string { return "" }

func explain(code Code) string { return code.String() }

func isFatal(Code) bool { return false }

func flag(bool) int { return 0 }

type nativeClient struct{}

func openNative(*plainConfig) (*nativeClient, *Error) {
	return nil, newError(CodeConfig, withoutCgo)
}

func (*nativeClient) setSecretKey(string) *Error      { return newError(CodeConfig, withoutCgo) }
func (*nativeClient) setUserSig(string) *Error        { return newError(CodeConfig, withoutCgo) }
func (*nativeClient) shutdown()                       {}
func (*nativeClient) drain() bool                     { return true }
func (*nativeClient) warmUp(uint32, uint32) *Response { return refused() }
func (*nativeClient) free()                           {}
func (*nativeClient) stats() Stats                    { return Stats{} }

func (*nativeClient) hooked(context.Context, *nativeOptions) func() { return func() {} }

func (*nativeClient) statsWith([]*nativeClient) (Stats, *Error) {
	return Stats{}, newError(CodeConfig, withoutCgo)
}

func makeUserSig(uint32, string, string, uint32, *PrivateMap) *Response { return refused() }
func inspectUserSig(string, uint32, string) *Response                   { return refused() }

func refused() *Response { return &Response{Code: CodeConfig, Message: withoutCgo} }

func contactsRefused([]Contact) bool { return false }
func marksRefused([]plainMark) bool  { return false }
func accountsRefused([]Account) bool { return false }

type nativeItems struct{}

func (*nativeItems) next(*nativeOptions) *Response  { return refused() }
func (*nativeItems) page(known *Response) *Response { return known }
func (*nativeItems) isComplete() bool               { return false }
func (*nativeItems) free()                          {}

type nativeOptions struct{ leftMS uint32 }

func newNativeOptions(*callLimits, bool) *nativeOptions { return &nativeOptions{} }
func (*nativeOptions) cancel()                          {}
func (*nativeOptions) free()                            {}
