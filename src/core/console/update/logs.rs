//! The logs: which is followed, what of it is shown, and going on after a lost link without a line missed or twice.
use super::super::frame;
use super::super::keymap::Action;
use super::super::logs::{self, Logs, Saving, server_now, source_name, sources, zone_s};
use super::super::model::{Model, Notice};
use super::super::msg::{Broken, Effect, RunId};
use super::super::overlay::{Asked, Overlay};
use super::super::screen::Tab;
use super::link::{next_run, wait_ms};
use crate::core::log::filter::{Filter, Subject};
use crate::core::log::layout::Page;
use crate::core::log::note::Piece;
use crate::core::log::pattern::{Pattern, PatternError};
use crate::core::log::remark::Remark;
use crate::core::log::save;
use crate::core::log::view::{Aim, SLICE, Work};
use crate::core::log::{From, Source};
use crate::core::units::EpochMs;
use crate::i18n::Lang;
use crate::text;
use tui_input::Input;

/// Cells that one step to the side goes.
const SIDE: i64 = 8;
/// Bytes of a log that are written out at once when it is saved.
const PART: usize = 512 << 10;
/// Slices of filtering that a log is given when it is left while it is saved: all of it, but for the slowest patterns.
const REST: usize = 2_000;

/// The screen was opened: the log that was shown last goes on where it was left.
pub(super) fn entered(model: &mut Model) -> Vec<Effect> {
    resized(model);
    let Some(server) = model.open() else { return Vec::new() };
    match &server.logs.source {
        Some(_) => open(model),
        None => {
            let first = sources(server).into_iter().next();
            begin(model, first, None)
        }
    }
}

/// The screen was left: nobody waits for lines. What came is kept.
pub(super) fn left(model: &mut Model) -> Vec<Effect> {
    let Some(server) = model.open_mut() else { return Vec::new() };
    let logs = &mut server.logs;
    logs.again = None;
    let mut effects: Vec<Effect> = logs.run.take().map(|run| Effect::Abandon { run }).into_iter().collect();
    effects.extend(save_rest(model));
    effects
}

/// What is being saved is saved to its end at once: its lines may be gone afterwards.
pub(super) fn save_rest(model: &mut Model) -> Option<Effect> {
    let lang = model.lang;
    let server = model.open_mut()?;
    let zone = zone_s(server).unwrap_or(0);
    let logs = &mut server.logs;
    for _ in 0..REST {
        if logs.more && logs.saving.is_some() {
            advance(logs);
        }
    }
    if let Some(saving) = logs.saving.as_mut().filter(|_| logs.more) {
        saving.text.push_str("-- the filter was not at its end: lines are missing --\n");
    }
    loop {
        // each turn writes at least one line
        if let Some(save) = save_part(logs, zone, lang)? {
            return Some(save);
        }
    }
}

/// A slice of what is being saved; nothing when nothing is, and the file when it was the last one.
fn save_part(logs: &mut Logs, zone_s: i32, lang: Lang) -> Option<Option<Effect>> {
    let mut saving = logs.saving.take()?;
    let lost = logs.buffer.first().saturating_sub(saving.from);
    if lost > 0 {
        saving.text.push_str(&dropped(lost));
        saving.from = logs.buffer.first();
    }
    let (text, next) = save::part(&logs.view, &logs.buffer, saving.from..saving.to, PART, zone_s, lang);
    saving.text.push_str(&text);
    Some(match next {
        Some(from) => {
            logs.saving = Some(Saving { from, ..saving });
            None
        }
        None => Some(Effect::Save { name: saving.name, text: saving.text }),
    })
}

fn dropped(lines: u64) -> String {
    format!("-- {lines} older lines were dropped --\n")
}

/// Another log, or another beginning of the one that is shown.
fn begin(model: &mut Model, source: Option<Source>, start: Option<From>) -> Vec<Effect> {
    let mut effects = left(model);
    let Some(server) = model.open_mut() else { return effects };
    let Some(source) = source.or_else(|| server.logs.source.clone()) else { return effects };
    server.logs.begin(source, start.unwrap_or(From::Tail(logs::TAIL)));
    resized(model);
    effects.extend(open(model));
    effects
}

