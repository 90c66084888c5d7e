//! `opsdeck doctor`: whether this workstation has what the console needs. It connects to no server.
//!
//! [`facts`] asks the workstation, [`judge`] decides what the answers mean and how to mend them, without asking
//! anything; [`width`] measures a character on the terminal. What cannot be found out is 未知, never 正常.
pub mod facts;
pub mod judge;
pub mod keys;
pub mod width;

use super::args::{DoctorArgs, DoctorFormat};
use super::{Context, Exit, out};
use crate::core::state::State;
use crate::i18n::{Lang, Text, counted};
use crate::text;
use serde::Serialize;
use std::fmt::Write;
use unicode_width::UnicodeWidthStr;

/// One thing that was looked at.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Check {
    /// Its name for programs: `ssh`, `agent`.
    pub id: &'static str,
    /// Its name for people.
    pub title: Text,
    /// How it is.
    pub state: State,
    /// What was seen.
    pub evidence: Text,
    /// What to do about it; nothing when it is good.
    pub mend: Option<Text>,
}

/// Looks, and says how the workstation is.
///
/// # Errors
/// Standard output cannot be written.
pub fn run(context: &Context, args: &DoctorArgs) -> anyhow::Result<Exit> {
    let checks = judge::all(&facts::gather(context));
    let state = State::of_all(checks.iter().map(|c| c.state));
    for check in checks.iter().filter(|c| c.state != State::Ok) {
        tracing::warn!(id = check.id, state = %check.state.word().en, "doctor: {}", check.evidence.en);
    }
    let shown = match args.format {
        DoctorFormat::Text => render(&checks, state, context.lang),
        DoctorFormat::Json => serde_json::to_string_pretty(&serde_json::json!({
            "state": state,
            "checks": checks,
        }))?,
    };
    out::line(&shown)?;
    Ok(Exit::Found(state))
}

/// One line a check, its mend below it, the whole at the end.
pub fn render(checks: &[Check], state: State, lang: Lang) -> String {
    let pad = |text: &str, width: usize| format!("{text}{}", " ".repeat(width.saturating_sub(text.width())));
    let widest =
        |of: &dyn Fn(&Check) -> Text| checks.iter().map(|c| of(c).get(lang).width()).max().unwrap_or(0);
    let word = widest(&|c| c.state.word());
    let title = widest(&|c| c.title.clone());
    let mut shown = String::new();
    for check in checks {
        // writing into a String cannot fail
        let _ = writeln!(
            shown,
            "{}  {}  {}",
            pad(check.state.word().get(lang), word),
            pad(check.title.get(lang), title),
            check.evidence.get(lang)
        );
        if let Some(mend) = &check.mend {
            let label = text!("办法：", "mend: ");
            let _ = writeln!(shown, "{}{}{}", " ".repeat(word + title + 4), label.get(lang), mend.get(lang));
        }
    }
    let count = |state| checks.iter().filter(|c| c.state == state).count();
    let (total, good) = (checks.len(), count(State::Ok));
    let (failed, warned, unknown) = (count(State::Failed), count(State::Warning), count(State::Unknown));
    let word = state.word();
    let checks = counted(total, "check", "checks");
    let sum = Text {
        zh: format!(
            "结论：{}（{total} 项：正常 {good}，失败 {failed}，告警 {warned}，未知 {unknown}）",
            word.zh
        ),
        en: format!(
            "All in all: {} ({checks}: {good} OK, {failed} FAILED, {warned} WARNING, {unknown} UNKNOWN)",
            word.en
        ),
    };
    let _ = write!(shown, "{}", sum.get(lang));
    shown
}
