//! The code table: every number this library or the service answers with, what it means and what to do about it.
//! Nothing else in the project defines a number; tests hold the C header, the C++ enum, Python and Go against this file.
//! Numbers are explicit, append only and never reused.

use std::ffi::CStr;
use std::fmt;

use crate::text::shown;

/// The call succeeded: `ErrorCode` 0 and `ActionStatus` `OK`.
pub const CHAT_OK: i32 = 0;
/// An argument breaks a rule that its message names. Nothing was sent.
pub const CHAT_ERR_INVALID_ARGUMENT: i32 = -1;
/// An argument is not valid UTF-8. Nothing was sent.
pub const CHAT_ERR_INVALID_UTF8: i32 = -2;
/// The configuration is incomplete or contradicts itself. Nothing was sent.
pub const CHAT_ERR_CONFIG: i32 = -3;
/// The deadline passed. `chat_response_is_in_doubt` tells whether the request may have taken effect.
pub const CHAT_ERR_TIMEOUT: i32 = -4;
/// No connection, or it broke before a byte of the answer came.
pub const CHAT_ERR_TRANSPORT: i32 = -5;
/// The answer's HTTP status is not 200: a gateway or proxy spoke, not the service (1047/34620).
pub const CHAT_ERR_HTTP_STATUS: i32 = -6;
/// The answer was cut short, is too large, is not JSON, or contradicts itself.
pub const CHAT_ERR_PROTOCOL: i32 = -7;
/// The client or cancel token was made before `fork()` and this is a child: make one here. A call that was under way goes on in the parent.
pub const CHAT_ERR_FORKED: i32 = -8;
/// The client was shut down.
pub const CHAT_ERR_SHUTDOWN: i32 = -9;
/// A bug inside this library was contained. The client stays usable.
pub const CHAT_ERR_PANIC: i32 = -10;
/// The service answered `FAIL` without a usable `ErrorCode`.
pub const CHAT_ERR_SERVICE: i32 = -11;
/// No slot under the client's own rate limit before the deadline. After `chat_response_retry_after_ms` the same call finds one in time.
pub const CHAT_ERR_THROTTLED: i32 = -12;
/// The caller ended the call: by a cancel token, an interrupt callback or a context.
pub const CHAT_ERR_CANCELLED: i32 = -13;
/// The TLS handshake failed: certificate, name or protocol version. Nothing was sent.
pub const CHAT_ERR_TLS: i32 = -14;
/// The call succeeded as a whole, but at least one of its items failed; see the items' `ResultCode` in the body.
pub const CHAT_ERR_PARTIAL: i32 = -15;

/// An iterator has no further item. Not an error.
pub const CHAT_END: i32 = -16;

