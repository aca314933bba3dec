//go:build cgo

// The client, a call's options and its answer in C; the other native files hold lists, calls, their workers and
// iterations, and no other file speaks C. Every handle stays on the C side: Go holds plain C pointers
// and C never holds a Go one past a step. A native client is kept
// alive by the Client's lock (see Client.enter), not by these files.

package chat

/*
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#ifdef _WIN32
#include <windows.h>
#else
#include <dlfcn.h>
#endif
#include <stdlib.h>
#include "native.h"

#if CHAT_VERSION_MAJOR != 0 || CHAT_VERSION_MINOR != 1
#error "package chat 0.1 was given the tencent_chat.h of another version: install one version of both, or take the place of the other out of CGO_CFLAGS and PKG_CONFIG_PATH"
#endif

_Thread_local native_call *tencent_chat_go_current;

#ifdef _WIN32
// The caller frees it.
static char *library_file(void) {
	HMODULE module;
	char *path = calloc(MAX_PATH, 1);
	const DWORD how = GET_MODULE_HANDLE_EX_FLAG_FROM_ADDRESS | GET_MODULE_HANDLE_EX_FLAG_UNCHANGED_REFCOUNT;
	if (path != NULL && GetModuleHandleExA(how, (LPCSTR)(void *)chat_version, &module)) GetModuleFileNameA(module, path, MAX_PATH - 1);
	return path;
}
#else
static char *library_file(void) {
	Dl_info info;
	void *symbol = dlsym(RTLD_DEFAULT, "chat_version");
	if (symbol == NULL) symbol = (void *)chat_version; // linked in, where the loader knows no names
	if (dladdr(symbol, &info) == 0 || info.dli_fname == NULL) return NULL;
	return strdup(info.dli_fname);
}
#endif
*/
import "C"

import (
	"context"
	"runtime"
	"sort"
	"sync"
	"time"
	"unsafe"
)

// Version is the version of the native library that runs, "0.1.0".
func Version() string { return C.GoString(C.chat_version()) }

// LibraryFile is the file the native library was loaded from, for a report of a fault. It is
// the program itself when linked in statically, and "" when unknown.
func LibraryFile() string {
	path := C.library_file()
	defer C.free(unsafe.Pointer(path))
	return C.GoString(path)
}

// headerVersion is what this package was compiled against.
const headerVersion = C.CHAT_VERSION

func isFatal(code Code) bool { return C.chat_code_is_fatal(C.int(code)) != 0 }

func explain(code Code) string { return C.GoString(C.chat_strerror(C.int(code))) }

type nativeClient struct {
	handle  *C.chat_client
	hook    func(context.Context, Attempt) // nil: none
	workers workers
}

func openNative(config *plainConfig) (*nativeClient, *Error) {
	if failure := versionMismatch(headerVersion, Version(), LibraryFile()); failure != nil {
		return nil, failure
	}
	settings := C.chat_config_new()
	defer C.chat_config_free(settings)
	fillConfig(settings, config)
	client := &nativeClient{hook: config.AttemptHook}
	var failure *C.chat_response
	if code := C.chat_client_new(settings, &client.handle, &failure); code != C.CHAT_OK {
		return nil, &Error{Response: *taken(failure)}
	}
	return client, nil
}

