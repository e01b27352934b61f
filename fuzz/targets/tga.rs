#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| playa_fuzz::read_bytes("tga", bytes));
