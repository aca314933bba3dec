//! The emulator's page in a real browser, driven by `tests/emulator/browser/page.py`; its pictures stay in the target directory.

use std::process::Command;

use crate::stage;
use crate::venv::{pip, python};

#[test]
fn the_emulators_page_does_in_a_browser_what_it_shows() {
    if !stage::tools(&["python3", "chromium", "chromedriver"]) {
        return;
    }
    let folder = stage::root().join("tests/emulator/browser");
    let own = stage::target().join("browser");
    stage::succeed(Command::new("python3").args(["-m", "venv", "--clear"]).arg(&own));
    let program = own.join("bin/python");
    let mut install = pip(&program);
    install
        .args(["install", "--require-hashes", "-r"])
        .arg(folder.join("requirements.txt"));
    stage::succeed(&mut install);
    let mut test = python(&program);
    test.arg(folder.join("page.py"))
        .arg(stage::prefix().join("bin/chat-emulator"))
        .arg(stage::target().join("emulator-page"))
        .env("PYTHONPATH", stage::root().join("bindings/python"))
        .env("TENCENT_CHAT_LIBRARY", stage::prefix().join("lib/libtencent_chat.so"));
    stage::succeed(&mut test);
}
