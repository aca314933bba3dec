//! What a fault puts on an HTTP/1.1 connection in place of a well-behaved answer: a list of steps that can be tested without a socket.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use tokio::sync::watch;

use crate::faults::Play;
use crate::faults::{Action, Ending, Phase};
use crate::http::log::{Answered, Entry};
use crate::http::reply::Reply;

/// One thing to do on a connection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Step {
    /// Tell the log how far the answer will be with the next bytes.
    Mark(Answered),
    Send(Bytes),
    /// The same bytes, so many times.
    Flood(Bytes, u64),
    /// Each piece after a pause.
    Drip(Vec<Bytes>, Duration),
    /// Wait until the client has been silent for so long; the plan is over if it speaks first.
    Silence(Duration),
    End(Ending),
    /// Say nothing until the client closes.
    Hang,
}

/// Steps for one connection; after the last one it is served on, unless that ends it.
pub(crate) struct Plan {
    pub(crate) steps: Vec<Step>,
    /// The request that is being answered, if one was read.
    pub(crate) entry: Option<Arc<Entry>>,
    /// Changes when the faults are cleared.
    pub(crate) cleared: watch::Receiver<u64>,
}

/// How the call's own answer is put on the wire.
pub(crate) struct Shape {
    pub(crate) steps: Vec<Step>,
    /// Bytes of the body that go out; `None`: not even the whole head.
    pub(crate) body_sent: Option<usize>,
    pub(crate) whole: bool,
}

/// The steps of a fault that shapes the call's own answer; `None` for all others.
pub(crate) fn shaped(action: &Action, reply: &Reply) -> Option<Shape> {
    match action {
        Action::Drop { drop, at } => broken_off(*at, Step::End(*drop), reply),
        Action::Hang { at, .. } => broken_off(*at, Step::Hang, reply),
        Action::Play(play) => played(play, reply),
        _ => None,
    }
}

fn broken_off(phase: Phase, end: Step, reply: &Reply) -> Option<Shape> {
    let head = head(reply, Framing::Length(reply.body.len()));
    match phase {
        Phase::Head => Some(Shape {
            steps: vec![Step::Mark(Answered::Cut), send(&head[..head.len() / 2]), end],
            body_sent: None,
            whole: false,
        }),
        Phase::Body => {
            let half = reply.body.len() / 2;
            let bytes = [head.as_bytes(), &reply.body.as_bytes()[..half]].concat();
            Some(cut(vec![Step::Send(bytes.into()), end], half))
        }
        Phase::Idle(time) => Some(whole(reply, vec![send_all(reply), Step::Silence(time), end])),
        _ => None,
    }
}

fn played(play: &Play, reply: &Reply) -> Option<Shape> {
    let length = reply.body.len();
    Some(match play {
        Play::Idle408(after) | Play::Idle408Close(after) => {
            let close = matches!(play, Play::Idle408Close(_));
            let close_line = if close { "connection: close\r\n" } else { "" };
            let unasked = format!("HTTP/1.1 408 Request Timeout\r\ncontent-length: 0\r\n{close_line}\r\n");
            let mut steps = vec![send_all(reply), Step::Silence(*after), send(&unasked)];
            steps.extend(close.then_some(Step::End(Ending::Fin)));
            whole(reply, steps)
        }
        Play::Drip { every, bytes } => {
            let first = send(&head(reply, Framing::Length(length)));
            dripped(reply, vec![first], pieces(reply.body.as_bytes(), *bytes), *every)
        }
        Play::HeadDrip { every, bytes } => dripped(reply, vec![], pieces(answer(reply).as_bytes(), *bytes), *every),
        Play::ChunkedDrip { every, bytes } => {
            let first = send(&head(reply, Framing::Chunked));
            let mut chunks: Vec<Bytes> = pieces(reply.body.as_bytes(), *bytes).iter().map(chunk).collect();
            chunks.push(Bytes::from_static(b"0\r\n\r\n"));
            dripped(reply, vec![first], chunks, *every)
        }
        Play::ChunkedCut => {
            let half = &reply.body.as_bytes()[..length / 2];
            let bytes = [head(reply, Framing::Chunked).as_bytes(), &chunk(half)].concat();
            cut(vec![Step::Send(bytes.into()), Step::End(Ending::Fin)], half.len())
        }
        Play::LengthTooSmall => {
            let head = head(reply, Framing::Length(length.saturating_sub(10)));
            cut(vec![send(&(head + &reply.body))], length)
        }
        Play::LengthTooLarge => {
            let head = head(reply, Framing::Length(length + 10));
            cut(vec![send(&(head + &reply.body)), Step::Hang], length)
        }
        Play::DuplicateAnswer => whole(reply, vec![send(&answer(reply).repeat(2))]),
        Play::ContinueFirst => whole(
            reply,
            vec![send(&("HTTP/1.1 100 Continue\r\n\r\n".to_owned() + &answer(reply)))],
        ),
        _ => return None,
    })
}

