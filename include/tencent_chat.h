/**
 * @file tencent_chat.h
 * A client for the Tencent Chat REST API (conversation groups and marks). Not affiliated with the vendor.
 *
 * Made by `make header` from the Rust sources; do not edit. What holds for every function:
 *
 * 1. Results.   An `int` result is 0 for success, negative (CHAT_ERR_*) for the library's own failures, positive for the service's
 *               `ErrorCode`, unchanged.
 * 2. Order.     Handle, inputs, options, outputs. Options may be NULL.
 * 3. Outputs.   `*response`, or `*error`, is set on every return. Free it once with `chat_response_free`, or pass NULL if you do not want
 *               it. There is no "last error" per thread: everything about a call is in its response.
 * 4. Texts in.  NUL-terminated UTF-8, copied. JSON is pointer and length. Lists are built item by item.
 * 5. Texts out. NUL-terminated and never NULL. A text belongs to the object it comes from and is freed with it. `*len_or_null`
 *               receives the length without the NUL, if you pass a pointer.
 * 6. NULL.      Pass NULL only where the words of a parameter allow it. It is checked everywhere all the same: a call and a setter answer
 *               CHAT_ERR_INVALID_ARGUMENT, an accessor answers 0 or an empty text, a `_free` does nothing. A `_new` without a result
 *               `int` returns NULL only if the library itself failed. After its `_free` an object must not be used.
 * 7. Threads.   Any thread may call any function, but not from a signal handler. `const` on a handle means that any number of threads may
 *               use it at once; without `const`, one at a time. An object may move between threads.
 * 8. Blocking.  A function with `client`, `options` and `response` calls the service and blocks until the answer or the deadline. Of the
 *               others those block whose words say so.
 * 9. Process.   The library reads no environment variable (the C library's look-up of names does), installs no signal handler, prints
 *               nothing, and exits or aborts only if the system refuses a small allocation. A function takes at most 64 KiB of stack,
 *               without your callbacks, and may be called in destructors of statics, of thread-locals and of pthread keys. A thread that is
 *               cancelled inside one (`pthread_cancel`, deferred, as it is unless set otherwise) ends after it. A client's threads end
 *               with it, except one that the system keeps in a look-up: it ends with the look-up and holds nothing of the client.
 *               In a child of `fork()`, a client of the parent answers CHAT_ERR_FORKED and may be freed: make a client in the child.
 * 10. Secrets.  Key, UserSig, proxy password and the shared limit's login are in no message, body, trace or printout; no error quotes a
 *               file. The one exception: a UserSig that you ask for is the body of its response (`chat_user_sig_new`).
 * 11. Answers.  A member that is absent or null reads as 0, "" or nothing. One of another type is an error that names it. An integer is
 *               read in every form JSON has for it (`1`, `1.0`, `1e0`, `"1"`). A broken text shows U+FFFD and spoils nothing beside it. A
 *               message shows control characters as escapes (`\n`, `\u001b`); the body keeps its bytes.
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
 * The client or cancel token was made before `fork()` and this is a child: make one here. A call that was under way goes on in the parent.
 */
#define CHAT_ERR_FORKED (-8)

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
 * No slot under the client's own rate limit before the deadline. After `chat_response_retry_after_ms` the same call finds one in time.
 */
#define CHAT_ERR_THROTTLED (-12)

/**
 * The caller ended the call: by a cancel token, an interrupt callback or a context.
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
 * An iterator has no further item. Not an error.
 */
#define CHAT_END (-16)

/**
 * The service could not set an account's profile.
 */
#define CHAT_SERVICE_PROFILE_FAILED 40006

/**
 * A value of an account's profile has over 500 bytes.
 */
#define CHAT_SERVICE_PROFILE_TOO_LONG 40601

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
 * No conversation in a call, or more than 100.
 */
#define CHAT_SERVICE_TOO_MANY_CONVERSATIONS 51006

/**
 * The id of a chat group could not be converted: an error inside the service, or the chat group is dismissed.
 */
#define CHAT_SERVICE_GROUP_CHAT_FAILED 51007

/**
 * The user has 1,000 conversations in groups, or 1,000 with marks.
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
 * The user has 50 pinned conversations already (269/75376).
 */
#define CHAT_SERVICE_PINNED_LIMIT 51012

/**
 * The app's plan does not allow changing conversation groups and standard marks (1047/53441).
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
 * Time-out inside the account service.
 */
#define CHAT_SERVICE_ACCOUNT_TIMED_OUT 70169

/**
 * No account in a call, or more than 100.
 */
#define CHAT_SERVICE_TOO_MANY_ACCOUNTS 70206

/**
 * The free edition holds 100 accounts.
 */
#define CHAT_SERVICE_ACCOUNT_LIMIT 70398

/**
 * The account service refuses a parameter.
 */
#define CHAT_SERVICE_ACCOUNT_INVALID_PARAMETER 70402

/**
 * The account service's word for `CHAT_SERVICE_ADMIN_REQUIRED`.
 */
#define CHAT_SERVICE_ACCOUNT_ADMIN_REQUIRED 70403

/**
 * Internal error of the account service.
 */
#define CHAT_SERVICE_ACCOUNT_INTERNAL_ERROR 70500

/**
 * There is no such member.
 */
#define CHAT_TYPE_ABSENT 0

/**
 * The member is null.
 */
#define CHAT_TYPE_NULL 1

/**
 * The member is true or false.
 */
#define CHAT_TYPE_BOOL 2

/**
 * The member is a number that is an integer of 64 bits, with a sign or without.
 */
#define CHAT_TYPE_INTEGER 3

/**
 * The member is another number.
 */
#define CHAT_TYPE_DOUBLE 4

/**
 * The member is a string.
 */
#define CHAT_TYPE_STRING 5

/**
 * The member is an array.
 */
#define CHAT_TYPE_ARRAY 6

/**
 * The member is an object.
 */
#define CHAT_TYPE_OBJECT 7

/**
 * A one-to-one conversation; its id is the other user's UserID.
 */
#define CHAT_ONE_TO_ONE 1

/**
 * A group chat; its id is the chat group's id, such as `@TGS#1B2AUI7RZ`.
 */
#define CHAT_GROUP_CHAT 2

/**
 * The mark that a user sees as a star.
 */
#define CHAT_MARK_STAR 0

/**
 * The mark of a conversation that counts as unread.
 */
#define CHAT_MARK_UNREAD 1

/**
 * The mark of a folded conversation.
 */
#define CHAT_MARK_FOLD 2

/**
 * The mark of a hidden conversation.
 */
#define CHAT_MARK_HIDE 3

/**
 * What the vendor's page tells to send as AssistFlags: bit 0 pinned conversations are understood, bit 1 empty ones come too, bit 2
 * pinned ones are paged; bits 3 to 5 are not documented.
 */
#define CHAT_ASSIST_FLAGS 63

/**
 * A list of accounts: built by one thread, then read by any number of calls.
 */
typedef struct chat_accounts chat_accounts;

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
 * A list of conversations: built by one thread, then read by any number of calls.
 */
typedef struct chat_contacts chat_contacts;

/**
 * An iteration over a list that the service gives page by page. One thread at a time.
 */
typedef struct chat_items chat_items;

/**
 * A list of changes to marks: built by one thread, then read by any number of calls.
 */
typedef struct chat_marks chat_marks;

/**
 * The result of one call, successful or not. Immutable; any number of threads may read it.
 */
typedef struct chat_response chat_response;

/**
 * A client's counters at one moment, and those of others that were added. Any number of threads may read it.
 *
 * Counters only rise, except those marked as gauges; they begin at 0 with the client. All are `uint64_t`:
 *  - `calls`: calls that returned; each is counted in exactly one of `calls_ok`, `calls_service` (the service's own codes),
 *    `calls_partial`, `calls_invalid_argument` (refused locally: codes -1 to -3), `calls_timeout`, `calls_transport`, `calls_tls`,
 *    `calls_http_status`, `calls_protocol`, `calls_no_error_code`, `calls_throttled`, `calls_cancelled`, `calls_shutdown`, `calls_panic`.
 *  - `calls_in_progress` (gauge): calls that are inside the client now.
 *  - `attempts`: requests made, or tried; `retries`: those of them that were repeats; `standby_attempts`: those to the standby host.
 *  - `in_doubt`: calls that returned in doubt; `already_deleted`: deletes whose repeat found nothing left.
 *  - `retries_over_budget`: repeats that were not made because the budget was spent; `throttle_answers`: answers that asked to slow down.
 *  - `signature_refusals`: answers that refused the UserSig; `re_signs`: signatures replaced because the service called them expired or
 *    revoked.
 *  - `rate_waits`, `rate_waited_ms`: calls that waited for a slot under the rate limit, and for how long in all.
 *  - `shared_limit_trips`, `shared_limit_failures`: trips to the server of the shared limit, and those of them that brought nothing.
 *  - `connections_opened`; `connections_open` (gauge), `connections_idle` (gauge): those that are open, and of these the ones that no call
 *    uses; `connections_awaited` (gauge): calls that wait for one of the client's connections.
 *  - `connection_waits`, `connection_waited_ms`: attempts that waited for one of the client's connections, and for how long in all.
 *  - `latency_le_1_ms` and so on for 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10000 and `latency_le_inf`: calls that made an
 *    attempt and returned within so many milliseconds, each including those before it; `latency_sum_us`: their time in all.
 */
typedef struct chat_stats chat_stats;

/**
 * All that a response says, except its trace. A response begins with this struct, so that `(const chat_outcome *)response` reads all of it
 * without another call. The texts belong to the response, as those of the functions of the same names do.
 */
