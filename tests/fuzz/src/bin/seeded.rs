//! A mistake made on purpose, four bytes deep: `make check` expects the fuzzer to find it, which it can only do if it sees the edges of
//! the code under test.
#![no_main]

/// How many bytes of the word come first; each step is an edge of its own.
fn steps(data: &[u8]) -> usize {
    let mut steps = 0;
    for (given, wanted) in data.iter().zip(b"chat") {
        if given != wanted {
            break;
        }
        steps += 1;
    }
    steps
}

libfuzzer_sys::fuzz_target!(|data: &[u8]| assert!(steps(data) < 4, "the seeded mistake"));
