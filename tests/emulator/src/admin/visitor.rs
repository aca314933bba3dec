//! Who may make admin calls: a program on this machine or in the test's network, never a web page of somewhere else. A browser
//! says in `Host` by which name it came and in `Origin` whose page it shows; tools send no `Origin`. Knows nothing of the calls.

use std::net::IpAddr;

use crate::config::Config;

use hyper::header::{HeaderMap, HeaderName, CONTENT_TYPE, HOST, ORIGIN};

/// The names under which the admin port may be called: those of the certificate, and those of `--admin-host`.
pub(crate) struct Visitors {
    listen: IpAddr,
    names: Vec<String>,
}

impl Visitors {
    pub(crate) fn new(config: &Config) -> Self {
        let names = config.tls_names.iter().chain(&config.admin_hosts);
        Self {
            listen: config.listen,
            names: names.map(|name| name.to_ascii_lowercase()).collect(),
        }
    }

    /// The error says what to do.
    pub(crate) fn check(&self, headers: &HeaderMap, has_body: bool) -> Result<(), String> {
        let mut called = None;
        if headers.contains_key(HOST) {
            let host = one(headers, &HOST)?;
            called = Some(host);
            if !self.knows(host) && !is_of_this_network(host) {
                return Err(format!(
                    "Host {host:?} is no name of loopback or of this network; start with --admin-host NAME to be called by another"
                ));
            }
        }
        if !headers.contains_key(ORIGIN) {
            return Ok(());
        }
        let origin = one(headers, &ORIGIN)?;
        let authority = origin
            .strip_prefix("http://")
            .or_else(|| origin.strip_prefix("https://"));
        // Our own page comes from where it calls.
        if !authority.is_some_and(|authority| self.knows(authority) || called == Some(authority)) {
            return Err(format!("a page of Origin {origin:?} may not call the admin port"));
        }
        let content = headers
            .get(CONTENT_TYPE)
            .and_then(|value| value.to_str().ok())
            .unwrap_or_default();
        let essence = content.split(';').next().unwrap_or_default().trim();
        if has_body && !essence.eq_ignore_ascii_case("application/json") {
            return Err("a page sends JSON as application/json; set Content-Type".into());
        }
        Ok(())
    }

    /// Whether `host`, or `host:port`, is loopback, the address listened on, or one of the names. Where every address is
    /// listened on, each is one of ours: a page of somewhere else comes by a name.
    fn knows(&self, authority: &str) -> bool {
        let authority: hyper::http::uri::Authority = match authority.parse() {
            Ok(authority) => authority,
            Err(_) => return false,
        };
        if authority.as_str().contains('@') {
            return false;
        }
        let host = authority.host().to_ascii_lowercase();
        let host = host.strip_suffix('.').unwrap_or(&host);
        let bare = host
            .strip_prefix('[')
            .and_then(|rest| rest.strip_suffix(']'))
            .unwrap_or(host);
        if let Ok(ip) = bare.parse::<IpAddr>() {
            let named = || self.names.iter().any(|name| name.parse() == Ok(ip));
            return ip.is_loopback() || ip == self.listen || self.listen.is_unspecified() || named();
        }
        bare == "localhost" || bare.ends_with(".localhost") || self.names.iter().any(|name| covers(name, bare))
    }
}

/// A name without a dot, as those of a container network: no page of the internet is reached by one.
fn is_of_this_network(authority: &str) -> bool {
    let name = authority.split(':').next().unwrap_or_default();
    let legal = |b: u8| b.is_ascii_alphanumeric() || b == b'-' || b == b'_';
    !name.is_empty() && name.bytes().all(legal) && !name.as_bytes()[0].is_ascii_digit()
}

/// `*.` stands for one label.
fn covers(name: &str, host: &str) -> bool {
    match name.strip_prefix("*.") {
        Some(parent) => host.split_once('.').is_some_and(|(_, rest)| rest == parent),
        None => name == host,
    }
}

fn one<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Result<&'a str, String> {
    let mut values = headers.get_all(name).iter();
    match (values.next().and_then(|value| value.to_str().ok()), values.next()) {
        (Some(value), None) => Ok(value),
        _ => Err(format!("{name} has to be given once, as text")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn checked(visitors: &Visitors, headers: &[(&'static str, &str)]) -> bool {
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            map.append(*name, value.parse().unwrap());
        }
        visitors.check(&map, true).is_ok()
    }

    #[test]
    fn a_name_of_loopback_of_the_address_or_of_the_flags_may_call_and_no_other() {
        let at = |listen: &str| {
            Visitors::new(&Config {
                listen: listen.parse().unwrap(),
                tls_names: vec!["Emulator.test".into()],
                admin_hosts: vec!["*.wild.test".into()],
                ..Config::default()
            })
        };
        let here = at("127.0.0.1");
        for host in [
            "localhost:1",
            "LOCALHOST",
            "localhost.:1",
            "a.localhost",
            "127.0.0.1",
            "127.9.9.9:5",
            "[::1]:80",
            "emulator.test",
            "emulator:8080",
            "a.wild.test:80",
        ] {
            assert!(checked(&here, &[("host", host)]), "{host}");
        }
        for host in [
            "evil.example",
            "localhost.evil.example",
            "evil.example:80",
            "10.0.0.1",
            "[fe80::1]",
            "a.b.wild.test",
            "wild.test",
            "",
            "localhost@evil.example",
            "evil.example@localhost",
            "127.0.0.1.evil.example",
            "0x7f.1",
        ] {
            assert!(!checked(&here, &[("host", host)]), "{host}");
        }
        assert!(
            checked(&at("10.0.0.1"), &[("host", "10.0.0.1:80")]) && !checked(&at("10.0.0.1"), &[("host", "10.0.0.2")])
        );
        assert!(
            checked(&at("0.0.0.0"), &[("host", "10.0.0.2:80")])
                && !checked(&at("0.0.0.0"), &[("host", "evil.example")])
        );
        assert!(checked(&here, &[]), "HTTP/1.0 sends none");
        assert!(!checked(&here, &[("host", "localhost"), ("host", "evil.example")]));
    }

    #[test]
    fn a_page_of_somewhere_else_may_not_call_and_one_of_here_says_that_it_sends_json() {
        let here = Visitors::new(&Config::default());
        let json = ("content-type", "application/json; charset=utf-8");
        for origin in ["http://localhost:3000", "https://127.0.0.1", "http://[::1]:9"] {
            assert!(
                checked(&here, &[("host", "localhost"), ("origin", origin), json]),
                "{origin}"
            );
            assert!(
                !checked(&here, &[("host", "localhost"), ("origin", origin)]),
                "{origin}"
            );
            assert!(
                !checked(&here, &[("origin", origin), ("content-type", "text/plain")]),
                "{origin}"
            );
        }
        for origin in [
            "null",
            "",
            "https://evil.example",
            "file://",
            "http://localhost.evil.example",
            "http://emulator",
            "chrome-extension://x",
        ] {
            assert!(
                !checked(&here, &[("host", "localhost"), ("origin", origin), json]),
                "{origin}"
            );
        }
        assert!(
            checked(&here, &[("content-type", "application/x-www-form-urlencoded")]),
            "curl --data"
        );
    }
}
