//! What can go wrong on purpose: which calls or connections a fault meets, how often, and what it plays; and how that is
//! written in JSON. `script` counts the faults, `plan` and `perform` play them on a connection, `http::exchange` in a call.

pub(crate) mod perform;
pub(crate) mod plan;
mod play;
pub(crate) mod script;

use std::collections::BTreeMap;
use std::time::Duration;

use serde::de::{DeserializeOwned, Error as _};
use serde::ser::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::{json, Map, Value};

pub use play::Play;

/// One scripted fault. Make it with [`Fault::code`], [`Fault::drop_at`], [`Fault::play`] and so on, narrow it with
/// [`Fault::on`], [`Fault::times`], [`Fault::skip`], [`Fault::applied`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(remote = "Self")]
pub struct Fault {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) path: Option<String>,
    #[serde(default = "once")]
    pub(crate) times: u32,
    #[serde(default)]
    pub(crate) skip: u32,
    #[serde(default)]
    pub(crate) applied: bool,
    #[serde(flatten)]
    pub(crate) action: Action,
}

fn once() -> u32 {
    1
}

/// What a fault plays. In its JSON the member that is called like the kind tells which; serde is given that name as a tag.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub(crate) enum Action {
    Code {
        code: i64,
        info: String,
    },
    #[serde(rename = "delay_ms")]
    Delay {
        #[serde(rename = "delay_ms", with = "millis")]
        time: Duration,
    },
    Hang {
        hang: bool,
        #[serde(flatten)]
        at: Phase,
    },
    Drop {
        drop: Ending,
        #[serde(flatten)]
        at: Phase,
    },
    Answer {
        answer: RawAnswer,
    },
    Cut {
        cut: usize,
    },
    Play(Play),
}

/// Every kind of [`Action`].
const KINDS: [&str; 7] = ["code", "delay_ms", "hang", "drop", "answer", "cut", "play"];

/// How a connection ends without an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Ending {
    /// An orderly close.
    Fin,
    /// A TCP reset.
    Reset,
}

/// Where in its life a connection ends or falls silent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "at", rename_all = "lowercase")]
pub enum Phase {
    /// `accept`: a new connection, nothing read.
    Accept,
    /// `handshake`: the client's first TLS bytes have come, nothing was answered. TLS connections only.
    Handshake,
    /// `request`: the first bytes of a request have come; it is never parsed.
    Request,
    /// `answer`: the request was read, nothing was answered. Carried out only if the fault is [`Fault::applied`].
    Answer,
    /// `head`: the call was carried out and a part of the answer's head sent.
    Head,
    /// `body`: the call was carried out, the head and half of the body sent.
    Body,
    /// `idle`: the call was answered, and nothing happened on the connection for this long.
    Idle(#[serde(with = "as_ms")] Duration),
}

impl Phase {
    /// Every name that `"at"` takes, in the order of a connection's life.
    pub fn names() -> Vec<String> {
        names_of::<Self>("at")
    }
}

/// What a fault is met by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Event<'a> {
    /// A new connection.
    Accept,
    /// The start of a TLS handshake.
    Handshake,
    /// The first bytes of a request.
    Request,
    /// A request read whole, of this path.
    Call(&'a str),
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
        Self::playing(Action::Delay { time })
    }

    /// Reads the request and never answers; the connection stays open until the client closes it or the faults are
    /// cleared.
    pub fn hang() -> Self {
        Self::hang_at(Phase::Answer)
    }

    /// Falls silent there; the connection stays open until the client closes it or the faults are cleared. Not at
    /// [`Phase::Idle`], where every connection is silent.
    pub fn hang_at(phase: Phase) -> Self {
        Self::playing(Action::Hang { hang: true, at: phase })
    }

    /// Closes the connection without an answer.
    pub fn drop_connection(ending: Ending) -> Self {
        Self::drop_at(ending, Phase::Answer)
    }

