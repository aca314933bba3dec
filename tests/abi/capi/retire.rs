//! The samples that delete one group for a list of users with threads: that they do it for everybody, say who is left, and stop where no call can
//! succeed.

use std::fs;
use std::path::Path;
use std::process::Command;

use chat_emulator::{Config, Emulator, Fault, State};

use super::{compile, Linked};
use crate::programs::{run, Language};

/// Runs the sample that deletes one group for a list of users: its exit status and what it printed.
fn retire(program: &Path, emulator: &Emulator, list: &str) -> (Option<i32>, String) {
    let file = program.with_extension("list");
    fs::write(&file, list).unwrap();
    let mut command = Command::new(program);
    command.arg(emulator.url()).arg(&file).arg("retired");
    let (status, printed) = run(command, &program.with_extension("txt"));
    (status.code(), printed)
}

#[test]
fn the_threads_of_a_sample_retire_a_group_for_every_user_of_a_list_and_stop_where_no_call_can_succeed() {
    const USERS: usize = 120;
    let users: Vec<String> = (1..=USERS).map(|number| format!("user_{number:04}")).collect();
    let with_group = users
        .iter()
        .map(|user| format!("{user:?}:{{\"groups\":[{{\"id\":1,\"name\":\"retired\"}}]}}"));
    let state = format!(
        "{{\"accounts\":{{\"bare\":{{}},{}}}}}",
        with_group.collect::<Vec<_>>().join(",")
    );
    for (language, source, name) in [
        (Language::C, "bindings/c/samples/retire_group.c", "retire_c"),
        (Language::Cpp, "bindings/cpp/samples/retire_group.cpp", "retire_cpp"),
    ] {
        let program = compile(language, Linked::Shared, &[source], &[], name);
        let emulator = Emulator::start(Config::default()).unwrap();
        emulator
            .load_state(State::from_json(state.as_bytes()).unwrap())
            .unwrap();
        emulator.fault(Fault::code(51013).skip(20).times(0));
        let (status, printed) = retire(&program, &emulator, &users.join("\n"));
        assert!(
            printed.contains("51013") && printed.contains("deleted 20, not there 0, failed "),
            "{printed}"
        );
        assert!(printed.ends_with(", stopped\n") && status == Some(1), "{printed}");
        assert!(
            emulator.requests_total() <= 20 + 8,
            "no more than one for each thread after the first refusal"
        );

        emulator.clear_faults();
        let (status, printed) = retire(&program, &emulator, &format!("\r\n{}\r\nbare", users.join("\r\n")));
        assert_eq!(
            (status, printed.as_str()),
            (Some(0), "deleted 100, not there 21, failed 0\n")
        );
        assert!(emulator
            .state()
            .accounts
            .values()
            .all(|account| account.groups.is_empty()));

        let (status, printed) = retire(&program, &emulator, "nobody\nbare\n");
        assert!(status == Some(1) && printed.contains("nobody: 50001 "), "{printed}");
        assert!(printed.ends_with("deleted 0, not there 1, failed 1\n"), "{printed}");
    }
}