/// The service could not set an account's profile.
pub const CHAT_SERVICE_PROFILE_FAILED: i32 = 40006;
/// A value of an account's profile has over 500 bytes.
pub const CHAT_SERVICE_PROFILE_TOO_LONG: i32 = 40601;
/// The UserID was never imported into Chat (1047/53441).
pub const CHAT_SERVICE_ACCOUNT_NOT_IMPORTED: i32 = 50001;
/// The service refuses a parameter; its `ErrorInfo` says which (1047/53441).
pub const CHAT_SERVICE_INVALID_PARAMETER: i32 = 50002;
/// The identifier is not an app administrator (1047/53441).
pub const CHAT_SERVICE_ADMIN_REQUIRED: i32 = 50003;
/// Internal error of the service (1047/53441).
pub const CHAT_SERVICE_INTERNAL_ERROR: i32 = 50004;
/// Network time-out inside the service (1047/53441).
pub const CHAT_SERVICE_NETWORK_TIMEOUT: i32 = 50005;
/// No conversation in a call, or more than 100.
pub const CHAT_SERVICE_TOO_MANY_CONVERSATIONS: i32 = 51006;
/// The id of a chat group could not be converted: an error inside the service, or the chat group is dismissed.
pub const CHAT_SERVICE_GROUP_CHAT_FAILED: i32 = 51007;
/// The user has 1,000 conversations in groups, or 1,000 with marks.
pub const CHAT_SERVICE_CONVERSATION_LIMIT: i32 = 51008;
/// The user has no conversation group of that name (1047/53441).
pub const CHAT_SERVICE_GROUP_NOT_FOUND: i32 = 51009;
/// The user has 20 conversation groups already.
pub const CHAT_SERVICE_GROUP_LIMIT: i32 = 51010;
/// The group name is too long: 64 bytes since April 2026, 32 before (1047/53441).
pub const CHAT_SERVICE_GROUP_NAME_TOO_LONG: i32 = 51011;
/// The user has 50 pinned conversations already (269/75376).
pub const CHAT_SERVICE_PINNED_LIMIT: i32 = 51012;
/// The app's plan does not allow changing conversation groups and standard marks (1047/53441).
pub const CHAT_SERVICE_FEATURE_NOT_IN_PLAN: i32 = 51013;
/// This command is called too often.
pub const CHAT_SERVICE_CALL_RATE_EXCEEDED: i32 = 60007;
/// The service timed out, or could not read the HTTP request.
pub const CHAT_SERVICE_TIMED_OUT: i32 = 60008;
/// The gateway's word for `CHAT_SERVICE_ADMIN_REQUIRED`.
pub const CHAT_SERVICE_GATEWAY_ADMIN_REQUIRED: i32 = 60010;
/// This SDKAppID sends too many requests.
pub const CHAT_SERVICE_APP_RATE_EXCEEDED: i32 = 60011;
/// The app's plan has expired or is not yet active.
pub const CHAT_SERVICE_PLAN_NOT_ACTIVE: i32 = 60020;
/// The service refuses this host's IP address.
pub const CHAT_SERVICE_IP_NOT_ALLOWED: i32 = 60021;
/// The UserSig has expired.
pub const CHAT_SERVICE_USER_SIG_EXPIRED: i32 = 70001;
/// The UserSig is damaged, as if cut short.
pub const CHAT_SERVICE_USER_SIG_DAMAGED: i32 = 70003;
/// The UserSig does not pass the check.
pub const CHAT_SERVICE_USER_SIG_INVALID: i32 = 70005;
/// The UserSig was made with another app's key.
pub const CHAT_SERVICE_USER_SIG_WRONG_KEY: i32 = 70009;
/// The UserSig was made for another identifier.
pub const CHAT_SERVICE_USER_SIG_WRONG_IDENTIFIER: i32 = 70013;
/// The UserSig was made for another SDKAppID.
pub const CHAT_SERVICE_USER_SIG_WRONG_SDK_APP_ID: i32 = 70014;
/// The service does not know this SDKAppID.
pub const CHAT_SERVICE_SDK_APP_ID_NOT_FOUND: i32 = 70020;
/// Too many failed signature checks: locked for a minute.
pub const CHAT_SERVICE_LOCKED_OUT: i32 = 70050;
/// The UserSig was invalidated before its time.
pub const CHAT_SERVICE_USER_SIG_REVOKED: i32 = 70052;
/// No account of that UserID exists.
pub const CHAT_SERVICE_ACCOUNT_NOT_FOUND: i32 = 70107;
/// Time-out inside the account service.
pub const CHAT_SERVICE_ACCOUNT_TIMED_OUT: i32 = 70169;
/// No account in a call, or more than 100.
pub const CHAT_SERVICE_TOO_MANY_ACCOUNTS: i32 = 70206;
/// The free edition holds 100 accounts.
pub const CHAT_SERVICE_ACCOUNT_LIMIT: i32 = 70398;
/// The account service refuses a parameter.
pub const CHAT_SERVICE_ACCOUNT_INVALID_PARAMETER: i32 = 70402;
/// The account service's word for `CHAT_SERVICE_ADMIN_REQUIRED`.
pub const CHAT_SERVICE_ACCOUNT_ADMIN_REQUIRED: i32 = 70403;
/// Internal error of the account service.
pub const CHAT_SERVICE_ACCOUNT_INTERNAL_ERROR: i32 = 70500;

