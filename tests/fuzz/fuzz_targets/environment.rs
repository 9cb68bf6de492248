//! Any bytes as an environment.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| cutover_tests::readers::environment(data));
