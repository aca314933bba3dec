// An answer, copied out of the native library so that it needs no release and may be shared.
// It knows no endpoint; typed results are built next to the call they belong to.

package chat

import (
	"encoding/json"
	"fmt"
	"math/big"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// Response is what is known about one finished call.
type Response struct {
	// Code is 0 on success; see Code.
	Code Code
	// Message says what happened and what to do, and quotes the service. Empty on success.
	Message string
	// HTTPStatus is the answer's status; 0 when no answer was read.
	HTTPStatus int
	// Attempts is the number of requests that were started, repeats included; 0 when refused
	// locally. The service never saw more.
	Attempts int
	// Random is the random of the last attempt: the vendor's support finds a request by it.
	Random uint32
	// Retriable says whether the same call may succeed later.
	Retriable bool
	// InDoubt says whether a failed call may have taken effect in the service.
	InDoubt bool
	// AlreadyDeleted says that a delete succeeded because its repeat found no such group after an
	// attempt in doubt: that attempt had deleted it, or somebody else had. Code is 0 then.
	AlreadyDeleted bool
	// RetryAfter is how long to wait before another try; 0 when unknown.
	RetryAfter time.Duration
	// Body is the answer as it came, at most 1 MiB from typed calls and 8 MiB from Call; of a
	// failed call, as far as it came.
	Body string
	// Trace is a JSON array with one object for each attempt: attempt, code, http_status,
	// reached (nothing_written, written or answer_begun), random, ms, and standby where it went
	// to the standby host. For logs: no signature.
	Trace string

	json    string // the answer as every parser reads it, where Body is not that
	misread bool   // the call succeeded, and a member of its answer is of another type than documented
}

// Decode reads the answer's JSON into target, as json.Unmarshal does; a broken text in it has U+FFFD, and
// whole numbers are integers however they were written. Member names are the vendor's ("GroupItem").
func (r *Response) Decode(target any) error {
	if r == nil {
		return newError(CodeInvalidArgument, "this Response is nil: there is no answer to read")
	}
	text := r.json
	if text == "" {
		text = r.Body
	}
	return json.Unmarshal([]byte(text), target)
}

// answer is an answer that is being read, its members named by JSON Pointer (RFC 6901). A member that is absent or null has no value. One
// of another type than the vendor documents has none either, and is remembered.
type answer struct {
	root  any
	wrong *string // what is said of the first member of another type; "" when there is none
}

// newAnswer reads JSON in which the native library has put right what no parser takes.
func newAnswer(text string) answer {
	a := answer{wrong: new(string)}
	decoder := json.NewDecoder(strings.NewReader(text))
	decoder.UseNumber()
	if decoder.Decode(&a.root) != nil {
		a.root = nil
	}
	return a
}

func (a answer) at(pointer string) any {
	value := a.root
	for done := 0; done < len(pointer) && value != nil; {
		name := pointer[done+1:]
		if end := strings.IndexByte(name, '/'); end >= 0 {
			name = name[:end]
		}
		switch inner := value.(type) {
		case map[string]any:
			value = inner[name]
		case []any:
			place, err := strconv.Atoi(name)
			value = nil
			if err != nil {
				a.refuse(pointer[:done], "an object", inner)
			} else if place < len(inner) {
				value = inner[place]
			}
		default:
			a.refuse(pointer[:done], "an object", inner)
			return nil
		}
		done += 1 + len(name)
	}
	return value
}

// refuse remembers a value of another type than the wanted one.
func (a answer) refuse(pointer, wanted string, value any) {
	if value == nil || *a.wrong != "" {
		return
	}
	kind := "an object"
	switch value.(type) {
	case string:
		kind = "a string"
	case bool:
		kind = "a boolean"
	case json.Number:
		kind = "a number"
	case []any:
		kind = "an array"
	}
	*a.wrong = shown(fmt.Sprintf("%s in the answer is not %s but %s; the other members were read", pointer, wanted, kind))
}

func (a answer) has(pointer string) bool { return a.at(pointer) != nil }

// count is the length of an array.
func (a answer) count(pointer string) int {
	value := a.at(pointer)
	list, ok := value.([]any)
	if !ok {
		a.refuse(pointer, "an array", value)
	}
	return len(list)
}

func (a answer) text(pointer string) string {
	value := a.at(pointer)
	text, ok := value.(string)
	if !ok {
		a.refuse(pointer, "a string", value)
	}
	return text
}

// number is an integer, also one that is spelled in a string; ok is false when it has no value.
func (a answer) number(pointer string) (number int64, ok bool) {
	value := a.at(pointer)
	if number, ok = integer(value); !ok {
		a.refuse(pointer, "an integer of 64 bits", value)
	}
	return number, ok
}

func (a answer) integer(pointer string) int64 {
	number, _ := a.number(pointer)
	return number
}

// spelled is an integer in any form that JSON has for a number; a longer one holds no 64 bits.
var spelled = regexp.MustCompile(`^[+-]?[0-9]{1,40}(\.[0-9]{1,40})?([eE][+-]?[0-9]{1,3})?$`)

func integer(value any) (int64, bool) {
	text, ok := value.(string)
	if number, is := value.(json.Number); is {
		text, ok = number.String(), true
	}
	if !ok {
		return 0, false
	}
	if number, err := strconv.ParseInt(text, 10, 64); err == nil {
		return number, true
	}
	if !spelled.MatchString(text) {
		return 0, false
	}
	number, ok := new(big.Rat).SetString(text)
	if !ok || !number.IsInt() || !number.Num().IsInt64() {
		return 0, false
	}
	return number.Num().Int64(), true
}

// told is the response to a call whose answer was read: its failure when a member was of another type. The call took effect.
func (a answer) told(response *Response) *Response {
	if *a.wrong == "" {
		return response
	}
	response.misread = true
	if response.Code == CodeOK {
		response.Code, response.InDoubt, response.Message = CodeProtocol, true, "the call succeeded, but "+*a.wrong
	} else {
		response.Message += "; " + *a.wrong
	}
	return response
}
