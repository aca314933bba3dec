//go:build cgo

// OS threads, counted by the kernel in a process of their own, before those that are not needed end.

package chat_test

import (
	"errors"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	chat "github.com/tencent-chat/tencent-chat/bindings/go"
	"github.com/tencent-chat/tencent-chat/bindings/go/chattest"
)

func TestAThousandGoroutinesLeaveFewerThan64OSThreads(t *testing.T) {
	const alone = "GOMAXPROCS" // set: this is that process; the runtime's own threads grow with the machine
	if os.Getenv(alone) != "4" {
		child := exec.Command(os.Args[0], "-test.run=^"+t.Name()+"$", "-test.count=1", "-test.v")
		child.Env = append(os.Environ(), alone+"=4")
		output, err := child.CombinedOutput()
		if err != nil || !strings.Contains(string(output), "--- PASS: "+t.Name()) {
			t.Errorf("%v\n%s", err, output)
		}
		return
	}
	service := chattest.Start(t)
	service.Fault(chattest.Fault{Delay: 20 * time.Millisecond, Times: chattest.Forever})
	client := service.NewClient(func(c *chat.Config) { c.Timeout = time.Minute })
	atOnce(t, 1000, func(int) error {
		if err := removeNone(client); !errors.Is(err, chat.ErrGroupNotFound) {
			return err
		}
		return nil
	})
	tasks, err := os.ReadDir("/proc/self/task")
	if err != nil {
		t.Fatal(err)
	}
	if len(tasks) >= 64 {
		t.Errorf("1000 calls left %d OS threads", len(tasks))
	}
}