typedef struct {
  /**
   * See `chat_response_code`.
   */
  int code;
  /**
   * See `chat_response_http_status`.
   */
  int http_status;
  /**
   * See `chat_response_attempts`.
   */
  int attempts;
  /**
   * See `chat_response_is_retriable`.
   */
  int is_retriable;
  /**
   * See `chat_response_is_in_doubt`.
   */
  int is_in_doubt;
  /**
   * See `chat_response_is_already_deleted`.
   */
  int is_already_deleted;
  /**
   * See `chat_response_random`.
   */
  uint32_t random;
  /**
   * See `chat_response_retry_after_ms`.
   */
  uint32_t retry_after_ms;
  /**
   * See `chat_response_message`.
   */
  const char *message;
  /**
   * Its length in bytes, without the NUL.
   */
  size_t message_len;
  /**
   * See `chat_response_body`.
   */
  const char *body;
  /**
   * Its length in bytes, without the NUL.
   */
  size_t body_len;
  /**
   * See `chat_response_json`. The same pointer as `body` where they are the same text.
   */
  const char *json;
  /**
   * Its length in bytes, without the NUL.
   */
  size_t json_len;
} chat_outcome;

#ifdef __cplusplus
extern "C" {
#endif // __cplusplus

/**
 * The version of the library that is loaded, as `0.1.0`. Compare with `CHAT_VERSION` of the header you compiled with.
 *
 * @return the version; never freed.
 * @since 0.1.0
 */
const char *chat_version(void);

/**
 * What a code means and what to do about it: one of `CHAT_ERR_*` or an `ErrorCode` of the service.
 *
 * ASCII, also for an unknown code.
 *
 * @param code the number.
 * @return the words; never freed.
 * @since 0.1.0
 */
const char *chat_strerror(int code);

/**
 * 1 when no call can succeed until somebody changes something, so that a run of many calls should end: app, key, signature,
 * administrator, plan, address or certificate is wrong, or the client is closed. Else 0, also for an unknown code.
 *
 * @param code the number.
 * @return 1 or 0.
 * @since 0.1.0
 */
int chat_code_is_fatal(int code);

/**
 * Makes a configuration with every default. Free it with `chat_config_free`; a client keeps no reference to it.
 *
 * @return the configuration; NULL only if the library itself failed.
 * @since 0.1.0
 */
chat_config *chat_config_new(void);

/**
 * Frees a configuration and wipes its secrets.
 *
 * @param config the configuration.
 * @since 0.1.0
 */
void chat_config_free(chat_config *config);

/**
 * Why the last setter was refused; "" when it was accepted. Valid until the next setter.
 *
 * @param config the configuration; NULL answers a text that says so.
 * @return the reason or "".
 * @since 0.1.0
 */
const char *chat_config_message(const chat_config *config);

/**
 * Sets the data centre: china, singapore, seoul, tokyo, frankfurt, silicon_valley, jakarta or riyadh (1047/34620). It must be the app's
 * own.
 *
 * There is no default. For any other host use `chat_config_set_base_url`; if both are set, `chat_client_new` answers CHAT_ERR_CONFIG.
 *
 * A refused setter returns its code, keeps its reason for `chat_config_message`, and makes `chat_client_new` fail with it until the same
 * setter accepts a value. This holds for all of them.
 *
 * @param config the configuration.
 * @param name   one of the names above.
 * @return 0; CHAT_ERR_INVALID_ARGUMENT with the list of regions; CHAT_ERR_INVALID_UTF8.
 * @since 0.1.0
 */
int chat_config_set_region(chat_config *config,
                           const char *name);

/**
 * Sets the host to call instead of a region: `https://host` or `https://host:port`, without a path.
 *
 * Plain `http` goes only to loopback hosts (an emulator) unless `chat_config_set_allow_insecure_http` allows more.
 *
 * @param config the configuration.
 * @param url    the place.
 * @return 0; CHAT_ERR_INVALID_ARGUMENT; CHAT_ERR_INVALID_UTF8.
 * @since 0.1.0
 */
int chat_config_set_base_url(chat_config *config, const char *url);

/**
 * Tries the region's second documented host (269/1519) when no connection to the first can be made (1), or not (0, the default).
 *
 * This happens only after a connection or a TLS handshake failed, as when a carrier hijacks the name of the first host, and never leads
 * to another region. It is a repeat like any other and counts as an attempt. The second host is then preferred for 30 seconds. Riyadh has
 * none: there, and with a base URL, `chat_client_new` answers CHAT_ERR_CONFIG.
 *
 * @param config the configuration.
 * @param yes    1 or 0.
 * @return 0; CHAT_ERR_INVALID_ARGUMENT.
 * @since 0.1.0
 */
int chat_config_set_use_standby(chat_config *config,
                                int yes);

/**
 * Sets the standby host of a base URL, written in the same way: another way to the same data centre. With a region, `chat_client_new`
 * answers CHAT_ERR_CONFIG. See `chat_config_set_use_standby`.
 *
 * @param config the configuration.
 * @param url    the other way.
 * @return 0; CHAT_ERR_INVALID_ARGUMENT; CHAT_ERR_INVALID_UTF8.
 * @since 0.1.0
 */
int chat_config_set_standby_url(chat_config *config,
                                const char *url);

/**
 * Sets the app's SDKAppID, as the console shows it; not 0. Required.
 *
 * @param config the configuration.
 * @param id     the SDKAppID.
 * @return 0; CHAT_ERR_INVALID_ARGUMENT.
 * @since 0.1.0
 */
int chat_config_set_sdk_app_id(chat_config *config, uint32_t id);

/**
 * Sets the UserID of an app administrator, who makes the calls: 1 to 32 printable ASCII characters. Required.
 *
 * @param config the configuration.
 * @param admin  the UserID.
 * @return 0; CHAT_ERR_INVALID_ARGUMENT; CHAT_ERR_INVALID_UTF8.
 * @since 0.1.0
 */
int chat_config_set_identifier(chat_config *config, const char *admin);

/**
 * Sets the app's secret key, from which the library makes UserSigs. Either this or `chat_config_set_user_sig` is required.
 *
 * Give the key as the console shows it. The library copies it, never shows it, and wipes its copy when it is no longer used. Your copy is
 * yours to wipe.
 *
 * @param config the configuration.
 * @param key    the key: 1 to 1024 printable ASCII characters, no spaces.
 * @return 0; CHAT_ERR_INVALID_ARGUMENT; CHAT_ERR_INVALID_UTF8.
 * @since 0.1.0
 */
int chat_config_set_secret_key(chat_config *config,
                               const char *key);

/**
 * Sets a ready UserSig for the identifier, if you do not want the key on this host. The library cannot renew it: replace it in time with
 * `chat_client_set_user_sig`.
 *
 * @param config the configuration.
 * @param sig    the UserSig: 1 to 8192 letters, digits, `*`, `-`, `_`.
 * @return 0; CHAT_ERR_INVALID_ARGUMENT; CHAT_ERR_INVALID_UTF8.
 * @since 0.1.0
 */
int chat_config_set_user_sig(chat_config *config,
                             const char *sig);

/**
 * Sets the total time of a call in milliseconds, waiting and repeats included; the default is 10,000. 0 is refused, because every call
 * must end.
 *
 * The service allows itself 3,000 (1047/34620), so a shorter time loses answers that would have come.
 *
 * @param config the configuration.
 * @param ms     milliseconds, 1 to UINT32_MAX (49 days).
 * @return 0; CHAT_ERR_INVALID_ARGUMENT.
 * @since 0.1.0
 */
int chat_config_set_timeout_ms(chat_config *config,
                               uint32_t ms);

/**
 * Sets the time of one attempt in milliseconds; the default is 4,000, more than the service allows itself (1047/34620). 0 is refused.
 *
 * @param config the configuration.
 * @param ms     milliseconds, 1 to UINT32_MAX (49 days).
 * @return 0; CHAT_ERR_INVALID_ARGUMENT.
 * @since 0.1.0
 */
int chat_config_set_attempt_timeout_ms(chat_config *config,
                                       uint32_t ms);

/**
 * Sets how often a call is tried at most: 1 (never repeat) to 10; the default is 3.
 *
 * A call is repeated when nothing was sent; after passing errors of the service; with a new signature after 70001 and 70052; after a
 * pause when the service asks to slow down (60007, 60011, 60018, 60019, HTTP 429 and 503); and in doubt, for commands that may be sent
 * twice (`chat_call_options_set_repeat_in_doubt`). Pauses are random, up to 50 ms, then 100 ms and so on. If a pause would pass the
 * deadline, the last answer is returned instead. A budget, which successful calls fill, keeps the repeats of an outage under 2 in 100
 * calls.
 *
 * @param config the configuration.
 * @param n      attempts, the first included.
 * @return 0; CHAT_ERR_INVALID_ARGUMENT.
 * @since 0.1.0
 */
int chat_config_set_max_attempts(chat_config *config,
                                 uint32_t n);

/**
 * Sets how many calls of one command the client sends in a second; the default is 200, which the service grants an app. 0 is no limit; at
 * most 10,000. With N processes of one app, set 200/N in each.
 *
 * Half of them may leave at once, the rest evenly, never more than the limit in any 1.02 seconds. Calls wait in order of arrival; one
 * whose turn would come after its deadline returns CHAT_ERR_THROTTLED at once. When the service asks to slow down, the limit is halved
 * and then rises by 5 a second to what was set.
 *
 * @param config           the configuration.
 * @param calls_per_second calls of one command in a second; 0 to 10,000.
 * @return 0; CHAT_ERR_INVALID_ARGUMENT.
 * @since 0.1.0
 */
int chat_config_set_rate_limit(chat_config *config,
                               uint32_t calls_per_second);

/**
 * Makes every process that names the same limit share the one set by `chat_config_set_rate_limit`, through a server of the Redis protocol
 * (Redis from 5, Valkey): each command's calls a second, counted together. NULL, the default, is a limit of the client's own.
 *
 * `url` is `redis://user:password@host:port/database`, or `rediss://` for TLS (`ca_file` and `add_ca_file` count, the proxy does not);
 * all but the host may be left out. `redis+unix://user:password@/run/redis.sock?db=0` is a Unix socket. After a `?`, `timeout_ms=250` is how
 * long each step of a trip may take, from 10 to 1000 (the default), and `ca_file=/path` of `rediss://` has the authorities for this server
 * alone. Login and paths are percent-encoded; the login is a secret like the key. `name`, 1 to 64 letters, digits, '-', '_' and '.', belongs to the limit
 * together with SDKAppID and command; all who share it set the same rate. Sentinel and clusters are refused: a fail-over forgets the slots
 * that were given.
 *
 * Slots are given out on the server's clock, evenly and in order, several a trip: a limit of N a second is N evenly spaced calls in 1.02
 * seconds, no burst. A thread of the client makes the trips; a call waits as it does for the client's own limit, which stays in front. A
 * command that was not called for a day begins after 1.02 seconds. If the server forgets, as in a restart, its clients tell it for 1.02
 * seconds what they were given before it gives slots again; clients that made no trip in that time may exceed the limit by the slots they
 * still hold. The same holds if its clock jumps; after a jump of up to 35 seconds back it only waits until it has caught up.
 *
 * Each trip measures how far that clock differs from the machine's, as NTP does. Near and far machines keep the limit together as long as
 * the ways to the server and back differ by at most 40 milliseconds.
 *
 * While the server cannot be asked (no connection, no answer in time, no memory, a wrong login), calls go on under
 * `chat_config_set_shared_limit_fallback`, or return CHAT_ERR_THROTTLED with a message that says why; the server is tried again every
 * second. An impossible answer (a slot further ahead than was asked for, text) counts as none, and any answer is believed for a second
 * only. `chat_response_trace` has `"limit":"shared"` for each attempt, or `"limit":"fallback"` and in `"limit_reason"` why: fixed words.
 * The client's first call connects.
 *
 * @param config the configuration.
 * @param url    the server, as above. NULL takes the setting back.
 * @param name   the limit's name there. NULL answers CHAT_ERR_INVALID_ARGUMENT, but where `url` is NULL, too.
 * @return 0; CHAT_ERR_INVALID_ARGUMENT, also from a library that was built without it; CHAT_ERR_INVALID_UTF8.
 * @since 0.1.0
 */
int chat_config_set_shared_limit(chat_config *config,
                                 const char *url,
                                 const char *name);

/**
 * Sets how many calls of one command this client sends in a second, evenly, while the server of its shared limit cannot be asked; 0, the
 * default, is none. With N processes, set an N-th of the shared limit.
 *
 * The sum stays within the limit if N such shares do and all processes lose the server together. At the switch a process first leaves
 * time for the slots that the server had given to the whole fleet, as far ahead as its own latest answers showed; a process without an
 * answer yet begins at once. A server that is back and served nobody for a second gives nothing for three, until every process has found
 * it; the fallback ends one second earlier, and callers that wait under it get slots of the server. If only some processes lose the
 * server, the others still share all of the limit, and the fallbacks come on top.
 *
 * Without a shared limit, or above it, this is CHAT_ERR_CONFIG when the client is made.
 *
 * @param config           the configuration.
 * @param calls_per_second calls of one command in a second; 0 to 10,000.
 * @return 0; CHAT_ERR_INVALID_ARGUMENT.
 * @since 0.1.0
 */
int chat_config_set_shared_limit_fallback(chat_config *config,
                                          uint32_t calls_per_second);

/**
 * Sets the time for look-up, TCP connection, proxy and TLS handshake together, in milliseconds; the default is 2,000. 0 is refused.
 *
 * @param config the configuration.
 * @param ms     milliseconds, 1 to UINT32_MAX (49 days).
 * @return 0; CHAT_ERR_INVALID_ARGUMENT.
 * @since 0.1.0
 */
int chat_config_set_connect_timeout_ms(chat_config *config,
                                       uint32_t ms);

/**
 * Sets a PEM file of CA certificates that replaces the built-in ones (Mozilla's). Read by `chat_client_new`.
 *
 * @param config the configuration.
 * @param path   the path of the file.
 * @return 0; CHAT_ERR_INVALID_ARGUMENT; CHAT_ERR_INVALID_UTF8.
 * @since 0.1.0
 */
int chat_config_set_ca_file(chat_config *config, const char *path);

/**
 * Adds a PEM file of CA certificates trusted beside the others. May be called several times. Read by `chat_client_new`.
 *
 * @param config the configuration.
 * @param path   the path of the file.
 * @return 0; CHAT_ERR_INVALID_ARGUMENT; CHAT_ERR_INVALID_UTF8.
 * @since 0.1.0
 */
int chat_config_add_ca_file(chat_config *config, const char *path);

/**
 * Sets an HTTP proxy, `http://host:port` or `http://user:password@host:port` (both percent-encoded); NULL, the default, is none.
 *
 * Every connection goes through a CONNECT tunnel. Other kinds of proxy are refused by name. No environment variable is read.
 *
 * @param config the configuration.
 * @param url    the proxy, or NULL for none.
 * @return 0; CHAT_ERR_INVALID_ARGUMENT; CHAT_ERR_INVALID_UTF8.
 * @since 0.1.0
 */
int chat_config_set_proxy(chat_config *config,
                          const char *url);

/**
 * Sets how long the signatures made here are valid, in seconds; the default is 86,400, a day. From 60 to 1,576,800,000.
 *
 * Each is renewed when a quarter of that is left, and back-dated 60 seconds for clocks that run ahead.
 *
 * @param config  the configuration.
 * @param seconds seconds.
 * @return 0; CHAT_ERR_INVALID_ARGUMENT.
 * @since 0.1.0
 */
int chat_config_set_user_sig_lifetime_s(chat_config *config, uint32_t seconds);

/**
 * Allows plain `http` to hosts other than loopback (1) or not (0, the default). Anybody on the network can then read the signature, which
 * can do everything that an administrator can.
 *
 * @param config the configuration.
 * @param yes    1 or 0.
 * @return 0; CHAT_ERR_INVALID_ARGUMENT.
 * @since 0.1.0
 */
int chat_config_set_allow_insecure_http(chat_config *config,
                                        int yes);

/**
 * Checks the vendor's limits before sending (1, the default) or leaves them to the service (0), which may have changed them.
 *
 * @param config the configuration.
 * @param yes    1 or 0.
 * @return 0; CHAT_ERR_INVALID_ARGUMENT.
 * @since 0.1.0
 */
int chat_config_set_local_limits(chat_config *config,
                                 int yes);

/**
 * Sets how many connections the client opens at most; the default is 64. From 1 to 10,000. Further callers wait their turn, in order,
 * until their deadline (CHAT_ERR_TIMEOUT, not in doubt).
 *
 * @param config the configuration.
 * @param n      connections.
 * @return 0; CHAT_ERR_INVALID_ARGUMENT.
 * @since 0.1.0
 */
int chat_config_set_max_connections(chat_config *config,
                                    uint32_t n);

/**
 * Sets after how many milliseconds a connection that no call uses is closed; the default is 15,000. Keep it below the idle time of the
 * balancers and firewalls on the way. If the host is an address and not a name, the next call closes it.
 *
 * @param config the configuration.
 * @param ms     milliseconds, at least 1.
 * @return 0; CHAT_ERR_INVALID_ARGUMENT.
 * @since 0.1.0
 */
int chat_config_set_idle_timeout_ms(chat_config *config,
                                    uint32_t ms);

/**
 * Sets after how many seconds without traffic the system asks the other side whether it lives (TCP keep-alive), and how often it asks
 * again. Off unless set. For networks that drop connections on which a call waits long.
 *
 * @param config  the configuration.
 * @param seconds 1 to 32,767; 0 for none.
 * @return 0; CHAT_ERR_INVALID_ARGUMENT.
 * @since 0.1.0
 */
int chat_config_set_tcp_keepalive_s(chat_config *config,
                                    uint32_t seconds);

/**
 * Sets whether the system's trusted authorities replace the built-in ones (Mozilla's): on Linux the bundle of the distribution, read when
 * the client is made; environment variables do not matter. Elsewhere `chat_client_new` answers CHAT_ERR_CONFIG. Off unless set; not
 * together with `chat_config_set_ca_file`.
 *
 * @param config the configuration.
 * @param yes    0 or not.
 * @return 0; CHAT_ERR_INVALID_ARGUMENT.
 * @since 0.1.0
 */
int chat_config_set_system_ca(chat_config *config,
                              int yes);

/**
 * Sets the certificate that the client shows to a gateway that asks for one, as two PEM files: the certificate, followed by those between
 * it and its authority, and its private key without a passphrase. Both are read when the client is made.
 *
 * @param config           the configuration.
 * @param certificate_file path of the certificates, or NULL for none.
 * @param key_file         path of the key; NULL only if the other is.
 * @return 0; CHAT_ERR_INVALID_ARGUMENT, CHAT_ERR_INVALID_UTF8. `chat_client_new` answers CHAT_ERR_CONFIG for a file that cannot be used.
 * @since 0.1.0
 */
int chat_config_set_client_certificate(chat_config *config,
                                       const char *certificate_file,
                                       const char *key_file);

/**
 * Sets a function that the library calls after each attempt, for logs and tracing. `attempt_json` is the attempt's object as in
 * `chat_response_trace`, valid until the function returns. The function runs on the thread of the call, so on several threads at once,
 * and the call waits for it. It may make calls, also with the same client. It must not throw, jump out, or free the client.
 *
 * @param config  the configuration.
 * @param attempt the function, or NULL for none.
 * @param user    passed to the function, may be NULL; must outlive the client.
 * @return 0; CHAT_ERR_INVALID_ARGUMENT.
 * @since 0.1.0
 */
int chat_config_set_attempt_hook(chat_config *config,
                                 void (*attempt)(const char *attempt_json, void *user),
                                 void *user);

/**
 * Sets a label that each series of `chat_stats_prometheus` has beside its own, to tell clients and programs apart: `client` is the
 * client's name, and a number of the process unless set. NULL as the value takes the label back.
 *
 * A refused label is refused by `chat_client_new` too until the same name is set well or taken back. At most 16.
 *
 * @param config the configuration.
 * @param name   the label: 1 to 64 of A-Z, a-z, 0-9 and _, no digit and no __ at its beginning; `command`, `outcome` and `le` are taken.
 * @param value  its value: 1 to 256 bytes without control characters; or NULL.
 * @return 0; CHAT_ERR_INVALID_ARGUMENT; CHAT_ERR_INVALID_UTF8.
 * @since 0.1.0
 */
int chat_config_set_metric_label(chat_config *config,
                                 const char *name,
                                 const char *value);

/**
 * Sets what follows the library's name and version in the User-Agent header: at most 256 printable ASCII characters.
 *
 * @param config the configuration.
 * @param suffix the text.
 * @return 0; CHAT_ERR_INVALID_ARGUMENT; CHAT_ERR_INVALID_UTF8.
 * @since 0.1.0
 */
int chat_config_set_user_agent(chat_config *config, const char *suffix);

/**
 * Makes a client. Reads the CA files; opens no connection yet. Blocks only while it reads those files.
 *
 * @param config the settings; copied, so it may be freed or changed afterwards.
 * @param client receives the client on 0, else NULL. Free it with `chat_client_free`.
 * @param error  receives what is wrong on anything but 0, else NULL.
 * @return 0; CHAT_ERR_CONFIG when settings are missing, contradict each other or a CA file cannot be used; the code of a setter that
 *         was refused; CHAT_ERR_INVALID_ARGUMENT when `config` or `client` is NULL.
 * @since 0.1.0
 */
int chat_client_new(const chat_config *config,
                    chat_client **client,
                    chat_response **error);

/**
 * Replaces the secret key for the calls to come; calls in progress end with the old one.
 *
 * @param client the client.
 * @param key    the key.
 * @return 0; CHAT_ERR_INVALID_ARGUMENT or CHAT_ERR_INVALID_UTF8, and the old key stays (1 to 1024 printable ASCII characters, no
 *         spaces); CHAT_ERR_FORKED.
 * @since 0.1.0
 */
int chat_client_set_secret_key(const chat_client *client,
                               const char *key);

/**
 * Replaces the UserSig for the calls to come; calls in progress end with the old one.
 *
 * @param client the client.
 * @param sig    the UserSig.
 * @return 0; CHAT_ERR_INVALID_ARGUMENT or CHAT_ERR_INVALID_UTF8, and the old signature stays (1 to 8192 letters, digits, `*`, `-`,
 *         `_`); CHAT_ERR_FORKED.
 * @since 0.1.0
 */
int chat_client_set_user_sig(const chat_client *client,
                             const char *sig);

/**
 * Ends the calls in progress and refuses those to come, both with CHAT_ERR_SHUTDOWN. Does not wait for them, and may be repeated. A call
 * ends at once, whatever it waits for. The client still has to be freed. Does nothing
 * for NULL and, in a child of `fork()`, for a client of the parent.
 *
 * @param client the client, or NULL.
 * @since 0.1.0
 */
void chat_client_shutdown(const chat_client *client);

/**
 * Opens connections ahead of the first calls: look-up, TCP and TLS. Blocks until they are open, one cannot be made, or the time is over.
 * They close like others after the idle timeout.
 *
 * @param client     the client.
 * @param n          how many connections are to be ready; 1 to those of `chat_config_set_max_connections`.
 * @param timeout_ms for all of them, in milliseconds, at least 1; each also has the client's connect timeout.
 * @param response   receives what went wrong.
 * @return 0; else why one could not be made, in the codes of a call. Those made before stay open.
 * @since 0.1.0
 */
int chat_client_warm_up(const chat_client *client,
                        uint32_t n,
                        uint32_t timeout_ms,
                        chat_response **response);

/**
 * Shuts a client down and lets the calls inside end first: refuses new calls with CHAT_ERR_SHUTDOWN, waits until those inside have ended
 * or the time is over, and then does what `chat_client_shutdown` does. Blocks until then; from inside an interrupt callback or an attempt
 * hook it does not wait for that call. The client still has to be freed.
 *
 * @param client     the client.
 * @param timeout_ms how long the calls inside have, in milliseconds, at least 1.
 * @return 0 when all of them ended by themselves; CHAT_ERR_TIMEOUT when some had to be ended; CHAT_ERR_INVALID_ARGUMENT;
 *         CHAT_ERR_FORKED.
 * @since 0.1.0
 */
int chat_client_drain(const chat_client *client,
                      uint32_t timeout_ms);

/**
 * Frees a client: refuses new calls, ends those inside, waits for them, wipes key and signature.
 *
 * Other threads may be inside a call, but none may begin one from now on. From inside an interrupt callback it does not wait. In a child
 * of `fork()` a client of the parent is only forgotten: its memory and sockets stay until the child ends. Blocks until the calls inside
 * have returned, which they do at once.
 *
 * @param client the client.
 * @since 0.1.0
 */
void chat_client_free(chat_client *client);

/**
 * Makes a cancel token. Free it with `chat_cancel_free`.
 *
 * @return the token; NULL only if the library itself failed.
 * @since 0.1.0
 */
chat_cancel *chat_cancel_new(void);

/**
 * Frees a cancel token. Calls that carry it go on; options that name it lose it.
 *
 * @param cancel the token.
 * @since 0.1.0
 */
void chat_cancel_free(chat_cancel *cancel);

/**
 * Ends the calls that carry the token, and those begun with it later, with CHAT_ERR_CANCELLED. Does not wait for them,
 * may be repeated, cannot be undone. A call ends at once, whatever it waits for.
 * `chat_response_is_in_doubt` tells whether the request had left. Does nothing to the parent's token in a
 * child of `fork()`; a call that carries it there answers CHAT_ERR_FORKED.
 *
 * @param cancel the token, or NULL.
 * @since 0.1.0
 */
void chat_cancel_trigger(const chat_cancel *cancel);

/**
 * Makes options that change nothing. Free them with `chat_call_options_free` after the calls that use them have returned.
 *
 * @return the options; NULL only if the library itself failed.
 * @since 0.1.0
 */
chat_call_options *chat_call_options_new(void);

/**
 * Frees options.
 *
 * @param options the options.
 * @since 0.1.0
 */
void chat_call_options_free(chat_call_options *options);

/**
 * Why the last setter was refused; "" when it was accepted. Valid until the next setter.
 *
 * @param options the options; NULL answers a text that says so.
 * @return the reason or "".
 * @since 0.1.0
 */
const char *chat_call_options_message(const chat_call_options *options);

/**
 * Sets the total time of the call in milliseconds. 0 is refused, and a call with refused options sends nothing.
 *
 * @param options the options.
 * @param ms      milliseconds, 1 to UINT32_MAX (49 days).
 * @return 0; CHAT_ERR_INVALID_ARGUMENT.
 * @since 0.1.0
 */
int chat_call_options_set_timeout_ms(chat_call_options *options, uint32_t ms);

/**
 * Sets the time of each attempt of the call, in milliseconds. 0 is refused. See `chat_config_set_attempt_timeout_ms`.
 *
 * @param options the options.
 * @param ms      milliseconds, 1 to UINT32_MAX (49 days).
 * @return 0; CHAT_ERR_INVALID_ARGUMENT.
 * @since 0.1.0
 */
int chat_call_options_set_attempt_timeout_ms(chat_call_options *options, uint32_t ms);

/**
 * Sets the time for making a connection, in milliseconds. 0 is refused. See `chat_config_set_connect_timeout_ms`.
 *
 * @param options the options.
 * @param ms      milliseconds, 1 to UINT32_MAX (49 days).
 * @return 0; CHAT_ERR_INVALID_ARGUMENT.
 * @since 0.1.0
 */
int chat_call_options_set_connect_timeout_ms(chat_call_options *options, uint32_t ms);

/**
 * Sets how often the call is tried at most, repeats included: 1 (never repeat) to 10. See `chat_config_set_max_attempts`.
 *
 * @param options the options.
 * @param n       attempts, the first included.
 * @return 0; CHAT_ERR_INVALID_ARGUMENT.
 * @since 0.1.0
 */
int chat_call_options_set_max_attempts(chat_call_options *options,
                                       uint32_t n);

/**
 * Sets whether the call may be repeated in doubt, that is when an attempt may or may not have taken effect: 1 or 0.
 *
 * Without it the command decides: `chat_create_contact_group`, `chat_account_delete` and `chat_call` are not repeated in doubt; all
 * others are, because doing them twice is the same as doing them once.
 *
 * @param options the options.
 * @param yes     1 or 0.
 * @return 0; CHAT_ERR_INVALID_ARGUMENT.
 * @since 0.1.0
 */
int chat_call_options_set_repeat_in_doubt(chat_call_options *options,
                                          int yes);

/**
 * Sets the `random` that every attempt of the call sends, by which the vendor's support finds a request; 0 is a valid number. Without it
 * each attempt sends a new one. `chat_response_random` tells the last.
 *
 * @param options the options.
 * @param random  the number.
 * @return 0; CHAT_ERR_INVALID_ARGUMENT.
 * @since 0.1.0
 */
int chat_call_options_set_random(chat_call_options *options,
                                 uint32_t random);

/**
 * Lets a token end the calls that use these options; NULL takes it away. The options do not own the token.
 *
 * @param options the options.
 * @param cancel  the token, or NULL; it may be freed at any time.
 * @return 0; CHAT_ERR_INVALID_ARGUMENT.
 * @since 0.1.0
 */
int chat_call_options_set_cancel(chat_call_options *options, const chat_cancel *cancel);

/**
 * Lets a function of yours end the call from inside; NULL takes it away.
 *
 * @param options the options.
 * @param stop    asked on the calling thread while the call reads, writes or waits: after every signal and every 200 ms. It returns 0 to
 *                go on, anything else to end the call with CHAT_ERR_CANCELLED. It must return soon, and must not unwind or end its
 *                thread. If it forks, the call goes on in the parent and returns CHAT_ERR_FORKED in the child. NULL for none.
 * @param user    passed to `stop`, may be NULL; must live as long as calls use the options.
 * @return 0; CHAT_ERR_INVALID_ARGUMENT.
 * @since 0.1.0
 */
int chat_call_options_set_interrupt(chat_call_options *options,
                                    int (*stop)(void *user),
                                    void *user);

/**
 * Makes an empty list of conversations. Free it with `chat_contacts_free` after the calls that use it have returned.
 *
 * @return the list; NULL only if the library itself failed.
 * @since 0.1.0
 */
chat_contacts *chat_contacts_new(void);

/**
 * Frees a list of conversations.
 *
 * @param contacts the list.
 * @since 0.1.0
 */
void chat_contacts_free(chat_contacts *contacts);

/**
 * Adds a conversation.
 *
 * A refused item is remembered: every call with this list then fails with its code and message and sends nothing.
 *
 * @param contacts the list.
 * @param type     `CHAT_ONE_TO_ONE` or `CHAT_GROUP_CHAT`.
 * @param id       the other user's UserID, or the chat group's id, not empty.
 * @return 0; CHAT_ERR_INVALID_ARGUMENT; CHAT_ERR_INVALID_UTF8.
 * @since 0.1.0
 */
int chat_contacts_add(chat_contacts *contacts, int type, const char *id);

/**
 * Makes an empty list of changes to marks. Free it with `chat_marks_free` after the calls that use it have returned.
 *
 * @return the list; NULL only if the library itself failed.
 * @since 0.1.0
 */
chat_marks *chat_marks_new(void);

/**
 * Frees a list of changes to marks.
 *
 * @param marks the list.
 * @since 0.1.0
 */
void chat_marks_free(chat_marks *marks);

/**
 * Adds a change to the marks of one conversation.
 *
 * A standard mark is a bit: bit n stands for the mark n of the service. Bits 0 to 31 belong to Chat itself (`CHAT_MARK_STAR` and so on), 32
 * to 63 are the app's own (1047/53438). A refused item is remembered: every call with this list then fails with its code and
 * message and sends nothing.
 *
 * @param marks       the list.
 * @param type        `CHAT_ONE_TO_ONE` or `CHAT_GROUP_CHAT`.
 * @param id          the other user's UserID, or the chat group's id, not empty.
 * @param set_bits    the marks to set, one bit each: mark 40 is `UINT64_C(1) << 40`, not 40. 0 for none.
 * @param clear_bits  the marks to clear, one bit each; none that is also in `set_bits`. 0 for none.
 * @param custom_mark the custom mark, at most 256 bytes of UTF-8, "" to clear it; NULL leaves it as it is.
 * @return 0; CHAT_ERR_INVALID_ARGUMENT, also when there is nothing to do; CHAT_ERR_INVALID_UTF8.
 * @since 0.1.0
 */
int chat_marks_add(chat_marks *marks,
                   int type,
                   const char *id,
                   uint64_t set_bits,
                   uint64_t clear_bits,
                   const char *custom_mark);

/**
 * Makes an empty list of accounts. Free it with `chat_accounts_free` after the calls that use it have returned.
 *
 * @return the list; NULL only if the library itself failed.
 * @since 0.1.0
 */
chat_accounts *chat_accounts_new(void);

/**
 * Frees a list of accounts.
 *
 * @param accounts the list.
 * @since 0.1.0
 */
void chat_accounts_free(chat_accounts *accounts);

/**
 * Adds an account.
 *
 * A refused item is remembered: every call with this list then fails with its code and message and sends nothing.
 *
 * @param accounts the list.
 * @param user_id  the UserID: 1 to 32 bytes of UTF-8.
 * @param nick     for an import the nickname, or NULL to leave it.
 * @param face_url for an import the picture's URL, or NULL to leave it.
 * @return 0; CHAT_ERR_INVALID_ARGUMENT; CHAT_ERR_INVALID_UTF8.
 * @since 0.1.0
 */
int chat_accounts_add(chat_accounts *accounts, const char *user_id, const char *nick, const char *face_url);

/**
 * Frees a response and every string borrowed from it.
 *
 * @param response the response.
 * @since 0.1.0
 */
void chat_response_free(chat_response *response);

/**
 * All that the response says, except its trace, in one struct. The response begins with it, so a cast of the pointer does the same.
 *
 * @param response the response. NULL answers an outcome of code 0 with empty texts.
 * @return the outcome.
 * @since 0.1.0
 */
const chat_outcome *chat_response_outcome(const chat_response *response);

/**
 * The call's result again: 0, a negative `CHAT_ERR_*`, or the service's `ErrorCode`.
 *
 * @param response the response.
 * @return the result.
 * @since 0.1.0
 */
int chat_response_code(const chat_response *response);

/**
 * What went wrong and what to do about it, UTF-8; "" after success. Never holds a secret.
 *
 * @param response    the response.
 * @param len_or_null receives the length in bytes.
 * @return the message or "".
 * @since 0.1.0
 */
const char *chat_response_message(const chat_response *response, size_t *len_or_null);

/**
 * The answer's body as it came, as far as it came, also of a failed call; "" when none came. It may hold NUL bytes: use the length.
 *
 * @param response    the response.
 * @param len_or_null receives the length in bytes.
 * @return the body or "".
 * @since 0.1.0
 */
const char *chat_response_body(const chat_response *response,
                               size_t *len_or_null);

/**
 * The answer as JSON that every parser reads alike; "" when it is not JSON. It is the body, but in UTF-8 with U+FFFD where a text is
 * broken, without a byte-order mark, and with whole numbers as plain digits (`1`, where a gateway wrote `1.0`). The accessors read this
 * form.
 *
 * @param response    the response.
 * @param len_or_null receives the length in bytes.
 * @return the JSON or "".
 * @since 0.1.0
 */
const char *chat_response_json(const chat_response *response,
                               size_t *len_or_null);

/**
 * The attempts as a JSON array, one object each: `attempt`, `code`, `http_status`, `reached` (`nothing_written`, `written` or
 * `answer_begun`), `random`, `ms` that it took and `at_ms` from the call's begin to its own; where it was to go: `scheme`, `host` with its
 * port, and the command's `path` without a query; `standby` if that is the standby host, and `limit` if the client shares one. Then the
 * `address` that it was connected to (the proxy's if there is one), whether the connection was `kept` from an earlier attempt, and where
 * the time went, in milliseconds with fractions, leaving out what took none: `turn_ms` waiting for its turn under the rate limit,
 * `permit_ms` for one of the client's connections, `look_up_ms`, `connect_ms` and `tls_ms` of a new connection, `exchange_ms` from the
 * request to the end of the answer. For logs and tracing; never holds the signature. `[]` for a call that was refused before any attempt.
 *
 * @param response the response.
 * @return the JSON.
 * @since 0.1.0
 */
const char *chat_response_trace(const chat_response *response);

/**
 * The HTTP status of the last attempt's answer; 0 when no answer came. The service answers everything with 200.
 *
 * @param response the response.
 * @return the status or 0.
 * @since 0.1.0
 */
int chat_response_http_status(const chat_response *response);

/**
 * How many requests were made or tried, repeats included; the service never saw more. 0 when the call was refused before any, and after
 * CHAT_ERR_PANIC, which is always in doubt.
 *
 * @param response the response.
 * @return the number of attempts.
 * @since 0.1.0
 */
int chat_response_attempts(const chat_response *response);

/**
 * The `random` that the last request carried, by which the vendor's support finds it; 0 when none was made.
 *
 * @param response the response.
 * @return the number or 0.
 * @since 0.1.0
 */
uint32_t chat_response_random(const chat_response *response);

/**
 * 1 when the same call may succeed later although nothing is changed, else 0.
 *
 * @param response the response.
 * @return 1 or 0.
 * @since 0.1.0
 */
int chat_response_is_retriable(const chat_response *response);

/**
 * 1 when a delete succeeded because its repeat found no such group (51009) after an attempt in doubt, else 0. That attempt or another
 * client had deleted it. The code is then 0, and the body is that of the last answer.
 *
 * @param response the response.
 * @return 1 or 0.
 * @since 0.1.0
 */
int chat_response_is_already_deleted(const chat_response *response);

/**
 * 1 when the call failed but the request may have taken effect, else 0. It is never 0 if a byte of the request left and no complete
 * answer came back.
 *
 * @param response the response.
 * @return 1 or 0.
 * @since 0.1.0
 */
int chat_response_is_in_doubt(const chat_response *response);

/**
 * How long to pause before repeating, in milliseconds; 0 when the answer asks for no pause. 60,000 after 70050.
 *
 * @param response the response.
 * @return milliseconds.
 * @since 0.1.0
 */
uint32_t chat_response_retry_after_ms(const chat_response *response);

/**
 * 1 when the answer has a member at a JSON Pointer (RFC 6901) in the vendor's names, such as `/GroupItem/0/GroupId`; else 0, also when it
 * is null.
 *
 * @param response the response.
 * @param pointer  the JSON Pointer; "" is the whole body. NULL finds nothing.
 * @return 1 or 0.
 * @since 0.1.0
 */
int chat_response_has(const chat_response *response,
                      const char *pointer);

/**
 * The number of elements of the array, or members of the object, at a JSON Pointer; 0 when there is none.
 *
 * @param response the response.
 * @param pointer  the JSON Pointer; "" is the whole body. NULL finds nothing.
 * @return the number.
 * @since 0.1.0
 */
size_t chat_response_count(const chat_response *response, const char *pointer);

/**
 * The string at a JSON Pointer, UTF-8; "" when there is no such member (`chat_response_has` tells) or it is not a string.
 *
 * `len_or_null` receives the length in bytes; the text may hold NUL characters.
 *
 * @param response    the response.
 * @param pointer     the JSON Pointer; "" is the whole body. NULL finds nothing.
 * @param len_or_null receives the length in bytes.
 * @return the text or "".
 * @since 0.1.0
 */
const char *chat_response_str(const chat_response *response,
                              const char *pointer,
                              size_t *len_or_null);

/**
 * The type of the member at a JSON Pointer. `1.0` is an integer; a number beyond a double's, such as `1e999`, is a string.
 *
 * @param response the response. NULL answers CHAT_TYPE_ABSENT.
 * @param pointer  the JSON Pointer; "" is the whole body. NULL finds nothing.
 * @return one of `CHAT_TYPE_*`.
 * @since 0.1.0
 */
int chat_response_type(const chat_response *response,
                       const char *pointer);

/**
 * The name of one member of the object at a JSON Pointer, UTF-8; "" when there is none. In the order of their bytes, not of the answer.
 *
 * `chat_response_count` tells how many there are.
 *
 * @param response    the response.
 * @param pointer     the JSON Pointer; "" is the whole body. NULL finds nothing.
 * @param index       which member: 0 and up.
 * @param len_or_null receives the length in bytes.
 * @return the name or "".
 * @since 0.1.0
 */
const char *chat_response_name(const chat_response *response,
                               const char *pointer,
                               size_t index,
                               size_t *len_or_null);

/**
 * The member at a JSON Pointer as an answer of its own: its body is the member's JSON text as `chat_response_json` shows it, and the
 * accessors read from there.
 *
 * @param response the response.
 * @param pointer  the JSON Pointer; "" is the whole body. NULL finds nothing.
 * @param member   receives it on 0, else NULL. It may outlive the response.
 * @return 0; CHAT_ERR_INVALID_ARGUMENT when there is no such member or an argument is NULL.
 * @since 0.1.0
 */
int chat_response_member(const chat_response *response,
                         const char *pointer,
                         chat_response **member);

/**
 * The integer at a JSON Pointer, in every form JSON has for it (`7`, `7.0`, `7e0`), also as a string.
 *
 * @param response the response.
 * @param pointer  the JSON Pointer; "" is the whole body. NULL finds nothing.
 * @param value    receives the integer; untouched unless 0 is returned.
 * @return 0; CHAT_ERR_INVALID_ARGUMENT when there is no such member, it is null, or an argument is NULL; CHAT_ERR_PROTOCOL when it is
 *         something else than an integer of 64 bits.
 * @since 0.1.0
 */
int chat_response_int(const chat_response *response,
                      const char *pointer,
                      int64_t *value);

/**
 * The integer without a sign at a JSON Pointer, otherwise as `chat_response_int`.
 *
 * @param response the response.
 * @param pointer  the JSON Pointer; "" is the whole body. NULL finds nothing.
 * @param value    receives the integer; untouched unless 0 is returned.
 * @return 0; CHAT_ERR_INVALID_ARGUMENT when there is no such member, it is null, or an argument is NULL; CHAT_ERR_PROTOCOL when it is
 *         something else than an integer from 0 to `UINT64_MAX`.
 * @since 0.1.0
 */
int chat_response_uint(const chat_response *response,
                       const char *pointer,
                       uint64_t *value);

/**
 * The number at a JSON Pointer, also an integer, also as a string.
 *
 * @param response the response.
 * @param pointer  the JSON Pointer; "" is the whole body. NULL finds nothing.
 * @param value    receives the number; untouched unless 0 is returned.
 * @return 0; CHAT_ERR_INVALID_ARGUMENT when there is no such member, it is null, or an argument is NULL; CHAT_ERR_PROTOCOL when it is
 *         no number or beyond what a double holds.
 * @since 0.1.0
 */
int chat_response_double(const chat_response *response,
                         const char *pointer,
                         double *value);

/**
 * The truth value at a JSON Pointer.
 *
 * @param response the response.
 * @param pointer  the JSON Pointer; "" is the whole body. NULL finds nothing.
 * @param value    receives 1 or 0; untouched unless 0 is returned.
 * @return 0; CHAT_ERR_INVALID_ARGUMENT when there is no such member, it is null, or an argument is NULL; CHAT_ERR_PROTOCOL when it is
 *         neither true nor false.
 * @since 0.1.0
 */
int chat_response_bool(const chat_response *response,
                       const char *pointer,
                       int *value);

/**
 * The marks that are set in a `StandardMark`, one bit each: mark 40 is `UINT64_C(1) << 40`, the star `UINT64_C(1) << CHAT_MARK_STAR`.
 *
 * The last character of that text is mark 0. So the vendor's own SDK for the web reads it; no page says it of these answers. An empty
 * text is no mark.
 *
 * @param response the response.
 * @param pointer  the JSON Pointer; "" is the whole body. NULL finds nothing.
 * @param value    receives the marks; untouched unless 0 is returned.
 * @return 0; CHAT_ERR_INVALID_ARGUMENT when there is no such member, it is null, or an argument is NULL; CHAT_ERR_PROTOCOL when it is
 *         no text of up to 64 characters `0` and `1`.
 * @since 0.1.0
 */
int chat_response_marks(const chat_response *response,
                        const char *pointer,
                        uint64_t *value);

/**
 * Takes a snapshot of a client's counters. Free it with `chat_stats_free`.
 *
 * @param client the client, or NULL.
 * @return the snapshot; NULL for NULL and for a client made before `fork()`.
 * @since 0.1.0
 */
chat_stats *chat_client_stats(const chat_client *client);

/**
 * Frees a snapshot and every text borrowed from it.
 *
 * @param stats the snapshot.
 * @since 0.1.0
 */
void chat_stats_free(chat_stats *stats);

/**
 * Adds another client's counters to a snapshot, for one page of several clients: each counter becomes the sum, and
 * `chat_stats_prometheus` has the series of each under its own labels (`chat_config_set_metric_label`). Texts borrowed before must not be
 * used any more.
 *
 * @param stats  the snapshot.
 * @param client the other client.
 * @return 0; CHAT_ERR_INVALID_ARGUMENT, and nothing is added, when one with the same labels is there already; CHAT_ERR_FORKED.
 * @since 0.1.0
 */
int chat_stats_add(chat_stats *stats,
                   const chat_client *client);

/**
 * The counter of that name; 0 for a name that this version does not have.
 *
 * @param stats the snapshot.
 * @param name  its name as above.
 * @return the counter or 0.
 * @since 0.1.0
 */
uint64_t chat_stats_get(const chat_stats *stats, const char *name);

/**
 * How many counters there are, to go through them all: a later version may have more.
 *
 * @param stats the snapshot.
 * @return the number of counters.
 * @since 0.1.0
 */
size_t chat_stats_count(const chat_stats *stats);

/**
 * The name of a counter by its index from 0; "" past the end.
 *
 * @param stats the snapshot.
 * @param index the index.
 * @return the name or "".
 * @since 0.1.0
 */
const char *chat_stats_name(const chat_stats *stats, size_t index);

/**
 * The value of a counter by its index from 0; 0 past the end.
 *
 * @param stats the snapshot.
 * @param index the index.
 * @return the counter or 0.
 * @since 0.1.0
 */
uint64_t chat_stats_value(const chat_stats *stats, size_t index);

/**
 * The snapshot in Prometheus' text exposition format 0.0.4, ready to be served; "" for NULL.
 *
 * Counters are called `tencent_chat_retries_total` and so on, gauges `tencent_chat_connections_open`, times `…_seconds_total`. Each command
 * that was called has `tencent_chat_calls_total` by `outcome`, `tencent_chat_attempts_total`, `tencent_chat_in_doubt_total` and the
 * histogram `tencent_chat_call_duration_seconds` with the label `command`, its path; those beyond 64 commands, and calls refused before
 * their command was known, are `other`. All have the label `client` and those of `chat_config_set_metric_label`.
 *
 * @param stats       the snapshot.
 * @param len_or_null receives the length in bytes.
 * @return the text or "".
 * @since 0.1.0
 */
const char *chat_stats_prometheus(const chat_stats *stats,
                                  size_t *len_or_null);

/**
 * Begins an iteration over a user's conversation list (`v4/recentcontact/get_list`). Sends nothing yet.
 *
 * @param client       the client.
 * @param from_account the UserID whose conversations they are, not empty.
 * @param items        receives the iteration on 0, else NULL. Free it with `chat_items_free`; it may outlive the client, which then
 *                     answers CHAT_ERR_SHUTDOWN.
 * @param error        receives what is wrong on anything but 0, else NULL.
 * @return 0; CHAT_ERR_INVALID_ARGUMENT; CHAT_ERR_INVALID_UTF8; CHAT_ERR_FORKED.
 * @since 0.1.0
 */
int chat_recent_contact_items(const chat_client *client,
                              const char *from_account,
                              chat_items **items,
                              chat_response **error);

/**
 * Begins an iteration over a user's marks and groups (`v4/recentcontact/get_contact_group`). Sends nothing yet.
 *
 * @param client       the client.
 * @param from_account the UserID whose conversations they are, not empty.
 * @param items        receives the iteration on 0, else NULL. Free it with `chat_items_free`; it may outlive the client, which then
 *                     answers CHAT_ERR_SHUTDOWN.
 * @param error        receives what is wrong on anything but 0, else NULL.
 * @return 0; CHAT_ERR_INVALID_ARGUMENT; CHAT_ERR_INVALID_UTF8; CHAT_ERR_FORKED.
 * @since 0.1.0
 */
int chat_contact_group_items(const chat_client *client,
                             const char *from_account,
                             chat_items **items,
                             chat_response **error);

/**
 * Gives the next item. When it must read a page, it blocks until the answer or the deadline.
 *
 * Each conversation comes once, also if it moves to another page meanwhile. It ends when the service says so, and also on a page without
 * anything new or a cursor that comes back (`chat_items_is_complete` tells which). A list that has not ended after 10,000 pages ends with
 * CHAT_ERR_PROTOCOL, and then CHAT_END.
 *
 * @param items   the iteration.
 * @param options what reading a page does differently.
 * @param item    receives on 0 a response whose body is the item (`/Type`, `/To_Account` or the group's id, `/StandardMark` and so
 *                on), on an error the answer that failed, on CHAT_END NULL. Free it with `chat_response_free`. Required.
 * @return 0; CHAT_END; or what the page's call returned. The iteration stays where it was, so the same page can be tried again.
 * @since 0.1.0
 */
int chat_items_next(chat_items *items,
                    const chat_call_options *options,
                    chat_response **item);

/**
 * The answer that the last item came in, for what stands beside the items: `/GroupItem` names the groups. NULL before the first item.
 *
 * Valid until the next `chat_items_next`.
 *
 * @param items the iteration.
 * @return the answer, or NULL.
 * @since 0.1.0
 */
const chat_response *chat_items_page(chat_items *items);

/**
 * 1 when the iteration has ended and the service said that nothing follows, else 0. The plan's number of cloud conversations limits what
 * comes, so even then you may not have seen all.
 *
 * @param items the iteration.
 * @return 1 or 0.
 * @since 0.1.0
 */
int chat_items_is_complete(const chat_items *items);

/**
 * Frees an iteration. Does nothing in a child of `fork()` to an iteration of the parent.
 *
 * @param items the iteration.
 * @since 0.1.0
 */
void chat_items_free(chat_items *items);

/**
 * Asks which of up to 100 users Chat knows (`v4/im_open_login_svc/account_check`, 1047/34956).
 *
 * Limits: 100 accounts.
 *
 * @param client   the client.
 * @param accounts the accounts: 1 to 100; only their UserIDs count.
 * @param options  what this call does differently.
 * @param response receives the answer. `/ResultItem/0/AccountStatus` and so on say `Imported` or `NotImported`, in the order asked.
 * @return 0; a negative `CHAT_ERR_*`, with `CHAT_ERR_PARTIAL` when an account could not be checked; or the service's code: 70169,
 *         70206, 70402, 70403, 70500.
 * @since 0.1.0
 */
int chat_account_check(const chat_client *client,
                       const chat_accounts *accounts,
                       const chat_call_options *options,
                       chat_response **response);

/**
 * Deletes up to 100 users with their conversations and groups (`v4/im_open_login_svc/account_delete`, 1047/34955).
 *
 * On paid editions the UserIDs cannot be imported again for three months.
 *
 * Limits: 100 accounts.
 *
 * @param client   the client.
 * @param accounts the accounts: 1 to 100; only their UserIDs count.
 * @param options  what this call does differently.
 * @param response receives the answer. `/ResultItem/0/ResultCode` and so on say what became of each; 70107 is an account that was not
 *                 there.
 * @return 0; a negative `CHAT_ERR_*`, with `CHAT_ERR_PARTIAL` when an account was not deleted; or the service's code: 70169, 70206,
 *         70402, 70403, 70500, 71000, 70107 (of an item) not there.
 * @since 0.1.0
 */
int chat_account_delete(const chat_client *client,
                        const chat_accounts *accounts,
                        const chat_call_options *options,
                        chat_response **response);

/**
 * Makes one user known to Chat (`v4/im_open_login_svc/account_import`, 1047/34953).
 *
 * Repeating it is no error.
 *
 * Limits: a UserID of 1 to 32 bytes; 500 bytes of nickname and of picture URL.
 *
 * @param client   the client.
 * @param user_id  the UserID: 1 to 32 bytes of UTF-8.
 * @param nick     the nickname, or NULL to leave it; at most 500 bytes (40601).
 * @param face_url the picture's URL, or NULL to leave it; at most 500 bytes (40601).
 * @param options  what this call does differently.
 * @param response receives the answer.
 * @return 0; a negative `CHAT_ERR_*`; or the service's code: 40006, 40601, 70169, 70398 (100 accounts on the free edition), 70402,
 *         70403, 70500.
 * @since 0.1.0
 */
int chat_account_import(const chat_client *client,
                        const char *user_id,
                        const char *nick,
                        const char *face_url,
                        const chat_call_options *options,
                        chat_response **response);

/**
 * Calls any command of the service with a JSON object of yours.
 *
 * For commands that have no function of their own.
 *
 * @param client   the client.
 * @param path     the command as `v4/service/command`, for example `v4/recentcontact/create_contact_group`; no host, no query.
 * @param json     the request: a JSON object in UTF-8, at most 8 MiB, not NUL-terminated; NULL with length 0 sends `{}`.
 * @param json_len the length of `json` in bytes.
 * @param options  what this call does differently.
 * @param response receives the answer. Answers up to 8 MiB.
 * @return 0; a negative `CHAT_ERR_*`, with `CHAT_ERR_PARTIAL` when an item of a batch failed; or the service's code.
 * @since 0.1.0
 */
int chat_call(const chat_client *client,
              const char *path,
              const char *json,
              size_t json_len,
              const chat_call_options *options,
              chat_response **response);

/**
 * Creates one conversation group of a user (`v4/recentcontact/create_contact_group`, 1047/53437).
 *
 * A name that exists is refused.
 *
 * Limits: one group a call, 20 a user; a name of 1 to 64 bytes; 100 conversations.
 *
 * @param client       the client.
 * @param from_account the UserID whose group it becomes, not empty.
 * @param group_name   its name: 1 to 64 bytes of UTF-8 (over 32, older SDKs cannot show it).
 * @param contacts     the conversations in it from the start, at most 100; NULL or empty for none (pages before 2026 ask for one at
 *                     least). They need not be in the user's conversation list.
 * @param options      what this call does differently.
 * @param response     receives the answer. `/GroupResultItem/0/GroupItem/GroupId` is the new id, `/GroupResultItem/0/ResultItem` says what
 *                     became of each conversation.
 * @return 0; a negative `CHAT_ERR_*`, with `CHAT_ERR_PARTIAL` when a conversation was refused; or the service's code: 50001 to 50005,
 *         51006 too many conversations, 51007 (of an item) a dismissed chat group, 51008 1,000 conversations with groups, 51010 20
 *         groups, 51011 name too long, 51013 not in the plan. A repeat after doubt may find the group that the first attempt made.
 * @since 0.1.0
 */
int chat_create_contact_group(const chat_client *client,
                              const char *from_account,
                              const char *group_name,
                              const chat_contacts *contacts,
                              const chat_call_options *options,
                              chat_response **response);

/**
 * Deletes one conversation group of a user (`v4/recentcontact/del_contact_group`, 1047/53441).
 *
 * The conversations in the group stay; they only lose the group.
 *
 * Limits: one group a call; a name of 1 to 64 bytes.
 *
 * @param client       the client.
 * @param from_account the UserID whose group it is, not empty.
 * @param group_name   the group's name, byte for byte and case-sensitive: 1 to 64 bytes of UTF-8 (32 before April 2026, and older SDKs
 *                     cannot show more). The length is checked before anything is sent unless `chat_config_set_local_limits` is off; then
 *                     the service answers 51011.
 * @param options      what this call does differently.
 * @param response     receives the answer. `/GroupItem/0/GroupName` and `/GroupItem/0/GroupId` name the deleted group. An answer without
 *                     items is success.
 * @return 0; a negative `CHAT_ERR_*`; or the service's code: 50001 unknown user, 50002 bad parameter, 50003 not an administrator,
 *         50004 and 50005 trouble inside the service, 51009 no such group, 51011 name too long, 51013 not in the plan.
 * @since 0.1.0
 */
int chat_del_contact_group(const chat_client *client,
                           const char *from_account,
                           const char *group_name,
                           const chat_call_options *options,
                           chat_response **response);

/**
 * Reads one page of a user's marks and groups (`v4/recentcontact/get_contact_group`, 1047/53440).
 *
 * `chat_contact_group_items` goes through all pages.
 *
 * Limits: one page a call; the plan caps how many conversations come.
 *
 * @param client       the client.
 * @param from_account the UserID whose conversations they are, not empty.
 * @param start_index  0 for the first page, then `/NextStartIndex` of the page before.
 * @param options      what this call does differently.
 * @param response     receives the answer. `/ContactItem` holds conversations as `chat_search_contact_group` describes them, `/GroupItem`
 *                     the groups, `/CompleteFlag` is 1 on the last page. The plan's number of cloud conversations limits what comes, so
 *                     the last page does not prove that you have seen all.
 * @return 0; a negative `CHAT_ERR_*`; or the service's code: 50001 to 50005, 51013 not in the plan.
 * @since 0.1.0
 */
int chat_get_contact_group(const chat_client *client,
                           const char *from_account,
                           int64_t start_index,
                           const chat_call_options *options,
                           chat_response **response);

/**
 * Sets and clears marks of up to 100 conversations (`v4/recentcontact/mark_contact`, 1047/53438).
 *
 * Limits: 100 conversations; marks 0 to 63; a custom mark of 256 bytes; 1,000 marked conversations a user.
 *
 * @param client       the client.
 * @param from_account the UserID whose conversations they are, not empty.
 * @param marks        what to do to which conversation: 1 to 100 items.
 * @param options      what this call does differently.
 * @param response     receives the answer. `/ResultItem/0/ResultCode` and so on say what became of each item.
 * @return 0; a negative `CHAT_ERR_*`, with `CHAT_ERR_PARTIAL` when an item was refused; or the service's code: 50001 to 50005, 51006
 *         too many conversations, 51007 (of an item) a dismissed chat group, 51008 1,000 conversations with marks, 51013 not in the
 *         plan.
 * @since 0.1.0
 */
int chat_mark_contact(const chat_client *client,
                      const char *from_account,
                      const chat_marks *marks,
                      const chat_call_options *options,
                      chat_response **response);

/**
 * Makes up to 100 users known to Chat (`v4/im_open_login_svc/multiaccount_import`, 1047/34954).
 *
 * Repeating it is no error; an account that exists takes the new nickname and picture.
 *
 * Limits: 100 accounts, each with the limits of `chat_account_import`.
 *
 * @param client   the client.
 * @param accounts the accounts: 1 to 100.
 * @param options  what this call does differently.
 * @param response receives the answer. `/FailAccounts` or `/ResultItem` name those that failed.
 * @return 0; a negative `CHAT_ERR_*`, with `CHAT_ERR_PARTIAL` when an account failed; or the service's code: 40006, 40601, 70169,
 *         70206, 70398, 70402, 70403, 70500.
 * @since 0.1.0
 */
int chat_multiaccount_import(const chat_client *client,
                             const chat_accounts *accounts,
                             const chat_call_options *options,
                             chat_response **response);

/**
 * Deletes one conversation from a user's conversation list (`v4/recentcontact/delete`, 1047/43088).
 *
 * The conversation's groups and marks are separate and stay.
 *
 * Limits: one conversation a call.
 *
 * @param client       the client.
 * @param from_account the UserID whose list it is, not empty.
 * @param type         `CHAT_ONE_TO_ONE` or `CHAT_GROUP_CHAT`.
 * @param id           the other user's UserID, or the chat group's id, not empty.
 * @param clear_ramble 1 deletes the roaming messages as well, 0 keeps them.
 * @param options      what this call does differently.
 * @param response     receives the answer.
 * @return 0; a negative `CHAT_ERR_*`; or the service's code: 50001 to 50005. Whether an absent conversation is an error is not
 *         documented.
 * @since 0.1.0
 */
int chat_recent_contact_delete(const chat_client *client,
                               const char *from_account,
                               int type,
                               const char *id,
                               int clear_ramble,
                               const chat_call_options *options,
                               chat_response **response);

/**
 * Reads one page of a user's conversation list (`v4/recentcontact/get_list`, 1047/43087).
 *
 * `chat_recent_contact_items` goes through all pages.
 *
 * Limits: one page a call; the plan caps how many conversations come.
 *
 * @param client          the client.
 * @param from_account    the UserID whose list it is, not empty.
 * @param time_stamp      0 for the first page, then `/TimeStamp` of the page before; likewise the next three.
 * @param start_index     0, then `/StartIndex`.
 * @param top_time_stamp  0, then `/TopTimeStamp`.
 * @param top_start_index 0, then `/TopStartIndex`.
 * @param assist_flags    `CHAT_ASSIST_FLAGS` unless you know better.
 * @param options         what this call does differently.
 * @param response        receives the answer. `/SessionItem` holds conversations: `Type`, `To_Account` or `GroupId`, `MsgTime` (seconds
 *                        since 1970), `TopFlag`, and, where set, `StandardMark`, `CustomMark`, `ContactGroupId`; `/CompleteFlag` is 1 on
 *                        the last page. The plan's number of cloud conversations limits what comes, so the last page does not prove that
 *                        you have seen all. The order is not defined.
 * @return 0; a negative `CHAT_ERR_*`; or the service's code: 50001 to 50005.
 * @since 0.1.0
 */
int chat_recent_contact_get_list(const chat_client *client,
                                 const char *from_account,
                                 int64_t time_stamp,
                                 int64_t start_index,
                                 int64_t top_time_stamp,
                                 int64_t top_start_index,
                                 uint32_t assist_flags,
                                 const chat_call_options *options,
                                 chat_response **response);

/**
 * Pins up to 100 conversations to the top of a user's conversation list (`v4/recentcontact/top`, 269/103772).
 *
 * Pinning one that is pinned is no error.
 *
 * Limits: 100 conversations a call; 50 pinned ones a user.
 *
 * @param client       the client.
 * @param from_account the UserID whose list it is, not empty.
 * @param contacts     the conversations: 1 to 100.
 * @param options      what this call does differently.
 * @param response     receives the answer.
 * @return 0; a negative `CHAT_ERR_*`; or the service's code: 50001 to 50005, 51012 50 pinned conversations.
 * @since 0.1.0
 */
int chat_recent_contact_pin(const chat_client *client,
                            const char *from_account,
                            const chat_contacts *contacts,
                            const chat_call_options *options,
                            chat_response **response);

/**
 * Unpins up to 100 conversations of a user's conversation list (`v4/recentcontact/top`, 269/103772).
 *
 * Unpinning one that is not pinned is no error.
 *
 * Limits: 100 conversations.
 *
 * @param client       the client.
 * @param from_account the UserID whose list it is, not empty.
 * @param contacts     the conversations: 1 to 100.
 * @param options      what this call does differently.
 * @param response     receives the answer.
 * @return 0; a negative `CHAT_ERR_*`; or the service's code: 50001 to 50005.
 * @since 0.1.0
 */
int chat_recent_contact_unpin(const chat_client *client,
                              const char *from_account,
                              const chat_contacts *contacts,
                              const chat_call_options *options,
                              chat_response **response);

/**
 * Looks up marks and groups of up to 300 conversations (`v4/recentcontact/search_contact_group`, 1047/53442).
 *
 * Limits: 300 conversations.
 *
 * @param client       the client.
 * @param from_account the UserID whose conversations they are, not empty.
 * @param contacts     the conversations: 1 to 300.
 * @param options      what this call does differently.
 * @param response     receives the answer. `/ContactResultItem` holds those that have a group or a mark: `StandardMark`
 *                     (`chat_response_marks` reads it), `CustomMark`, `ContactGroupId`, `Timestamp`. `/GroupItem` names the groups.
 * @return 0; a negative `CHAT_ERR_*`; or the service's code: 50001 to 50005, 51013 not in the plan.
 * @since 0.1.0
 */
int chat_search_contact_group(const chat_client *client,
                              const char *from_account,
                              const chat_contacts *contacts,
                              const chat_call_options *options,
                              chat_response **response);

/**
 * Renames a conversation group (`v4/recentcontact/update_contact_group`, mode 1, 1047/53439).
 *
 * The group keeps its id and its conversations.
 *
 * Limits: names of 1 to 64 bytes.
 *
 * @param client         the client.
 * @param from_account   the UserID whose group it is, not empty.
 * @param group_name     its name now, byte for byte: 1 to 64 bytes of UTF-8.
 * @param new_group_name its name from now on: 1 to 64 bytes of UTF-8 (over 32, older SDKs cannot show it).
 * @param options        what this call does differently.
 * @param response       receives the answer. `/UpdateGroupResult/GroupName` and `/UpdateGroupResult/GroupId` name the group.
 * @return 0; a negative `CHAT_ERR_*`; or the service's code: 50001 to 50005, 51009 no such group, 51011 name too long, 51013 not in
 *         the plan.
 * @since 0.1.0
 */
int chat_update_contact_group_name(const chat_client *client,
                                   const char *from_account,
                                   const char *group_name,
                                   const char *new_group_name,
                                   const chat_call_options *options,
                                   chat_response **response);

/**
 * Adds conversations to a conversation group and removes others from it, in one call
 * (`v4/recentcontact/update_contact_group`, mode 2, 1047/53439).
 *
 * A conversation may be in several groups.
 *
 * Limits: 100 conversations to add and remove together; 1,000 a user in groups.
 *
 * @param client       the client.
 * @param from_account the UserID whose group it is, not empty.
 * @param group_name   its name, byte for byte: 1 to 64 bytes of UTF-8.
 * @param add          the conversations to add, or NULL.
 * @param remove       the conversations to remove, or NULL. One at least and 100 at most in both lists together.
 * @param options      what this call does differently.
 * @param response     receives the answer. `/UpdateGroupResult/ContactResultItem` says what became of each conversation, those to add
 *                     first.
 * @return 0; a negative `CHAT_ERR_*`, with `CHAT_ERR_PARTIAL` when a conversation was refused; or the service's code: 50001 to 50005,
 *         51006 too many conversations, 51007 (of an item) a dismissed chat group, 51008 1,000 conversations with groups, 51009 no such
 *         group, 51013 not in the plan.
 * @since 0.1.0
 */
int chat_update_contact_group_contacts(const chat_client *client,
                                       const char *from_account,
                                       const char *group_name,
                                       const chat_contacts *add,
                                       const chat_contacts *remove,
                                       const chat_call_options *options,
                                       chat_response **response);

/**
 * Makes a UserSig for any user of the app, which a chat back end hands to that user's device (1047/34385). Sends nothing.
 *
 * The body of the response is the UserSig, and the only place where it stands: whoever has it is that user. `chat_response_free` wipes it.
 * A client signs its own calls by itself and needs none.
 *
 * @param sdk_app_id the app's number, as the console shows it; not 0.
 * @param identifier the UserID: 1 to 32 bytes of UTF-8 without control characters.
 * @param secret_key the app's key as the console shows it; never hex-decoded.
 * @param lifetime_s for how many seconds from now it is valid: 1 to 1,576,800,000 (50 years). The vendor's advice is a day at least.
 * @param response   receives the answer.
 * @return 0; CHAT_ERR_INVALID_ARGUMENT; CHAT_ERR_INVALID_UTF8.
 * @since 0.1.0
 */
int chat_user_sig_new(uint32_t sdk_app_id,
                      const char *identifier,
                      const char *secret_key,
                      uint32_t lifetime_s,
                      chat_response **response);

/**
 * Makes a UserSig that allows its user certain things in one room of TRTC, which the vendor calls a PrivateMapKey. Sends nothing.
 *
 * Otherwise as `chat_user_sig_new`: the body of the response is the PrivateMapKey; `chat_response_free` wipes it.
 *
 * @param sdk_app_id     the app's number, as the console shows it; not 0.
 * @param identifier     the UserID: 1 to 32 bytes of UTF-8 without control characters.
 * @param secret_key     the app's key as the console shows it; never hex-decoded.
 * @param lifetime_s     for how many seconds from now it is valid: 1 to 1,576,800,000 (50 years).
 * @param room_id        the room's number; 0 for a room with a name.
 * @param string_room_id the room's name, 1 to 64 bytes of UTF-8; NULL for a room with a number.
 * @param privilege_map  what is allowed, one bit each, added up: 1 make the room, 2 enter it, 4 send and 8 receive audio, 16 send and 32
 *                       receive video, 64 send and 128 receive the screen; 255 for all.
 * @param response       receives the answer.
 * @return 0; CHAT_ERR_INVALID_ARGUMENT; CHAT_ERR_INVALID_UTF8.
 * @since 0.1.0
 */
int chat_private_map_key_new(uint32_t sdk_app_id,
                             const char *identifier,
                             const char *secret_key,
                             uint32_t lifetime_s,
                             uint32_t room_id,
                             const char *string_room_id,
                             uint32_t privilege_map,
                             chat_response **response);

/**
 * Opens a UserSig, whoever made it, and says what is in it, until when it is valid, and whether app and key fit. Sends nothing.
 *
 * @param user_sig           the UserSig; blanks and line ends around it do not matter.
 * @param sdk_app_id         the app that it should be for; 0 if that is not to be checked.
 * @param secret_key_or_null the key that it should have been made with; NULL if that is not to be checked.
 * @param response           receives the answer. The
 *                           accessors read `/identifier`, `/sdk_app_id`, `/made` and `/expires` (seconds since 1970), `/expired`,
 *                           `/app_matches` and `/key_matches` (null where not checked), `/valid` and `/verdict` (the first thing that
 *                           speaks against it), `/userbuf` (base64) and, of a PrivateMapKey, `/private_map` with `identifier`,
 *                           `sdk_app_id`, `room_id`, `string_room_id`, `expires` and `privilege_map`.
 * @return 0 when it could be opened, valid or not; CHAT_ERR_INVALID_ARGUMENT when it is no UserSig or damaged; CHAT_ERR_INVALID_UTF8.
 * @since 0.1.0
 */
int chat_user_sig_inspect(const char *user_sig,
                          uint32_t sdk_app_id,
                          const char *secret_key_or_null,
                          chat_response **response);

#ifdef __cplusplus
}  // extern "C"
#endif  // __cplusplus

#endif  /* TENCENT_CHAT_H */
