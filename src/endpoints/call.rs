//! The generic call: any `v4/service/command` with a JSON object the caller wrote, for what has no function of its own yet.

use std::borrow::Cow;

use super::{Endpoint, LONGEST_REQUEST};
use crate::error::Error;

/// Any command, any JSON object.
#[derive(Debug)]
pub struct AnyCall<'a> {
    /// `None`: not the path of a command.
    path: Option<&'a str>,
    json: &'a [u8],
}

impl<'a> AnyCall<'a> {
    /// An empty `json` sends `{}`: the service accepts no empty body (1047/34620).
    pub fn new(path: &'a str, json: &'a [u8]) -> Self {
        AnyCall {
            path: is_command(path).then_some(path),
            json: if json.is_empty() { b"{}" } else { json },
        }
    }
}

impl Endpoint for AnyCall<'_> {
    /// Its effect is unknown here.
    const REPEATABLE: bool = false;
    const ANSWER_LIMIT: usize = 8 * 1_024 * 1_024;
    /// Documented answers of other services have none (1047/34924).
    const NEEDS_ACTION_STATUS: bool = false;

    fn path(&self) -> &str {
        self.path.unwrap_or_default()
    }

    fn check(&self, _limits: bool) -> Result<(), Error> {
        if self.path.is_none() {
            return Err(Error::argument(
                "path must be like v4/recentcontact/del_contact_group: v4 and two names of A-Z, a-z, 0-9 and _, no host, no query",
            ));
        }
        if self.json.len() > LONGEST_REQUEST {
            return Err(Error::argument(format!(
                "json has {} bytes; the most is {LONGEST_REQUEST}",
                self.json.len()
            )));
        }
        if std::str::from_utf8(self.json).is_err() {
            return Err(Error::new(
                crate::error::CHAT_ERR_INVALID_UTF8,
                "json is not valid UTF-8",
            ));
        }
        match serde_json::from_slice::<serde::de::IgnoredAny>(self.json) {
            Ok(_) if self.json.trim_ascii_start().starts_with(b"{") => Ok(()),
            Ok(_) => Err(Error::argument("json is not an object; every command takes {…}")),
            Err(error) => Err(Error::argument(format!(
                "json cannot be parsed: line {} column {}",
                error.line(),
                error.column()
            ))),
        }
    }

    fn body(&self) -> Cow<'_, [u8]> {
        Cow::Borrowed(self.json)
    }
}

fn is_command(path: &str) -> bool {
    let mut parts = path.split('/');
    let named = |part: Option<&str>| {
        part.is_some_and(|name| !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_'))
    };
    path.len() <= 256
        && parts.next() == Some("v4")
        && named(parts.next())
        && named(parts.next())
        && parts.next().is_none()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(path: &str, json: &[u8]) -> Option<String> {
        AnyCall::new(path, json).check(true).err().map(|error| error.message)
    }

    #[test]
    fn only_a_plain_v4_command_is_a_path() {
        for path in [
            "v4/openim/sendmsg",
            "v4/openim/get_c2c_unread_msg_num",
            "v4/openim/modify_c2c_msg",
            "v4/x2/2",
            "v4/A/b_C9",
        ] {
            assert_eq!(refusal(path, b"{}"), None, "{path}");
        }
        for path in [
            "",
            "/v4/a/b",
            "v4/a",
            "v4/a/b/",
            "v4/a/b/c",
            "v4//b",
            "v5/a/b",
            "v4/a/b?x=1",
            "v4/../b",
            "V4/a/b",
            "v4/a/b-c",
            "v4/a/b.c",
            "v4/a/b%31",
            "v4/a/\u{e9}",
            "v4/a/b ",
            "https://h/v4/a/b",
        ] {
            assert!(refusal(path, b"{}").unwrap().starts_with("path must be like"), "{path}");
        }
    }

    #[test]
    fn only_a_json_object_is_sent_and_nothing_means_an_empty_one() {
        assert_eq!(refusal("v4/a/b", b" {\"a\":1} "), None);
        assert_eq!(*AnyCall::new("v4/a/b", b"").body(), *b"{}");
        assert!(refusal("v4/a/b", b"[1]").unwrap().contains("not an object"));
        assert!(refusal("v4/a/b", b"{} x").unwrap().contains("cannot be parsed"));
        assert!(refusal("v4/a/b", b"{\"a\":").unwrap().contains("line 1 column"));
        assert!(refusal("v4/a/b", b"{\"a\":\"\xff\"}").unwrap().contains("UTF-8"));
    }
}
