package chat_test

import (
	"os"
	"path/filepath"
	"testing"
)

// skipWithout ends a test for want of something that tests/tools.txt has a row for. `make test`
// names it at its end; under CHAT_REQUIRE_ALL=1 it is an error.
func skipWithout(t *testing.T, tool string) {
	t.Helper()
	if os.Getenv("CHAT_REQUIRE_ALL") == "1" {
		t.Fatal(tool + " is missing")
	}
	if folder := os.Getenv("CHAT_MISSING_TOOLS"); folder != "" {
		if err := os.MkdirAll(folder, 0o777); err != nil {
			t.Fatal(err)
		}
		// Empty: no name of a Rust test, which is what stands in such a file.
		if err := os.WriteFile(filepath.Join(folder, tool), nil, 0o666); err != nil {
			t.Fatal(err)
		}
	}
	t.Skip(tool + " is missing")
}
