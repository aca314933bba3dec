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
		{"timeout past the longest, in its own unit", func(c *chat.Config) { c.Timeout = 1194 * time.Hour }, "the longest is 1193h2m47.295s"},
		{"lifetime past the longest, in its own unit", func(c *chat.Config) { c.UserSigLifetime = math.MaxInt64 }, "the longest is 1193046h28m15s"},
		{"long keep-alive", func(c *chat.Config) { c.TCPKeepAlive = 40000 * time.Second }, "tcp_keepalive"},
		{"certificate without its key", func(c *chat.Config) { c.ClientCertificateFile = "a.pem" }, "client_certificate"},
		{"two sets of authorities", func(c *chat.Config) { c.SystemCA, c.CAFile = true, "a.pem" }, "system_ca"},
		{"negative lifetime", func(c *chat.Config) { c.UserSigLifetime = -1 }, "lifetime"},
		{"negative attempt timeout", func(c *chat.Config) { c.AttemptTimeout = -1 }, "attempttimeout"},
		{"negative attempts", func(c *chat.Config) { c.MaxAttempts = -1 }, "maxattempts"},
		{"eleven attempts", func(c *chat.Config) { c.MaxAttempts = 11 }, "max_attempts"},
		{"negative rate", func(c *chat.Config) { c.RateLimit = -2 }, "ratelimit"},
		{"enormous rate", func(c *chat.Config) { c.RateLimit = 10001 }, "rate_limit"},
		{"shared limit elsewhere", func(c *chat.Config) { c.SharedLimit = chat.NewSecret("mars") }, "shared_limit"},
		{"negative fallback", func(c *chat.Config) { c.SharedLimitFallback = -1 }, "sharedlimitfallback"},
		{"fallback of nothing", func(c *chat.Config) { c.SharedLimitFallback = 1 }, "no shared_limit"},
		{"standby of a region without one", func(c *chat.Config) { c.Region, c.UseStandby = "riyadh", true }, "riyadh"},
		{"standby address of a region", func(c *chat.Config) { c.StandbyURL = "https://example.com" }, "standby_url"},
		{"region's standby of an address", func(c *chat.Config) { c.Region, c.BaseURL, c.UseStandby = "", "https://example.com", true }, "use_standby"},
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
		"newGroupName": func(s string) error {
			_, err := client.UpdateContactGroupName(background, "user_0001", "one", s)
			return err
		},
		"contacts[1].ID": func(s string) error {
			_, err := client.SearchContactGroup(background, "user_0001", []chat.Contact{peer, chat.GroupChat(s)})
			return err
		},
		"add[0].ID": func(s string) error {
			_, err := client.UpdateContactGroupContacts(background, "user_0001", "one", []chat.Contact{chat.OneToOne(s)}, nil)
			return err
		},
		"remove[0].ID": func(s string) error {
			_, err := client.UpdateContactGroupContacts(background, "user_0001", "one", nil, []chat.Contact{chat.OneToOne(s)})
			return err
		},
		"marks[0].Contact.ID": func(s string) error {
			_, err := client.MarkContact(background, "user_0001", []chat.Mark{{Contact: chat.OneToOne(s), Set: []int{32}}})
			return err
		},
		"marks[1].CustomMark": func(s string) error {
			_, err := client.MarkContact(background, "user_0001", []chat.Mark{{Contact: peer, Set: []int{32}}, {Contact: peer, CustomMark: &s}})
			return err
		},
		"contact.ID": func(s string) error {
			_, err := client.RecentContactDelete(background, "user_0001", chat.OneToOne(s), false)
			return err
		},
		"account.UserID": func(s string) error {
			_, err := client.AccountImport(background, chat.Account{UserID: s})
			return err
		},
		"account.Nick": func(s string) error {
			_, err := client.AccountImport(background, chat.Account{UserID: "a", Nick: &s})
			return err
		},
		"account.FaceURL": func(s string) error {
			_, err := client.AccountImport(background, chat.Account{UserID: "a", FaceURL: &s})
			return err
		},
		"accounts[0].UserID": func(s string) error {
			_, err := client.MultiaccountImport(background, []chat.Account{{UserID: s}})
			return err
		},
		"accounts[0].Nick": func(s string) error {
			_, err := client.MultiaccountImport(background, []chat.Account{{UserID: "a", Nick: &s}})
			return err
		},
		"accounts[1].FaceURL": func(s string) error {
			_, err := client.MultiaccountImport(background, []chat.Account{{UserID: "a"}, {UserID: "b", FaceURL: &s}})
			return err
		},
		"userIDs[1]": func(s string) error { _, err := client.AccountDelete(background, []string{"a", s}); return err },
		"path":       func(s string) error { _, err := client.Call(context.Background(), s, nil); return err },
		"key":        func(s string) error { return client.SetSecretKey(chat.NewSecret(s)) },
		"signature":  func(s string) error { return client.SetUserSig(chat.NewSecret(s)) },
	}
	settings := map[string]func(*chat.Config, string){
		"Config.Region":          func(c *chat.Config, s string) { c.Region = s },
		"Config.BaseURL":         func(c *chat.Config, s string) { c.BaseURL = s },
		"Config.StandbyURL":      func(c *chat.Config, s string) { c.StandbyURL = s },
		"Config.Identifier":      func(c *chat.Config, s string) { c.Identifier = s },
		"Config.SecretKey":       func(c *chat.Config, s string) { c.SecretKey = chat.NewSecret(s) },
		"Config.UserSig":         func(c *chat.Config, s string) { c.UserSig = chat.NewSecret(s) },
		"Config.CAFile":          func(c *chat.Config, s string) { c.CAFile = s },
		"Config.AddCAFiles":      func(c *chat.Config, s string) { c.AddCAFiles = []string{s} },
		"Config.Proxy":           func(c *chat.Config, s string) { c.Proxy = chat.NewSecret(s) },
		"Config.UserAgent":       func(c *chat.Config, s string) { c.UserAgent = s },
		"Config.SharedLimit":     func(c *chat.Config, s string) { c.SharedLimit = chat.NewSecret(s) },
		"Config.SharedLimitName": func(c *chat.Config, s string) { c.SharedLimitName = s },
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

// accounted are the calls that begin with the UserID of whom they are about.
func accounted(client *chat.Client) map[string]func(fromAccount string) error {
	return map[string]func(string) error{
		"CreateContactGroup": func(s string) error { _, err := client.CreateContactGroup(background, s, "one", nil); return err },
		"UpdateContactGroupName": func(s string) error {
			_, err := client.UpdateContactGroupName(background, s, "one", "two")
			return err
		},
		"UpdateContactGroupContacts": func(s string) error {
			_, err := client.UpdateContactGroupContacts(background, s, "one", []chat.Contact{peer}, nil)
			return err
		},
		"DelContactGroup": func(s string) error { _, err := client.DelContactGroup(background, s, "one"); return err },
		"MarkContact": func(s string) error {
			_, err := client.MarkContact(background, s, []chat.Mark{{Contact: peer, Set: []int{32}}})
			return err
		},
		"SearchContactGroup": func(s string) error {
			_, err := client.SearchContactGroup(background, s, []chat.Contact{peer})
			return err
		},
		"GetContactGroup": func(s string) error { _, err := client.GetContactGroup(background, s, 0); return err },
		"RecentContactGetList": func(s string) error {
			_, err := client.RecentContactGetList(background, s, chat.RecentContactCursor{}, chat.AssistFlags)
			return err
		},
		"RecentContactDelete": func(s string) error { _, err := client.RecentContactDelete(background, s, peer, false); return err },
	}
}

func TestANilContextIsRefused(t *testing.T) {
	var none context.Context
	_, err := chattest.Start(t).NewClient().DelContactGroup(none, "user_0001", "one")
	wantFailure(t, err, chat.ErrInvalidArgument, chat.CodeInvalidArgument)
}

func TestATimeoutBelowAMillisecondIsRoundedUpToOne(t *testing.T) {
	service := chattest.Start(t)
	service.Fault(chattest.Fault{Hang: true})
	client := service.NewClient(func(c *chat.Config) { c.Timeout = time.Nanosecond })
	_, err := client.DelContactGroup(context.Background(), chattest.User, "one")
	wantFailure(t, err, chat.ErrTimeout, chat.CodeTimeout)
}

func TestOptionsOutOfRangeAreRefusedByNameWithoutARequest(t *testing.T) {
	service := chattest.Start(t)
	client := service.NewClient()
	for word, option := range map[string]chat.CallOption{
		"WithMaxAttempts is 0":        chat.WithMaxAttempts(0),
		"WithMaxAttempts is -1":       chat.WithMaxAttempts(-1),
		"max_attempts":                chat.WithMaxAttempts(11),
		"WithAttemptTimeout is 0s":    chat.WithAttemptTimeout(0),
		"WithConnectTimeout is -1s":   chat.WithConnectTimeout(-time.Second),
		"WithTimeout is -1ns; give a": chat.WithTimeout(-1),
		"at most 1193h2m47.295s":      chat.WithConnectTimeout(1194 * time.Hour),
	} {
		_, err := client.DelContactGroup(background, chattest.User, "none", option)
		if failure := wantFailure(t, err, chat.ErrInvalidArgument, chat.CodeInvalidArgument); !strings.Contains(failure.Message, word) {
			t.Errorf("%q does not say %q", failure.Message, word)
		}
	}
	if total := service.RequestsTotal(); total != 0 {
		t.Errorf("%d requests were sent", total)
	}
}

func TestBitsOutsideAMarkAreRefusedByNameWithoutARequest(t *testing.T) {
	service := chattest.Start(t)
	client := service.NewClient()
	good := chat.Mark{Contact: peer, Set: []int{0, 63}}
	for _, one := range []struct {
		mark chat.Mark
		word string
	}{
		{chat.Mark{Contact: peer, Set: []int{32, 64}}, "marks[1].Set holds 64"},
		{chat.Mark{Contact: peer, Set: []int{-1}}, "marks[1].Set holds -1"},
		{chat.Mark{Contact: peer, Clear: []int{1 << 32}}, "marks[1].Clear holds 4294967296"},
		{chat.Mark{Contact: peer, Set: []int{7}, Clear: []int{7}}, "marks[1]: bit 7 is both"},
		{chat.Mark{Contact: peer}, "marks[1]: nothing to do"},
		{chat.Mark{Contact: peer, CustomMark: chat.String(strings.Repeat("x", 257))}, "marks[1]: custom_mark has 257 bytes"},
	} {
		_, err := client.MarkContact(background, "user_0001", []chat.Mark{good, one.mark})
		if failure := wantFailure(t, err, chat.ErrInvalidArgument, chat.CodeInvalidArgument); !strings.Contains(failure.Message, one.word) {
			t.Errorf("%q does not say %q", failure.Message, one.word)
		}
	}
	if total := service.RequestsTotal(); total != 0 {
		t.Errorf("%d requests were sent", total)
	}
	mark(t, client, good)
}

func TestAUserSigForAUserIsMadeAndOpened(t *testing.T) {
	key := chat.NewSecret(chattest.SecretKey)
	sig, err := chat.NewUserSig(chattest.SDKAppID, "ユーザー", key, time.Hour)
	if err != nil {
		t.Fatal(err)
	}
	told, err := chat.InspectUserSig(sig, chattest.SDKAppID, key)
	if err != nil || !told.IsValid || told.Identifier != "ユーザー" || told.PrivateMap != nil || !*told.KeyMatches || !*told.AppMatches {
		t.Errorf("%+v, %v", told, err)
	}
	allowed := chat.PrivateMap{StringRoomID: "会議室", PrivilegeMap: 3}
	room, err := chat.NewPrivateMapKey(chattest.SDKAppID, "u", key, time.Hour, allowed)
	if err != nil {
		t.Fatal(err)
	}
	told, err = chat.InspectUserSig(room, 1, chat.NewSecret("another"))
	if err != nil || told.IsValid || *told.KeyMatches || *told.AppMatches || told.PrivateMap == nil || *told.PrivateMap != allowed {
		t.Errorf("%+v, %v", told, err)
	}
	for says, make := range map[string]func() (chat.Secret, error){
		"identifier is empty": func() (chat.Secret, error) { return chat.NewUserSig(1, "", key, time.Hour) },
		"lifetime_s: 0":       func() (chat.Secret, error) { return chat.NewUserSig(1, "u", key, 0) },
		"which room":          func() (chat.Secret, error) { return chat.NewPrivateMapKey(1, "u", key, time.Hour, chat.PrivateMap{}) },
	} {
		_, err := make()
		wantFailure(t, err, chat.ErrInvalidArgument, chat.CodeInvalidArgument)
		if err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%v, want %q", err, says)
		}
	}
}

