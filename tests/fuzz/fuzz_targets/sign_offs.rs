//! Any bytes as sign-offs and places.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| cutover_tests::readers::sign_offs(data));
