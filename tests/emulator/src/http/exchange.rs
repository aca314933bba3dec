//! One HTTP exchange: reads the request, logs it, lets the gateway decide, plays the fault it meets, answers. A call is carried
//! out even if its client has gone.

use std::convert::Infallible;
use std::future::pending;
use std::io::ErrorKind;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use hyper::body::{Body, Frame, Incoming, SizeHint};
use hyper::header::{HeaderMap, HeaderName, HeaderValue, CONTENT_TYPE};
use hyper::Response;
use tokio::sync::watch;

use crate::backend::Backend;
use crate::faults::plan::{flood, shaped, Plan, Shape, Step};
use crate::faults::script::Met;
use crate::faults::Play;
use crate::faults::{Action, Ending, Event, Phase};
use crate::http::body::Held;
use crate::http::connection::Http1State;
use crate::http::line::LineControl;
use crate::http::listener::ListenerState;
use crate::http::log::{Answered, Entry, LoggedRequest, Malformed};
use crate::http::query::Secrets;
use crate::http::reply::{canned, Reply};
use crate::service;
use crate::service::answer::Refusal;
use crate::service::gateway::Request;
use crate::world::clock::real_us;

/// Bytes of a request body that the service takes; the rest is read and thrown away, so that the client can hear of it.
const BODY_LIMIT: usize = 8 * 1024 * 1024;

/// The connection on which a request came in.
pub(crate) struct Connection {
    pub(crate) backend: Arc<Backend>,
    pub(crate) state: Arc<ListenerState>,
    pub(crate) listener: &'static str,
    pub(crate) line: Arc<LineControl>,
    pub(crate) http1_state: Http1State,
}

impl Connection {
    /// Takes note of what HTTP could not read; a client that merely went away is no such thing.
    pub(crate) fn malformed(&self, error: &hyper::Error) {
        let inner = std::error::Error::source(error).and_then(|source| source.downcast_ref::<std::io::Error>());
        let of_the_body = inner.is_some_and(|e| matches!(e.kind(), ErrorKind::InvalidInput | ErrorKind::InvalidData));
        let what = if error.is_parse_too_large() {
            "the head of a request is too large"
        } else if error.is_parse() {
            "the head of a request is not HTTP/1.1"
        } else if of_the_body {
            "the body of a request breaks the rules of its coding"
        } else {
            return;
        };
        self.state.log.malformed_came(Malformed {
            malformed: what.to_owned(),
            time_ms: real_us() / 1000,
            listener: self.listener.to_owned(),
            listener_id: self.state.id,
            connection: self.line.number,
        });
    }
}

/// Serves one request. An error means that the client went away in the middle of it.
pub(crate) async fn exchange(
    connection: Arc<Connection>,
    incoming: hyper::Request<Incoming>,
) -> Result<Response<Sending>, hyper::Error> {
    let arrived = real_us();
    let (head, body) = incoming.into_parts();
    let body = connection.backend.bodies.read(body, BODY_LIMIT).await;
    let mut body = body.inspect_err(|e| connection.malformed(e))?;
    let state = &connection.state;
    let bytes = std::mem::take(&mut body.bytes);
    let request = Request::new(&head.method, &head.uri, body.whole.then_some(bytes));
    if let Some(command) = service::command(&request.path) {
        state.arrivals.count(command.path);
    }
    let met = state.faults.next_for(Event::Call(&request.path));
    let entry = state.log.add(LoggedRequest {
        time_ms: arrived / 1000,
        time_us: arrived,
        listener: connection.listener.to_owned(),
        listener_id: state.id,
        connection: connection.line.number,
        http: format!("{:?}", head.version),
        headers: visible_headers(&head.headers, request.query.secrets()),
        fault: met.as_ref().map(|met| met.fault.name()),
        ..logged(&request)
    });
    let http1 = head.version < hyper::Version::HTTP_2;
    let call = Arc::new(Call {
        connection,
        request,
        _body: body,
        entry,
        http1,
        meets_fault: met.is_some(),
    });
    let reply = match met {
        None => call.carried_out(),
        Some(met) => call.played(met).await,
    };
    Ok(call.sent(reply))
}

