//! What can go wrong on purpose: which calls or connections a fault meets, how often, and what it plays. How it is counted
//! is `script`'s business, its JSON `fault_json`'s, and how it is played on a connection `exchange`'s and `connection`'s.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::play::Play;

/// One scripted fault. Make it with [`Fault::code`], [`Fault::drop_at`], [`Fault::play`] and so on, narrow it with
/// [`Fault::on`], [`Fault::times`], [`Fault::skip`], [`Fault::applied`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "crate::fault_json::Written", into = "crate::fault_json::Written")]
pub struct Fault {
    pub(crate) path: Option<String>,
    pub(crate) times: u32,
    pub(crate) skip: u32,
    pub(crate) applied: bool,
    pub(crate) action: Action,
}

/// What a fault plays.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Action {
    Code { code: i64, info: String },
    Delay(Duration),
    Hang(Phase),
    Drop(Ending, Phase),
    Answer(RawAnswer),
    Cut(usize),
    Play(Play),
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

/// Where in its life a connection ends or falls silent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
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
    Idle(Duration),
}

impl Phase {
    /// Every name that `"at"` takes, in the order of a connection's life.
    pub fn names() -> Vec<&'static str> {
        ["accept", "handshake", "request", "answer", "head", "body", "idle"].into()
    }

    /// What it is called in JSON and in the log.
    pub fn name(self) -> &'static str {
        match self {
            Phase::Accept => "accept",
            Phase::Handshake => "handshake",
            Phase::Request => "request",
            Phase::Answer => "answer",
            Phase::Head => "head",
            Phase::Body => "body",
            Phase::Idle(_) => "idle",
        }
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
        Self::playing(Action::Delay(time))
    }

    /// Reads the request and never answers; the connection stays open until the client closes it or the faults are
    /// cleared.
    pub fn hang() -> Self {
        Self::hang_at(Phase::Answer)
    }

    /// Falls silent there; the connection stays open until the client closes it or the faults are cleared. Not at
    /// [`Phase::Idle`], where every connection is silent.
    pub fn hang_at(phase: Phase) -> Self {
        Self::playing(Action::Hang(phase))
    }

    /// Closes the connection without an answer.
    pub fn drop_connection(ending: Ending) -> Self {
        Self::drop_at(ending, Phase::Answer)
    }

    /// Ends the connection there.
    pub fn drop_at(ending: Ending, phase: Phase) -> Self {
        Self::playing(Action::Drop(ending, phase))
    }

    /// Answers this instead.
    pub fn answer(answer: RawAnswer) -> Self {
        Self::playing(Action::Answer(answer))
    }

    /// Declares the whole body, sends only its first `bytes`, closes.
    pub fn cut(bytes: usize) -> Self {
        Self::playing(Action::Cut(bytes))
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
            Action::Hang(Phase::Idle(_)) => {
                Err("an idle connection is silent anyway; use `drop` with `at` idle, or `hang` elsewhere".into())
            }
            Action::Answer(answer) => answer.checked().map(|()| self),
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
            Action::Hang(phase) | Action::Drop(_, phase) => match phase {
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
            Action::Answer(answer) => {
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
            Action::Delay(time) => format!("delay_ms {}", time.as_millis()),
            Action::Hang(phase) => format!("hang{}", at(*phase)),
            Action::Drop(Ending::Fin, phase) => format!("drop fin{}", at(*phase)),
            Action::Drop(Ending::Reset, phase) => format!("drop reset{}", at(*phase)),
            Action::Answer(answer) => format!("answer {}", answer.status),
            Action::Cut(bytes) => format!("cut {bytes}"),
            Action::Play(play) => play.name().into(),
        }
    }
}

fn at(phase: Phase) -> String {
    match phase {
        Phase::Answer => String::new(),
        phase => format!(" at {}", phase.name()),
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
