//! beilin.toml is read: no panic, every place inside the text.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| beilin::config::fuzz_config(data));