/// What a caller may do about a code, besides what its text says.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Repeat {
    /// The same call will fail the same way until somebody changes something.
    No,
    /// The same call may succeed soon.
    Yes,
    /// The service asks to slow down: the same call may succeed after [`THROTTLE_PAUSE_MS`].
    Throttled,
    /// The same call may succeed after a pause of so many milliseconds, and must not be tried before.
    After(u32),
}
use Repeat::{After, No, Throttled, Yes};

/// Pause after an answer that asks to slow down: one second, the window in which the service counts.
pub(crate) const THROTTLE_PAUSE_MS: u32 = 1_000;

/// One line of the table.
pub(crate) struct Row {
    pub code: i32,
    /// The constant's name, or "" for a code of the service that callers seldom branch on.
    pub name: &'static str,
    pub repeat: Repeat,
    /// Whether this answer leaves open if the request took effect: the service lost track of it.
    pub in_doubt: bool,
    /// Whether no call will succeed before somebody changes the settings, the app or its plan.
    pub is_fatal: bool,
    /// Meaning and what to do, NUL-terminated because `chat_strerror` hands it out as it is.
    text: &'static CStr,
}

impl Row {
    pub fn text(&self) -> &'static str {
        self.text.to_str().expect("the table is ASCII")
    }
}

const fn row(code: i32, name: &'static str, repeat: Repeat, text: &'static CStr) -> Row {
    Row {
        code,
        name,
        repeat,
        in_doubt: false,
        is_fatal: false,
        text,
    }
}

/// A row whose answer does not tell whether the request took effect.
const fn open(code: i32, name: &'static str, repeat: Repeat, text: &'static CStr) -> Row {
    Row {
        in_doubt: true,
        ..row(code, name, repeat, text)
    }
}

/// A row that says of every call what it says of this one: app, key, signature, administrator, address or certificate is wrong. Not among
/// them are the signature checks that failed on the service's own side (70017, 70348, 70362): they may pass the next time.
const fn fatal(code: i32, name: &'static str, repeat: Repeat, text: &'static CStr) -> Row {
    Row {
        is_fatal: true,
        ..row(code, name, repeat, text)
    }
}

