//! `opsdeck log path`.
use super::args::LogCommand;
use super::{Context, Exit, not_built};

/// Prints where the diagnostic log is.
///
/// # Errors
/// There is no place for one.
pub fn run(_context: &Context, _command: LogCommand) -> anyhow::Result<Exit> {
    Err(not_built())
}