/// Follows the log from where it was left, unless it is followed.
fn open(model: &mut Model) -> Vec<Effect> {
    let run = next_run(model);
    let Some(server) = model.open_mut().filter(|s| s.logs.run.is_none()) else { return Vec::new() };
    let logs = &mut server.logs;
    let Some(source) = logs.source.clone() else { return Vec::new() };
    let from = logs.resume.or(logs.start.clone());
    logs.resume.opened(&from);
    logs.run = Some(run);
    logs.again = None;
    vec![Effect::Tail { env: server.key.clone(), run, source, from }]
}

/// Lines came; none is the word that it is being followed now.
pub(super) fn tailed(model: &mut Model, run: RunId, pieces: Vec<Piece>) -> Vec<Effect> {
    let Some(server) = model.servers.iter_mut().find(|s| s.logs.run == Some(run)) else {
        return Vec::new();
    };
    let logs = &mut server.logs;
    logs.ended = 0;
    if logs.why.take().is_some() {
        logs.buffer.remark(None, Remark::GoesOn);
    }
    for piece in pieces {
        match piece {
            Piece::Line(line) => {
                logs.waits = None;
                if logs.resume.is_new(&line) {
                    logs.buffer.push(&line);
                }
            }
            Piece::Note(note) => {
                logs.waits = Some(note.text()).filter(|_| note.waits());
                logs.buffer.remark(note.at(), Remark::Server(note));
            }
        }
    }
    advance(logs);
    Vec::new()
}

/// A following that ended. It is opened again by itself where that may help.
pub(super) fn tail_ended(model: &mut Model, run: RunId, why: &Broken, now: EpochMs) -> Vec<Effect> {
    let Some(server) = model.servers.iter_mut().find(|s| s.logs.run == Some(run)) else {
        return Vec::new();
    };
    let logs = &mut server.logs;
    logs.run = None;
    logs.ended += 1;
    let first = logs.why.is_none();
    logs.again = why.again_ms.map(|least| now.plus_ms(wait_ms(logs.ended).max(least)));
    match (logs.again, first) {
        (None, _) => logs.buffer.remark(None, Remark::Ended { why: why.said.clone() }),
        (Some(_), true) => logs.buffer.remark(None, Remark::LinkLost { why: why.said.clone() }),
        (Some(_), false) => {}
    }
    logs.why = Some(why.said.clone());
    advance(logs);
    Vec::new()
}

/// Ctrl-R: at once.
pub(super) fn reconnect(model: &mut Model) -> Vec<Effect> {
    match model.tab() {
        Some(Tab::Logs) => open(model),
        _ => Vec::new(),
    }
}

/// What is due: a following that is opened again, and a slice of filtering, searching or saving.
pub(super) fn tick(model: &mut Model, now: EpochMs) -> Vec<Effect> {
    let lang = model.lang;
    let Some(server) = model.open_mut() else { return Vec::new() };
    let zone = zone_s(server).unwrap_or(0);
    let logs = &mut server.logs;
    if logs.more {
        advance(logs);
    }
    let mut effects = Vec::new();
    if !logs.more {
        // what is shown is known to its end
        effects.extend(save_part(logs, zone, lang).flatten());
    }
    if logs.again.is_some_and(|again| now >= again) {
        effects.extend(open(model));
    }
    effects
}

/// A slice of the work on the lines; the rest has its turn after the keys that wait.
fn advance(logs: &mut Logs) {
    logs.more = logs.view.advance(&logs.buffer, SLICE) == Work::More;
}

/// The room for lines has another size.
pub(super) fn resized(model: &mut Model) {
    let (width, height) = frame::body(model);
    for server in &mut model.servers {
        server.logs.view.resize(Page::of(width, height));
    }
}

