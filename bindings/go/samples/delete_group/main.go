// Creates a conversation group, deletes it, and shows how two failures read.
// Arguments: BASE_URL [CA_FILE]; without a CA file the built-in roots hold.
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
	user  = "user_0001"
	group = "設計会議"
	// The emulator's key, which opens nothing. A real one comes from your secret store.
	key = "5bd2850fff3ecb11d7c805251c51ee463a25727bddc2385f3fa8bfee1bb93b5e"
)

func connect(key string) (*chat.Client, error) {
	config := chat.Config{SDKAppID: 1400000000, Identifier: "administrator", SecretKey: chat.NewSecret(key)}
	if len(os.Args) > 1 {
		config.BaseURL = os.Args[1]
	}
	if len(os.Args) > 2 {
		config.CAFile = os.Args[2]
	}
	return chat.New(config)
}

func story(ctx context.Context) error {
	client, err := connect(key)
	if err != nil {
		return err
	}
	defer client.Close()

	body := map[string]any{"From_Account": user, "GroupContactItem": []any{map[string]any{"GroupName": group}}}
	answer, err := client.Call(ctx, "v4/recentcontact/create_contact_group", body)
	if err != nil {
		return err
	}
	var created struct {
		GroupResultItem []struct{ GroupItem struct{ GroupId int64 } }
	}
	if err := answer.Decode(&created); err != nil || len(created.GroupResultItem) != 1 {
		return fmt.Errorf("unexpected answer: %s", answer.Body)
	}
	fmt.Printf("created %s (GroupId %d)\n", group, created.GroupResultItem[0].GroupItem.GroupId)

	result, err := client.DelContactGroup(ctx, user, group)
	if err != nil {
		return err
	}
	for _, deleted := range result.Groups {
		fmt.Printf("deleted %s (GroupId %d)\n", deleted.Name, deleted.ID)
	}

	var failure *chat.Error
	if _, err = client.DelContactGroup(ctx, user, group); !errors.Is(err, chat.ErrGroupNotFound) || !errors.As(err, &failure) {
		return fmt.Errorf("a second delete answered: %v", err)
	}
	fmt.Printf("again: %d %s\n", failure.Code, failure.Message)

	stranger, err := connect(strings.Repeat("0", 64))
	if err != nil {
		return err
	}
	defer stranger.Close()
	if _, err = stranger.DelContactGroup(ctx, user, group); !errors.Is(err, chat.ErrUserSig) || !errors.As(err, &failure) {
		return fmt.Errorf("a wrong key answered: %v", err)
	}
	fmt.Printf("wrong key: %d %s\n", failure.Code, failure.Message)
	return nil
}

func main() {
	if err := story(context.Background()); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