/// The table, in falling order of our codes and rising order of the service's. Sources: the vendor's pages 1047/34620, 1047/34348, 1047/53441, 269/85792.
#[rustfmt::skip]
pub(crate) static TABLE: &[Row] = &[
    row(CHAT_OK, "CHAT_OK", No, c"success"),
    row(CHAT_ERR_INVALID_ARGUMENT, "CHAT_ERR_INVALID_ARGUMENT", No, c"an argument breaks a rule: read the message, correct the argument; nothing was sent"),
    row(CHAT_ERR_INVALID_UTF8, "CHAT_ERR_INVALID_UTF8", No, c"an argument is not valid UTF-8: convert it before the call; nothing was sent"),
    fatal(CHAT_ERR_CONFIG, "CHAT_ERR_CONFIG", No, c"the configuration is incomplete or contradicts itself: read the message; nothing was sent"),
    row(CHAT_ERR_TIMEOUT, "CHAT_ERR_TIMEOUT", Yes, c"the deadline passed: ask chat_response_is_in_doubt before repeating a call that must not happen twice"),
    row(CHAT_ERR_TRANSPORT, "CHAT_ERR_TRANSPORT", Yes, c"no connection, or it broke before the answer came: check network, host name and proxy, then repeat"),
    row(CHAT_ERR_HTTP_STATUS, "CHAT_ERR_HTTP_STATUS", Yes, c"the answer's HTTP status is not 200, so a gateway or proxy spoke and not the service: repeat, and look at the body"),
    row(CHAT_ERR_PROTOCOL, "CHAT_ERR_PROTOCOL", Yes, c"the answer was cut short, too large, not JSON or contradicts itself: look at the body and at what stands between you and the service"),
    fatal(CHAT_ERR_FORKED, "CHAT_ERR_FORKED", No, c"the client was made before fork(): make one in this process; a call that was under way goes on in the parent"),
    fatal(CHAT_ERR_SHUTDOWN, "CHAT_ERR_SHUTDOWN", No, c"the client was shut down: make a new one"),
    row(CHAT_ERR_PANIC, "CHAT_ERR_PANIC", No, c"a bug inside the tencent-chat library was contained, please report it; the client stays usable"),
    row(CHAT_ERR_SERVICE, "CHAT_ERR_SERVICE", No, c"the service answered FAIL without a usable ErrorCode: look at the body"),
    row(CHAT_ERR_THROTTLED, "CHAT_ERR_THROTTLED", Yes, c"no slot under the client's rate limit before the deadline: allow more time, call less often, or set the limit that the service grants you"),
    row(CHAT_ERR_CANCELLED, "CHAT_ERR_CANCELLED", No, c"the caller cancelled the call: ask chat_response_is_in_doubt whether it may have taken effect"),
    fatal(CHAT_ERR_TLS, "CHAT_ERR_TLS", No, c"the TLS handshake failed: check the CA files, the host name and this machine's clock; nothing was sent"),
    row(CHAT_ERR_PARTIAL, "CHAT_ERR_PARTIAL", No, c"the call succeeded but some of its items failed: read their ResultCode and ResultInfo in the body"),
    row(CHAT_END, "CHAT_END", No, c"the iterator has no further item"),
    row(10002, "", Yes, c"internal error of the service: repeat"),
    open(20004, "", Yes, c"network trouble inside the service: repeat later"),
    row(20005, "", Yes, c"internal error of the service: repeat"),
    row(CHAT_SERVICE_PROFILE_FAILED, "CHAT_SERVICE_PROFILE_FAILED", Yes, c"the service could not set the profile: repeat later"),
    row(CHAT_SERVICE_PROFILE_TOO_LONG, "CHAT_SERVICE_PROFILE_TOO_LONG", No, c"a profile value is over 500 bytes: shorten it"),
    row(CHAT_SERVICE_ACCOUNT_NOT_IMPORTED, "CHAT_SERVICE_ACCOUNT_NOT_IMPORTED", No, c"the user is not known to Chat: import the account first (account_import)"),
    row(CHAT_SERVICE_INVALID_PARAMETER, "CHAT_SERVICE_INVALID_PARAMETER", No, c"the service refuses a parameter: correct the request"),
    fatal(CHAT_SERVICE_ADMIN_REQUIRED, "CHAT_SERVICE_ADMIN_REQUIRED", No, c"the identifier is not an administrator of the app: use one, or make it one in the console"),
    row(CHAT_SERVICE_INTERNAL_ERROR, "CHAT_SERVICE_INTERNAL_ERROR", Yes, c"internal error of the service: repeat"),
    open(CHAT_SERVICE_NETWORK_TIMEOUT, "CHAT_SERVICE_NETWORK_TIMEOUT", Yes, c"network time-out inside the service: repeat later"),
    row(CHAT_SERVICE_TOO_MANY_CONVERSATIONS, "CHAT_SERVICE_TOO_MANY_CONVERSATIONS", No, c"no conversation in the call, or more than 100: name one, or split the list"),
    row(CHAT_SERVICE_GROUP_CHAT_FAILED, "CHAT_SERVICE_GROUP_CHAT_FAILED", No, c"the id of a group chat could not be converted, by an error inside the service or because the chat group is dismissed: check that it still exists"),
    row(CHAT_SERVICE_CONVERSATION_LIMIT, "CHAT_SERVICE_CONVERSATION_LIMIT", No, c"the user would have over 1,000 conversations in groups, or over 1,000 with marks: remove some"),
    row(CHAT_SERVICE_GROUP_NOT_FOUND, "CHAT_SERVICE_GROUP_NOT_FOUND", No, c"the user has no conversation group of that name: check it byte for byte; it may be deleted already"),
    row(CHAT_SERVICE_GROUP_LIMIT, "CHAT_SERVICE_GROUP_LIMIT", No, c"the user has 20 conversation groups already: delete one first"),
    row(CHAT_SERVICE_GROUP_NAME_TOO_LONG, "CHAT_SERVICE_GROUP_NAME_TOO_LONG", No, c"the group name is too long: at most 64 bytes of UTF-8"),
    row(CHAT_SERVICE_PINNED_LIMIT, "CHAT_SERVICE_PINNED_LIMIT", No, c"the user would have over 50 pinned conversations: unpin some"),
    fatal(CHAT_SERVICE_FEATURE_NOT_IN_PLAN, "CHAT_SERVICE_FEATURE_NOT_IN_PLAN", No, c"the app's plan does not allow changing conversation groups and standard marks: change the plan in the console"),
    fatal(60002, "", No, c"the service could not read the HTTP request: check the base URL and what stands between you and it"),
    fatal(60003, "", No, c"the service could not read the request's JSON: correct it"),
    fatal(60004, "", No, c"account or signature missing or wrong: check identifier and key"),
    fatal(60005, "", No, c"account or signature missing or wrong: check identifier and key"),
    fatal(60006, "", No, c"the SDKAppID is invalid: check it, and that the region is the app's own"),
    row(CHAT_SERVICE_CALL_RATE_EXCEEDED, "CHAT_SERVICE_CALL_RATE_EXCEEDED", Throttled, c"this command is called too often (200 a second): slow down"),
    open(CHAT_SERVICE_TIMED_OUT, "CHAT_SERVICE_TIMED_OUT", Yes, c"the service timed out or could not read the HTTP request: repeat after a pause"),
    fatal(60009, "", No, c"the service knows no such command: check the path"),
    fatal(CHAT_SERVICE_GATEWAY_ADMIN_REQUIRED, "CHAT_SERVICE_GATEWAY_ADMIN_REQUIRED", No, c"the identifier is not an administrator of the app: use one, or make it one in the console"),
    row(CHAT_SERVICE_APP_RATE_EXCEEDED, "CHAT_SERVICE_APP_RATE_EXCEEDED", Throttled, c"the app sends too many requests: slow down"),
    fatal(60012, "", No, c"the SDKAppID is missing from the URL: report this"),
    open(60013, "", Yes, c"a part of the service answered unreadably: repeat"),
    row(60014, "", Yes, c"the service timed out while looking up the account: repeat"),
    row(60015, "", No, c"an account in the request is not a string: correct it"),
    fatal(60016, "", No, c"the SDKAppID is disabled: see the console"),
    fatal(60017, "", No, c"the request is disabled: see the console"),
    row(60018, "", Throttled, c"too many requests: slow down"),
    row(60019, "", Throttled, c"too many requests: slow down"),
    fatal(CHAT_SERVICE_PLAN_NOT_ACTIVE, "CHAT_SERVICE_PLAN_NOT_ACTIVE", No, c"the app's plan has expired or is not active yet (up to 5 minutes after purchase): see the console"),
    fatal(CHAT_SERVICE_IP_NOT_ALLOWED, "CHAT_SERVICE_IP_NOT_ALLOWED", No, c"the service refuses this host's IP address: add it to the allow list in the console"),
    fatal(CHAT_SERVICE_USER_SIG_EXPIRED, "CHAT_SERVICE_USER_SIG_EXPIRED", No, c"the UserSig has expired: make a new one, and check this machine's clock"),
    fatal(70002, "", No, c"the UserSig is empty: set the key or a signature"),
    fatal(CHAT_SERVICE_USER_SIG_DAMAGED, "CHAT_SERVICE_USER_SIG_DAMAGED", No, c"the UserSig is damaged, as if cut short: make a new one"),
    fatal(70004, "", No, c"the UserSig is damaged, as if cut short: make a new one"),
    fatal(CHAT_SERVICE_USER_SIG_INVALID, "CHAT_SERVICE_USER_SIG_INVALID", No, c"the UserSig does not pass the check: verify it with the console's tool"),
    fatal(70006, "", No, c"the UserSig does not pass the check: verify it with the console's tool"),
    fatal(70007, "", No, c"the UserSig does not pass the check: verify it with the console's tool"),
    fatal(70008, "", No, c"the UserSig does not pass the check: verify it with the console's tool"),
    fatal(CHAT_SERVICE_USER_SIG_WRONG_KEY, "CHAT_SERVICE_USER_SIG_WRONG_KEY", No, c"the UserSig was made with a key that does not belong to this SDKAppID: check both"),
    fatal(70010, "", No, c"the UserSig does not pass the check: verify it with the console's tool"),
    fatal(CHAT_SERVICE_USER_SIG_WRONG_IDENTIFIER, "CHAT_SERVICE_USER_SIG_WRONG_IDENTIFIER", No, c"the UserSig was made for another identifier: use the same in both places"),
    fatal(CHAT_SERVICE_USER_SIG_WRONG_SDK_APP_ID, "CHAT_SERVICE_USER_SIG_WRONG_SDK_APP_ID", No, c"the UserSig was made for another SDKAppID: use the same in both places"),
    fatal(70015, "", No, c"the app has no way to verify a UserSig: see the console"),
    fatal(70016, "", No, c"the service has no key on file for the app: see the console"),
    row(70017, "", Yes, c"the service timed out while checking the UserSig: repeat"),
    fatal(70018, "", No, c"the service failed to check the UserSig"),
    fatal(70019, "", No, c"the UserSig is empty: set the key or a signature"),
    fatal(CHAT_SERVICE_SDK_APP_ID_NOT_FOUND, "CHAT_SERVICE_SDK_APP_ID_NOT_FOUND", No, c"the service does not know this SDKAppID: check it, and that the region is the app's own"),
    fatal(CHAT_SERVICE_LOCKED_OUT, "CHAT_SERVICE_LOCKED_OUT", After(60_000), c"too many failed signature checks, locked for a minute: correct key and identifier, wait, then repeat"),
    fatal(70051, "", No, c"the account is on the block list: see the console"),
    fatal(CHAT_SERVICE_USER_SIG_REVOKED, "CHAT_SERVICE_USER_SIG_REVOKED", No, c"the UserSig was invalidated: make a new one"),
    row(CHAT_SERVICE_ACCOUNT_NOT_FOUND, "CHAT_SERVICE_ACCOUNT_NOT_FOUND", No, c"no such account: import it first (account_import)"),
    row(70114, "", No, c"restricted for security reasons: wait"),
    open(CHAT_SERVICE_ACCOUNT_TIMED_OUT, "CHAT_SERVICE_ACCOUNT_TIMED_OUT", Yes, c"time-out inside the account service: repeat"),
    open(70202, "", Yes, c"time-out inside the account service: repeat"),
    row(CHAT_SERVICE_TOO_MANY_ACCOUNTS, "CHAT_SERVICE_TOO_MANY_ACCOUNTS", No, c"no account in the call, or more than 100: name one, or split the list"),
    fatal(70346, "", No, c"the UserSig does not pass the check: make a new one, check the key"),
    fatal(70347, "", No, c"the UserSig has expired: make a new one, and check this machine's clock"),
    row(70348, "", Yes, c"the service failed while checking the UserSig: repeat"),
    row(70362, "", Yes, c"the service timed out while checking the UserSig: repeat"),
    row(CHAT_SERVICE_ACCOUNT_LIMIT, "CHAT_SERVICE_ACCOUNT_LIMIT", No, c"the free edition holds 100 accounts: delete some, or change the plan"),
    row(CHAT_SERVICE_ACCOUNT_INVALID_PARAMETER, "CHAT_SERVICE_ACCOUNT_INVALID_PARAMETER", No, c"the account service refuses a parameter: correct the request"),
    fatal(CHAT_SERVICE_ACCOUNT_ADMIN_REQUIRED, "CHAT_SERVICE_ACCOUNT_ADMIN_REQUIRED", No, c"the identifier is not an administrator of the app: use one, or make it one in the console"),
    row(CHAT_SERVICE_ACCOUNT_INTERNAL_ERROR, "CHAT_SERVICE_ACCOUNT_INTERNAL_ERROR", Yes, c"internal error of the account service: repeat"),
    row(71000, "", No, c"this edition cannot delete accounts"),
    row(80001, "", No, c"the text was refused by the security check"),
    row(80002, "", No, c"the message is too long"),
    row(80003, "", No, c"the app's before-send webhook failed: check it"),
    row(80004, "", No, c"the image was refused by the security check"),
    fatal(80005, "", No, c"the service is stopped: see the console"),
];

