//! What a client costs the process around it in threads. A test program of its own, because it counts those of the whole process.

mod service;

use service::{config, delete, Service};
use tencent_chat::error::CHAT_SERVICE_GROUP_NOT_FOUND;
use tencent_chat::Client;

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
