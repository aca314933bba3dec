//! The admin port: JSON in, JSON out, for tests that run in another process. Who may call is checked before anything is read,
//! and what comes in is checked whole before anything changes.

pub(crate) mod addresses;
mod calls;
mod page;
pub(crate) mod visitor;

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http_body_util::channel::Channel;
use http_body_util::{Either, Full};
use hyper::body::{Body, Incoming};
use hyper::header::{HeaderMap, HeaderValue, ACCEPT, ALLOW, CONTENT_TYPE, ETAG, IF_MATCH};
use hyper::service::service_fn;
use hyper::{Method, Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use serde_json::json;

use crate::admin::calls::Found;
use crate::admin::visitor::Visitors;
use crate::http::listener::Listeners;
use crate::http::port::{http1_server, Port};
use crate::world::state::State;

/// Bytes of one admin request, and of all under way together: a state with thousands of users fits.
pub(crate) const BODY_LIMIT: usize = 256 * 1024 * 1024;

/// What the calls are made on, and by whom.
pub(crate) struct AdminPort {
    pub(crate) listeners: Arc<Listeners>,
    pub(crate) visitors: Visitors,
    pub(crate) ca_pem: String,
    /// Whether there is a page for browsers.
    pub(crate) ui: bool,
}

/// Why a call is not carried out.
struct Refused {
    status: StatusCode,
    error: String,
    /// The methods that the path takes, where that is the matter.
    allow: Option<String>,
}

impl Refused {
    fn new(status: StatusCode, error: impl Into<String>) -> Self {
        Self {
            status,
            error: error.into(),
            allow: None,
        }
    }
}

/// Whole, or coming bit by bit.
type Answer = Response<Either<Full<Bytes>, Channel<Bytes>>>;

impl AdminPort {
    pub(crate) fn serve(self, port: Port) {
        let admin = Arc::new(self);
        port.serve(move |stream| {
            let admin = Arc::clone(&admin);
            let service = service_fn(move |request| {
                let admin = Arc::clone(&admin);
                async move { Ok::<_, Infallible>(admin.answered(request).await) }
            });
            async move {
                let _ = http1_server().serve_connection(TokioIo::new(stream), service).await;
            }
        });
    }

    async fn answered(&self, request: Request<Incoming>) -> Answer {
        let mut answer = self.outcome(request).await.unwrap_or_else(|refused| {
            let mut answer = json_answer(json!({ "error": refused.error }).to_string());
            *answer.status_mut() = refused.status;
            if let Some(allow) = refused.allow.and_then(|allow| HeaderValue::from_str(&allow).ok()) {
                answer.headers_mut().insert(ALLOW, allow);
            }
            answer
        });
        page::guarded(answer.headers_mut());
        answer
    }

    async fn outcome(&self, request: Request<Incoming>) -> Result<Answer, Refused> {
        let wrong = |what: String| Refused::new(StatusCode::BAD_REQUEST, what);
        let (head, body) = request.into_parts();
        let checked = self.visitors.check(&head.headers, !body.is_end_stream());
        let body = self.listeners.backend.admin_bodies.read(body, BODY_LIMIT).await;
        checked.map_err(|what| Refused::new(StatusCode::FORBIDDEN, what))?;
        let body = body.map_err(|_| wrong("the body could not be read".into()))?;
        // HTTP leaves out the body of what HEAD is answered.
        let method = if head.method == Method::HEAD {
            &Method::GET
        } else {
            &head.method
        };
        let Found { call, id } = calls::find(method, head.uri.path())?;
        let route = format!("{method} {}", head.uri.path());
        if !body.whole {
            return Err(wrong("the body is larger than 256 MiB".into()));
        }
        if let Some(query) = head.uri.query().filter(|query| !query.is_empty()) {
            let name = query.split(['=', '&']).next().unwrap_or_default();
            return Err(wrong(format!(
                "{route} takes no parameter; leave {name:?} out of the URL"
            )));
        }
        if !call.reads_a_body() && ![&b""[..], b"{}"].contains(&body.bytes.trim_ascii()) {
            return Err(wrong(format!("{route} takes no body; leave it out")));
        }
        let accepts_html = wants(&head.headers, "text/html");
        match (call.method(), call.path()) {
            ("GET", "/" | "/ui/") if self.ui && (accepts_html || call.path() == "/ui/") => {
                page::part("/ui/").ok_or_else(|| no_page(false))
            }
            ("GET", "/ui/" | "/ui/PART") => page::part(head.uri.path())
                .filter(|_| self.ui)
                .ok_or_else(|| no_page(!self.ui)),
            ("GET", "/events") => Ok(self.events(method == head.method)),
            ("GET", "/ca.pem") => Ok(with_type(self.ca_pem.clone(), "application/x-pem-file")),
            ("GET", "/state") => Ok(self.state()),
            ("PUT", "/state") => self.load(&head.headers, &body.bytes),
            _ => {
                let told = calls::carried_out(call, id, &body.bytes, &self.listeners).await;
                told.map(json_answer).map_err(wrong)
            }
        }
    }

    /// The whole state, and which it is.
    fn state(&self) -> Answer {
        let backend = &self.listeners.backend;
        let world = backend.world();
        let which = HeaderValue::from_str(&format!("\"{}\"", backend.changes()));
        let mut answer = json_answer(json!(world.state).to_string());
        if let Ok(which) = which {
            answer.headers_mut().insert(ETAG, which);
        }
        answer
    }

    /// Replaces the state; with `If-Match`, only the one that was seen.
    fn load(&self, headers: &HeaderMap, body: &[u8]) -> Result<Answer, Refused> {
        let state = State::from_json(body).map_err(|what| Refused::new(StatusCode::BAD_REQUEST, what))?;
        let seen = headers.get(IF_MATCH).map(|seen| {
            let seen = seen.to_str().unwrap_or_default();
            seen.trim_matches('"').parse().unwrap_or(u64::MAX)
        });
        if !self.listeners.backend.load(state, seen) {
            let error = "the state has changed since; read it again";
            return Err(Refused::new(StatusCode::PRECONDITION_FAILED, error));
        }
        Ok(json_answer("{}".into()))
    }

    /// Each request as it comes and as it ends, until whoever looks on goes; of HEAD the head alone.
    fn events(&self, goes_on: bool) -> Answer {
        let (mut out, body) = Channel::new(16);
        if goes_on {
            let mut onlooker = self.listeners.news.look_on();
            tokio::spawn(async move {
                let mut text = ": requests follow\n\n".to_owned();
                while out.send_data(text.into()).await.is_ok() {
                    text = tokio::select! {
                        next = onlooker.next() => match next {
                            Some(Some(request)) => format!("event: request\ndata: {request}\n\n"),
                            Some(None) => "event: missed\ndata: {}\n\n".to_owned(),
                            None => return,
                        },
                        // Whoever has gone is noticed by a line that cannot be sent.
                        () = tokio::time::sleep(SILENCE) => ":\n\n".to_owned(),
                    };
                }
            });
        }
        let mut answer = Response::new(Either::Right(body));
        let content_type = HeaderValue::from_static("text/event-stream");
        answer.headers_mut().insert(CONTENT_TYPE, content_type);
        answer
    }
}

/// No longer is nothing said to those who look on.
const SILENCE: Duration = Duration::from_secs(10);

fn no_page(left_out: bool) -> Refused {
    let why = if left_out {
        "the page was left out with --no-ui"
    } else {
        "the page has no such part"
    };
    Refused::new(StatusCode::NOT_FOUND, why)
}

/// Whether that type is among those accepted by name.
fn wants(headers: &HeaderMap, content_type: &str) -> bool {
    let accepted = headers.get_all(ACCEPT).iter().filter_map(|value| value.to_str().ok());
    let mut types = accepted.flat_map(|value| value.split(','));
    types.any(|one| one.split(';').next().unwrap_or_default().trim() == content_type)
}

fn json_answer(text: String) -> Answer {
    with_type(text, "application/json")
}

fn with_type(text: impl Into<Bytes>, content_type: &'static str) -> Answer {
    let mut answer = Response::new(Either::Left(Full::new(text.into())));
    let content_type = HeaderValue::from_static(content_type);
    answer.headers_mut().insert(CONTENT_TYPE, content_type);
    answer
}
