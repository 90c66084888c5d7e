//! The lines above a log: what is followed and how; what is shown and looked for, or what is to be said about the last
//! key; a ruler with what is wrong with the link.
use super::LogPage;
use crate::core::log::Source;
use crate::core::log::filter::Filter;
use crate::core::log::stamp;
use crate::core::log::view::{Aim, Hold, Said};
use crate::core::safetext::SafeText;
use crate::core::state::State;
use crate::i18n::{Lang, Text, counted};
use crate::text;
use crate::tui::canvas::Canvas;
use crate::tui::fit;
use ratatui::style::Style;
use ratatui::text::Span;
use unicode_width::UnicodeWidthStr;

/// Between two things on a line.
const GAP: &str = "   ";

pub(super) fn draw(page: LogPage<'_>, canvas: &mut Canvas<'_>) {
    let zone = zone(page);
    let zone = canvas.say(&zone).to_owned();
    let room = canvas.width().saturating_sub(zone.width() + 5);
    let parts = standing(page, canvas);
    write(canvas, 0, room, parts);
    let faint = canvas.ink.faint();
    canvas.write_right(0, Span::styled(format!("{zone}  "), faint));
    let parts = match page.view.said() {
        Some(said) => vec![(canvas.say(&words(said)).to_owned(), canvas.ink.notice())],
        None => looked_for(page, canvas),
    };
    let room = canvas.width().saturating_sub(2);
    write(canvas, 1, room, parts);
    let link = page.link.map(|l| canvas.say(l).to_owned()).unwrap_or_default();
    let notice = canvas.ink.notice();
    canvas.ruler(2, &link, notice);
}

/// Writes what fits; the most important comes first.
fn write(canvas: &mut Canvas<'_>, row: usize, room: usize, parts: Vec<(String, Style)>) {
    let mut spans = Vec::new();
    let mut left = room;
    for (words, style) in parts {
        // half a number is another number
        if words.width() > left && !spans.is_empty() {
            break;
        }
        let words = fit::cut(&words, left);
        left = left.saturating_sub(words.width() + GAP.len());
        spans.push(Span::styled(words, style));
        spans.push(Span::raw(GAP));
        if left < 4 {
            break;
        }
    }
    canvas.write(row, 1, spans);
}

/// What is followed, whether it moves, how much there is.
fn standing(page: LogPage<'_>, canvas: &Canvas<'_>) -> Vec<(String, Style)> {
    let (view, ink) = (page.view, canvas.ink);
    let name = match page.source {
        Source::Container(name) => text!("容器 {}", "container {}", SafeText::new(name)),
        Source::Unit(name) => text!("系统日志 {}", "journal of {}", SafeText::new(name)),
        Source::Journal => text!("系统日志", "journal"),
    };
    let new = view.new_lines(page.buffer);
    let (hold, style) = match view.hold() {
        Hold::Follow if page.link.is_some() => (text!("等待中", "waiting"), ink.notice()),
        Hold::Follow => (text!("跟随中", "following"), ink.strong()),
        Hold::Paused if new == 0 => (text!("已暂停", "paused"), ink.notice()),
        Hold::Paused => (text!("已暂停，新增 {new} 行", "paused, {new} new"), ink.notice()),
        Hold::Reading if new == 0 => (text!("未跟随", "not following"), ink.notice()),
        Hold::Reading => (text!("未跟随，新增 {new} 行", "not following, {new} new"), ink.notice()),
    };
    let (all, dropped) = (page.buffer.len(), page.buffer.dropped());
    let lines = counted(all, "line", "lines");
    let (count, style_of_count) = match dropped {
        0 => (text!("{all} 行", "{lines}"), Style::new()),
        _ => (text!("{all} 行，更早 {dropped} 行已舍弃", "{lines}, {dropped} older dropped"), ink.notice()),
    };
    let mut parts = vec![
        (canvas.say(&name).to_owned(), ink.strong()),
        (canvas.say(&hold).to_owned(), style),
        (canvas.say(&count).to_owned(), style_of_count),
    ];
    for (aim, state, word) in [
        (Aim::Error, State::Failed, text!("错误", "errors")),
        (Aim::Warning, State::Warning, text!("告警", "warnings")),
    ] {
        let count = view.count(aim);
        if count > 0 {
            parts.push((format!("{} {count}", canvas.say(&word)), ink.state(state)));
        }
    }
    parts
}

