//! Maps arguments to an exit code.

fn main() -> std::process::ExitCode {
    ddb_audit::cli::run()
}
