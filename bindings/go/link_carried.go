//go:build cgo && linux && amd64 && !chat_dynamic

// Links the library that a released module carries, so that `go get` is all the installation there is, and
// whatever else is installed is ignored. In the repository the two carried files are stand-ins that lead to
// the repository's own header and to -ltencent_chat; `make go-module` puts the real ones there.

package chat

/*
#cgo CFLAGS: -I${SRCDIR}/include
#cgo LDFLAGS: ${SRCDIR}/lib/linux_amd64/libtencent_chat.a -lutil -lrt -lpthread -lm -ldl
#include <limits.h>
#ifndef __GLIBC__
#error "the library that this module carries is for glibc: elsewhere build and install tencent-chat, and build with `go build -tags chat_dynamic`"
#endif
*/
import "C"

import (
	// `go mod vendor` takes a folder along only if it holds a package that is imported.
	_ "github.com/tencent-chat/tencent-chat/bindings/go/include"
	_ "github.com/tencent-chat/tencent-chat/bindings/go/lib/linux_amd64"
)
