//! The program `chat-emulator`: flags in, one ready line out and nothing else on stdout, and a clean end on every signal that
//! asks for one or on closed stdin.

use std::io::{Read, Write};
use std::net::{IpAddr, Ipv4Addr};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
#[cfg(unix)]
use std::task::Poll;
use std::time::Duration;

use chat_emulator::{
    check_admin, check_key, check_login, check_tls_name, Config, Emulator, Settings, State, DEFAULT_ADMIN,
    DEFAULT_SDK_APP_ID, DEFAULT_SECRET_KEY,
};
use clap::builder::BoolishValueParser;
use clap::{ArgAction, CommandFactory, FromArgMatches, Parser, ValueHint};

/// The recentcontact part of the Tencent Chat REST API on this machine, for tests.
///
/// Prints one line of JSON once it listens: url, tls_url, ca_file, admin_url (and proxy_url). Ends on SIGTERM or SIGINT.
/// Every flag may be given as an environment variable, too: --tls-port as CHAT_EMULATOR_TLS_PORT.
#[derive(Parser)]
#[command(version, about)]
struct Flags {
    /// Port for HTTP; 0 takes a free one
    #[arg(long, default_value_t = 0)]
    port: u16,
    /// Port for HTTPS; 0 takes a free one
    #[arg(long, value_name = "N", default_value_t = 0)]
    tls_port: u16,
    /// Port for the admin calls; 0 takes a free one
    #[arg(long, value_name = "N", default_value_t = 0)]
    admin_port: u16,
    /// Also open a CONNECT proxy on this port; 0 takes a free one
    #[arg(long, value_name = "N")]
    proxy_port: Option<u16>,
    /// Login the proxy asks for
    #[arg(long, value_name = "USER:PASSWORD", value_parser = login, requires = "proxy_port")]
    proxy_login: Option<(String, String)>,
    /// Address to listen on; anything but loopback opens the emulator to the network
    #[arg(long, value_name = "ADDR", default_value_t = IpAddr::V4(Ipv4Addr::LOCALHOST))]
    listen: IpAddr,
    /// Name in the certificate beside localhost, 127.0.0.1 and ::1; may be repeated
    #[arg(long, value_name = "NAME", value_parser = tls_name)]
    tls_name: Vec<String>,
    /// Name by which the admin port may be called beside those of the certificate; may be repeated
    #[arg(long, value_name = "NAME", value_parser = tls_name)]
    admin_host: Vec<String>,
    /// Leave out the admin port's page for browsers
    #[arg(long)]
    no_ui: bool,
    /// Folder of the certificate authority, made there if it has none, so that it is the same at every start
    #[arg(long, value_name = "DIR")]
    ca_dir: Option<PathBuf>,
    /// The app that exists
    #[arg(long, value_name = "N", default_value_t = DEFAULT_SDK_APP_ID, value_parser = clap::value_parser!(u32).range(1..))]
    sdk_app_id: u32,
    /// Identifier that may call; may be repeated
    #[arg(long, value_name = "ID", default_value = DEFAULT_ADMIN, value_parser = admin)]
    admin: Vec<String>,
    /// File with the app's secret key; without it the public example key of the vendor's README is used
    #[arg(long, value_name = "FILE")]
    secret_key_file: Option<PathBuf>,
    /// File with the whole first state; without it the admins, user_0001 and user_0002 are imported
    #[arg(long, value_name = "FILE")]
    seed: Option<PathBuf>,
    /// File that keeps the state from one start to the next; a reset goes back to the seed
    #[arg(long, value_name = "FILE")]
    state: Option<PathBuf>,
    /// End when stdin closes, so that no emulator outlives the program that started it
    #[arg(long)]
    until_stdin_closes: bool,
    /// How many requests the log keeps
    #[arg(long, value_name = "N", default_value_t = 10_000)]
    log_limit: usize,
    /// Append every request to this file, one line of JSON each
    #[arg(long, value_name = "FILE")]
    log_file: Option<PathBuf>,
    /// What a recentcontact call of a non-admin answers: 50003 or 60010
    #[arg(long, value_name = "CODE", default_value_t = 50003)]
    non_admin_code: i64,
    /// Bytes in a group name: 64, or 32 as before April 2026
    #[arg(long, value_name = "BYTES", default_value_t = 64)]
    name_limit: usize,
    /// Print the completions of a shell and end
    #[arg(long, value_name = "SHELL")]
    completions: Option<clap_complete::Shell>,
    /// Lock an identifier out for a minute after five failed signature checks in a minute (70050)
    #[arg(long)]
    lock_out: bool,
}

fn login(text: &str) -> Result<(String, String), String> {
    let (user, password) = text.split_once(':').ok_or("give it as user:password")?;
    check_login(user, password)?;
    Ok((user.to_owned(), password.to_owned()))
}

fn admin(text: &str) -> Result<String, String> {
    check_admin(text).map(|()| text.to_owned())
}

fn tls_name(text: &str) -> Result<String, String> {
    check_tls_name(text).map(|()| text.to_owned())
}

