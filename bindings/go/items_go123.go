//go:build go1.23

// The same iteration for Go's range statement, which takes functions since Go 1.23.

package chat

import (
	"context"
	"iter"
)

// All gives the items to a range statement. A failure comes once, with no item, and ends it; to try a
// page again, use Next. The iteration is closed when the statement ends, however it does:
//
//	for item, err := range client.ContactGroupItems("user_0001").All(ctx) {
//		if err != nil {
//			return err
//		}
//		fmt.Println(item.Contact.ID)
//	}
func (i *Items[T]) All(ctx context.Context) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		defer i.Close()
		for i.Next(ctx) {
			if !yield(i.Item(), nil) {
				return
			}
		}
		if err := i.Err(); err != nil {
			var none T
			yield(none, err)
		}
	}
}
