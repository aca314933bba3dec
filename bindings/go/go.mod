module github.com/tencent-chat/tencent-chat/bindings/go

go 1.18
