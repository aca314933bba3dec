//! The fuzzer over [`chat_fuzz::request`].
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| chat_fuzz::request::run(data));
