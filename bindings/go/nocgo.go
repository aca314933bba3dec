//go:build !cgo

// The package without cgo: the same names, so that a program's other parts compile and test,
// and one clear error from New. No call can be reached without a client.

package chat

const withoutCgo = "this program was built without cgo, and package chat calls the native library " +
	"libtencent_chat: build with CGO_ENABLED=1, a C compiler and the library installed"

// Version is "" without cgo.
func Version() string { return "" }

// LibraryFile is "" without cgo.
func LibraryFile() string { return "" }

func explain(code Code) string { return code.String() }

type nativeClient struct{}

func openNative(*plainConfig) (*nativeClient, *Error) {
	return nil, newError(CodeConfig, withoutCgo)
}

func (*nativeClient) setSecretKey(string) Code { return CodeConfig }
func (*nativeClient) setUserSig(string) Code   { return CodeConfig }
func (*nativeClient) shutdown()                {}
func (*nativeClient) free()                    {}

func (*nativeClient) delContactGroup(string, string, *nativeOptions, func(answer)) *Response {
	return &Response{Code: CodeConfig, Message: withoutCgo}
}

func (*nativeClient) call(string, []byte, *nativeOptions) *Response {
	return &Response{Code: CodeConfig, Message: withoutCgo}
}

type nativeOptions struct{}

func newNativeOptions(uint32, *uint32, bool) (*nativeOptions, *Error) { return &nativeOptions{}, nil }
func (*nativeOptions) cancel()                                        {}
func (*nativeOptions) free()                                          {}
