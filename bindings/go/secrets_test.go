//go:build cgo

// Secrets, sought in everything this package prints, returns or fails with.

package chat_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"time"

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

// logOf makes a client write its log, and gives what was written; nil where Go has no log/slog.
var logOf func(*chat.Client) func() string

// leaks are the faults that could carry a secret out: every ending, every kind of wrong answer, and
// answers that repeat the signature they were sent, as a careless gateway does.
func leaks(service *chattest.Service, signature string) []chattest.Fault {
	answer := func(status int, body string, headers ...string) chattest.Fault {
		fields := map[string]string{}
		for i := 0; i+1 < len(headers); i += 2 {
			fields[headers[i]] = headers[i+1]
		}
		return chattest.Fault{Answer: &chattest.Answer{Status: status, Headers: fields, Body: body}}
	}
	query := "/v4/recentcontact/del_contact_group?usersig=" + signature
	return []chattest.Fault{
		{Code: 70009}, {Code: 70001}, {Code: 50004}, {Code: 60007}, {Drop: "fin"}, {Drop: "reset"}, {Cut: 5}, {Hang: true}, {Delay: time.Millisecond},
		{Drop: "fin", Applied: true}, {Drop: "reset", Applied: true}, {Hang: true, Applied: true},
		{Code: 70003, Info: "the usersig is bad: " + signature},
		answer(502, "<html>"), answer(503, "", "Retry-After", "1"), answer(429, ""), answer(200, "no JSON"), answer(200, ""),
		answer(302, "", "Location", service.URL+"/elsewhere"),
		answer(302, "moved to "+query, "Location", service.URL+query),
		answer(307, "", "Location", "http://127.0.0.1:1"+query),
		answer(502, "<html>cannot reach "+query+"</html>"),
		answer(200, "no JSON but "+query),
		answer(200, `{"ActionStatus":"FAIL","ErrorCode":50002,"ErrorInfo":"bad request `+query+`"}`),
		answer(200, `{"ActionStatus":"OK","ErrorCode":0,"GroupItem":[{"GroupId":1,"GroupName":"`+signature+`"}]}`),
	}
}

func TestNoFaultBringsASecretIntoAnErrorAResponseALogOrACounter(t *testing.T) {
	t.Parallel()
	service := chattest.Start(t, "--proxy-port", "0", "--proxy-login", "user:"+canaryPassword)
	signature := sign(t, chattest.SecretKey, chattest.Identifier)
	credentials := map[string]func(*chat.Config){
		"key":       func(*chat.Config) {},
		"signature": func(c *chat.Config) { c.SecretKey, c.UserSig = chat.Secret{}, chat.NewSecret(signature) },
		"proxy": func(c *chat.Config) {
			c.Proxy = chat.NewSecret(strings.Replace(service.ProxyURL, "http://", "http://user:"+canaryPassword+"@", 1))
			c.SecretKey, c.UserSig = chat.Secret{}, chat.NewSecret(signature)
		},
		"refused proxy": func(c *chat.Config) {
			c.Proxy = chat.NewSecret(strings.Replace(service.ProxyURL, "http://", "http://other:"+canaryPassword+"@", 1))
		},
		"no CA": func(c *chat.Config) { c.CAFile = "" },
	}
	for name, change := range credentials {
		var attempts []chat.Attempt
		client := service.NewClient(func(c *chat.Config) { c.RateLimit = chat.NoRateLimit }, change, func(c *chat.Config) {
			c.AttemptHook = func(_ context.Context, attempt chat.Attempt) { attempts = append(attempts, attempt) }
		})
		written := func() string { return "" }
		if logOf != nil {
			written = logOf(client)
		}
		hidden := []string{chattest.SecretKey, canaryPassword}
		if name != "key" && name != "no CA" { // what those two send, the answers that repeat another signature do not know
			hidden = append(hidden, signature)
		}
		for _, fault := range leaks(service, signature) {
			service.ClearFaults()
			fault.Times = chattest.Forever
			service.Fault(fault)
			result, err := client.DelContactGroup(context.Background(), chattest.User, "none", chat.WithTimeout(150*time.Millisecond))
			texts := prints(err)
			var failure *chat.Error
			if errors.As(err, &failure) {
				texts = append(append(texts, prints(failure.Response)...), failure.Body, failure.Trace, fmt.Sprintf("%#v", failure))
			} else {
				texts = append(append(prints(*result.Response), prints(result)...), result.Body, result.Trace)
			}
			wantNoneOf(t, name, texts, hidden...)
		}
		wantNoneOf(t, name+"'s counters", append(prints(client.Stats()), client.Stats().Prometheus), append(hidden, "usersig")...)
		wantNoneOf(t, name+"'s attempts", prints(attempts), append(hidden, "usersig")...)
		if len(attempts) < len(leaks(service, signature)) {
			t.Errorf("%s: the hook was told of %d attempts", name, len(attempts))
		}
		text := written()
		wantNoneOf(t, name+"'s log", []string{text}, hidden...)
		if records := strings.Count(text, "\n"); logOf != nil && records != len(leaks(service, signature)) {
			t.Errorf("%s: %d records of %d calls: nothing was sought", name, records, len(leaks(service, signature)))
		}
	}
}

func TestTheSignatureMadeFromAKeyIsHiddenWhereAnAnswerRepeatsIt(t *testing.T) {
	var sent atomic.Value
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		sent.Store(r.URL.Query().Get("usersig"))
		w.WriteHeader(http.StatusBadGateway)
		fmt.Fprintf(w, "<html>no answer to %s</html>", r.URL)
	}))
	defer server.Close()
	client, err := chat.New(chat.Config{BaseURL: server.URL, SDKAppID: 1, Identifier: "administrator", SecretKey: chat.NewSecret(canaryKey)})
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	written := func() string { return "" }
	if logOf != nil {
		written = logOf(client)
	}
	_, err = client.DelContactGroup(context.Background(), "user", "group")
	failure := wantFailure(t, err, chat.ErrHTTPStatus, chat.CodeHTTPStatus)
	if !strings.Contains(failure.Body, "no answer to /v4") {
		t.Errorf("the answer is lost: %q", failure.Body)
	}
	texts := append(append(prints(err), prints(failure.Response)...), failure.Body, failure.Trace, written())
	wantNoneOf(t, "a gateway's answer", texts, sent.Load().(string), url.QueryEscape(sent.Load().(string)), canaryKey)
}
