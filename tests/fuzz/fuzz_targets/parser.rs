//! Any bytes as a spec's text, through scanner, grammar and shape checks.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| cutover_tests::properties::parser(data));
