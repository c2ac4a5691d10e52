#![no_main]

#[path = "../python.rs"]
mod python;

libfuzzer_sys::fuzz_target!(|code: &[u8]| python::run(code));
