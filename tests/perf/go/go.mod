module github.com/tencent-chat/tencent-chat/tests/perf/go

go 1.18

require github.com/tencent-chat/tencent-chat/bindings/go v0.0.0

replace github.com/tencent-chat/tencent-chat/bindings/go => ../../../bindings/go
