//go:build cgo

// Native memory: what calls and iterations take they give back.

package chat_test

import (
	"context"
	"math"
	"runtime"
	"strings"
	"testing"
	"time"

	chat "github.com/tencent-chat/tencent-chat/bindings/go"
	"github.com/tencent-chat/tencent-chat/bindings/go/chattest"
	"github.com/tencent-chat/tencent-chat/bindings/go/internal/nativeheap"
)

// exactly is glibc's malloc without the cache of each thread, which it counts as handed out: a
// program whose goroutines move between threads seems to grow for minutes.
const exactly = "GLIBC_TUNABLES=glibc.malloc.tcache_count=0"

// countedExactly says whether this process counts so; if not, it runs the test in one that does.
func countedExactly(t *testing.T) bool {
	t.Helper()
	if nativeheap.InUse() == 0 {
		skipWithout(t, "glibc 2.33") // tells what malloc handed out
	}
	return alone(t, exactly)
}

// settled is what C holds once the collector has had its turns. A pool lets go of what it keeps in
// the second of them (under the race detector it drops a quarter at once), and a finalizer, which
// frees it in C, runs after the one that found its object.
func settled() int {
	for i := 0; i < 3; i++ {
		runtime.GC()
		time.Sleep(20 * time.Millisecond)
	}
	return nativeheap.InUse()
}

// givesBack wants rounds to leave nothing with C. A new thread takes memory for good, more than some
// of these rounds may; a leak is in every window.
func givesBack(t *testing.T, name string, rounds int, once func()) {
	t.Helper()
	for i := 0; i < rounds/4; i++ {
		once()
	}
	least := math.MaxInt
	for window := 0; window < 4 && least > 12*rounds; window++ { // the smallest block of malloc is 24 bytes
		before := settled()
		for i := 0; i < rounds; i++ {
			once()
		}
		if grown := settled() - before; grown < least {
			least = grown
		}
	}
	if least > 12*rounds {
		t.Errorf("%s: %d rounds left at least %d bytes with C", name, rounds, least)
	}
}

func TestIterationsGiveBackNativeMemoryHoweverTheyEnd(t *testing.T) {
	if !countedExactly(t) {
		return
	}
	service, _ := paged(t)
	client := service.NewClient(func(c *chat.Config) { c.BaseURL, c.CAFile, c.RateLimit = service.URL, "", chat.NoRateLimit })
	first := func() *chat.Items[chat.ContactGroupEntry] {
		items := client.ContactGroupItems("user_0001")
		if !items.Next(background) {
			t.Fatal(items.Err())
		}
		return items
	}
	for name, once := range map[string]func(){
		"closed early": func() { first().Close() },
		"to the end": func() {
			for items := first(); items.Next(background); {
			}
		},
		"dropped": func() { first() },
	} {
		givesBack(t, name, 100, once)
	}
}

func TestCallsAndClientsGiveBackNativeMemory(t *testing.T) {
	if !countedExactly(t) {
		return
	}
	service := chattest.Start(t)
	client := service.NewClient(func(c *chat.Config) { c.BaseURL, c.CAFile, c.RateLimit = service.URL, "", chat.NoRateLimit })
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	many := people("p", 40)
	many[39].ID = "" // refused
	cases := []struct {
		name   string
		rounds int
		once   func()
	}{
		// refused in the library: strings, options, token and response, without a request
		{"a refused call", 20000, func() { client.DelContactGroup(ctx, "user", strings.Repeat("n", 65), chat.WithRandom(1)) }},
		{"a refused generic call", 20000, func() { client.Call(ctx, "nowhere", map[string]int{"a": 1}) }},
		{"a refused list of contacts", 5000, func() { client.SearchContactGroup(ctx, "user", many, chat.Split()) }},
		{"a refused list of marks", 5000, func() { client.MarkContact(ctx, "user", marksOf(many)) }},
		{"a refused list of accounts", 5000, func() {
			client.MultiaccountImport(ctx, []chat.Account{{UserID: "a", Nick: chat.String("n"), FaceURL: chat.String("f")}, {}})
		}},
		{"a refused update", 5000, func() { client.UpdateContactGroupContacts(ctx, "user", "", many[:39], many[:39]) }},
		{"a snapshot of the counters", 5000, func() { client.Stats() }},
		{"a call with every option", 5000, func() {
			client.DelContactGroup(ctx, "user", "", chat.WithTimeout(time.Second), chat.WithAttemptTimeout(time.Second), chat.WithConnectTimeout(time.Second),
				chat.WithMaxAttempts(2), chat.WithRepeatInDoubt(true), chat.WithRandom(1))
		}},
		{"a call with refused options", 5000, func() { client.DelContactGroup(ctx, "user", "one", chat.WithMaxAttempts(11)) }},
		{"a new key", 20000, func() { client.SetSecretKey(chat.NewSecret(chattest.SecretKey)) }},
		{"a refused configuration", 20000, func() { chat.New(chat.Config{Region: "nowhere"}) }},
		{"a client", 2000, func() {
			short, err := chat.New(chat.Config{Region: "tokyo", SDKAppID: 1, Identifier: "administrator", SecretKey: chat.NewSecret("key")})
			if err != nil {
				t.Fatal(err)
			}
			short.Close()
		}},
		{"an answered call", 1000, func() { client.DelContactGroup(ctx, chattest.User, "none") }},
		{"an answered search", 500, func() { client.SearchContactGroup(ctx, chattest.User, []chat.Contact{peer}) }},
		{"an account that is not there", 500, func() { client.AccountDelete(ctx, []string{"nobody"}) }},
		{"a mark", 500, func() { client.MarkContact(ctx, chattest.User, marksOf([]chat.Contact{peer})) }},
		{"a group made and deleted", 1000, func() {
			client.Call(ctx, createPath, creation("one"))
			client.DelContactGroup(ctx, chattest.User, "one")
		}},
	}
	for _, one := range cases {
		givesBack(t, one.name, one.rounds, one.once)
	}
}
