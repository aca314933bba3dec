//go:build cgo

// How many files and sockets this process holds.

package chat_test

import (
	"os"
	"testing"
)

func openFiles(t *testing.T) int {
	t.Helper()
	entries, err := os.ReadDir("/dev/fd") // Linux and the BSDs, macOS included
	if err != nil {
		t.Fatal(err)
	}
	return len(entries)
}