/// What the log shows of a request, wherever it came in.
pub(crate) fn logged(request: &Request) -> LoggedRequest {
    let secrets = request.query.secrets();
    let body = request.body.as_deref().unwrap_or_default();
    LoggedRequest {
        method: request.method.clone(),
        path: secrets.hidden_in(&request.path),
        query: request.query.visible(),
        body: secrets.hidden_in(&String::from_utf8_lossy(body)),
        ..LoggedRequest::default()
    }
}

fn visible_headers(headers: &HeaderMap, secrets: &Secrets) -> std::collections::BTreeMap<String, String> {
    let mut shown = std::collections::BTreeMap::<String, String>::new();
    for (name, value) in headers {
        let credentials = name == "authorization" || name == "proxy-authorization";
        let value = String::from_utf8_lossy(value.as_bytes());
        let value = if credentials {
            "[hidden]".to_owned()
        } else {
            secrets.hidden_in(&value)
        };
        shown
            .entry(name.as_str().to_owned())
            .and_modify(|all| *all = format!("{all}, {value}"))
            .or_insert(value);
    }
    shown
}

struct Call {
    connection: Arc<Connection>,
    request: Request,
    /// The body's share of what all may hold.
    _body: Held,
    entry: Arc<Entry>,
    http1: bool,
    meets_fault: bool,
}

impl Call {
    fn carried_out(&self) -> Reply {
        if self.request.method == "HEAD" && self.request.path == "/" {
            // The vendor's reachability check (1047/34620).
            return Reply::of(String::new());
        }
        match self.connection.backend.decide(&self.request) {
            Ok(body) => {
                self.entry.applied();
                Reply::of(body)
            }
            Err(refusal) => Reply::of(refusal.body()),
        }
    }

    /// Tells the log and makes the response.
    fn sent(&self, reply: Reply) -> Response<Sending> {
        let declared = reply.body.len();
        let sent = reply.cut.unwrap_or(declared).min(declared);
        let code = if reply.cut.is_none() { reply.code() } else { None };
        self.sending(&reply, Some(sent), code);
        let answered = if sent < declared {
            Answered::Cut
        } else {
            Answered::Whole
        };
        self.entry.record().answered(answered);
        if answered == Answered::Whole && self.http1 {
            self.connection
                .http1_state
                .answers(self.entry.record(), &self.connection.line);
        }
        let bytes = Bytes::from(reply.body).slice(..sent);
        let mut response = Response::new(Sending {
            bytes: Some(bytes).filter(|bytes| !bytes.is_empty()),
            declared,
            then_end: reply.cut.map(|_| Arc::clone(&self.connection.line)),
        });
        *response.status_mut() = hyper::StatusCode::from_u16(reply.status).unwrap_or_default();
        for (name, value) in &reply.headers {
            let (Ok(name), Ok(value)) = (name.parse::<HeaderName>(), HeaderValue::from_str(value)) else {
                continue;
            };
            response.headers_mut().insert(name, value);
        }
        if declared > 0 && !response.headers().contains_key(CONTENT_TYPE) {
            response
                .headers_mut()
                .insert(CONTENT_TYPE, HeaderValue::from_static("text/html"));
        }
        response
    }

    /// Tells the log what is going out: so many bytes of the body.
    fn sending(&self, reply: &Reply, body_sent: Option<usize>, code: Option<i64>) {
        let Some(bytes) = body_sent else { return };
        let mut text = String::from_utf8_lossy(&reply.body.as_bytes()[..bytes]).into_owned();
        if self.meets_fault {
            // The service repeats no request text; a fault may.
            text = self.request.query.secrets().hidden_in(&text);
        }
        let log = &self.connection.state.log;
        log.sending(&self.entry, reply.status, code, Some(text));
    }

