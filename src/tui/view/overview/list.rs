//! One line a check: sign and word of its state, its title, its answer as far as it fits.
//!
//! ```text
//! >[x] 失败  主机挂载        //192.0.2.72/backup 没有挂载到 /mnt/replica，现在写进去的 ..
//!  [+] 正常  共享端口        从服务器能连上 192.0.2.72:445
//! ```
use crate::core::console::{Overview, Row};
use crate::core::state::State;
use crate::i18n::{Lang, Text};
use crate::tui::canvas::Canvas;
use crate::tui::fit;
use crate::tui::ink::sign;
use ratatui::style::Style;
use ratatui::text::Span;
use unicode_width::UnicodeWidthStr;

/// Titles are not wider than this.
const TITLE: usize = 28;

pub(super) fn draw(shown: &Overview<'_>, canvas: &mut Canvas<'_>) {
    let lang = canvas.lang;
    let titles = shown.rows.iter().map(|r| r.check.title.get(lang).width());
    let title = titles.max().unwrap_or(0).min(TITLE);
    let first = first(shown, canvas.height());
    let rows = shown.rows.iter().enumerate().skip(first).take(canvas.height());
    for (line, (at, row)) in rows.enumerate() {
        let chosen = at == shown.chosen;
        draw_row(row, line, chosen, title, canvas);
    }
}

fn draw_row(row: &Row<'_>, line: usize, chosen: bool, title: usize, canvas: &mut Canvas<'_>) {
    let (ink, lang) = (canvas.ink, canvas.lang);
    let check = row.check;
    let mark = if chosen { '>' } else { ' ' };
    let sign = sign(check.state, lang);
    let rest = canvas.width().saturating_sub(sign.width() + title + 8);
    let plain = if row.old { ink.faint() } else { Style::new() };
    canvas.write(
        line,
        0,
        vec![
            Span::raw(format!("{mark}")),
            Span::styled(sign, ink.state_or_old(check.state, row.old)),
            Span::styled(format!("  {}  ", fit::pad(check.title.get(lang), title)), plain),
            Span::styled(fit::cut(check.summary.get(lang), rest), plain),
        ],
    );
    if chosen {
        canvas.tint(line, ink.chosen(Style::new()));
    }
}

/// The first line that is shown, so that the chosen one is among them, in the middle where that is possible.
fn first(shown: &Overview<'_>, room: usize) -> usize {
    let last = shown.rows.len().saturating_sub(room);
    shown.chosen.saturating_sub(room / 2).min(last)
}

/// What does not fit, and how bad it is: a failure below the edge must not go unseen.
pub(super) fn hidden(shown: &Overview<'_>, room: usize) -> Option<Text> {
    let first = first(shown, room);
    let above: Vec<State> = states(shown.rows.iter().take(first));
    let below: Vec<State> = states(shown.rows.iter().skip(first + room));
    let parts: Vec<Text> =
        [(above, crate::text!("上面还有", "above: ")), (below, crate::text!("下面还有", "below: "))]
            .into_iter()
            .filter(|(states, _)| !states.is_empty())
            .map(|(states, head)| Text {
                zh: format!("{} {} 项{}", head.zh, states.len(), bad(&states, Lang::Zh)),
                en: format!("{}{} more{}", head.en, states.len(), bad(&states, Lang::En)),
            })
            .collect();
    Some(Text::join(&parts)).filter(|_| !parts.is_empty())
}

fn states<'a>(rows: impl Iterator<Item = &'a Row<'a>>) -> Vec<State> {
    rows.map(|r| r.check.state).collect()
}

fn bad(states: &[State], lang: Lang) -> String {
    let mut said = Vec::new();
    for state in [State::Failed, State::Unknown, State::Warning] {
        let count = states.iter().filter(|s| **s == state).count();
        if count > 0 {
            said.push(format!("{} {count}", state.word().get(lang)));
        }
    }
    match (said.is_empty(), lang) {
        (true, _) => String::new(),
        (false, Lang::Zh) => format!("（{}）", said.join("，")),
        (false, Lang::En) => format!(" ({})", said.join(", ")),
    }
}
