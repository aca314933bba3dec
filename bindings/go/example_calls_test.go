//go:build cgo

// One example for each call, as the package's documentation shows it, run against an emulator. The client is made as in the package's
// own example.

package chat_test

import (
	"context"
	"fmt"

	chat "github.com/tencent-chat/tencent-chat/bindings/go"
	"github.com/tencent-chat/tencent-chat/bindings/go/chattest"
)

// emulated is a client of an emulator of its own, with which done ends.
func emulated() (client *chat.Client, service *chattest.Service, done func()) {
	service, err := chattest.Run()
	if err != nil {
		panic(err) // fails the example, with the reason
	}
	client = service.NewClient()
	return client, service, func() {
		client.Close()
		service.Close()
	}
}

func ExampleClient_CreateContactGroup() {
	client, _, done := emulated()
	defer done()

	colleagues := []chat.Contact{chat.OneToOne("user_0002"), chat.GroupChat("@TGS#1B2AUI7RZ")}
	result, err := client.CreateContactGroup(context.Background(), "user_0001", "colleagues", colleagues)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(result.Group.Name, result.Group.ID)
	for _, contact := range result.Contacts {
		fmt.Println(contact.Contact.ID, contact.ResultCode)
	}
	// Output:
	// colleagues 1
	// user_0002 OK
	// @TGS#1B2AUI7RZ OK
}

func ExampleClient_UpdateContactGroupName() {
	client, _, done := emulated()
	defer done()
	ctx := context.Background()
	client.CreateContactGroup(ctx, "user_0001", "colleagues", nil)

	result, err := client.UpdateContactGroupName(ctx, "user_0001", "colleagues", "friends")
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(result.Group.Name)
	// Output: friends
}

func ExampleClient_UpdateContactGroupContacts() {
	client, _, done := emulated()
	defer done()
	ctx := context.Background()
	client.CreateContactGroup(ctx, "user_0001", "colleagues", []chat.Contact{chat.OneToOne("user_0002")})

	add, remove := []chat.Contact{chat.GroupChat("@TGS#1B2AUI7RZ")}, []chat.Contact{chat.OneToOne("user_0002")}
	result, err := client.UpdateContactGroupContacts(ctx, "user_0001", "colleagues", add, remove)
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, contact := range result.Contacts {
		fmt.Println(contact.Contact.ID, contact.ResultCode)
	}
	// Output:
	// @TGS#1B2AUI7RZ OK
	// user_0002 OK
}

func ExampleClient_MarkContact() {
	client, _, done := emulated()
	defer done()

	marks := []chat.Mark{{Contact: chat.OneToOne("user_0002"), Set: []int{32}, CustomMark: chat.String("vip")}}
	result, err := client.MarkContact(context.Background(), "user_0001", marks)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(result.Contacts[0].Contact.ID, result.Contacts[0].ResultCode)
	// Output: user_0002 OK
}

func ExampleClient_SearchContactGroup() {
	client, _, done := emulated()
	defer done()
	ctx, contacts := context.Background(), []chat.Contact{chat.OneToOne("user_0002")}
	client.CreateContactGroup(ctx, "user_0001", "colleagues", contacts)

	result, err := client.SearchContactGroup(ctx, "user_0001", contacts)
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, entry := range result.Contacts {
		fmt.Println(entry.Contact.ID, entry.Groups[0].Name)
	}
	// Output: user_0002 colleagues
}

func ExampleClient_GetContactGroup() {
	client, _, done := emulated()
	defer done()
	ctx := context.Background()
	client.CreateContactGroup(ctx, "user_0001", "colleagues", []chat.Contact{chat.OneToOne("user_0002")})

	page, err := client.GetContactGroup(ctx, "user_0001", 0)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(len(page.Groups), page.Contacts[0].Contact.ID, page.Complete)
	// Output: 1 user_0002 true
}

func ExampleClient_RecentContactGetList() {
	client, service, done := emulated()
	defer done()
	service.SetConversations("user_0001", chattest.Conversation{Type: chat.TypeOneToOne, ID: "user_0002", MsgTime: 1772612017})

	page, err := client.RecentContactGetList(context.Background(), "user_0001", chat.RecentContactCursor{}, chat.AssistFlags)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(page.Contacts[0].Contact.ID, page.Complete)
	// Output: user_0002 true
}

