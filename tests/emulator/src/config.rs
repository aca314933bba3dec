//! What an emulator is started with, as plain values with working defaults; key and proxy password do not show in `Debug`.

use std::collections::BTreeMap;
use std::fmt;
use std::net::{IpAddr, Ipv4Addr};
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use crate::world::rates::RateWindow;
use crate::world::state::{Account, MarkZero, State};

/// The SDKAppID of [`Config::default`].
pub const DEFAULT_SDK_APP_ID: u32 = 1_400_000_000;
/// The admin of [`Config::default`].
pub const DEFAULT_ADMIN: &str = "administrator";
/// The key of [`Config::default`]: printed in the vendor's own README as an example, it opens nothing.
pub const DEFAULT_SECRET_KEY: &str = "5bd2850fff3ecb11d7c805251c51ee463a25727bddc2385f3fa8bfee1bb93b5e";
/// Accounts that exist from the start beside the admins, unless a seed says otherwise.
pub const DEFAULT_ACCOUNTS: [&str; 2] = ["user_0001", "user_0002"];
/// Bytes in a UserID (1047/34953).
pub(crate) const USER_ID_LIMIT: usize = 32;

/// Everything an [`Emulator`](crate::Emulator) can be told before it starts.
#[derive(Clone)]
pub struct Config {
    /// Port of the HTTP listener; 0 takes a free one.
    pub port: u16,
    /// Port of the HTTPS listener; 0 takes a free one.
    pub tls_port: u16,
    /// Port of the admin listener; 0 takes a free one.
    pub admin_port: u16,
    /// Port of the CONNECT proxy; `None` opens none, `Some(0)` takes a free one.
    pub proxy_port: Option<u16>,
    /// User and password the proxy asks for; `None` lets everyone through.
    pub proxy_login: Option<(String, String)>,
    /// Address all listeners bind to. Anything but loopback opens the emulator to the network.
    pub listen: IpAddr,
    /// Names in the certificate beside `localhost`, `127.0.0.1` and `::1`.
    pub tls_names: Vec<String>,
    /// Names by which the admin port may be called beside those of the certificate.
    pub admin_hosts: Vec<String>,
    /// Whether the admin port has a page for browsers.
    pub ui: bool,
    /// Folder of a certificate authority that outlives the emulator: made there if there is none. `None`: a new one in memory.
    pub ca_dir: Option<PathBuf>,
    /// The app that exists.
    pub sdk_app_id: u32,
    /// The identifiers that may call.
    pub admins: Vec<String>,
    /// The app's key, as the console's text.
    pub secret_key: String,
    /// Whole state at the start and after a reset; `None`: the admins and [`DEFAULT_ACCOUNTS`] are imported.
    pub seed: Option<State>,
    /// File that keeps the state from one start to the next: read at the start if it is there, written by
    /// [`Emulator::save_state`](crate::Emulator::save_state) and on drop. A reset goes back to the seed.
    pub state_file: Option<PathBuf>,
    /// How many requests the log keeps (they are counted for ever).
    pub log_limit: usize,
    /// Every request is appended to this file as a line of JSON.
    pub log_file: Option<PathBuf>,
    /// The switches at the start and after a reset.
    pub settings: Settings,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            port: 0,
            tls_port: 0,
            admin_port: 0,
            proxy_port: None,
            proxy_login: None,
            listen: IpAddr::V4(Ipv4Addr::LOCALHOST),
            tls_names: Vec::new(),
            admin_hosts: Vec::new(),
            ui: true,
            ca_dir: None,
            sdk_app_id: DEFAULT_SDK_APP_ID,
            admins: vec![DEFAULT_ADMIN.to_owned()],
            secret_key: DEFAULT_SECRET_KEY.to_owned(),
            seed: None,
            state_file: None,
            log_limit: 10_000,
            log_file: None,
            settings: Settings::default(),
        }
    }
}

