//! The overview of one environment: is last night's backup on Windows, what else is wrong, and what to do.
//!
//! ```text
//!  ■ 正式 PROD  demo-prod                            演示：内置服务器 not-mounted
//!  [x] 失败  昨夜的备份 #422 失败：预检失败：/mnt/replica 未挂载 ..
//!  18 项检查：失败 3  未知 4  正常 11                       12 秒前，用时 0.2 秒
//!  ---------------------------------------------------------------------------
//! >[x] 失败  昨夜的备份      昨夜的备份 #422 失败：预检失败 ..
//!  [x] 失败  主机挂载        //192.0.2.72/backup 没有挂载到 /mnt/replica
//!  --- 共 18 项，下面还有 8 项 -------------------------------------------------
//!  [x] 失败  昨夜的备份
//!  昨夜的备份 #422 失败：…            what was cut above, whole
//!  - 应在 11-20 04:00 开始增量备份    what it rests on
//!  办法：处理上面的原因 …             the next step
//! ```
//!
//! What is not the answer of a moment ago is grey, has no colour of a state, and the ruler says why.
mod detail;
mod list;

use super::bar;
use crate::core::console::{Asking, Freshness, Model, Overview, SPIN_MS, Server, ago, overview};
use crate::core::state::State;
use crate::core::units::EpochMs;
use crate::i18n::Text;
use crate::text;
use crate::tui::canvas::Canvas;
use crate::tui::fit;
use crate::tui::ink::sign;
use ratatui::text::Span;

/// Rows above the list.
const HEAD: u16 = 4;

pub(super) fn draw(model: &Model, now: EpochMs, canvas: &mut Canvas<'_>) {
    let Some(server) = model.open() else { return };
    let asking = model.asking_here();
    let shown = overview(server, asking.is_some(), now);
    bar::draw(model, canvas);
    headline(server, &shown, canvas);
    counts(server, &shown, now, canvas);
    let said = status(&shown, asking, now);
    let style = match shown.freshness {
        Freshness::Fresh => canvas.ink.faint(),
        _ => canvas.ink.notice(),
    };
    let said = said.map(|s| canvas.say(&s).to_owned()).unwrap_or_default();
    canvas.ruler(usize::from(HEAD) - 1, &said, style);
    if shown.rows.is_empty() {
        waiting(server, &mut canvas.rows(HEAD + 1, 4));
        return;
    }
    let room = canvas.area.height.saturating_sub(HEAD + 1);
    let count = u16::try_from(shown.rows.len()).unwrap_or(u16::MAX);
    let lines = count.min((room * 5 / 9).max(6));
    list::draw(&shown, &mut canvas.rows(HEAD, lines));
    let hidden = list::hidden(&shown, usize::from(lines));
    let hidden = hidden.map(|h| canvas.say(&h).to_owned()).unwrap_or_default();
    let faint = canvas.ink.faint();
    canvas.ruler(usize::from(HEAD + lines), &hidden, faint);
    detail::draw(&shown, server.page, &mut canvas.rows(HEAD + lines + 1, room - lines));
}

/// The verdict in one line, with the state of the whole: a line on top is never greener than what lies below it.
fn headline(server: &Server, shown: &Overview<'_>, canvas: &mut Canvas<'_>) {
    let verdict = match (&server.lost, &server.answer) {
        (Some(lost), _) => Some(&lost.what),
        (None, answer) => answer.as_ref().map(|a| &a.what.verdict),
    };
    let (state, words) = match verdict {
        None => (State::Unknown, text!("还没有结果", "no answer yet")),
        Some(v) => (v.state, v.headline.clone()),
    };
    let old = matches!(shown.freshness, Freshness::Asking | Freshness::Stale);
    let style = canvas.ink.state_or_old(state, old);
    let mark = match old {
        true => text!("(旧) ", "(old) "),
        false => Text::same(""),
    };
    let words = format!("{}{}  {}", canvas.say(&mark), sign(state, canvas.lang), canvas.say(&words));
    let words = fit::cut(&words, canvas.width().saturating_sub(2));
    canvas.write(1, 1, Span::styled(words, style));
}

