//go:build cgo

// Members of an answer in every form that JSON and gateways have for them: one rule for all. Absent and null are nothing, an integer is read
// however it is written, and what is of another type is told by its name and costs no other member.

package chat_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"testing"

	chat "github.com/tencent-chat/tencent-chat/bindings/go"
	"github.com/tencent-chat/tencent-chat/bindings/go/chattest"
)

// answersOf gives a call for each kind of answer, what it answers, and the members that are read.
var answersOf = []struct {
	name string
	call func(client *chat.Client) (any, error)
	body string
	// Each is a place in body: the text that stands there, once.
	integers, texts, arrays map[string]string
}{
	{
		"create", func(c *chat.Client) (any, error) {
			return c.CreateContactGroup(background, "u", "g", []chat.Contact{peer})
		},
		`"GroupResultItem":[{"GroupItem":{"GroupId":7,"GroupName":"seven"},"ResultItem":[{"ContactItem":{"Type":1,"To_Account":"bob"},"ResultCode":0,"ResultInfo":"fine"}]}]`,
		map[string]string{"/GroupResultItem/0/GroupItem/GroupId": `7`, "/GroupResultItem/0/ResultItem/0/ContactItem/Type": `1`},
		map[string]string{"/GroupResultItem/0/GroupItem/GroupName": `"seven"`, "/GroupResultItem/0/ResultItem/0/ContactItem/To_Account": `"bob"`,
			"/GroupResultItem/0/ResultItem/0/ResultInfo": `"fine"`},
		map[string]string{"/GroupResultItem/0/ResultItem": `[{"ContactItem":{"Type":1,"To_Account":"bob"},"ResultCode":0,"ResultInfo":"fine"}]`},
	},
	{
		"rename", func(c *chat.Client) (any, error) { return c.UpdateContactGroupName(background, "u", "g", "h") },
		`"UpdateGroupResult":{"GroupId":8,"GroupName":"eight"}`,
		map[string]string{"/UpdateGroupResult/GroupId": `8`}, map[string]string{"/UpdateGroupResult/GroupName": `"eight"`}, nil,
	},
	{
		"delete", func(c *chat.Client) (any, error) { return c.DelContactGroup(background, "u", "g") },
		`"GroupItem":[{"GroupId":9,"GroupName":"nine"}]`,
		map[string]string{"/GroupItem/0/GroupId": `9`}, map[string]string{"/GroupItem/0/GroupName": `"nine"`},
		map[string]string{"/GroupItem": `[{"GroupId":9,"GroupName":"nine"}]`},
	},
	{
		"page of groups", func(c *chat.Client) (any, error) { return c.GetContactGroup(background, "u", 0) },
		`"CompleteFlag":1,"NextStartIndex":12,"GroupItem":[],"ContactItem":[{"Type":1,"To_Account":"bob","StandardMark":"011","CustomMark":"vip","ContactGroupId":[3,4],"Timestamp":1775217000}]`,
		map[string]string{"/NextStartIndex": `12`, "/ContactItem/0/Timestamp": `1775217000`, "/ContactItem/0/ContactGroupId/1": `4`},
		map[string]string{"/ContactItem/0/StandardMark": `"011"`, "/ContactItem/0/CustomMark": `"vip"`},
		map[string]string{"/ContactItem/0/ContactGroupId": `[3,4]`},
	},
	{
		"page of a list", func(c *chat.Client) (any, error) {
			return c.RecentContactGetList(background, "u", chat.RecentContactCursor{}, chat.AssistFlags)
		},
		`"CompleteFlag":1,"TimeStamp":21,"StartIndex":22,"TopTimeStamp":23,"TopStartIndex":24,"SessionItem":[{"Type":2,"GroupId":"@TGS#1","MsgTime":1775217001,"TopFlag":1}]`,
		map[string]string{"/TimeStamp": `21`, "/StartIndex": `22`, "/TopTimeStamp": `23`, "/TopStartIndex": `24`, "/SessionItem/0/MsgTime": `1775217001`},
		map[string]string{"/SessionItem/0/GroupId": `"@TGS#1"`}, nil,
	},
	{
		"check", func(c *chat.Client) (any, error) { return c.AccountCheck(background, []string{"a"}) },
		`"ResultItem":[{"UserID":"ann","ResultCode":0,"AccountStatus":"Imported"}]`,
		nil, map[string]string{"/ResultItem/0/UserID": `"ann"`, "/ResultItem/0/AccountStatus": `"Imported"`}, nil,
	},
}

