// The calls of the suite in Go's words, and what they show in the suite's.

package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"time"

	chat "github.com/tencent-chat/tencent-chat/bindings/go"
)

// classes are the errors that the suite names.
var classes = map[string]error{
	"InvalidArgument": chat.ErrInvalidArgument, "InvalidUtf8": chat.ErrInvalidArgument, "Config": chat.ErrConfig, "CallTimeout": chat.ErrTimeout,
	"Transport": chat.ErrTransport, "Tls": chat.ErrTLS, "HttpStatus": chat.ErrHTTPStatus, "Protocol": chat.ErrProtocol,
	"Shutdown": chat.ErrShutdown, "Throttled": chat.ErrThrottled, "Cancelled": chat.ErrCancelled, "Partial": chat.ErrPartial,
	"Service": chat.ErrService, "AccountNotImported": chat.ErrAccountNotImported,
	// What Go tells apart in other ways; see errors_test.go of the face.
	"InvalidParameter": chat.ErrService, "LimitReached": chat.ErrService, "Plan": chat.ErrService,
	"AdminRequired": chat.ErrAdminRequired, "GroupNotFound": chat.ErrGroupNotFound, "GroupNameTooLong": chat.ErrGroupNameTooLong,
	"RateExceeded": chat.ErrRateExceeded, "IpNotAllowed": chat.ErrIPNotAllowed, "SdkAppId": chat.ErrService,
	"UserSig": chat.ErrUserSig, "LockedOut": chat.ErrLockedOut,
}

// is says whether an error is of the class that the suite names; Go tells the account that was never imported from the one that is not there.
func is(err error, name string) bool {
	return classes[name] != nil && errors.Is(err, classes[name]) || name == "AccountNotImported" && errors.Is(err, chat.ErrAccountNotFound)
}

func (r *run) takeClient(step object) {
	settings := step["client"].(object)
	texts := func(name string) string { s, _ := settings[name].(string); return s }
	count := func(name string) int { n, _ := number(settings[name]); return int(n) }
	yes := func(name string) bool { return count(name) != 0 || settings[name] == true }
	for _, name := range []string{"secret_key", "user_sig"} {
		r.secrets = append(r.secrets, texts(name))
	}
	if _, login, ok := strings.Cut(texts("proxy"), "://"); ok {
		login, _, _ = strings.Cut(login, "@")
		_, password, _ := strings.Cut(login, ":")
		r.secrets = append(r.secrets, password)
	}
	config := chat.Config{
		Region: texts("region"), BaseURL: texts("base_url"), UseStandby: yes("use_standby"), StandbyURL: texts("standby_url"),
		SDKAppID: uint32(count("sdk_app_id")), Identifier: texts("identifier"),
		Timeout: milliseconds(settings, "timeout_ms", 0), AttemptTimeout: milliseconds(settings, "attempt_timeout_ms", 0),
		ConnectTimeout: milliseconds(settings, "connect_timeout_ms", 0), IdleTimeout: milliseconds(settings, "idle_timeout_ms", 0),
		UserSigLifetime: 1000 * milliseconds(settings, "user_sig_lifetime_s", 0), TCPKeepAlive: 1000 * milliseconds(settings, "tcp_keepalive_s", 0),
		MaxAttempts: count("max_attempts"), RateLimit: count("rate_limit"), MaxConnections: count("max_connections"),
		CAFile: texts("ca_file"), SystemCA: yes("system_ca"), UserAgent: texts("user_agent"), AllowInsecureHTTP: yes("allow_insecure_http"),
		NoLocalLimits: settings["local_limits"] != nil && !yes("local_limits"), SharedLimitFallback: count("shared_limit_fallback"),
	}
	for name, secret := range map[string]*chat.Secret{"secret_key": &config.SecretKey, "user_sig": &config.UserSig, "proxy": &config.Proxy} {
		if settings[name] != nil {
			*secret = chat.NewSecret(texts(name))
		}
	}
	if file := texts("add_ca_file"); file != "" {
		config.AddCAFiles = []string{file}
	}
	if labels, ok := settings["metric_labels"].(object); ok {
		config.MetricLabels = map[string]string{}
		for label, value := range labels {
			config.MetricLabels[label] = value.(string)
		}
	}
	if limit, ok := settings["shared_limit"].([]any); ok {
		config.SharedLimit, config.SharedLimitName = chat.NewSecret(limit[0].(string)), limit[1].(string)
	}
	if pair, ok := settings["client_certificate"].([]any); ok {
		config.ClientCertificateFile, config.ClientKeyFile = pair[0].(string), pair[1].(string)
	}
	if settings["rate_limit"] != nil && config.RateLimit == 0 {
		config.RateLimit = chat.NoRateLimit
	}
	client, err := chat.New(config)
	if err == nil {
		r.client = client
		r.clients = append(r.clients, client)
	}
	r.show(fmt.Sprintf("%v %+v %#v", config, config, config))
	r.see(r.seen(nil, err, 0), step)
}

