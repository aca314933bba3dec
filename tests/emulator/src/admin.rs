//! The admin port: JSON in, JSON out, for tests that run in another process. It promises that what it takes is checked
//! whole before anything changes, and that no answer holds a signature or a key.

use std::convert::Infallible;
use std::sync::Arc;

use bytes::Bytes;
use http_body_util::{BodyExt, Full, Limited};
use hyper::body::Incoming;
use hyper::header::{HeaderValue, CONTENT_TYPE};
use hyper::service::service_fn;
use hyper::{Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::{json, Value};

use crate::addresses::Addresses;
use crate::backend::Backend;
use crate::clock::ClockSetting;
use crate::config::Settings;
use crate::fault::Fault;
use crate::listener::{http1_server, Door};
use crate::state::State;

/// Bytes of one admin request: a state with thousands of users fits.
const BODY_LIMIT: usize = 256 * 1024 * 1024;

const ROUTES: &str = "GET /, POST /reset, GET|PUT /state, GET|DELETE /log, GET|PUT /settings, GET|PUT /clock, \
                      GET|POST|DELETE /faults, POST /revoke, GET /rates, GET /proxy";

/// Serves the admin calls on a door.
pub(crate) fn serve(door: Door, backend: Arc<Backend>, addresses: Arc<Addresses>) {
    door.serve(move |stream| {
        let (backend, addresses) = (Arc::clone(&backend), Arc::clone(&addresses));
        let service = service_fn(move |request| {
            let (backend, addresses) = (Arc::clone(&backend), Arc::clone(&addresses));
            async move { Ok::<_, Infallible>(answered(request, &backend, &addresses).await) }
        });
        async move {
            let _ = http1_server().serve_connection(TokioIo::new(stream), service).await;
        }
    });
}

async fn answered(request: Request<Incoming>, backend: &Backend, addresses: &Addresses) -> Response<Full<Bytes>> {
    let route = format!("{} {}", request.method(), request.uri().path());
    let body = Limited::new(request.into_body(), BODY_LIMIT).collect().await;
    let outcome = match body {
        Ok(body) => decided(&route, &body.to_bytes(), backend, addresses),
        Err(_) => Err("the body could not be read, or is larger than 256 MiB".into()),
    };
    let (status, text) = match outcome {
        Ok(text) => (StatusCode::OK, text),
        Err(error) => (StatusCode::BAD_REQUEST, json!({ "error": error }).to_string()),
    };
    let mut response = Response::new(Full::from(text));
    *response.status_mut() = status;
    let json = HeaderValue::from_static("application/json");
    response.headers_mut().insert(CONTENT_TYPE, json);
    response
}

fn decided(route: &str, body: &[u8], backend: &Backend, addresses: &Addresses) -> Result<String, String> {
    match route {
        "GET /" => Ok(addresses.to_json()),
        "POST /reset" => {
            backend.reset();
            done()
        }
        "GET /state" => Ok(written(&backend.world().state)),
        "PUT /state" => {
            let state = State::from_json(body)?;
            backend.world().state = state;
            done()
        }
        "GET /log" => Ok(written(
            &json!({"total": backend.log.total(), "requests": backend.log.requests()}),
        )),
        "DELETE /log" => {
            backend.log.forget();
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
        "GET /faults" => Ok(written(&backend.faults.remaining())),
        "POST /faults" => {
            backend.faults.add(faults(body)?);
            Ok(written(&backend.faults.remaining()))
        }
        "DELETE /faults" => {
            backend.faults.clear();
            done()
        }
        "POST /revoke" => {
            let wanted: Revoke = read(body)?;
            let revoked = backend.world().signatures.revoke(&wanted.identifier);
            Ok(written(&json!({ "revoked": revoked })))
        }
        "GET /rates" => Ok(written(&backend.arrivals.rates())),
        "GET /proxy" => Ok(written(&json!({"connects": backend.connects.all()}))),
        _ => Err(format!("there is no such admin call; there are {ROUTES}")),
    }
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
