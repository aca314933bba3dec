// Keeps the promises of the suite from Go: `runner CASES go ADMIN_URL...`, an emulator a worker. What a case says and what is seen of a
// call stands in ../README.md. Uses the public face only; calls.go makes the calls.
package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"reflect"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"time"

	chat "github.com/tencent-chat/tencent-chat/bindings/go"
)

// patience is after how long what never comes is given up.
const patience = time.Minute

type object = map[string]any

// number is a JSON number as it compares.
func number(value any) (float64, bool) {
	switch n := value.(type) {
	case json.Number:
		f, err := n.Float64()
		return f, err == nil
	case float64:
		return n, true
	case int:
		return float64(n), true
	}
	return 0, false
}

func text(value any) string {
	if s, ok := value.(string); ok {
		return s
	}
	var written bytes.Buffer
	encoder := json.NewEncoder(&written)
	encoder.SetEscapeHTML(false)
	_ = encoder.Encode(value)
	return strings.TrimSpace(written.String())
}

// differs is where what was seen is not what is wanted; "" where it is.
func differs(seen, wanted any, at string) string {
	switch wanted := wanted.(type) {
	case object:
		for name := range wanted {
			if strings.HasPrefix(name, "$") {
				return differsFromRule(seen, wanted, at)
			}
		}
		members, ok := seen.(object)
		if !ok {
			return fmt.Sprintf("%s: %s is no object", at, text(seen))
		}
		for name, value := range wanted {
			if difference := differs(members[name], value, at+"/"+name); difference != "" {
				return difference
			}
		}
		return ""
	case []any:
		list, ok := seen.([]any)
		if !ok || len(list) != len(wanted) {
			return fmt.Sprintf("%s: %s has not %d elements", at, text(seen), len(wanted))
		}
		for i := range wanted {
			if difference := differs(list[i], wanted[i], at+"/"+strconv.Itoa(i)); difference != "" {
				return difference
			}
		}
		return ""
	}
	if a, ok := number(seen); ok {
		if b, ok := number(wanted); ok && a == b {
			return ""
		}
	}
	if reflect.DeepEqual(seen, wanted) {
		return ""
	}
	return fmt.Sprintf("%s: %s, not %s", at, text(seen), text(wanted))
}

func differsFromRule(seen any, rule object, at string) string {
	list, _ := seen.([]any)
	if only, ok := rule["$only"]; ok {
		var left []any
		for _, one := range list {
			if differs(one, only, "") == "" {
				left = append(left, one)
			}
		}
		seen, list = left, left
	}
	for name, value := range rule {
		several, ok := value.([]any)
		if !ok || name != "$has" && name != "$lacks" {
			several = []any{value}
		}
		for _, one := range several {
			if name != "$only" && !holds(name, one, seen, list) {
				return fmt.Sprintf("%s: %.900s against %s %s", at, text(seen), name, text(one))
			}
		}
	}
	return ""
}

func holds(rule string, wanted, seen any, list []any) bool {
	switch rule {
	case "$has":
		return strings.Contains(text(seen), wanted.(string))
	case "$lacks":
		return !strings.Contains(text(seen), wanted.(string))
	case "$from", "$to":
		is, ok := number(seen)
		bound, _ := number(wanted)
		return ok && (rule == "$from" && is >= bound || rule == "$to" && is <= bound)
	case "$count":
		count := len(list)
		if members, ok := seen.(object); ok {
			count = len(members)
		}
		return differs(count, wanted, "") == ""
	case "$tail":
		from := len(list) - len(wanted.([]any))
		return from >= 0 && differs(list[from:], wanted, "") == ""
	case "$some":
		for _, one := range list {
			if differs(one, wanted, "") == "" {
				return true
			}
		}
	case "$any":
		for _, one := range wanted.([]any) {
			if differs(seen, one, "") == "" {
				return true
			}
		}
	case "$is":
		return text(seen) == text(wanted)
	case "$not":
		return differs(seen, wanted, "") != ""
	}
	return false
}

// read is JSON whose numbers keep their spelling.
func read(data []byte) (value any, err error) {
	decoder := json.NewDecoder(bytes.NewReader(data))
	decoder.UseNumber()
	err = decoder.Decode(&value)
	return value, err
}

type broken struct{ why string }

// run is one case on an emulator of its own.
type run struct {
	emulator string
	words    map[string]string
	client   *chat.Client
	clients  []*chat.Client
	ctx      context.Context // of the calls with the option `cancel`
	cancel   context.CancelFunc
	mutex    sync.Mutex
	shown    strings.Builder
	secrets  []string
}

