// The program's own test: the emulator comes with the module, and nothing is said of where it is.

package main

import (
	"context"
	"testing"

	chat "github.com/tencent-chat/tencent-chat/bindings/go"
	"github.com/tencent-chat/tencent-chat/bindings/go/chattest"
)

func TestTheProgramDeletesTheGroup(t *testing.T) {
	service := chattest.Start(t)
	client, ctx := service.NewClient(), context.Background()
	colleague := []chat.Contact{chat.OneToOne(chattest.OtherUser)}
	if _, err := client.CreateContactGroup(ctx, chattest.User, "colleagues", colleague); err != nil {
		t.Fatal(err)
	}
	if err := run(service.URL); err != nil {
		t.Error(err)
	}
	if found, err := client.SearchContactGroup(ctx, chattest.User, colleague); err != nil || len(found.Contacts) != 0 && len(found.Contacts[0].Groups) != 0 {
		t.Errorf("%v, %v", found, err)
	}
}
