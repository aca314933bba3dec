//! Where the shared limit is kept, from the caller's two settings. The login is wiped, and neither an error nor `Debug` shows any of it.

use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

use percent_encoding::percent_decode_str;
use zeroize::Zeroizing;

use crate::error::Error;
use crate::origin::Origin;

const SETTING: &str = "shared_limit";
const PORT: u16 = 6_379;
const STEP_MS: u64 = 1_000;
/// While one process still waited for a lost server, others would share the limit again beside its fallback.
const LONGEST_STEP_MS: u64 = 1_000;
const SHORTEST_STEP_MS: u64 = 10;

/// A server of the Redis protocol, and the name under which the limit stands there.
#[derive(Clone)]
pub(crate) struct LimitServer {
    pub place: Place,
    pub login: Option<Login>,
    pub database: u16,
    pub name: String,
    /// The authorities for this server alone.
    pub ca_file: Option<PathBuf>,
    /// For each step: a connection, a flight of the handshake, a command and its answer.
    pub timeout: Duration,
}

/// Where the server is.
#[derive(Clone, Debug)]
pub(crate) enum Place {
    /// TLS where `https` is set.
    Host(Origin),
    /// A Unix socket.
    Socket(PathBuf),
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

/// As in a message: scheme, host and port, or the socket.
impl fmt::Display for LimitServer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.place {
            Place::Host(Origin { https, host, port }) => {
                write!(f, "{}://{host}:{port}", if *https { "rediss" } else { "redis" })
            }
            Place::Socket(path) => write!(f, "redis+unix://{}", path.display()),
        }
    }
}

impl LimitServer {
    /// Reads `redis://[[user]:password@]host[:port][/database]`, `rediss://` for TLS, or `redis+unix://[[user]:password@]/path` for a socket, and
    /// what may follow a `?`. User, password and path are percent-encoded.
    pub fn parse(url: &str, name: &str) -> Result<LimitServer, Error> {
        let (scheme, rest) = url.split_once("://").unwrap_or_default();
        let kind = kind(scheme)?;
        let (rest, query) = rest.split_once('?').unwrap_or((rest, ""));
        // The path of a socket may hold an @, and a login no slash.
        let login_ends = match kind {
            Kind::Socket => rest.find('/').and_then(|path| rest[..path].rfind('@')),
            Kind::Host { .. } => rest.rfind('@'),
        };
        let (login, place) = match login_ends {
            Some(at) => (Some(Login::parse(&rest[..at])?), &rest[at + 1..]),
            None => (None, rest),
        };
        let (place, database) = match kind {
            Kind::Socket => (Place::socket(place)?, ""),
            Kind::Host { https } => Place::host(place, https)?,
        };
        let legal = |b: u8| b.is_ascii_alphanumeric() || b"-_.".contains(&b);
        if !(1..=64).contains(&name.len()) || !name.bytes().all(legal) {
            return refuse("its name is 1 to 64 letters, digits, '-', '_' and '.'");
        }
        let mut server = LimitServer {
            place,
            login,
            database: database_of(database)?,
            name: name.to_owned(),
            ca_file: None,
            timeout: Duration::from_millis(STEP_MS),
        };
        query
            .split('&')
            .filter(|pair| !pair.is_empty())
            .try_for_each(|pair| server.take(pair))?;
        Ok(server)
    }

    /// What follows the `?`.
    fn take(&mut self, pair: &str) -> Result<(), Error> {
        match (pair.split_once('=').unwrap_or_default(), &self.place) {
            (("timeout_ms", ms), _) => {
                let ms = ms
                    .parse()
                    .ok()
                    .filter(|ms| (SHORTEST_STEP_MS..=LONGEST_STEP_MS).contains(ms));
                let Some(ms) = ms else {
                    return refuse(
                        "timeout_ms lies between 10 and 1000: others share the limit again when it has passed",
                    );
                };
                self.timeout = Duration::from_millis(ms);
            }
            (("db", database), Place::Socket(_)) => self.database = database_of(database)?,
            (("ca_file", path), Place::Host(Origin { https: true, .. })) if !path.is_empty() => {
                self.ca_file = Some(decoded_path(path)?);
            }
            _ => return refuse("after the ? only timeout_ms may stand, ca_file for rediss://, and db for a socket"),
        }
        Ok(())
    }

    pub fn uses_tls(&self) -> bool {
        matches!(self.place, Place::Host(Origin { https: true, .. }))
    }
}

fn refuse<T>(rule: &str) -> Result<T, Error> {
    Err(Error::argument(format!("{SETTING}: {rule}")))
}

enum Kind {
    Host { https: bool },
    Socket,
}

