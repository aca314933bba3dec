//! The admin port: JSON in, JSON out, for tests that run in another process.
//! What comes in is checked whole before anything changes, and no answer holds a signature or a key.

pub(crate) mod addresses;
pub(crate) mod visitor;

use std::convert::Infallible;
use std::sync::Arc;

use bytes::Bytes;
use http_body_util::Full;
use hyper::body::{Body, Incoming};
use hyper::header::{HeaderValue, CONTENT_TYPE};
use hyper::service::service_fn;
use hyper::{Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::{json, Value};

use crate::admin::visitor::Visitors;
use crate::backend::Backend;
use crate::config::Settings;
use crate::faults::Fault;
use crate::http::certificate::Certificate;
use crate::http::counters::Counters;
use crate::http::listener::{ListenerState, Listeners};
use crate::http::port::{http1_server, Port};
use crate::world::clock::ClockSetting;
use crate::world::state::State;

/// Bytes of one admin request, and of all under way together: a state with thousands of users fits.
pub(crate) const BODY_LIMIT: usize = 256 * 1024 * 1024;

const ROUTES: &str = "GET /, POST /reset, GET|PUT /state, GET|DELETE /log, GET|PUT /settings, GET|PUT /clock, \
                      GET|POST|DELETE /faults, GET /played, GET /counters, POST /revoke, GET /rates, GET /proxy, \
                      GET|POST /listeners, DELETE /listeners/{id}, and below /listeners/{id}: faults, played, log, \
                      counters, rates, POST reset";

/// Serves the admin calls on a port.
pub(crate) fn serve(port: Port, listeners: Arc<Listeners>, visitors: Visitors) {
    let admin = Arc::new(AdminPort { listeners, visitors });
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
}

impl AdminPort {
    async fn answered(&self, request: Request<Incoming>) -> Response<Full<Bytes>> {
        let (status, text) = match self.outcome(request).await {
            Ok(text) => (StatusCode::OK, text),
            Err((status, error)) => (status, json!({ "error": error }).to_string()),
        };
        let mut response = Response::new(Full::from(text));
        *response.status_mut() = status;
        let json = HeaderValue::from_static("application/json");
        response.headers_mut().insert(CONTENT_TYPE, json);
        response
    }

    async fn outcome(&self, request: Request<Incoming>) -> Result<String, (StatusCode, String)> {
        let wrong = |what: String| (StatusCode::BAD_REQUEST, what);
        let (head, body) = request.into_parts();
        let checked = self.visitors.check(&head.headers, !body.is_end_stream());
        let route = format!("{} {}", head.method, head.uri.path());
        let body = self.listeners.backend.admin_bodies.read(body, BODY_LIMIT).await;
        checked.map_err(|what| (StatusCode::FORBIDDEN, what))?;
        let body = body.map_err(|_| wrong("the body could not be read".into()))?;
        if !body.whole {
            return Err(wrong("the body is larger than 256 MiB".into()));
        }
        if let Some(query) = head.uri.query().filter(|query| !query.is_empty()) {
            let name = query.split(['=', '&']).next().unwrap_or_default();
            return Err(wrong(format!(
                "{route} takes no parameter; leave {name:?} out of the URL"
            )));
        }
        if !reads_a_body(&route) && ![&b""[..], b"{}"].contains(&body.bytes.trim_ascii()) {
            return Err(wrong(format!("{route} takes no body; leave it out")));
        }
        routed(&route, &body.bytes, &self.listeners).await.map_err(wrong)
    }
}

/// Whether a call that exists reads what is sent with it.
fn reads_a_body(route: &str) -> bool {
    !route.starts_with("GET ") && !route.starts_with("DELETE ") && !route.ends_with("/reset")
}

async fn routed(route: &str, body: &[u8], listeners: &Listeners) -> Result<String, String> {
    if route == "GET /" {
        return Ok(listeners.addresses.to_json());
    }
    if let Some((method, path)) = route
        .split_once(" /listeners")
        .filter(|(_, path)| path.is_empty() || path.starts_with('/'))
    {
        return listener_call(method, path, body, listeners).await;
    }
    if route == "POST /reset" {
        listeners.reset();
        return done();
    }
    let main = listeners.get(Some(0)).ok_or_else(|| no_listener("0"))?;
    match own_call(&route.replacen('/', "", 1), body, &main.state) {
        Some(outcome) => outcome,
        None => decided(route, body, &listeners.backend),
    }
}

/// The calls about extra listeners; `path` is what follows `/listeners`.
async fn listener_call(method: &str, path: &str, body: &[u8], listeners: &Listeners) -> Result<String, String> {
    let mut parts = path.strip_prefix('/').unwrap_or(path).splitn(2, '/');
    let id = parts.next().unwrap_or("");
    match (method, id, parts.next()) {
        ("GET", "", None) => Ok(written(&listeners.extra())),
        ("POST", "", None) => {
            let wanted: Wanted = if body.is_empty() {
                Wanted::default()
            } else {
                read(body)?
            };
            let opened = listeners.open(wanted.certificate).await;
            opened.map(|opened| written(&opened.told())).map_err(|e| e.to_string())
        }
        ("DELETE", "0", None) => Err("listener 0 is the emulator's own and closes with it".into()),
        ("DELETE", id, None) => {
            let opened = listeners.remove(id.parse().ok()).ok_or_else(|| no_listener(id))?;
            opened.close().await;
            done()
        }
        (method, id, Some(what)) => {
            let opened = listeners.get(id.parse().ok()).ok_or_else(|| no_listener(id))?;
            if (method, what) == ("POST", "reset") {
                opened.state.reset();
                return done();
            }
            own_call(&format!("{method} {what}"), body, &opened.state).unwrap_or_else(no_such_call)
        }
        _ => no_such_call(),
    }
}

fn no_listener(id: &str) -> String {
    format!("no listener {id:?} is open; GET /listeners tells those that are")
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Wanted {
    certificate: Certificate,
}

/// The calls about what each listener has of its own, as `GET faults`; `None`: it is none of them.
fn own_call(call: &str, body: &[u8], state: &ListenerState) -> Option<Result<String, String>> {
    Some(match call {
        "GET log" => Ok(written(&state.log.dump())),
        "DELETE log" => {
            state.log.forget();
            done()
        }
        "GET faults" => Ok(written(&state.faults.remaining())),
        "POST faults" => faults(body)
            .and_then(|faults| state.faults.add(faults))
            .map(|()| written(&state.faults.remaining())),
        "DELETE faults" => {
            state.faults.clear();
            done()
        }
        "GET played" => Ok(written(&state.faults.played())),
        "GET counters" => Ok(written(&Counters::of(state))),
        "GET rates" => Ok(written(&state.arrivals.rates())),
        _ => return None,
    })
}

fn decided(route: &str, body: &[u8], backend: &Backend) -> Result<String, String> {
    match route {
        "GET /state" => Ok(written(&backend.world().state)),
        "PUT /state" => {
            let state = State::from_json(body)?;
            backend.world().state = state;
            done()
        }
        "GET /settings" => Ok(written(&backend.world().settings)),
        "PUT /settings" => changed_settings(body, backend),
        "GET /clock" => Ok(written(
            &json!({"now": backend.clock.now_s(), "setting": backend.clock.setting()}),
        )),
        "PUT /clock" => {
            backend.clock.set(read::<ClockSetting>(body)?.checked()?);
            done()
        }
        "POST /revoke" => {
            let wanted: Revoke = read(body)?;
            let revoked = backend.world().signatures.revoke(&wanted.identifier);
            Ok(written(&json!({ "revoked": revoked })))
        }
        "GET /proxy" => Ok(written(&json!({"connects": backend.connects.all()}))),
        _ => no_such_call(),
    }
}

fn no_such_call() -> Result<String, String> {
    Err(format!("there is no such admin call; there are {ROUTES}"))
}

fn done() -> Result<String, String> {
    Ok("{}".into())
}

fn written<T: Serialize>(value: &T) -> String {
    serde_json::to_string(value).expect("what the admin port shows has text keys only")
}

fn read<T: DeserializeOwned>(body: &[u8]) -> Result<T, String> {
    serde_json::from_slice(body).map_err(|e| format!("the body is not as documented: {e}"))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Revoke {
    identifier: String,
}

/// Lays the given members over the settings in force.
fn changed_settings(body: &[u8], backend: &Backend) -> Result<String, String> {
    let given: serde_json::Map<String, Value> = read(body)?;
    let mut world = backend.world();
    let mut all = json!(world.settings);
    for (name, value) in given {
        all[name] = value;
    }
    let settings: Settings =
        serde_json::from_value(all).map_err(|e| format!("the settings are not as documented: {e}"))?;
    world.settings = settings.checked()?;
    Ok(written(&world.settings))
}

fn faults(body: &[u8]) -> Result<Vec<Fault>, String> {
    match read::<Value>(body)? {
        Value::Array(faults) => faults.into_iter().map(fault).collect(),
        one => Ok(vec![fault(one)?]),
    }
}

fn fault(value: Value) -> Result<Fault, String> {
    serde_json::from_value(value).map_err(|e| format!("the fault is not as documented: {e}"))
}