func ExampleClient_RecentContactItems() {
	client, service, done := emulated()
	defer done()
	ctx := context.Background()
	service.SetConversations("user_0001", chattest.Conversation{Type: chat.TypeOneToOne, ID: "user_0002", MsgTime: 1772612017})

	items := client.RecentContactItems("user_0001")
	defer items.Close()
	for items.Next(ctx) {
		fmt.Println(items.Item().Contact.ID)
	}
	fmt.Println(items.Err(), items.Complete())
	// Output:
	// user_0002
	// <nil> true
}

func ExampleClient_RecentContactDelete() {
	client, service, done := emulated()
	defer done()
	service.SetConversations("user_0001", chattest.Conversation{Type: chat.TypeOneToOne, ID: "user_0002", MsgTime: 1772612017})

	_, err := client.RecentContactDelete(context.Background(), "user_0001", chat.OneToOne("user_0002"), true)
	fmt.Println(err)
	// Output: <nil>
}

func ExampleClient_RecentContactPin() {
	client, service, done := emulated()
	defer done()
	ctx := context.Background()
	service.SetConversations("user_0001", chattest.Conversation{Type: chat.TypeOneToOne, ID: "user_0002", MsgTime: 1772612017})

	if _, err := client.RecentContactPin(ctx, "user_0001", []chat.Contact{chat.OneToOne("user_0002")}); err != nil {
		fmt.Println(err)
		return
	}
	page, err := client.RecentContactGetList(ctx, "user_0001", chat.RecentContactCursor{}, chat.AssistFlags)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(page.Contacts[0].Contact.ID, page.Contacts[0].Pinned)
	// Output: user_0002 true
}

func ExampleClient_RecentContactUnpin() {
	client, service, done := emulated()
	defer done()
	ctx := context.Background()
	service.SetConversations("user_0001", chattest.Conversation{Type: chat.TypeOneToOne, ID: "user_0002", MsgTime: 1772612017, Pinned: true})

	if _, err := client.RecentContactUnpin(ctx, "user_0001", []chat.Contact{chat.OneToOne("user_0002")}); err != nil {
		fmt.Println(err)
		return
	}
	page, err := client.RecentContactGetList(ctx, "user_0001", chat.RecentContactCursor{}, chat.AssistFlags)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(page.Contacts[0].Contact.ID, page.Contacts[0].Pinned)
	// Output: user_0002 false
}

func ExampleClient_AccountImport() {
	client, _, done := emulated()
	defer done()

	_, err := client.AccountImport(context.Background(), chat.Account{UserID: "user_0003", Nick: chat.String("Three")})
	fmt.Println(err)
	// Output: <nil>
}

func ExampleClient_MultiaccountImport() {
	client, _, done := emulated()
	defer done()

	_, err := client.MultiaccountImport(context.Background(), []chat.Account{{UserID: "user_0003"}, {UserID: "user_0004"}})
	fmt.Println(err)
	// Output: <nil>
}

func ExampleClient_AccountCheck() {
	client, _, done := emulated()
	defer done()

	result, err := client.AccountCheck(context.Background(), []string{"user_0001", "nobody"})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, account := range result.Accounts {
		fmt.Println(account.UserID, account.AccountStatus)
	}
	// Output:
	// user_0001 Imported
	// nobody NotImported
}

func ExampleClient_AccountDelete() {
	client, _, done := emulated()
	defer done()

	result, err := client.AccountDelete(context.Background(), []string{"user_0002"})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(result.Accounts[0].UserID, result.Accounts[0].ResultCode)
	// Output: user_0002 OK
}

func ExampleSplit() {
	client, _, done := emulated()
	defer done()
	users := make([]string, 250) // a call takes 100
	for i := range users {
		users[i] = fmt.Sprint("user_", i)
	}

	result, err := client.AccountCheck(context.Background(), users, chat.Split())
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(len(result.Accounts), "users,", len(result.Parts), "calls")
	// Output: 250 users, 3 calls
}
