//! A body is outlined and rendered: no panic, every place inside the text.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| beilin::parse::markdown::fuzz_markdown(data));
