//! An attachment is looked at under several names: no panic, every place inside the file.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| beilin::parse::attachment::fuzz_attachment(data));
