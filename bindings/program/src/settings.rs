//! Whom to talk to: flags first, then the environment. The key and the UserSig come from a file or the environment only, and the password
//! of a proxy or a shared limit from the environment only. No message ever holds one of them.

use std::env;
use std::fmt;
use std::path::{Path, PathBuf};

use tencent_chat::{Client, Config};
use zeroize::Zeroizing;

use crate::arguments::{AppFlags, ClientFlags};
use crate::exit::Exit;
use crate::given;
use crate::output::{self, Failure};

/// The administrator that every app begins with.
const FIRST_ADMINISTRATOR: &str = "administrator";

/// The default name of the app's limit in Redis.
const SHARED_LIMIT_NAME: &str = "tencent-chat";

/// What signs the calls, and where it was found.
pub struct Credential {
    is_key: bool,
    secret: Zeroizing<String>,
    /// The flag or the variable, with its file.
    pub from: String,
}

impl fmt::Debug for Credential {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Credential({}, redacted)", self.from)
    }
}

/// Where a secret may stand.
enum Place {
    Here(Zeroizing<String>),
    File(PathBuf),
}

impl ClientFlags {
    /// The library's configuration. Everything that decides how calls are sent is set here and nowhere else.
    pub fn config(&self) -> Result<Config, Failure> {
        let mut config = Config::default();
        match (&self.region, &self.base_url) {
            (Some(region), _) => config.set_region(region)?,
            (None, Some(url)) => config.set_base_url(url)?,
            (None, None) => match (variable("TENCENT_CHAT_REGION")?, variable("TENCENT_CHAT_BASE_URL")?) {
                (Some(_), Some(_)) => {
                    let both = "TENCENT_CHAT_REGION and TENCENT_CHAT_BASE_URL are both set; leave one out";
                    return Err(Failure::usage(both));
                }
                (Some(region), None) => config.set_region(&region)?,
                (None, Some(url)) => config.set_base_url(&url)?,
                (None, None) => {
                    return Err(unset(
                        "which data centre? Give --region or --base-url, or set TENCENT_CHAT_REGION or TENCENT_CHAT_BASE_URL",
                    ))
                }
            },
        }
        config.set_sdk_app_id(self.app.sdk_app_id()?)?;
        config.set_identifier(&self.app.identifier()?)?;
        let credential = self.credential()?;
        match credential.is_key {
            true => config.set_secret_key(&credential.secret)?,
            false => config.set_user_sig(&credential.secret)?,
        }
        if let Some(file) = either(&self.ca_file, "TENCENT_CHAT_CA_FILE")? {
            config.set_ca_file(&file)?;
        }
        if let Some(url) = self.proxy()? {
            config.set_proxy(Some(&url))?;
        }
        if let Some(url) = self.shared_limit()? {
            let name = either(&self.shared_limit_name, "TENCENT_CHAT_SHARED_LIMIT_NAME")?;
            config.set_shared_limit(Some(&url), name.as_deref().unwrap_or(SHARED_LIMIT_NAME))?;
        }
        config.set_shared_limit_fallback(self.shared_limit_fallback.unwrap_or(0))?;
        config.set_allow_insecure_http(self.allow_insecure_http)?;
        config.set_user_agent("tencent-chat-program")?;
        if self.verbose {
            config.on_attempt(output::attempt);
        }
        Ok(config)
    }

    pub fn client(&self) -> Result<Client, Failure> {
        Ok(Client::new(&self.config()?)?)
    }

    /// The key or the UserSig.
    fn credential(&self) -> Result<&Credential, Failure> {
        self.app.credential(self.user_sig_file.as_deref())?.ok_or_else(no_key)
    }

    /// What signs the calls and where it comes from, in words; the UserSig ends some day, and a key makes new ones.
    pub fn signed_by(&self) -> Result<String, Failure> {
        let credential = self.credential()?;
        let what = if credential.is_key { "key" } else { "UserSig" };
        Ok(format!("{what} from {}", credential.from))
    }

    pub fn shares_a_limit(&self) -> Result<bool, Failure> {
        Ok(self.shared_limit()?.is_some())
    }

    fn shared_limit(&self) -> Result<Option<Zeroizing<String>>, Failure> {
        match &self.shared_limit {
            Some(url) if url.contains('@') => Err(Failure::usage(
                "--shared-limit: a login on the command line is readable to everybody; put the URL into TENCENT_CHAT_SHARED_LIMIT",
            )),
            Some(url) => Ok(Some(Zeroizing::new(url.clone()))),
            None => variable("TENCENT_CHAT_SHARED_LIMIT"),
        }
    }

    fn proxy(&self) -> Result<Option<Zeroizing<String>>, Failure> {
        match &self.proxy {
            Some(url) if url.contains('@') => Err(Failure::usage(
                "--proxy: a login on the command line is readable to everybody; put the URL into TENCENT_CHAT_PROXY",
            )),
            Some(url) => Ok(Some(Zeroizing::new(url.clone()))),
            None => variable("TENCENT_CHAT_PROXY"),
        }
    }
}

