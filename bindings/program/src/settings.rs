//! Whom to talk to: flags first, then the environment. The key and the UserSig come from a file or the environment only, and the password
//! of a proxy or a shared limit from the environment only. No message ever holds one of them.

use std::env;
use std::path::{Path, PathBuf};

use tencent_chat::{Client, Config};
use zeroize::Zeroizing;

use crate::arguments::ClientFlags;
use crate::exit::Exit;
use crate::given;
use crate::output::{self, Failure};

/// The administrator that every app begins with.
const FIRST_ADMINISTRATOR: &str = "administrator";

/// The default name of the app's limit in Redis.
const SHARED_LIMIT_NAME: &str = "tencent-chat";

/// What signs the calls.
enum Credential {
    Key(Zeroizing<String>),
    UserSig(Zeroizing<String>),
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
                    return Err(unset("TENCENT_CHAT_REGION and TENCENT_CHAT_BASE_URL are both set; unset one"))
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
        config.set_sdk_app_id(self.sdk_app_id()?)?;
        config.set_identifier(&self.identifier()?)?;
        match self.credential()? {
            Credential::Key(key) => config.set_secret_key(&key)?,
            Credential::UserSig(sig) => config.set_user_sig(&sig)?,
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
        Ok(config)
    }

    /// Whether the place is a base URL without TLS.
    pub fn speaks_plain_http(&self) -> bool {
        let url = match &self.region {
            Some(_) => None,
            None => either(&self.base_url, "TENCENT_CHAT_BASE_URL").ok().flatten(),
        };
        url.is_some_and(|url| url.starts_with("http:"))
    }

    pub fn client(&self) -> Result<Client, Failure> {
        Ok(Client::new(&self.config()?)?)
    }

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
    pub fn key(&self) -> Result<Option<Zeroizing<String>>, Failure> {
        match self.find_credential()? {
            Some(Credential::Key(key)) => Ok(Some(key)),
            _ => Ok(None),
        }
    }

    fn credential(&self) -> Result<Credential, Failure> {
        self.find_credential()?.ok_or_else(|| {
            unset("which key? Give --key-file, or set TENCENT_CHAT_KEY_FILE or TENCENT_CHAT_SECRET_KEY; the key never goes on the command line")
        })
    }

    fn find_credential(&self) -> Result<Option<Credential>, Failure> {
        if let Some(file) = &self.key_file {
            return secret_in(file).map(Credential::Key).map(Some);
        }
        if let Some(file) = &self.user_sig_file {
            return secret_in(file).map(Credential::UserSig).map(Some);
        }
        let file = |name| Ok::<_, Failure>(variable(name)?.map(|path| PathBuf::from(path.as_str())));
        let key = match (variable("TENCENT_CHAT_SECRET_KEY")?, file("TENCENT_CHAT_KEY_FILE")?) {
            (Some(_), Some(_)) => {
                return Err(unset(
                    "TENCENT_CHAT_SECRET_KEY and TENCENT_CHAT_KEY_FILE are both set; unset one",
                ))
            }
            (Some(key), None) => Some(key),
            (None, Some(path)) => Some(secret_in(&path)?),
            (None, None) => None,
        };
        let sig = match (variable("TENCENT_CHAT_USER_SIG")?, file("TENCENT_CHAT_USER_SIG_FILE")?) {
            (Some(_), Some(_)) => {
                return Err(unset(
                    "TENCENT_CHAT_USER_SIG and TENCENT_CHAT_USER_SIG_FILE are both set; unset one",
                ))
            }
            (Some(sig), None) => Some(sig),
            (None, Some(path)) => Some(secret_in(&path)?),
            (None, None) => None,
        };
        match (key, sig) {
            (Some(_), Some(_)) => Err(unset("the environment holds both a key and a UserSig; unset one")),
            (Some(key), None) => Ok(Some(Credential::Key(key))),
            (None, Some(sig)) => Ok(Some(Credential::UserSig(sig))),
            (None, None) => Ok(None),
        }
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
