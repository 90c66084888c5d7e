//! What stands on top: the answer in one line, what it was before an action, the night's pack.
use super::super::age::ago;
use super::super::freshness::Freshness;
use super::super::model::Server;
use super::super::sheet::Lead;
use super::mended::{End, Mended, compared};
use crate::core::diagnose::{Backup, Diagnosis};
use crate::core::state::State;
use crate::core::units::EpochMs;
use crate::i18n::Text;
use crate::text;

pub(super) fn lead(server: &Server, found: &Diagnosis, fresh: Freshness, now: EpochMs) -> Vec<Lead> {
    let mut all = headline(server, found, fresh);
    if let Some(mended) = &server.walk.mended {
        all.push(beside(server, mended, now));
    }
    all.extend(found.backup.as_ref().map(|b| Lead::Line { state: None, text: pack(b) }));
    all
}

/// The answer. With the link lost nothing is known now, and what was is said as old.
fn headline(server: &Server, found: &Diagnosis, fresh: Freshness) -> Vec<Lead> {
    let said = &found.headline;
    let old = || Text { zh: format!("(旧) {}", said.zh), en: format!("(old) {}", said.en) };
    let line = |state, text| Lead::Line { state: Some(state), text };
    match (&server.lost, fresh) {
        (Some(lost), _) if server.answer.is_some() => {
            let link = line(State::Unknown, lost.verdict.headline.clone());
            vec![link, Lead::Line { state: None, text: old() }]
        }
        (_, Freshness::Asking | Freshness::Stale) => vec![line(found.state, old())],
        _ if compared(server).is_some() => {
            let now = Text { zh: format!("之后：{}", said.zh), en: format!("after: {}", said.en) };
            vec![line(found.state, now)]
        }
        _ => vec![line(found.state, said.clone())],
    }
}

/// What it was before an action, or why there is nothing to compare yet.
fn beside(server: &Server, mended: &Mended, now: EpochMs) -> Lead {
    let title = mended.action.title();
    let text = match &mended.end {
        End::Waiting => Text {
            zh: format!("正在{}；结束后会再诊断一次，前后放在一起看", title.zh),
            en: format!(
                "at work: {}; at its end this is looked at again, before and after side by side",
                title.en
            ),
        },
        End::Unknown => Text {
            zh: format!("{}：结果未知，前后没法比；下面是最近一次检查看到的", title.zh),
            en: format!(
                "{}: not known whether it is over, so nothing is compared; below is the last look",
                title.en
            ),
        },
        End::Over { came, .. } if !mended.is_seen(server) => Text {
            zh: format!("{}：{}；要等结束之后的检查有了回答，才比前后", title.zh, came.zh),
            en: format!("{}: {}; compared when a look after its end has answered", title.en, came.en),
        },
        End::Over { .. } => {
            let (before, age) = (&mended.before, ago(now.since(mended.asked)));
            let word = before.state.word();
            Text {
                zh: format!("之前（{}，{}）：{}", word.zh, age.zh, before.headline.zh),
                en: format!("before ({}, {}): {}", word.en, age.en, before.headline.en),
            }
        }
    };
    Lead::Line { state: None, text }
}

/// Where the night's pack is, as Windows has it.
fn pack(b: &Backup) -> Text {
    let at = b.windows_path.as_ref().unwrap_or(&b.path);
    let size = b.bytes;
    match b.whole {
        true => text!("备份在 {at}，{size}", "the backup is {at}, {size}"),
        false => text!(
            "有一个包在 {at}，{size}，不能当完整的备份",
            "a pack is at {at}, {size}; it does not count as a whole backup"
        ),
    }
}
