//! The calls of the admin port: which there are, and what each does.

use hyper::{Method, StatusCode};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::{json, Map, Value};

use super::Refused;
use crate::backend::Backend;
use crate::config::Settings;
use crate::faults::Fault;
use crate::http::certificate::Certificate;
use crate::http::counters::Counters;
use crate::http::listener::{ListenerState, Listeners};
use crate::service;
use crate::world::clock::ClockSetting;

/// One call: its method, its path, and what it does in a line.
pub(super) struct Call(&'static str, &'static str, &'static str);

/// `ID` stands for the number of a listener; what is there below a listener is there for the main ports too.
const CALLS: &[Call] = &[
    Call("GET", "/", "where the emulator listens, and these lines"),
    Call(
        "GET",
        "/ui/",
        "a page for the browser; at / too, for whoever accepts HTML",
    ),
    Call("GET", "/ui/PART", "a part of it"),
    Call(
        "GET",
        "/events",
        "each request as it comes and as it ends: server-sent events",
    ),
    Call("GET", "/commands", "the commands that are served"),
    Call("GET", "/faults/examples", "a fault of each kind with its usual numbers"),
    Call("GET", "/health", "200 as long as it serves"),
    Call("GET", "/ca.pem", "the CA certificate to trust"),
    Call("POST", "/reset", "everything as at the start"),
    Call("GET", "/state", "the whole state"),
    Call("PUT", "/state", "replace the whole state"),
    Call("GET", "/log", "the kept requests, newest last"),
    Call("DELETE", "/log", "forget the kept requests; the count goes on"),
    Call("GET", "/settings", "the settings in force"),
    Call("PUT", "/settings", "change the settings that are given"),
    Call("GET", "/clock", "the time of day of the service"),
    Call("PUT", "/clock", "stop, move or free the clock"),
    Call("GET", "/faults", "the faults to come"),
    Call("POST", "/faults", "add a fault, or an array of them"),
    Call(
        "DELETE",
        "/faults",
        "forget the faults to come; let go of calls that hang",
    ),
    Call("GET", "/played", "how often each fault was played"),
    Call("GET", "/counters", "what became of connections and requests"),
    Call("GET", "/rates", "how often each command was called"),
    Call("POST", "/revoke", "invalidate the signatures of an identifier"),
    Call("GET", "/proxy", "the CONNECTs that came to the proxy"),
    Call("GET", "/listeners", "the extra listeners"),
    Call("POST", "/listeners", "open an extra listener"),
    Call("DELETE", "/listeners/ID", "close it"),
    Call(
        "POST",
        "/listeners/ID/reset",
        "its faults, log, counters and rates as at the start",
    ),
    Call("GET", "/listeners/ID/log", "its kept requests, newest last"),
    Call("DELETE", "/listeners/ID/log", "forget them"),
    Call("GET", "/listeners/ID/faults", "its faults to come"),
    Call("POST", "/listeners/ID/faults", "add a fault, or an array of them"),
    Call("DELETE", "/listeners/ID/faults", "forget them"),
    Call("GET", "/listeners/ID/played", "how often each of its faults was played"),
    Call(
        "GET",
        "/listeners/ID/counters",
        "what became of its connections and requests",
    ),
    Call("GET", "/listeners/ID/rates", "how often each command was called on it"),
];

impl Call {
    pub(super) fn method(&self) -> &'static str {
        self.0
    }

    /// With `ID` or `PART` for what differs.
    pub(super) fn path(&self) -> &'static str {
        self.1
    }

    /// Whether it reads what is sent with it.
    pub(super) fn reads_a_body(&self) -> bool {
        matches!(self.0, "PUT" | "POST") && !self.1.ends_with("/reset")
    }

    /// Whether `path` is its own; with the number of a listener in it.
    fn at<'a>(&self, path: &'a str) -> Option<&'a str> {
        let Some((before, after)) = self.1.split_once("ID").or(self.1.split_once("PART")) else {
            return (path == self.1).then_some("0");
        };
        let id = path.strip_prefix(before)?.strip_suffix(after)?;
        (!id.is_empty() && !id.contains('/')).then_some(id)
    }
}

pub(super) struct Found<'a> {
    pub(super) call: &'static Call,
    /// The listener that it is about, as it was given; 0 where none is named.
    pub(super) id: &'a str,
}