    /// Ends the connection there.
    pub fn drop_at(ending: Ending, phase: Phase) -> Self {
        Self::playing(Action::Drop {
            drop: ending,
            at: phase,
        })
    }

    /// Answers this instead.
    pub fn answer(answer: RawAnswer) -> Self {
        Self::playing(Action::Answer { answer })
    }

    /// Declares the whole body, sends only its first `bytes`, closes.
    pub fn cut(bytes: usize) -> Self {
        Self::playing(Action::Cut { cut: bytes })
    }

    /// Plays one of the named faults.
    pub fn play(play: Play) -> Self {
        Self::playing(Action::Play(play))
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

    /// Lets so many matching calls (or connections) pass first.
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

    /// Refuses a fault that cannot be played, and says what to change.
    pub(crate) fn checked(self) -> Result<Self, String> {
        if !self.is_of_a_call() && (self.path.is_some() || self.applied) {
            return Err(format!(
                "leave `path` and `applied` out of {:?}: no call has been read there",
                self.name()
            ));
        }
        match &self.action {
            Action::Hang { at: Phase::Idle(_), .. } => {
                Err("an idle connection is silent anyway; use `drop` with `at` idle, or `hang` elsewhere".into())
            }
            Action::Answer { answer } => answer.checked().map(|()| self),
            Action::Play(play) => play.checked().map(|()| self),
            _ => Ok(self),
        }
    }

    fn is_of_a_call(&self) -> bool {
        matches!(self.event(), Event::Call(_))
    }

    /// What it is met by; the path of a call is left out.
    fn event(&self) -> Event<'static> {
        match &self.action {
            Action::Hang { at, .. } | Action::Drop { at, .. } => match at {
                Phase::Accept => Event::Accept,
                Phase::Handshake => Event::Handshake,
                Phase::Request => Event::Request,
                _ => Event::Call(""),
            },
            Action::Play(play) if play.is_of_the_handshake() => Event::Handshake,
            _ => Event::Call(""),
        }
    }

    /// Whether this event is one that it is met by.
    pub(crate) fn meets(&self, event: Event<'_>) -> bool {
        match event {
            Event::Call(path) => {
                let path = path.trim_start_matches('/');
                self.is_of_a_call() && self.path.as_deref().is_none_or(|own| own == path)
            }
            other => self.event() == other,
        }
    }

    /// Bytes of the answer that it holds.
    pub(crate) fn size(&self) -> usize {
        match &self.action {
            Action::Answer { answer } => {
                let headers = answer.headers.iter().map(|(name, value)| name.len() + value.len());
                answer.body.len() + headers.sum::<usize>()
            }
            _ => 0,
        }
    }

    /// What the log and the counts call it.
    pub(crate) fn name(&self) -> String {
        match &self.action {
            Action::Code { code, .. } => format!("code {code}"),
            Action::Delay { time } => format!("delay_ms {}", time.as_millis()),
            Action::Hang { at, .. } => format!("hang{}", place(*at)),
            Action::Drop { drop, at } => format!("drop {}{}", drop.name(), place(*at)),
            Action::Answer { answer } => format!("answer {}", answer.status),
            Action::Cut { cut } => format!("cut {cut}"),
            Action::Play(play) => play.name(),
        }
    }
}

/// Where, unless that is the usual place.
fn place(at: Phase) -> String {
    match at {
        Phase::Answer => String::new(),
        at => format!(" at {}", name_of("at", &at)),
    }
}

impl Ending {
    fn name(self) -> &'static str {
        match self {
            Ending::Fin => "fin",
            Ending::Reset => "reset",
        }
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

impl Serialize for Fault {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.members().map_err(S::Error::custom)?.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Fault {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let given = Map::deserialize(deserializer)?;
        Self::from_members(given).map_err(D::Error::custom)
    }
}

impl Fault {
    /// The members of its JSON; what stands for the usual is left out.
    fn members(&self) -> Result<Map<String, Value>, serde_json::Error> {
        let mut written = Self::serialize(self, serde_json::value::Serializer)?;
        let members = written.as_object_mut().map(std::mem::take).unwrap_or_default();
        let usual = |name: &str, value: &Value| name == "kind" || (name == "at" && value == "answer");
        Ok(members
            .into_iter()
            .filter(|(name, value)| !usual(name, value))
            .collect())
    }