/// A key of this screen.
pub(super) fn act(model: &mut Model, action: Action) -> Vec<Effect> {
    if model.tab() != Some(Tab::Logs) {
        return Vec::new();
    }
    // what is being saved must not become another thing half way
    let filters = matches!(
        action,
        Action::Search
            | Action::With
            | Action::Without
            | Action::NextSubject
            | Action::Subject(_)
            | Action::Matching
    );
    if filters && model.open().is_some_and(|s| s.logs.saving.is_some()) {
        model.notice =
            Some(Notice::Refused(text!("正在保存，等它存完再筛选", "being saved: wait for its end")));
        return Vec::new();
    }
    match action {
        Action::NextSource => return other(model, 1),
        Action::PreviousSource => return other(model, -1),
        Action::Search => ask(model, Asked::Search),
        Action::With => ask(model, Asked::Only),
        Action::Without => ask(model, Asked::Without),
        Action::Since => ask(model, Asked::Since),
        Action::NextSubject => next_subject(model),
        Action::Subject(subject) => {
            set_filter(model, |f| Filter { subject: Some(subject), ..f });
        }
        _ => {
            if let Some(server) = model.open_mut() {
                moved(&mut server.logs, action);
            }
        }
    }
    Vec::new()
}

/// What needs the lines and nothing else.
fn moved(logs: &mut Logs, action: Action) {
    let (view, buffer) = (&mut logs.view, &logs.buffer);
    match action {
        Action::Up => view.step(buffer, -1),
        Action::Down => view.step(buffer, 1),
        Action::HalfUp => view.step(buffer, -10),
        Action::HalfDown => view.step(buffer, 10),
        Action::PreviousPage => view.turn_page(buffer, false),
        Action::NextPage => view.turn_page(buffer, true),
        Action::First => view.home(buffer),
        Action::Last | Action::Follow => view.follow(),
        Action::Left => view.shift(buffer, -SIDE),
        Action::Right => view.shift(buffer, SIDE),
        Action::Pause => view.toggle_pause(buffer),
        Action::Wrap => view.toggle_wrap(),
        Action::Times => view.toggle_times(),
        Action::Matching => view.toggle_only(buffer),
        Action::NextHit => view.jump(buffer, Aim::Hit, true),
        Action::PreviousHit => view.jump(buffer, Aim::Hit, false),
        Action::NextError => view.jump(buffer, Aim::Error, true),
        Action::PreviousError => view.jump(buffer, Aim::Error, false),
        Action::NextWarning => view.jump(buffer, Aim::Warning, true),
        Action::PreviousWarning => view.jump(buffer, Aim::Warning, false),
        _ => {}
    }
    advance(logs);
}

/// The next log of the list, around its ends.
fn other(model: &mut Model, by: i32) -> Vec<Effect> {
    let Some(server) = model.open() else { return Vec::new() };
    let all = sources(server);
    let at = all.iter().position(|s| Some(s) == server.logs.source.as_ref()).unwrap_or(0);
    let count = i32::try_from(all.len()).unwrap_or(1).max(1);
    let next = i32::try_from(at).unwrap_or(0).wrapping_add(by).rem_euclid(count);
    let next = usize::try_from(next).ok().and_then(|at| all.into_iter().nth(at));
    begin(model, next, None)
}

/// Opens the line to type in, with what is in force.
fn ask(model: &mut Model, what: Asked) {
    let Some(server) = model.open() else { return };
    let view = &server.logs.view;
    let pattern = match what {
        Asked::Search => view.search(),
        Asked::Only => view.filter().with.as_ref(),
        Asked::Without => view.filter().without.as_ref(),
        Asked::Filter | Asked::Since => None,
    };
    let typed = pattern.map(|p| p.typed().to_owned()).unwrap_or_default();
    model.overlay = Some(Overlay::Ask { what, input: Input::new(typed) });
}

/// A line was typed to its end. What cannot be used is said, and nothing of it is lost.
pub(super) fn asked(model: &mut Model, what: Asked, input: Input, now: EpochMs) -> Vec<Effect> {
    let typed = input.value().trim().to_owned();
    if what == Asked::Since {
        return begin_since(model, input, now);
    }
    let pattern = match typed.is_empty() {
        true => None,
        false => match Pattern::regex(&typed) {
            Ok(pattern) => Some(pattern),
            Err(error) => {
                refuse(model, what, input, &error);
                return Vec::new();
            }
        },
    };
    match what {
        Asked::Only => set_filter(model, |f| Filter { with: pattern, ..f }),
        Asked::Without => set_filter(model, |f| Filter { without: pattern, ..f }),
        _ => {
            if let Some(server) = model.open_mut() {
                server.logs.view.set_search(&server.logs.buffer, pattern);
                advance(&mut server.logs);
            }
        }
    }
    Vec::new()
}

