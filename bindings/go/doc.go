// Package chat calls the Tencent Chat REST API (v4/recentcontact/* and the calls next to it)
// through the native tencent-chat library. It adds to the library what Go callers expect
// (context, errors.Is and errors.As, safety with any number of goroutines) and no behaviour
// of its own: signing, transport, deadlines and the reading of answers are the library's, the
// same in C, C++, Python and Go.
//
// # Building
//
// The package needs cgo. For Linux (glibc, and musl under the tag musl) and macOS on x86-64 and
// arm64, and for Windows on x86-64, a released module carries the library, which becomes a part of
// the program: nothing is installed, and what is installed is not looked at. With the tag
// chat_dynamic, and on other platforms, the installed library is taken, as pkg-config finds it
// (package tencent-chat):
//
//	PKG_CONFIG_PATH="$PREFIX/lib/pkgconfig" go build -tags chat_dynamic
//
// Inside the repository, which carries no library, CGO_LDFLAGS says where it is. Without cgo the
// compiler refuses the package in words; with the tag chat_nocgo it compiles, and [New] answers an
// error that says so.
//
// # Use
//
//	client, err := chat.New(chat.Config{
//		Region:     "singapore",
//		SDKAppID:   1400000000,
//		Identifier: "administrator",
//		SecretKey:  chat.NewSecret(key),
//	})
//	...
//	defer client.Close()
//	result, err := client.DelContactGroup(ctx, "user_0001", "group_0001")
//	switch {
//	case errors.Is(err, chat.ErrGroupNotFound):
//		// nothing to delete
//	case err != nil:
//		return err
//	}
//
// # Rules
//
//   - A [Client] is made once and shared by any number of goroutines; make one for each
//     SDKAppID and data centre. [Client.Close] ends the calls in progress and waits for them.
//   - A call ends at the context's end or after [Config].Timeout ([WithTimeout] replaces that
//     for one call), whichever comes first. A call that ran out of time satisfies errors.Is with
//     context.DeadlineExceeded, one that the context cancelled with context.Canceled; either also with
//     context.Cause of the context that ended it.
//   - At most [Config].MaxConnections calls of each command of a client are inside the library at a
//     time; the others wait in Go, in order, where waiting costs no OS thread.
//   - A client sends at most [Config].RateLimit calls of a command in a second, 200 if not told
//     otherwise: all that an app has. Where N processes call, each sets 200/N.
//   - What is safe to repeat is repeated, up to [Config].MaxAttempts times, within the call's time.
//   - [Client.Stats] gives counters, [Client.LogTo] (Go 1.21) and [Config].CallHook a record a call,
//     [Config].AttemptHook each attempt.
//   - Every failure is an *[Error] or holds one. Its InDoubt says whether the request may have
//     taken effect.
//   - A call that did not succeed for every item returns its result, with a ResultCode for each
//     item, beside a [PartialError].
//   - Lists longer than a call takes are cut only on request, and only where items do not depend
//     on each other: see [Split].
//   - Two lists come page by page: [Client.ContactGroupItems] and [Client.RecentContactItems] go
//     through all of it.
//
// This package is not affiliated with Tencent.
package chat
