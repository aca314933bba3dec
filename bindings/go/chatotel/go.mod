module github.com/tencent-chat/tencent-chat/bindings/go/chatotel

// What OpenTelemetry 1.17 asks for, its last release for Go 1.19; a program that names a newer one gets that.
go 1.19

require (
	github.com/tencent-chat/tencent-chat/bindings/go v0.1.0
	go.opentelemetry.io/otel v1.17.0
	go.opentelemetry.io/otel/sdk v1.17.0
	go.opentelemetry.io/otel/trace v1.17.0
)

require (
	github.com/go-logr/logr v1.2.4 // indirect
	github.com/go-logr/stdr v1.2.2 // indirect
	go.opentelemetry.io/otel/metric v1.17.0 // indirect
	golang.org/x/sys v0.11.0 // indirect
)

replace github.com/tencent-chat/tencent-chat/bindings/go => ../
