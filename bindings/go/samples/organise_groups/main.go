// Imports users, sorts their conversations into groups, marks one, looks them up, goes through all of
// them, renames and deletes. Arguments: BASE_URL [CA_FILE]; without a CA file the built-in roots hold.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"

	chat "github.com/tencent-chat/tencent-chat/bindings/go"
)

const (
	user                          = "user_1001"
	colleagues, family, relatives = "同僚", "家族", "親族"
	// The emulator's key, which opens nothing. A real one comes from your secret store.
	key = "5bd2850fff3ecb11d7c805251c51ee463a25727bddc2385f3fa8bfee1bb93b5e"
)

var (
	first  = chat.OneToOne("user_1002")
	second = chat.OneToOne("user_1003")
	club   = chat.GroupChat("@TGS#1B2AUI7RZ")
)

func connect() (*chat.Client, error) {
	config := chat.Config{SDKAppID: 1400000000, Identifier: "administrator", SecretKey: chat.NewSecret(key)}
	if len(os.Args) > 1 {
		config.BaseURL = os.Args[1]
	}
	if len(os.Args) > 2 {
		config.CAFile = os.Args[2]
	}
	return chat.New(config)
}

func create(ctx context.Context, client *chat.Client, name string, contacts ...chat.Contact) error {
	created, err := client.CreateContactGroup(ctx, user, name, contacts)
	if err != nil {
		return err
	}
	fmt.Printf("created %s (GroupId %d), conversations: %d\n", created.Group.Name, created.Group.ID, len(created.Contacts))
	return nil
}

func organise(ctx context.Context, client *chat.Client) error {
	accounts := []chat.Account{{UserID: user}, {UserID: first.ID}, {UserID: second.ID}}
	if _, err := client.MultiaccountImport(ctx, accounts); err != nil {
		return err
	}
	fmt.Printf("imported %d users\n", len(accounts))

	if err := create(ctx, client, colleagues, first, club); err != nil {
		return err
	}
	if err := create(ctx, client, family, second); err != nil {
		return err
	}
	if _, err := client.UpdateContactGroupContacts(ctx, user, colleagues, nil, []chat.Contact{first}); err != nil {
		return err
	}
	if _, err := client.UpdateContactGroupContacts(ctx, user, family, []chat.Contact{first}, nil); err != nil {
		return err
	}
	fmt.Printf("moved %s from %s to %s\n", first.ID, colleagues, family)

	vip := chat.Mark{Contact: second, Set: []int{32}, CustomMark: chat.String("vip")}
	if _, err := client.MarkContact(ctx, user, []chat.Mark{vip}); err != nil {
		return err
	}
	fmt.Printf("marked %s\n", second.ID)
	return nil
}

func orDash(text string) string {
	if text == "" {
		return "-"
	}
	return text
}

func show(ctx context.Context, client *chat.Client) error {
	found, err := client.SearchContactGroup(ctx, user, []chat.Contact{first, second})
	if err != nil {
		return err
	}
	for _, entry := range found.Contacts {
		var names []string
		for _, group := range entry.Groups {
			names = append(names, group.Name)
		}
		fmt.Printf("%s: groups %s; marks %s; custom %s\n", entry.Contact.ID, strings.Join(names, ", "), orDash(entry.StandardMark), orDash(entry.CustomMark))
	}

	items, count := client.ContactGroupItems(user), 0
	defer items.Close()
	for items.Next(ctx) {
		if len(items.Item().Groups) > 0 {
			count++
		}
	}
	if err := items.Err(); err != nil {
		return err
	}
	ending := "not complete"
	if items.Complete() {
		ending = "complete"
	}
	fmt.Printf("%d conversations in groups, %s\n", count, ending)
	return nil
}

func tidy(ctx context.Context, client *chat.Client) error {
	renamed, err := client.UpdateContactGroupName(ctx, user, family, relatives)
	if err != nil {
		return err
	}
	fmt.Printf("renamed %s to %s (GroupId %d)\n", family, renamed.Group.Name, renamed.Group.ID)
	for _, name := range []string{colleagues, relatives} {
		result, err := client.DelContactGroup(ctx, user, name)
		if err != nil {
			return err
		}
		for _, deleted := range result.Groups {
			fmt.Printf("deleted %s (GroupId %d)\n", deleted.Name, deleted.ID)
		}
	}

	var partial *chat.PartialError
	if _, err := client.AccountDelete(ctx, []string{second.ID, "nobody"}); !errors.As(err, &partial) {
		return fmt.Errorf("deleting nobody answered: %v", err)
	}
	fmt.Printf("partial: %d %s\n", partial.Failure.Code, partial.Failure.Message)
	return nil
}

func main() {
	client, err := connect()
	if err == nil {
		defer client.Close()
		for _, chapter := range []func(context.Context, *chat.Client) error{organise, show, tidy} {
			if err = chapter(context.Background(), client); err != nil {
				break
			}
		}
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
