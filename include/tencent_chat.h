/**
 * @file tencent_chat.h
 * A client for the Tencent Chat REST API (conversation groups and marks). Not affiliated with the vendor.
 *
 * Made by `make header` from the Rust sources; not to be edited. What holds for every function:
 *
 * 1. Results.   An `int` result is 0 for success, negative (CHAT_ERR_*) for ours, positive for the service's `ErrorCode`, unchanged.
 * 2. Order.     Handle, inputs, options, outputs. Options may be NULL.
 * 3. Outputs.   `*response` is set on every return, success or not: free it once with `chat_response_free`. Pass NULL if not wanted.
 *               There is no `last error` per thread: everything about a call is in its response.
 * 4. Texts in.  NUL-terminated UTF-8, copied. JSON is pointer and length.
 * 5. Texts out. Never NULL, NUL-terminated, borrowed from the object they come from. Only `_free` functions free.
 * 6. NULL.      Is checked everywhere: a call names the argument in its message, an accessor answers 0 or an empty text, a `_free` does
 *               nothing. A `_new` without a result `int` returns NULL only if the library itself failed.
 * 7. Threads.   `const` on a handle means that any number of threads may share it; without it, one thread at a time.
 *               Any function may be called on any thread, and an object may move between threads. Not in a signal handler.
 * 8. Process.   No environment variable changes a call, no signal handler is installed, nothing is printed, nothing exits or aborts.
 *               Do not use in a child what was made before `fork()`: make a client in the child.
 * 9. Secrets.   Key, UserSig and proxy password are in no message, body, trace or printout.
 */

#ifndef TENCENT_CHAT_H
#define TENCENT_CHAT_H

#include <stddef.h>
#include <stdint.h>

/** The version of this header; `chat_version()` tells that of the library. */
#define CHAT_VERSION "0.1.0"
#define CHAT_VERSION_MAJOR 0
#define CHAT_VERSION_MINOR 1
#define CHAT_VERSION_PATCH 0

/**
 * The call succeeded: `ErrorCode` 0 and `ActionStatus` `OK`.
 */
#define CHAT_OK 0

/**
 * An argument breaks a rule that its message names. Nothing was sent.
 */
#define CHAT_ERR_INVALID_ARGUMENT (-1)

/**
 * An argument is not valid UTF-8. Nothing was sent.
 */
#define CHAT_ERR_INVALID_UTF8 (-2)

/**
 * The configuration is incomplete or contradicts itself. Nothing was sent.
 */
#define CHAT_ERR_CONFIG (-3)

/**
 * The deadline passed. `chat_response_is_in_doubt` tells whether the request may have taken effect.
 */
#define CHAT_ERR_TIMEOUT (-4)

/**
 * No connection, or it broke before a byte of the answer came.
 */
#define CHAT_ERR_TRANSPORT (-5)

/**
 * The answer's HTTP status is not 200: a gateway or proxy spoke, not the service (1047/34620).
 */
#define CHAT_ERR_HTTP_STATUS (-6)

/**
 * The answer was cut short, is too large, is not JSON, or contradicts itself.
 */
#define CHAT_ERR_PROTOCOL (-7)

/**
 * The client was shut down.
 */
#define CHAT_ERR_SHUTDOWN (-9)

/**
 * A bug inside this library was contained. The client stays usable.
 */
#define CHAT_ERR_PANIC (-10)

/**
 * The service answered `FAIL` without a usable `ErrorCode`.
 */
#define CHAT_ERR_SERVICE (-11)

/**
 * A cancel token or the interrupt callback ended the call.
 */
#define CHAT_ERR_CANCELLED (-13)

/**
 * The TLS handshake failed: certificate, name or protocol version. Nothing was sent.
 */
#define CHAT_ERR_TLS (-14)

/**
 * The call succeeded as a whole, but at least one of its items failed; see the items' `ResultCode` in the body.
 */
#define CHAT_ERR_PARTIAL (-15)

/**
 * The UserID was never imported into Chat (1047/53441).
 */
#define CHAT_SERVICE_ACCOUNT_NOT_IMPORTED 50001

