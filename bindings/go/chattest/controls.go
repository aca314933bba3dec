// The emulator's controls, over its admin port: faults, the request log, settings, clock and
// state. Names follow the admin port's JSON; its rules are the emulator's own.

package chattest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"time"

	chat "github.com/tencent-chat/tencent-chat/bindings/go"
)

// Fault changes how the emulator answers some of the next calls. Give exactly one of Code,
// Delay, Hang, Drop, Answer, Cut and Play; the emulator's guide has all plays and places.
type Fault struct {
	Path    string // only calls of this path, "v4/recentcontact/del_contact_group"; "": any
	Times   int    // how many calls; left out: one; Forever: until cleared (times 0 of the admin port)
	Skip    int    // how many calls to let pass first
	Applied bool   // carry the call out first: "applied, but the answer was lost"

	Code   int           // answer FAIL with this ErrorCode
	Info   string        // and this ErrorInfo
	Delay  time.Duration // answer normally, later (whole milliseconds)
	Hang   bool          // never answer
	Drop   string        // close without an answer: "fin" or "reset"
	Answer *Answer       // answer with this instead
	Cut    int           // send this many bytes of the body, then close
	Play   string        // one of the emulator's plays, such as "drip" or "html_502"

	At   string         // the place of a Drop or a Hang, such as "accept" or "body"; "": "answer"
	With map[string]any // the numbers of a Play or a place, such as {"ms": 20, "bytes": 1}
}

// Forever as Fault.Times plays a fault until ClearFaults or Reset.
const Forever = -1

// Answer is a raw HTTP answer.
type Answer struct {
	Status  int               `json:"status"`
	Headers map[string]string `json:"headers,omitempty"`
	Body    string            `json:"body"`
}

// MarshalJSON writes the fault as the admin port wants it.
func (f Fault) MarshalJSON() ([]byte, error) {
	fault := map[string]any{"times": f.Times, "skip": f.Skip, "applied": f.Applied}
	switch f.Times {
	case 0:
		fault["times"] = 1
	case Forever:
		fault["times"] = 0
	default:
		if f.Times < 0 {
			return nil, fmt.Errorf("chattest: Fault.Times is a number from 1, or Forever; this is %d", f.Times)
		}
	}
	for name, value := range f.With {
		fault[name] = value
	}
	if f.At != "" {
		fault["at"] = f.At
	}
	if f.Path != "" {
		fault["path"] = f.Path
	}
	kinds := 0
	set := func(given bool, name string, value any) {
		if given {
			fault[name] = value
			kinds++
		}
	}
	set(f.Code != 0, "code", f.Code)
	set(f.Delay != 0, "delay_ms", f.Delay.Milliseconds())
	set(f.Hang, "hang", true)
	set(f.Drop != "", "drop", f.Drop)
	set(f.Answer != nil, "answer", f.Answer)
	set(f.Cut != 0, "cut", f.Cut)
	set(f.Play != "", "play", f.Play)
	if kinds != 1 {
		return nil, fmt.Errorf("chattest: a Fault needs exactly one of Code, Delay, Hang, Drop, Answer, Cut and Play; this has %d", kinds)
	}
	if f.Info != "" {
		fault["info"] = f.Info
	}
	return json.Marshal(fault)
}

// Request is one entry of the emulator's log. The signature is not in it: Query holds the
// first digits of its SHA-256 as usersig_sha256, to tell signatures apart.
type Request struct {
	Number     int64             `json:"number"`
	TimeMS     int64             `json:"time_ms"`  // Unix milliseconds of arrival
	Listener   string            `json:"listener"` // "http" or "https"
	Connection int64             `json:"connection"`
	HTTP       string            `json:"http"`
	Method     string            `json:"method"`
	Path       string            `json:"path"`
	Query      map[string]string `json:"query"`
	Headers    map[string]string `json:"headers"` // names in lower case
	Body       string            `json:"body"`
	Applied    bool              `json:"applied"`
	Status     *int              `json:"status"` // nil: nothing was answered
	Code       *int              `json:"code"`
	Answer     *string           `json:"answer"`
	Fault      *string           `json:"fault"`
}

