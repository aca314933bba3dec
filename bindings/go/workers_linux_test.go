//go:build cgo

// The threads that make calls outside Go, counted by the kernel in a process of their own.

package chat_test

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"

	chat "github.com/tencent-chat/tencent-chat/bindings/go"
	"github.com/tencent-chat/tencent-chat/bindings/go/chattest"
)

// workers are the folders in which the kernel tells of each.
func workers(t *testing.T) (threads []string) {
	t.Helper()
	names, err := filepath.Glob("/proc/self/task/*/comm")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range names {
		if text, err := os.ReadFile(name); err == nil && string(text) == "tencent-chat-go\n" {
			threads = append(threads, filepath.Dir(name))
		}
	}
	return threads
}

func wantWorkers(t *testing.T, when string, count int) {
	t.Helper()
	for patience := time.Now().Add(10 * time.Second); len(workers(t)) != count; time.Sleep(5 * time.Millisecond) {
		if time.Now().After(patience) {
			t.Fatalf("%s: %d workers, not %d", when, len(workers(t)), count)
		}
	}
}

// blocks says whether a thread blocks a signal.
func blocks(t *testing.T, thread string, signal syscall.Signal) bool {
	t.Helper()
	status, err := os.ReadFile(thread + "/status")
	if err != nil {
		t.Fatal(err)
	}
	var blocked uint64
	fmt.Sscanf(string(status[bytes.Index(status, []byte("SigBlk:")):]), "SigBlk: %x", &blocked)
	return blocked>>(signal-1)&1 == 1
}

// pipes are those that this process has open.
func pipes(t *testing.T) (count int) {
	t.Helper()
	descriptors, err := filepath.Glob("/proc/self/fd/*")
	if err != nil {
		t.Fatal(err)
	}
	for _, descriptor := range descriptors {
		if to, err := os.Readlink(descriptor); err == nil && strings.HasPrefix(to, "pipe:") {
			count++
		}
	}
	return count
}

func TestACallTakesNoStepIntoC(t *testing.T) {
	client := chattest.Start(t).NewClient(unlimited)
	if steps := stepsIntoC(context.Background(), client); steps != 0 {
		t.Errorf("%d steps", steps)
	}
}

func TestAClientHasAWorkerForEachCallInsideAndEndsThem(t *testing.T) {
	if !alone(t) {
		return
	}
	chat.WorkersIdleAfter(300 * time.Millisecond)
	service := chattest.Start(t)
	before := pipes(t)
	client := service.NewClient(unlimited)
	wantWorkers(t, "before the first call", 0)
	service.Fault(chattest.Fault{Delay: 500 * time.Millisecond, Times: 12})
	done := make(chan struct{})
	go func() {
		defer close(done)
		atOnce(t, 12, func(int) error { return asked(client) })
	}()
	wantWorkers(t, "while 12 calls wait", 12)
	at := workers(t)
	<-done
	for _, worker := range at {
		if blocks(t, worker, syscall.SIGSEGV) || !blocks(t, worker, syscall.SIGTERM) {
			t.Error("a worker takes signals that are Go's, or not those of its own faults")
		}
	}
	wantWorkers(t, "a while after the last call", 0)
	if err := asked(client); err != nil {
		t.Error(err)
	}
	if count := len(workers(t)); count != 1 {
		t.Errorf("a call after that has %d workers", count)
	}
	client.Close()
	if count := len(workers(t)); count != 0 {
		t.Errorf("%d workers outlive their client", count)
	}
	if after := pipes(t); after != before {
		t.Errorf("%d pipes are open, %d before there was a client", after, before)
	}
}

func TestTheWorkersOfAClientThatIsOnlyDroppedEnd(t *testing.T) {
	if !alone(t) {
		return
	}
	service := chattest.Start(t)
	func() {
		client, err := chat.New(service.Config())
		if err != nil {
			t.Fatal(err)
		}
		if err := asked(client); err != nil {
			t.Error(err)
		}
	}()
	if count := len(workers(t)); count != 1 {
		t.Errorf("a call has %d workers", count)
	}
	for patience := time.Now().Add(10 * time.Second); len(workers(t)) > 0 && time.Now().Before(patience); time.Sleep(time.Millisecond) {
		runtime.GC()
	}
	wantWorkers(t, "after the collection", 0)
}

func TestACallIsMadeWhereNoDescriptorIsLeftForAWorker(t *testing.T) {
	if !alone(t) {
		return
	}
	service := chattest.Start(t)
	client := service.NewClient(unlimited)
	if err := asked(client); err != nil { // over a connection that is then kept
		t.Fatal(err)
	}
	runtime.GC()
	runtime.GC() // forgets with what the first call was told of its end
	var limit syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &limit); err != nil {
		t.Fatal(err)
	}
	whole := limit.Cur
	limit.Cur = 3
	if err := syscall.Setrlimit(syscall.RLIMIT_NOFILE, &limit); err != nil {
		t.Fatal(err)
	}
	steps := stepsIntoC(context.Background(), client)
	err := asked(client)
	limit.Cur = whole
	syscall.Setrlimit(syscall.RLIMIT_NOFILE, &limit)
	if err != nil || steps == 0 {
		t.Errorf("%v, %d steps into C", err, steps)
	}
}
