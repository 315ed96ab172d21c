//! A call of a forge: no panic, and nothing unsigned proves anything.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| beilin::follow::fuzz_webhook(data));
