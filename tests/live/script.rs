//! Runs every inference of this project about the service against the service itself, beside the emulator, and prints where they differ.
//!
//!     make live CREDENTIALS=credentials.json
//!
//! The file holds `region` (or `base_url` and, if need be, `ca_file`), `sdk_app_id`, `identifier` and `secret_key` of a test app. The
//! script imports three accounts of its own, works on them only, and deletes them at the end. Nothing else of the app is touched.

mod probes;

use std::path::Path;
use std::process::ExitCode;

use chat_emulator::{Config as Emulation, Emulator, DEFAULT_ADMIN, DEFAULT_SDK_APP_ID, DEFAULT_SECRET_KEY};
use probes::{Service, PROBES};
use tencent_chat::{Client, Config};

/// A client of what the credentials file describes.
fn service(path: &Path) -> Result<Client, String> {
    let text = std::fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()))?;
    let file: serde_json::Value = serde_json::from_str(&text).map_err(|_| format!("{}: not JSON", path.display()))?;
    let member = |name: &str| {
        file[name]
            .as_str()
            .ok_or_else(|| format!("{}: `{name}` is missing", path.display()))
    };
    let mut config = Config::default();
    let place = match file["region"].as_str() {
        Some(region) => config.set_region(region),
        None => config.set_base_url(member("base_url")?),
    };
    let id = file["sdk_app_id"]
        .as_u64()
        .and_then(|id| u32::try_from(id).ok())
        .unwrap_or_default();
    place
        .and_then(|()| file["ca_file"].as_str().map_or(Ok(()), |path| config.set_ca_file(path)))
        .and_then(|()| config.set_sdk_app_id(id))
        .map_err(|error| error.to_string())?;
    config
        .set_identifier(member("identifier")?)
        .map_err(|error| error.to_string())?;
    config
        .set_secret_key(member("secret_key")?)
        .map_err(|error| error.to_string())?;
    config.set_local_limits(false).map_err(|error| error.to_string())?;
    Client::new(&config).map_err(|error| error.to_string())
}

/// A client of an emulator.
fn emulated(emulator: &Emulator) -> Client {
    let mut config = Config::default();
    let set = config
        .set_base_url(emulator.url())
        .and_then(|()| config.set_sdk_app_id(DEFAULT_SDK_APP_ID))
        .and_then(|()| config.set_identifier(DEFAULT_ADMIN))
        .and_then(|()| config.set_secret_key(DEFAULT_SECRET_KEY))
        .and_then(|()| config.set_local_limits(false));
    set.and_then(|()| Client::new(&config))
        .expect("the emulator's own settings work")
}

fn main() -> ExitCode {
    let Some(path) = std::env::args_os().nth(1) else {
        eprintln!("usage: make live CREDENTIALS=credentials.json (see tests/live/script.rs)");
        return ExitCode::from(2);
    };
    let service = match service(Path::new(&path)) {
        Ok(client) => client,
        Err(error) => {
            eprintln!("{error}");
            return ExitCode::from(2);
        }
    };
    let emulator = Emulator::start(Emulation::default()).expect("an emulator starts on free ports");
    let (mut ours, mut theirs) = (Service::new(emulated(&emulator)), Service::new(service));
    let mut differences = 0;
    for probe in PROBES {
        let (expected, seen) = (ours.look(probe), theirs.look(probe));
        if expected == seen {
            println!("same       {}: {seen}", probe.question);
        } else {
            differences += 1;
            println!(
                "DIFFERENT  {}\n  emulator {expected}\n  service  {seen}",
                probe.question
            );
        }
    }
    ours.leave();
    theirs.leave();
    println!("{} questions, {differences} differences", PROBES.len());
    if differences == 0 {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}
