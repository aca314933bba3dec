//go:build !cgo && !chat_nocgo

// A build without cgo ends here, with a name that says what to do: a program that compiled would fail when it starts. Who wants the stub
// of nocgo.go, for tools that only read types, builds with the tag chat_nocgo.

package chat

var _ = package_chat_needs_cgo__build_with_CGO_ENABLED_1_and_a_C_compiler__or_with_the_tag_chat_nocgo_for_a_stub