// fillConfig does not look at the setters' results: a refusal is remembered by the
// configuration, and chat_client_new answers with its code and message.
func fillConfig(settings *C.chat_config, config *plainConfig) {
	setText := func(text string, set func(*C.char)) {
		if text == "" {
			return
		}
		copied := C.CString(text)
		defer wipe(copied, len(text))
		set(copied)
	}
	setText(config.Region, func(s *C.char) { C.chat_config_set_region(settings, s) })
	setText(config.BaseURL, func(s *C.char) { C.chat_config_set_base_url(settings, s) })
	setText(config.StandbyURL, func(s *C.char) { C.chat_config_set_standby_url(settings, s) })
	setText(config.Identifier, func(s *C.char) { C.chat_config_set_identifier(settings, s) })
	setText(config.SecretKey.Reveal(), func(s *C.char) { C.chat_config_set_secret_key(settings, s) })
	setText(config.UserSig.Reveal(), func(s *C.char) { C.chat_config_set_user_sig(settings, s) })
	setText(config.CAFile, func(s *C.char) { C.chat_config_set_ca_file(settings, s) })
	for _, file := range config.AddCAFiles {
		setText(file, func(s *C.char) { C.chat_config_add_ca_file(settings, s) })
	}
	setText(config.Proxy.Reveal(), func(s *C.char) { C.chat_config_set_proxy(settings, s) })
	setText(config.SharedLimit.Reveal(), func(s *C.char) {
		name := C.CString(config.SharedLimitName)
		defer C.free(unsafe.Pointer(name))
		C.chat_config_set_shared_limit(settings, s, name)
	})
	names := make([]string, 0, len(config.MetricLabels))
	for name := range config.MetricLabels {
		names = append(names, name)
	}
	sort.Strings(names) // so that of several wrong ones always the same is named
	for _, name := range names {
		label, value := C.CString(name), C.CString(config.MetricLabels[name])
		C.chat_config_set_metric_label(settings, label, value)
		C.free(unsafe.Pointer(label))
		C.free(unsafe.Pointer(value))
	}
	setText(config.UserAgent, func(s *C.char) { C.chat_config_set_user_agent(settings, s) })
	if config.SDKAppID != 0 {
		C.chat_config_set_sdk_app_id(settings, C.uint32_t(config.SDKAppID))
	}
	C.chat_config_set_use_standby(settings, C.int(flag(config.UseStandby)))
	C.chat_config_set_timeout_ms(settings, C.uint32_t(config.timeoutMS))
	C.chat_config_set_attempt_timeout_ms(settings, C.uint32_t(config.attemptTimeoutMS))
	C.chat_config_set_connect_timeout_ms(settings, C.uint32_t(config.connectTimeoutMS))
	C.chat_config_set_max_attempts(settings, C.uint32_t(config.maxAttempts))
	C.chat_config_set_rate_limit(settings, C.uint32_t(config.rateLimit))
	C.chat_config_set_shared_limit_fallback(settings, C.uint32_t(config.sharedLimitFallback))
	C.chat_config_set_max_connections(settings, C.uint32_t(config.maxConnections))
	if config.userSigLifetimeS != 0 {
		C.chat_config_set_user_sig_lifetime_s(settings, C.uint32_t(config.userSigLifetimeS))
	}
	if config.idleTimeoutMS != 0 {
		C.chat_config_set_idle_timeout_ms(settings, C.uint32_t(config.idleTimeoutMS))
	}
	C.chat_config_set_tcp_keepalive_s(settings, C.uint32_t(config.tcpKeepAliveS))
	C.chat_config_set_system_ca(settings, C.int(flag(config.SystemCA)))
	if config.ClientCertificateFile != "" || config.ClientKeyFile != "" {
		certificate, key := C.CString(config.ClientCertificateFile), C.CString(config.ClientKeyFile)
		defer C.free(unsafe.Pointer(certificate))
		defer C.free(unsafe.Pointer(key))
		C.chat_config_set_client_certificate(settings, certificate, key)
	}
	C.chat_config_set_allow_insecure_http(settings, C.int(flag(config.AllowInsecureHTTP)))
	C.chat_config_set_local_limits(settings, C.int(flag(!config.NoLocalLimits)))
	if config.AttemptHook != nil {
		setAttemptHook(settings)
	}
}

func flag(yes bool) int {
	if yes {
		return 1
	}
	return 0
}

// wipe clears a C copy before freeing it: it may be a key.
func wipe(copied *C.char, length int) {
	C.memset(unsafe.Pointer(copied), 0, C.size_t(length))
	C.free(unsafe.Pointer(copied))
}

func (n *nativeClient) setSecretKey(key string) *Error {
	copied := C.CString(key)
	defer wipe(copied, len(key))
	if code := C.chat_client_set_secret_key(n.handle, copied); code != C.CHAT_OK {
		return secretRefused(code, func(settings *C.chat_config) { C.chat_config_set_secret_key(settings, copied) })
	}
	return nil
}

func (n *nativeClient) setUserSig(signature string) *Error {
	copied := C.CString(signature)
	defer wipe(copied, len(signature))
	if code := C.chat_client_set_user_sig(n.handle, copied); code != C.CHAT_OK {
		return secretRefused(code, func(settings *C.chat_config) { C.chat_config_set_user_sig(settings, copied) })
	}
	return nil
}

// secretRefused says why. A client answers with the code alone; a configuration has the same rule, and words for it.
func secretRefused(code C.int, set func(*C.chat_config)) *Error {
	settings := C.chat_config_new()
	defer C.chat_config_free(settings)
	set(settings)
	if reason := C.GoString(C.chat_config_message(settings)); reason != "" {
		return newError(Code(code), "%s", reason)
	}
	return newError(Code(code), "%s", Code(code).Explain())
}

func (n *nativeClient) shutdown() { C.chat_client_shutdown(n.handle) }

// drain waits until no call is inside, and tells whether all ended by themselves.
func (n *nativeClient) drain() bool { return C.chat_client_drain(n.handle, C.UINT32_MAX) == C.CHAT_OK }

