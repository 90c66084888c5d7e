//! The box of an action: opened by its key, confirmed in it, followed in it. Nothing is asked of a server here but by
//! [`Effect::Preview`], [`Effect::CarryOut`] and [`Effect::Attach`].
use super::super::deed::{self, Deed, Run, Stage, Typing};
use super::super::key::{Code, Key};
use super::super::keymap::Action as Wish;
use super::super::menu::{self, CHANGES};
use super::super::model::{Model, Notice};
use super::super::msg::{Effect, Preview, RunId};
use super::super::overlay::Overlay;
use super::link::next_run;
use super::over::edited;
use super::run::{attach, back_to_run};
use super::table::stepped;
use super::{walk, write};
use crate::core::plan::script::{self, RunName};
use crate::core::plan::told::Outcome;
use crate::core::plan::{Action, Made, Plan, Refusal};
use crate::core::units::EpochMs;
use crate::i18n::Text;
use crate::text;

pub(super) fn boxed(model: &mut Model) -> Option<&mut Deed> {
    match &mut model.overlay {
        Some(Overlay::Deed(deed)) => Some(deed),
        _ => None,
    }
}

pub(super) fn show(model: &mut Model, deed: Deed) {
    model.overlay = Some(Overlay::Deed(Box::new(deed)));
}

/// A line of the menu, by its key or chosen there. What is at work, or has ended unseen, is shown first.
pub(super) fn open(model: &mut Model, line: usize, now: EpochMs) -> Vec<Effect> {
    if is_busy(model, line) {
        return Vec::new();
    }
    let (Some(server), Some(change)) = (model.open(), CHANGES.get(line)) else { return Vec::new() };
    let offered = change.offered(server);
    match offered.as_slice() {
        [only] => {
            let only = only.clone();
            ask(model, Deed::new(line, offered), only, now)
        }
        _ => {
            show(model, Deed::new(line, offered));
            Vec::new()
        }
    }
}

/// This action and no other, as a diagnosis names it.
pub(super) fn open_for(model: &mut Model, action: Action, now: EpochMs) -> Vec<Effect> {
    match is_busy(model, menu::line_of(&action)) {
        true => Vec::new(),
        false => ask_instead(model, action, now),
    }
}

/// Shows what is at work, or has ended unseen, instead of another box; `false` where there is nothing.
fn is_busy(model: &mut Model, line: usize) -> bool {
    let Some(run) = model.open().and_then(|s| s.run.as_ref()) else { return false };
    if run.outcome().is_none() && menu::line_of(&run.action) != line {
        let said = run.action.title();
        model.notice = Some(Notice::Refused(Text {
            zh: format!("一次只做一件：正在{}，等它结束", said.zh),
            en: format!("one at a time: first the end of: {}", said.en),
        }));
    }
    back_to_run(model)
}

/// Looks at the server and says what this would come to.
fn ask(model: &mut Model, deed: Deed, action: Action, now: EpochMs) -> Vec<Effect> {
    let Some(env) = model.open().map(|s| s.key.clone()) else { return Vec::new() };
    let run = next_run(model);
    let (line, choices, pick) = (deed.line, deed.choices, deed.pick);
    let stage = Stage::Asking { run, since: now, action: action.clone() };
    show(model, Deed { stage, pick, ..Deed::new(line, choices) });
    vec![Effect::Preview { env, run, action }]
}

/// Something else than what the box is about, from a new preview.
fn ask_instead(model: &mut Model, action: Action, now: EpochMs) -> Vec<Effect> {
    let deed = Deed::new(menu::line_of(&action), vec![action.clone()]);
    ask(model, deed, action, now)
}

/// When the server was asked for this preview, if it is the one that is waited for.
pub(super) fn asked(model: &mut Model, wanted: RunId) -> Option<EpochMs> {
    match &boxed(model)?.stage {
        Stage::Asking { run, since, .. } if *run == wanted => Some(*since),
        _ => None,
    }
}

/// Takes a preview in, unless nobody waits for it any more.
pub(super) fn previewed(model: &mut Model, answer: RunId, preview: Preview) {
    let Some(deed) = boxed(model) else { return };
    let Stage::Asking { run, since, action } = &deed.stage else { return };
    if *run != answer {
        return;
    }
    let (run, asked, action) = (*run, *since, action.clone());
    deed.pick = 0;
    deed.stage = match preview {
        Preview::Made(made) => Stage::Made { action, run, made: Box::new(made), asked, quiet: None },
        Preview::Unreachable(why) => Stage::Unreachable { action, why: Box::new(why) },
    };
}