impl Config {
    /// Refuses what no emulator can be started with, and says why.
    pub fn checked(mut self) -> Result<Self, String> {
        if self.sdk_app_id == 0 {
            return Err("sdk_app_id: an app has a number from 1".into());
        }
        if self.admins.is_empty() {
            return Err("admins: at least one identifier has to be allowed to call".into());
        }
        for admin in &self.admins {
            check_admin(admin).map_err(|e| format!("admins: {e}"))?;
        }
        for (what, names) in [("tls_names", &self.tls_names), ("admin_hosts", &self.admin_hosts)] {
            for name in names {
                check_tls_name(name).map_err(|e| format!("{what}: {e}"))?;
            }
        }
        if let Some((user, password)) = &self.proxy_login {
            check_login(user, password).map_err(|e| format!("proxy_login: {e}"))?;
        }
        check_key(&self.secret_key).map_err(|e| format!("secret_key: {e}"))?;
        self.settings = self.settings.checked()?;
        self.seed = self.seed.map(State::checked).transpose()?;
        Ok(self)
    }

    /// The state at the start and after a reset.
    pub(crate) fn first_state(&self) -> State {
        self.seed.clone().unwrap_or_else(|| {
            let users = DEFAULT_ACCOUNTS.iter().map(|user| (*user).to_owned());
            let accounts: BTreeMap<String, Account> = (self.admins.iter().cloned().chain(users))
                .map(|user| (user, Account::default()))
                .collect();
            State { accounts }
        })
    }
}

/// Whether an app may have an admin of that name.
pub fn check_admin(text: &str) -> Result<(), String> {
    let printable = text.bytes().all(|byte| (0x20..=0x7e).contains(&byte));
    if text.is_empty() || text.len() > USER_ID_LIMIT || !printable {
        return Err(format!(
            "{text:?} is no UserID: 1 to {USER_ID_LIMIT} bytes of printable ASCII"
        ));
    }
    Ok(())
}

/// Whether a certificate can be made out to that name, and the admin port called by it: one of DNS, or an address.
pub fn check_tls_name(text: &str) -> Result<(), String> {
    let label = |label: &str| {
        let legal = |b: u8| b.is_ascii_alphanumeric() || b == b'-' || b == b'_';
        (1..=63).contains(&label.len()) && label.bytes().all(legal) && !label.starts_with('-') && !label.ends_with('-')
    };
    let host = text.strip_prefix("*.").unwrap_or(text);
    if text.parse::<IpAddr>().is_ok() || (host.len() <= 253 && host.split('.').all(label)) {
        return Ok(());
    }
    Err(format!(
        "{text:?} is no host name, such as emulator.test, and no address"
    ))
}

/// Whether a proxy can ask for that login.
pub fn check_login(user: &str, password: &str) -> Result<(), String> {
    if user.is_empty() || user.contains(':') || [user, password].iter().any(|text| text.contains(char::is_control)) {
        return Err("give it as user:password, without control characters".into());
    }
    Ok(())
}

/// Whether an app can have that key; it is never repeated.
pub fn check_key(text: &str) -> Result<(), String> {
    match text {
        "" => Err("it is empty".into()),
        _ if text.contains(char::is_control) => Err("a key is one line of text".into()),
        _ => Ok(()),
    }
}

impl fmt::Debug for Config {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Config")
            .field("listen", &self.listen)
            .field("port", &self.port)
            .field("tls_port", &self.tls_port)
            .field("admin_port", &self.admin_port)
            .field("proxy_port", &self.proxy_port)
            .field("tls_names", &self.tls_names)
            .field("admin_hosts", &self.admin_hosts)
            .field("ui", &self.ui)
            .field("ca_dir", &self.ca_dir)
            .field("state_file", &self.state_file)
            .field("sdk_app_id", &self.sdk_app_id)
            .field("admins", &self.admins)
            .field("log_limit", &self.log_limit)
            .field("log_file", &self.log_file)
            .field("settings", &self.settings)
            .finish_non_exhaustive()
    }
}