func (n *nativeClient) warmUp(connections, timeoutMS uint32) *Response {
	var handle *C.chat_response
	C.chat_client_warm_up(n.handle, C.uint32_t(connections), C.uint32_t(timeoutMS), &handle)
	return taken(handle)
}

func (n *nativeClient) free() {
	n.workers.end()
	C.chat_client_free(n.handle)
}

// make makes a call whose arguments stand in options, on a worker or else on this thread.
func (n *nativeClient) make(run unsafe.Pointer, options *nativeOptions) *Response {
	options.call.client, options.call.run = n.handle, (*[0]byte)(run)
	if !n.workers.make(options) {
		C.make_call(options.call)
	}
	return options.response()
}

func (n *nativeClient) stats() Stats {
	stats, _ := n.statsWith(nil)
	return stats
}

func (n *nativeClient) statsWith(others []*nativeClient) (Stats, *Error) {
	snapshot := C.chat_client_stats(n.handle)
	defer C.chat_stats_free(snapshot)
	for _, other := range others {
		if code := C.chat_stats_add(snapshot, other.handle); code == C.CHAT_ERR_INVALID_ARGUMENT {
			return Stats{}, newError(CodeInvalidArgument, "two of the clients have the same labels; give each its own by Config.MetricLabels")
		} else if code != C.CHAT_OK {
			return Stats{}, newError(Code(code), "%s", Code(code).Explain())
		}
	}
	count := C.chat_stats_count(snapshot)
	counters := make(map[string]uint64, int(count))
	for i := C.size_t(0); i < count; i++ {
		counters[C.GoString(C.chat_stats_name(snapshot, i))] = uint64(C.chat_stats_value(snapshot, i))
	}
	var length C.size_t
	text := C.chat_stats_prometheus(snapshot, &length)
	return Stats{Counters: counters, Prometheus: C.GoStringN(text, C.int(length))}, nil
}

// nativeOptions is a call before and after C makes it. It is used again for another call, with its memory and its cancel token.
type nativeOptions struct {
	call   *C.native_call
	token  *C.chat_cancel // NULL before a context that can be cancelled comes along
	spent  bool           // the token was triggered, which cannot be undone
	leftMS uint32
	used   int              // of the call's room, by its arguments
	blocks []unsafe.Pointer // that hold those which the room does not
	ending ending           // tells that a worker has made the call
}

var idleOptions = sync.Pool{New: func() any {
	options := &nativeOptions{call: (*C.native_call)(C.calloc(1, C.sizeof_native_call))}
	runtime.SetFinalizer(options, func(o *nativeOptions) {
		C.chat_cancel_free(o.token)
		C.free(unsafe.Pointer(o.call))
	})
	return options
}}

func newNativeOptions(limits *callLimits, cancellable bool) *nativeOptions {
	options := idleOptions.Get().(*nativeOptions)
	options.leftMS = limits.leftMS()
	options.call.settings = C.call_settings{
		timeout_ms:   C.uint32_t(options.leftMS),
		max_attempts: C.uint32_t(limits.maxAttempts),
	}
	settings := &options.call.settings
	if limits.attemptTimeout > 0 {
		settings.attempt_timeout_ms = C.uint32_t(milliseconds(limits.attemptTimeout))
	}
	if limits.connectTimeout > 0 {
		settings.connect_timeout_ms = C.uint32_t(milliseconds(limits.connectTimeout))
	}
	if limits.repeatInDoubt != nil {
		settings.has_repeat_in_doubt, settings.repeat_in_doubt = 1, C.int(flag(*limits.repeatInDoubt))
	}
	if limits.random != nil {
		settings.has_random, settings.random = 1, C.uint32_t(*limits.random)
	}
	if cancellable {
		if options.token == nil {
			options.token = C.chat_cancel_new()
		}
		settings.cancel = options.token
	}
	return options
}

func (o *nativeOptions) cancel() {
	o.spent = true
	C.chat_cancel_trigger(o.token)
}

// free is for when nobody can cancel any more.
func (o *nativeOptions) free() {
	if o.spent {
		C.chat_cancel_free(o.token)
		o.token, o.spent = nil, false
	}
	idleOptions.Put(o)
}

// space is C's memory for an argument, until response is called.
func (o *nativeOptions) space(size int) unsafe.Pointer {
	begin := o.used
	if size <= len(o.call.room)-begin {
		o.used += (size + 7) &^ 7 // a list's items are aligned
		return unsafe.Pointer(&o.call.room[begin])
	}
	block := C.malloc(C.size_t(size))
	o.blocks = append(o.blocks, block)
	return block
}