/// What is on the screen now for the first time, and takes keys from now on.
pub(super) fn seen(model: &mut Model, what: RunId, now: EpochMs) {
    if let Some(Deed { stage: Stage::Made { run, quiet: quiet @ None, .. }, .. }) = boxed(model)
        && *run == what
    {
        *quiet = Some(now);
    }
    let ended = model.open_mut().and_then(|s| s.run.as_mut()).filter(|r| r.id == what);
    if let Some(run) = ended.filter(|r| r.outcome().is_some() && r.quiet.is_none()) {
        run.quiet = Some(now);
    }
}

/// Whether what is on the screen takes a key that decides something.
fn is_ripe(quiet: Option<EpochMs>, now: EpochMs) -> bool {
    quiet.is_some_and(|from| now.since(from) >= deed::QUIET_MS)
}

/// Whether a decision counts now. One that came too early makes the next one wait.
fn counts(model: &mut Model, now: EpochMs) -> bool {
    let is_running = matches!(boxed(model).map(|d| &d.stage), Some(Stage::Running));
    let quiet = match is_running {
        true => model.open_mut().and_then(|s| s.run.as_mut()).map(|r| &mut r.quiet),
        false => match boxed(model).map(|d| &mut d.stage) {
            Some(Stage::Made { quiet, .. }) => Some(quiet),
            _ => return true,
        },
    };
    let Some(quiet) = quiet else { return true };
    if is_ripe(*quiet, now) {
        return true;
    }
    if quiet.is_some() {
        *quiet = Some(now);
        model.notice = Some(Notice::Refused(text!(
            "框刚出现，这一下没有算数，什么也没做。看清楚再按",
            "the box has just appeared: that key did not count, nothing was done"
        )));
    }
    false
}

/// Enter.
pub(super) fn enter(model: &mut Model, now: EpochMs) -> Vec<Effect> {
    let Some(deed) = boxed(model) else { return Vec::new() };
    match &deed.stage {
        Stage::Choosing => return nth(model, None, now),
        Stage::Asking { .. } => return Vec::new(),
        Stage::Unreachable { action, .. } => {
            let (deed, action) = (deed.clone(), action.clone());
            return ask(model, deed, action, now);
        }
        Stage::Made { .. } | Stage::Running => {}
    }
    if !counts(model, now) {
        return Vec::new();
    }
    let Some(deed) = boxed(model) else { return Vec::new() };
    match &deed.stage {
        Stage::Running => return enter_on_run(model, now),
        Stage::Made { made, .. } => match made.as_ref() {
            Ok(Made::Plan(plan)) => {
                let plan = plan.as_ref().clone();
                return confirm(model, plan, now);
            }
            Ok(Made::Nothing { .. }) => return close(model, now),
            Err(Refusal { follow: Some((name, action)), .. }) => {
                let (name, action) = (name.clone(), action.clone());
                let effect = attach(model, action, name, now);
                back_to_run(model);
                return effect;
            }
            Err(_) if deed.picks().is_empty() => return close(model, now),
            Err(_) => {}
        },
        _ => {}
    }
    nth(model, None, now)
}

fn enter_on_run(model: &mut Model, now: EpochMs) -> Vec<Effect> {
    let Some(run) = model.open().and_then(|s| s.run.clone()) else { return close(model, now) };
    if run.outcome().is_none() {
        return Vec::new();
    }
    if let Some((name, action)) = run.to_follow() {
        let effect = attach(model, action, name, now);
        back_to_run(model);
        return effect;
    }
    // what is done is done: taking it back is another key than the one that closes the box
    let is_done = matches!(run.outcome(), Some(Outcome::Done { .. }));
    if is_done || run.picks().is_empty() { close(model, now) } else { nth(model, None, now) }
}

/// One of what can be chosen, by its digit or as it is marked.
pub(super) fn nth(model: &mut Model, digit: Option<usize>, now: EpochMs) -> Vec<Effect> {
    let run_picks = model.open().and_then(|s| s.run.as_ref()).map(Run::picks).unwrap_or_default();
    let Some(deed) = boxed(model) else { return Vec::new() };
    let is_running = matches!(deed.stage, Stage::Running);
    let picks = if is_running { run_picks } else { deed.picks().to_vec() };
    let Some(action) = picks.get(digit.unwrap_or(deed.pick)).cloned() else { return Vec::new() };
    if digit.is_some() && !counts(model, now) {
        return Vec::new();
    }
    let Some(deed) = boxed(model) else { return Vec::new() };
    if let (Stage::Choosing, at) = (&deed.stage, digit.unwrap_or(deed.pick)) {
        let deed = Deed { pick: at, ..deed.clone() };
        return ask(model, deed, action, now);
    }
    if is_running && let Some(server) = model.open_mut() {
        server.run = None;
    }
    ask_instead(model, action, now)
}

