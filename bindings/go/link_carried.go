//go:build cgo && !chat_dynamic && ((linux && (amd64 || arm64)) || (darwin && (amd64 || arm64)) || (windows && amd64))

// Links the library that a released module carries for this platform, so that `go get` is all the installation there is, and
// whatever else is installed is ignored. In the repository the carried files are stand-ins that lead to the repository's
// own header and to -ltencent_chat; `make go-module` puts the real ones there.

package chat

/*
#cgo CFLAGS: -I${SRCDIR}/include
#cgo linux,amd64,!musl LDFLAGS: ${SRCDIR}/lib/linux_amd64/libtencent_chat.a
#cgo linux,arm64,!musl LDFLAGS: ${SRCDIR}/lib/linux_arm64/libtencent_chat.a
#cgo linux,amd64,musl LDFLAGS: ${SRCDIR}/lib/linux_musl_amd64/libtencent_chat.a
#cgo linux,arm64,musl LDFLAGS: ${SRCDIR}/lib/linux_musl_arm64/libtencent_chat.a
#cgo linux,!musl LDFLAGS: -lgcc_eh -lutil -lrt -lpthread -lm -ldl
#cgo darwin,amd64 LDFLAGS: ${SRCDIR}/lib/darwin_amd64/libtencent_chat.a
#cgo darwin,arm64 LDFLAGS: ${SRCDIR}/lib/darwin_arm64/libtencent_chat.a
#cgo windows,amd64 LDFLAGS: ${SRCDIR}/lib/windows_amd64/libtencent_chat.a -lws2_32 -luserenv -lntdll -lbcrypt -ladvapi32 -lkernel32 -ldbghelp
#cgo linux,musl CFLAGS: -DCHAT_FOR_MUSL
#include <limits.h>
#if defined(__linux__) && !defined(__GLIBC__) && !defined(CHAT_FOR_MUSL)
#error "this C library is not glibc: with musl build with `go build -tags musl`; with another one build and install tencent-chat, and build with `go build -tags chat_dynamic`"
#endif
#if defined(__GLIBC__) && defined(CHAT_FOR_MUSL)
#error "the tag musl takes the library that is for musl, and this C library is glibc: build without the tag, or with a compiler for musl"
#endif
*/
import "C"

import (
	// `go mod vendor` takes a folder along only if it holds a package that is imported.
	_ "github.com/tencent-chat/tencent-chat/bindings/go/include"
	_ "github.com/tencent-chat/tencent-chat/bindings/go/lib/darwin_amd64"
	_ "github.com/tencent-chat/tencent-chat/bindings/go/lib/darwin_arm64"
	_ "github.com/tencent-chat/tencent-chat/bindings/go/lib/linux_amd64"
	_ "github.com/tencent-chat/tencent-chat/bindings/go/lib/linux_arm64"
	_ "github.com/tencent-chat/tencent-chat/bindings/go/lib/linux_musl_amd64"
	_ "github.com/tencent-chat/tencent-chat/bindings/go/lib/linux_musl_arm64"
	_ "github.com/tencent-chat/tencent-chat/bindings/go/lib/windows_amd64"
)