// takeUserSig makes a signature and opens it, or opens the one that `inspect` has.
func (r *run) takeUserSig(step object) {
	given, inspect := step["user_sig"].(object), step["inspect"].(object)
	r.secrets = append(r.secrets, str(given, "secret_key"), str(inspect, "secret_key"))
	secret := func(of object, name string) (secret chat.Secret) {
		if s := str(of, name); s != "" {
			secret = chat.NewSecret(s)
		}
		return secret
	}
	signature, err := secret(inspect, "user_sig"), error(nil)
	if inspect["user_sig"] == nil {
		lifetime := 1000 * milliseconds(given, "lifetime_s", 0)
		app, user, key := uint32(i64(given, "sdk_app_id")), str(given, "identifier"), secret(given, "secret_key")
		if given["privilege_map"] == nil {
			signature, err = chat.NewUserSig(app, user, key, lifetime)
		} else {
			allowed := chat.PrivateMap{RoomID: uint32(i64(given, "room_id")), StringRoomID: str(given, "string_room_id"), PrivilegeMap: uint32(i64(given, "privilege_map"))}
			signature, err = chat.NewPrivateMapKey(app, user, key, lifetime, allowed)
		}
	}
	var told *chat.InspectedUserSig
	if err == nil {
		told, err = chat.InspectUserSig(signature, uint32(i64(inspect, "sdk_app_id")), secret(inspect, "secret_key"))
	}
	if err != nil {
		r.see(r.seen(nil, err, 0), step)
		return
	}
	r.show(fmt.Sprintf("%v %+v %#v %v %+v %#v", told, told, told, signature, signature, signature))
	checked := func(matches *bool) any {
		if matches == nil {
			return nil
		}
		return *matches
	}
	var allowed any
	if told.PrivateMap != nil {
		allowed = object{
			"room_id": float64(told.PrivateMap.RoomID), "string_room_id": told.PrivateMap.StringRoomID, "privilege_map": float64(told.PrivateMap.PrivilegeMap),
		}
	}
	r.see(object{
		"code": 0.0, "private_map": allowed, "identifier": told.Identifier, "sdk_app_id": float64(told.SDKAppID), "expired": told.IsExpired,
		"app_matches": checked(told.AppMatches), "key_matches": checked(told.KeyMatches), "valid": told.IsValid, "verdict": told.Verdict,
	}, step)
}

func options(given object) []chat.CallOption {
	var all []chat.CallOption
	for name, value := range given {
		n, _ := number(value)
		switch name {
		case "timeout_ms":
			all = append(all, chat.WithTimeout(milliseconds(given, name, 0)))
		case "attempt_timeout_ms":
			all = append(all, chat.WithAttemptTimeout(milliseconds(given, name, 0)))
		case "connect_timeout_ms":
			all = append(all, chat.WithConnectTimeout(milliseconds(given, name, 0)))
		case "max_attempts":
			all = append(all, chat.WithMaxAttempts(int(n)))
		case "repeat_in_doubt":
			all = append(all, chat.WithRepeatInDoubt(value == true))
		case "random":
			all = append(all, chat.WithRandom(uint32(n)))
		case "split":
			all = append(all, chat.Split())
		}
	}
	return all
}