// Settings are switches of the emulator that a test may change while it runs.
type Settings struct {
	Plan               bool     `json:"plan"`                // false: calls about groups and marks answer 51013
	PlanCoversReads    bool     `json:"plan_covers_reads"`   // whether that holds for reads, too
	MarkZero           string   `json:"mark_zero"`           // which character of a StandardMark is mark 0: "rightmost" or "leftmost"
	WrongRegion        bool     `json:"wrong_region"`        // every call is answered as by another data centre
	AccountLimit       int      `json:"account_limit"`       // accounts in all, 70398 above; 0: no limit
	NameLimit          int      `json:"name_limit"`          // bytes of a group name: 64, or 32 as before April 2026
	PageSize           int      `json:"page_size"`           // conversations in one answer of get_contact_group
	ListPageSize       int      `json:"list_page_size"`      // conversations in one answer of get_list
	CloudConversations int      `json:"cloud_conversations"` // what the two give in all, as the plan has it
	DismissedGroups    []string `json:"dismissed_groups"`    // chat groups that answer ResultCode 51007
	NonAdminCode       int      `json:"non_admin_code"`      // 50003, or the gateway's 60010
	LockOut            bool     `json:"lock_out"`            // 70050 after five refused signatures
	KeyOnFile          bool     `json:"key_on_file"`         // false: 70016
	RateLimit          int      `json:"rate_limit"`          // calls a second of each command, 60007 above; 0: no limit
	RateWindow         string   `json:"rate_window"`         // "fixed" or "sliding"
}

// Conversation is one conversation of a user's list, as SetConversations puts it there.
type Conversation struct {
	Type    chat.ContactType `json:"type"`
	ID      string           `json:"id"`
	MsgTime int64            `json:"msg_time"` // Unix seconds, 1 or more
	Pinned  bool             `json:"pinned"`
}

// Rate is how often one command was called, whatever it was answered.
type Rate struct {
	LargestSecond int   `json:"largest_second"` // the most calls that arrived within any one second
	Calls         int64 `json:"calls"`
}

// Connect is one CONNECT that the proxy saw.
type Connect struct {
	Authority     string `json:"authority"` // host:port
	LoginAccepted bool   `json:"login_accepted"`
}

// Fault adds faults; they play in the order given.
func (s *Service) Fault(faults ...Fault) { s.ask("POST", "/faults", faults, nil) }

// ClearFaults removes all faults; calls that hang are let go.
func (s *Service) ClearFaults() { s.ask("DELETE", "/faults", nil, nil) }

// Requests gives the log, oldest first.
func (s *Service) Requests() []Request {
	log := s.log()
	return log.Requests
}

// RequestsTotal counts the requests since the start or the last Reset.
func (s *Service) RequestsTotal() int64 { return s.log().Total }

type requestLog struct {
	Total    int64     `json:"total"`
	Requests []Request `json:"requests"`
}

func (s *Service) log() (log requestLog) {
	s.ask("GET", "/log", nil, &log)
	return log
}

// ForgetRequests empties the log.
func (s *Service) ForgetRequests() { s.ask("DELETE", "/log", nil, nil) }

// AwaitRequests waits until the log holds n requests, answered or not, and gives them.
func (s *Service) AwaitRequests(n int) []Request {
	for end := time.Now().Add(startLimit); ; time.Sleep(2 * time.Millisecond) {
		requests := s.Requests()
		if len(requests) >= n {
			return requests
		}
		if time.Now().After(end) {
			s.fail(fmt.Errorf("chattest: %d requests after %v, waited for %d", len(requests), startLimit, n))
		}
	}
}

// Rates tells, by path, how often each command was called since the start or the last Reset.
func (s *Service) Rates() (rates map[string]Rate) {
	s.ask("GET", "/rates", nil, &rates)
	return rates
}

// Reset brings state, faults, log, clock, revocations and settings back to the start.
func (s *Service) Reset() { s.ask("POST", "/reset", nil, nil) }

