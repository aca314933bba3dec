//! The CONNECT tunnel through an HTTP proxy.
//! Own code, forty lines, because ureq's needs its whole connector chain and keeps the password in a printable type; the answer's head is read by httparse.

use std::fmt::Write as _;
use std::io::{Read, Write};

use zeroize::Zeroizing;

use super::exchange::Failure;
use super::socket::Socket;
use crate::config::Proxy;
use crate::origin::Origin;

/// The longest answer head a proxy may send.
const LONGEST_HEAD: usize = 8 * 1_024;

/// Asks `proxy`, to which `socket` is connected, for a tunnel to `target`.
pub(super) fn tunnel(proxy: &Proxy, target: &Origin, socket: &mut Socket) -> Result<(), Failure> {
    let place = format!("{}:{}", target.host, target.port);
    // Sized once: a growing text would leave copies of the login behind.
    let mut head = Zeroizing::new(String::with_capacity(LONGEST_HEAD));
    let _ = write!(head, "CONNECT {place} HTTP/1.1\r\nHost: {place}\r\n");
    if let Some(authorization) = &proxy.authorization {
        head.push_str("Proxy-Authorization: ");
        head.push_str(authorization);
        head.push_str("\r\n");
    }
    head.push_str("\r\n");
    socket.write_all(head.as_bytes())?;
    match status(proxy, socket)? {
        200..=299 => Ok(()),
        407 => Err(Failure::Connect(format!(
            "the proxy {} wants a login, or refuses the one given (HTTP 407)",
            proxy.origin
        ))),
        status => Err(Failure::Connect(format!(
            "the proxy {} refuses to reach {place}: HTTP {status}",
            proxy.origin
        ))),
    }
}

/// Reads the answer's head, and those before it that only say to wait (1xx).
fn status(proxy: &Proxy, socket: &mut Socket) -> Result<u16, Failure> {
    loop {
        match head(proxy, socket)? {
            100..=199 => {}
            status => return Ok(status),
        }
    }
}

/// Byte by byte, since what follows it belongs to the tunnel. Its lines may end without a carriage return (RFC 9112).
fn head(proxy: &Proxy, socket: &mut Socket) -> Result<u16, Failure> {
    let unreadable = || Failure::Connect(format!("the proxy {} gave an answer that cannot be read", proxy.origin));
    let mut head = Vec::new();
    let mut byte = [0];
    while !head.ends_with(b"\n\r\n") && !head.ends_with(b"\n\n") {
        if head.len() == LONGEST_HEAD {
            return Err(unreadable());
        }
        if socket.read(&mut byte)? == 0 {
            return Err(Failure::Connect(format!(
                "the proxy {} closed the connection",
                proxy.origin
            )));
        }
        head.push(byte[0]);
    }
    let mut headers = [httparse::EMPTY_HEADER; 64];
    let mut response = httparse::Response::new(&mut headers);
    match response.parse(&head) {
        Ok(httparse::Status::Complete(_)) => response.code.ok_or_else(unreadable),
        _ => Err(unreadable()),
    }
}
