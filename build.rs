//! Gives the shared library what a C library has and plain cargo does not set: a soname that carries the ABI number, and
//! `-z nodelete`, because a thread of ours may still be inside the library when the host process calls `dlclose`.
//! Writes nothing; in particular it does not generate the header (a test compares it, `make header` rewrites it).

use std::env;

fn main() {
    println!("cargo:rerun-if-changed=build.rs");
    if env::var("CARGO_CFG_TARGET_OS").as_deref() != Ok("linux") {
        return;
    }
    let major = env::var("CARGO_PKG_VERSION_MAJOR").expect("cargo sets the version");
    let minor = env::var("CARGO_PKG_VERSION_MINOR").expect("cargo sets the version");
    println!("cargo:rustc-cdylib-link-arg=-Wl,-soname,libtencent_chat.so.{major}.{minor}");
    println!("cargo:rustc-cdylib-link-arg=-Wl,-z,nodelete");
}
