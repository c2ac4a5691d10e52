//! Instructions that an audit takes, for programs of 1,000 to 256,000 lines: twice the code may cost about twice as much.
//!
//! `cargo bench --bench scaling` for all; `cargo bench --bench scaling -- chain tree` for some shapes, and a number among
//! these for the most lines. Instructions are counted by valgrind: they hardly differ from run to run, as times do.

mod shapes;

use shapes::{File, SHAPES, Shape, TEMPLATE};
use std::fs;
use std::process::{Command, ExitCode};

/// Sizes, each twice the one before.
const LINES: [usize; 9] = [1_000, 2_000, 4_000, 8_000, 16_000, 32_000, 64_000, 128_000, 256_000];

/// What a program of twice the size may cost, in hundredths of what the smaller one does: growing tables and sorting are
/// not quite linear.
const MOST: u64 = 220;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    // `cargo test --all-targets` runs benches too, without this.
    if !arguments.iter().any(|argument| argument == "--bench") {
        println!("scaling: measured by `cargo bench --bench scaling` only");
        return ExitCode::SUCCESS;
    }
    if Command::new("valgrind").arg("--version").output().is_err() {
        eprintln!("scaling: nothing measured, valgrind isn't installed (Debian: `apt-get install valgrind`)");
        return ExitCode::SUCCESS;
    }
    let most = arguments.iter().find_map(|argument| argument.parse().ok()).unwrap_or(usize::MAX);
    let is_wanted = |shape: &&Shape| {
        let mut names = arguments.iter().filter(|a| !a.starts_with('-') && a.parse::<usize>().is_err()).peekable();
        names.peek().is_none() || names.any(|name| name == shape.name)
    };
    let worst = SHAPES.iter().filter(is_wanted).map(|shape| series(shape, most)).max().unwrap_or_default();
    if worst > MOST {
        eprintln!(
            "scaling: twice the code costs {} times as much; {} are allowed",
            hundredths(worst),
            hundredths(MOST)
        );
        return ExitCode::FAILURE;
    }
    ExitCode::SUCCESS
}

/// `2.05` for 205.
fn hundredths(number: u64) -> String {
    format!("{}.{:02}", number / 100, number % 100)
}

/// Measures one shape in all sizes and prints a table; gives the worst ratio of a doubling, in hundredths.
fn series(shape: &Shape, most: usize) -> u64 {
    println!(
        "\n{:<14} {:>8} {:>8} {:>15} {:>9} {:>6}",
        shape.name, "lines", "accesses", "instructions", "per line", "ratio"
    );
    let mut before: Option<u64> = None;
    let mut worst = 0;
    for lines in LINES.into_iter().filter(|lines| *lines <= most) {
        let files = (shape.write)(lines);
        let lines: usize = files.iter().map(|(_, text)| text.lines().count()).sum();
        let run = measure(&files);
        let ratio = before.map(|before| run.instructions * 100 / before.max(1));
        let shown = ratio.map_or_else(String::new, hundredths);
        let per_line = run.instructions / lines.max(1) as u64;
        let cut = if run.is_cut { "  cut short" } else { "" };
        println!("{:<14} {lines:>8} {:>8} {:>15} {per_line:>9} {shown:>6}{cut}", "", run.accesses, run.instructions);
        worst = worst.max(ratio.unwrap_or_default());
        before = Some(run.instructions);
    }
    worst
}

/// One audit.
struct Run {
    instructions: u64,
    accesses: usize,
    /// Whether the analysis reached its limit of work: then the figure says nothing.
    is_cut: bool,
}

/// Audits a project, counting instructions.
fn measure(files: &[File]) -> Run {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let template = [("template.yaml".to_owned(), TEMPLATE.to_owned())];
    for (name, text) in files.iter().chain(&template) {
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().expect("below the folder")).expect("can create folders");
        fs::write(path, text).expect("can write");
    }
    let output = Command::new("valgrind")
        .args(["--tool=callgrind", "--callgrind-out-file=/dev/null"])
        .arg(env!("CARGO_BIN_EXE_ddb-audit"))
        .args(["template.yaml", "--src", "src", "--format", "json", "--fail-on", "never"])
        .current_dir(folder.path())
        // One thread: others would spin while they wait, and be counted.
        .env("RAYON_NUM_THREADS", "1")
        .output()
        .expect("valgrind runs");
    let counts = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "the audit fails:\n{counts}");
    let report = String::from_utf8_lossy(&output.stdout);
    let accesses = report.matches("\"operation\":").count();
    assert!(accesses > 0, "the audit finds no call: what was left out?\n{counts}");
    Run {
        instructions: collected(&counts).unwrap_or_else(|| panic!("valgrind tells no instructions:\n{counts}")),
        accesses,
        is_cut: report.contains("reached its limit of work"),
    }
}

/// The figure in `==1234== Collected : 5678`.
fn collected(counts: &str) -> Option<u64> {
    counts.lines().find_map(|line| line.split_once("Collected :"))?.1.trim().parse().ok()
}
