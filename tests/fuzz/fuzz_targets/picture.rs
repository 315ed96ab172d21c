//! A picture or film is looked at and cleaned: no panic, and it stays what it is.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| beilin::picture::fuzz_picture(data));
