//! The fuzz targets as plain functions: each takes any bytes and returns, or ends the process because a promise is broken. Those of the
//! library are written in C against its header; those of the emulator ask
//! it without a socket. They know nothing of a fuzzer.

// The C targets call into it; nothing here names it.
use tencent_chat as _;

pub mod request;
pub mod signature;

extern "C" {
    fn chat_fuzz_answer(data: *const u8, size: usize);
    fn chat_fuzz_calls(data: *const u8, size: usize);
}

/// `answer.c`: any bytes as the answer to a call.
pub fn answer(data: &[u8]) {
    // SAFETY: the slice lives as long as the call, and the target keeps nothing of it.
    unsafe { chat_fuzz_answer(data.as_ptr(), data.len()) }
}

/// `calls.c`: any program over the C functions.
pub fn calls(data: &[u8]) {
    // SAFETY: as above.
    unsafe { chat_fuzz_calls(data.as_ptr(), data.len()) }
}
