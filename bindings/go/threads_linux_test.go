//go:build cgo

// OS threads, counted by the kernel in a process of their own, before those that are not needed end.

package chat_test

import (
	"os"
	"testing"
	"time"

	chat "github.com/tencent-chat/tencent-chat/bindings/go"
	"github.com/tencent-chat/tencent-chat/bindings/go/chattest"
)

func TestAThousandGoroutinesLeaveFewerThan64OSThreads(t *testing.T) {
	if !alone(t, "GOMAXPROCS=4") { // the runtime's own threads grow with the machine
		return
	}
	service := chattest.Start(t)
	service.Fault(chattest.Fault{Delay: 20 * time.Millisecond, Times: chattest.Forever})
	client := service.NewClient(func(c *chat.Config) { c.Timeout = time.Minute })
	atOnce(t, 1000, func(int) error { return asked(client) })
	tasks, err := os.ReadDir("/proc/self/task")
	if err != nil {
		t.Fatal(err)
	}
	if len(tasks) >= 64 {
		t.Errorf("1000 calls left %d OS threads", len(tasks))
	}
}
