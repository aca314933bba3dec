//! The harness of `make live`, run with an emulator in the place of the service: it agrees with itself, and it sees a difference.

use crate::stage;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::OnceLock;

use chat_emulator::{Config, Emulator, Settings, DEFAULT_ADMIN, DEFAULT_SDK_APP_ID, DEFAULT_SECRET_KEY};

/// The script. Built as `make test` builds it, with the same packages and features, so that cargo finds it made already.
fn script() -> &'static Path {
    static SCRIPT: OnceLock<PathBuf> = OnceLock::new();
    SCRIPT.get_or_init(|| {
        let mut build = stage::builder(env!("CARGO"));
        build.args(["build", "--quiet", "--workspace", "--locked", "--example", "live"]);
        stage::succeed(&mut build);
        stage::target().join("debug/examples/live")
    })
}

/// Runs the script as a user would, against an emulator with these settings.
fn live(settings: Settings) -> Output {
    let service = Emulator::start(Config {
        settings,
        ..Config::default()
    })
    .unwrap();
    let credentials = serde_json::json!({
        "base_url": service.tls_url(), "ca_file": service.ca_file(), "sdk_app_id": DEFAULT_SDK_APP_ID,
        "identifier": DEFAULT_ADMIN, "secret_key": DEFAULT_SECRET_KEY,
    });
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("credentials.json");
    std::fs::write(&file, credentials.to_string()).unwrap();
    let before = service.state();
    let mut script = Command::new(script());
    script.arg(&file);
    let output = script.output().unwrap();
    let after: Vec<String> = service.state().accounts.into_keys().collect();
    assert_eq!(
        after,
        before.accounts.into_keys().collect::<Vec<_>>(),
        "it leaves nothing behind"
    );
    let shown = String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
    assert!(!shown.contains(DEFAULT_SECRET_KEY));
    output
}

#[test]
fn an_emulator_in_the_services_place_answers_every_question_the_same_way() {
    let output = live(Settings::default());
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success(), "{text}");
    assert!(
        text.lines().count() > 25 && text.ends_with(", 0 differences\n"),
        "{text}"
    );
    for unreached in ["-1", "-4", "-5", "-6", "-7", "-14"] {
        assert!(
            !text.contains(&format!(": {unreached}\n")),
            "every question reaches the service: {text}"
        );
    }
}

#[test]
fn a_service_that_differs_is_shown_with_both_answers() {
    let output = live(Settings {
        name_limit: 32,
        ..Settings::default()
    });
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(!output.status.success());
    let both = "\n  emulator 0, 0, 0, 51011\n  service  0, 51011, 51011, 51011\n";
    assert!(
        text.contains(&format!("DIFFERENT  names of 32, 33, 64 and 65 bytes{both}")),
        "{text}"
    );
}
