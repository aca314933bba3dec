//! What can go wrong on purpose: which calls a fault meets, how often, and what it plays. It promises that each fault
//! fires exactly as often as it says; how it is played on a connection is `exchange`'s business.

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use tokio::sync::watch;

/// One scripted fault. Make it with [`Fault::code`], [`Fault::delay`] and so on, narrow it with [`Fault::on`],
/// [`Fault::times`], [`Fault::skip`], [`Fault::applied`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Written", into = "Written")]
pub struct Fault {
    path: Option<String>,
    times: u32,
    skip: u32,
    applied: bool,
    pub(crate) action: Action,
}

/// What a fault plays.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Action {
    Code { code: i64, info: String },
    Delay(Duration),
    Hang,
    Drop(Ending),
    Answer(RawAnswer),
    Cut(usize),
}

/// How a connection ends without an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Ending {
    /// An orderly close.
    Fin,
    /// A TCP reset.
    Reset,
}

/// An answer that the service did not make.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RawAnswer {
    /// HTTP status.
    pub status: u16,
    /// Header fields; `Content-Length` is always the body's own.
    #[serde(default)]
    pub headers: BTreeMap<String, String>,
    /// The whole body.
    #[serde(default)]
    pub body: String,
}

impl Fault {
    fn playing(action: Action) -> Self {
        Self {
            path: None,
            times: 1,
            skip: 0,
            applied: false,
            action,
        }
    }

    /// Answers FAIL with this code.
    pub fn code(code: i64) -> Self {
        let info = format!("injected {code}");
        Self::playing(Action::Code { code, info })
    }

    /// Answers normally, this much later.
    pub fn delay(time: Duration) -> Self {
        Self::playing(Action::Delay(time))
    }

    /// Reads the request and never answers; the connection stays open until the client closes it or the faults are
    /// cleared.
    pub fn hang() -> Self {
        Self::playing(Action::Hang)
    }

    /// Closes the connection without an answer.
    pub fn drop_connection(ending: Ending) -> Self {
        Self::playing(Action::Drop(ending))
    }

    /// Answers this instead.
    pub fn answer(answer: RawAnswer) -> Self {
        Self::playing(Action::Answer(answer))
    }

    /// Declares the whole body, sends only its first `bytes`, closes.
    pub fn cut(bytes: usize) -> Self {
        Self::playing(Action::Cut(bytes))
    }

    /// Only calls of `v4/{service}/{command}`; otherwise every call.
    pub fn on(mut self, path: &str) -> Self {
        self.path = Some(path.trim_start_matches('/').to_owned());
        self
    }

    /// Fires so often (once unless told); 0: until cleared.
    pub fn times(mut self, times: u32) -> Self {
        self.times = times;
        self
    }

    /// Lets so many matching calls pass first.
    pub fn skip(mut self, skip: u32) -> Self {
        self.skip = skip;
        self
    }

    /// The call is carried out before the fault plays: applied, but the answer is lost or wrong.
    pub fn applied(mut self) -> Self {
        self.applied = true;
        self
    }

    pub(crate) fn is_applied(&self) -> bool {
        self.applied
    }

    /// What the log calls it.
    pub(crate) fn name(&self) -> String {
        match &self.action {
            Action::Code { code, .. } => format!("code {code}"),
            Action::Delay(time) => format!("delay_ms {}", time.as_millis()),
            Action::Hang => "hang".into(),
            Action::Drop(Ending::Fin) => "drop fin".into(),
            Action::Drop(Ending::Reset) => "drop reset".into(),
            Action::Answer(answer) => format!("answer {}", answer.status),
            Action::Cut(bytes) => format!("cut {bytes}"),
        }
    }
}

/// A fault as the admin port reads and writes it.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
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
    answer: Option<RawAnswer>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    cut: Option<usize>,
}

fn once() -> u32 {
    1
}

impl TryFrom<Written> for Fault {
    type Error = String;

    fn try_from(written: Written) -> Result<Self, String> {
        let info = written.info.is_some();
        let actions = [
            written.code.map(|code| Action::Code {
                code,
                info: written.info.unwrap_or_else(|| format!("injected {code}")),
            }),
            written.delay_ms.map(|ms| Action::Delay(Duration::from_millis(ms))),
            written.hang.and_then(|hang| hang.then_some(Action::Hang)),
            written.drop.map(Action::Drop),
            written.answer.map(Action::Answer),
            written.cut.map(Action::Cut),
        ];
        let mut given = actions.into_iter().flatten();
        let (Some(action), None) = (given.next(), given.next()) else {
            return Err("give a fault exactly one of code, delay_ms, hang, drop, answer, cut".into());
        };
        if info && !matches!(action, Action::Code { .. }) {
            return Err("`info` goes with `code` only".into());
        }
        if let Action::Answer(answer) = &action {
            answer.checked()?;
        }
        let path = written.path.map(|path| path.trim_start_matches('/').to_owned());
        Ok(Self {
            path,
            times: written.times,
            skip: written.skip,
            applied: written.applied,
            action,
        })
    }
}