/// The call of this method and path.
pub(super) fn find<'a>(method: &Method, path: &'a str) -> Result<Found<'a>, Refused> {
    let there = || {
        CALLS
            .iter()
            .filter_map(|call| call.at(path).map(|id| Found { call, id }))
    };
    if let Some(found) = there().find(|found| found.call.0 == method.as_str()) {
        return Ok(found);
    }
    let mut allow: Vec<&str> = there().map(|found| found.call.0).collect();
    if allow.is_empty() {
        let all: Vec<String> = CALLS.iter().map(|call| format!("{} {}", call.0, call.1)).collect();
        let error = format!("there is no such admin call; there are {}", all.join(", "));
        return Err(Refused::new(StatusCode::NOT_FOUND, error));
    }
    if allow.contains(&"GET") {
        allow.push("HEAD");
    }
    let allow = allow.join(", ");
    let error = format!("there is no such admin call; {path} takes {allow}");
    Err(Refused {
        allow: Some(allow),
        ..Refused::new(StatusCode::METHOD_NOT_ALLOWED, error)
    })
}

/// The addresses, and every call with what it does, one a line.
fn overview(listeners: &Listeners) -> Result<String, String> {
    let calls = CALLS
        .iter()
        .map(|call| (format!("{} {}", call.0, call.1), call.2.into()));
    let mut told = json!(listeners.addresses);
    told["calls"] = Value::Object(calls.collect());
    serde_json::to_string_pretty(&told)
        .map(|text| text + "\n")
        .map_err(|e| e.to_string())
}

/// Carries a call out: on the emulator, or on the listener of that number.
pub(super) async fn carried_out(call: &Call, id: &str, body: &[u8], listeners: &Listeners) -> Result<String, String> {
    match (call.0, call.1) {
        ("GET", "/") => overview(listeners),
        ("POST", "/reset") => {
            listeners.reset();
            done()
        }
        ("GET", "/listeners") => Ok(written(&listeners.extra())),
        ("POST", "/listeners") => {
            let wanted: Wanted = if body.is_empty() {
                Wanted::default()
            } else {
                read(body)?
            };
            let opened = listeners.open(wanted.certificate).await;
            opened.map(|opened| written(&opened.told())).map_err(|e| e.to_string())
        }
        ("DELETE", "/listeners/ID") if id == "0" => Err("listener 0 is the emulator's own and closes with it".into()),
        ("DELETE", "/listeners/ID") => {
            let opened = listeners.remove(id.parse().ok()).ok_or_else(|| no_listener(id))?;
            opened.close().await;
            done()
        }
        (method, path) => {
            let what = path.strip_prefix("/listeners/ID").unwrap_or(path);
            let opened = listeners.get(id.parse().ok()).ok_or_else(|| no_listener(id))?;
            own(method, what, body, &opened.state).unwrap_or_else(|| of_all(method, path, body, &listeners.backend))
        }
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

/// The calls about what each listener has of its own; `None`: it is none of them.
fn own(method: &str, what: &str, body: &[u8], state: &ListenerState) -> Option<Result<String, String>> {
    Some(match (method, what) {
        ("POST", "/reset") => {
            state.reset();
            done()
        }
        ("GET", "/log") => Ok(written(&state.log.dump())),
        ("DELETE", "/log") => {
            state.log.forget();
            done()
        }
        ("GET", "/faults") => Ok(written(&state.faults.remaining())),
        ("POST", "/faults") => faults(body)
            .and_then(|faults| state.faults.add(faults))
            .map(|()| written(&state.faults.remaining())),
        ("DELETE", "/faults") => {
            state.faults.clear();
            done()
        }
        ("GET", "/played") => Ok(written(&state.faults.played())),
        ("GET", "/counters") => Ok(written(&Counters::of(state))),
        ("GET", "/rates") => Ok(written(&state.arrivals.rates())),
        _ => return None,
    })
}

/// The calls about the service behind all listeners.
fn of_all(method: &str, path: &str, body: &[u8], backend: &Backend) -> Result<String, String> {
    match (method, path) {
        ("GET", "/health") => Ok(written(&json!({"status": "ok", "version": env!("CARGO_PKG_VERSION")}))),
        ("GET", "/commands") => Ok(written(&service::paths())),
        ("GET", "/faults/examples") => Ok(written(&Fault::examples())),
        ("GET", "/settings") => Ok(written(&backend.world().settings)),
        ("PUT", "/settings") => changed_settings(body, backend),
        ("GET", "/clock") => Ok(written(
            &json!({"now": backend.clock.now_s(), "setting": backend.clock.setting()}),
        )),
        ("PUT", "/clock") => {
            backend.clock.set(read::<ClockSetting>(body)?.checked()?);
            done()
        }
        ("POST", "/revoke") => {
            let wanted: Revoke = read(body)?;
            let revoked = backend.world().signatures.revoke(&wanted.identifier);
            Ok(written(&json!({ "revoked": revoked })))
        }
        ("GET", "/proxy") => Ok(written(&json!({"connects": backend.connects.all()}))),
        _ => Err(format!("{method} {path} is listed and does nothing")),
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
    let given: Map<String, Value> = read(body)?;
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
