//! Any bytes as the spec of a whole project, through the compiler.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| cutover_tests::properties::compile(data));
