//go:build cgo

// A library of another version where the loader looks first, as after half an upgrade: refused by a program that loads its library,
// and without effect on one that carries it. The loader's search path is Linux's, hence the file's name.

package chat_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	chat "github.com/tencent-chat/tencent-chat/bindings/go"
)

const asChild = "CHAT_TEST_WITH_ANOTHER_LIBRARY"

// carried tells whether the library is a part of this program.
func carried(t *testing.T) bool {
	t.Helper()
	program, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	one, err := os.Stat(program)
	if err != nil {
		t.Fatal(err)
	}
	// A program without a loader, as of musl, cannot say where a function of its own is from.
	if chat.LibraryFile() == "" {
		return true
	}
	other, err := os.Stat(chat.LibraryFile())
	return err == nil && os.SameFile(one, other)
}

func TestALibraryOfAnotherVersionIsRefusedClearlyOrWithoutEffect(t *testing.T) {
	if os.Getenv(asChild) != "" {
		_, err := chat.New(chat.Config{Region: "tokyo"})
		fmt.Println(chat.Version(), err)
		return
	}
	skipUnderEmulation(t)
	folder := t.TempDir()
	buildOtherLibrary(t, folder)
	program, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	child := exec.Command(program, "-test.run", "^"+t.Name()+"$")
	child.Env = append(os.Environ(), asChild+"=1", "LD_LIBRARY_PATH="+folder)
	output, err := child.CombinedOutput()
	if err != nil {
		t.Fatalf("%v: %s", err, output)
	}
	if carried(t) {
		if !strings.HasPrefix(string(output), chat.Version()+" ") || strings.Contains(string(output), "9.8.7") {
			t.Errorf("the carried library was replaced:\n%s", output)
		}
	} else if !strings.Contains(string(output), "9.8.7") || !strings.Contains(string(output), folder) {
		t.Errorf("the message must name the version and the file:\n%s", output)
	}
}

// buildOtherLibrary makes a library of version 9.8.7 with the same names and the same soname.
func buildOtherLibrary(t *testing.T, folder string) {
	t.Helper()
	text, err := os.ReadFile(header)
	if err != nil {
		t.Fatal(err)
	}
	source := "const char *chat_version(void) { return \"9.8.7\"; }\n"
	seen := map[string]bool{"chat_version": true}
	for _, match := range regexp.MustCompile(`\b(chat_\w+)\(`).FindAllStringSubmatch(string(text), -1) {
		if !seen[match[1]] {
			seen[match[1]] = true
			source += "void " + match[1] + "(void) {}\n"
		}
	}
	file := filepath.Join(folder, "other.c")
	if err := os.WriteFile(file, []byte(source), 0o600); err != nil {
		t.Fatal(err)
	}
	compiler, _, err := goCommand(nil, "env", "CC")
	if err != nil {
		t.Fatal(err)
	}
	soname := "libtencent_chat.so." + chat.Version()[:strings.LastIndex(chat.Version(), ".")] // the file a loader asks for
	output, err := exec.Command(strings.TrimSpace(compiler), "-shared", "-fPIC", "-Wl,-soname,"+soname, "-o", filepath.Join(folder, soname), file).CombinedOutput()
	if err != nil {
		t.Fatalf("%v: %s", err, output)
	}
}
