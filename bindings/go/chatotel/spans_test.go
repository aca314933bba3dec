//go:build cgo

// Spans as OpenTelemetry's own SDK keeps them: names, kinds, parents, times and attributes, what a failure is, and what is in none of them.

package chatotel_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"reflect"
	"strings"
	"testing"
	"time"

	"go.opentelemetry.io/otel/codes"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"
	"go.opentelemetry.io/otel/trace"

	chat "github.com/tencent-chat/tencent-chat/bindings/go"
	"github.com/tencent-chat/tencent-chat/bindings/go/chatotel"
	"github.com/tencent-chat/tencent-chat/bindings/go/chattest"
)

var background = context.Background()

const deletePath = "/v4/recentcontact/del_contact_group"

// kept is a provider, and the spans that ended.
type kept struct {
	*sdktrace.TracerProvider
	exporter *tracetest.InMemoryExporter
}

func keep() kept {
	exporter := tracetest.NewInMemoryExporter()
	return kept{sdktrace.NewTracerProvider(sdktrace.WithSyncer(exporter)), exporter}
}

// traced is a client whose calls are spans.
func (k kept) traced(service *chattest.Service, changes ...func(*chat.Config)) *chat.Client {
	return service.NewClient(append(changes, func(c *chat.Config) { c.CallHook = chatotel.Spans(k) })...)
}

// call is a call's span and those of its attempts.
type call struct {
	tracetest.SpanStub
	attempts []tracetest.SpanStub
}

// calls are those since the last question.
func (k kept) calls(t *testing.T) (all []call) {
	t.Helper()
	spans := k.exporter.GetSpans()
	k.exporter.Reset()
	found := 0
	for _, span := range spans {
		if span.SpanKind != trace.SpanKindInternal {
			continue
		}
		one := call{SpanStub: span}
		for _, child := range spans {
			if child.Parent.SpanID() == span.SpanContext.SpanID() {
				one.attempts = append(one.attempts, child)
			}
		}
		found += 1 + len(one.attempts)
		all = append(all, one)
	}
	if found != len(spans) {
		t.Fatalf("%d spans, and %d are calls or attempts of one", len(spans), found)
	}
	return all
}

// one is the only call since the last question, which made so many attempts.
func (k kept) one(t *testing.T, attempts int) call {
	t.Helper()
	calls := k.calls(t)
	if len(calls) != 1 || len(calls[0].attempts) != attempts {
		t.Fatalf("want one call of %d attempts, got %+v", attempts, calls)
	}
	return calls[0]
}

func attributes(span tracetest.SpanStub) map[string]any {
	found := map[string]any{}
	for _, attribute := range span.Attributes {
		found[string(attribute.Key)] = attribute.Value.AsInterface()
	}
	return found
}

func wantSpan(t *testing.T, span tracetest.SpanStub, name string, kind trace.SpanKind, status codes.Code, want map[string]any) {
	t.Helper()
	if span.Name != name || span.SpanKind != kind || span.Status.Code != status {
		t.Errorf("span %q, %v, %v; want %q, %v, %v", span.Name, span.SpanKind, span.Status, name, kind, status)
	}
	found := attributes(span)
	for key, value := range want {
		if !reflect.DeepEqual(found[key], value) {
			t.Errorf("%s of %s is %v, want %v", key, span.Name, found[key], value)
		}
	}
}

