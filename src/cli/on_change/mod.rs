//! `check --on-change`: a command is told when the state of an environment is another than the last time.
//!
//! `kept`: what the last time was, and one run at a time; `child`: the command, its facts, its end.
//!
//! What was not told is told again the next time, if it is still so; nothing here changes what the check says or how it
//! ends.
mod child;
mod kept;

use crate::cli::output::Report;
use crate::clock;
use crate::core::state::State;
use crate::core::units::EpochMs;
use crate::i18n::{Lang, Text};
use crate::text;
use kept::{Kept, Lock};
use std::collections::BTreeSet;
use std::ffi::OsString;
use std::path::Path;
use std::time::Duration;

pub use child::LIMIT;

/// How much longer than the commands of another run its end is waited for.
const PATIENCE: Duration = Duration::from_secs(15);

/// What is watched, and who is told.
pub struct Watch<'a> {
    /// Program and arguments.
    pub command: &'a [OsString],
    /// What names the configuration: its file, or the built-in servers.
    pub configuration: String,
    /// The keys that were asked for.
    pub environments: BTreeSet<String>,
    /// Where states are kept; nothing without a home.
    pub folder: Option<&'a Path>,
    /// Variables that hold secrets, by the configuration.
    pub secret_variables: BTreeSet<OsString>,
    /// The language of what the command is told.
    pub lang: Lang,
    /// The longest that the command may take for one environment: [`LIMIT`].
    pub limit: Duration,
}

/// One environment as it is now.
pub struct Now {
    /// Its key.
    pub env: String,
    /// Its state.
    pub state: State,
    /// In one line.
    pub headline: String,
    /// The check as text.
    pub text: String,
    /// When it was looked at.
    pub looked: EpochMs,
    /// The slot that was asked about, if it is known.
    pub night: Option<EpochMs>,
}

impl Now {
    /// What a report says.
    pub fn of(report: &Report, text: String, lang: Lang) -> Now {
        let v = &report.verdict;
        Now {
            env: v.env.0.clone(),
            state: v.state,
            headline: v.headline.get(lang).to_owned(),
            text,
            looked: v.taken,
            night: v.derived.as_ref().and_then(|d| Some(d.slot.as_ref()?.due)),
        }
    }
}

/// Whether there is something to tell. The first time, only what is not in order.
pub fn is_change(before: Option<State>, now: State) -> bool {
    match before {
        None => now != State::Ok,
        Some(before) => before != now,
    }
}

/// Whether another night is not in order either: each lost night is told, though the state is the same.
pub fn is_another_night(before: Option<EpochMs>, now: Option<EpochMs>, state: State) -> bool {
    state != State::Ok && before.zip(now).is_some_and(|(before, now)| now > before)
}

impl Watch<'_> {
    /// Tells what changed, one environment after the other. What went wrong is returned, for standard error.
    pub async fn tell(&self, all: &[Now]) -> Vec<Text> {
        let mut trouble = Vec::new();
        let mut lock = None;
        let kept = self.folder.map(|folder| Kept::at(folder, &self.configuration, &self.environments));
        match &kept {
            None => trouble.push(text!(
                "不知道主目录在哪里，记不住上一次的状态：只要不是正常，每次都会通知。办法：设置 HOME",
                "there is no home folder, so the last state is not remembered: whatever is not OK is told each time. Mend: set HOME"
            )),
            Some(kept) => {
                let most = self.limit * u32::try_from(all.len()).unwrap_or(u32::MAX);
                match Lock::take(kept, clock::timer() + most + PATIENCE).await {
                    Ok(Some(taken)) => lock = Some(taken),
                    Ok(None) => {
                        trouble.push(text!(
                            "另一次检查一直在通知，这一次没有通知；还有变化的话下一次会通知",
                            "another check is telling all the while; this one told nothing. What is still so is told the next time"
                        ));
                        return trouble;
                    }
                    Err(error) => trouble.push(not_kept(kept, &error)),
                }
            }
        }
        for now in all {
            trouble.extend(self.tell_one(now, kept.as_ref().filter(|_| lock.is_some())).await);
        }
        drop(lock);
        trouble
    }

    async fn tell_one(&self, now: &Now, kept: Option<&Kept>) -> Vec<Text> {
        let mut trouble = Vec::new();
        // read under the lock: another run may have told it a moment ago
        let last = kept.and_then(|kept| match kept.last(&now.env) {
            Ok(last) => last,
            Err(error) => {
                trouble.push(not_read(kept, &error));
                None
            }
        });
        if last.as_ref().is_some_and(|last| last.looked_ms > now.looked.0) {
            // somebody has seen more than we have
            return trouble;
        }
        let before = last.as_ref().map(|last| last.state);
        let night = last.as_ref().and_then(|last| last.night_ms).map(EpochMs);
        if is_change(before, now.state) || is_another_night(night, now.night, now.state) {
            let ran = child::run(self, now, before).await;
            tracing::info!(env = now.env, state = ?now.state, ?before, told = ran.is_ok(), "on-change");
            if let Err(why) = ran {
                trouble.push(not_told(now, &why));
                return trouble;
            }
        } else if before.is_some() && (night.is_some() || now.night.is_none()) {
            return trouble;
        }
        if let Some(kept) = kept
            && let Err(error) = kept.put(now, night)
        {
            trouble.push(not_kept(kept, &error));
        }
        trouble
    }
}

fn not_told(now: &Now, why: &Text) -> Text {
    let (env, word) = (&now.env, now.state.word());
    Text {
        zh: format!("--on-change：{env} 变成{}，没有通知出去：{}。下一次检查会再通知", word.zh, why.zh),
        en: format!(
            "--on-change: {env} is {} now and this was not told: {}. The next check tells it again",
            word.en, why.en
        ),
    }
}

fn not_kept(kept: &Kept, error: &std::io::Error) -> Text {
    let path = kept.shown();
    text!(
        "--on-change：{path} 写不了（{error}），记不住这次的状态，下一次可能重复通知。办法：检查权限和磁盘空间",
        "--on-change: cannot write {path} ({error}); this state is not remembered and may be told again. Mend: see its permissions and the room on the disk"
    )
}

fn not_read(kept: &Kept, error: &std::io::Error) -> Text {
    let path = kept.shown();
    text!(
        "--on-change：{path} 读不出来（{error}），当作第一次",
        "--on-change: cannot read {path} ({error}); taken for the first time"
    )
}
