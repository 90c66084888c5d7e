//! What folds beside the causes: the night by time, what could not be checked, what was ruled out.
use super::super::model::Server;
use super::super::sheet::{Detail, Row};
use super::cause::seen;
use super::{About, Line, after_colon, is_tall};
use crate::core::derive::schedule;
use crate::core::diagnose::timeline::Event;
use crate::core::diagnose::{Diagnosis, Probe, RuledOut, Unchecked};
use crate::core::state::State;
use crate::i18n::{Text, counted};
use crate::text;

/// The night in container time. Folded, its row says what came last.
pub(super) fn night(server: &Server, found: &Diagnosis, height: u16) -> Vec<Line> {
    // what another server wrote into the folder says nothing of this one
    let own = found.timeline.iter().rev().find(|e| e.source != Probe::Packs);
    let Some(last) = own.or(found.timeline.last()) else { return Vec::new() };
    let zone = zone(found.zone_s);
    let (many, events) = (found.timeline.len(), counted(found.timeline.len(), "event", "events"));
    let title =
        text!("这一夜（容器时间 {zone}），{many} 件事", "the night (container time, {zone}), {events}");
    let told: Vec<Text> = found.timeline.iter().map(|e| event(e, found.zone_s)).collect();
    let open = server.walk.is_open("night", is_tall(height));
    let last = event(last, found.zone_s);
    let last = Text {
        zh: format!("这一夜 {many} 件事，最后：{}", last.zh),
        en: format!("the night, {events}, the last: {}", last.en),
    };
    let mut detail = vec![Detail::title(title.clone())];
    detail.extend(told.iter().cloned().map(Detail::evidence));
    let head = folded("night", None, if open { title } else { last }, detail, open);
    let each = |(n, says): (usize, Text)| {
        let detail = vec![Detail::title(says.clone())];
        word(format!("night:{n}"), None, says, detail).under("night")
    };
    std::iter::once(head).chain(told.into_iter().enumerate().filter(|_| open).map(each)).collect()
}

/// `02-01 04:00:12  任务 #422（增量）建立（数据库）`.
fn event(e: &Event, zone_s: Option<i32>) -> Text {
    let at = schedule::local(e.at, zone_s.unwrap_or(0));
    let at = at.map_or_else(|| "?".into(), |t| t.strftime("%m-%d %H:%M:%S").to_string());
    let place = e.source.word();
    Text {
        zh: format!("{at}  {}（{}）", e.says.zh, place.zh),
        en: format!("{at}  {} ({})", e.says.en, place.en),
    }
}

/// `UTC+08:00`.
fn zone(zone_s: Option<i32>) -> String {
    match zone_s {
        Some(s) => format!("UTC{:+03}:{:02}", s / 3600, (s % 3600).abs() / 60),
        None => "UTC".into(),
    }
}

/// What could not be checked. What decides lies open.
pub(super) fn unchecked(server: &Server, found: &Diagnosis) -> Vec<Line> {
    let many = found.unchecked.len();
    if many == 0 {
        return Vec::new();
    }
    let decides = found.unchecked.iter().any(|u| u.decides);
    let open = server.walk.is_open("open", decides);
    let title = text!("没能检查的，{many} 处", "what could not be checked: {many}");
    let mut detail = vec![Detail::title(title.clone())];
    detail.extend(found.unchecked.iter().map(|u| Detail::evidence(after_colon(&u.what, &u.why))));
    let head = folded("open", Some(State::Unknown), title, detail, open);
    let each = |(n, u): (usize, &Unchecked)| {
        let says = after_colon(&u.what, &u.why);
        let mut detail = vec![Detail::title(says.clone())];
        detail.extend(Some(u.hint.clone()).filter(|h| !h.zh.is_empty()).map(Detail::next));
        if u.decides {
            let decides = text!("它查到了，结论可能会变", "the answer may be another one when it is known");
            detail.push(Detail::evidence(decides));
        }
        let mut line = word(format!("open:{n}"), Some(State::Unknown), says, detail).under("open");
        // its next step stands nowhere else
        line.row.inner = false;
        line
    };
    std::iter::once(head).chain(found.unchecked.iter().enumerate().filter(|_| open).map(each)).collect()
}

/// What was ruled out, and by what. Folded.
pub(super) fn ruled_out(server: &Server, found: &Diagnosis) -> Vec<Line> {
    let many = found.ruled_out.len();
    if many == 0 {
        return Vec::new();
    }
    let open = server.walk.is_open("out", false);
    let title = text!("已排除的原因，{many} 种", "causes that are ruled out: {many}");
    let mut detail = vec![Detail::title(title.clone())];
    detail.extend(found.ruled_out.iter().map(|r| Detail::evidence(after_colon(&r.title, &seen(&r.because)))));
    let head = folded("out", None, title, detail, open);
    let each = |r: &RuledOut| {
        let says = after_colon(&r.title, &r.because.says);
        let detail = vec![Detail::title(r.title.clone()), Detail::evidence(seen(&r.because))];
        let mut line = word(format!("out:{}", r.cause), None, says, detail).under("out");
        line.about = About::Other(r.cause);
        line
    };
    std::iter::once(head).chain(found.ruled_out.iter().filter(|_| open).map(each)).collect()
}

pub(super) fn folded(id: &str, state: Option<State>, says: Text, detail: Vec<Detail>, open: bool) -> Line {
    let cells = vec![says, Text::default(), Text::default()];
    Line::folding(
        About::Part,
        Row { id: id.to_owned(), state, old: false, inner: false, cells, detail },
        open,
    )
}

pub(super) fn word(id: String, state: Option<State>, says: Text, detail: Vec<Detail>) -> Line {
    let cells = vec![says, Text::default(), Text::default()];
    Line::plain(About::Word, Row { id, state, old: false, inner: false, cells, detail })
}