fn refuse(model: &mut Model, what: Asked, input: Input, error: &PatternError) {
    model.notice = Some(Notice::Refused(error.text()));
    model.overlay = Some(Overlay::Ask { what, input });
}

fn begin_since(model: &mut Model, input: Input, now: EpochMs) -> Vec<Effect> {
    let Some(server) = model.open() else { return Vec::new() };
    let zone = zone_s(server).unwrap_or(0);
    match logs::since(input.value(), server_now(server, now), zone) {
        Some(at) => begin(model, None, Some(From::Since(at))),
        None => {
            let said = text!(
                "看不懂这个时间，什么也没变。写成 30m、2h、1d，或当天的 04:00",
                "no such time, nothing was changed. Write 30m, 2h, 1d, or 04:00 of the day"
            );
            model.notice = Some(Notice::Refused(said));
            model.overlay = Some(Overlay::Ask { what: Asked::Since, input });
            Vec::new()
        }
    }
}

fn set_filter(model: &mut Model, change: impl FnOnce(Filter) -> Filter) {
    let Some(server) = model.open_mut() else { return };
    let logs = &mut server.logs;
    let filter = change(logs.view.filter().clone());
    logs.view.set_filter(&logs.buffer, filter);
    advance(logs);
}

/// The next ready filter, and after the last one none.
fn next_subject(model: &mut Model) {
    set_filter(model, |f| {
        let subject = match f.subject {
            None => Subject::ALL.first().copied(),
            Some(now) => {
                let at = Subject::ALL.iter().position(|s| *s == now).unwrap_or(0);
                Subject::ALL.get(at + 1).copied()
            }
        };
        Filter { subject, ..f }
    });
}

/// Esc: ends the search, then the filter; `false` when there was neither.
pub(super) fn unfilter(model: &mut Model, tab: Tab) -> bool {
    let Some(server) = model.open_mut().filter(|_| tab == Tab::Logs) else { return false };
    let logs = &mut server.logs;
    if logs.view.search().is_some() {
        logs.view.set_search(&logs.buffer, None);
    } else if !logs.view.filter().is_none() {
        logs.view.set_filter(&logs.buffer, Filter::default());
    } else {
        return false;
    }
    advance(logs);
    true
}

/// The current line, or what is on the screen.
pub(super) fn copied(model: &Model, whole: bool) -> Option<String> {
    let server = model.open()?;
    let (logs, zone) = (&server.logs, zone_s(server).unwrap_or(0));
    if !whole {
        return logs.view.current(&logs.buffer).map(|line| save::written(&line, zone, model.lang));
    }
    let (width, height) = frame::body(model);
    let mut lines: Vec<String> = Vec::new();
    let mut last = None;
    for row in logs.view.rows(&logs.buffer, Page::of(width, height)) {
        if last.replace(row.line.number) != Some(row.line.number) {
            lines.push(save::written(&row.line, zone, model.lang));
        }
    }
    Some(lines.join("\n"))
}

/// Begins to save what is shown; a slice at a time, so that no key waits.
pub(super) fn save_all(model: &mut Model, name: String, heading: String) -> bool {
    let Some(server) = model.open_mut() else { return false };
    let logs = &mut server.logs;
    let (Some(source), false) = (&logs.source, logs.buffer.is_empty()) else { return false };
    let mut text = format!("{heading}  {}\n", source_name(source).en);
    if logs.buffer.dropped() > 0 {
        text.push_str(&dropped(logs.buffer.dropped()));
    }
    let (from, to) = (logs.buffer.first(), logs.buffer.end());
    logs.saving = Some(Saving { name, from, to, text });
    true
}
