//! The flags that say whom to talk to and as whom. Most have a variable of the environment, and a flag goes before its own; a key or UserSig that is
//! named in two places is refused.

use std::cell::OnceCell;
use std::path::PathBuf;

use clap::builder::PossibleValuesParser;
use clap::Args;
use tencent_chat::Config;

use super::number;
use crate::settings::Credential;

/// The app and its key, and how results are printed.
#[derive(Args, Debug, Default)]
#[command(next_help_heading = "Settings")]
pub struct AppFlags {
    /// The app [env: TENCENT_CHAT_SDK_APP_ID]
    #[arg(long, value_name = "N", value_parser = number(1..=u32::MAX))]
    pub sdk_app_id: Option<u32>,
    /// UserID of an administrator of the app [env: TENCENT_CHAT_IDENTIFIER, default: administrator]
    #[arg(long, value_name = "USER")]
    pub identifier: Option<String>,
    /// File with the app's secret key, or - for stdin [env: TENCENT_CHAT_KEY_FILE, or the key itself in TENCENT_CHAT_SECRET_KEY]
    #[arg(long, value_name = "FILE")]
    pub key_file: Option<PathBuf>,
    /// Print one JSON object a line
    #[arg(long)]
    pub json: bool,
    /// Read once: stdin cannot be read a second time.
    #[arg(skip)]
    pub credential: OnceCell<Option<Credential>>,
}

/// All that a command needs which calls the service.
#[derive(Args, Debug, Default)]
#[command(next_help_heading = "Settings")]
pub struct ClientFlags {
    /// Data centre of the app [env: TENCENT_CHAT_REGION]
    #[arg(long, value_name = "NAME", value_parser = PossibleValuesParser::new(Config::regions()))]
    pub region: Option<String>,
    /// Base URL to call instead of a region, such as an emulator's [env: TENCENT_CHAT_BASE_URL]
    #[arg(long, value_name = "URL", conflicts_with = "region")]
    pub base_url: Option<String>,
    #[command(flatten)]
    pub app: AppFlags,
    /// File with a ready UserSig instead of a key, or - for stdin [env: TENCENT_CHAT_USER_SIG_FILE, or the UserSig in TENCENT_CHAT_USER_SIG]
    #[arg(long, value_name = "FILE", conflicts_with = "key_file")]
    pub user_sig_file: Option<PathBuf>,
    /// PEM file of the authorities to trust instead of the built-in ones [env: TENCENT_CHAT_CA_FILE]
    #[arg(long, value_name = "FILE")]
    pub ca_file: Option<String>,
    /// HTTP proxy, http://host:port; put one with a password into the variable [env: TENCENT_CHAT_PROXY]
    #[arg(long, value_name = "URL")]
    pub proxy: Option<String>,
    /// Redis or Valkey server, redis://host:port, rediss:// for TLS or redis+unix:///path; all who name it share 200 calls a second of each
    /// command. ?timeout_ms=250 and, for its own authorities, ?ca_file=FILE may follow. Put a URL with a password into the variable [env: TENCENT_CHAT_SHARED_LIMIT]
    #[arg(long, value_name = "URL")]
    pub shared_limit: Option<String>,
    /// The limit's name there [env: TENCENT_CHAT_SHARED_LIMIT_NAME, default: tencent-chat]
    #[arg(long, value_name = "NAME")]
    pub shared_limit_name: Option<String>,
    /// Calls a second of each command while that server is away [default: none, calls are throttled]
    #[arg(long, value_name = "N", value_parser = number(1..=200_u32))]
    pub shared_limit_fallback: Option<u32>,
    /// Allow http:// beyond this machine: anybody on the network can read the signature
    #[arg(long)]
    pub allow_insecure_http: bool,
    /// Say on stderr what became of each attempt, over which connection, and where its time went
    #[arg(long, short)]
    pub verbose: bool,
}