// bytes is a text that is told with its length.
func (o *nativeOptions) bytes(text []byte) *C.char {
	if len(text) == 0 {
		return nil
	}
	at := o.space(len(text))
	copy(unsafe.Slice((*byte)(at), len(text)), text)
	return (*C.char)(at)
}

// text is a text with its NUL; nil is NULL.
func (o *nativeOptions) text(text *string) *C.char {
	if text == nil {
		return nil
	}
	at := o.space(len(*text) + 1)
	room := unsafe.Slice((*byte)(at), len(*text)+1)
	room[copy(room, *text)] = 0
	return (*C.char)(at)
}

func (o *nativeOptions) list(list *cList) C.call_list {
	made := C.call_list{count: list.count(), texts: o.bytes(list.texts)}
	if len(list.items) > 0 {
		made.items = (*C.list_item)(o.space(len(list.items) * C.sizeof_list_item))
		copy(unsafe.Slice((*C.list_item)(unsafe.Pointer(made.items)), len(list.items)), list.items)
	}
	return made
}

// response is what the call came to, in Go memory.
func (o *nativeOptions) response() *Response {
	for _, block := range o.blocks {
		C.free(block)
	}
	o.used, o.blocks = 0, nil
	answer := &o.call.answer
	if answer.response != nil {
		defer C.chat_response_free(answer.response)
		return copied(answer)
	}
	outcome := &answer.outcome
	lengths := [4]C.size_t{outcome.message_len, outcome.body_len, outcome.json_len, answer.trace_len}
	whole := string(unsafe.Slice((*byte)(unsafe.Pointer(&o.call.room[0])), int(lengths[0]+lengths[1]+lengths[2]+lengths[3])))
	texts, begin := [4]string{}, C.size_t(0)
	for i, length := range lengths {
		texts[i] = whole[begin : begin+length]
		begin += length
	}
	return newResponse(outcome, texts)
}

// taken is an answer that Go frees at once.
func taken(handle *C.chat_response) *Response {
	defer C.chat_response_free(handle)
	var answer C.call_answer
	C.look_at(handle, &answer)
	return copied(&answer)
}

// copied is an answer that stays in C.
func copied(answer *C.call_answer) *Response {
	outcome := &answer.outcome
	return newResponse(outcome, [4]string{
		C.GoStringN(outcome.message, C.int(outcome.message_len)),
		C.GoStringN(outcome.body, C.int(outcome.body_len)),
		C.GoStringN(outcome.json, C.int(outcome.json_len)),
		C.GoStringN(answer.trace, C.int(answer.trace_len)),
	})
}

func newResponse(outcome *C.chat_outcome, texts [4]string) *Response {
	return &Response{
		Code:           Code(outcome.code),
		Message:        texts[0],
		HTTPStatus:     int(outcome.http_status),
		Attempts:       int(outcome.attempts),
		Random:         uint32(outcome.random),
		Retriable:      outcome.is_retriable != 0,
		InDoubt:        outcome.is_in_doubt != 0,
		AlreadyDeleted: outcome.is_already_deleted != 0,
		RetryAfter:     time.Duration(outcome.retry_after_ms) * time.Millisecond,
		Body:           texts[1],
		json:           texts[2],
		Trace:          texts[3],
	}
}

// makeUserSig makes a plain UserSig, or with allowed a PrivateMapKey.
func makeUserSig(sdkAppID uint32, identifier, secretKey string, lifetimeS uint32, allowed *PrivateMap) *Response {
	key := C.CString(secretKey)
	defer wipe(key, len(secretKey))
	var handle *C.chat_response
	if allowed == nil {
		C.chat_user_sig_new(C.uint32_t(sdkAppID), cText(&identifier), key, C.uint32_t(lifetimeS), &handle)
		return taken(handle)
	}
	var room *C.char
	if allowed.StringRoomID != "" {
		room = cText(&allowed.StringRoomID)
	}
	C.chat_private_map_key_new(C.uint32_t(sdkAppID), cText(&identifier), key, C.uint32_t(lifetimeS), C.uint32_t(allowed.RoomID), room,
		C.uint32_t(allowed.PrivilegeMap), &handle)
	return taken(handle)
}

func inspectUserSig(userSig string, sdkAppID uint32, secretKey string) *Response {
	sig := C.CString(userSig)
	defer wipe(sig, len(userSig))
	var key *C.char
	if secretKey != "" {
		key = C.CString(secretKey)
		defer wipe(key, len(secretKey))
	}
	var handle *C.chat_response
	C.chat_user_sig_inspect(sig, C.uint32_t(sdkAppID), key, &handle)
	return taken(handle)
}
