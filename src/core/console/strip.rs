//! The last nights as a row of signs: was there a backup, was it late, of which kind and how large.
mod legend;
mod nights;
#[cfg(test)]
mod tests;

pub use nights::strip;

use crate::core::state::State;
use crate::core::units::Bytes;
use crate::i18n::Text;
use crate::text;

/// The last nights, the oldest first.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Strip {
    /// One for each night.
    pub nights: Vec<Night>,
    /// What is assumed of them, and what could not be found out. What the signs mean, [`Mark::word`] says.
    pub legend: Text,
}

/// One night.
#[derive(Clone, Debug, PartialEq)]
pub struct Night {
    /// The day of the month, by the backend's clock, on which its slots were due.
    pub day: u8,
    /// What became of it.
    pub mark: Mark,
    /// A full backup was made or due.
    pub full: bool,
    /// What its packs are worth; nothing if there are none any more, or if it is not known.
    pub bytes: Option<Bytes>,
}

/// What became of a night.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mark {
    /// Its backup is on the share and nothing is missing.
    There,
    /// Its row says completed, and its pack has gone from the share since (retention, or somebody).
    Gone,
    /// It was made, but late.
    Late,
    /// It is on the share with its data, and lacks the images, or is far smaller than the others of its kind.
    Short,
    /// Its backup failed, or its pack is not whole.
    Failed,
    /// There was none.
    Missing,
    /// None was due.
    NotDue,
    /// Its time has just come, and it has not begun.
    Due,
    /// It is being made.
    Running,
    /// Not known.
    Unknown,
}

impl Mark {
    /// The state that it is coloured by; only a backup that is there is good.
    pub fn state(self) -> Option<State> {
        match self {
            Mark::There => Some(State::Ok),
            Mark::Late | Mark::Short => Some(State::Warning),
            Mark::Failed | Mark::Missing => Some(State::Failed),
            Mark::Unknown => Some(State::Unknown),
            Mark::Gone | Mark::NotDue | Mark::Due | Mark::Running => None,
        }
    }

    /// Its sign: one cell, told from the others without colour.
    pub fn sign(self) -> char {
        match self {
            Mark::There => '+',
            Mark::Gone => '-',
            Mark::Late => '!',
            Mark::Short => '<',
            Mark::Failed => 'x',
            Mark::Missing => 'o',
            Mark::NotDue => '.',
            Mark::Due => ':',
            Mark::Running => '>',
            Mark::Unknown => '?',
        }
    }

    /// What the sign means.
    pub fn word(self) -> Text {
        match self {
            Mark::There => text!("在共享上", "on the share"),
            Mark::Gone => text!("已被清理", "since deleted"),
            Mark::Late => text!("迟了", "late"),
            Mark::Short => text!("偏小或缺镜像", "small, or no images"),
            Mark::Failed => text!("失败或不完整", "failed or not whole"),
            Mark::Missing => text!("没有", "none"),
            Mark::NotDue => text!("没安排", "not due"),
            Mark::Due => text!("刚到点", "just due"),
            Mark::Running => text!("进行中", "running"),
            Mark::Unknown => text!("未知", "unknown"),
        }
    }

    /// How bad it is: of two slots on a day the worse one tells.
    fn weight(self) -> u8 {
        match self {
            Mark::NotDue => 0,
            Mark::There => 1,
            Mark::Gone => 2,
            Mark::Due => 3,
            Mark::Running => 4,
            Mark::Late => 5,
            Mark::Short => 6,
            Mark::Unknown => 7,
            Mark::Failed => 8,
            Mark::Missing => 9,
        }
    }
}

impl Strip {
    /// The size of a night's pack in eighths of the largest of its kind here: 8 is the largest, 0 is empty.
    pub fn level(&self, night: &Night) -> Option<u8> {
        let bytes = night.bytes?.0;
        let alike = self.nights.iter().filter(|n| n.full == night.full);
        let most = alike.filter_map(|n| n.bytes).map(|b| b.0).max().filter(|most| *most > 0)?;
        u8::try_from((u128::from(bytes) * 8).div_ceil(u128::from(most))).ok()
    }

    /// The signs that occur, each once, in the order in which they are explained.
    pub fn marks(&self) -> Vec<Mark> {
        const ALL: [Mark; 10] = [
            Mark::There,
            Mark::Gone,
            Mark::Late,
            Mark::Short,
            Mark::Failed,
            Mark::Missing,
            Mark::Running,
            Mark::Due,
            Mark::NotDue,
            Mark::Unknown,
        ];
        ALL.into_iter().filter(|mark| self.nights.iter().any(|n| n.mark == *mark)).collect()
    }
}