/// The switches that can be turned while the emulator runs. Each stands for something the vendor's pages leave open or
/// that an operator decides.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Settings {
    /// Whether the app's plan has conversation groups; `false` answers 51013, but to changes of custom marks alone.
    pub plan: bool,
    /// Whether a plan without them refuses to read groups and marks, too.
    pub plan_covers_reads: bool,
    /// Which character of a `StandardMark` is mark 0.
    pub mark_zero: MarkZero,
    /// Whether every call is answered as by another data centre than the app's own: with one of several codes by turns.
    pub wrong_region: bool,
    /// Accounts that can be imported in all, 70398 above; 0 sets no limit. 100 is what the free edition holds.
    pub account_limit: usize,
    /// Bytes in a group name: 64, or 32 as before April 2026 (1047/53441).
    pub name_limit: usize,
    /// Items in one page of `get_contact_group`; the service's own number is not documented.
    pub page_size: usize,
    /// Conversations in one page of `get_list`; the service's own number is not documented.
    pub list_page_size: usize,
    /// Cloud conversations in the app's plan (100, or 500 in larger plans, 1047/48322): `get_list` and
    /// `get_contact_group` return no more in all.
    pub cloud_conversations: usize,
    /// Ids of chat groups that are dismissed: an item on one answers `ResultCode` 51007 in create, update and mark.
    pub dismissed_groups: Vec<String>,
    /// What a recentcontact call of a non-admin answers: 50003 (page 1047/53441) or 60010 (the gateway's).
    pub non_admin_code: i64,
    /// Whether five failed signature checks in a minute lock an identifier out for a minute (70050).
    pub lock_out: bool,
    /// Whether the app has a key on file; `false` answers 70016.
    pub key_on_file: bool,
    /// Calls a second that each command lets through, 60007 above; 0 sets no limit. 200 is what the pages of the
    /// recentcontact calls say.
    pub rate_limit: u32,
    /// Which second that is, by the emulator's clock.
    pub rate_window: RateWindow,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            plan: true,
            plan_covers_reads: true,
            mark_zero: MarkZero::Rightmost,
            wrong_region: false,
            account_limit: 0,
            name_limit: 64,
            page_size: 100,
            list_page_size: 100,
            cloud_conversations: 100,
            dismissed_groups: Vec::new(),
            non_admin_code: 50003,
            lock_out: false,
            key_on_file: true,
            rate_limit: 0,
            rate_window: RateWindow::Fixed,
        }
    }
}

impl Settings {
    /// Refuses values that no documented service has, and says which ones it takes.
    pub fn checked(self) -> Result<Self, String> {
        if ![64, 32].contains(&self.name_limit) {
            return Err("`name_limit` is 64 or 32 (bytes)".into());
        }
        if ![50003, 60010].contains(&self.non_admin_code) {
            return Err("`non_admin_code` is 50003 or 60010".into());
        }
        for (name, value) in [
            ("page_size", self.page_size),
            ("list_page_size", self.list_page_size),
            ("cloud_conversations", self.cloud_conversations),
        ] {
            if value == 0 {
                return Err(format!("`{name}` is 1 or more"));
            }
        }
        Ok(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_shows_neither_the_key_nor_the_proxy_password() {
        let config = Config {
            proxy_login: Some(("user".into(), "pass-canary".into())),
            ..Config::default()
        };
        let shown = format!("{config:?}");
        assert!(
            !shown.contains(DEFAULT_SECRET_KEY) && !shown.contains("pass-canary"),
            "{shown}"
        );
    }

    #[test]
    fn the_default_state_has_the_admins_and_two_users() {
        let accounts = Config::default().first_state().accounts;
        assert_eq!(
            accounts.keys().collect::<Vec<_>>(),
            ["administrator", "user_0001", "user_0002"]
        );
    }

    #[test]
    fn settings_outside_the_documented_values_are_refused() {
        let ok = Settings::default();
        assert!(Settings {
            name_limit: 48,
            ..ok.clone()
        }
        .checked()
        .is_err());
        assert!(Settings {
            non_admin_code: 1,
            ..ok.clone()
        }
        .checked()
        .is_err());
        assert!(Settings {
            page_size: 0,
            ..ok.clone()
        }
        .checked()
        .is_err());
        assert!(Settings {
            name_limit: 32,
            non_admin_code: 60010,
            ..ok
        }
        .checked()
        .is_ok());
    }
}
