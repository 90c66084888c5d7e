//! The opsdeck command.
use std::process::ExitCode;

fn main() -> ExitCode {
    let mut args = std::env::args_os();
    let argv0 = args.next().unwrap_or_default();
    if let Some(code) = opsdeck::demo::standin(&argv0, args) {
        return code;
    }
    ExitCode::SUCCESS
}
