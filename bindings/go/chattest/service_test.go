//go:build cgo

// The promises of this package: found by three ways, ended with the test, controls that act.

package chattest

import (
	"context"
	"encoding/json"
	"errors"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	chat "github.com/tencent-chat/tencent-chat/bindings/go"
)

// once makes one attempt of each call, so that a fault is seen and not survived.
func once(c *chat.Config) { c.MaxAttempts = 1 }

func remove(service *Service, group string) error {
	client := service.NewClient(once)
	_, err := client.DelContactGroup(context.Background(), User, group)
	return err
}

func create(t *testing.T, service *Service, group string) {
	t.Helper()
	body := map[string]any{"From_Account": User, "GroupContactItem": []any{map[string]any{"GroupName": group}}}
	if _, err := service.NewClient().Call(context.Background(), "v4/recentcontact/create_contact_group", body); err != nil {
		t.Fatal(err)
	}
}

// aProgram writes one that does nothing.
func aProgram(t *testing.T, folder string) string {
	t.Helper()
	program := filepath.Join(folder, programName)
	if err := os.MkdirAll(folder, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(program, []byte("#!/bin/sh\n"), 0o700); err != nil {
		t.Fatal(err)
	}
	return program
}

func TestTheProgramIsFoundByItsVariableBesideTheLibraryInTheModuleThenOnPATH(t *testing.T) {
	home := t.TempDir()
	named, beside, onPath := aProgram(t, filepath.Join(home, "named")), aProgram(t, filepath.Join(home, "bin")), aProgram(t, filepath.Join(home, "path"))
	library := filepath.Join(home, "lib", "libtencent_chat.so.0.1")
	t.Setenv("PATH", filepath.Dir(onPath))
	cache := carry(t, packed(t, []byte("#!/bin/sh\n")))
	wantProgram := func(library, want string) {
		t.Helper()
		if found, err := findProgram(library); err != nil || !strings.HasPrefix(found, want) {
			t.Errorf("found %s, %v; want %s", found, err, want)
		}
	}
	wantProgram(library, beside)
	wantProgram("", filepath.Join(cache, "tencent-chat", programName))
	t.Setenv("CHAT_EMULATOR", named)
	wantProgram(library, named)
	t.Setenv("CHAT_EMULATOR", "")
	carriedProgram = nil
	wantProgram("", onPath)
	t.Setenv("PATH", home)
	if _, err := findProgram(""); err == nil || !strings.Contains(err.Error(), "make install") {
		t.Errorf("a missing program is told so: %v", err)
	}
}

func TestTheProgramIsSoughtBesideTheLibraryAndInBin(t *testing.T) {
	places := placesBeside(filepath.Join("prefix", "lib", "libtencent_chat.so.0.1"))
	want := []string{filepath.Join("prefix", "lib", "chat-emulator"), filepath.Join("prefix", "bin", "chat-emulator")}
	if len(places) != 2 || places[0] != want[0] || places[1] != want[1] {
		t.Errorf("sought in %v, want %v", places, want)
	}
}

func TestAMissingProgramIsToldWithTheWayToGetIt(t *testing.T) {
	t.Setenv("CHAT_EMULATOR", filepath.Join(t.TempDir(), "nothing"))
	if _, err := Run(); err == nil || !strings.Contains(err.Error(), "CHAT_EMULATOR") {
		t.Errorf("got %v", err)
	}
}

func TestAProgramThatIsNoEmulatorIsToldWithWhatItWrote(t *testing.T) {
	fake := filepath.Join(t.TempDir(), "fake")
	if err := os.WriteFile(fake, []byte("#!/bin/sh\necho broken >&2\nexit 3\n"), 0o700); err != nil {
		t.Fatal(err)
	}
	t.Setenv("CHAT_EMULATOR", fake)
	if _, err := Run(); err == nil || !strings.Contains(err.Error(), "ready line") {
		t.Errorf("got %v", err)
	}
}

func TestFlagsReachTheProgramAndItsRefusalIsTold(t *testing.T) {
	if _, err := Run("--no-such-flag"); err == nil || !strings.Contains(err.Error(), "--no-such-flag") {
		t.Errorf("got %v", err)
	}
	service := Start(t, "--name-limit", "32")
	if limit := service.Settings().NameLimit; limit != 32 {
		t.Errorf("name limit %d, want 32", limit)
	}
}

func TestTheEmulatorEndsWithItsTest(t *testing.T) {
	var address, folder string
	t.Run("inner", func(t *testing.T) {
		service := Start(t)
		address, folder = strings.TrimPrefix(service.URL, "http://"), filepath.Dir(service.CAFile)
	})
	if connection, err := net.Dial("tcp", address); err == nil {
		connection.Close()
		t.Errorf("%s still answers", address)
	}
	if _, err := os.Stat(folder); !os.IsNotExist(err) {
		t.Errorf("%s is still there: %v", folder, err)
	}
}

func TestTwoEmulatorsDoNotSeeEachOther(t *testing.T) {
	one, two := Start(t), Start(t)
	create(t, one, "group")
	if err := remove(two, "group"); !errors.Is(err, chat.ErrGroupNotFound) {
		t.Errorf("the second knows the first's group: %v", err)
	}
	if err := remove(one, "group"); err != nil {
		t.Error(err)
	}
	if total := two.RequestsTotal(); total != 1 {
		t.Errorf("%d requests, want 1", total)
	}
}

func TestAFaultPlaysAsOftenAndAsLateAsAsked(t *testing.T) {
	service := Start(t)
	service.Fault(Fault{Code: 50004, Times: 2, Skip: 1, Path: "v4/recentcontact/del_contact_group"})
	want := []bool{false, true, true, false}
	for i, faulty := range want {
		if err := remove(service, "none"); errors.Is(err, chat.ErrServiceUnavailable) != faulty {
			t.Errorf("call %d: %v", i, err)
		}
	}
	service.Fault(Fault{Code: 50004, Times: Forever})
	for i := 0; i < 3; i++ {
		if err := remove(service, "none"); !errors.Is(err, chat.ErrServiceUnavailable) {
			t.Errorf("for ever ended after %d: %v", i, err)
		}
	}
	service.ClearFaults()
	if err := remove(service, "none"); !errors.Is(err, chat.ErrGroupNotFound) {
		t.Errorf("after clearing: %v", err)
	}
}

func TestAFaultOfNoKindOrTwoKindsIsRefused(t *testing.T) {
	for _, fault := range []Fault{{}, {Code: 1, Hang: true}, {Cut: 1, Play: "drip"}, {Code: 1, Times: -2}} {
		if text, err := json.Marshal(fault); err == nil {
			t.Errorf("accepted as %s", text)
		}
	}
}

func TestPlaysAndPlacesAreThoseOfTheEmulator(t *testing.T) {
	service := Start(t)
	for name, fault := range map[string]Fault{
		"drip":               {Play: "drip", With: map[string]any{"ms": 1, "bytes": 50}},
		"html_502":           {Play: "html_502"},
		"drop reset at body": {Drop: "reset", At: "body"},
	} {
		service.Reset()
		service.Fault(fault)
		remove(service, "none") // fails in one way or another
		if met := service.Requests()[0].Fault; met == nil {
			t.Errorf("%+v: the first call met no fault", fault)
		} else if *met != name {
			t.Errorf("%+v is logged as %s, want %s", fault, *met, name)
		}
	}
}

func TestAnAppliedFaultChangesTheState(t *testing.T) {
	service := Start(t)
	create(t, service, "group")
	service.Fault(Fault{Applied: true, Drop: "reset"})
	if err := remove(service, "group"); err == nil {
		t.Error("the answer was not lost")
	}
	seen := service.Requests()
	if last := seen[len(seen)-1]; !last.Applied || last.Status != nil || last.Answer != nil {
		t.Errorf("logged as %+v", last)
	}
	if err := remove(service, "group"); !errors.Is(err, chat.ErrGroupNotFound) {
		t.Errorf("the lost call was not applied: %v", err)
	}
}

func TestTheLogTellsWhatWasSentAndHidesTheSignature(t *testing.T) {
	service := Start(t)
	create(t, service, "group")
	seen := service.Requests()
	if len(seen) != 1 {
		t.Fatalf("%d requests", len(seen))
	}
	one := seen[0]
	if one.Number != 1 || one.Method != "POST" || one.Listener != "https" || !one.Applied || one.Status == nil || *one.Status != 200 || one.Code == nil || *one.Code != 0 {
		t.Errorf("logged as %+v", one)
	}
	if _, shown := one.Query["usersig"]; shown || len(one.Query["usersig_sha256"]) != 12 {
		t.Errorf("query %v", one.Query)
	}
	service.ForgetRequests()
	if left := len(service.Requests()); left != 0 {
		t.Errorf("%d requests are left", left)
	}
}

func TestResetAndStateBringGroupsBack(t *testing.T) {
	service := Start(t)
	create(t, service, "group")
	state := service.State()
	service.Reset()
	if err := remove(service, "group"); !errors.Is(err, chat.ErrGroupNotFound) {
		t.Errorf("after a reset: %v", err)
	}
	service.LoadState(state)
	if err := remove(service, "group"); err != nil {
		t.Errorf("after loading the state: %v", err)
	}
}

func TestAListOfConversationsIsWhatWasSetLast(t *testing.T) {
	service := Start(t)
	create(t, service, "kept")
	client := service.NewClient()
	for _, list := range [][]Conversation{{{Type: 1, ID: "a", MsgTime: 1}, {Type: 2, ID: "@g", MsgTime: 2, Pinned: true}}, {{Type: 1, ID: "b", MsgTime: 3}}, nil} {
		service.SetConversations(User, list...)
		page, err := client.RecentContactGetList(context.Background(), User, chat.RecentContactCursor{}, chat.AssistFlags)
		if err != nil || len(page.Contacts) != len(list) {
			t.Errorf("set %v, the list has %+v: %v", list, page, err)
		}
	}
	if err := remove(service, "kept"); err != nil {
		t.Errorf("the user's groups are gone: %v", err)
	}
}

func TestTheListOfAnUnknownUserIsRefused(t *testing.T) {
	service, err := Run()
	if err != nil {
		t.Fatal(err)
	}
	defer service.Close()
	defer func() {
		if told := recover(); told == nil || !strings.Contains(told.(error).Error(), "nobody is not imported") {
			t.Errorf("got %v", told)
		}
	}()
	service.SetConversations("nobody")
}

func TestEverySettingActs(t *testing.T) {
	service := Start(t)
	client := service.NewClient(once)
	ctx := context.Background()
	list := []chat.Contact{chat.OneToOne("a"), chat.OneToOne("b"), chat.GroupChat("@g")}
	make := func() error { _, err := client.CreateContactGroup(ctx, User, "group", list); return err }
	page := func() (*chat.GetContactGroupResult, error) { return client.GetContactGroup(ctx, User, 0) }
	for name, one := range map[string]struct {
		change func(*Settings)
		acts   func() bool
	}{
		"plan":       {func(s *Settings) { s.Plan = false }, func() bool { return errors.Is(make(), chat.ErrFeatureNotInPlan) }},
		"name limit": {func(s *Settings) { s.NameLimit = 32 }, func() bool { return errors.Is(remove(service, strings.Repeat("n", 33)), chat.ErrGroupNameTooLong) }},
		"page size": {func(s *Settings) { s.PageSize = 2 }, func() bool {
			err := make()
			first, _ := page()
			return err == nil && len(first.Contacts) == 2 && !first.Complete
		}},
		"cloud conversations": {func(s *Settings) { s.CloudConversations = 2 }, func() bool {
			err := make()
			first, _ := page()
			return err == nil && len(first.Contacts) == 2 && first.Complete
		}},
		"list page size": {func(s *Settings) { s.ListPageSize = 1 }, func() bool {
			service.SetConversations(User, Conversation{Type: 1, ID: "a", MsgTime: 1}, Conversation{Type: 1, ID: "b", MsgTime: 1})
			first, err := client.RecentContactGetList(ctx, User, chat.RecentContactCursor{}, chat.AssistFlags)
			return err == nil && len(first.Contacts) == 1 && !first.Complete
		}},
		"dismissed groups": {func(s *Settings) { s.DismissedGroups = []string{"@g"} }, func() bool {
			partial := errors.Is(make(), chat.ErrPartial)
			service.Change(func(s *Settings) { s.DismissedGroups = nil })
			return partial && remove(service, "group") == nil && make() == nil
		}},
		"key on file": {func(s *Settings) { s.KeyOnFile = false }, func() bool { return strings.Contains(make().Error(), "70016") }},
		"rate limit": {func(s *Settings) { s.RateLimit, s.RateWindow = 1, "sliding" }, func() bool {
			return !errors.Is(make(), chat.ErrRateExceeded) && errors.Is(make(), chat.ErrRateExceeded)
		}},
	} {
		service.Reset()
		service.Change(one.change)
		if !one.acts() {
			t.Errorf("%s does not act", name)
		}
	}
}

func TestRatesCountEachCommand(t *testing.T) {
	service := Start(t)
	for i := 0; i < 3; i++ {
		remove(service, "none")
	}
	rates := service.Rates()
	if rate := rates["v4/recentcontact/del_contact_group"]; rate.Calls != 3 || rate.LargestSecond < 1 || rate.LargestSecond > 3 {
		t.Errorf("counted %+v", rates)
	}
}

func TestTheClockAndRevocationActOnSignatures(t *testing.T) {
	service := Start(t)
	client := service.NewClient(func(c *chat.Config) { c.UserSigLifetime = time.Hour })
	call := func() error {
		_, err := client.DelContactGroup(context.Background(), User, "none")
		return err
	}
	service.ShiftClock(48 * time.Hour)
	if err := call(); !errors.Is(err, chat.ErrUserSig) {
		t.Errorf("two days later: %v", err)
	}
	service.RealClock()
	if err := call(); !errors.Is(err, chat.ErrGroupNotFound) {
		t.Errorf("back today: %v", err)
	}
	service.FreezeClock(time.Unix(4000000000, 0))
	if err := call(); !errors.Is(err, chat.ErrUserSig) {
		t.Errorf("in 2096: %v", err)
	}
	service.Reset()
	if err := call(); !errors.Is(err, chat.ErrGroupNotFound) {
		t.Errorf("after a reset: %v", err)
	}
	service.Revoke(Identifier)
	before := len(service.Requests())
	if err := call(); !errors.Is(err, chat.ErrGroupNotFound) {
		t.Errorf("after a revocation the library signs anew, yet %v", err)
	}
	if tried := len(service.Requests()) - before; tried != 2 {
		t.Errorf("%d attempts after a revocation, want 2", tried)
	}
}

func TestARefusalOfTheEmulatorIsToldByAPanicWithoutATest(t *testing.T) {
	service, err := Run()
	if err != nil {
		t.Fatal(err)
	}
	defer service.Close()
	defer func() {
		if told := recover(); told == nil || !strings.Contains(told.(error).Error(), "/state") {
			t.Errorf("got %v", told)
		}
	}()
	service.LoadState(json.RawMessage(`[]`))
}