impl From<Fault> for Written {
    fn from(fault: Fault) -> Self {
        let mut written = Written {
            path: fault.path,
            times: fault.times,
            skip: fault.skip,
            applied: fault.applied,
            code: None,
            info: None,
            delay_ms: None,
            hang: None,
            drop: None,
            answer: None,
            cut: None,
        };
        match fault.action {
            Action::Code { code, info } => {
                written.code = Some(code);
                written.info = Some(info);
            }
            Action::Delay(time) => written.delay_ms = u64::try_from(time.as_millis()).ok(),
            Action::Hang => written.hang = Some(true),
            Action::Drop(ending) => written.drop = Some(ending),
            Action::Answer(answer) => written.answer = Some(answer),
            Action::Cut(bytes) => written.cut = Some(bytes),
        }
        written
    }
}

impl RawAnswer {
    fn checked(&self) -> Result<(), String> {
        if !(200..=999).contains(&self.status) {
            return Err("`answer.status` is 200 to 999".into());
        }
        for (name, value) in &self.headers {
            let framing = ["content-length", "transfer-encoding"].contains(&name.to_ascii_lowercase().as_str());
            if framing {
                return Err(format!(
                    "leave the header {name} out; use `cut` for a body that is too short"
                ));
            }
            let name_fits = hyper::header::HeaderName::from_bytes(name.as_bytes()).is_ok();
            if !name_fits || hyper::header::HeaderValue::from_str(value).is_err() {
                return Err(format!("{name:?} is no valid header"));
            }
        }
        Ok(())
    }
}

/// The script: faults in the order they were added.
pub(crate) struct Faults {
    script: Mutex<Vec<Fault>>,
    /// Counts how often the faults were cleared; calls that hang wait for it.
    cleared: watch::Sender<u64>,
}

impl Default for Faults {
    fn default() -> Self {
        Self {
            script: Mutex::default(),
            cleared: watch::Sender::new(0),
        }
    }
}

impl Faults {
    pub(crate) fn add(&self, faults: impl IntoIterator<Item = Fault>) {
        self.script().extend(faults);
    }

    /// What is still to come.
    pub(crate) fn remaining(&self) -> Vec<Fault> {
        self.script().clone()
    }

    /// Forgets the script and lets the calls go that hang.
    pub(crate) fn clear(&self) {
        self.script().clear();
        self.cleared.send_modify(|times| *times += 1);
    }

    /// Changes when the faults are cleared.
    pub(crate) fn cleared(&self) -> watch::Receiver<u64> {
        self.cleared.subscribe()
    }

    /// The fault that meets the next call of `path`: the first that matches and has nothing left to skip. Those before it
    /// that match have this call behind them.
    pub(crate) fn next_for(&self, path: &str) -> Option<Fault> {
        let path = path.trim_start_matches('/');
        let mut script = self.script();
        let mut fires = None;
        for (at, fault) in script.iter_mut().enumerate() {
            if fault.path.as_deref().is_some_and(|own| own != path) {
                continue;
            }
            if fault.skip == 0 {
                fires = Some(at);
                break;
            }
            fault.skip -= 1;
        }
        let at = fires?;
        let fault = script[at].clone();
        match script[at].times {
            0 => {}
            1 => drop(script.remove(at)),
            _ => script[at].times -= 1,
        }
        Some(fault)
    }

    fn script(&self) -> std::sync::MutexGuard<'_, Vec<Fault>> {
        self.script.lock().unwrap_or_else(|e| e.into_inner())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fired(faults: &Faults, path: &str) -> Option<String> {
        faults.next_for(path).map(|fault| fault.name())
    }

    #[test]
    fn a_fault_fires_as_often_as_it_says() {
        let faults = Faults::default();
        faults.add([Fault::code(50004).times(2)]);
        assert_eq!(fired(&faults, "/a").as_deref(), Some("code 50004"));
        assert_eq!(fired(&faults, "/b").as_deref(), Some("code 50004"));
        assert_eq!(fired(&faults, "/a"), None);
    }

    #[test]
    fn a_fault_of_zero_times_fires_until_cleared() {
        let faults = Faults::default();
        faults.add([Fault::cut(3).times(0)]);
        for _ in 0..50 {
            assert_eq!(fired(&faults, "/a").as_deref(), Some("cut 3"));
        }
        faults.clear();
        assert_eq!(fired(&faults, "/a"), None);
    }

    #[test]
    fn a_fault_meets_its_own_path_only_and_after_those_it_skips() {
        let faults = Faults::default();
        faults.add([Fault::hang().on("/v4/x/y").skip(1), Fault::code(1)]);
        assert_eq!(fired(&faults, "/v4/x/z").as_deref(), Some("code 1"));
        assert_eq!(fired(&faults, "/v4/x/y"), None);
        assert_eq!(fired(&faults, "/v4/x/y").as_deref(), Some("hang"));
    }

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
        ] {
            let error = serde_json::from_str::<Fault>(text).unwrap_err().to_string();
            assert!(error.contains(says), "{error}");
        }
    }
}
