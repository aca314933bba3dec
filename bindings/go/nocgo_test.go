//go:build !cgo && chat_nocgo

// The package as a build without cgo has it: it compiles, and says what is missing.

package chat_test

import (
	"errors"
	"strings"
	"testing"

	chat "github.com/tencent-chat/tencent-chat/bindings/go"
)

func TestWithoutCgoNewSaysWhatIsMissing(t *testing.T) {
	client, err := chat.New(chat.Config{Region: "tokyo", SDKAppID: 1, Identifier: "administrator", SecretKey: chat.NewSecret("key")})
	if client != nil || !errors.Is(err, chat.ErrConfig) || !strings.Contains(err.Error(), "CGO_ENABLED=1") {
		t.Errorf("got %v, %v", client, err)
	}
	if chat.Version() != "" || chat.CodeTimeout.Explain() != "ERR_TIMEOUT" {
		t.Errorf("version %q, explains %q", chat.Version(), chat.CodeTimeout.Explain())
	}
}
