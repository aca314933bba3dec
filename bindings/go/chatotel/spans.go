// Package chatotel makes OpenTelemetry spans of the calls of a [chat.Client]: one for each call, and below it one for each attempt, by the
// conventions for HTTP clients.
//
//	config.CallHook = chatotel.Spans(nil)
//
// A call's span is a child of the span in its context, and is named by its command, or by the path of a generic call. No span holds the
// UserSig, the key, an argument or a body; the status of a failure is its message, which quotes the service.
//
// The package is a module of its own, so that package chat needs nothing but the standard library.
package chatotel

import (
	"context"
	"net"
	"strconv"
	"strings"
	"time"

	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/trace"

	chat "github.com/tencent-chat/tencent-chat/bindings/go"
)

// Spans is the CallHook of a client whose calls are to be spans of this provider, or of the global one where it is nil. The spans of a call and of
// its attempts are written together, when it has ended.
func Spans(provider trace.TracerProvider) func(context.Context, chat.CallRecord) {
	if provider == nil {
		provider = otel.GetTracerProvider()
	}
	tracer := provider.Tracer("github.com/tencent-chat/tencent-chat/bindings/go/chatotel")
	return func(ctx context.Context, call chat.CallRecord) { write(ctx, tracer, call) }
}

func write(ctx context.Context, tracer trace.Tracer, call chat.CallRecord) {
	if ctx == nil {
		ctx = context.Background() // such a call was refused
	}
	end := time.Now()
	begin := end.Add(-call.Duration)
	attributes := []attribute.KeyValue{
		attribute.Int("tencent_chat.code", int(call.Code)),
		attribute.Bool("tencent_chat.in_doubt", call.InDoubt),
	}
	if call.Code != chat.CodeOK {
		attributes = append(attributes, errorType(call.Code, call.HTTPStatus))
	}
	name := call.Command
	isOurs := func(r rune) bool { return r == '_' || 'a' <= r && r <= 'z' }
	if call.Attempts == 0 && strings.TrimFunc(name, isOurs) != "" {
		name = "call" // a path that was refused may be anything
	}
	ctx, span := tracer.Start(ctx, name, trace.WithTimestamp(begin), trace.WithAttributes(attributes...))
	if span.IsRecording() {
		for _, attempt := range call.EachAttempt() {
			writeAttempt(ctx, tracer, attempt, begin.Add(attempt.At))
		}
	}
	if call.Code != chat.CodeOK {
		span.SetStatus(codes.Error, call.Message)
	}
	span.End(trace.WithTimestamp(end))
}

func writeAttempt(ctx context.Context, tracer trace.Tracer, attempt chat.Attempt, begin time.Time) {
	// Duration is whole milliseconds, the parts are finer.
	took := attempt.LookUp + attempt.Connect + attempt.TLS + attempt.Exchange
	if took < attempt.Duration {
		took = attempt.Duration
	}
	_, span := tracer.Start(ctx, "POST /"+attempt.Path, trace.WithSpanKind(trace.SpanKindClient), trace.WithTimestamp(begin),
		trace.WithAttributes(attributesOf(attempt)...))
	if attempt.Code != chat.CodeOK {
		span.SetStatus(codes.Error, "")
	}
	span.End(trace.WithTimestamp(begin.Add(took)))
}

// attributesOf is what the conventions have for an attempt, and what the service's support asks for. Path has no query, which holds the UserSig.
func attributesOf(attempt chat.Attempt) []attribute.KeyValue {
	attributes := []attribute.KeyValue{
		attribute.String("http.request.method", "POST"),
		attribute.String("url.full", attempt.Scheme+"://"+attempt.Host+"/"+attempt.Path),
		attribute.String("url.template", "/"+attempt.Path),
		attribute.Int("tencent_chat.code", int(attempt.Code)),
		attribute.Int64("tencent_chat.random", int64(attempt.Random)),
	}
	attributes = append(attributes, place("server.", attempt.Host)...)
	if attempt.Number > 1 {
		attributes = append(attributes, attribute.Int("http.request.resend_count", attempt.Number-1))
	}
	if attempt.HTTPStatus != 0 {
		attributes = append(attributes, attribute.Int("http.response.status_code", attempt.HTTPStatus), attribute.String("network.protocol.version", "1.1"))
	}
	if attempt.Address != "" {
		attributes = append(attributes, place("network.peer.", attempt.Address)...)
	}
	if attempt.Code != chat.CodeOK {
		attributes = append(attributes, errorType(attempt.Code, attempt.HTTPStatus))
	}
	return attributes
}

// place is a host and its port.
func place(prefix, hostPort string) []attribute.KeyValue {
	host, text, _ := net.SplitHostPort(hostPort)
	port, _ := strconv.Atoi(text) // the library writes nothing else
	return []attribute.KeyValue{attribute.String(prefix+"address", host), attribute.Int(prefix+"port", port)}
}

// errorType is a status that is no success, as the conventions want it, else the code's name, or its number where it has none.
func errorType(code chat.Code, status int) attribute.KeyValue {
	if code == chat.CodeHTTPStatus {
		return attribute.String("error.type", strconv.Itoa(status))
	}
	return attribute.String("error.type", code.String())
}
