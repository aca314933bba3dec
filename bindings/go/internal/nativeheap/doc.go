// Package nativeheap tells how much memory C and the native library hold, for tests of what
// calls give back. It needs cgo, and knows nothing of chat.
package nativeheap
