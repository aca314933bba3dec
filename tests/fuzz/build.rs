//! Compiles the C targets, with the sanitizer that the Rust side is built for.

use std::env;

fn main() {
    let is_checked = env::var("CARGO_CFG_SANITIZE").is_ok_and(|names| names.contains("address"));
    for target in ["answer", "calls"] {
        let mut build = cc::Build::new();
        build
            .file(format!("{target}.c"))
            .include("../../include")
            .flag("-std=c99");
        build
            .debug(true)
            .warnings(true)
            .extra_warnings(true)
            .warnings_into_errors(true);
        if is_checked {
            build
                .flag("-fsanitize=address,undefined")
                .flag("-fno-sanitize-recover=undefined");
        }
        build.compile(&format!("chat_fuzz_{target}"));
    }
    for input in [
        "answer.c",
        "calls.c",
        "mirror.h",
        "shown.h",
        "../c/commands.h",
        "../../include/tencent_chat.h",
    ] {
        println!("cargo:rerun-if-changed={input}");
    }
}
