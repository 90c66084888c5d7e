//! `opsdeck trust`: to be filled in.
use super::args::TrustArgs;
use super::{Context, Exit, not_built};

/// Shows a server's host key and takes it into the list of known ones.
///
/// # Errors
/// The key could not be read, does not match, or was not confirmed.
pub fn run(_context: &Context, _args: &TrustArgs) -> anyhow::Result<Exit> {
    Err(not_built())
}
