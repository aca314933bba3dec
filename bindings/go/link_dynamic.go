//go:build cgo && (chat_dynamic || !((linux && (amd64 || arm64)) || (darwin && (amd64 || arm64)) || (windows && amd64)))

// Links the library that is installed on the machine, as pkg-config finds it: what the tag chat_dynamic asks for, and the only way
// on platforms for which the module carries no library.

package chat

// #cgo pkg-config: tencent-chat
import "C"