    async fn played(self: &Arc<Self>, met: Met) -> Reply {
        let Met { fault, mut cleared } = met;
        let applied = fault.is_applied().then(|| self.carried_out());
        let line = &self.connection.line;
        match fault.action {
            Action::Code { code, info } => Reply::of(Refusal::new(code, info).body()),
            Action::Answer { answer } => Reply::raw(answer),
            Action::Cut { cut } => Reply {
                cut: Some(cut),
                ..applied.unwrap_or_else(|| self.carried_out())
            },
            Action::Delay { time } => match self.delayed(time, applied, cleared).await {
                Some(reply) => reply,
                None => gone(line, Ending::Fin).await,
            },
            Action::Hang { at: Phase::Answer, .. } => {
                let _ = cleared.changed().await;
                gone(line, Ending::Fin).await
            }
            Action::Drop {
                drop,
                at: Phase::Answer,
            } => gone(line, drop).await,
            Action::Play(play) => self.staged(play, applied, cleared).await,
            action => {
                let reply = applied.unwrap_or_else(|| self.carried_out());
                self.shaped(&action, reply, cleared).await
            }
        }
    }

    async fn staged(&self, play: Play, applied: Option<Reply>, cleared: watch::Receiver<u64>) -> Reply {
        if let Some(reply) = canned(&play, &self.request) {
            return reply;
        }
        if let Some(steps) = flood(&play) {
            self.http1_only().await;
            let log = &self.connection.state.log;
            log.sending(&self.entry, 200, Some(0), None);
            return self.given_over(steps, cleared).await;
        }
        let reply = applied.unwrap_or_else(|| self.carried_out());
        if play == Play::ConnectionClose {
            return reply.with_header("connection", "close");
        }
        self.shaped(&Action::Play(play), reply, cleared).await
    }

    /// The call's own answer in the shape that the fault gives it.
    async fn shaped(&self, action: &Action, reply: Reply, cleared: watch::Receiver<u64>) -> Reply {
        let Some(Shape {
            steps,
            body_sent,
            whole,
        }) = shaped(action, &reply)
        else {
            return reply;
        };
        self.http1_only().await;
        let code = if whole { reply.code() } else { None };
        self.sending(&reply, body_sent, code);
        self.given_over(steps, cleared).await
    }

    /// Steps are written in HTTP/1.1; an HTTP/2 connection is reset in their place.
    async fn http1_only(&self) {
        if !self.http1 {
            gone(&self.connection.line, Ending::Reset).await;
        }
    }

    /// Leaves the connection to the steps.
    async fn given_over(&self, steps: Vec<Step>, cleared: watch::Receiver<u64>) -> Reply {
        let plan = Plan {
            steps,
            entry: Some(Arc::clone(&self.entry)),
            cleared,
        };
        match self.connection.http1_state.take_over(plan).await {}
    }

    /// Carries the call out after a pause, in a task of its own: a client that gives up does not undo what the service
    /// does. `None`: the faults were cleared meanwhile, so the call belongs to a test that is over.
    async fn delayed(
        self: &Arc<Self>,
        time: Duration,
        applied: Option<Reply>,
        mut cleared: watch::Receiver<u64>,
    ) -> Option<Reply> {
        let call = Arc::clone(self);
        let task = tokio::spawn(async move {
            tokio::select! {
                () = tokio::time::sleep(time) => Some(applied.unwrap_or_else(|| call.carried_out())),
                _ = cleared.changed() => None,
            }
        });
        task.await.unwrap_or(None)
    }
}

/// Ends the connection instead of answering. The task that serves it drops this future.
async fn gone(line: &LineControl, ending: Ending) -> Reply {
    line.end(ending);
    match pending::<Infallible>().await {}
}

/// The body of an answer, possibly shorter than it says.
pub(crate) struct Sending {
    bytes: Option<Bytes>,
    declared: usize,
    then_end: Option<Arc<LineControl>>,
}

impl Body for Sending {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        let bytes = self.bytes.take();
        // HTTP asks no more once a body has given all it declared, and flushes when it has nothing to give for now: the
        // line ends then.
        let complete = bytes.as_ref().is_some_and(|bytes| bytes.len() == self.declared);
        if let Some(line) = self.then_end.as_ref().filter(|_| bytes.is_none() || complete) {
            line.end_once_flushed();
        }
        match bytes {
            Some(bytes) => Poll::Ready(Some(Ok(Frame::data(bytes)))),
            None if self.then_end.is_some() => Poll::Pending,
            None => Poll::Ready(None),
        }
    }

    fn is_end_stream(&self) -> bool {
        self.bytes.is_none() && self.then_end.is_none()
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.declared as u64)
    }
}
