//! The first line: the leading cause, and what it did to the night.
use super::fix::spaced;
use super::scene::{LAST_NIGHT_MS, Scene};
use super::types::{Certainty, Finding, Unchecked};
use crate::core::derive::job::Worker;
use crate::core::probe::database::Job;
use crate::core::probe::packs::Pack;
use crate::core::state::State;
use crate::core::verdict::{Fate, state_of};
use crate::i18n::Text;
use crate::text;

pub(super) fn of(s: &Scene, findings: &[Finding], unchecked: &[Unchecked]) -> Text {
    let night = night(s);
    let Some(first) = findings.first() else { return nothing(s, night, unchecked) };
    let says = sure(first);
    let mut text = match (&night, &s.fate) {
        // good news first, where there are some
        (Some(night), Fate::There { .. }) => Text {
            zh: format!("{}；但{}{}", night.zh, spaced(&says.zh), says.zh),
            en: format!("{}; but {}", night.en, says.en),
        },
        (Some(night), _) if !first.tells => {
            Text { zh: format!("{}；{}", says.zh, night.zh), en: format!("{}; {}", says.en, night.en) }
        }
        _ => says,
    };
    let more = findings.iter().skip(1).filter(|f| f.state == State::Failed).count();
    if more > 0 {
        text.zh.push_str(&format!("（另有 {more} 处也坏了）"));
        text.en.push_str(&format!(" (and {more} more)"));
    }
    text
}

/// What the leading cause is, with how sure that is where it is not proved.
fn sure(first: &Finding) -> Text {
    let says = &first.says;
    match (first.cause, first.certainty) {
        // what is seen is so; why, nobody knows
        ("unknown", _) => Text {
            zh: format!("{}（原因没有查到）", says.zh),
            en: format!("{} (the reason was not found)", says.en),
        },
        ("other-trouble", _) | (_, Certainty::Proved) => says.clone(),
        (_, certainty) => {
            let word = certainty.word();
            Text { zh: format!("{}：{}", word.zh, says.zh), en: format!("{}: {}", word.en, says.en) }
        }
    }
}

/// Nothing was found.
fn nothing(s: &Scene, night: Option<Text>, unchecked: &[Unchecked]) -> Text {
    let there = matches!(s.fate, Fate::There { .. });
    match (night, unchecked.first()) {
        (Some(night), None) => night,
        (None, None) => text!("没有发现问题", "nothing is wrong"),
        (night, Some(open)) => {
            let said = night.unwrap_or_else(|| {
                text!("查不出昨夜的备份怎么样", "what became of last night's backup cannot be said")
            });
            let sep = if there {
                ("；但没能检查：", "; but could not be checked: ")
            } else {
                ("；没能检查：", "; could not be checked: ")
            };
            Text {
                zh: format!("{}{}{}（{}）", said.zh, sep.0, open.what.zh, open.why.zh),
                en: format!("{}{}{} ({})", said.en, sep.1, open.what.en, open.why.en),
            }
        }
    }
}

/// What became of the night, in a few words.
fn night(s: &Scene) -> Option<Text> {
    let due = s.f.slot.as_ref().map(|slot| s.time(slot.due)).unwrap_or_default();
    Some(match &s.fate {
        Fate::There { job, pack } => there(s, job, pack),
        Fate::Expired(job) => text!(
            "昨夜 {due} 的备份 {} 做完了，它的包按保留数清理掉了，这是正常的",
            "last night's backup {} ({due}) was made, and its pack made room for newer ones, as it should",
            job.id
        ),
        Fate::Unread(_) | Fate::NoZone | Fate::Unproved { .. } | Fate::Odd(_) => {
            text!("昨夜的备份怎么样，现在查不出", "what became of last night's backup cannot be said now")
        }
        Fate::Unseen { .. } => {
            text!(
                "昨夜 {due} 的备份在不在 Windows 上，现在看不到",
                "whether last night's backup ({due}) is on Windows cannot be seen now"
            )
        }
        Fate::Missed => text!("昨夜 {due} 的备份没有做", "last night's backup ({due}) was not made"),
        Fate::Ended(_) => text!("昨夜 {due} 的备份没有做成", "last night's backup ({due}) was not made"),
        Fate::Working { worker, .. } if worker.is_some_and(Worker::is_gone) => {
            text!("昨夜 {due} 的备份没有做完", "last night's backup ({due}) was not finished")
        }
        Fate::NotCopied(_) | Fate::Gone(_) => {
            text!("昨夜 {due} 的备份不在 Windows 上", "last night's backup ({due}) is not on Windows")
        }
        // data is what a backup is for: without its images it can still be used
        Fate::Incomplete { judged, .. } if state_of(judged) == State::Warning => {
            text!(
                "昨夜 {due} 的备份缺镜像，数据都在",
                "last night's backup ({due}) lacks its images; all data is there"
            )
        }
        Fate::Incomplete { .. } => {
            text!("昨夜 {due} 的备份不能用", "last night's backup ({due}) is of no use")
        }
        Fate::Working { .. }
        | Fate::JustEnded(_)
        | Fate::Due
        | Fate::Starting
        | Fate::NothingFires
        | Fate::Shrunk { .. } => return None,
    })
}

/// A whole pack: whether it is last night's.
fn there(s: &Scene, job: &Job, pack: &Pack) -> Text {
    let at = job.finished.or(job.created).map(|at| s.time(at)).unwrap_or_else(|| "?".into());
    let size = pack.bytes();
    if s.state("night") == State::Unknown {
        return text!(
            "有一份完整的备份（{size}，{at} 完成），是不是昨夜该做的说不准",
            "there is a whole backup ({size}, completed at {at}); whether it is the one that was due cannot be said"
        );
    }
    if s.f.slot.as_ref().is_some_and(|slot| s.f.now.since(slot.due) > LAST_NIGHT_MS) {
        return text!(
            "最近一次该做的备份在 Windows 上（{size}，{at} 完成）",
            "the newest backup that was due is on Windows ({size}, completed at {at})"
        );
    }
    text!(
        "昨夜的备份已在 Windows 上（{size}，{at} 完成）",
        "last night's backup is on Windows ({size}, completed at {at})"
    )
}

/// The headline of a server that was not reached.
pub(super) fn unreachable(what: &Text) -> Text {
    Text { zh: format!("无法检查：{}", what.zh), en: format!("could not be checked: {}", what.en) }
}

/// The link, as something that could not be checked.
pub(super) fn link(why: Text, hint: Text) -> Unchecked {
    Unchecked { what: text!("连接", "link"), why, hint, decides: true }
}
