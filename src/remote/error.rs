//! Why a server could not be asked.
use crate::core::safetext::SafeText;
use crate::i18n::Text;
use crate::text;

/// Why a server could not be asked. Each has a summary (what happened) and a hint (what to do), in both languages.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{kind:?}: {detail}")]
pub struct LinkError {
    /// What it is.
    pub kind: LinkErrorKind,
    /// What ssh or the system said, made safe.
    pub detail: SafeText,
}

/// The kinds that are told apart.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum LinkErrorKind {
    /// No answer before the deadline of the question.
    Deadline,
    /// Anything that is not one of the others.
    Other,
}

impl LinkError {
    /// What happened.
    pub fn summary(&self) -> Text {
        text!("连接失败：{}", "link failed: {}", self.detail)
    }

    /// What to do.
    pub fn hint(&self) -> Text {
        text!("查看诊断日志", "see the diagnostic log")
    }
}