/// How many checks came to what, and how old that is.
fn counts(server: &Server, shown: &Overview<'_>, now: EpochMs, canvas: &mut Canvas<'_>) {
    let Some(answer) = &server.answer else {
        if let Some(lost) = &server.lost {
            let asked = ago(now.since(lost.asked));
            let said = Text { zh: format!("{}问过  ", asked.zh), en: format!("asked {}  ", asked.en) };
            let said = canvas.say(&said).to_owned();
            let faint = canvas.ink.faint();
            canvas.write_right(2, Span::styled(said, faint));
        }
        return;
    };
    let old = shown.freshness != Freshness::Fresh;
    let checks = &answer.what.verdict.checks;
    let many = checks.len();
    let head = text!("{many} 项检查：", "{many} checks: ");
    let mut spans = vec![Span::raw(canvas.say(&head).to_owned())];
    for state in [State::Failed, State::Unknown, State::Warning, State::Ok] {
        let count = checks.iter().filter(|c| c.state == state).count();
        if count > 0 {
            let word = state.word();
            let said = format!("{} {count}", canvas.say(&word));
            spans.push(Span::styled(said, canvas.ink.state_or_old(state, old)));
            spans.push(Span::raw("  "));
        }
    }
    canvas.write(2, 1, spans);
    let age = ago(shown.age_ms.unwrap_or(-1));
    let took = seconds(answer.what.verdict.took_ms);
    let said =
        Text { zh: format!("{}，用时 {took} 秒  ", age.zh), en: format!("{}, took {took} s  ", age.en) };
    let said = canvas.say(&said).to_owned();
    let style = match old {
        true => canvas.ink.strong(),
        false => canvas.ink.faint(),
    };
    canvas.write_right(2, Span::styled(said, style));
}

/// What the operator should know about the whole page.
fn status(shown: &Overview<'_>, asking: Option<Asking>, now: EpochMs) -> Option<Text> {
    let age = ago(shown.age_ms.unwrap_or(-1));
    if let Some(asking) = asking {
        let waited = now.since(asking.since).max(0);
        let spin = match waited / SPIN_MS % 4 {
            0 => '|',
            1 => '/',
            2 => '-',
            _ => '\\',
        };
        let s = waited / 1000;
        return Some(match shown.rows.is_empty() {
            true => text!("{spin} 正在检查，已 {s} 秒", "{spin} checking, {s} s"),
            false => text!(
                "{spin} 正在再检查，已 {s} 秒；下面是以前的结果",
                "{spin} checking again, {s} s; below is what was found before"
            ),
        });
    }
    match shown.freshness {
        Freshness::Lost if shown.age_ms.is_some() => Some(Text {
            zh: format!("没有得到回答；除“连接”外，下面是 {}的结果", age.zh),
            en: format!("no answer now; all below but the link was found {}", age.en),
        }),
        Freshness::Stale => Some(text!(
            "结果旧了，可能已经变了：按 F5 再检查",
            "this is old and may have changed: F5 checks again"
        )),
        Freshness::Nothing => Some(text!("还没有检查：按 F5", "not checked yet: press F5")),
        _ => None,
    }
}

/// Why there is nothing to see yet.
fn waiting(server: &Server, canvas: &mut Canvas<'_>) {
    let host = &server.host;
    let s = crate::look::DEADLINE.as_secs();
    let said = text!(
        "正在询问 {host}：只读，不改服务器，最多 {s} 秒。Esc 不等了，返回。",
        "Asking {host}: reads only, changes nothing, at most {s} s. Esc stops waiting and goes back."
    );
    let lines = fit::wrap(canvas.say(&said), canvas.width().saturating_sub(4));
    for (row, line) in lines.into_iter().enumerate() {
        canvas.write(row, 2, Span::raw(line));
    }
}

fn seconds(ms: u64) -> String {
    format!("{}.{}", ms / 1000, ms % 1000 / 100)
}
