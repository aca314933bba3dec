//! The admin port: JSON in, JSON out, for tests that run in another process. Who may call is checked before anything is read,
//! and what comes in is checked whole before anything changes.

pub(crate) mod addresses;
mod calls;
pub(crate) mod visitor;

use std::convert::Infallible;
use std::sync::Arc;

use bytes::Bytes;
use http_body_util::Full;
use hyper::body::{Body, Incoming};
use hyper::header::{HeaderValue, ALLOW, CACHE_CONTROL, CONTENT_TYPE};
use hyper::service::service_fn;
use hyper::{Method, Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use serde_json::json;

use crate::admin::calls::Found;
use crate::admin::visitor::Visitors;
use crate::http::listener::Listeners;
use crate::http::port::{http1_server, Port};

/// Bytes of one admin request, and of all under way together: a state with thousands of users fits.
pub(crate) const BODY_LIMIT: usize = 256 * 1024 * 1024;

/// Serves the admin calls on a port.
pub(crate) fn serve(port: Port, listeners: Arc<Listeners>, visitors: Visitors, ca_pem: String) {
    let admin = Arc::new(AdminPort {
        listeners,
        visitors,
        ca_pem,
    });
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

struct AdminPort {
    listeners: Arc<Listeners>,
    visitors: Visitors,
    ca_pem: String,
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

type Answer = Response<Full<Bytes>>;

impl AdminPort {
    async fn answered(&self, request: Request<Incoming>) -> Answer {
        let mut answer = self.outcome(request).await.unwrap_or_else(|refused| {
            let mut answer = json_answer(json!({ "error": refused.error }).to_string());
            *answer.status_mut() = refused.status;
            if let Some(allow) = refused.allow.and_then(|allow| HeaderValue::from_str(&allow).ok()) {
                answer.headers_mut().insert(ALLOW, allow);
            }
            answer
        });
        let now_only = HeaderValue::from_static("no-store");
        answer.headers_mut().insert(CACHE_CONTROL, now_only);
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
        if call.is("GET", "/ca.pem") {
            return Ok(with_type(self.ca_pem.clone(), "application/x-pem-file"));
        }
        let told = calls::carried_out(call, id, &body.bytes, &self.listeners).await;
        told.map(json_answer).map_err(wrong)
    }
}

fn json_answer(text: String) -> Answer {
    with_type(text, "application/json")
}

fn with_type(text: String, content_type: &'static str) -> Answer {
    let mut answer = Response::new(Full::from(text));
    let content_type = HeaderValue::from_static(content_type);
    answer.headers_mut().insert(CONTENT_TYPE, content_type);
    answer
}