const NOT_ONE_SERVER: &str = "Sentinel and clusters are not supported, since a fail-over forgets the slots that were given, and more calls than the \
    limit would leave; name one server, such as redis://host:port";

fn kind(scheme: &str) -> Result<Kind, Error> {
    match scheme {
        "redis" => Ok(Kind::Host { https: false }),
        "rediss" => Ok(Kind::Host { https: true }),
        "redis+unix" | "unix" if cfg!(unix) => Ok(Kind::Socket),
        "redis+unix" | "unix" => refuse("this system has no such sockets; write redis://host:port"),
        other if other.contains("sentinel") || other.contains("cluster") => refuse(NOT_ONE_SERVER),
        _ => refuse(
            "not a URL of Redis; write redis://user:password@host:port/0, rediss:// for TLS, or redis+unix:///path for a socket",
        ),
    }
}

fn database_of(number: &str) -> Result<u16, Error> {
    match if number.is_empty() { "0" } else { number }.parse() {
        Ok(number) => Ok(number),
        Err(_) => refuse("after the host only the number of a database may follow, such as /0"),
    }
}

fn decoded_path(path: &str) -> Result<PathBuf, Error> {
    match percent_decode_str(path).decode_utf8() {
        Ok(path) => Ok(PathBuf::from(path.as_ref())),
        Err(_) => refuse("its path is not UTF-8"),
    }
}

impl Place {
    /// With the database that may follow.
    fn host(place: &str, https: bool) -> Result<(Place, &str), Error> {
        if place.contains(',') {
            return refuse(NOT_ONE_SERVER);
        }
        let (host, database) = place.split_once('/').unwrap_or((place, ""));
        let mut origin = Origin::parse(SETTING, &format!("http://{host}"))?;
        if !host.rsplit(']').next().unwrap_or_default().contains(':') {
            origin.port = PORT;
        }
        Ok((Place::Host(Origin { https, ..origin }), database))
    }

    fn socket(path: &str) -> Result<Place, Error> {
        if path.len() < 2 || !path.starts_with('/') {
            return refuse("a socket is named by its whole path: redis+unix:///run/redis/redis.sock");
        }
        let path = decoded_path(path)?;
        #[cfg(unix)]
        if std::os::unix::net::SocketAddr::from_pathname(&path).is_err() {
            return refuse("the path of a socket is too long for this system, or holds a NUL");
        }
        Ok(Place::Socket(path))
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
            "redis://h?password=canary",
            "redis://h?timeout_ms=canary",
            "redis://h?ca_file=canary",
            "rediss://h?ca_file=",
            "redis+unix://canary/sock",
            "redis+unix:///",
            "unix:///run/redis?db=canary",
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
    fn a_socket_an_authority_and_a_timeout_are_read() {
        let place = |url: &str| LimitServer::parse(url, "n").unwrap();
        assert_eq!(
            read("redis+unix://:p@/run/a%20b.sock?db=3"),
            (
                "redis+unix:///run/a b.sock".into(),
                3,
                vec![b"".to_vec(), b"p".to_vec()]
            )
        );
        assert_eq!(read("unix:///run/redis.sock").0, "redis+unix:///run/redis.sock");
        let server = place("rediss://h/2?ca_file=/etc/redis%20ca.pem&timeout_ms=250");
        assert_eq!(
            server.ca_file.as_deref(),
            Some(std::path::Path::new("/etc/redis ca.pem"))
        );
        assert_eq!((server.database, server.timeout), (2, Duration::from_millis(250)));
        assert_eq!(place("redis://h").timeout, Duration::from_secs(1));
        for ms in ["9", "1001", "-1", ""] {
            let error = LimitServer::parse(&format!("redis://h?timeout_ms={ms}"), "n").unwrap_err();
            assert!(error.message.contains("between 10 and 1000"), "{error}");
        }
    }

    #[test]
    fn what_fails_over_is_refused_by_name_and_with_the_reason() {
        for url in [
            "redis-sentinel://h:26379/primary",
            "redis+sentinel://h",
            "rediss-sentinel://h",
            "redis-cluster://h",
            "redis://a:1,b:2",
        ] {
            let error = LimitServer::parse(url, "n").unwrap_err().message;
            assert!(
                error.contains("Sentinel and clusters") && error.contains("a fail-over forgets"),
                "{url}: {error}"
            );
        }
    }

    #[test]
    fn debug_shows_the_place_and_no_login() {
        let shown = format!("{:?}", LimitServer::parse("redis://canary:canary@h", "n").unwrap());
        assert_eq!(shown, r#"LimitServer(redis://h:6379/0 with login (redacted), "n")"#);
    }
}
