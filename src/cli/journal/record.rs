//! The lines of a journal, put together by run.
use crate::core::plan::LockRow;
use crate::core::safetext::SafeText;
use crate::core::state::State;
use crate::core::units::EpochMs;
use crate::i18n::Text;
use crate::journal::{Entry, Kept, What};
use crate::text;

/// What was done once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record<'a> {
    /// The intent; the outcome of what was refused before.
    pub first: &'a Entry,
    /// The last outcome.
    pub outcome: Option<&'a Entry>,
}

/// Every run, in the order in which they began.
pub fn all(kept: &Kept) -> Vec<Record<'_>> {
    let mut all: Vec<Record<'_>> = Vec::new();
    for entry in &kept.entries {
        let known = all.iter_mut().rev().find(|r| r.first.run == entry.run);
        match (known, entry.is_intent()) {
            (Some(record), false) => record.outcome = Some(entry),
            (Some(_), true) => {}
            (None, true) => all.push(Record { first: entry, outcome: None }),
            (None, false) => all.push(Record { first: entry, outcome: Some(entry) }),
        }
    }
    all
}

impl<'a> Record<'a> {
    /// How it was kept: `done`, `refused`, `failed`, `unknown`, `lost`; nothing where no end was seen.
    pub fn came(&self) -> Option<&'a str> {
        match self.outcome.map(|e| &e.what) {
            Some(What::Outcome { came, .. }) => Some(came.as_str()),
            _ => None,
        }
    }

    /// Whether an end is still to be seen.
    pub fn is_open(&self) -> bool {
        self.first.is_intent() && matches!(self.came(), None | Some("unknown"))
    }

    /// When the last thing of it was written down.
    pub fn last(&self) -> EpochMs {
        self.outcome.unwrap_or(self.first).at()
    }

    /// The word for how it ended.
    pub fn word(&self) -> Text {
        match self.came() {
            Some("done") => text!("完成", "done"),
            Some("refused") => text!("拒绝", "refused"),
            Some("failed") => text!("失败", "failed"),
            Some("unknown") => text!("未知", "unknown"),
            Some("lost") => text!("未知（查不到了）", "never known"),
            Some(other) => Text::same(SafeText::new(other).as_str()),
            None => text!("没看到结尾", "end not seen"),
        }
    }

    /// Whether that is good.
    pub fn state(&self) -> State {
        match self.came() {
            Some("done") => State::Ok,
            Some("refused") => State::Warning,
            Some("failed") => State::Failed,
            _ => State::Unknown,
        }
    }

    /// What was said of it, in one line.
    pub fn said(&self) -> Text {
        match self.outcome.map(|e| &e.what) {
            Some(What::Outcome { zh, en, .. }) => {
                Text { zh: SafeText::new(zh).as_str().to_owned(), en: SafeText::new(en).as_str().to_owned() }
            }
            _ => text!(
                "控制台中途没了，或者还在进行",
                "the console went in the middle of it, or it is still at work"
            ),
        }
    }

    /// Whether it cleared a lock, which can be put back.
    pub fn cleared_a_lock(&self) -> bool {
        self.first.action == "clear-lock" && self.first.kept().iter().any(|row| LockRow::read(row).is_some())
    }
}