/// What was read is confirmed: with the password, and with the name where one is asked for.
fn confirm(model: &mut Model, plan: Plan, now: EpochMs) -> Vec<Effect> {
    let secret = model.open().and_then(|s| s.env.share.secret.clone());
    let Some(deed) = boxed(model) else { return Vec::new() };
    if deed.commands {
        model.notice = Some(Notice::Refused(text!(
            "这里只看命令，什么也没做；按 v 或 Esc 回到预览再确认",
            "only the commands, nothing was done; v or Esc goes back to the preview"
        )));
        return Vec::new();
    }
    match deed.typing(secret.as_ref()) {
        Some(Typing::Password) => {
            match deed.password.secret() {
                Ok(_) => {
                    deed.has_password = true;
                    // what confirms is another key than this one
                    if let Stage::Made { quiet, .. } = &mut deed.stage {
                        *quiet = Some(now);
                    }
                }
                Err(refused) => model.notice = Some(Notice::Refused(refused.message)),
            }
            return Vec::new();
        }
        Some(Typing::Name) if !deed::is_name(&plan.env, &plan.name, deed.name.value()) => {
            let (key, name) = (&plan.env, &plan.name);
            model.notice = Some(Notice::Refused(match deed.name.value().trim() {
                "" => text!(
                    "还没有输入环境名，什么也没做；要打出 {name} 或 {key}",
                    "no name was typed, nothing was done; type {name} or {key}"
                ),
                _ => text!(
                    "名字不对，什么也没做；要打出 {name} 或 {key}",
                    "that is not its name, nothing was done; type {name} or {key}"
                ),
            }));
            return Vec::new();
        }
        Some(Typing::Name) | None => {}
    }
    let password = deed.has_password.then(|| std::mem::take(&mut deed.password));
    let run = next_run(model);
    let Some(server) = model.open_mut() else { return Vec::new() };
    if deed::write::left_ms(server, now).is_none() {
        server.writing = Some(now);
    }
    walk::begun(server, &plan.action, now);
    server.run = Some(Run::confirmed(run, plan.clone(), now));
    let env = server.key.clone();
    back_to_run(model);
    vec![Effect::CarryOut { env, run, plan: Box::new(plan), password }]
}

/// Esc: one step back. Nothing is confirmed, and what is at work goes on.
pub(super) fn back(model: &mut Model, now: EpochMs) -> Vec<Effect> {
    let Some(deed) = boxed(model) else { return Vec::new() };
    if std::mem::take(&mut deed.commands) {
        deed.page = 0;
        return Vec::new();
    }
    let was_chosen = deed.choices.len() > 1 && !matches!(deed.stage, Stage::Choosing);
    if was_chosen {
        let effects = given_up(&deed.stage);
        let (line, choices) = (deed.line, std::mem::take(&mut deed.choices));
        let pick = deed.action().and_then(|a| choices.iter().position(|c| c == a)).unwrap_or(0);
        show(model, Deed { pick, ..Deed::new(line, choices) });
        return effects;
    }
    close(model, now)
}

/// Closes the box. A run that has ended has been seen, if its end was on the screen.
pub(super) fn close(model: &mut Model, now: EpochMs) -> Vec<Effect> {
    let Some(Overlay::Deed(deed)) = model.overlay.take_if(|o| matches!(o, Overlay::Deed(_))) else {
        return Vec::new();
    };
    if matches!(deed.stage, Stage::Running)
        && let Some(server) = model.open_mut()
    {
        server.run.take_if(|r| r.outcome().is_some() && is_ripe(r.quiet, now));
    }
    given_up(&deed.stage)
}

fn given_up(stage: &Stage) -> Vec<Effect> {
    match stage {
        Stage::Asking { run, .. } => vec![Effect::Abandon { run: *run }],
        _ => Vec::new(),
    }
}

