//! Front matter is cut and read: no panic, every place inside the text.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| beilin::parse::front_matter::fuzz_front_matter(data));