/**
 * The service refuses a parameter; its `ErrorInfo` says which (1047/53441).
 */
#define CHAT_SERVICE_INVALID_PARAMETER 50002

/**
 * The identifier is not an app administrator (1047/53441).
 */
#define CHAT_SERVICE_ADMIN_REQUIRED 50003

/**
 * Internal error of the service (1047/53441).
 */
#define CHAT_SERVICE_INTERNAL_ERROR 50004

/**
 * Network time-out inside the service (1047/53441).
 */
#define CHAT_SERVICE_NETWORK_TIMEOUT 50005

/**
 * More than 100 conversations in one call.
 */
#define CHAT_SERVICE_TOO_MANY_CONVERSATIONS 51006

/**
 * The operation on a group chat failed; the chat group may be dismissed.
 */
#define CHAT_SERVICE_GROUP_CHAT_FAILED 51007

/**
 * The user has 1,000 conversations with groups, or 1,000 with marks.
 */
#define CHAT_SERVICE_CONVERSATION_LIMIT 51008

/**
 * The user has no conversation group of that name (1047/53441).
 */
#define CHAT_SERVICE_GROUP_NOT_FOUND 51009

/**
 * The user has 20 conversation groups already.
 */
#define CHAT_SERVICE_GROUP_LIMIT 51010

/**
 * The group name is too long: 64 bytes since April 2026, 32 before (1047/53441).
 */
#define CHAT_SERVICE_GROUP_NAME_TOO_LONG 51011

/**
 * The app's plan has no conversation groups (1047/53441).
 */
#define CHAT_SERVICE_FEATURE_NOT_IN_PLAN 51013

/**
 * This command is called too often.
 */
#define CHAT_SERVICE_CALL_RATE_EXCEEDED 60007

/**
 * The service timed out, or could not read the HTTP request.
 */
#define CHAT_SERVICE_TIMED_OUT 60008

/**
 * The gateway's word for `CHAT_SERVICE_ADMIN_REQUIRED`.
 */
#define CHAT_SERVICE_GATEWAY_ADMIN_REQUIRED 60010

/**
 * This SDKAppID sends too many requests.
 */
#define CHAT_SERVICE_APP_RATE_EXCEEDED 60011

/**
 * The app's plan has expired or is not yet active.
 */
#define CHAT_SERVICE_PLAN_NOT_ACTIVE 60020

/**
 * The service refuses this host's IP address.
 */
#define CHAT_SERVICE_IP_NOT_ALLOWED 60021

/**
 * The UserSig has expired.
 */
#define CHAT_SERVICE_USER_SIG_EXPIRED 70001

/**
 * The UserSig is damaged, as if cut short.
 */
#define CHAT_SERVICE_USER_SIG_DAMAGED 70003

/**
 * The UserSig does not pass the check.
 */
#define CHAT_SERVICE_USER_SIG_INVALID 70005

/**
 * The UserSig was made with another app's key.
 */
#define CHAT_SERVICE_USER_SIG_WRONG_KEY 70009

/**
 * The UserSig was made for another identifier.
 */
#define CHAT_SERVICE_USER_SIG_WRONG_IDENTIFIER 70013

/**
 * The UserSig was made for another SDKAppID.
 */
#define CHAT_SERVICE_USER_SIG_WRONG_SDK_APP_ID 70014

/**
 * The service does not know this SDKAppID.
 */
#define CHAT_SERVICE_SDK_APP_ID_NOT_FOUND 70020

/**
 * Too many failed signature checks: locked for a minute.
 */
#define CHAT_SERVICE_LOCKED_OUT 70050

/**
 * The UserSig was invalidated before its time.
 */
#define CHAT_SERVICE_USER_SIG_REVOKED 70052

/**
 * No account of that UserID exists.
 */
#define CHAT_SERVICE_ACCOUNT_NOT_FOUND 70107

/**
 * The account service's word for `CHAT_SERVICE_ADMIN_REQUIRED`.
 */
#define CHAT_SERVICE_ACCOUNT_ADMIN_REQUIRED 70403

/**
 * What one call does differently from its client: set by one thread, then read by any number of calls.
 */
