//! The fuzzer over [`chat_fuzz::answer`].
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| chat_fuzz::answer(data));