func (r *run) fail(format string, parts ...any) { panic(broken{fmt.Sprintf(format, parts...)}) }

// attempt is why the case failed; "" when it did not.
func attempt(kase object, emulator string) (why string) {
	r := &run{emulator: emulator, words: map[string]string{}}
	r.ctx, r.cancel = context.WithCancel(context.Background())
	defer r.cancel()
	defer func() {
		if caught, ok := recover().(broken); ok {
			why = caught.why
		}
		_ = trying(func() { r.admin("DELETE /faults", nil) })
		for _, client := range r.clients {
			_ = client.Close()
		}
	}()
	r.admin("POST /reset", nil)
	r.keep("", r.admin("GET /", nil))
	r.take(kase["steps"])
	r.showNoSecret()
	return ""
}

func trying(act func()) (why *broken) {
	defer func() {
		if caught, ok := recover().(broken); ok {
			why = &caught
		}
	}()
	act()
	return nil
}

var word = regexp.MustCompile(`\{([a-z_.]+)\}`)

// told is a value with the words of this emulator in their places.
func (r *run) told(value any) any {
	switch value := value.(type) {
	case string:
		return word.ReplaceAllStringFunc(value, func(found string) string {
			if is, ok := r.words[found[1:len(found)-1]]; ok {
				return is
			}
			return found
		})
	case []any:
		list := make([]any, len(value))
		for i, one := range value {
			list[i] = r.told(one)
		}
		return list
	case object:
		members := object{}
		for name, one := range value {
			members[name] = r.told(one)
		}
		return members
	}
	return value
}

func (r *run) keep(name string, answer any) {
	members, _ := answer.(object)
	for key, value := range members {
		r.words[name+key] = text(value)
		if strings.HasSuffix(key, "url") {
			r.words[name+strings.TrimSuffix(key, "url")+"port"] = text(value)[strings.LastIndex(text(value), ":")+1:]
		}
	}
}

func (r *run) admin(what string, body any) any {
	method, path, _ := strings.Cut(what, " ")
	var data io.Reader
	if body != nil {
		data = strings.NewReader(text(body))
	}
	request, err := http.NewRequest(method, r.emulator+path, data)
	if err != nil {
		r.fail("%s: %v", what, err)
	}
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		r.fail("%s: %v", what, err)
	}
	defer answer.Body.Close()
	read1, err := io.ReadAll(answer.Body)
	if err != nil || answer.StatusCode != 200 {
		r.fail("%s: %d %s %v", what, answer.StatusCode, read1, err)
	}
	value, _ := read(read1)
	if members, ok := value.(object); ok {
		requests, _ := members["requests"].([]any)
		for _, one := range requests {
			logged := one.(object)
			if sent, err := read([]byte(text(logged["body"]))); err == nil {
				logged["body"] = sent
			}
		}
	}
	return value
}

func (r *run) take(steps any) {
	for _, one := range steps.([]any) {
		step := object{}
		for name, value := range one.(object) {
			if step[name] = value; name != "during" {
				step[name] = r.told(value)
			}
		}
		times := 1
		if n, ok := number(step["times"]); ok {
			times = int(n)
		}
		for ; times > 0; times-- {
			r.takeOne(step)
		}
	}
}

func (r *run) takeOne(step object) {
	switch {
	case step["admin"] != nil:
		r.takeAdmin(step)
	case step["client"] != nil:
		r.takeClient(step)
	case step["call"] != nil:
		r.takeCall(step)
	case step["items"] != nil:
		r.takeItems(step)
	case step["set"] != nil:
		for name, value := range step["set"].(object) {
			r.secrets = append(r.secrets, value.(string))
			set := r.client.SetSecretKey
			if name == "user_sig" {
				set = r.client.SetUserSig
			}
			r.see(r.seen(nil, set(chat.NewSecret(value.(string))), 0), step)
		}
	case step["user_sig"] != nil:
		r.takeUserSig(step)
	case step["warm_up"] != nil:
		n, _ := number(step["warm_up"])
		ctx, cancel := context.WithTimeout(context.Background(), milliseconds(step, "timeout_ms", 60000))
		r.see(r.seen(nil, r.client.WarmUp(ctx, int(n)), 0), step)
		cancel()
	case step["stats"] != nil:
		r.takeStats(step)
	case step["cancel"] != nil:
		r.cancel()
	case step["shutdown"] != nil:
		r.client.Shutdown()
	case step["close"] != nil:
		ctx, cancel := context.WithTimeout(context.Background(), milliseconds(step, "drain_ms", 0))
		_ = r.client.CloseContext(ctx)
		cancel()
	case step["pause_ms"] != nil:
		time.Sleep(milliseconds(step, "pause_ms", 0))
	default:
		r.fail("no such step: %s", text(step))
	}
}