static UNKNOWN_OURS: Row = row(i32::MIN, "", No, c"no code of this version of the tencent-chat library");
static UNKNOWN_THEIRS: Row = row(
    i32::MAX,
    "",
    No,
    c"an ErrorCode of the service that this version of the library has no text for: see its ErrorInfo",
);

/// The row of a code; for an unknown one a row that says so.
pub(crate) fn describe(code: i32) -> &'static Row {
    let unknown = if code < 0 { &UNKNOWN_OURS } else { &UNKNOWN_THEIRS };
    TABLE.iter().find(|row| row.code == code).unwrap_or(unknown)
}

/// Meaning and advice for a code, as `chat_strerror` gives it.
pub fn text(code: i32) -> &'static str {
    describe(code).text()
}

/// Whether no call will succeed before somebody changes the settings, the app or its plan.
pub fn is_fatal(code: i32) -> bool {
    describe(code).is_fatal
}

/// Whether the service refuses the UserSig with it.
pub(crate) fn refuses_signature(code: i32) -> bool {
    matches!(
        code,
        60004 | 60005 | 70001..=70010 | 70013 | 70014 | 70019 | 70052 | 70346 | 70347
    )
}

/// Meaning and advice for a code, as a C string.
pub(crate) fn strerror(code: i32) -> &'static CStr {
    describe(code).text
}