impl Flags {
    /// The flags with what the environment says; a variable that is empty says nothing.
    fn given() -> Result<Self, clap::Error> {
        let command = Self::command().mut_args(|arg| {
            let variable = format!("CHAT_EMULATOR_{}", arg.get_id().as_str().to_uppercase());
            let starts_nothing = arg.get_id() == "completions";
            if starts_nothing || std::env::var_os(&variable).is_none_or(|value| value.is_empty()) {
                return arg;
            }
            let arg = match arg.get_action() {
                ArgAction::SetTrue => arg.value_parser(BoolishValueParser::new()),
                // One a line: an identifier may have any other character in it.
                ArgAction::Append => arg.value_delimiter('\n'),
                _ => arg,
            };
            // A login is not for --help.
            arg.env(&*variable.leak()).hide_env_values(true)
        });
        Self::from_arg_matches(&command.try_get_matches()?)
    }

    /// Writing to one of the files that are read, or to one from two sides, would spoil it.
    fn files_are_their_own(&self) -> Result<(), String> {
        let place = |file: &PathBuf| file.canonicalize().or_else(|_| std::path::absolute(file)).ok();
        let files = [
            ("--log-file", &self.log_file),
            ("--state", &self.state),
            ("--seed", &self.seed),
            ("--secret-key-file", &self.secret_key_file),
        ];
        let files: Vec<_> = files
            .iter()
            .filter_map(|(flag, file)| Some((flag, place(file.as_ref()?)?)))
            .collect();
        let written = |flag: &str| ["--log-file", "--state"].contains(&flag);
        for (at, (flag, file)) in files.iter().enumerate().filter(|(_, (flag, _))| written(flag)) {
            if let Some((other, _)) = files[at + 1..].iter().find(|(_, other)| other == file) {
                return Err(format!("{flag} {}: it is the file of {other}", file.display()));
            }
        }
        Ok(())
    }

    fn config(self) -> Result<Config, String> {
        self.files_are_their_own()?;
        let settings = Settings {
            name_limit: self.name_limit,
            non_admin_code: self.non_admin_code,
            lock_out: self.lock_out,
            ..Settings::default()
        };
        Ok(Config {
            port: self.port,
            tls_port: self.tls_port,
            admin_port: self.admin_port,
            proxy_port: self.proxy_port,
            proxy_login: self.proxy_login,
            listen: self.listen,
            tls_names: self.tls_name,
            admin_hosts: self.admin_host,
            ui: !self.no_ui,
            ca_dir: self.ca_dir,
            state_file: self.state,
            sdk_app_id: self.sdk_app_id,
            admins: self.admin,
            secret_key: match &self.secret_key_file {
                Some(file) => secret_key(file)?,
                None => DEFAULT_SECRET_KEY.to_owned(),
            },
            seed: self.seed.as_deref().map(seed).transpose()?,
            log_limit: self.log_limit,
            log_file: self.log_file,
            settings: settings.checked().map_err(|what| as_flag(&what))?,
        })
    }
}

/// A rule about a `setting`, said of its flag.
fn as_flag(what: &str) -> String {
    match what.split('`').collect::<Vec<_>>()[..] {
        ["", name, rule] => format!("--{}{rule}", name.replace('_', "-")),
        _ => what.to_owned(),
    }
}

fn secret_key(file: &Path) -> Result<String, String> {
    let failed = |what: String| format!("--secret-key-file {}: {what}", file.display());
    let text = std::fs::read_to_string(file).map_err(|e| failed(e.to_string()))?;
    let key = text.trim_start_matches('\u{feff}').trim();
    check_key(key).map_err(failed)?;
    Ok(key.to_owned())
}

fn seed(file: &Path) -> Result<State, String> {
    let text = std::fs::read(file).map_err(|e| format!("--seed {}: {e}", file.display()))?;
    State::from_json(&text).map_err(|e| format!("--seed {}: {e}", file.display()))
}

fn main() -> ExitCode {
    let flags = match Flags::given() {
        Ok(flags) => flags,
        // Help and version, which are asked for; the rest is for stderr.
        Err(asked) if asked.exit_code() == 0 => {
            return match print(asked.render()) {
                Ok(()) => ExitCode::SUCCESS,
                Err(e) => failed(&format!("cannot write to stdout: {e}"), 1),
            };
        }
        Err(wrong) => wrong.exit(),
    };
    if let Some(shell) = flags.completions {
        return match print(completions(shell)) {
            Ok(()) => ExitCode::SUCCESS,
            Err(e) => failed(&format!("cannot write to stdout: {e}"), 1),
        };
    }
    let until_stdin_closes = flags.until_stdin_closes;
    let config = match flags.config() {
        Ok(config) => config,
        Err(what) => return failed(&what, 2),
    };
    match run(config, until_stdin_closes) {
        Ok(()) => ExitCode::SUCCESS,
        Err(what) => failed(&what, 1),
    }
}