// with gives the body with something else in one place.
func with(t *testing.T, body, old, new string) string {
	t.Helper()
	if strings.Count(body, ":"+old)+strings.Count(body, ","+old+"]") != 1 {
		t.Fatalf("%s does not stand once in %s", old, body)
	}
	changed := strings.Replace(body, ":"+old, ":"+new, 1)
	if changed == body {
		changed = strings.Replace(body, ","+old+"]", ","+new+"]", 1)
	}
	return `{"ActionStatus":"OK","ErrorCode":0,` + changed + "}"
}

// values is a result without the raw answer.
func values(result any) string {
	value := reflect.ValueOf(result).Elem()
	var all []string
	for i := 0; i < value.NumField(); i++ {
		if name := value.Type().Field(i).Name; name != "Response" {
			all = append(all, fmt.Sprintf("%s %+v", name, value.Field(i).Interface()))
		}
	}
	return strings.Join(all, "; ")
}

func TestMembersOfAnAnswerAreReadByOneRule(t *testing.T) {
	service := chattest.Start(t)
	client := service.NewClient(unlimited)
	for _, one := range answersOf {
		answerOnce(service, `{"ActionStatus":"OK","ErrorCode":0,`+one.body+"}")
		whole, err := one.call(client)
		if err != nil {
			t.Fatalf("%s: %v", one.name, err)
		}
		for place, number := range one.integers {
			for _, form := range []string{number + ".0", number + "e0", number + "0E-1", number + ".000e+0", `"` + number + `"`, `"` + number + `.0"`} {
				answerOnce(service, with(t, one.body, number, form))
				if result, err := one.call(client); err != nil || values(result) != values(whole) {
					t.Errorf("%s: %s as %s: %v\n%s\n%s", one.name, place, form, err, values(result), values(whole))
				}
			}
			wantTold(t, service, client, one.call, one.body, place, number, `"odd"`, `true`, `1.5`, `[1]`, `{}`, `99999999999999999999`, `1e999999999`)
		}
		for place, text := range one.texts {
			wantTold(t, service, client, one.call, one.body, place, text, `1`, `true`, `["x"]`, `{"x":1}`, `[]`)
		}
		for place, list := range one.arrays {
			wantTold(t, service, client, one.call, one.body, place, list, `1`, `"x"`, `{"0":{}}`, `false`)
		}
	}
}

// wantTold expects null in a place to be nothing, and each other value to be named, with all members that stand elsewhere read.
func wantTold(t *testing.T, service *chattest.Service, client *chat.Client, call func(*chat.Client) (any, error), body, place, old string, others ...string) {
	t.Helper()
	answerOnce(service, with(t, body, old, "null"))
	without, err := call(client)
	if err != nil {
		t.Errorf("%s: null is told: %v", place, err)
	}
	for _, other := range others {
		answerOnce(service, with(t, body, old, other))
		result, err := call(client)
		if other == `1e999999999` { // no accessor of any language can read an answer with that
			wantFailure(t, err, chat.ErrProtocol, chat.CodeProtocol)
			continue
		}
		failure := wantFailure(t, err, chat.ErrProtocol, chat.CodeProtocol)
		if !failure.InDoubt || !strings.Contains(failure.Message, "succeeded, but "+place+" in the answer is not a") {
			t.Errorf("%s is %s, and %+v", place, other, failure)
		}
		if reflect.ValueOf(result).IsNil() || values(result) != values(without) {
			t.Errorf("%s is %s, and the rest is %v, not %v", place, other, result, values(without))
		}
	}
}

func TestAnItemWithAMemberThatCannotBeReadIsToldAndTheNextOneFollows(t *testing.T) {
	service := chattest.Start(t)
	answerOnce(service, `{"ActionStatus":"OK","ErrorCode":0,"CompleteFlag":1,"SessionItem":[{"Type":1,"To_Account":"a"},
		{"Type":1,"To_Account":"b","MsgTime":"noon"},{"Type":1,"To_Account":"c","MsgTime":5.0}]}`)
	items := service.NewClient().RecentContactItems(chattest.User)
	defer items.Close()
	var seen []string
	for _, want := range []bool{true, false, true, false} {
		if items.Next(background) != want {
			t.Errorf("after %v: %v", seen, items.Err())
		}
		seen = append(seen, items.Item().Contact.ID)
		if !want && len(seen) == 2 && !strings.Contains(fmt.Sprint(items.Err()), "/MsgTime") {
			t.Errorf("%v", items.Err())
		}
	}
	if fmt.Sprint(seen) != "[a b c ]" || items.Err() != nil || !items.Complete() {
		t.Errorf("%q, %v", seen, items.Err())
	}
}

