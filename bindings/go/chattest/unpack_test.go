//go:build cgo

// The carried emulator: run without anything said or installed, whole for many at once, and a clear word where it has no place.

package chattest

import (
	"bytes"
	"compress/gzip"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	chat "github.com/tencent-chat/tencent-chat/bindings/go"
)

func packed(t *testing.T, program []byte) []byte {
	t.Helper()
	var out bytes.Buffer
	writer := gzip.NewWriter(&out)
	if _, err := writer.Write(program); err != nil {
		t.Fatal(err)
	}
	if err := writer.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// carry makes this test one of a module that carries such a program, with a cache of its own.
func carry(t *testing.T, program []byte) (cache string) {
	t.Helper()
	before := carriedProgram
	t.Cleanup(func() { carriedProgram = before })
	carriedProgram, cache = program, t.TempDir()
	t.Setenv("CHAT_EMULATOR", "")
	t.Setenv("XDG_CACHE_HOME", cache)
	return cache
}

func TestACarriedEmulatorRunsWithNothingInstalled(t *testing.T) {
	installed, err := findProgram(chat.LibraryFile())
	if err != nil {
		t.Fatal(err)
	}
	program, err := os.ReadFile(installed)
	if err != nil {
		t.Fatal(err)
	}
	carry(t, packed(t, program))
	for range [2]int{} { // unpacked, and found unpacked
		path, err := findProgram("")
		if err != nil {
			t.Fatal(err)
		}
		t.Setenv("CHAT_EMULATOR", path)
		create(t, Start(t), "group")
		t.Setenv("CHAT_EMULATOR", "")
	}
}

func TestManyTestsUnpackOneWholeProgram(t *testing.T) {
	want := append([]byte("#!/bin/sh\nexit 0\n#"), bytes.Repeat([]byte("x"), 1<<20)...)
	cache := carry(t, packed(t, want))
	var all sync.WaitGroup
	for i := 0; i < 16; i++ {
		all.Add(1)
		go func() {
			defer all.Done()
			path, err := findProgram("")
			if err != nil {
				t.Error(err)
				return
			}
			if got, err := os.ReadFile(path); err != nil || !bytes.Equal(got, want) {
				t.Errorf("%s has %d bytes (%v), want %d", path, len(got), err, len(want))
			}
		}()
	}
	all.Wait()
	left, err := os.ReadDir(filepath.Join(cache, "tencent-chat"))
	if err != nil || len(left) != 1 {
		t.Errorf("left in the cache: %v, %v", left, err)
	}
}

func TestAnotherReleasesEmulatorDoesNotStandInForThisOne(t *testing.T) {
	carry(t, packed(t, []byte("#!/bin/sh\necho one\n")))
	one, err := findProgram("")
	if err != nil {
		t.Fatal(err)
	}
	carriedProgram = packed(t, []byte("#!/bin/sh\necho two\n"))
	two, err := findProgram("")
	if err != nil || one == two {
		t.Fatalf("%s and %s, %v", one, two, err)
	}
	for path, want := range map[string]string{one: "one\n", two: "two\n"} {
		if said, err := os.ReadFile(path); err != nil || !strings.HasSuffix(string(said), want) {
			t.Errorf("%s says %q, %v", path, said, err)
		}
	}
}

func TestACacheThatCannotBeWrittenIsToldWithTheWayOut(t *testing.T) {
	cache := carry(t, packed(t, []byte("#!/bin/sh\n")))
	if err := os.WriteFile(filepath.Join(cache, "tencent-chat"), nil, 0o600); err != nil { // a file where the folder goes
		t.Fatal(err)
	}
	if _, err := findProgram(""); err == nil || !strings.Contains(err.Error(), "XDG_CACHE_HOME") || !strings.Contains(err.Error(), "CHAT_EMULATOR") {
		t.Errorf("got %v", err)
	}
	t.Setenv("XDG_CACHE_HOME", "")
	t.Setenv("HOME", "")
	if _, err := findProgram(""); err == nil || !strings.Contains(err.Error(), "HOME") || !strings.Contains(err.Error(), "CHAT_EMULATOR") {
		t.Errorf("without a home: %v", err)
	}
}

func TestABrokenPackageLeavesNothingBehind(t *testing.T) {
	whole := packed(t, bytes.Repeat([]byte("x"), 1<<16))
	cache := carry(t, whole[:len(whole)-9])
	if path, err := findProgram(""); err == nil {
		t.Errorf("found %s", path)
	}
	left, err := os.ReadDir(filepath.Join(cache, "tencent-chat"))
	if err != nil || len(left) != 0 {
		t.Errorf("left in the cache: %v, %v", left, err)
	}
}
