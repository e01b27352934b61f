#![no_main]

libfuzzer_sys::fuzz_target!(init: playa_fuzz::let_panics_be_caught(), |bytes: &[u8]| playa_fuzz::read_bytes("hdr", bytes));
