//! Any bytes as a tap's output.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| cutover_tests::readers::singer(data));
