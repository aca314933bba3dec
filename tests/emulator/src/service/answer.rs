//! What a call is answered with: the members of its own plus the three common ones (1047/34620). It is never given request text
//! to repeat.

use std::borrow::Cow;

use serde::Serialize;

/// A refused call: the service's code and a short reason for people. The reason never repeats the signature.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Refusal {
    pub(crate) code: i64,
    pub(crate) info: Cow<'static, str>,
}

impl Refusal {
    pub(crate) fn new(code: i64, info: impl Into<Cow<'static, str>>) -> Self {
        Self {
            code,
            info: info.into(),
        }
    }

    /// The body that tells of this refusal.
    pub(crate) fn body(&self) -> String {
        written(&Whole {
            own: Nothing {},
            action_status: "FAIL",
            error_code: self.code,
            error_info: &self.info,
        })
    }
}

/// The members of a success that has none of its own.
#[derive(Serialize)]
pub(crate) struct Nothing {}

/// The body of a success: the call's own members first, as on the vendor's pages, then the common three.
pub(crate) fn ok_body<T: Serialize>(own: T) -> String {
    written(&Whole {
        own,
        action_status: "OK",
        error_code: 0,
        error_info: "",
    })
}

/// [`ok_body`] and an empty `ErrorDisplay` (text for end users), as the pages of `delete` and `mark_contact` show it.
pub(crate) fn ok_body_with_display<T: Serialize>(own: T) -> String {
    written(&Displayed {
        whole: Whole {
            own,
            action_status: "OK",
            error_code: 0,
            error_info: "",
        },
        error_display: "",
    })
}

#[derive(Serialize)]
struct Whole<'a, T: Serialize> {
    #[serde(flatten)]
    own: T,
    #[serde(rename = "ActionStatus")]
    action_status: &'static str,
    #[serde(rename = "ErrorCode")]
    error_code: i64,
    #[serde(rename = "ErrorInfo")]
    error_info: &'a str,
}

#[derive(Serialize)]
struct Displayed<'a, T: Serialize> {
    #[serde(flatten)]
    whole: Whole<'a, T>,
    #[serde(rename = "ErrorDisplay")]
    error_display: &'a str,
}

fn written<T: Serialize>(whole: &T) -> String {
    serde_json::to_string(whole).expect("an answer is made of strings and numbers only")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_puts_its_own_members_before_the_common_three() {
        #[derive(Serialize)]
        struct Own {
            #[serde(rename = "CompleteFlag")]
            complete: u8,
        }
        assert_eq!(
            ok_body(Own { complete: 1 }),
            r#"{"CompleteFlag":1,"ActionStatus":"OK","ErrorCode":0,"ErrorInfo":""}"#
        );
        assert_eq!(
            ok_body(Nothing {}),
            r#"{"ActionStatus":"OK","ErrorCode":0,"ErrorInfo":""}"#
        );
    }

    #[test]
    fn a_refusal_is_a_fail_with_its_code() {
        assert_eq!(
            Refusal::new(60002, "HTTP parse Error").body(),
            r#"{"ActionStatus":"FAIL","ErrorCode":60002,"ErrorInfo":"HTTP parse Error"}"#
        );
    }
}