// Settings gives the switches.
func (s *Service) Settings() (settings Settings) {
	s.ask("GET", "/settings", nil, &settings)
	return settings
}

// Change changes switches: service.Change(func(s *chattest.Settings) { s.Plan = false }).
func (s *Service) Change(change func(*Settings)) {
	settings := s.Settings()
	change(&settings)
	if settings.DismissedGroups == nil {
		settings.DismissedGroups = []string{}
	}
	s.ask("PUT", "/settings", settings, nil)
}

// FreezeClock stops the emulator's clock at now.
func (s *Service) FreezeClock(now time.Time) {
	s.ask("PUT", "/clock", map[string]int64{"now": now.Unix()}, nil)
}

// ShiftClock lets the emulator's clock run ahead of the real one, or behind it (whole seconds).
func (s *Service) ShiftClock(by time.Duration) {
	s.ask("PUT", "/clock", map[string]int64{"offset_s": int64(by / time.Second)}, nil)
}

// RealClock undoes FreezeClock and ShiftClock.
func (s *Service) RealClock() { s.ask("PUT", "/clock", struct{}{}, nil) }

// Revoke makes every signature of identifier that was seen so far answer 70052.
func (s *Service) Revoke(identifier string) {
	s.ask("POST", "/revoke", map[string]string{"identifier": identifier}, nil)
}

// State gives the whole state as JSON; LoadState takes it back.
func (s *Service) State() (state json.RawMessage) {
	s.ask("GET", "/state", nil, &state)
	return state
}

// LoadState replaces the whole state.
func (s *Service) LoadState(state json.RawMessage) { s.ask("PUT", "/state", state, nil) }

// SetConversations replaces the conversation list of an imported user: no call adds to it, only
// messages do, and the emulator has none.
func (s *Service) SetConversations(user string, conversations ...Conversation) {
	list, err := json.Marshal(append([]Conversation{}, conversations...))
	if err != nil {
		s.fail(err)
	}
	var state map[string]map[string]map[string]json.RawMessage // accounts, by UserID, by member
	s.ask("GET", "/state", nil, &state)
	if state["accounts"][user] == nil {
		s.fail(fmt.Errorf("chattest: %s is not imported; call AccountImport first", user))
	}
	state["accounts"][user]["conversations"] = list
	s.ask("PUT", "/state", state, nil)
}

// ProxyConnects gives what the proxy was asked (--proxy-port 0 opens one).
func (s *Service) ProxyConnects() []Connect {
	var proxy struct {
		Connects []Connect `json:"connects"`
	}
	s.ask("GET", "/proxy", nil, &proxy)
	return proxy.Connects
}

// admin asks the admin port: never through a proxy, and without keeping connections, so that
// a test that counts goroutines sees only its own.
var admin = &http.Client{Transport: &http.Transport{DisableKeepAlives: true}, Timeout: startLimit}

func (s *Service) ask(method, path string, body, into any) {
	if s.tb != nil {
		s.tb.Helper()
	}
	if err := s.askAdmin(method, path, body, into); err != nil {
		s.fail(err)
	}
}

func (s *Service) askAdmin(method, path string, body, into any) error {
	var text []byte
	if body != nil {
		var err error
		if text, err = json.Marshal(body); err != nil {
			return err
		}
	}
	request, err := http.NewRequest(method, s.AdminURL+path, bytes.NewReader(text))
	if err != nil {
		return err
	}
	answer, err := admin.Do(request)
	if err != nil {
		return fmt.Errorf("chattest: the emulator does not answer: %w; it wrote: %s", err, s.stderr)
	}
	defer answer.Body.Close()
	text, err = io.ReadAll(answer.Body)
	if err != nil {
		return fmt.Errorf("chattest: %s %s: %w", method, path, err)
	}
	if answer.StatusCode != http.StatusOK {
		return fmt.Errorf("chattest: %s %s answered %s: %s", method, path, answer.Status, text)
	}
	if into == nil {
		return nil
	}
	return json.Unmarshal(text, into)
}
