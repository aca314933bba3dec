//! What a client costs the process around it and takes from it. Each test is run in a process where it is alone, because it changes the
//! environment or counts the threads of the whole process.

use std::env;
use std::process::Command;

use tencent_chat::error::CHAT_SERVICE_GROUP_NOT_FOUND;
use tencent_chat::Client;

use crate::service::{config, delete, Service};

/// Runs this program once more for a test of this file and nothing else, with these variables. In that process the answer is true.
fn alone(test: &str, variables: &[(&str, &str)]) -> bool {
    const ALONE: &str = "CHAT_TEST_ALONE";
    if env::var_os(ALONE).is_some() {
        return true;
    }
    let mut itself = Command::new(env::current_exe().unwrap());
    itself.args(["--exact", &format!("process::{test}")]);
    let output = itself.env(ALONE, "1").envs(variables.iter().copied()).output().unwrap();
    let printed = String::from_utf8_lossy(&output.stdout);
    assert!(printed.contains("1 passed; 0 failed"), "{printed}");
    false
}

#[test]
fn proxy_and_certificate_variables_are_ignored() {
    const NOWHERE: &str = "http://127.0.0.1:1";
    let variables = [
        ("ALL_PROXY", NOWHERE),
        ("HTTPS_PROXY", NOWHERE),
        ("HTTP_PROXY", NOWHERE),
        ("all_proxy", NOWHERE),
        ("https_proxy", NOWHERE),
        ("http_proxy", NOWHERE),
        ("SSL_CERT_FILE", "absent"),
        ("SSL_CERT_DIR", "absent"),
    ];
    if alone("proxy_and_certificate_variables_are_ignored", &variables) {
        let service = Service::start();
        assert_eq!(delete(&service.client(), "g").code(), CHAT_SERVICE_GROUP_NOT_FOUND);
        assert_eq!(delete(&service.tls_client(), "g").code(), CHAT_SERVICE_GROUP_NOT_FOUND);
    }
}

/// Threads of this process that look names up.
fn lookup_threads() -> usize {
    let name = |task: std::fs::DirEntry| std::fs::read_to_string(task.path().join("comm")).unwrap_or_default();
    std::fs::read_dir("/proc/self/task")
        .unwrap()
        .flatten()
        .map(name)
        .filter(|n| n.starts_with("tencent-chat"))
        .count()
}

#[test]
fn a_client_starts_one_thread_for_names_and_none_for_addresses_or_calls() {
    if !alone(
        "a_client_starts_one_thread_for_names_and_none_for_addresses_or_calls",
        &[],
    ) {
        return;
    }
    let service = Service::start();
    let by_address = service.client();
    let by_name = Client::new(&config(&service.emulator.url().replace("127.0.0.1", "localhost"))).unwrap();
    let before = lookup_threads();
    for _ in 0..20 {
        assert_eq!(delete(&by_address, "g").code(), CHAT_SERVICE_GROUP_NOT_FOUND);
    }
    assert_eq!(lookup_threads(), before);
    for _ in 0..20 {
        assert_eq!(delete(&by_name, "g").code(), CHAT_SERVICE_GROUP_NOT_FOUND);
    }
    assert_eq!(lookup_threads(), before + 1);
    drop(by_name);
    assert_eq!(lookup_threads(), before, "no thread outlives its client");
}
