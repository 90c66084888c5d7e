//! Actions of consoles that are under way on the server, or were left without an end.
use super::{Check, Facts, crash_loops};
use crate::core::probe::health::Health;
use crate::core::probe::runs::{Run, RunState};
use crate::core::state::State;
use crate::i18n::Text;
use crate::text;

/// Something to say about them; nothing where all of them ended and left nothing behind.
pub(super) fn operations(f: &Facts) -> Option<Check> {
    let title = text!("操作", "actions");
    let runs = match &f.look.runs {
        Ok(runs) => runs,
        Err(gap) => return Some(Check::unknown("operations", title, gap)),
    };
    if let Some(run) = runs.iter().find(|r| r.state == RunState::Gone) {
        let summary = text!(
            "操作「{}」中途断了，没有结尾：它停掉的东西可能还停着",
            "the action {} broke off and has no end: what it stopped may still be down",
            run.action
        );
        let next = match f.env.read_only {
            false => text!(
                "接着它：让它收尾，把停掉的启动起来",
                "attach to it: it is ended, and what it stopped is started"
            ),
            true => text!(
                "这里是只读的（read_only = true），不能替它收尾：在可以改这台服务器的工作机上接着它",
                "it cannot be ended from here (read_only = true): attach to it on a workstation that may change this server"
            ),
        };
        return Some(
            Check::new("operations", title, State::Failed, summary).evidence(who(f, run)).next(next),
        );
    }
    if let Some(run) = runs.iter().find(|r| r.state == RunState::AtWork) {
        let summary = text!("操作「{}」正在进行", "the action {} is under way", run.action);
        return Some(
            Check::new("operations", title, State::Warning, summary)
                .evidence(who(f, run))
                .next(text!("等它结束，或者跟着看它", "wait until it has ended, or follow it")),
        );
    }
    // only the newest tells how things are now
    let newest = runs.first()?;
    let RunState::Ended { how } = &newest.state else { return None };
    let down = how.as_str().split(' ').nth(1) == Some("down");
    // somebody has started it since, by hand: it may be long before another action runs
    (down && !is_well_again(f, newest)).then(|| {
        let summary = text!(
            "操作「{}」停掉的东西没能再启动起来",
            "what the action {} had stopped could not be started again",
            newest.action
        );
        Check::new("operations", title, State::Failed, summary)
            .evidence(who(f, newest))
            .next(text!("看后端的状态；需要时用 R 启动", "see how the backend is; start it with R if needed"))
    })
}

/// The backend was started after the run began, and is well.
fn is_well_again(f: &Facts, run: &Run) -> bool {
    let backend = f.backend.ok().flatten().filter(|c| c.running && !crash_loops(f, c));
    let started = backend.and_then(|c| c.started).is_some_and(|at| at > run.since);
    started && f.look.health == Ok(Health::Ok)
}

fn who(f: &Facts, run: &Run) -> Text {
    let (at, operator, name) = (f.time(run.since), &run.operator, &run.name);
    text!("{operator} 开始于 {at}（编号 {name}）", "begun by {operator} at {at} (run {name})")
}
