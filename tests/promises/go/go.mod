module github.com/tencent-chat/tencent-chat/tests/promises/go

go 1.18

require github.com/tencent-chat/tencent-chat/bindings/go v0.1.0

replace github.com/tencent-chat/tencent-chat/bindings/go => ../../../bindings/go