/// Moves in the box: to another choice, or to another page.
pub(super) fn moved(model: &mut Model, wish: Wish) {
    let run_picks = model.open().and_then(|s| s.run.as_ref()).map_or(0, |r| r.picks().len());
    let Some(deed) = boxed(model) else { return };
    let picks = if matches!(deed.stage, Stage::Running) { run_picks } else { deed.picks().len() };
    match wish {
        Wish::Up | Wish::Down if picks > 0 => deed.pick = stepped(deed.pick, picks, wish, 10),
        Wish::Up | Wish::PreviousPage => deed.page = deed.page.wrapping_sub(1),
        _ => deed.page = deed.page.wrapping_add(1),
    }
}

/// Takes a key into the name or the password; `false` when it means something else here. What was typed before the box was
/// seen is dropped.
pub(super) fn typed(model: &mut Model, key: Key) -> bool {
    let secret = model.open().and_then(|s| s.env.share.secret.clone());
    let Some(deed) = boxed(model) else { return false };
    let Some(typing) = deed.typing(secret.as_ref()) else { return false };
    let is_text =
        matches!((key.code, key.ctrl), (Code::Char(_), false) | (Code::Backspace | Code::Delete, _));
    if matches!(deed.stage, Stage::Made { quiet: None, .. }) {
        return is_text;
    }
    match (typing, key.code) {
        (Typing::Name, _) => edited(&mut deed.name, key),
        (Typing::Password, Code::Char('u')) if key.ctrl => {
            deed.password = deed::Typed::default();
            true
        }
        (Typing::Password, Code::Char(c)) if !key.ctrl => {
            deed.password.push(c);
            true
        }
        (Typing::Password, Code::Backspace) => {
            deed.password.pop();
            true
        }
        (Typing::Password, _) => false,
    }
}

/// A password may be pasted; a name is typed. `false` when nothing was taken.
pub(super) fn pasted(model: &mut Model, text: &str) -> bool {
    let secret = model.open().and_then(|s| s.env.share.secret.clone());
    let Some(deed) = boxed(model) else { return false };
    let is_password = deed.typing(secret.as_ref()) == Some(Typing::Password);
    let is_seen = matches!(deed.stage, Stage::Made { quiet: Some(_), .. });
    if is_password && is_seen {
        deed.password.paste(text);
    }
    is_password && is_seen
}

/// The exact commands, or what they do.
pub(super) fn commands(model: &mut Model) {
    if let Some(deed) = boxed(model).filter(|d| d.plan().is_some()) {
        deed.commands = !deed.commands;
        deed.page = 0;
    }
}

/// All that would run, as a file that runs by itself.
pub(super) fn copy(model: &Model, now: EpochMs) -> Vec<Effect> {
    let (Some(server), Some(Overlay::Deed(deed))) = (model.open(), &model.overlay) else { return Vec::new() };
    let followed = server.run.as_ref().filter(|_| matches!(deed.stage, Stage::Running));
    let Some(plan) = deed.plan().or(followed.and_then(|r| r.plan.as_deref())) else { return Vec::new() };
    let name = format!("{}-{}", server.key, plan.action.id());
    let Some(run) = RunName::parse(&format!("{}-copy", now.0 / 1000)) else { return Vec::new() };
    vec![Effect::Copy { name, text: script::file(plan, &server.env, "", &run) }]
}

/// Mounting with a new password, or with the one that lies on the server.
pub(super) fn new_password(model: &mut Model, now: EpochMs) -> Vec<Effect> {
    let Some(deed) = boxed(model) else { return Vec::new() };
    let Some(Action::Mount { new_password }) = deed.action().cloned() else { return Vec::new() };
    let mut effects = given_up(&deed.stage);
    let deed = deed.clone();
    effects.extend(ask(model, deed, Action::Mount { new_password: !new_password }, now));
    effects
}

/// What waits to be seen: a preview, or the end of a run.
pub(super) fn unseen(model: &Model) -> Option<RunId> {
    let Some(Overlay::Deed(deed)) = &model.overlay else { return None };
    match &deed.stage {
        Stage::Made { run, quiet: None, .. } => Some(*run),
        Stage::Running => {
            let run = model.open()?.run.as_ref()?;
            (run.outcome().is_some() && run.quiet.is_none()).then_some(run.id)
        }
        _ => None,
    }
}

/// Closes whatever of an action lies over the screen, because the screen goes: a preview is given up, the write mode ends.
pub(super) fn left(model: &mut Model, now: EpochMs) -> Vec<Effect> {
    write::left(model);
    close(model, now)
}

#[cfg(test)]
#[path = "deed_tests.rs"]
mod tests;
