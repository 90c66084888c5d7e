//! The screen: to be filled in.
use crate::cli::{Context, Exit, not_built};

/// Opens the console.
///
/// # Errors
/// There is no terminal, or the configuration was refused.
pub fn run(_context: &Context) -> anyhow::Result<Exit> {
    Err(not_built())
}
