//! The fuzzer over [`chat_fuzz::signature`].
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| chat_fuzz::signature::run(data));
