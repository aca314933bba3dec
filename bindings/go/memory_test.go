//go:build cgo

// Native memory: what calls take they give back.

package chat_test

import (
	"context"
	"strings"
	"testing"

	chat "github.com/tencent-chat/tencent-chat/bindings/go"
	"github.com/tencent-chat/tencent-chat/bindings/go/chattest"
	"github.com/tencent-chat/tencent-chat/bindings/go/internal/nativeheap"
)

func TestCallsAndClientsGiveBackNativeMemory(t *testing.T) {
	if nativeheap.InUse() == 0 {
		t.Skip("this C library does not tell what malloc handed out")
	}
	service := chattest.Start(t)
	client := service.NewClient(func(c *chat.Config) { c.BaseURL, c.CAFile = service.URL, "" })
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	cases := []struct {
		name   string
		rounds int
		once   func()
	}{
		// refused in the library: strings, options, token and response, without a request
		{"a refused call", 20000, func() { client.DelContactGroup(ctx, "user", strings.Repeat("n", 65), chat.WithRandom(1)) }},
		{"a refused generic call", 20000, func() { client.Call(ctx, "nowhere", map[string]int{"a": 1}) }},
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
		{"a group made and deleted", 1000, func() {
			client.Call(ctx, createPath, creation("one"))
			client.DelContactGroup(ctx, chattest.User, "one")
		}},
	}
	for _, one := range cases {
		for i := 0; i < one.rounds/4; i++ {
			one.once()
		}
		before := nativeheap.InUse()
		for i := 0; i < one.rounds; i++ {
			one.once()
		}
		// The smallest block of malloc is 24 bytes; half of one a round is caches and pools.
		if grown := nativeheap.InUse() - before; grown > 12*one.rounds {
			t.Errorf("%s: %d rounds left %d bytes with C", one.name, one.rounds, grown)
		}
	}
}
