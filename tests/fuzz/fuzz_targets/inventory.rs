//! Any bytes as an inventory, through the sealed YAML module.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| cutover_tests::properties::inventory(data));
