//! Any bytes as a plan.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| cutover_tests::readers::plan(data));
