//! `opsdeck log path`.
use super::args::LogCommand;
use super::{Context, Exit, Said, out};
use crate::clock;
use crate::logging;
use crate::text;
use jiff::tz::TimeZone;

/// Prints the path of today's file, alone, so that `tail -f "$(opsdeck log path)"` works.
///
/// # Errors
/// There is no folder for it, or standard output cannot be written.
pub fn run(_context: &Context, command: LogCommand) -> anyhow::Result<Exit> {
    let LogCommand::Path = command;
    let folder = logging::folder().ok_or_else(|| {
        Said(text!(
            "没有诊断日志：不知道主目录在哪里\n  办法：设置 HOME 或 XDG_STATE_HOME",
            "there is no diagnostic log: no home folder\n  hint: set HOME or XDG_STATE_HOME"
        ))
    })?;
    let path = logging::file::path(&folder, clock::now(), &TimeZone::system());
    out::line(&path.to_string_lossy())?;
    Ok(Exit::DONE)
}
