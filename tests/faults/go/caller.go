// Makes the calls of the fault table from Go: the same lines in and out as ../caller.c, which says
// what they mean. Shows of each call everything that a program might print of it. It knows
// nothing of what is right.
package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"
	"sync"
	"time"

	chat "github.com/tencent-chat/tencent-chat/bindings/go"
)

const (
	warmGroup = "warm"
	fields    = "id command url ca_file proxy sdk_app_id identifier key user_sig user group timeout attempt_timeout connect_timeout max_connections rate_limit warm pause act"
)

var printing sync.Mutex

// line is what is told of one call.
type line struct {
	ID             int       `json:"id"`
	Code           chat.Code `json:"code"`
	InDoubt        bool      `json:"in_doubt"`
	AlreadyDeleted bool      `json:"already_deleted"`
	Attempts       int       `json:"attempts"`
	US             int64     `json:"us"`
	Shown          string    `json:"shown"`
}

// call is one call, on a goroutine of its own with a client of its own.
type call struct {
	given  map[string]string
	config chat.Config
	client *chat.Client
	cancel context.CancelFunc
	ctx    context.Context
	met    chan struct{}
	over   chan struct{}
}

func giveUp(why any) {
	fmt.Fprintln(os.Stderr, "cannot go on:", why)
	os.Exit(2)
}

func (c *call) number(name string) int {
	number, err := strconv.Atoi(c.given[name])
	if err != nil {
		giveUp(err)
	}
	return number
}

func (c *call) duration(name string) time.Duration {
	return time.Duration(c.number(name)) * time.Millisecond
}

// secret is a field that may be absent.
func (c *call) secret(name string) (secret chat.Secret) {
	if c.given[name] != "-" {
		secret = chat.NewSecret(c.given[name])
	}
	return secret
}

func begin(text string) *call {
	c := &call{given: map[string]string{}, met: make(chan struct{}), over: make(chan struct{})}
	values := strings.Split(text, "\t")
	for i, name := range strings.Fields(fields) {
		c.given[name] = values[i]
	}
	// The client has time; what the call that counts has is in its options.
	c.config = chat.Config{
		BaseURL: c.given["url"], CAFile: c.given["ca_file"], Proxy: c.secret("proxy"),
		SDKAppID: uint32(c.number("sdk_app_id")), Identifier: c.given["identifier"],
		SecretKey: c.secret("key"), UserSig: c.secret("user_sig"),
		Timeout: time.Minute, AttemptTimeout: time.Minute, ConnectTimeout: time.Minute,
		MaxConnections: c.number("max_connections"), RateLimit: c.number("rate_limit"),
	}
	client, err := chat.New(c.config)
	if err != nil {
		giveUp(err)
	}
	c.client = client
	c.ctx, c.cancel = context.WithCancel(context.Background())
	go c.run()
	return c
}

func (c *call) make(ctx context.Context, group string, options ...chat.CallOption) (*chat.Response, error) {
	if c.given["command"] == "delete" {
		result, err := c.client.DelContactGroup(ctx, c.given["user"], group, options...)
		if result == nil {
			return nil, err
		}
		return result.Response, err
	}
	result, err := c.client.CreateContactGroup(ctx, c.given["user"], group, nil, options...)
	if result == nil {
		return nil, err
	}
	return result.Response, err
}

func (c *call) run() {
	defer close(c.over)
	beside := make(chan struct{})
	warm := func() {
		defer close(beside)
		c.make(context.Background(), warmGroup)
	}
	switch c.given["warm"] {
	case "before":
		warm()
	case "beside":
		go warm()
		<-c.met
	default:
		close(beside)
	}
	time.Sleep(c.duration("pause"))
	c.tell()
	c.client.Close()
	<-beside
}

// tell makes the call that counts, and prints its line.
func (c *call) tell() {
	begun := time.Now()
	response, err := c.make(c.ctx, c.given["group"],
		chat.WithTimeout(c.duration("timeout")), chat.WithAttemptTimeout(c.duration("attempt_timeout")), chat.WithConnectTimeout(c.duration("connect_timeout")))
	took := time.Since(begun)
	var failure *chat.Error
	if errors.As(err, &failure) {
		response = &failure.Response
	} else if err != nil {
		giveUp(err)
	}
	text, err := json.Marshal(line{
		ID: c.number("id"), Code: response.Code, InDoubt: response.InDoubt, AlreadyDeleted: response.AlreadyDeleted,
		Attempts: response.Attempts, US: took.Microseconds(), Shown: c.shown(response, failure),
	})
	if err != nil {
		giveUp(err)
	}
	printing.Lock()
	defer printing.Unlock()
	fmt.Println(string(text))
}

// shown is all that a program might print of a call, its client and its configuration.
func (c *call) shown(response *chat.Response, failure *chat.Error) string {
	values := []any{c.client, c.client.Stats(), c.config, &c.config, response, *response}
	if failure != nil {
		values = append(values, failure, *failure, error(failure))
	}
	var all strings.Builder
	for _, value := range values {
		fmt.Fprintf(&all, "%v\n%+v\n%#v\n", value, value, value)
		if text, err := json.Marshal(value); err == nil {
			all.Write(text)
		}
	}
	return all.String()
}

func (c *call) meet() {
	close(c.met)
	switch c.given["act"] {
	case "cancel":
		c.cancel()
	case "shutdown":
		c.client.Shutdown()
	}
}

func main() {
	calls := map[string]*call{}
	lines := bufio.NewScanner(os.Stdin)
	for lines.Scan() {
		if text := lines.Text(); strings.Contains(text, "\t") {
			c := begin(text)
			calls[c.given["id"]] = c
		} else {
			calls[text].meet()
		}
	}
	for _, c := range calls {
		<-c.over
		c.cancel()
	}
}