func TestACallIsASpanAndItsAttemptAClientSpanOfTheHTTPConventions(t *testing.T) {
	service, spans := chattest.Start(t), keep()
	response, err := spans.traced(service).AccountImport(background, chat.Account{UserID: "user_0003"})
	if err != nil {
		t.Fatal(err)
	}
	made := spans.one(t, 1)
	wantSpan(t, made.SpanStub, "account_import", trace.SpanKindInternal, codes.Unset, nil)
	if got := attributes(made.SpanStub); len(got) != 2 || got["tencent_chat.code"] != int64(0) || got["tencent_chat.in_doubt"] != false {
		t.Error(got)
	}
	attempt, path := made.attempts[0], "/v4/im_open_login_svc/account_import"
	wantSpan(t, attempt, "POST "+path, trace.SpanKindClient, codes.Unset, nil)
	place, _ := url.Parse(service.TLSURL)
	got := attributes(attempt)
	if peer := got["network.peer.address"]; peer != "127.0.0.1" && peer != "::1" {
		t.Errorf("the peer is %v", peer)
	}
	delete(got, "network.peer.address")
	for key, port := range map[string]any{"server.port": got["server.port"], "network.peer.port": got["network.peer.port"]} {
		if fmt.Sprint(port) != place.Port() {
			t.Errorf("%s is %v, want %s", key, port, place.Port())
		}
		delete(got, key)
	}
	want := map[string]any{
		"http.request.method": "POST", "http.response.status_code": int64(200), "network.protocol.version": "1.1",
		"server.address": "localhost", "tencent_chat.code": int64(0), "tencent_chat.random": int64(response.Random),
		"url.full": service.TLSURL + path, "url.template": path,
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("attributes %v, want %v", got, want)
	}
	for i, times := 1, []time.Time{made.StartTime, attempt.StartTime, attempt.EndTime, made.EndTime}; i < len(times); i++ {
		if times[i].Before(times[i-1]) {
			t.Errorf("the attempt does not lie within its call: %v", times)
		}
	}
	if !attempt.StartTime.Before(attempt.EndTime) {
		t.Error("the attempt took no time")
	}
}

func TestARepeatIsASecondAttemptThatSaysSo(t *testing.T) {
	service, spans := chattest.Start(t), keep()
	service.Fault(chattest.Fault{Code: 50004})
	if _, err := spans.traced(service).AccountImport(background, chat.Account{UserID: "user_0003"}); err != nil {
		t.Fatal(err)
	}
	made := spans.one(t, 2)
	first, second := made.attempts[0], made.attempts[1]
	wantSpan(t, first, "POST /v4/im_open_login_svc/account_import", trace.SpanKindClient, codes.Error,
		map[string]any{"error.type": "SERVICE_INTERNAL_ERROR", "http.request.resend_count": nil})
	wantSpan(t, second, "POST /v4/im_open_login_svc/account_import", trace.SpanKindClient, codes.Unset,
		map[string]any{"error.type": nil, "http.request.resend_count": int64(1)})
	if made.Status.Code != codes.Unset || second.StartTime.Before(first.EndTime) {
		t.Errorf("%v; the first ended at %v, the second began at %v", made.Status, first.EndTime, second.StartTime)
	}
}

func TestAFailureSaysWhichAndWhy(t *testing.T) {
	service, spans := chattest.Start(t), keep()
	client := spans.traced(service, func(c *chat.Config) { c.MaxAttempts = 1 })
	_, err := client.DelContactGroup(background, chattest.User, "none")
	var failure *chat.Error
	if !errors.As(err, &failure) {
		t.Fatal(err)
	}
	made := spans.one(t, 1)
	none := map[string]any{"error.type": "SERVICE_GROUP_NOT_FOUND", "tencent_chat.code": int64(51009)}
	wantSpan(t, made.SpanStub, "del_contact_group", trace.SpanKindInternal, codes.Error, none)
	wantSpan(t, made.attempts[0], "POST "+deletePath, trace.SpanKindClient, codes.Error, none)
	if made.Status.Description != failure.Message || failure.Message == "" {
		t.Errorf("the status says %q, the error %q", made.Status.Description, failure.Message)
	}

	service.Fault(chattest.Fault{Answer: &chattest.Answer{Status: 502}})
	client.DelContactGroup(background, chattest.User, "none")
	wantSpan(t, spans.one(t, 1).attempts[0], "POST "+deletePath, trace.SpanKindClient, codes.Error,
		map[string]any{"error.type": "502", "http.response.status_code": int64(502)})

	service.Fault(chattest.Fault{Drop: "reset"})
	client.CreateContactGroup(background, chattest.User, "g", nil)
	made = spans.one(t, 1)
	wantSpan(t, made.SpanStub, "create_contact_group", trace.SpanKindInternal, codes.Error, map[string]any{"tencent_chat.in_doubt": true})
	wantSpan(t, made.attempts[0], "POST /v4/recentcontact/create_contact_group", trace.SpanKindClient, codes.Error,
		map[string]any{"error.type": "ERR_TRANSPORT", "http.response.status_code": nil})

	ended, cancel := context.WithCancel(background)
	cancel()
	client.DelContactGroup(ended, chattest.User, "none")
	wantSpan(t, spans.one(t, 0).SpanStub, "del_contact_group", trace.SpanKindInternal, codes.Error, map[string]any{"error.type": "ERR_CANCELLED"})
	for _, path := range []string{"v4/a/b?usersig=private", "user 4711 of ACME"} {
		client.Call(background, path, nil)
		wantSpan(t, spans.one(t, 0).SpanStub, "call", trace.SpanKindInternal, codes.Error, map[string]any{"error.type": "ERR_INVALID_ARGUMENT"})
	}
	client.DelContactGroup(nil, chattest.User, "none") //nolint:staticcheck // refused, and no panic
	spans.one(t, 0)
}

