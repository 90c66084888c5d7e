//! Jobs and packs in words.
use super::Facts;
use crate::core::derive::pack::{self, Judged, Missing, Small, Way};
use crate::core::probe::database::Job;
use crate::core::state::State;
use crate::core::units::Bytes;
use crate::i18n::Text;
use crate::text;

/// Whether a completed job's pack stayed on the server.
pub(in crate::core) fn not_copied(f: &Facts, job: &Job) -> bool {
    pack::way(job, f.backend.ok().flatten(), f.env) == Way::NotCopied
}

/// A job that came to its end while it was looked at.
pub(in crate::core) fn just_ended(job: &Job) -> Text {
    text!(
        "备份 {} 在这次检查途中刚刚完成，它的包要再看一次",
        "backup {} was completed while this look was taken; its pack has to be looked at once more",
        job.id
    )
}

/// A reason in one line; the whole of it is in the evidence.
pub(super) fn shortened(text: &str) -> String {
    const CHARS: usize = 120;
    let mut short: String = text.chars().take(CHARS).collect();
    if text.chars().count() > CHARS {
        short.push('…');
    }
    short
}

pub(super) fn message_or_detail(job: &Job) -> &str {
    if job.detail.is_empty() { job.message.as_str() } else { job.detail.as_str() }
}

/// A pack without images can still bring the data back; one without data cannot.
pub(in crate::core) fn state_of(judged: &Judged) -> State {
    if judged.missing.iter().all(|m| *m == Missing::Images) { State::Warning } else { State::Failed }
}

/// What a pack lacks, in words.
pub(in crate::core) fn lacking(judged: &Judged) -> Text {
    let word = |m: &Missing| match m {
        Missing::Database => text!("auth.db", "auth.db"),
        Missing::AllVolumes => text!("全部数据卷（volumes 是空的）", "every volume (volumes is empty)"),
        Missing::Volume { volume } => text!("数据卷 {volume}", "volume {volume}"),
        Missing::Images => text!("images.tar", "images.tar"),
        Missing::Seal => {
            text!("DONE 或清单（复制没有做完）", "DONE or its manifest (the copy was not finished)")
        }
        Missing::Finish => {
            text!("收尾（留有 auth.db.tmp，中途断了）", "its end (auth.db.tmp is left: it was interrupted)")
        }
    };
    let words: Vec<Text> = judged.missing.iter().map(word).collect();
    Text::join(&words)
}

/// What is far smaller than usual, in words.
pub(in crate::core) fn smaller(small: &Small) -> Text {
    let usual = small.usual;
    match (&small.file, small.has) {
        (Some(file), Some(has)) => {
            text!("{file} 只有 {has}，平时约 {usual}", "{file} has only {has}; usual is about {usual}")
        }
        (Some(file), None) => text!(
            "没有 {file}，以前的包都有，约 {usual}",
            "{file} is not there; every earlier pack has it, about {usual}"
        ),
        (None, has) => {
            let has = has.unwrap_or(Bytes(0));
            text!("整个包只有 {has}，平时约 {usual}", "the whole has only {has}; usual is about {usual}")
        }
    }
}

pub(super) fn lacks(job: &Job, judged: &Judged) -> Text {
    let all = lacking(judged);
    Text {
        zh: format!("备份 {} 记录为完成，但包不完整，缺：{}", job.id, all.zh),
        en: format!("backup {} says completed, but its pack is incomplete; it lacks: {}", job.id, all.en),
    }
}