    /// The fault of this JSON. The error says what to change.
    fn from_members(mut given: Map<String, Value>) -> Result<Self, String> {
        given.retain(|name, value| !(value.is_null() || name == "hang" && *value == Value::Bool(false)));
        let mut kinds = KINDS.into_iter().filter(|kind| given.contains_key(*kind));
        let (Some(kind), None) = (kinds.next(), kinds.next()) else {
            let names: Vec<&str> = given.keys().map(String::as_str).collect();
            let (kinds, names) = (KINDS.join(", "), names.join(", "));
            return Err(format!("give a fault exactly one of {kinds} (given: {names})"));
        };
        let mut whole = given.clone();
        whole.insert("kind".into(), kind.into());
        whole.entry("at").or_insert("answer".into());
        let info = format!("injected {}", given.get("code").unwrap_or(&Value::Null));
        whole.entry("info").or_insert(info.into());
        let fault = Self::deserialize(Value::Object(whole)).map_err(|e| e.to_string())?;
        let taken = fault.members().map_err(|e| e.to_string())?;
        let at = |name: &str| name == "at" && matches!(kind, "hang" | "drop");
        match given.keys().find(|name| !taken.contains_key(*name) && !at(name)) {
            Some(name) => Err(format!("`{name}` does not go with `{kind}`; leave it out")),
            None => fault.on_path().checked(),
        }
    }

    /// One of each kind with its usual numbers: what a form may start from.
    pub(crate) fn examples() -> Vec<Self> {
        let phases = Phase::names().into_iter();
        let phases: Vec<Phase> = phases
            .filter_map(|name| serde_json::from_value(json!({ "at": name })).ok())
            .collect();
        let plays = Play::names().into_iter();
        let plays = plays.filter_map(|name| serde_json::from_value(json!({ "play": name })).ok());
        let page = RawAnswer {
            status: 502,
            headers: BTreeMap::new(),
            body: "<html>".into(),
        };
        let mut all = vec![Self::code(60007), Self::delay(Duration::from_secs(1)), Self::cut(10)];
        all.push(Self::answer(page));
        for ending in [Ending::Fin, Ending::Reset] {
            all.extend(phases.iter().map(|at| Self::drop_at(ending, *at)));
        }
        let hangs = phases.iter().map(|at| Self::hang_at(*at));
        all.extend(
            hangs
                .chain(plays.map(Self::play))
                .filter(|fault| fault.clone().checked().is_ok()),
        );
        all
    }

    fn on_path(self) -> Self {
        match self.path.clone() {
            Some(path) => self.on(&path),
            None => self,
        }
    }
}

/// The names that serde takes for an enum tagged by `tag`, as its own error lists them.
fn names_of<T: DeserializeOwned>(tag: &str) -> Vec<String> {
    let told = serde_json::from_value::<T>(json!({ tag: "" })).err();
    let told = told.map(|error| error.to_string()).unwrap_or_default();
    told.split('`').skip(3).step_by(2).map(str::to_owned).collect()
}

/// The name that serde gives a value of an enum tagged by `tag`.
fn name_of<T: Serialize>(tag: &str, value: &T) -> String {
    json!(value)[tag].as_str().unwrap_or_default().to_owned()
}

/// 20 ms unless told.
fn tick() -> Duration {
    Duration::from_millis(20)
}

/// A time in whole milliseconds.
mod millis {
    use super::{Deserialize, Deserializer, Duration, Serializer};

