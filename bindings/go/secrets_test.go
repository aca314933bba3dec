//go:build cgo

// Secrets, sought in everything this package prints, returns or fails with.

package chat_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"

	chat "github.com/tencent-chat/tencent-chat/bindings/go"
	"github.com/tencent-chat/tencent-chat/bindings/go/chattest"
)

const (
	canaryKey      = "canary-key-0123456789abcdef"
	canaryPassword = "canary-password"
)

var verbs = []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d"}

// holder keeps a Config where fmt may not call its methods.
type holder struct {
	config  chat.Config
	secret  chat.Secret
	Pointer *chat.Config
	Inner   chat.Config
}

// prints gives all the ways to print a value.
func prints(value any) (all []string) {
	for _, verb := range verbs {
		all = append(all, fmt.Sprintf(verb, value))
	}
	if text, err := json.Marshal(value); err == nil {
		all = append(all, string(text))
	}
	return all
}

func wantNoneOf(t *testing.T, what string, texts []string, secrets ...string) {
	t.Helper()
	for _, text := range texts {
		for _, secret := range secrets {
			if strings.Contains(text, secret) || strings.Contains(text, fmt.Sprintf("%x", secret)) {
				t.Errorf("%s shows a secret: %s", what, text)
			}
		}
	}
}

func canaryConfig() chat.Config {
	return chat.Config{
		BaseURL: "https://user:" + canaryPassword + "@chat.example.com", SDKAppID: 1, Identifier: "administrator",
		SecretKey: chat.NewSecret(canaryKey), UserSig: chat.NewSecret("canary-signature"),
		StandbyURL:  "https://user:" + canaryPassword + "@standby.example.com",
		Proxy:       chat.NewSecret("http://user:" + canaryPassword + "@proxy:3128"),
		SharedLimit: chat.NewSecret("redis://user:" + canaryPassword + "@redis:6379"),
	}
}

func TestAConfigNeverPrintsItsSecrets(t *testing.T) {
	config := canaryConfig()
	for _, value := range []any{config, &config, config.SecretKey, &config.SecretKey, []chat.Config{config}, map[string]chat.Config{"a": config},
		struct{ Config chat.Config }{config}} {
		wantNoneOf(t, fmt.Sprintf("%T", value), prints(value), canaryKey, canaryPassword, "canary-signature")
	}
	if text := fmt.Sprintf("%+v", config); !strings.Contains(text, "administrator") || !strings.Contains(text, "[redacted]") {
		t.Errorf("prints nothing useful: %s", text)
	}
}

func TestAConfigInAnUnexportedFieldDoesNotPrintItsKey(t *testing.T) {
	config := canaryConfig()
	config.BaseURL, config.StandbyURL = "https://chat.example.com", "" // a plain string: fmt would show a password in it here
	value := holder{config, config.SecretKey, &config, config}
	wantNoneOf(t, "holder", append(prints(value), prints(&value)...), canaryKey, canaryPassword, "canary-signature")
}

func TestASecretCanBeReadFromJSONButNotFromARedactedOne(t *testing.T) {
	var config chat.Config
	if err := json.Unmarshal([]byte(`{"Region":"tokyo","SecretKey":"`+canaryKey+`"}`), &config); err != nil || config.SecretKey.Reveal() != canaryKey {
		t.Fatalf("read %v: %v", config.SecretKey.IsSet(), err)
	}
	text, err := json.Marshal(config)
	if err != nil {
		t.Fatal(err)
	}
	wantNoneOf(t, "JSON", []string{string(text)}, canaryKey)
	var failure *chat.Error
	if err := json.Unmarshal(text, &config); !errors.As(err, &failure) || failure.Code != chat.CodeConfig {
		t.Errorf("a redacted configuration was accepted: %v", err)
	}
}

func TestAClientPrintsWhatItIsAndNoSecret(t *testing.T) {
	service := chattest.Start(t)
	client := service.NewClient()
	texts := append(prints(client), prints(struct{ client *chat.Client }{client})...)
	wantNoneOf(t, "client", texts, chattest.SecretKey)
	if want := fmt.Sprintf("chat.Client(%s, SDKAppID 1400000000, administrator)", service.TLSURL); client.String() != want {
		t.Errorf("prints %s, want %s", client, want)
	}
}

func TestRefusedConfigurationsDoNotRepeatSecrets(t *testing.T) {
	changes := []func(*chat.Config){
		func(c *chat.Config) { c.BaseURL, c.UserSig = "https://chat.example.com", chat.Secret{} }, // the standby's login
		func(*chat.Config) {},
		func(c *chat.Config) { c.BaseURL = ""; c.Region = "tokyo" },
		func(c *chat.Config) { c.UserSig = chat.Secret{}; c.Proxy = chat.Secret{} },
		func(c *chat.Config) {
			c.BaseURL = "https://chat.example.com"
			c.UserSig = chat.Secret{}
			c.Identifier = ""
		},
		func(c *chat.Config) {
			c.BaseURL, c.UserSig = "https://chat.example.com", chat.Secret{}
			c.Proxy = chat.NewSecret("ftp://user:" + canaryPassword + "@proxy")
		},
		func(c *chat.Config) {
			c.BaseURL, c.UserSig = "https://chat.example.com", chat.Secret{}
			c.Proxy = chat.NewSecret("http://user:" + canaryPassword + "@proxy:99999")
		},
	}
	for i, change := range changes {
		config := canaryConfig()
		change(&config)
		_, err := chat.New(config)
		if err == nil {
			t.Errorf("configuration %d was accepted", i)
			continue
		}
		wantNoneOf(t, "error", prints(err), canaryKey, canaryPassword, "canary-signature")
	}
}
