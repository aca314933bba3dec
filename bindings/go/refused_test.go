//go:build cgo

// Configurations and arguments that cannot work: refused before a request, with a message that
// says what is accepted.

package chat_test

import (
	"context"
	"math"
	"strings"
	"testing"
	"time"

	chat "github.com/tencent-chat/tencent-chat/bindings/go"
	"github.com/tencent-chat/tencent-chat/bindings/go/chattest"
)

func TestAConfigurationThatCannotWorkSaysWhatIsMissing(t *testing.T) {
	key := chat.NewSecret("key")
	good := chat.Config{Region: "tokyo", SDKAppID: 1, Identifier: "administrator", SecretKey: key}
	cases := []struct {
		name   string
		change func(*chat.Config)
		word   string // in the message, in any case
	}{
		{"no place", func(c *chat.Config) { c.Region = "" }, "region"},
		{"both places", func(c *chat.Config) { c.BaseURL = "https://example.com" }, "base_url"},
		{"unknown region", func(c *chat.Config) { c.Region = "mumbai" }, "silicon_valley"},
		{"no app", func(c *chat.Config) { c.SDKAppID = 0 }, "sdk_app_id"},
		{"no identifier", func(c *chat.Config) { c.Identifier = "" }, "identifier"},
		{"long identifier", func(c *chat.Config) { c.Identifier = strings.Repeat("a", 33) }, "identifier"},
		{"no credential", func(c *chat.Config) { c.SecretKey = chat.Secret{} }, "secret_key"},
		{"both credentials", func(c *chat.Config) { c.UserSig = key }, "user_sig"},
		{"other proxy", func(c *chat.Config) { c.Proxy = chat.NewSecret("socks5://127.0.0.1:1") }, "socks5"},
		{"user agent with a line end", func(c *chat.Config) { c.UserAgent = "a\r\nX: y" }, "user_agent"},
		{"negative timeout", func(c *chat.Config) { c.Timeout = -1 }, "timeout"},
		{"endless timeout", func(c *chat.Config) { c.ConnectTimeout = math.MaxInt64 }, "timeout"},
		{"negative lifetime", func(c *chat.Config) { c.UserSigLifetime = -1 }, "lifetime"},
		{"negative connections", func(c *chat.Config) { c.MaxConnections = -1 }, "connections"},
	}
	for _, one := range cases {
		config := good
		one.change(&config)
		client, err := chat.New(config)
		if err == nil {
			client.Close()
			t.Errorf("%s: accepted", one.name)
			continue
		}
		failure, ok := err.(*chat.Error)
		if !ok || failure.Code >= 0 || !strings.Contains(strings.ToLower(failure.Message), one.word) {
			t.Errorf("%s: %v does not speak of %s", one.name, err, one.word)
		}
	}
}

func TestNULAndInvalidUTF8AreRefusedByNameWithoutARequest(t *testing.T) {
	service := chattest.Start(t)
	client := service.NewClient()
	uses := map[string]func(string) error{
		"fromAccount": func(s string) error { _, err := client.DelContactGroup(context.Background(), s, "one"); return err },
		"groupName": func(s string) error {
			_, err := client.DelContactGroup(context.Background(), "user_0001", s)
			return err
		},
		"path":      func(s string) error { _, err := client.Call(context.Background(), s, nil); return err },
		"key":       func(s string) error { return client.SetSecretKey(chat.NewSecret(s)) },
		"signature": func(s string) error { return client.SetUserSig(chat.NewSecret(s)) },
	}
	settings := map[string]func(*chat.Config, string){
		"Config.Region":     func(c *chat.Config, s string) { c.Region = s },
		"Config.BaseURL":    func(c *chat.Config, s string) { c.BaseURL = s },
		"Config.Identifier": func(c *chat.Config, s string) { c.Identifier = s },
		"Config.SecretKey":  func(c *chat.Config, s string) { c.SecretKey = chat.NewSecret(s) },
		"Config.UserSig":    func(c *chat.Config, s string) { c.UserSig = chat.NewSecret(s) },
		"Config.CAFile":     func(c *chat.Config, s string) { c.CAFile = s },
		"Config.AddCAFiles": func(c *chat.Config, s string) { c.AddCAFiles = []string{s} },
		"Config.Proxy":      func(c *chat.Config, s string) { c.Proxy = chat.NewSecret(s) },
		"Config.UserAgent":  func(c *chat.Config, s string) { c.UserAgent = s },
	}
	for name, set := range settings {
		set := set
		uses[name] = func(s string) error {
			config := service.Config()
			set(&config, s)
			_, err := chat.New(config)
			return err
		}
	}
	for name, use := range uses {
		for text, code := range map[string]chat.Code{"secret\x00tail": chat.CodeInvalidArgument, "secret\xff": chat.CodeInvalidUTF8} {
			failure := wantFailure(t, use(text), chat.ErrInvalidArgument, code)
			if !strings.Contains(failure.Message, name) || strings.Contains(failure.Message, "secret") {
				t.Errorf("%s: the message %q must name the argument and not repeat it", name, failure.Message)
			}
		}
	}
	if total := service.RequestsTotal(); total != 0 {
		t.Errorf("%d requests were sent", total)
	}
}

func TestAnInvalidUTF8BodyIsRefusedWithoutARequest(t *testing.T) {
	service := chattest.Start(t)
	_, err := service.NewClient().Call(context.Background(), createPath, []byte("{\"From_Account\":\"\xff\"}"))
	wantFailure(t, err, chat.ErrInvalidArgument, 0)
	if total := service.RequestsTotal(); total != 0 {
		t.Errorf("%d requests were sent", total)
	}
}

func TestEmptyArgumentsAreRefusedWithoutARequest(t *testing.T) {
	service := chattest.Start(t)
	client := service.NewClient()
	_, err := client.DelContactGroup(context.Background(), "", "one")
	wantFailure(t, err, chat.ErrInvalidArgument, chat.CodeInvalidArgument)
	_, err = client.DelContactGroup(context.Background(), "user_0001", "")
	wantFailure(t, err, chat.ErrInvalidArgument, chat.CodeInvalidArgument)
	if total := service.RequestsTotal(); total != 0 {
		t.Errorf("%d requests were sent", total)
	}
}

func TestANilContextIsRefused(t *testing.T) {
	var none context.Context
	_, err := chattest.Start(t).NewClient().DelContactGroup(none, "user_0001", "one")
	wantFailure(t, err, chat.ErrInvalidArgument, chat.CodeInvalidArgument)
}

func TestARefusedKeyLeavesTheOldOneInPlace(t *testing.T) {
	service := chattest.Start(t)
	client := service.NewClient()
	wantFailure(t, client.SetSecretKey(chat.Secret{}), chat.ErrInvalidArgument, 0)
	createGroup(t, client, "one")
}

func TestATimeoutBelowAMillisecondIsRoundedUpToOne(t *testing.T) {
	service := chattest.Start(t)
	service.Fault(chattest.Fault{Hang: true})
	client := service.NewClient(func(c *chat.Config) { c.Timeout = time.Nanosecond })
	_, err := client.DelContactGroup(context.Background(), chattest.User, "one")
	wantFailure(t, err, chat.ErrTimeout, chat.CodeTimeout)
}