func milliseconds(of object, name string, otherwise float64) time.Duration {
	if n, ok := number(of[name]); ok {
		otherwise = n
	}
	return time.Duration(otherwise * float64(time.Millisecond))
}

func (r *run) check(seen any, step object) {
	wanted, ok := step["seen"]
	if !ok {
		return
	}
	if difference := differs(seen, wanted, ""); difference != "" {
		about := object{}
		for name, value := range step {
			if name != "seen" && name != "during" {
				about[name] = value
			}
		}
		r.fail("%.300s: %s", text(about), difference)
	}
}

func (r *run) takeAdmin(step object) {
	answer := r.admin(step["admin"].(string), step["body"])
	if until, ok := step["until"]; ok {
		step["seen"] = until
		for end := time.Now().Add(patience); differs(answer, until, "") != "" && time.Now().Before(end); {
			time.Sleep(5 * time.Millisecond)
			answer = r.admin(step["admin"].(string), step["body"])
		}
	}
	if name, ok := step["as"]; ok {
		r.keep(name.(string)+".", answer)
	}
	r.check(answer, step)
}

func (r *run) takeStats(step object) {
	counted := func() object {
		stats, all := r.client.Stats(), object{}
		for name, value := range stats.Counters {
			all[name] = float64(value)
		}
		all["prometheus"] = stats.Prometheus
		return all
	}
	all := counted()
	for end := time.Now().Add(patience); step["until"] == true && differs(all, step["stats"], "") != "" && time.Now().Before(end); all = counted() {
		time.Sleep(5 * time.Millisecond)
	}
	r.show(text(all))
	step["seen"] = step["stats"]
	r.check(all, step)
}

func (r *run) show(what string) {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	r.shown.WriteString(what + "\n")
}

func (r *run) see(seen object, step object) {
	if wanted, ok := step["seen"].(object); ok && wanted["error"] != nil {
		if is, ok := seen["error"].(func(string) bool); ok && is(text(wanted["error"])) {
			seen["error"] = wanted["error"]
		}
	}
	if _, ok := seen["error"].(func(string) bool); ok {
		seen["error"] = nil
	}
	r.check(seen, step)
}

var signed = regexp.MustCompile(`e[JA][A-Za-z0-9*_-]{60,}`)

func (r *run) showNoSecret() {
	for _, client := range r.clients {
		r.show(fmt.Sprintf("%v %+v %#v %s", client, client, client, client))
	}
	shown := r.shown.String()
	for _, secret := range r.secrets {
		for at := 0; at+16 <= len(secret); at += 8 {
			if place := strings.Index(shown, secret[at:at+16]); place >= 0 {
				r.fail("shows a secret: ...%.80s", shown[max(0, place-60):])
			}
		}
	}
	if found := signed.FindStringIndex(shown); found != nil {
		r.fail("shows a signature: ...%.70s", shown[max(0, found[0]-60):])
	}
}

func max(a, b int) int {
	if a > b {
		return a
	}
	return b
}

func main() {
	data, err := os.ReadFile(os.Args[1])
	if err != nil {
		panic(err)
	}
	all, err := read(data)
	if err != nil {
		panic(err)
	}
	cases := make(chan object, len(all.([]any)))
	for _, one := range all.([]any) {
		kase := one.(object)
		if notIn, _ := kase["not_in"].(object); notIn[os.Args[2]] == nil {
			cases <- kase
		}
	}
	close(cases)
	var passed, failed int
	var mutex sync.Mutex
	var workers sync.WaitGroup
	for _, emulator := range os.Args[3:] {
		workers.Add(1)
		go func(emulator string) {
			defer workers.Done()
			for kase := range cases {
				why := attempt(kase, emulator)
				mutex.Lock()
				if why == "" {
					passed++
				} else {
					failed++
					fmt.Printf("FAILED %s: %s\n", kase["name"], why)
				}
				mutex.Unlock()
			}
		}(emulator)
	}
	workers.Wait()
	fmt.Printf("%d passed, %d failed\n", passed, failed)
	if failed > 0 || passed == 0 {
		os.Exit(1)
	}
}
