//! A fault as the admin port reads and writes it. It promises that what it takes can be played, that a fault comes back
//! from its JSON as it was, and errors that say what to change; it knows nothing of how a fault is played.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::fault::{Action, Ending, Fault, Phase, RawAnswer};
use crate::play::{in_ms, Numbers, Play};

#[derive(Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Written {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    path: Option<String>,
    #[serde(default = "once")]
    times: u32,
    #[serde(default)]
    skip: u32,
    #[serde(default)]
    applied: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    code: Option<i64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    info: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    delay_ms: Option<u64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    hang: Option<bool>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    drop: Option<Ending>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    at: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    answer: Option<RawAnswer>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    cut: Option<usize>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    play: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    ms: Option<u64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    bytes: Option<usize>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    mib: Option<u32>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    retry_after_s: Option<u32>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    to: Option<String>,
}

fn once() -> u32 {
    1
}

impl Written {
    fn numbers(&mut self) -> Numbers {
        Numbers {
            ms: self.ms.take(),
            bytes: self.bytes.take(),
            mib: self.mib.take(),
            retry_after_s: self.retry_after_s.take(),
            to: self.to.take(),
        }
    }

    fn set_numbers(&mut self, numbers: Numbers) {
        self.ms = numbers.ms;
        self.bytes = numbers.bytes;
        self.mib = numbers.mib;
        self.retry_after_s = numbers.retry_after_s;
        self.to = numbers.to;
    }

    /// The one action that is given.
    fn action(&mut self) -> Result<Action, String> {
        let mut numbers = self.numbers();
        let phase = phase(self.at.as_deref(), &mut numbers)?;
        let play = self.play.take().map(|name| Play::named(&name, &mut numbers));
        let info = self.info.take();
        let has_info = info.is_some();
        let actions = [
            self.code.map(|code| Action::Code {
                code,
                info: info.unwrap_or_else(|| format!("injected {code}")),
            }),
            self.delay_ms.map(|ms| Action::Delay(Duration::from_millis(ms))),
            self.hang.and_then(|hang| hang.then_some(Action::Hang(phase))),
            self.drop.map(|ending| Action::Drop(ending, phase)),
            self.answer.take().map(Action::Answer),
            self.cut.map(Action::Cut),
            play.transpose()?.map(Action::Play),
        ];
        let mut given = actions.into_iter().flatten();
        let (Some(action), None) = (given.next(), given.next()) else {
            return Err("give a fault exactly one of code, delay_ms, hang, drop, answer, cut, play".into());
        };
        if has_info && !matches!(action, Action::Code { .. }) {
            return Err("`info` goes with `code` only".into());
        }
        if self.at.is_some() && !matches!(action, Action::Hang(_) | Action::Drop(..)) {
            return Err("`at` goes with `hang` and `drop` only".into());
        }
        numbers.all_taken("this fault")?;
        Ok(action)
    }
}

fn phase(name: Option<&str>, numbers: &mut Numbers) -> Result<Phase, String> {
    Ok(match name {
        None | Some("answer") => Phase::Answer,
        Some("accept") => Phase::Accept,
        Some("handshake") => Phase::Handshake,
        Some("request") => Phase::Request,
        Some("head") => Phase::Head,
        Some("body") => Phase::Body,
        Some("idle") => Phase::Idle(numbers.time()),
        Some(_) => return Err(format!("`at` is one of {}", Phase::names().join(", "))),
    })
}

impl TryFrom<Written> for Fault {
    type Error = String;

    fn try_from(mut written: Written) -> Result<Self, String> {
        let action = written.action()?;
        let fault = Fault {
            path: written.path.map(|path| path.trim_start_matches('/').to_owned()),
            times: written.times,
            skip: written.skip,
            applied: written.applied,
            action,
        };
        fault.checked()
    }
}