func TestTheCallersSpanIsTheParent(t *testing.T) {
	service, spans := chattest.Start(t), keep()
	client := spans.traced(service)
	ctx, work := spans.Tracer("caller").Start(background, "work", trace.WithSpanKind(trace.SpanKindServer))
	client.AccountCheck(ctx, []string{chattest.User, "a"}, chat.Split())
	client.Call(ctx, deletePath[1:], map[string]any{"From_Account": chattest.User})
	for items := client.ContactGroupItems(chattest.User); items.Next(ctx); {
	}
	calls := spans.calls(t)
	var named []string
	for _, one := range calls {
		named = append(named, one.Name)
		if one.Parent.SpanID() != work.SpanContext().SpanID() || len(one.attempts) != 1 {
			t.Errorf("%s has the parent %v and %d attempts", one.Name, one.Parent, len(one.attempts))
		}
	}
	if got := strings.Join(named, " "); got != "account_check "+deletePath[1:]+" get_contact_group" {
		t.Error(got)
	}
}

func TestNoSpanHoldsAKeyASignatureOrAnArgument(t *testing.T) {
	service, spans := chattest.Start(t), keep()
	key := chat.NewSecret(chattest.SecretKey)
	signature, err := chat.NewUserSig(chattest.SDKAppID, chattest.Identifier, key, time.Minute)
	if err != nil {
		t.Fatal(err)
	}
	const wrong = "canary-key-3f9d1e"
	for _, change := range []func(*chat.Config){
		func(c *chat.Config) { c.SecretKey = chat.NewSecret(wrong) },
		func(c *chat.Config) { c.BaseURL = "http://127.0.0.1:1" },
		func(c *chat.Config) { c.SecretKey, c.UserSig = chat.Secret{}, signature },
	} {
		client := spans.traced(service, change)
		client.DelContactGroup(background, "private user", "private group")
		body, _ := json.Marshal(map[string]any{"ActionStatus": "FAIL", "ErrorCode": 90001, "ErrorInfo": "no such usersig=" + signature.Reveal()})
		if !strings.Contains(client.String(), "127.0.0.1:1,") {
			service.Fault(chattest.Fault{Answer: &chattest.Answer{Status: 200, Body: string(body)}})
		}
		client.DelContactGroup(background, "private user", "private group")
	}
	text := fmt.Sprintf("%+v", spans.exporter.GetSpans())
	if !strings.Contains(text, "no such") || !strings.Contains(text, deletePath) {
		t.Errorf("the spans say nothing: %s", text)
	}
	for _, secret := range []string{wrong, chattest.SecretKey, signature.Reveal(), url.QueryEscape(signature.Reveal()), "private"} {
		if strings.Contains(text, secret) {
			t.Errorf("a span holds %q: %s", secret, text)
		}
	}
}
