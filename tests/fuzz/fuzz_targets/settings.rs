//! Any bytes as settings and as known findings.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| cutover_tests::readers::settings(data));
