//! Any bytes as a catalog, through the sealed YAML module and the rules of catalogs.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| cutover_tests::properties::catalog(data));