impl AppFlags {
    pub fn sdk_app_id(&self) -> Result<u32, Failure> {
        self.known_sdk_app_id()?
            .ok_or_else(|| unset("which app? Give --sdk-app-id or set TENCENT_CHAT_SDK_APP_ID"))
    }

    /// The app, where the settings name one.
    pub fn known_sdk_app_id(&self) -> Result<Option<u32>, Failure> {
        match (self.sdk_app_id, variable("TENCENT_CHAT_SDK_APP_ID")?) {
            (Some(id), _) => Ok(Some(id)),
            (None, None) => Ok(None),
            (None, Some(text)) => text
                .trim()
                .parse()
                .map(Some)
                .map_err(|_| unset("TENCENT_CHAT_SDK_APP_ID is not the number of an app")),
        }
    }

    pub fn identifier(&self) -> Result<String, Failure> {
        Ok(either(&self.identifier, "TENCENT_CHAT_IDENTIFIER")?.unwrap_or_else(|| FIRST_ADMINISTRATOR.to_owned()))
    }

    /// The secret key, where there is one.
    pub fn key(&self) -> Result<Option<&str>, Failure> {
        if self.credential.get().is_none() {
            // A UserSig in the environment is for calls; it makes and opens no other.
            let found = self.find_credential(None, true)?;
            let _ = self.credential.set(found);
        }
        let found = self.credential.get().and_then(Option::as_ref);
        Ok(found.filter(|found| found.is_key).map(|found| found.secret.as_str()))
    }

    fn credential(&self, user_sig_file: Option<&Path>) -> Result<Option<&Credential>, Failure> {
        if self.credential.get().is_none() {
            let found = self.find_credential(user_sig_file, false)?;
            return Ok(self.credential.get_or_init(|| found).as_ref());
        }
        Ok(self.credential.get().and_then(Option::as_ref))
    }

    /// The only one there is; of two, nobody knows which was meant.
    fn find_credential(&self, user_sig_file: Option<&Path>, keys_only: bool) -> Result<Option<Credential>, Failure> {
        let value = |name: &'static str| Ok::<_, Failure>(variable(name)?.map(|value| (name, Place::Here(value))));
        let file = |given: Option<&Path>, flag: &'static str, name: &'static str| match given {
            Some(path) => Ok(Some((flag, Place::File(path.to_owned())))),
            None => Ok::<_, Failure>(variable(name)?.map(|path| (name, Place::File(PathBuf::from(path.as_str()))))),
        };
        let places = [
            (true, value("TENCENT_CHAT_SECRET_KEY")?),
            (
                true,
                file(self.key_file.as_deref(), "--key-file", "TENCENT_CHAT_KEY_FILE")?,
            ),
            (false, value("TENCENT_CHAT_USER_SIG")?),
            (
                false,
                file(user_sig_file, "--user-sig-file", "TENCENT_CHAT_USER_SIG_FILE")?,
            ),
        ];
        let wanted = places.into_iter().filter(|(is_key, _)| *is_key || !keys_only);
        let mut found = wanted.filter_map(|(is_key, place)| Some((is_key, place?)));
        let Some((is_key, (name, place))) = found.next() else {
            return Ok(None);
        };
        if let Some((_, (other, _))) = found.next() {
            return Err(Failure::usage(format!(
                "{name} and {other} are both set; leave one out"
            )));
        }
        let (secret, from) = match place {
            Place::Here(secret) => (secret, name.to_owned()),
            Place::File(path) => (secret_in(&path)?, format!("{name} ({})", path.display())),
        };
        Ok(Some(Credential { is_key, secret, from }))
    }
}

pub fn no_key() -> Failure {
    unset("which key? Give --key-file, or set TENCENT_CHAT_KEY_FILE or TENCENT_CHAT_SECRET_KEY; the key never goes on the command line")
}

fn unset(message: &str) -> Failure {
    Failure::new(Exit::Authority, message)
}

/// A variable of the environment; an empty one is none.
fn variable(name: &str) -> Result<Option<Zeroizing<String>>, Failure> {
    match env::var(name) {
        Ok(value) => Ok(Some(Zeroizing::new(value)).filter(|value| !value.is_empty())),
        Err(env::VarError::NotPresent) => Ok(None),
        Err(env::VarError::NotUnicode(_)) => Err(unset(&format!("{name} is not valid UTF-8"))),
    }
}

fn either(flag: &Option<String>, name: &str) -> Result<Option<String>, Failure> {
    match flag {
        Some(value) => Ok(Some(value.clone())),
        None => Ok(variable(name)?.map(|value| value.to_string())),
    }
}

/// A file that holds one secret; a word where others may read it.
fn secret_in(path: &Path) -> Result<Zeroizing<String>, Failure> {
    let secret = given::secret(path)?;
    if let Some(word) = given::others_may_read(path) {
        output::note(&word);
    }
    Ok(secret)
}
