//! Any bytes as records, through the transform engine.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| cutover_tests::records::records(data));
