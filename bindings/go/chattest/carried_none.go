//go:build !(linux && (amd64 || arm64)) && !(darwin && (amd64 || arm64)) && !(windows && amd64)

// No emulator is carried for this platform: an installed one is looked for.

package chattest

var carriedProgram []byte