func (r *run) takeCall(step object) {
	args, _ := step["args"].(object)
	given, _ := step["options"].(object)
	ctx := context.Background()
	if given["cancel"] == true {
		ctx = r.ctx
	}
	var seen object
	call := func() {
		begun := time.Now()
		names, _ := step["arguments"].([]any)
		result, err := r.call(ctx, step["call"].(string), names, args, options(given))
		seen = r.seen(result, err, time.Since(begun))
	}
	during, ok := step["during"]
	if !ok {
		call()
		r.see(seen, step)
		return
	}
	ended := make(chan *broken)
	go func() { ended <- trying(call) }()
	why := trying(func() { r.take(during) })
	if late := <-ended; why == nil {
		why = late
	}
	if why != nil {
		panic(*why)
	}
	r.see(seen, step)
}

func str(args object, name string) string { s, _ := args[name].(string); return s }

func i64(args object, name string) int64 { n, _ := number(args[name]); return int64(n) }

func optional(args object, name string) *string {
	if s, ok := args[name].(string); ok {
		return &s
	}
	return nil
}

func contact(pair any) chat.Contact {
	kind, _ := number(pair.([]any)[0])
	return chat.Contact{Type: chat.ContactType(kind), ID: pair.([]any)[1].(string)}
}

func contacts(list any) (all []chat.Contact) {
	pairs, _ := list.([]any)
	for _, pair := range pairs {
		all = append(all, contact(pair))
	}
	return all
}

func bits(list any) (all []int) {
	given, _ := list.([]any)
	for _, bit := range given {
		n, _ := number(bit)
		all = append(all, int(n))
	}
	return all
}

func marks(list any) (all []chat.Mark) {
	given, _ := list.([]any)
	for _, one := range given {
		mark := one.(object)
		all = append(all, chat.Mark{Contact: contact(mark["contact"]), Set: bits(mark["set"]), Clear: bits(mark["clear"]), CustomMark: optional(mark, "custom_mark")})
	}
	return all
}

func accounts(list any) (all []chat.Account) {
	given, _ := list.([]any)
	for _, one := range given {
		if account, ok := one.(object); ok {
			all = append(all, chat.Account{UserID: str(account, "user_id"), Nick: optional(account, "nick"), FaceURL: optional(account, "face_url")})
		} else {
			all = append(all, chat.Account{UserID: one.(string)})
		}
	}
	return all
}

func userIDs(list any) (all []string) {
	for _, account := range accounts(list) {
		all = append(all, account.UserID)
	}
	return all
}

// argument is one argument of a case as the type that the method takes.
func argument(args object, name string, kind reflect.Type) reflect.Value {
	var value any
	switch reflect.Zero(kind).Interface().(type) {
	case string:
		value = str(args, name)
	case int64:
		value = i64(args, name)
	case uint32:
		value = uint32(i64(args, name))
		if name == "assist_flags" && args[name] == nil {
			value = uint32(chat.AssistFlags)
		}
	case bool:
		value = args[name] == true
	case chat.Contact:
		value = contact(args[name])
	case []chat.Contact:
		value = contacts(args[name])
	case []chat.Mark:
		value = marks(args[name])
	case chat.Account:
		value = accounts([]any{args})[0]
	case []chat.Account:
		value = accounts(args[name])
	case []string:
		value = userIDs(args[name])
	case chat.RecentContactCursor:
		value = chat.RecentContactCursor{
			TimeStamp: i64(args, "time_stamp"), StartIndex: i64(args, "start_index"),
			TopTimeStamp: i64(args, "top_time_stamp"), TopStartIndex: i64(args, "top_start_index"),
		}
	case nil:
		if args["body"] == nil {
			return reflect.Zero(kind)
		}
		value = json.RawMessage(text(args["body"]))
	default:
		panic(broken{fmt.Sprintf("say here how %s becomes a %s", name, kind)})
	}
	return reflect.ValueOf(value)
}

