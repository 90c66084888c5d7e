//! What stands between the lines of a log that is shown: why nothing came, where it went on, what may be missing.
use super::note::Note;
use crate::i18n::Text;
use crate::text;

/// A word of the console, in its place between the lines.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Remark {
    /// What the server's side says: it waits, the container was restarted, lines may be missing.
    Server(Note),
    /// The link was lost; what is written meanwhile comes once it is back.
    LinkLost {
        /// Why.
        why: Text,
    },
    /// The link is back, and the log goes on where it was left.
    GoesOn,
    /// It cannot be followed any more.
    Ended {
        /// Why.
        why: Text,
    },
}

impl Remark {
    /// Whether lines may be missing here, or nothing more comes.
    pub fn warns(&self) -> bool {
        match self {
            Remark::GoesOn => false,
            Remark::LinkLost { .. } | Remark::Ended { .. } => true,
            Remark::Server(Note::Restarted { .. }) => false,
            Remark::Server(_) => true,
        }
    }

    /// In words.
    pub fn text(&self) -> Text {
        match self {
            Remark::Server(note) => note.text(),
            Remark::LinkLost { why } => Text {
                zh: format!("连接断了，正在重新连接；断开期间的行，连上后会补上。{}", why.zh),
                en: format!(
                    "the link was lost, connecting again; what is written meanwhile comes then. {}",
                    why.en
                ),
            },
            Remark::GoesOn => {
                text!("已重新连上，从断开处接着显示", "the link is back: it goes on where it was left")
            }
            Remark::Ended { why } => Text {
                zh: format!("不再跟踪这个日志：{}", why.zh),
                en: format!("this log is not followed any more: {}", why.en),
            },
        }
    }
}
