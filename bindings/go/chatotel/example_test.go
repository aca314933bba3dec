//go:build cgo

package chatotel_test

import (
	"context"
	"fmt"
	"log"

	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"

	chat "github.com/tencent-chat/tencent-chat/bindings/go"
	"github.com/tencent-chat/tencent-chat/bindings/go/chatotel"
	"github.com/tencent-chat/tencent-chat/bindings/go/chattest"
)

func ExampleSpans() {
	service, err := chattest.Run()
	if err != nil {
		log.Fatal(err)
	}
	defer service.Close()
	exporter := tracetest.NewInMemoryExporter() // your program's sends them to a collector
	provider := sdktrace.NewTracerProvider(sdktrace.WithSyncer(exporter))

	config := service.Config()
	config.CallHook = chatotel.Spans(provider)
	client, err := chat.New(config)
	if err != nil {
		log.Fatal(err)
	}
	defer client.Close()
	if _, err := client.CreateContactGroup(context.Background(), chattest.User, "team", nil); err != nil {
		log.Fatal(err)
	}
	for _, span := range exporter.GetSpans() {
		fmt.Println(span.SpanKind, span.Name)
	}
	// Output:
	// client POST /v4/recentcontact/create_contact_group
	// internal create_contact_group
}
