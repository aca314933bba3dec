//! A second Rust archive for the same program, as rustc writes it: with the whole standard library, shown to everybody.

use std::panic;

/// 1 when a panic was raised and caught inside this archive, as often as it was tried.
#[no_mangle]
pub extern "C" fn other_catches_a_panic() -> i32 {
    panic::set_hook(Box::new(|_| {}));
    let caught = panic::catch_unwind(|| {
        let empty: Vec<String> = std::env::args().filter(|_| false).collect();
        empty[0].len()
    });
    i32::from(caught.is_err())
}
