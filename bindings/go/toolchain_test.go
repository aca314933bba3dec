//go:build cgo

// What a user's own go command does with this module: runs the sample, builds without cgo.

package chat_test

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"testing"

	chat "github.com/tencent-chat/tencent-chat/bindings/go"
	"github.com/tencent-chat/tencent-chat/bindings/go/chattest"
)

// header is the C header: the repository's own, or the one that a released module carries.
var header = func() string {
	const repositorys = "../../include/tencent_chat.h"
	if _, err := os.Stat(repositorys); err == nil {
		return repositorys
	}
	return "include/tencent_chat.h"
}()

// goCommand runs the go tool with additions to the environment.
func goCommand(environment []string, arguments ...string) (stdout, stderr string, err error) {
	command := exec.Command("go", arguments...)
	command.Env = append(os.Environ(), environment...)
	var out, errs bytes.Buffer
	command.Stdout, command.Stderr = &out, &errs
	err = command.Run()
	return out.String(), errs.String(), err
}

func TestTheSampleTellsItsStory(t *testing.T) {
	told := chattest.Start(t)
	again := removeNone(chattest.Start(t).NewClient()).(*chat.Error)
	wrongKey := removeNone(chattest.Start(t).NewClient(func(c *chat.Config) { c.SecretKey = chat.NewSecret(strings.Repeat("0", 64)) })).(*chat.Error)
	want := fmt.Sprintf("created 設計会議 (GroupId 1)\ndeleted 設計会議 (GroupId 1)\nagain: 51009 %s\nwrong key: 70009 %s\n", again.Message, wrongKey.Message)

	stdout, stderr, err := goCommand(nil, "run", "./samples/delete_group", told.TLSURL, told.CAFile)
	if err != nil || stderr != "" {
		t.Fatalf("%v: %s", err, stderr)
	}
	if stdout != want {
		t.Errorf("it says\n%swant\n%s", stdout, want)
	}
	told.Reset()
	if stdout, stderr, err = goCommand(nil, "run", "./samples/delete_group", told.URL); err != nil || stdout != want {
		t.Errorf("over HTTP, without a CA file, it says\n%s%s%v", stdout, stderr, err)
	}
}

func TestTheLongSampleTellsItsStory(t *testing.T) {
	told := chattest.Start(t)
	_, err := chattest.Start(t).NewClient().AccountDelete(background, []string{chattest.User, "nobody"})
	var partial *chat.PartialError
	if !errors.As(err, &partial) {
		t.Fatal(err)
	}
	want := `imported 3 users
created 同僚 (GroupId 1), conversations: 2
created 家族 (GroupId 2), conversations: 1
moved user_1002 from 同僚 to 家族
marked user_1003
user_1002: groups 家族; marks -; custom -
user_1003: groups 家族; marks 100000000000000000000000000000000; custom vip
3 conversations in groups, complete
renamed 家族 to 親族 (GroupId 2)
deleted 同僚 (GroupId 1)
deleted 親族 (GroupId 2)
partial: -15 ` + partial.Failure.Message + "\n"
	for _, place := range [][]string{{told.TLSURL, told.CAFile}, {told.URL}} {
		told.Reset()
		stdout, stderr, err := goCommand(nil, append([]string{"run", "./samples/organise_groups"}, place...)...)
		if err != nil || stderr != "" || stdout != want {
			t.Errorf("%v, %v: it says\n%s%swant\n%s", place, err, stdout, stderr, want)
		}
	}
	told.Change(func(s *chattest.Settings) { s.Plan = false })
	if _, stderr, err := goCommand(nil, "run", "./samples/organise_groups", told.URL); err == nil || !strings.Contains(stderr, "51013") {
		t.Errorf("without the plan it ends with %v and says %s", err, stderr)
	}
}

func TestTheSampleFailsWithTheReason(t *testing.T) {
	service := chattest.Start(t)
	service.Change(func(s *chattest.Settings) { s.Plan = false })
	_, stderr, err := goCommand(nil, "run", "./samples/delete_group", service.URL)
	if err == nil || !strings.Contains(stderr, "51013") {
		t.Errorf("ended with %v and says %s", err, stderr)
	}
}

func TestWithoutCgoTheCompilerRefusesWithWordsAndATagTakesTheStub(t *testing.T) {
	without := []string{"CGO_ENABLED=0"}
	stdout, stderr, err := goCommand(without, "build", "./...")
	if err == nil || !strings.Contains(stderr, "needs_cgo__build_with_CGO_ENABLED_1") || strings.Count(stderr, "undefined") != 1 {
		t.Errorf("go build: %v\n%s%s", err, stdout, stderr)
	}
	if stdout, stderr, err := goCommand(without, "vet", "-tags", "chat_nocgo", "./..."); err != nil {
		t.Errorf("go vet: %v\n%s%s", err, stdout, stderr)
	}
	stdout, stderr, err = goCommand(without, "test", "-tags", "chat_nocgo", "-count=1", "-v", ".")
	if err != nil || !strings.Contains(stdout, "--- PASS: TestWithoutCgoNewSaysWhatIsMissing") {
		t.Errorf("go test: %v\n%s%s", err, stdout, stderr)
	}
}

func TestTheReadmeShowsTestedCode(t *testing.T) {
	readme, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	var tested strings.Builder
	for _, file := range []string{"example_test.go", "example_go121_test.go", "items_test.go", "bulk_test.go", "items_go123.go", "samples/delete_group/main.go", "samples/organise_groups/main.go", "chattest/example_test.go"} {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		tested.WriteString(flat(string(text)))
	}
	blocks := regexp.MustCompile("(?s)```go\n(.*?)```").FindAllStringSubmatch(string(readme), -1)
	if len(blocks) == 0 {
		t.Fatal("README.md shows no Go")
	}
	for _, block := range blocks {
		if !strings.Contains(tested.String(), flat(block[1])) {
			t.Errorf("not in a tested file:\n%s", block[1])
		}
	}
}

// flat drops indentation, so that a block may stand at another depth.
func flat(text string) string {
	lines := strings.Split(text, "\n")
	for i := range lines {
		lines[i] = strings.TrimSpace(lines[i])
	}
	return strings.Join(lines, "\n")
}

func TestVersionIsTheHeadersVersion(t *testing.T) {
	text, err := os.ReadFile(header)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(text), `"`+chat.Version()+`"`) {
		t.Errorf("the library is %s; the header says otherwise", chat.Version())
	}
	if !strings.Contains(chat.LibraryFile(), "libtencent_chat.so") && !carried(t) {
		t.Errorf("loaded from %q", chat.LibraryFile())
	}
}

func TestCodesAreExplainedInTheLibrarysWords(t *testing.T) {
	for _, code := range []chat.Code{chat.CodeTimeout, chat.CodeServiceGroupNotFound, 99999} {
		if text := code.Explain(); len(text) < 10 || text == code.String() {
			t.Errorf("%d is explained as %q", code, text)
		}
	}
}
