//! Names that look up slowly, not at all or to the wrong place, as a C program sees them: run under a preloaded `getaddrinfo`.
//! The program itself says which promise is broken.

use std::path::Path;
use std::process::Command;

use crate::lookups::Lookups;
use crate::programs::{compiler, run, strict, Language};
use crate::stage;
use chat_emulator::{Config, Emulator};

#[test]
fn a_slow_dead_or_lying_resolver_is_survived() {
    let program = Path::new(env!("CARGO_TARGET_TMPDIR")).join("resolver");
    let lib = stage::prefix().join("lib");
    let mut command = compiler(Language::C);
    command
        .args(strict(Language::C))
        .arg("-I")
        .arg(stage::prefix().join("include"));
    command.arg(stage::root().join("tests/lookups/resolver.c"));
    command.arg("-o").arg(&program).arg("-L").arg(&lib);
    command
        .arg(format!("-Wl,-rpath,{}", lib.display()))
        .args(["-ltencent_chat", "-lpthread"]);
    stage::succeed(&mut command);

    let emulator = Emulator::start(Config::default()).unwrap();
    let lookups = Lookups::new("dead");
    let mut command = Command::new(&program);
    command
        .arg(emulator.tls_url())
        .arg(emulator.ca_file())
        .arg(emulator.admin_url());
    lookups.preload(&mut command);
    let (status, printed) = run(command, &program.with_extension("txt"));
    assert!(status.success(), "resolver.c ended with {status}\n{printed}");
    assert_eq!(printed.matches("kept   ").count(), 11, "{printed}");
    let names = lookups.seen();
    assert!(names.iter().all(|name| name.ends_with(".test")), "{names:?}");
}

#[test]
fn the_preloaded_resolver_does_what_it_is_told() {
    let lookups = Lookups::new("127.7.7.7");
    let asked = |name: &str| {
        let getent = stage::tool("getent")?;
        let mut command = Command::new(getent);
        let output = lookups.preload(command.args(["ahostsv4", name])).output().unwrap();
        Some(String::from_utf8_lossy(&output.stdout).into_owned())
    };
    let Some(answer) = asked("name.test") else { return };
    assert!(answer.contains("127.7.7.7"), "{answer}");
    assert!(
        asked("127.0.0.9").unwrap().contains("127.0.0.9"),
        "an address is itself"
    );
    lookups.order("dead");
    assert_eq!(asked("name.test").unwrap(), "");
    lookups.order("slow 100 127.0.0.3");
    assert!(asked("other.test").unwrap().contains("127.0.0.3"));
    lookups.order("real");
    assert!(asked("localhost").unwrap().contains("127.0.0.1"));
    assert_eq!(lookups.seen(), ["name.test", "name.test", "other.test", "localhost"]);
}