/// The filter, how much it lets through, the search and its hits.
fn looked_for(page: LogPage<'_>, canvas: &Canvas<'_>) -> Vec<(String, Style)> {
    let (view, ink) = (page.view, canvas.ink);
    let mut parts = Vec::new();
    let filter = view.filter();
    if !filter.is_none() || view.is_only() {
        let what = filter_words(filter, canvas.lang);
        let said = match (view.is_only(), filter.is_none()) {
            (true, false) => text!("只显示：{what}", "only: {what}"),
            (true, true) => text!("只显示查找到的行", "only lines that are found"),
            (false, _) => text!("显示全部（i 只显示：{what}）", "all lines (i: only {what})"),
        };
        parts.push((canvas.say(&said).to_owned(), ink.strong()));
    }
    if view.is_only() {
        let count = view.shown(page.buffer).len();
        parts.push((canvas.say(&text!("显示 {count} 行", "{count} shown")).to_owned(), Style::new()));
    }
    if let Some(search) = view.search() {
        let (typed, count) = (SafeText::new(search.typed()), view.count(Aim::Hit));
        let place = view.place(page.buffer, Aim::Hit).map(|n| format!("{n}/")).unwrap_or_default();
        let lines = counted(count, "line", "lines");
        let said = text!("查找 {typed}：{place}{count} 行", "search {typed}: {place}{lines}");
        parts.push((canvas.say(&said).to_owned(), ink.strong()));
    }
    if let Some(percent) = view.percent(page.buffer) {
        let said = text!("进行中 {percent}%", "working, {percent}%");
        parts.push((canvas.say(&said).to_owned(), ink.notice()));
    }
    parts.extend(page.start.map(|s| (canvas.say(s).to_owned(), ink.faint())));
    parts
}

fn filter_words(filter: &Filter, lang: Lang) -> String {
    let subject = filter.subject.map(|s| s.name().get(lang).to_owned());
    let typed = |pattern: &crate::core::log::pattern::Pattern| SafeText::new(pattern.typed()).to_string();
    let with = filter.with.as_ref().map(typed).map(|p| text!("含 {p}", "with {p}").get(lang).to_owned());
    let without =
        filter.without.as_ref().map(typed).map(|p| text!("不含 {p}", "without {p}").get(lang).to_owned());
    let comma = match lang {
        Lang::Zh => "，",
        Lang::En => ", ",
    };
    [subject, with, without].into_iter().flatten().collect::<Vec<_>>().join(comma)
}

/// By which clock the times are.
fn zone(page: LogPage<'_>) -> Text {
    match (page.view.has_times(), page.zone_s) {
        (false, _) => Text::same(""),
        (true, Some(zone_s)) => {
            let zone = stamp::zone(zone_s);
            text!("时间 {zone}", "times {zone}")
        }
        (true, None) => text!("时区未知，时间为 UTC", "zone not known, times are UTC"),
    }
}

fn words(said: Said) -> Text {
    let name = |aim: Aim| match aim {
        Aim::Hit => text!("查找的内容", "what is looked for"),
        Aim::Error => text!("错误", "error"),
        Aim::Warning => text!("告警", "warning"),
    };
    match said {
        Said::RoundTheEnd { oldest: true } => {
            text!("已到最新一行，从最早一行继续", "past the newest line: went on at the oldest")
        }
        Said::RoundTheEnd { oldest: false } => {
            text!("已到最早一行，从最新一行继续", "past the oldest line: went on at the newest")
        }
        Said::None(aim) => Text {
            zh: format!("显示的行里没有{}", name(aim).zh),
            en: format!("no line that is shown has it: {}", name(aim).en),
        },
        Said::Looking(aim) => Text {
            zh: format!("正在找{}，找到后自动跳过去；移动光标即放弃", name(aim).zh),
            en: format!("looking for it, and going there: {}; any move gives it up", name(aim).en),
        },
        Said::NothingToFind => text!("还没有要查找的内容，先按 /", "nothing to look for yet: press / first"),
        Said::NothingToMatch => {
            text!(
                "没有筛选，也没有查找，所以全部显示",
                "there is neither a filter nor a search: all lines are shown"
            )
        }
    }
}