typedef struct chat_call_options chat_call_options;

/**
 * A token that ends the calls that carry it. Any number of threads, any number of calls.
 */
typedef struct chat_cancel chat_cancel;

/**
 * A client of one app in one data centre: made by `chat_client_new`, shared by any number of threads.
 */
typedef struct chat_client chat_client;

/**
 * A client's settings: made by `chat_config_new`, read by `chat_client_new`, changed by one thread at a time.
 */
typedef struct chat_config chat_config;

/**
 * The result of one call, whatever became of it. Immutable; any number of threads may read it.
 */
typedef struct chat_response chat_response;

#ifdef __cplusplus
extern "C" {
#endif // __cplusplus

/**
 * The version of the library that is loaded, as `0.1.0`. Compare with `CHAT_VERSION` of the header you compiled with.
 *
 * Static text; never freed. Any thread.
 */
const char *chat_version(void);

/**
 * What a code means and what to do about it: one of `CHAT_ERR_*` or an `ErrorCode` of the service.
 *
 * Static text, ASCII, never NULL, also for a code nobody knows; never freed. Any thread.
 */
const char *chat_strerror(int code);

/**
 * Makes a configuration with every default. Free it with `chat_config_free`; a client keeps no reference to it. Any thread.
 */
chat_config *chat_config_new(void);

/**
 * Frees a configuration and wipes its secrets. NULL is nothing.
 */
void chat_config_free(chat_config *config);

/**
 * Why the last setter was refused; "" when it was accepted, never NULL. Borrowed from `config` until the next setter.
 */
const char *chat_config_message(const chat_config *config);

/**
 * Sets the data centre: china, singapore, seoul, tokyo, frankfurt, silicon_valley or jakarta (1047/53441). It must be the app's own.
 *
 * There is no default. Other places need `chat_config_set_base_url`; setting both is CHAT_ERR_CONFIG when the client is made.
 *
 * A refused setter returns its code, keeps its reason for `chat_config_message`, and makes `chat_client_new` fail with it until
 * the same setter accepts a value. This holds for all of them.
 * @return 0; CHAT_ERR_INVALID_ARGUMENT with the list of regions; CHAT_ERR_INVALID_UTF8.
 */
int chat_config_set_region(chat_config *config,
                           const char *name);

/**
 * Sets the place to call instead of a region: `https://host` or `https://host:port`, without a path.
 *
 * Plain `http` is for loopback hosts (an emulator) unless `chat_config_set_allow_insecure_http` allows more.
 * @return 0; CHAT_ERR_INVALID_ARGUMENT; CHAT_ERR_INVALID_UTF8.
 */
int chat_config_set_base_url(chat_config *config, const char *url);

/**
 * Sets the app's SDKAppID, as the console shows it; not 0. Required.
 */
int chat_config_set_sdk_app_id(chat_config *config, uint32_t id);

/**
 * Sets the UserID of an app administrator, who makes the calls: 1 to 32 printable ASCII characters. Required.
 */
int chat_config_set_identifier(chat_config *config, const char *admin);

/**
 * Sets the app's secret key, from which the library makes UserSigs. Either this or `chat_config_set_user_sig` is required.
 *
 * The key is the console's text, used as it is; it is copied, never shown, and wiped when no longer used. The caller wipes its own copy.
 */
int chat_config_set_secret_key(chat_config *config,
                               const char *key);

/**
 * Sets a ready UserSig for the identifier, for those who do not give the key to this host. The library cannot renew it:
 * replace it in time with `chat_client_set_user_sig`.
 */
int chat_config_set_user_sig(chat_config *config, const char *sig);

/**
 * Sets the total time of a call in milliseconds; the default is 10,000. 0 is refused: no call waits for ever.
 *
 * The service gives itself 3,000 (1047/34620), so less than that cuts off answers that would have come.
 */
int chat_config_set_timeout_ms(chat_config *config, uint32_t ms);

/**
 * Sets the time for look-up, TCP connection, proxy and TLS handshake together, in milliseconds; the default is 2,000. 0 is refused.
 */
int chat_config_set_connect_timeout_ms(chat_config *config,
                                       uint32_t ms);

/**
 * Sets a PEM file of CA certificates that replaces the built-in ones (Mozilla's). Read by `chat_client_new`.
 */
int chat_config_set_ca_file(chat_config *config, const char *path);

/**
 * Adds a PEM file of CA certificates trusted beside the others. May be called several times. Read by `chat_client_new`.
 */
int chat_config_add_ca_file(chat_config *config, const char *path);

/**
 * Sets an HTTP proxy, `http://host:port` or `http://user:password@host:port` (both percent-encoded); NULL, the default, is none.
 *
 * Every connection goes through a CONNECT tunnel. Other kinds of proxy are refused by name. No environment variable is read.
 */
int chat_config_set_proxy(chat_config *config,
                          const char *url);

/**
 * Sets how long the signatures made here are valid, in seconds; the default is 86,400, a day. From 60 to 1,576,800,000.
 *
 * Each is renewed when a quarter of that is left, and back-dated 60 seconds for clocks that run ahead.
 */
int chat_config_set_user_sig_lifetime_s(chat_config *config, uint32_t seconds);

/**
 * Allows plain `http` to hosts other than loopback (1) or not (0, the default). The signature, which may do everything an
 * administrator may, then crosses the network readable by anybody.
 */
int chat_config_set_allow_insecure_http(chat_config *config,
                                        int yes);

/**
 * Checks the vendor's limits before sending (1, the default) or leaves them to the service (0), which may have changed them.
 */
int chat_config_set_local_limits(chat_config *config,
                                 int yes);

/**
 * Sets how many connections the client opens at most; the default is 64. From 1 to 10,000. Further callers wait their turn, in
 * order, until their deadline (CHAT_ERR_TIMEOUT, not in doubt).
 */
int chat_config_set_max_connections(chat_config *config,
                                    uint32_t n);

/**
 * Sets what follows `tencent-chat/0.1.0` in the User-Agent header: at most 256 printable ASCII characters.
 */
int chat_config_set_user_agent(chat_config *config, const char *suffix);

/**
 * Makes a client. Reads the CA files; opens no connection yet. Any thread.
 *
 * @param config the settings; copied, so it may be freed or changed afterwards.
 * @param client receives the client on 0, else NULL. Free it with `chat_client_free`.
 * @param error  receives what is wrong on anything but 0, else NULL; to be freed with `chat_response_free`. NULL if not wanted.
 * @return 0; CHAT_ERR_CONFIG when settings are missing, contradict each other or a CA file cannot be used; the code of a setter
 *         that was refused; CHAT_ERR_INVALID_ARGUMENT when `config` or `client` is NULL.
 */
int chat_client_new(const chat_config *config,
                    chat_client **client,
                    chat_response **error);

/**
 * Replaces the secret key for the calls to come; calls in progress end with the old one. Any thread, does not block.
 *
 * @return 0; CHAT_ERR_INVALID_ARGUMENT or CHAT_ERR_INVALID_UTF8, and the old key stays (1 to 1024 printable ASCII characters, no spaces).
 */
int chat_client_set_secret_key(const chat_client *client,
                               const char *key);

/**
 * Replaces the UserSig for the calls to come; calls in progress end with the old one. Any thread, does not block.
 *
 * @return 0; CHAT_ERR_INVALID_ARGUMENT or CHAT_ERR_INVALID_UTF8, and the old signature stays (1 to 8192 letters, digits, `*`, `-`, `_`).
 */
int chat_client_set_user_sig(const chat_client *client,
                             const char *sig);

/**
 * Ends the calls in progress and refuses those to come, both with CHAT_ERR_SHUTDOWN. Any thread; does not wait for them; may be
 * repeated. A call that reads, writes or waits ends at once, one that looks up a name or connects by its connect timeout.
 * The client still has to be freed. NULL is nothing.
 */
void chat_client_shutdown(const chat_client *client);

/**
 * Frees a client: refuses new calls, ends those inside, waits for them, wipes key and signature. NULL is nothing.
 *
 * Other threads may be inside a call, but none may begin one after this returns. From inside an interrupt callback it does not wait.
 */
void chat_client_free(chat_client *client);

/**
 * Makes a cancel token. Free it with `chat_cancel_free`. Any thread.
 */
chat_cancel *chat_cancel_new(void);

/**
 * Frees a cancel token. Calls that carry it go on; options that name it lose it. NULL is nothing.
 */
void chat_cancel_free(chat_cancel *cancel);

/**
 * Ends the calls that carry the token, and those begun with it later, with CHAT_ERR_CANCELLED. Any thread; does not wait for them;
 * may be repeated, cannot be undone. A call that reads, writes or waits ends at once, one that looks up a name or connects by its
 * connect timeout. `chat_response_is_in_doubt` tells whether the request had left. NULL is nothing.
 */
void chat_cancel_trigger(const chat_cancel *cancel);

/**
 * Makes options that change nothing. Free them with `chat_call_options_free`, not before the calls that use them return. Any thread.
 */
chat_call_options *chat_call_options_new(void);

/**
 * Frees options. NULL is nothing.
 */
void chat_call_options_free(chat_call_options *options);

/**
 * Why the last setter was refused; "" when it was accepted, never NULL. Borrowed from `options` until the next setter.
 */
const char *chat_call_options_message(const chat_call_options *options);

/**
 * Sets the total time of the call in milliseconds. 0 is refused, and a call with refused options sends nothing.
 */
int chat_call_options_set_timeout_ms(chat_call_options *options, uint32_t ms);

/**
 * Sets the `random` that every attempt of the call sends, by which the vendor's support finds a request; 0 is a value.
 * Unset: a new one for each attempt. `chat_response_random` tells the last.
 */
int chat_call_options_set_random(chat_call_options *options, uint32_t random);

/**
 * Lets a token end the calls that use these options; NULL takes it away. The options keep no hold on the token.
 */
int chat_call_options_set_cancel(chat_call_options *options, const chat_cancel *cancel);

/**
 * Lets a function of the caller's end the call from within; NULL takes it away.
 *
 * @param stop asked on the calling thread while the call reads, writes or waits: after every signal and every 200 ms. Returns 0 to
 *             go on, anything else to end the call with CHAT_ERR_CANCELLED. It must return soon and must not unwind.
 * @param user handed to `stop` as it is; must live as long as calls use the options.
 */
int chat_call_options_set_interrupt(chat_call_options *options,
                                    int (*stop)(void *user),
                                    void *user);

/**
 * Frees a response and every string borrowed from it. NULL is nothing.
 */
void chat_response_free(chat_response *response);

/**
 * The call's result again: 0, a negative `CHAT_ERR_*`, or the service's `ErrorCode`. 0 for NULL.
 */
int chat_response_code(const chat_response *response);

/**
 * What went wrong and what to do about it, UTF-8; "" after success and for NULL. Never holds a secret.
 *
 * Borrowed from the response. `len_or_null` receives the length in bytes.
 */
const char *chat_response_message(const chat_response *response, size_t *len_or_null);

/**
 * The answer's body as it came, as far as it came, also of a failed call; "" when none came. It may hold NUL bytes: use the length.
 *
 * Borrowed from the response. `len_or_null` receives the length in bytes.
 */
const char *chat_response_body(const chat_response *response,
                               size_t *len_or_null);

/**
 * The attempts as a JSON array, one object each: `attempt`, `code`, `http_status`, `reached` (`nothing_written`, `written` or
 * `answer_begun`), `random`, `ms`. For logs; never holds the signature. `[]` for a call that was refused before any attempt.
 *
 * Borrowed from the response.
 */
const char *chat_response_trace(const chat_response *response);

/**
 * The HTTP status of the last attempt's answer; 0 when no answer came. The service answers everything with 200.
 */
int chat_response_http_status(const chat_response *response);

/**
 * How many requests were made: 0 when the call was refused before any, 2 when an expired signature was renewed.
 */
int chat_response_attempts(const chat_response *response);

/**
 * The `random` that the last request carried, by which the vendor's support finds it; 0 when none was made.
 */
uint32_t chat_response_random(const chat_response *response);

/**
 * 1 when the same call may succeed later without anybody changing anything, else 0.
 */
int chat_response_is_retriable(const chat_response *response);

/**
 * 1 when the request may have taken effect although the call failed, else 0. Never 0 once a byte of the request was handed to the
 * kernel and no complete answer came back.
 */
int chat_response_is_in_doubt(const chat_response *response);

/**
 * How long to pause before repeating, in milliseconds; 0 when the answer asks for no pause. 60,000 after 70050.
 */
uint32_t chat_response_retry_after_ms(const chat_response *response);

/**
 * 1 when the answer has a member at a JSON Pointer (RFC 6901) in the vendor's names, such as `/GroupItem/0/GroupId`; else 0.
 */
int chat_response_has(const chat_response *response,
                      const char *pointer);

/**
 * The number of elements of the array, or members of the object, at a JSON Pointer; 0 when there is none.
 */
size_t chat_response_count(const chat_response *response, const char *pointer);

/**
 * The string at a JSON Pointer, UTF-8; "" when there is none (`chat_response_has` tells the difference).
 *
 * Borrowed from the response. `len_or_null` receives the length in bytes; the text may hold NUL characters.
 */
const char *chat_response_str(const chat_response *response, const char *pointer, size_t *len_or_null);

/**
 * The integer at a JSON Pointer, also where the service gives it as a string.
 *
 * @param value receives it; untouched unless 0 is returned.
 * @return 0; CHAT_ERR_INVALID_ARGUMENT when there is none, it is no integer of 64 bits, or an argument is NULL.
 */
int chat_response_int(const chat_response *response, const char *pointer, int64_t *value);

/**
 * Calls any command of the service with a JSON object of the caller's.
 *
 * For commands that have no function of their own. Blocks until the answer or the deadline. Any thread.
 *
 * @param client   the client; any number of threads may share it.
 * @param path     the command as `v4/service/command`, for example `v4/recentcontact/create_contact_group`; no host, no query.
 * @param json     the request: a JSON object in UTF-8, at most 8 MiB, not NUL-terminated; NULL with length 0 sends `{}`.
 * @param json_len the length of `json` in bytes.
 * @param options  what this call does differently, or NULL.
 * @param response receives the answer whatever the result, to be freed with `chat_response_free`; NULL if not wanted. Answers up to 8 MiB.
 * @return 0; a negative `CHAT_ERR_*`, with `CHAT_ERR_PARTIAL` when an item of a batch failed; or the service's code.
 */
int chat_call(const chat_client *client,
              const char *path,
              const char *json,
              size_t json_len,
              const chat_call_options *options,
              chat_response **response);

/**
 * Deletes one conversation group of a user (`v4/recentcontact/del_contact_group`, 1047/53441).
 *
 * The conversations in the group stay; they only lose the group. Blocks until the answer or the deadline. Any thread.
 *
 * @param client       the client; any number of threads may share it.
 * @param from_account the UserID whose group it is, not empty, UTF-8.
 * @param group_name   the group's name, byte for byte and case-sensitive: 1 to 64 bytes of UTF-8 (32 before April 2026, and
 *                     older SDKs cannot show more). The length is checked before anything is sent unless
 *                     `chat_config_set_local_limits` is off; then the service answers 51011.
 * @param options      what this call does differently, or NULL.
 * @param response     receives the answer whatever the result, to be freed with `chat_response_free`; NULL if not wanted.
 *                     `/GroupItem/0/GroupName` and `/GroupItem/0/GroupId` name the deleted group. An answer without items is success.
 * @return 0; a negative `CHAT_ERR_*`; or the service's code: 50001 unknown user, 50002 bad parameter, 50003 not an
 *         administrator, 50004 and 50005 trouble inside the service, 51009 no such group, 51011 name too long, 51013 not in the plan.
 */
int chat_del_contact_group(const chat_client *client,
                           const char *from_account,
                           const char *group_name,
                           const chat_call_options *options,
                           chat_response **response);

#ifdef __cplusplus
}  // extern "C"
#endif  // __cplusplus

#endif  /* TENCENT_CHAT_H */
