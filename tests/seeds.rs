//! What the fuzz targets do, on their seeds: so that they go on compiling with the project, and the seeds on passing.

#[path = "../fuzz/python.rs"]
mod python;
#[path = "../fuzz/template.rs"]
mod template;

use std::fs;
use std::path::Path;

/// The seeds of a target, each with its name.
fn seeds(target: &str) -> Vec<(String, Vec<u8>)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/seeds").join(target);
    let entries = fs::read_dir(folder).expect("there are seeds");
    let paths = entries.map(|entry| entry.expect("the folder can be read").path());
    paths.map(|path| (path.display().to_string(), fs::read(&path).expect("a seed can be read"))).collect()
}

#[test]
fn seeds_of_templates() {
    let seeds = seeds("template");
    assert!(!seeds.is_empty());
    for (name, seed) in seeds {
        template::run(std::str::from_utf8(&seed).unwrap_or_else(|_| panic!("{name} is text")));
    }
}

#[test]
fn seeds_of_python() {
    let seeds = seeds("python");
    assert!(!seeds.is_empty());
    seeds.iter().for_each(|(_, seed)| python::run(seed));
}