/// Every code with its name, "" where it has none. For tests that compare the faces with this table.
pub fn codes() -> impl Iterator<Item = (i32, &'static str)> {
    TABLE.iter().map(|row| (row.code, row.name))
}

/// A refusal: a code of the table and a message that names the argument and the rule. Never holds a secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Error {
    pub code: i32,
    pub message: String,
}

impl Error {
    pub fn new(code: i32, message: impl Into<String>) -> Self {
        Error {
            code,
            message: shown(message.into()),
        }
    }

    pub(crate) fn argument(message: impl Into<String>) -> Self {
        Error::new(CHAT_ERR_INVALID_ARGUMENT, message)
    }

    pub(crate) fn config(message: impl Into<String>) -> Self {
        Error::new(CHAT_ERR_CONFIG, message)
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({})", self.message, self.code)
    }
}

impl std::error::Error for Error {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_stands_once_and_in_order() {
        let ours = TABLE.iter().map(|r| r.code).take_while(|c| *c <= 0);
        assert!(ours.clone().zip(ours.skip(1)).all(|(a, b)| a > b));
        let theirs: Vec<i32> = TABLE.iter().map(|r| r.code).filter(|c| *c > 0).collect();
        assert!(theirs.windows(2).all(|w| w[0] < w[1]));
    }

    #[test]
    fn every_row_says_something_in_ascii() {
        for row in TABLE {
            assert!(row.text().is_ascii() && row.text().len() > 6, "{}", row.code);
        }
    }

    #[test]
    fn what_another_call_or_another_try_may_mend_is_not_fatal() {
        for code in [
            0, -1, -2, -4, -5, -6, -7, -10, -11, -12, -13, -15, -16, 50001, 50002, 50004, 50005, 51009, 60007, 60008,
            60013, 70017, 70107, 70169, 70348, 70362, 99999, -99,
        ] {
            assert!(!is_fatal(code), "{code}");
        }
    }

    #[test]
    fn an_unknown_code_has_a_text_of_its_own() {
        assert!(strerror(-99).to_str().unwrap().contains("no code of this version"));
        assert!(strerror(51999).to_str().unwrap().contains("ErrorInfo"));
    }
}
