//! A small HTTP proxy for tests: CONNECT only, with an optional login; it records every CONNECT and no password.

use std::convert::Infallible;
use std::net::{IpAddr, Ipv4Addr};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use base64::engine::general_purpose::STANDARD;
use base64::Engine;
use bytes::Bytes;
use http_body_util::Full;
use hyper::body::Incoming;
use hyper::header::{HeaderMap, HeaderValue, PROXY_AUTHENTICATE, PROXY_AUTHORIZATION};
use hyper::service::service_fn;
use hyper::{Method, Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use serde::Serialize;
use tokio::net::TcpStream;

use crate::background::{Background, StartError};
use crate::http::port::{http1_server, Port};

/// How long the proxy tries to reach a host.
const REACH: Duration = Duration::from_secs(10);

/// One CONNECT that came in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ProxyConnect {
    /// `host:port` asked for.
    pub authority: String,
    /// Whether the login was right, or none was needed.
    pub login_accepted: bool,
}

/// The record of CONNECTs, shared by the proxy and those who ask.
#[derive(Clone, Default)]
pub(crate) struct Connects(Arc<Mutex<Vec<ProxyConnect>>>);

impl Connects {
    pub(crate) fn all(&self) -> Vec<ProxyConnect> {
        self.0.lock().unwrap_or_else(|e| e.into_inner()).clone()
    }

    pub(crate) fn clear(&self) {
        self.0.lock().unwrap_or_else(|e| e.into_inner()).clear();
    }

    fn add(&self, connect: ProxyConnect) {
        self.0.lock().unwrap_or_else(|e| e.into_inner()).push(connect);
    }
}

/// A proxy on a free port of 127.0.0.1, stopped on drop. Any thread may ask it.
pub struct Proxy {
    url: String,
    connects: Connects,
    _background: Background,
}

impl Proxy {
    /// Starts a proxy; with `login` (user, password) it answers 407 to everyone else.
    pub fn start(login: Option<(&str, &str)>) -> Result<Self, StartError> {
        let login = login.map(|(user, password)| (user.to_owned(), password.to_owned()));
        let connects = Connects::default();
        let record = connects.clone();
        let (background, url) = Background::start("chat-proxy", move || async move {
            let port = Port::open(IpAddr::V4(Ipv4Addr::LOCALHOST), 0, "proxy").await?;
            let url = format!("http://{}", port.address);
            serve(port, login, record);
            Ok(url)
        })?;
        Ok(Self {
            url,
            connects,
            _background: background,
        })
    }

    /// `http://127.0.0.1:{port}`, without the login.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Every CONNECT so far, oldest first.
    pub fn connects(&self) -> Vec<ProxyConnect> {
        self.connects.all()
    }
}

/// Serves CONNECT on a port.
pub(crate) fn serve(port: Port, login: Option<(String, String)>, connects: Connects) {
    let wanted = login.map(|(user, password)| format!("Basic {}", STANDARD.encode(format!("{user}:{password}"))));
    let wanted = Arc::new(wanted);
    port.serve(move |stream| {
        let (wanted, connects) = (Arc::clone(&wanted), connects.clone());
        let service = service_fn(move |request| {
            let (wanted, connects) = (Arc::clone(&wanted), connects.clone());
            async move { Ok::<_, Infallible>(answered(request, wanted.as_deref(), &connects).await) }
        });
        async move {
            let connection = http1_server().serve_connection(TokioIo::new(stream), service);
            let _ = connection.with_upgrades().await;
        }
    });
}

async fn answered(request: Request<Incoming>, wanted: Option<&str>, connects: &Connects) -> Response<Full<Bytes>> {
    if request.method() != Method::CONNECT {
        return text(StatusCode::METHOD_NOT_ALLOWED, "this proxy takes CONNECT only");
    }
    let authority = request.uri().to_string();
    let login_accepted = wanted.is_none_or(|wanted| login_is(wanted, request.headers()));
    connects.add(ProxyConnect {
        authority: authority.clone(),
        login_accepted,
    });
    if !login_accepted {
        let mut answer = text(
            StatusCode::PROXY_AUTHENTICATION_REQUIRED,
            "user and password are missing or wrong",
        );
        let ask = HeaderValue::from_static("Basic realm=\"chat-emulator\"");
        answer.headers_mut().insert(PROXY_AUTHENTICATE, ask);
        return answer;
    }
    match tokio::time::timeout(REACH, TcpStream::connect(&authority)).await {
        Ok(Ok(server)) => {
            tokio::spawn(tunnel(request, server));
            Response::new(Full::default())
        }
        _ => text(StatusCode::BAD_GATEWAY, "the host cannot be reached"),
    }
}

fn login_is(wanted: &str, headers: &HeaderMap) -> bool {
    let given = headers.get(PROXY_AUTHORIZATION).and_then(|value| value.to_str().ok());
    given.is_some_and(|given| given == wanted)
}

async fn tunnel(request: Request<Incoming>, mut server: TcpStream) {
    let _ = server.set_nodelay(true);
    if let Ok(client) = hyper::upgrade::on(request).await {
        let _ = tokio::io::copy_bidirectional(&mut TokioIo::new(client), &mut server).await;
    }
}

fn text(status: StatusCode, what: &'static str) -> Response<Full<Bytes>> {
    let mut answer = Response::new(Full::from(what));
    *answer.status_mut() = status;
    answer
}