func TestASplitTellsAMemberThatCannotBeReadWithThePartInTheResult(t *testing.T) {
	service := chattest.Start(t)
	answerOnce(service, `{"ActionStatus":"OK","ErrorCode":0,"ResultItem":[{"UserID":5,"ResultCode":0,"AccountStatus":"Imported"}]}`)
	result, err := service.NewClient().AccountCheck(background, names("a", 150), chat.Split())
	var stopped *chat.SplitError
	if !errors.As(err, &stopped) || stopped.Done != 100 || len(result.Accounts) != 1 || !errors.Is(err, chat.ErrProtocol) {
		t.Errorf("%v with %+v", err, result)
	}
}

func TestDecodeReadsWhatNoParserTakesAsItCame(t *testing.T) {
	service := chattest.Start(t)
	body := "\ufeff" + `{"ActionStatus":"OK","ErrorCode":0,"Number":1.4e+09,"Text":"half \ud83c"}`
	answerOnce(service, body)
	response, err := service.NewClient().Call(background, "v4/a/b", nil)
	if err != nil {
		t.Fatal(err)
	}
	var read struct {
		Number int
		Text   string
	}
	if err := response.Decode(&read); err != nil || read.Number != 1400000000 || read.Text != "half \ufffd" || response.Body != body {
		t.Errorf("%+v (%v) from %q", read, err, response.Body)
	}
}

func TestCallTakesMapsStructsAndReadyJSON(t *testing.T) {
	type contactItem struct {
		Type      int    `json:"Type"`
		ToAccount string `json:"To_Account"`
	}
	type request struct {
		FromAccount string        `json:"From_Account"`
		Items       []contactItem `json:"ContactItem"`
	}
	bodies := []struct {
		body any
		want string
	}{
		{nil, `{}`},
		{[]byte(`{"From_Account": "<&>設"}`), `{"From_Account": "<&>設"}`},
		{json.RawMessage(`{ }`), `{ }`},
		{map[string]any{"From_Account": "<&>設"}, `{"From_Account":"<&>設"}`},
		{request{"user_0001", []contactItem{{1, "user_0002"}}}, `{"From_Account":"user_0001","ContactItem":[{"Type":1,"To_Account":"user_0002"}]}`},
		{&request{FromAccount: "user_0001"}, `{"From_Account":"user_0001","ContactItem":null}`},
	}
	service := chattest.Start(t)
	service.Fault(chattest.Fault{Times: chattest.Forever, Answer: &chattest.Answer{Status: 200, Body: `{"ActionStatus":"OK","ErrorCode":0,"ErrorInfo":"","Extra":[1]}`}})
	client := service.NewClient()
	for _, one := range bodies {
		service.ForgetRequests()
		response, err := client.Call(context.Background(), "v4/recentcontact/get_contact_group", one.body)
		if err != nil {
			t.Errorf("%T: %v", one.body, err)
			continue
		}
		if seen := service.Requests()[0]; seen.Body != one.want || !strings.HasSuffix(seen.Path, "v4/recentcontact/get_contact_group") {
			t.Errorf("%T: the service saw %s at %s, want %s", one.body, seen.Body, seen.Path, one.want)
		}
		var answer struct{ Extra []int }
		if err := response.Decode(&answer); err != nil || len(answer.Extra) != 1 {
			t.Errorf("decoded %+v: %v", answer, err)
		}
	}
}

func TestABodyThatIsNoJSONObjectIsRefusedWithoutARequest(t *testing.T) {
	service := chattest.Start(t)
	client := service.NewClient()
	for _, body := range []any{"text", []int{1}, 7, make(chan int), []byte(`{"open":`), []byte(`[]`)} {
		_, err := client.Call(context.Background(), createPath, body)
		wantFailure(t, err, chat.ErrInvalidArgument, chat.CodeInvalidArgument)
	}
	if total := service.RequestsTotal(); total != 0 {
		t.Errorf("%d requests were sent", total)
	}
}
