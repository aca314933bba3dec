//! Where the shared limit is kept, from the caller's two settings. The login is wiped, and neither an error nor `Debug` shows any of it.

use std::fmt;

use percent_encoding::percent_decode_str;
use zeroize::Zeroizing;

use crate::error::Error;
use crate::origin::Origin;

const SETTING: &str = "shared_limit";
const PORT: u16 = 6_379;

/// A server of the Redis protocol, and the name under which the limit stands there.
#[derive(Clone)]
pub(crate) struct LimitServer {
    /// TLS where `https` is set.
    pub origin: Origin,
    pub login: Option<Login>,
    pub database: u16,
    pub name: String,
}

/// A user name, which may be empty, and a password.
#[derive(Clone)]
pub(crate) struct Login {
    pub user: Zeroizing<Vec<u8>>,
    pub password: Zeroizing<Vec<u8>>,
}

impl fmt::Debug for LimitServer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let login = if self.login.is_some() {
            " with login (redacted)"
        } else {
            ""
        };
        write!(f, "LimitServer({self}/{}{login}, {:?})", self.database, self.name)
    }
}

/// As in a message: scheme, host and port.
impl fmt::Display for LimitServer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let scheme = if self.origin.https { "rediss" } else { "redis" };
        write!(f, "{scheme}://{}:{}", self.origin.host, self.origin.port)
    }
}

impl LimitServer {
    /// Reads `redis://[[user]:password@]host[:port][/database]`, or `rediss://` for TLS; user and password are percent-encoded.
    pub fn parse(url: &str, name: &str) -> Result<LimitServer, Error> {
        let refuse = |rule: &str| Err(Error::argument(format!("{SETTING}: {rule}")));
        let (https, rest) = match url.split_once("://") {
            Some(("redis", rest)) => (false, rest),
            Some(("rediss", rest)) => (true, rest),
            _ => return refuse("not a URL of Redis; write redis://user:password@host:port/0, or rediss:// for TLS"),
        };
        let (login, place) = match rest.rsplit_once('@') {
            Some((login, place)) => (Some(Login::parse(login)?), place),
            None => (None, rest),
        };
        let (place, database) = place.split_once('/').unwrap_or((place, ""));
        let Ok(database) = (if database.is_empty() { "0" } else { database }).parse() else {
            return refuse("after the host only the number of a database may follow, such as /0");
        };
        let mut origin = Origin::parse(SETTING, &format!("http://{place}"))?;
        if !place.rsplit(']').next().unwrap_or_default().contains(':') {
            origin.port = PORT;
        }
        let legal = |b: u8| b.is_ascii_alphanumeric() || b"-_.".contains(&b);
        if !(1..=64).contains(&name.len()) || !name.bytes().all(legal) {
            return refuse("its name is 1 to 64 letters, digits, '-', '_' and '.'");
        }
        Ok(LimitServer {
            origin: Origin { https, ..origin },
            login,
            database,
            name: name.to_owned(),
        })
    }
}

impl Login {
    fn parse(login: &str) -> Result<Login, Error> {
        let decoded = |text: &str| {
            // Sized once: a growing text would leave copies behind.
            let mut bytes = Zeroizing::new(Vec::with_capacity(text.len()));
            bytes.extend(percent_decode_str(text));
            bytes
        };
        match login.split_once(':') {
            Some((user, password)) if !password.is_empty() => Ok(Login {
                user: decoded(user),
                password: decoded(password),
            }),
            _ => Err(Error::argument(format!(
                "{SETTING}: a login is user:password, or :password alone, both percent-encoded"
            ))),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Place, database, and the parts of the login.
    fn read(url: &str) -> (String, u16, Vec<Vec<u8>>) {
        let place = LimitServer::parse(url, "n").unwrap();
        let login = place.login.as_ref();
        let parts = login.map(|login| vec![login.user.to_vec(), login.password.to_vec()]);
        (place.to_string(), place.database, parts.unwrap_or_default())
    }

    #[test]
    fn a_url_is_read_as_redis_users_write_it() {
        assert_eq!(read("redis://h"), ("redis://h:6379".into(), 0, vec![]));
        assert_eq!(read("redis://h:80/"), ("redis://h:80".into(), 0, vec![]));
        assert_eq!(read("rediss://[::1]/15"), ("rediss://[::1]:6379".into(), 15, vec![]));
        let login = |user: &str, password: &str| vec![user.into(), password.into()];
        assert_eq!(read("redis://:p@h"), ("redis://h:6379".into(), 0, login("", "p")));
        assert_eq!(
            read("redis://u%40x:p%3A%2F@h:7/2"),
            ("redis://h:7".into(), 2, login("u@x", "p:/"))
        );
    }

    #[test]
    fn what_is_no_such_url_is_refused_without_an_echo_of_the_login() {
        for url in [
            "",
            "h",
            "http://canary:canary@h",
            "redis://",
            "redis://canary@h",
            "redis://canary:@h",
            "redis://canary:canary@h:0",
            "redis://canary:canary@h:99999",
            "redis://canary:canary@h/one",
            "redis://canary:canary@h/0/1",
            "redis://canary:canary@h?db=1",
            "redis://h h",
            "unix:///run/redis",
        ] {
            let error = LimitServer::parse(url, "n").unwrap_err();
            assert!(
                error.message.starts_with("shared_limit: ") && !error.message.contains("canary"),
                "{url}: {error}"
            );
        }
        for name in ["", "a b", "a:b", "é", &"n".repeat(65)] {
            assert!(
                LimitServer::parse("redis://h", name)
                    .unwrap_err()
                    .message
                    .contains("1 to 64"),
                "{name}"
            );
        }
    }

    #[test]
    fn debug_shows_the_place_and_no_login() {
        let shown = format!("{:?}", LimitServer::parse("redis://canary:canary@h", "n").unwrap());
        assert_eq!(shown, r#"LimitServer(redis://h:6379/0 with login (redacted), "n")"#);
    }
}
