//go:build windows && amd64

// The emulator that a released module carries for this platform. In the repository the file is empty, and the program is where an
// installation put it; `make go-module` puts the real one there.

package chattest

import _ "embed"

//go:embed windows_amd64/chat-emulator.gz
var carriedProgram []byte
