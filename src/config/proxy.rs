//! The proxy that a client connects through. Its login is wiped and never shown.

use std::fmt;

use zeroize::Zeroizing;

use crate::error::Error;
use crate::origin::Origin;
use crate::redact::LoginParts;

/// An HTTP proxy that tunnels with CONNECT.
#[derive(Clone)]
pub(crate) struct Proxy {
    pub origin: Origin,
    /// The value of `Proxy-Authorization`, a secret.
    pub authorization: Option<Zeroizing<String>>,
}

impl fmt::Debug for Proxy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let login = if self.authorization.is_some() {
            " with login (redacted)"
        } else {
            ""
        };
        write!(f, "Proxy({}{login})", self.origin)
    }
}

impl Proxy {
    /// What must not be shown when a proxy sends it back: the login as it goes over the wire, and the password in it.
    pub fn login(&self) -> LoginParts {
        use base64::engine::{general_purpose::STANDARD, Engine};
        let value = self.authorization.as_ref();
        let Some(login) = value.and_then(|value| value.strip_prefix("Basic ")) else {
            return LoginParts::default();
        };
        let plain = Zeroizing::new(STANDARD.decode(login).unwrap_or_default());
        let parts = std::str::from_utf8(&plain).ok().and_then(|plain| plain.split_once(':'));
        LoginParts::of([login, parts.map_or("", |(_, password)| password)])
    }

    /// Reads `http://[user[:password]@]host[:port]`. No part of a login is ever echoed.
    pub fn parse(url: &str) -> Result<Proxy, Error> {
        const SETTING: &str = "proxy";
        let Some(rest) = url.strip_prefix("http://") else {
            let scheme = url.split_once("://").map_or("", |(scheme, _)| scheme);
            let known = ["https", "socks4", "socks4a", "socks5", "socks5h"].contains(&scheme);
            let named = if known {
                format!("{scheme}:// proxies are not supported")
            } else {
                "not a proxy URL".into()
            };
            return Err(Error::argument(format!(
                "{SETTING}: {named}; write http://user:password@host:port"
            )));
        };
        let (login, place) = match rest.rsplit_once('@') {
            Some((login, place)) => (Some(login), place),
            None => (None, rest),
        };
        let authorization = login.map(Self::authorization).transpose()?;
        Ok(Proxy {
            origin: Origin::parse(SETTING, &format!("http://{place}"))?,
            authorization,
        })
    }

    fn authorization(login: &str) -> Result<Zeroizing<String>, Error> {
        use base64::engine::{general_purpose::STANDARD, Engine};
        let (user, password) = login.split_once(':').unwrap_or((login, ""));
        let mut plain = Zeroizing::new(Vec::with_capacity(login.len() + 1));
        plain.extend(percent_encoding::percent_decode_str(user));
        if plain.contains(&b':') || plain.is_empty() {
            return Err(Error::argument("proxy: the user name is not empty and holds no colon"));
        }
        plain.push(b':');
        plain.extend(percent_encoding::percent_decode_str(password));
        let encoded = Zeroizing::new(STANDARD.encode(&*plain));
        Ok(Zeroizing::new(format!("Basic {}", *encoded)))
    }
}
