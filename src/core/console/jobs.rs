//! 任务: the jobs of a server, newest first, and on top the one that is at work, as it is just now.
//!
//! A row's word is not believed by itself: what says that it is completed is judged by its pack on the share.
mod live;
mod row;

use super::model::Server;
use super::sheet::{Column, Lead, Sheet};
use crate::core::derive::progress::{Past, Progress};
use crate::core::gap::Gap;
use crate::core::probe::database::Job;
use crate::core::state::State;
use crate::core::units::{EpochMs, JobId};
use crate::core::verdict::{self, Facts};
use crate::i18n::Text;
use crate::text;
use std::collections::BTreeMap;

/// The screen. `progress` is what a watch of the server has told so far; `now` is the workstation's time.
pub fn jobs(f: &Facts<'_>, progress: Option<&Progress>, now: EpochMs) -> Sheet {
    let columns = vec![
        Column::number(text!("任务", "job"), 8),
        Column::fit(text!("种类", "kind"), 12),
        Column::fit(text!("记录", "row"), 10),
        Column::fit(text!("开始", "began"), 11),
        Column::number(text!("用时", "took"), 12),
        Column::number(text!("大小", "size"), 10),
        Column::rest(text!("备份包", "pack")),
    ];
    let mut lead = progress.map_or_else(|| vec![no_watch()], |p| live::lead(f, p, now));
    // rows of earlier nights do not say that last night's is not among them
    let night = verdict::check(f, "night").filter(|c| {
        c.state != State::Ok && !progress.is_some_and(|p| p.is_live() || p.standing(now).is_some())
    });
    lead.splice(0..0, night.map(|c| Lead::Line { state: Some(c.state), text: c.summary }));
    let known = match known(f, progress) {
        Ok(known) => known,
        Err(gap) => {
            let why = gap.text();
            let empty = Text {
                zh: format!("读不到任务记录：{}", why.zh),
                en: format!("the rows of jobs could not be read: {}", why.en),
            };
            return Sheet { lead, columns, rows: Vec::new(), empty: Some(empty) };
        }
    };
    // what a watch says no more is known from the look
    let standing = progress.and_then(|p| p.standing(now).filter(|s| live::stands(p, s, now)));
    let server = progress.map_or(f.now, |p| p.server(now));
    let rows = known.values().rev().map(|job| row::of(f, job, standing.as_ref(), server)).collect();
    let empty = text!("还没有任何任务", "there has been no job yet");
    Sheet { lead, columns, rows, empty: Some(empty) }
}

/// Why there is no watch just now, or no longer.
pub(super) fn broken(server: &Server) -> Option<Lead> {
    let watch = &server.watch;
    let why = watch.why.as_ref()?;
    // with the link lost, the link is tried again first
    let link = server.lost.as_ref().and_then(|l| l.again).or(server.asking.map(|a| a.since));
    let next = match (watch.run, watch.again.or(link)) {
        (Some(_), _) => text!("正在重新接上", "connecting again"),
        (None, Some(_)) => text!("会自动再接", "it is connected again by itself"),
        (None, None) => text!("按 Ctrl-R 再接", "Ctrl-R connects again"),
    };
    let text = Text {
        zh: format!("实时进度断了：{}；{}", why.zh, next.zh),
        en: format!("the live progress is cut: {}; {}", why.en, next.en),
    };
    Some(Lead::Line { state: Some(State::Unknown), text })
}

/// The backup at work, as the screen says it on top: what it does, how much it has written.
pub fn progress(f: &Facts<'_>, p: &Progress, now: EpochMs) -> Vec<Lead> {
    live::lead(f, p, now)
}

/// How long the backups of the past took, as far as a look tells.
pub fn past(f: &Facts<'_>) -> Past {
    f.past()
}

fn no_watch() -> Lead {
    Lead::Line {
        state: None, text: text!("还没有接上实时进度", "the live progress is not connected yet")
    }
}

/// The newest known row of each job: the watch's where it is newer than the look.
fn known<'a>(f: &Facts<'a>, progress: Option<&'a Progress>) -> Result<BTreeMap<JobId, &'a Job>, &'a Gap> {
    let looked = f.db.map(|db| db.jobs.iter().chain(&db.live).map(|j| (j.id, j)).collect::<BTreeMap<_, _>>());
    let told = progress.and_then(Progress::rows).filter(|(_, came)| came.since(f.look.taken) >= 0);
    let Some((told, _)) = told else { return looked };
    let mut all = looked.unwrap_or_default();
    all.extend(told.ended.iter().chain(&told.live).map(|j| (j.id, j)));
    Ok(all)
}

/// A time that something takes: `45 秒`, `3 分 12 秒`, `2 小时 5 分`.
fn span(ms: i64) -> Text {
    let s = ms.max(0) / 1000;
    match s {
        ..60 => text!("{s} 秒", "{s} s"),
        60..3600 => text!("{} 分 {:02} 秒", "{} min {:02} s", s / 60, s % 60),
        _ => text!("{} 小时 {:02} 分", "{} h {:02} min", s / 3600, s % 3600 / 60),
    }
}

#[cfg(test)]
mod tests;
