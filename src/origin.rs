//! Where requests go: scheme, host and port, read from a URL that has nothing else in it.

use std::fmt;

use crate::error::Error;

/// Where the calls go: scheme, host, port, without a path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Origin {
    pub https: bool,
    /// As in a URL: an IPv6 address stands in brackets.
    pub host: String,
    pub port: u16,
}

impl Origin {
    /// A documented host.
    pub fn documented(host: &str) -> Origin {
        Origin {
            https: true,
            host: host.to_owned(),
            port: 443,
        }
    }

    /// Reads `https://host[:port]` or `http://host[:port]`, with at most a slash behind it.
    pub fn parse(setting: &str, url: &str) -> Result<Origin, Error> {
        let refuse = |rule: &str| Err(Error::argument(format!("{setting}: {rule}")));
        let Ok(uri) = url.parse::<http::Uri>() else {
            return refuse("not a URL; write https://host or https://host:port");
        };
        let (Some(scheme), Some(authority)) = (uri.scheme_str(), uri.authority()) else {
            return refuse("not an absolute URL; write https://host or https://host:port");
        };
        let https = match scheme {
            "https" => true,
            "http" => false,
            _ => return refuse("the scheme must be https (or http)"),
        };
        if authority.as_str().contains('@') {
            return refuse("it must not hold a user name or password");
        }
        if !matches!(uri.path(), "" | "/") || uri.query().is_some() || url.contains('#') {
            return refuse("only scheme, host and port; the library adds the path");
        }
        if authority.host().is_empty() {
            return refuse("the host is missing");
        }
        let port = match (authority.port_u16(), authority.as_str().len() > authority.host().len()) {
            (Some(0), _) | (None, true) => return refuse("the port must be a number from 1 to 65535"),
            (Some(port), _) => port,
            (None, false) if https => 443,
            (None, false) => 80,
        };
        Ok(Origin {
            https,
            host: authority.host().to_owned(),
            port,
        })
    }

    /// The host without the brackets of an IPv6 address.
    pub fn bare_host(&self) -> &str {
        self.host.trim_start_matches('[').trim_end_matches(']')
    }

    pub fn scheme(&self) -> &'static str {
        if self.https {
            "https"
        } else {
            "http"
        }
    }

    pub fn is_loopback(&self) -> bool {
        let host = self.bare_host();
        host.eq_ignore_ascii_case("localhost")
            || host
                .parse::<std::net::IpAddr>()
                .is_ok_and(|address| address.is_loopback())
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let scheme = self.scheme();
        match (self.https, self.port) {
            (true, 443) | (false, 80) => write!(f, "{scheme}://{}", self.host),
            _ => write!(f, "{scheme}://{}:{}", self.host, self.port),
        }
    }
}
