//! Gives the shared library what a C library has and plain cargo does not set: a soname that carries the ABI number; `-z nodelete`, because a
//! thread of ours may still be inside the library when the host process calls `dlclose`; and an empty environment for all that is inside
//! (src/process.rs). Writes nothing; in particular it does not generate the header (a test compares it, `make header` rewrites it).

use std::env;

fn main() {
    println!("cargo:rerun-if-changed=build.rs");
    let told = |name: &str| env::var(name).expect("cargo tells what is built");
    if told("CARGO_CFG_TARGET_OS") != "linux" {
        return;
    }
    let link = |argument: &str| println!("cargo:rustc-cdylib-link-arg=-Wl,{argument}");
    let (major, minor) = (told("CARGO_PKG_VERSION_MAJOR"), told("CARGO_PKG_VERSION_MINOR"));
    link(&format!("-soname,libtencent_chat.so.{major}.{minor}"));
    link("-z,nodelete");
    if ["x86_64", "aarch64"].contains(&told("CARGO_CFG_TARGET_ARCH").as_str()) {
        link("--wrap=getenv");
    }
}