impl From<Fault> for Written {
    fn from(fault: Fault) -> Self {
        let mut written = Written {
            path: fault.path,
            times: fault.times,
            skip: fault.skip,
            applied: fault.applied,
            ..Written::default()
        };
        match fault.action {
            Action::Code { code, info } => {
                written.code = Some(code);
                written.info = Some(info);
            }
            Action::Delay(time) => written.delay_ms = Some(in_ms(time)),
            Action::Hang(phase) => {
                written.hang = Some(true);
                written.set_phase(phase);
            }
            Action::Drop(ending, phase) => {
                written.drop = Some(ending);
                written.set_phase(phase);
            }
            Action::Answer(answer) => written.answer = Some(answer),
            Action::Cut(bytes) => written.cut = Some(bytes),
            Action::Play(play) => {
                written.play = Some(play.name().into());
                written.set_numbers(play.numbers());
            }
        }
        written
    }
}

impl Written {
    fn set_phase(&mut self, phase: Phase) {
        if phase != Phase::Answer {
            self.at = Some(phase.name().into());
        }
        if let Phase::Idle(time) = phase {
            self.ms = Some(in_ms(time));
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    #[test]
    fn a_fault_comes_back_from_its_json_as_it_was() {
        let raw = RawAnswer {
            status: 502,
            headers: BTreeMap::from([("X-A".into(), "b".into())]),
            body: "<html>".into(),
        };
        for fault in [
            Fault::code(50004).on("v4/a/b").times(3).skip(2).applied(),
            Fault::delay(Duration::from_millis(3500)),
            Fault::hang(),
            Fault::drop_connection(Ending::Reset),
            Fault::answer(raw),
            Fault::cut(10),
            Fault::drop_at(Ending::Fin, Phase::Accept).skip(2),
            Fault::drop_at(Ending::Reset, Phase::Idle(Duration::from_millis(7))).on("v4/a/b"),
            Fault::hang_at(Phase::Body),
            Fault::play(Play::Redirect {
                to: "http://127.0.0.1:9".into(),
            }),
            Fault::play(Play::Drip {
                every: Duration::from_millis(3),
                bytes: 5,
            }),
        ] {
            let text = serde_json::to_string(&fault).unwrap();
            assert_eq!(serde_json::from_str::<Fault>(&text).unwrap(), fault, "{text}");
        }
    }

    #[test]
    fn a_fault_that_makes_no_sense_is_refused_with_what_to_do() {
        for (text, says) in [
            ("{}", "exactly one of"),
            (r#"{"hang":true,"cut":1}"#, "exactly one of"),
            (r#"{"hang":false}"#, "exactly one of"),
            (r#"{"hang":true,"info":"x"}"#, "goes with `code`"),
            (r#"{"answer":{"status":1}}"#, "200 to 999"),
            (
                r#"{"answer":{"status":200,"headers":{"Content-Length":"5"}}}"#,
                "use `cut`",
            ),
            (r#"{"answer":{"status":200,"headers":{"a b":"5"}}}"#, "no valid header"),
            (r#"{"dorp":"fin"}"#, "dorp"),
            (r#"{"drop":"fin","at":"lunch"}"#, "accept, handshake, request"),
            (r#"{"cut":1,"at":"body"}"#, "`at` goes with"),
            (r#"{"hang":true,"at":"idle"}"#, "silent anyway"),
            (r#"{"drop":"fin","ms":5}"#, "`ms` does not go with"),
            (r#"{"drop":"reset","at":"accept","path":"v4/a/b"}"#, "leave `path`"),
            (r#"{"drop":"reset","at":"request","applied":true}"#, "`applied` out"),
            (r#"{"play":"handshake_drip","applied":true}"#, "`applied` out"),
            (r#"{"play":"dirp"}"#, "there is no play"),
            (r#"{"play":"not_json","bytes":5}"#, "`bytes` does not go with"),
            (r#"{"play":"drip","bytes":0}"#, "1 or more"),
            (r#"{"play":"huge","mib":0}"#, "1 to 4096"),
            (r#"{"play":"redirect","to":"a\nb"}"#, "scheme and authority"),
            (r#"{"play":"drip","cut":5}"#, "exactly one of"),
        ] {
            let error = serde_json::from_str::<Fault>(text).unwrap_err().to_string();
            assert!(error.contains(says), "{error}");
        }
    }
}
