//! `opsdeck check`: to be filled in.
use super::args::CheckArgs;
use super::{Context, Exit, not_built};

/// Looks at servers, read-only, and says how they are.
///
/// # Errors
/// The check could not be made at all.
pub fn run(_context: &Context, _args: &CheckArgs) -> anyhow::Result<Exit> {
    Err(not_built())
}
