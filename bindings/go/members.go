// The members of an answer, whose JSON the native library has put in order. Absent and null are nothing, an integer may be spelled in a
// text, and a member of another type than the vendor documents is told by its name and costs no other member.

package chat

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"math/big"
	"reflect"
	"regexp"
	"strconv"
	"time"
)

var errOtherType = errors.New("a member of another type")

// number is an integer of 64 bits.
type number int64

func (n *number) UnmarshalJSON(text []byte) error {
	*n = 0
	value, ok := integer(text)
	if !ok && string(text) != "null" {
		return errOtherType
	}
	*n = number(value)
	return nil
}

// time reads seconds since 1970; 0 is the zero time.
func (n number) time() time.Time {
	if n == 0 {
		return time.Time{}
	}
	return time.Unix(int64(n), 0)
}

// numbers is a list of integers, without those that have no value.
type numbers []int64

func (n *numbers) UnmarshalJSON(text []byte) error {
	*n = nil
	var items []*number
	err := json.Unmarshal(text, &items)
	for _, item := range items {
		if item != nil {
			*n = append(*n, int64(*item))
		}
	}
	return err
}

// resultCode is a ResultCode. One that is there and is no number is a failure of its item.
type resultCode Code

func (c *resultCode) UnmarshalJSON(text []byte) error {
	value, ok := integer(text)
	if !ok && string(text) != "null" {
		value = int64(CodeService)
	}
	*c = resultCode(value)
	return nil
}

// spelled is an integer in any form that JSON has for a number; a longer one holds no 64 bits.
var spelled = regexp.MustCompile(`^[+-]?[0-9]{1,40}(\.[0-9]{1,40})?([eE][+-]?[0-9]{1,3})?$`)

// integer reads a JSON number or a text that spells one.
func integer(text []byte) (int64, bool) {
	if value, err := strconv.ParseInt(string(text), 10, 64); err == nil {
		return value, true
	}
	if len(text) > 0 && text[0] == '"' {
		var inside string
		if json.Unmarshal(text, &inside) != nil {
			return 0, false
		}
		text = []byte(inside)
	}
	if !spelled.Match(text) {
		return 0, false
	}
	value, ok := new(big.Rat).SetString(string(text))
	if !ok || !value.IsInt() || !value.Num().IsInt64() {
		return 0, false
	}
	return value.Num().Int64(), true
}

func isInteger(text []byte) bool {
	_, ok := integer(text)
	return ok
}

// read fills answer, a pointer to a struct, and says what is wrong with the first member that has another type; "" when none has.
func (r *Response) read(answer any) (wrong string) {
	if json.Unmarshal(r.text(), answer) == nil {
		return ""
	}
	var whole any
	decoder := json.NewDecoder(bytes.NewReader(r.text()))
	decoder.UseNumber()
	if decoder.Decode(&whole) != nil {
		return ""
	}
	into := reflect.ValueOf(answer).Elem()
	whole = fitting(whole, into.Type(), "", &wrong)
	if rest, err := json.Marshal(whole); err == nil {
		into.Set(reflect.Zero(into.Type()))
		json.Unmarshal(rest, answer)
	}
	return shown(wrong)
}

// fitting gives what of a value fits a Go type, with null in the place of the rest, and says in wrong what the first of that is.
func fitting(value any, kind reflect.Type, at string, wrong *string) any {
	refuse := func(wanted string) any {
		if *wrong == "" {
			*wrong = fmt.Sprintf("%s in the answer is not %s but %s; the other members were read", at, wanted, jsonKind(value))
		}
		return nil
	}
	switch kind {
	case reflect.TypeOf(resultCode(0)):
		return value
	case reflect.TypeOf(numbers(nil)):
		kind = reflect.TypeOf([]number(nil))
	}
	if value == nil {
		return nil
	}
	switch kind.Kind() {
	case reflect.String:
		if _, ok := value.(string); !ok {
			return refuse("a string")
		}
	case reflect.Int64:
		if text, _ := json.Marshal(value); !isInteger(text) {
			return refuse("an integer of 64 bits")
		}
	case reflect.Slice:
		items, ok := value.([]any)
		if !ok {
			return refuse("an array")
		}
		for i, item := range items {
			items[i] = fitting(item, kind.Elem(), at+"/"+strconv.Itoa(i), wrong)
		}
	case reflect.Struct:
		members, ok := value.(map[string]any)
		if !ok {
			return refuse("an object")
		}
		fit := map[string]any{}
		for _, field := range reflect.VisibleFields(kind) {
			if member, ok := members[field.Name]; ok && !field.Anonymous {
				fit[field.Name] = fitting(member, field.Type, at+"/"+field.Name, wrong)
			}
		}
		return fit
	}
	return value
}

func jsonKind(value any) string {
	switch value.(type) {
	case string:
		return "a string"
	case bool:
		return "a boolean"
	case json.Number:
		return "a number"
	case []any:
		return "an array"
	}
	return "an object"
}

// misreads makes the response the failure that it is when what was read of it is wrong. The call took effect.
func (r *Response) misreads(wrong string) {
	if wrong == "" {
		return
	}
	r.misread = true
	if r.Code == CodeOK {
		r.Code, r.InDoubt, r.Message = CodeProtocol, true, "the call succeeded, but "+wrong
	} else {
		r.Message += "; " + wrong
	}
}

// conversation is how an answer names one; the id of a chat group is not spelled alike in all of them.
type conversation struct {
	To_Account, ToGroupId, GroupId string
	Type                           number
}

// contact takes the id that belongs to the type, and the type from the id where it is missing.
func (c conversation) contact() Contact {
	group := c.ToGroupId
	if group == "" {
		group = c.GroupId
	}
	contact := Contact{Type: ContactType(c.Type), ID: c.To_Account}
	switch {
	case contact.Type == TypeGroupChat || c.To_Account == "" && group != "":
		contact.ID = group
	case contact.Type == TypeOneToOne:
		return contact
	}
	if contact.Type == 0 && contact.ID != "" {
		contact.Type = TypeOneToOne
		if c.To_Account == "" {
			contact.Type = TypeGroupChat
		}
	}
	return contact
}

// made makes values of the items of an answer.
func made[I, V any](items []I, make_ func(I) V) []V {
	values := make([]V, len(items))
	for i, item := range items {
		values[i] = make_(item)
	}
	return values
}