/// Files only where one is meant.
fn completions(shell: clap_complete::Shell) -> String {
    let mut command = Flags::command().mut_args(|arg| {
        let value = arg.get_value_names().and_then(|names| names.first());
        match value.map(|value| value.as_str()) {
            Some("FILE") => arg.value_hint(ValueHint::FilePath),
            Some("DIR") => arg.value_hint(ValueHint::DirPath),
            _ if arg.get_action().takes_values() => arg.value_hint(ValueHint::Other),
            _ => arg,
        }
    });
    let mut text = Vec::new();
    clap_complete::generate(shell, &mut command, "chat-emulator", &mut text);
    if shell == clap_complete::Shell::Fish {
        text.extend(b"complete -c chat-emulator -f\n");
    }
    String::from_utf8_lossy(&text).into_owned()
}

fn failed(what: &str, status: u8) -> ExitCode {
    // With stderr closed there is no one to tell; the status still does.
    let _ = writeln!(std::io::stderr(), "chat-emulator: {what}");
    ExitCode::from(status)
}

fn run(config: Config, until_stdin_closes: bool) -> Result<(), String> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(|e| format!("no event loop: {e}"))?;
    let ended = runtime.block_on(async {
        // Signals are caught before anyone can know that we run.
        let end = End::expected(until_stdin_closes).map_err(|e| format!("cannot wait for signals: {e}"))?;
        let emulator = Emulator::start(config).map_err(|e| e.to_string())?;
        print(emulator.ready_line() + "\n").map_err(|e| format!("cannot write the ready line: {e}"))?;
        tokio::select! {
            () = end.come() => {}
            () = watch_the_log_file(&emulator) => {}
            () = keep_the_state(&emulator) => {}
        }
        emulator.save_state()?;
        emulator.log_file_failure().map_or(Ok(()), Err)
    });
    runtime.shutdown_background();
    ended
}

fn print(text: impl std::fmt::Display) -> std::io::Result<()> {
    let mut out = std::io::stdout().lock();
    write!(out, "{text}")?;
    out.flush()
}

/// Tells once, as soon as it is known, that requests are missing in the log file; the emulator goes on.
async fn watch_the_log_file(emulator: &Emulator) {
    while emulator.log_file_failure().is_none() {
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    failed(&emulator.log_file_failure().unwrap_or_default(), 1);
    std::future::pending().await
}

/// Writes the state soon after it has changed. That this fails is told once; it goes on trying.
async fn keep_the_state(emulator: &Emulator) {
    let mut told = false;
    loop {
        tokio::time::sleep(Duration::from_millis(500)).await;
        match emulator.save_state() {
            Err(what) if !told => {
                failed(&what, 1);
                told = true;
            }
            _ => {}
        }
    }
}

/// What ends the program.
struct End {
    #[cfg(unix)]
    signals: Vec<tokio::signal::unix::Signal>,
    stdin: Option<tokio::sync::oneshot::Receiver<()>>,
}

impl End {
    fn expected(until_stdin_closes: bool) -> std::io::Result<Self> {
        Ok(Self {
            #[cfg(unix)]
            signals: signals()?,
            stdin: until_stdin_closes.then(stdin_closed).transpose()?,
        })
    }

    async fn come(self) {
        #[cfg(unix)]
        let mut signals = self.signals;
        let stdin = async {
            match self.stdin {
                Some(closed) => drop(closed.await),
                None => std::future::pending().await,
            }
        };
        #[cfg(unix)]
        let asked = std::future::poll_fn(|cx| {
            let any = signals.iter_mut().any(|signal| signal.poll_recv(cx).is_ready());
            if any {
                Poll::Ready(())
            } else {
                Poll::Pending
            }
        });
        #[cfg(not(unix))]
        let asked = async { drop(tokio::signal::ctrl_c().await) };
        tokio::select! {
            () = asked => {}
            () = stdin => {}
        }
    }
}

/// Every signal that would end a program without giving it the time to tidy up, but for those that tell of a fault of its
/// own. One of a hang-up that is ignored stays so: nohup asks for that.
#[cfg(unix)]
fn signals() -> std::io::Result<Vec<tokio::signal::unix::Signal>> {
    use tokio::signal::unix::{signal, SignalKind};
    let mut kinds = vec![
        SignalKind::terminate(),
        SignalKind::interrupt(),
        SignalKind::quit(),
        SignalKind::user_defined1(),
        SignalKind::user_defined2(),
        SignalKind::alarm(),
    ];
    if !hang_up_is_ignored() {
        kinds.push(SignalKind::hangup());
    }
    kinds.into_iter().map(signal).collect()
}

/// As the kernel tells it; where it does not, it is not ignored.
#[cfg(unix)]
fn hang_up_is_ignored() -> bool {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    // The hang-up is signal 1, the first bit.
    mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok())
        .is_some_and(|mask| mask & 1 == 1)
}

/// Reads stdin to its end in a thread of its own, which does not keep the program alive.
fn stdin_closed() -> std::io::Result<tokio::sync::oneshot::Receiver<()>> {
    let (tell, told) = tokio::sync::oneshot::channel();
    let read = move || {
        let mut waste = [0; 4096];
        let mut stdin = std::io::stdin().lock();
        while matches!(stdin.read(&mut waste), Ok(n) if n > 0) {}
        let _ = tell.send(());
    };
    std::thread::Builder::new().name("stdin".into()).spawn(read)?;
    Ok(told)
}
