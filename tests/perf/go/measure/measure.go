// Package measure is what every Go client of the bench shares: its arguments, its goroutines, its clocks and the one line that it
// prints. The same protocol as clients/client.h.
package measure

import (
	"fmt"
	"os"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"
)

// The delete that every client sends, and the deadline that every client sets.
const (
	User     = "user_0001"
	Group    = "group_0001"
	Body     = `{"From_Account":"user_0001","GroupName":["group_0001"]}`
	Deadline = 10 * time.Second
	warmUp   = 20
)

// Run is one run's arguments.
type Run struct {
	URL      string // up to and with `&random=`
	CAFile   string // empty: none
	Routines int
	calls    int
	bursts   int
}

// Check ends the program unless err is nil.
func Check(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// Arguments reads URL CA_FILE GOROUTINES CALLS [BURSTS].
func Arguments() Run {
	if len(os.Args) < 5 || len(os.Args) > 6 {
		Check(fmt.Errorf("usage: PROGRAM URL CA_FILE GOROUTINES CALLS [BURSTS]"))
	}
	numbers := [3]int{}
	for i, text := range os.Args[3:] {
		n, err := strconv.Atoi(text)
		Check(err)
		numbers[i] = n
	}
	return Run{URL: os.Args[1], CAFile: os.Args[2], Routines: numbers[0], calls: numbers[1], bursts: numbers[2]}
}

// Base is scheme, host and port.
func (r Run) Base() string { return r.URL[:strings.Index(r.URL, "/v4/")] }

// cpu is the user and system time of this process.
func cpu() time.Duration {
	var used syscall.Rusage
	Check(syscall.Getrusage(syscall.RUSAGE_SELF, &used))
	return time.Duration(used.Utime.Nano() + used.Stime.Nano())
}

// Measure runs the calls and prints the line. worker is asked once by each goroutine for the function that makes one call, which
// ends the program unless the call succeeds.
func (r Run) Measure(worker func() func()) {
	var ready, done sync.WaitGroup
	start := make(chan struct{})
	bursts := make([]sync.WaitGroup, r.bursts+1)
	for i := range bursts {
		bursts[i].Add(r.Routines)
	}
	ready.Add(r.Routines)
	done.Add(r.Routines)
	for i := 0; i < r.Routines; i++ {
		go func() {
			defer done.Done()
			call := worker()
			for n := 0; r.bursts == 0 && n < warmUp; n++ {
				call()
			}
			ready.Done()
			<-start
			for n := 0; n < r.calls; n++ {
				call()
			}
			for n := 0; n < r.bursts; n++ {
				call()
				bursts[n].Done()
				bursts[n].Wait()
			}
		}()
	}
	ready.Wait()
	used, began := cpu(), time.Now()
	close(start)
	done.Wait()
	wall := time.Since(began)
	used = cpu() - used
	calls := r.Routines * (r.calls + r.bursts)
	fmt.Printf("{\"calls\":%d,\"cpu_us\":%d,\"wall_us\":%d}\n", calls, used.Microseconds(), wall.Microseconds())
}