func TestACodeWithoutANamePrintsItsNumber(t *testing.T) {
	if got := chat.Code(99999).String(); got != "99999" {
		t.Errorf("prints %s", got)
	}
}

func TestCallsWhoseItemsBelongTogetherRefuseToBeSplit(t *testing.T) {
	service := chattest.Start(t)
	client := service.NewClient()
	many := people("p", 101)
	for name, call := range map[string]func() error{
		"CreateContactGroup": func() error {
			_, err := client.CreateContactGroup(background, "user_0001", "one", many, chat.Split())
			return err
		},
		"UpdateContactGroupContacts": func() error {
			_, err := client.UpdateContactGroupContacts(background, "user_0001", "one", many, nil, chat.Split())
			return err
		},
		"UpdateContactGroupName": func() error {
			_, err := client.UpdateContactGroupName(background, "user_0001", "one", "two", chat.Split())
			return err
		},
		"Call": func() error { _, err := client.Call(background, createPath, nil, chat.Split()); return err },
		"Items": func() error {
			items := client.ContactGroupItems("user_0001", chat.Split())
			items.Next(background)
			return items.Err()
		},
	} {
		if failure := wantFailure(t, call(), chat.ErrInvalidArgument, chat.CodeInvalidArgument); !strings.Contains(failure.Message, "SearchContactGroup") {
			t.Errorf("%s: %s", name, failure.Message)
		}
	}
	if total := service.RequestsTotal(); total != 0 {
		t.Errorf("%d requests were sent", total)
	}
}
