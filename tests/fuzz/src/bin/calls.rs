//! The fuzzer over [`chat_fuzz::calls`].
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| chat_fuzz::calls(data));