// call makes one call, whose arguments are given by their names in order. What comes back is a result of one of the face's types.
func (r *run) call(ctx context.Context, command string, names []any, args object, options []chat.CallOption) (any, error) {
	camel := ""
	for _, word := range strings.Split(command, "_") {
		camel += strings.ToUpper(word[:1]) + word[1:]
	}
	method := reflect.ValueOf(r.client).MethodByName(camel)
	if !method.IsValid() {
		r.fail("Go knows no command %s", command)
	}
	given := []reflect.Value{reflect.ValueOf(ctx)}
	for _, name := range names {
		given = append(given, argument(args, name.(string), method.Type().In(len(given))))
	}
	for _, option := range options {
		given = append(given, reflect.ValueOf(option))
	}
	ended := method.Call(given)
	err, _ := ended[1].Interface().(error)
	return ended[0].Interface(), err
}

func group(g chat.ContactGroup) any { return object{"name": g.Name, "id": float64(g.ID)} }

func each[T any](list []T, plain func(T) any) []any {
	all := make([]any, len(list))
	for i, one := range list {
		all[i] = plain(one)
	}
	return all
}

func plainContact(c chat.Contact) any { return object{"type": float64(c.Type), "id": c.ID} }

func contactResult(c chat.ContactResult) any {
	return object{
		"contact": plainContact(c.Contact), "result_code": float64(c.ResultCode), "result_info": c.ResultInfo, "opt_type": float64(c.OptType),
	}
}

func accountResult(a chat.AccountResult) any {
	return object{"user_id": a.UserID, "result_code": float64(a.ResultCode), "result_info": a.ResultInfo}
}

func unix(t time.Time) any {
	if t.IsZero() {
		return float64(0)
	}
	return float64(t.Unix())
}

func mark(number int) any { return float64(number) }

func entry(e chat.ContactGroupEntry) any {
	return object{
		"contact": plainContact(e.Contact), "standard_mark": e.StandardMark, "custom_mark": e.CustomMark, "timestamp": unix(e.Timestamp),
		"group_ids":   each(e.Groups, func(g chat.ContactGroup) any { return float64(g.ID) }),
		"group_names": each(e.Groups, func(g chat.ContactGroup) any { return g.Name }),
		"marks":       each(e.Marks, mark),
	}
}

func recent(e chat.RecentContact) any {
	return object{
		"contact": plainContact(e.Contact), "msg_time": unix(e.MsgTime), "pinned": e.Pinned, "standard_mark": e.StandardMark,
		"custom_mark": e.CustomMark, "group_ids": each(e.ContactGroupIDs, func(id int64) any { return float64(id) }),
		"marks": each(e.Marks, mark),
	}
}

// plain is a result in the suite's names, its response, and the answers of a list that was split. A nil pointer is no result.
func plain(value any) (result object, response *chat.Response, parts int) {
	if response, ok := value.(*chat.Response); ok {
		return nil, response, 1
	}
	pointer := reflect.ValueOf(value)
	if pointer.Kind() != reflect.Pointer || pointer.IsNil() {
		return nil, nil, 0
	}
	result, parts = object{}, 1
	for i := 0; i < pointer.Elem().NumField(); i++ {
		switch part := pointer.Elem().Field(i).Interface().(type) {
		case *chat.Response:
			response = part
		case []*chat.Response:
			if part != nil {
				parts = len(part)
			}
		case chat.ContactGroup:
			result["group"], result["items"] = group(part), []any{}
		case []chat.ContactGroup:
			result["groups"] = each(part, group)
		case []chat.ContactResult:
			result["items"] = each(part, contactResult)
		case []chat.ContactGroupEntry:
			result["entries"] = each(part, entry)
		case []chat.RecentContact:
			result["entries"] = each(part, recent)
		case []chat.AccountResult:
			result["items"] = each(part, accountResult)
		case []chat.CheckedAccount:
			result["items"] = each(part, func(a chat.CheckedAccount) any {
				all := accountResult(a.AccountResult).(object)
				all["account_status"] = string(a.AccountStatus)
				return all
			})
		case []string:
			result["fail_accounts"] = each(part, func(user string) any { return user })
		case bool:
			result["complete"] = part
		case int64:
			result["next_start_index"] = float64(part)
		case chat.RecentContactCursor:
			result["time_stamp"], result["start_index"] = float64(part.TimeStamp), float64(part.StartIndex)
			result["top_time_stamp"], result["top_start_index"] = float64(part.TopTimeStamp), float64(part.TopStartIndex)
		default:
			panic(broken{fmt.Sprintf("say here what a %T of a %T is in the suite", part, value)})
		}
	}
	return result, response, parts
}

