//! An emulator and clients of it, for the tests of the core.
#![allow(dead_code)] // Each test program uses its part.

use std::os::fd::{AsRawFd, FromRawFd, OwnedFd};
use std::time::Duration;

use chat_emulator::{
    Config as Emulation, Emulator, LoggedRequest, DEFAULT_ADMIN, DEFAULT_SDK_APP_ID, DEFAULT_SECRET_KEY,
};
use tencent_chat::endpoints::call::AnyCall;
use tencent_chat::endpoints::del_contact_group::DelContactGroup;
use tencent_chat::{CallOptions, Cancel, Client, Config, Response};

pub const CREATE: &str = "v4/recentcontact/create_contact_group";
pub const DELETE: &str = "v4/recentcontact/del_contact_group";
pub const USER: &str = "user_0001";

/// An emulated service of its own for each test.
pub struct Service {
    pub emulator: Emulator,
}

impl Service {
    pub fn start() -> Service {
        Service::with(Emulation::default())
    }

    pub fn with(emulation: Emulation) -> Service {
        Service {
            emulator: Emulator::start(emulation).unwrap(),
        }
    }

    /// Settings that work over http; a test changes what it is about.
    pub fn config(&self) -> Config {
        config(self.emulator.url())
    }

    pub fn client(&self) -> Client {
        Client::new(&self.config()).unwrap()
    }

    pub fn tls_client(&self) -> Client {
        let mut config = config(self.emulator.tls_url());
        config.set_ca_file(self.emulator.ca_file().to_str().unwrap()).unwrap();
        Client::new(&config).unwrap()
    }

    /// Names of the user's groups as the service holds them.
    pub fn groups(&self) -> Vec<String> {
        self.emulator.state().accounts[USER]
            .groups
            .iter()
            .map(|group| group.name.clone())
            .collect()
    }

    /// Requests of one command.
    pub fn requests(&self, path: &str) -> Vec<LoggedRequest> {
        let named = |request: &LoggedRequest| request.path.trim_start_matches('/') == path;
        self.emulator.requests().into_iter().filter(named).collect()
    }

    /// Waits until so many requests have arrived in all.
    pub fn wait_for(&self, requests: u64) {
        assert!(
            self.emulator.wait_for_requests(requests, Duration::from_secs(20)),
            "the request never arrived"
        );
    }
}

/// A place that refuses connections for as long as this lives: a port that is taken and that nobody listens on.
pub struct ClosedPort {
    pub url: String,
    _socket: OwnedFd,
}

impl ClosedPort {
    pub fn new() -> Self {
        // SAFETY: plain calls with valid arguments; the descriptor is owned right away.
        unsafe {
            let socket = OwnedFd::from_raw_fd(libc::socket(libc::AF_INET, libc::SOCK_STREAM | libc::SOCK_CLOEXEC, 0));
            let mut address: libc::sockaddr_in = std::mem::zeroed();
            address.sin_family = libc::AF_INET as libc::sa_family_t;
            address.sin_addr.s_addr = u32::from_be_bytes([127, 0, 0, 1]).to_be();
            let mut size = size_of_val(&address) as libc::socklen_t;
            let place = std::ptr::from_mut(&mut address).cast();
            assert_eq!(libc::bind(socket.as_raw_fd(), place, size), 0);
            assert_eq!(libc::getsockname(socket.as_raw_fd(), place, &mut size), 0);
            ClosedPort {
                url: format!("http://127.0.0.1:{}", u16::from_be(address.sin_port)),
                _socket: socket,
            }
        }
    }
}

/// Settings for a place, with the emulator's app and key.
pub fn config(base_url: &str) -> Config {
    let mut config = Config::default();
    config.set_base_url(base_url).unwrap();
    config.set_sdk_app_id(DEFAULT_SDK_APP_ID).unwrap();
    config.set_identifier(DEFAULT_ADMIN).unwrap();
    config.set_secret_key(DEFAULT_SECRET_KEY).unwrap();
    config
}

pub fn create(client: &Client, group: &str) -> Response {
    let json = format!(r#"{{"From_Account":"{USER}","GroupContactItem":[{{"GroupName":"{group}"}}]}}"#);
    client.call(&AnyCall::new(CREATE, json.as_bytes()), &CallOptions::default())
}

pub fn delete(client: &Client, group: &str) -> Response {
    delete_with(client, group, &CallOptions::default())
}

pub fn delete_with(client: &Client, group: &str, options: &CallOptions) -> Response {
    client.call(&DelContactGroup::new(USER, group), options)
}

/// Options with a total time of so many milliseconds.
pub fn within(ms: u32) -> CallOptions {
    let mut options = CallOptions::default();
    options.set_timeout_ms(ms).unwrap();
    options
}

/// Checks a result, and shows what the library said when it is another.
pub fn assert_code(response: &Response, code: i32) {
    assert_eq!(response.code(), code, "{} {}", response.message(), response.trace());
}

/// Options that a token ends, with a total time of a minute.
pub fn until(cancel: &Cancel) -> CallOptions {
    let mut options = within(60_000);
    options.set_cancel(Some(cancel));
    options
}

/// Options of a call that is tried once, for what a single attempt comes to.
pub fn once() -> CallOptions {
    let mut options = CallOptions::default();
    options.set_max_attempts(1).unwrap();
    options
}
