//! How the program ends: one status for each kind of outcome, and which codes are which kind.
//! Scripts branch on these numbers, so they never change their meaning.

use std::process::ExitCode;

use tencent_chat::error::*;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    Ok = 0,
    Failed = 1,
    Usage = 2,
    SomeFailed = 3,
    Authority = 4,
    Network = 5,
    Throttled = 6,
    Interrupted = 130,
}

/// As `--help` and the man page show it.
pub const TABLE: &str = "\
Exit status:
  0    ok
  1    failed
  2    wrong usage: arguments or input
  3    some items failed
  4    configuration or authority: settings, key, administrator, plan
  5    network
  6    throttled
  130  interrupted";

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> ExitCode {
        ExitCode::from(exit as u8)
    }
}

impl Exit {
    /// The status of a single call that came to this code.
    pub fn of(code: i32) -> Exit {
        match code {
            CHAT_OK => Exit::Ok,
            CHAT_ERR_INVALID_ARGUMENT | CHAT_ERR_INVALID_UTF8 => Exit::Usage,
            CHAT_ERR_PARTIAL => Exit::SomeFailed,
            CHAT_ERR_TIMEOUT | CHAT_ERR_TRANSPORT | CHAT_ERR_HTTP_STATUS => Exit::Network,
            CHAT_ERR_CANCELLED => Exit::Interrupted,
            code if is_throttle(code) => Exit::Throttled,
            code if is_fatal(code) => Exit::Authority,
            _ => Exit::Failed,
        }
    }
}

/// The service, or our own rate limit, asks to slow down.
pub fn is_throttle(code: i32) -> bool {
    matches!(
        code,
        CHAT_ERR_THROTTLED | CHAT_SERVICE_CALL_RATE_EXCEEDED | CHAT_SERVICE_APP_RATE_EXCEEDED | 60018 | 60019
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_has_the_status_that_its_advice_asks_for() {
        for (code, exit) in [
            (0, Exit::Ok),
            (-1, Exit::Usage),
            (-3, Exit::Authority),
            (-4, Exit::Network),
            (-5, Exit::Network),
            (-6, Exit::Network),
            (-7, Exit::Failed),
            (-12, Exit::Throttled),
            (-14, Exit::Authority),
            (-15, Exit::SomeFailed),
            (50001, Exit::Failed),
            (50003, Exit::Authority),
            (50004, Exit::Failed),
            (51009, Exit::Failed),
            (51013, Exit::Authority),
            (60007, Exit::Throttled),
            (60010, Exit::Authority),
            (60011, Exit::Throttled),
            (60020, Exit::Authority),
            (60021, Exit::Authority),
            (70009, Exit::Authority),
            (70020, Exit::Authority),
        ] {
            assert_eq!(Exit::of(code), exit, "{code}");
        }
    }
}
