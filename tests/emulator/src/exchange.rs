//! One HTTP exchange: reads the request, logs it, lets the gateway decide, plays the fault it meets, answers. It promises
//! that a request is in the log before anything is answered, and that a call is carried out even if its client has gone.

use std::convert::Infallible;
use std::future::pending;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use http_body_util::BodyExt;
use hyper::body::{Body, Frame, Incoming, SizeHint};
use hyper::header::{HeaderMap, HeaderName, HeaderValue, CONTENT_TYPE};
use hyper::Response;
use serde_json::Value;
use tokio::sync::watch;

use crate::answer::Refusal;
use crate::backend::Backend;
use crate::clock::real_ms;
use crate::fault::{Action, Ending, Fault, RawAnswer};
use crate::gateway::Request;
use crate::line::LineControl;
use crate::log::{Entry, LoggedRequest};
use crate::query::{Query, Secrets};
use crate::service;

/// Bytes of a request body that the service takes; the rest is read and thrown away, so that the client can hear of it.
const BODY_LIMIT: usize = 8 * 1024 * 1024;

/// Where a request came in.
pub(crate) struct Origin {
    pub(crate) listener: &'static str,
    pub(crate) line: Arc<LineControl>,
}

/// Serves one request. An error means that the client went away in the middle of it.
pub(crate) async fn exchange(
    backend: Arc<Backend>,
    origin: Arc<Origin>,
    incoming: hyper::Request<Incoming>,
) -> Result<Response<Sending>, hyper::Error> {
    let arrived = real_ms();
    let (head, body) = incoming.into_parts();
    let (body, whole) = read(body).await?;
    let query = Query::parse(head.uri.query()).with_path(head.uri.path());
    if let Some(command) = service::command(head.uri.path()) {
        backend.arrivals.count(command.path);
    }
    let cleared = backend.faults.cleared();
    let fault = backend.faults.next_for(head.uri.path());
    let secrets = query.secrets();
    let entry = backend.log.add(LoggedRequest {
        time_ms: arrived,
        listener: origin.listener.to_owned(),
        connection: origin.line.number,
        http: format!("{:?}", head.version),
        method: head.method.to_string(),
        path: secrets.hidden_in(head.uri.path()),
        query: query.visible(),
        headers: visible_headers(&head.headers, secrets),
        body: secrets.hidden_in(&String::from_utf8_lossy(&body)),
        fault: fault.as_ref().map(Fault::name),
        ..LoggedRequest::default()
    });
    let call = Call {
        backend,
        request: Request {
            method: head.method.to_string(),
            path: head.uri.path().to_owned(),
            query,
            body: whole.then_some(body),
        },
        entry,
    };
    let call = Arc::new(call);
    let reply = match fault {
        None => call.carried_out(),
        Some(fault) => played(fault, &call, cleared, &origin.line).await,
    };
    Ok(call.sent(reply, &origin.line))
}

/// The first bytes of a body, up to the limit, and whether that was all.
async fn read(mut body: Incoming) -> Result<(Vec<u8>, bool), hyper::Error> {
    let mut kept = Vec::new();
    let mut whole = true;
    while let Some(frame) = body.frame().await {
        if let Ok(data) = frame?.into_data() {
            let room = BODY_LIMIT - kept.len();
            whole &= data.len() <= room;
            kept.extend_from_slice(&data[..data.len().min(room)]);
        }
    }
    Ok((kept, whole))
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
    backend: Arc<Backend>,
    request: Request,
    entry: Arc<Entry>,
}

/// What goes out.
struct Reply {
    status: u16,
    headers: Vec<(String, String)>,
    body: String,
    /// Send only so many bytes of the body, then close.
    cut: Option<usize>,
}

impl Reply {
    fn of(body: String) -> Self {
        let headers = [
            ("content-type", "application/json"),
            // As in the overview's sample answer (1047/34620).
            ("access-control-allow-origin", "*"),
            ("access-control-allow-headers", "X-Requested-With"),
            ("access-control-allow-methods", "POST"),
        ];
        Self {
            status: 200,
            headers: headers.map(|(name, value)| (name.to_owned(), value.to_owned())).into(),
            body,
            cut: None,
        }
    }

    fn raw(answer: RawAnswer) -> Self {
        Self {
            status: answer.status,
            headers: answer.headers.into_iter().collect(),
            body: answer.body,
            cut: None,
        }
    }
}

impl Call {
    fn carried_out(&self) -> Reply {
        if self.request.method == "HEAD" && self.request.path == "/" {
            // The vendor's reachability check (1047/34620).
            return Reply::of(String::new());
        }
        match self.backend.decide(&self.request) {
            Ok(body) => {
                self.entry.applied();
                Reply::of(body)
            }
            Err(refusal) => Reply::of(refusal.body()),
        }
    }

    /// Tells the log and makes the response.
    fn sent(&self, reply: Reply, line: &Arc<LineControl>) -> Response<Sending> {
        let declared = reply.body.len();
        let mut text = reply.body;
        let code = match reply.cut {
            Some(_) => None,
            None => error_code(&text),
        };
        let bytes = Bytes::from(text.clone()).slice(..reply.cut.unwrap_or(declared).min(declared));
        if bytes.len() < declared {
            text = String::from_utf8_lossy(&bytes).into_owned();
        }
        self.backend.log.answered(&self.entry, reply.status, code, text);
        let mut response = Response::new(Sending {
            bytes: Some(bytes).filter(|bytes| !bytes.is_empty()),
            declared,
            then_end: reply.cut.map(|_| Arc::clone(line)),
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
}

fn error_code(body: &str) -> Option<i64> {
    let value: Value = serde_json::from_str(body).ok()?;
    value.get("ErrorCode")?.as_i64()
}

async fn played(fault: Fault, call: &Arc<Call>, mut cleared: watch::Receiver<u64>, line: &LineControl) -> Reply {
    let applied = fault.is_applied().then(|| call.carried_out());
    match fault.action {
        Action::Code { code, info } => Reply::of(Refusal::new(code, info).body()),
        Action::Answer(answer) => Reply::raw(answer),
        Action::Cut(bytes) => Reply {
            cut: Some(bytes),
            ..applied.unwrap_or_else(|| call.carried_out())
        },
        Action::Delay(time) => match delayed(time, Arc::clone(call), applied, cleared).await {
            Some(reply) => reply,
            None => gone(line, Ending::Fin).await,
        },
        Action::Hang => {
            let _ = cleared.changed().await;
            gone(line, Ending::Fin).await
        }
        Action::Drop(ending) => gone(line, ending).await,
    }
}

/// Carries the call out after a pause, in a task of its own: a client that gives up does not undo what the service does.
/// `None`: the faults were cleared meanwhile, so the call belongs to a test that is over.
async fn delayed(
    time: Duration,
    call: Arc<Call>,
    applied: Option<Reply>,
    mut cleared: watch::Receiver<u64>,
) -> Option<Reply> {
    let task = tokio::spawn(async move {
        tokio::select! {
            () = tokio::time::sleep(time) => Some(applied.unwrap_or_else(|| call.carried_out())),
            _ = cleared.changed() => None,
        }
    });
    task.await.unwrap_or(None)
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