// seen is what a call shows.
func (r *run) seen(value any, err error, took time.Duration) object {
	result, response, parts := plain(value)
	all := object{"items_done": 0.0, "error": func(name string) bool { return is(err, name) }}
	var failure *chat.Error
	if errors.As(err, &failure) {
		response = &failure.Response
	}
	var split *chat.SplitError
	if errors.As(err, &split) {
		all["items_done"] = float64(split.Done)
	}
	if response == nil {
		response = &chat.Response{}
	}
	if result != nil {
		all["result"] = result
	}
	r.show(fmt.Sprintf("%v %+v %#v %v %+v %#v", err, err, err, value, *response, *response))
	doubt, gone, s := "", "", "s"
	if response.InDoubt {
		doubt = ", in doubt"
	}
	if response.AlreadyDeleted {
		gone = ", already deleted"
	}
	if response.Attempts == 1 {
		s = ""
	}
	trace, _ := read([]byte(response.Trace))
	for name, is := range (object{
		"outcome": fmt.Sprintf("%d%s%s, %d attempt%s", response.Code, doubt, gone, response.Attempts, s),
		"code":    float64(response.Code), "in_doubt": response.InDoubt, "already_deleted": response.AlreadyDeleted, "attempts": float64(response.Attempts),
		"message": response.Message, "http_status": float64(response.HTTPStatus), "retriable": response.Retriable,
		"retry_after_ms": float64(response.RetryAfter.Milliseconds()), "random": float64(response.Random), "trace": trace, "body": response.Body,
		"ms": float64(took) / float64(time.Millisecond), "parts": float64(parts),
	}) {
		all[name] = is
	}
	var answer json.RawMessage
	if response.Body != "" && response.Decode(&answer) == nil {
		all["answer"], _ = read(answer)
	}
	return all
}

// goer is what the two kinds of items have in common.
type goer interface {
	Next(context.Context) bool
	Err() error
	Complete() bool
	Close() error
}

func (r *run) takeItems(step object) {
	args, _ := step["args"].(object)
	given, _ := step["options"].(object)
	ctx := context.Background()
	if given["cancel"] == true {
		ctx = r.ctx
	}
	var items goer
	var item func() any
	if step["items"] == "contact_group_items" {
		of := r.client.ContactGroupItems(str(args, "from_account"), options(given)...)
		items, item = of, func() any { return entry(of.Item()) }
	} else {
		of := r.client.RecentContactItems(str(args, "from_account"), options(given)...)
		items, item = of, func() any { return recent(of.Item()) }
	}
	count, most := 1, -1
	if n, ok := number(step["goes"]); ok {
		count = int(n)
	}
	if n, ok := number(step["take"]); ok {
		most = int(n)
	}
	var goes []any
	for ; count > 0; count-- {
		came := []any{}
		for len(came) != most && items.Next(ctx) {
			came = append(came, item())
		}
		seen := r.seen(nil, items.Err(), 0)
		seen["items"], seen["complete"] = came, items.Complete()
		if goes = append(goes, seen); step["goes"] == nil {
			r.see(seen, step)
		}
	}
	_ = items.Close()
	if step["goes"] != nil {
		for i, wanted := range step["seen"].([]any) {
			r.see(goes[i].(object), object{"items": step["items"], "go": float64(i), "seen": wanted})
		}
	}
}
