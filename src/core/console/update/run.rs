//! A run that is followed: found on a server or begun here, shown again, and what is told of it.
use super::super::deed::{self, Deed, Run, Stage};
use super::super::menu;
use super::super::model::{Model, Notice, Server};
use super::super::msg::{Effect, RunId};
use super::super::overlay::Overlay;
use super::deed::{boxed, show};
use super::link::{self, next_run};
use super::walk;
use crate::core::plan::Action;
use crate::core::plan::brief::Brief;
use crate::core::plan::left::PutBack;
use crate::core::plan::script::RunName;
use crate::core::plan::told::{Outcome, Told};
use crate::core::units::EpochMs;
use crate::i18n::Text;
use crate::text;

/// Shows the run of the open environment; `false` where there is none.
pub(super) fn back_to_run(model: &mut Model) -> bool {
    let Some(run) = model.open().and_then(|s| s.run.as_ref()) else { return false };
    let line = menu::line_of(&run.action);
    show(model, Deed { stage: Stage::Running, ..Deed::new(line, Vec::new()) });
    true
}

/// Follows a run that is on a server already.
pub(super) fn attach(model: &mut Model, action: Action, name: RunName, now: EpochMs) -> Vec<Effect> {
    let run = next_run(model);
    let Some(server) = model.open_mut() else { return Vec::new() };
    walk::followed(server, &action);
    server.run = Some(Run::found(run, action.clone(), Some(name.clone()), now));
    vec![Effect::Attach { env: server.key.clone(), run, name, action }]
}

/// What this workstation began earlier on the environment that is open, and did not see the end of: the newest first.
pub(super) fn attach_unfinished(model: &mut Model, now: EpochMs) -> Vec<Effect> {
    let Some(server) = model.open().filter(|s| s.run.is_none()) else { return Vec::new() };
    let key = server.key.clone();
    let Some(at) = model.unfinished.iter().rposition(|u| u.env == key) else { return Vec::new() };
    let left = model.unfinished.remove(at);
    let title = left.action.title();
    model.notice = Some(Notice::Said(Text {
        zh: format!("上次没有看到结尾：{}。正在接上它；Enter 看", title.zh),
        en: format!("following again: {} (Enter shows it)", title.en),
    }));
    attach(model, left.action, left.run, now)
}

/// Follows the run that was found; one that broke off is brought to its end.
pub(super) fn attach_found(model: &mut Model, now: EpochMs) -> Vec<Effect> {
    if back_to_run(model) {
        return Vec::new();
    }
    let Some(found) = model.open().and_then(deed::found).cloned() else {
        model.notice = Some(Notice::Refused(text!(
            "上次检查时服务器上没有进行中的操作，什么也没做；F5 再检查",
            "nothing was at work there by the last look; nothing was done; F5 looks again"
        )));
        return Vec::new();
    };
    let Some(action) = Action::of_id(found.action.as_str()) else {
        let id = &found.action;
        model.notice = Some(Notice::Refused(text!(
            "不认识操作“{id}”，接不上，什么也没做；用开始它的那个版本看",
            "the action \"{id}\" is not known to this version; nothing was done"
        )));
        return Vec::new();
    };
    let effects = attach(model, action, found.name.clone(), now);
    if let Some(run) = model.open_mut().and_then(|s| s.run.as_mut()) {
        run.by = Some(found.operator);
    }
    back_to_run(model);
    effects
}

/// Takes in what the server says of a run that was found there.
pub(super) fn briefed(model: &mut Model, run: RunId, brief: Brief) {
    let found = model.servers.iter_mut().filter_map(|s| s.run.as_mut()).find(|r| r.id == run);
    if let (Some(run), Brief::Known { operator, titles, .. }) = (found, brief) {
        run.by = Some(operator);
        run.titles = titles;
    }
}

/// Takes in what is told of a run, wherever the operator is.
pub(super) fn told(model: &mut Model, run: RunId, told: Told, now: EpochMs) -> Vec<Effect> {
    let is_ours = |s: &Server| s.run.as_ref().is_some_and(|r| r.id == run && r.outcome().is_none());
    let Some(at) = model.servers.iter().position(is_ours) else { return Vec::new() };
    let is_open = model.open_at() == Some(at);
    let is_shown =
        is_open && matches!(&model.overlay, Some(Overlay::Deed(d)) if matches!(d.stage, Stage::Running));
    let Some(server) = model.servers.get_mut(at) else { return Vec::new() };
    let Some(run) = &mut server.run else { return Vec::new() };
    let has_begun = matches!(told, Told::Begun { .. });
    run.take(told, now);
    // what was found before is not the truth any more
    server.watch.changed |= has_begun;
    let Some(run) = &server.run else { return Vec::new() };
    let Some(outcome) = run.outcome().cloned() else { return Vec::new() };
    let (came, title, name) = (deed::came(&outcome), run.action.title(), server.name.clone());
    if matches!(&outcome, Outcome::Failed { left, .. } if left.put_back == PutBack::Down) {
        server.down = Some(now);
    }
    walk::ended(server, &outcome, now);
    match is_shown {
        true => {
            if let Some(deed) = boxed(model) {
                (deed.page, deed.pick) = (0, 0);
            }
        }
        // wherever it is said, it is said of which server
        false => {
            model.notice = Some(Notice::Said(Text {
                zh: format!("{name}：{}：{}", came.zh, title.zh),
                en: format!("{name}: {}: {}", came.en, title.en),
            }));
        }
    }
    link::look_after(model, at, now)
}
