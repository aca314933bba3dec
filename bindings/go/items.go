// Going through a list that the service gives page by page. Pages, cursors, the end and the dropping
// of repeated conversations are the native library's; here is what Go adds: context, types, errors,
// and an iteration that is freed however it ends.

package chat

import (
	"context"
	"runtime"
	"sync"
	"time"
)

// Items is an iteration over a user's conversations, each once:
//
//	items := client.ContactGroupItems("user_0001")
//	defer items.Close()
//	for items.Next(ctx) {
//		fmt.Println(items.Item().Contact.ID)
//	}
//	if err := items.Err(); err != nil { ... }
//
// It ends when the service says so, and also when the service makes no progress; Complete tells
// which. It is for one goroutine; others wait for its Next to end. One that is only dropped is freed
// by the garbage collector. [ItemsOf] makes one for the tests of code that takes one.
type Items[T any] struct {
	client      *Client
	command     string // that reads a page
	fromAccount string
	options     []CallOption
	open        func(*nativeClient, string) (*nativeItems, *Response)    // nil in one that ItemsOf made
	given       []T                                                      // and what that one still has to give,
	givenErr    error                                                    // and how it ends
	withNames   bool                                                     // read wants the names of the groups in the item's page
	read        func(item *Response, names map[int64]string) (T, string) // and what is wrong with it

	mutex    sync.Mutex
	native   *nativeItems // nil before the first Next and after the end
	ended    bool         // no item follows
	closed   bool         // by the caller
	complete bool
	item     T
	response *Response
	err      error
	page     *Response
	names    map[int64]string // of the groups in page
	wrong    string           // and what is said of those that cannot be read
}

// ItemsOf makes an iteration over items that ends with err, or complete when err is nil: it stands in for Client.ContactGroupItems and
// Client.RecentContactItems in the tests of code that takes what they return. It has no Response and no Page.
func ItemsOf[T any](items []T, err error) *Items[T] {
	return &Items[T]{given: append([]T{}, items...), givenErr: err}
}

// Next goes to the next item, reading a page when it must, and says whether there is one. After false,
// Err tells a failure from the end. The failure of a page leaves the iteration where it was, so that Next
// tries it again. An item with a member of another type than documented is a failure too (ErrProtocol that
// names the member); Item has the rest of it, and Next goes on behind it.
func (i *Items[T]) Next(ctx context.Context) bool {
	if i == nil {
		return false
	}
	i.mutex.Lock()
	defer i.mutex.Unlock()
	var none T
	i.item, i.response, i.err = none, nil, nil
	if i.ended {
		return false
	}
	if i.err = i.refused(ctx); i.err != nil {
		return false
	}
	if i.open == nil {
		return i.give()
	}
	begun, before := time.Now(), i.page
	response, err := i.client.run(ctx, i.command, i.options, i.advance)
	failure, _ := err.(*Error)
	i.response = response
	switch {
	case err == nil:
	case failure != nil && failure.Code == CodeEnd:
		i.end()
	default:
		i.err = err
	}
	i.record(ctx, begun, before)
	return err == nil
}

// record tells of the call that read a page, if this Next made one.
func (i *Items[T]) record(ctx context.Context, begun time.Time, before *Response) {
	if !i.client.isRecorded() {
		return
	}
	if i.native != nil {
		i.readPage()
	}
	if i.err != nil || i.page != before {
		i.client.record(ctx, i.command, begun, i.page, i.err)
	}
}

// end keeps what is asked for after the end and frees the rest.
func (i *Items[T]) end() {
	i.ended, i.complete = true, i.native.isComplete()
	i.readPage()
	i.free()
}

// give is Next of an iteration that ItemsOf made.
func (i *Items[T]) give() bool {
	if len(i.given) == 0 {
		i.err, i.ended, i.complete = i.givenErr, i.givenErr == nil, i.givenErr == nil
		return false
	}
	i.item, i.given = i.given[0], i.given[1:]
	return true
}

func (i *Items[T]) refused(ctx context.Context) error {
	switch {
	case i.closed:
		return newError(CodeInvalidArgument, "the iteration is closed; begin another")
	case i.open == nil && i.given == nil:
		return newError(CodeInvalidArgument, "this Items was made neither by a Client nor by ItemsOf")
	case ctx == nil:
		return errNoContext()
	case i.open == nil && ctx.Err() != nil:
		return contextEnded(ctx, "before the next item")
	}
	return refusal(checkText("fromAccount", i.fromAccount))
}

// advance runs inside the native library.
func (i *Items[T]) advance(native *nativeClient, limits *nativeOptions) *Response {
	if i.native == nil {
		opened, failure := i.open(native, i.fromAccount)
		if failure != nil {
			return failure
		}
		i.native = opened
		runtime.SetFinalizer(i, (*Items[T]).Close)
	}
	response := i.native.next(limits)
	if response.Code != CodeOK {
		return response
	}
	if i.withNames {
		i.readPage()
	}
	item, wrong := i.read(response, i.names)
	if wrong == "" {
		wrong = i.wrong
	}
	i.item = item
	response.misreads(wrong)
	return response
}

func (i *Items[T]) readPage() {
	page := i.native.page(i.page)
	if page == i.page {
		return
	}
	i.page = page
	if i.withNames {
		var groups struct{ GroupItem []groupItem }
		i.wrong = page.read(&groups)
		i.names = groupNames(made(groups.GroupItem, groupItem.group))
	}
}

// Item is the item that Next went to; the zero value at the end and when a page failed.
func (i *Items[T]) Item() T {
	if i == nil {
		var none T
		return none
	}
	i.mutex.Lock()
	defer i.mutex.Unlock()
	return i.item
}

// Err is why Next answered false: nil at the end of the list.
func (i *Items[T]) Err() error {
	if i == nil {
		return newError(CodeInvalidArgument, "this Items is nil")
	}
	i.mutex.Lock()
	defer i.mutex.Unlock()
	return i.err
}

// Complete says that the iteration has ended because the service said that nothing follows. It is no
// proof that everything came when the plan's number of cloud conversations is exceeded.
func (i *Items[T]) Complete() bool {
	if i == nil {
		return false
	}
	i.mutex.Lock()
	defer i.mutex.Unlock()
	return i.complete
}

// Response is the raw item: its Body is the item's JSON, the rest tells of the call that read its
// page. nil when there is no item.
func (i *Items[T]) Response() *Response {
	if i == nil {
		return nil
	}
	i.mutex.Lock()
	defer i.mutex.Unlock()
	return i.response
}

// Page is the whole answer that the last item came in; nil before the first.
func (i *Items[T]) Page() *Response {
	if i == nil {
		return nil
	}
	i.mutex.Lock()
	defer i.mutex.Unlock()
	if i.native != nil {
		i.readPage()
	}
	return i.page
}

// Close frees the iteration. It may be called at any time and again; it always returns nil.
func (i *Items[T]) Close() error {
	if i == nil {
		return nil
	}
	i.mutex.Lock()
	defer i.mutex.Unlock()
	i.closed = true
	i.free()
	return nil
}

func (i *Items[T]) free() {
	if i.native != nil {
		runtime.SetFinalizer(i, nil)
		i.native.free()
		i.native = nil
	}
}
