// A program of a project of its own, that knows the module by its name alone. Argument: the emulator's URL.
package main

import (
	"context"
	"fmt"
	"os"

	chat "github.com/tencent-chat/tencent-chat/bindings/go"
)

func run(url string) error {
	client, err := chat.New(chat.Config{
		BaseURL:    url,
		SDKAppID:   1400000000,
		Identifier: "administrator",
		SecretKey:  chat.NewSecret("5bd2850fff3ecb11d7c805251c51ee463a25727bddc2385f3fa8bfee1bb93b5e"),
	})
	if err != nil {
		return err
	}
	defer client.Close()
	result, err := client.DelContactGroup(context.Background(), "user_0001", "colleagues")
	if err != nil {
		return err
	}
	for _, group := range result.Groups {
		fmt.Printf("deleted %s with tencent-chat %s\n", group.Name, chat.Version())
	}
	return nil
}

func main() {
	if err := run(os.Args[1]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
