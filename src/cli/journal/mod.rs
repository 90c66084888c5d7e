//! `opsdeck journal`: what was done to servers from this workstation, by whom, when, and what became of it.
//!
//! - [`record`]: the lines of the journal, put together by run
//! - [`table`]: for people; [`handover`]: Markdown for whoever takes over
pub mod handover;
pub mod record;
pub mod table;

use super::args::JournalArgs;
use super::{Context, Exit, Said, out};
use crate::act;
use crate::cli::act::notice;
use crate::clock;
use crate::core::units::EpochMs;
use crate::i18n::Lang;
use crate::journal::{Journal, Kept};
use crate::text;
use record::Record;

/// A day, in milliseconds.
const DAY_MS: i64 = 86_400_000;

/// What is shown of it.
pub struct View<'a> {
    /// The language.
    pub lang: Lang,
    /// The workstation's zone, in seconds east.
    pub zone_s: i32,
    /// From when on.
    pub since: EpochMs,
    /// Until when.
    pub now: EpochMs,
    /// Who asks, and where.
    pub operator: &'a str,
    /// Lines that cannot be read, in words.
    pub torn: Option<crate::i18n::Text>,
    /// What was done, oldest first.
    pub records: Vec<Record<'a>>,
}

/// Prints it.
///
/// # Errors
/// There is no home folder, the journal cannot be read, or standard output cannot be written.
pub fn run(context: &Context, args: &JournalArgs) -> anyhow::Result<Exit> {
    // the built-in servers keep their own; the real ones need no configuration for this
    let fleet = context.cli.demo().map(|_| context.fleet()).transpose()?;
    let state = match &fleet {
        Some(fleet) => fleet.state(),
        None => crate::folders::state(),
    };
    let state = state.ok_or_else(|| {
        Said(text!(
            "没有操作记录：不知道主目录在哪里\n  办法：设置 HOME 或 XDG_STATE_HOME",
            "there is no journal: no home folder\n  hint: set HOME or XDG_STATE_HOME"
        ))
    })?;
    let kept = Journal::below(&state).kept().map_err(|e| {
        let why = e.text();
        Said(crate::i18n::Text {
            zh: format!("操作记录读不出来：{}", why.zh),
            en: format!("the journal cannot be read: {}", why.en),
        })
    })?;
    let operator = act::operator();
    let days = args.days.unwrap_or(if args.md { 1 } else { 7 });
    let view = View::of(&kept, args, (clock::now(), clock::zone_s(), days), operator.as_str(), context.lang);
    out::line(&match args.md {
        true => handover::render(&view),
        false => table::render(&view),
    })?;
    Ok(Exit::DONE)
}

impl<'a> View<'a> {
    /// What is asked for: the last days, and whatever is unfinished.
    pub fn of(
        kept: &'a Kept,
        args: &JournalArgs,
        (now, zone_s, days): (EpochMs, i32, u32),
        operator: &'a str,
        lang: Lang,
    ) -> View<'a> {
        let since = now.plus_ms(-i64::from(days) * DAY_MS);
        let asked = |r: &Record<'_>| args.env.is_empty() || args.env.contains(&r.first.env);
        let records =
            record::all(kept).into_iter().filter(asked).filter(|r| r.is_open() || r.last() >= since);
        View {
            lang,
            zone_s,
            since,
            now,
            operator,
            torn: notice::torn(&kept.torn),
            records: records.collect(),
        }
    }
}