/// The steps of an answer that is large on purpose; `None` for all other plays.
pub(crate) fn flood(play: &Play) -> Option<Vec<Step>> {
    /// Divides a MiB; small enough to be written at once.
    const CHUNK: usize = 64 * 1024;
    const OK: &str = r#""ActionStatus":"OK","ErrorCode":0,"ErrorInfo":""}"#;
    let chunks = |mib: u32| u64::from(mib) * (1024 * 1024 / CHUNK as u64);
    let (before, flood, after) = match play {
        Play::Huge { mib } => {
            let (start, end) = (r#"{"Padding":""#, format!(r#"",{OK}"#));
            let padding = chunks(*mib) as usize * CHUNK;
            let reply = Reply::of(String::new());
            let head = head(&reply, Framing::Length(start.len() + padding + end.len()));
            (head + start, Step::Flood("x".repeat(CHUNK).into(), chunks(*mib)), end)
        }
        Play::HugeHead { mib } => {
            let line = format!("x-padding: {}\r\n", "x".repeat(1024 - 13));
            let lines = Step::Flood(line.repeat(CHUNK / 1024).into(), chunks(*mib));
            let body = format!("{{{OK}");
            let rest = format!("content-length: {}\r\n\r\n{body}", body.len());
            ("HTTP/1.1 200 OK\r\n".to_owned(), lines, rest)
        }
        _ => return None,
    };
    Some(vec![
        Step::Mark(Answered::Cut),
        send(&before),
        flood,
        Step::Mark(Answered::Whole),
        send(&after),
    ])
}

fn cut(mut steps: Vec<Step>, body_sent: usize) -> Shape {
    steps.insert(0, Step::Mark(Answered::Cut));
    Shape {
        steps,
        body_sent: Some(body_sent),
        whole: false,
    }
}

fn whole(reply: &Reply, mut steps: Vec<Step>) -> Shape {
    steps.insert(0, Step::Mark(Answered::Whole));
    Shape {
        steps,
        body_sent: Some(reply.body.len()),
        whole: true,
    }
}

/// `first`, then the pieces; the answer is whole with the last one.
fn dripped(reply: &Reply, first: Vec<Step>, mut pieces: Vec<Bytes>, every: Duration) -> Shape {
    let last = pieces.pop().unwrap_or_default();
    let mut steps = vec![Step::Mark(Answered::Cut)];
    steps.extend(first);
    steps.extend([
        Step::Drip(pieces, every),
        Step::Mark(Answered::Whole),
        Step::Drip(vec![last], every),
    ]);
    Shape {
        steps,
        body_sent: Some(reply.body.len()),
        whole: true,
    }
}

fn pieces(bytes: &[u8], size: usize) -> Vec<Bytes> {
    bytes.chunks(size.max(1)).map(Bytes::copy_from_slice).collect()
}

fn chunk(bytes: impl AsRef<[u8]>) -> Bytes {
    let bytes = bytes.as_ref();
    [format!("{:x}\r\n", bytes.len()).as_bytes(), bytes, b"\r\n"]
        .concat()
        .into()
}

fn send(text: &str) -> Step {
    Step::Send(Bytes::copy_from_slice(text.as_bytes()))
}

fn send_all(reply: &Reply) -> Step {
    send(&answer(reply))
}

enum Framing {
    Length(usize),
    Chunked,
}

fn answer(reply: &Reply) -> String {
    head(reply, Framing::Length(reply.body.len())) + &reply.body
}

fn head(reply: &Reply, framing: Framing) -> String {
    let status = hyper::StatusCode::from_u16(reply.status).unwrap_or_default();
    let reason = status.canonical_reason().unwrap_or("");
    let mut head = format!("HTTP/1.1 {} {reason}\r\n", status.as_u16());
    for (name, value) in &reply.headers {
        head += &format!("{name}: {value}\r\n");
    }
    match framing {
        Framing::Length(bytes) => head += &format!("content-length: {bytes}\r\n\r\n"),
        Framing::Chunked => head += "transfer-encoding: chunked\r\n\r\n",
    }
    head
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reply() -> Reply {
        Reply::of(r#"{"ActionStatus":"OK","ErrorCode":0,"ErrorInfo":""}"#.into())
    }

    #[test]
    fn a_dripped_answer_is_whole_with_its_last_piece_only() {
        let play = Play::ChunkedDrip {
            every: Duration::from_millis(1),
            bytes: 20,
        };
        let steps = shaped(&Action::Play(play), &reply()).unwrap().steps;
        assert_eq!(steps[0], Step::Mark(Answered::Cut));
        let Step::Drip(pieces, _) = &steps[2] else {
            panic!("{steps:?}")
        };
        assert_eq!(pieces[0], "14\r\n{\"ActionStatus\":\"OK\"\r\n");
        assert_eq!(pieces.len(), 3);
        assert_eq!(steps[3], Step::Mark(Answered::Whole));
        assert_eq!(steps[4], Step::Drip(vec!["0\r\n\r\n".into()], Duration::from_millis(1)));
    }

    #[test]
    fn a_flood_has_the_length_that_it_declares() {
        let steps = flood(&Play::Huge { mib: 2 }).unwrap();
        let [_, Step::Send(first), Step::Flood(chunk, times), _, Step::Send(last)] = &steps[..] else {
            panic!("{steps:?}")
        };
        let first = std::str::from_utf8(first).unwrap();
        let (head, start) = first.split_once("\r\n\r\n").unwrap();
        let sent = start.len() + chunk.len() * usize::try_from(*times).unwrap() + last.len();
        assert!(head.ends_with(&format!("content-length: {sent}")), "{head}");
        assert!(sent > 2 * 1024 * 1024);
    }
}