    pub(super) fn serialize<S: Serializer>(time: &Duration, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_u64(u64::try_from(time.as_millis()).unwrap_or(u64::MAX))
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Duration, D::Error> {
        u64::deserialize(deserializer).map(Duration::from_millis)
    }
}

/// A time that is all there is in its object: the member `ms`.
mod as_ms {
    use super::{millis, tick, Deserialize, Deserializer, Duration, Serialize, Serializer};

    #[derive(Serialize, Deserialize)]
    struct Ms {
        #[serde(with = "millis", default = "tick")]
        ms: Duration,
    }

    pub(super) fn serialize<S: Serializer>(time: &Duration, serializer: S) -> Result<S::Ok, S::Error> {
        Ms { ms: *time }.serialize(serializer)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Duration, D::Error> {
        Ms::deserialize(deserializer).map(|told| told.ms)
    }
}

#[cfg(test)]
mod tests {
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
    fn there_is_an_example_of_every_kind_place_and_play() {
        let names: Vec<String> = Fault::examples().iter().map(Fault::name).collect();
        let kinds = Fault::examples().iter().map(|fault| json!(fault)).collect::<Vec<_>>();
        assert!(KINDS
            .iter()
            .all(|kind| kinds.iter().any(|example| example.get(kind).is_some())));
        assert!(Play::names().iter().all(|play| names.contains(play)), "{names:?}");
        assert!(
            names.contains(&"drop reset at idle".into()) && names.contains(&"hang at accept".into()),
            "{names:?}"
        );
    }

    #[test]
    fn the_usual_place_and_what_is_null_may_be_given_and_are_left_out() {
        let fault: Fault = serde_json::from_str(r#"{"drop":"fin","at":"answer","path":"/v4/a/b","cut":null}"#).unwrap();
        assert_eq!(fault, Fault::drop_connection(Ending::Fin).on("v4/a/b"));
        let written = json!({"drop": "fin", "path": "v4/a/b", "times": 1, "skip": 0, "applied": false});
        assert_eq!(json!(fault), written);
    }

    #[test]
    fn a_fault_that_makes_no_sense_is_refused_with_what_to_do() {
        for (text, says) in [
            ("{}", "exactly one of"),
            (r#"{"hang":true,"cut":1}"#, "exactly one of"),
            (r#"{"hang":false}"#, "exactly one of"),
            (r#"{"hang":true,"info":"x"}"#, "`info` does not go with `hang`"),
            (r#"{"answer":{"status":1}}"#, "200 to 999"),
            (
                r#"{"answer":{"status":200,"headers":{"Content-Length":"5"}}}"#,
                "use `cut`",
            ),
            (r#"{"answer":{"status":200,"headers":{"a b":"5"}}}"#, "no valid header"),
            (r#"{"dorp":"fin"}"#, "given: dorp"),
            (r#"{"drop":"fin","dorp":1}"#, "`dorp` does not go with `drop`"),
            (r#"{"drop":"fin","kind":"hang"}"#, "`kind` does not go with `drop`"),
            (r#"{"drop":"fin","at":"lunch"}"#, "`accept`, `handshake`, `request`"),
            (r#"{"cut":1,"at":"body"}"#, "`at` does not go with `cut`"),
            (r#"{"cut":1,"at":"answer"}"#, "`at` does not go with `cut`"),
            (r#"{"hang":true,"at":"idle"}"#, "silent anyway"),
            (r#"{"drop":"fin","ms":5}"#, "`ms` does not go with `drop`"),
            (r#"{"drop":"reset","at":"accept","path":"v4/a/b"}"#, "leave `path`"),
            (r#"{"drop":"reset","at":"request","applied":true}"#, "`applied` out"),
            (r#"{"play":"handshake_drip","applied":true}"#, "`applied` out"),
            (r#"{"play":"dirp"}"#, "`dirp`, expected one of `handshake_delay`"),
            (r#"{"play":"not_json","bytes":5}"#, "`bytes` does not go with `play`"),
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
