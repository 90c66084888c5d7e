//! How full things are, as bars, as many side by side as fit.
//!
//! ```text
//!  [+] 共享    [###....]  40% 余 392.7 GiB    [x] 本机 /  [#######]  97% 余 1.4 GiB
//! ```
use crate::core::console::layout::gauges_a_row;
use crate::core::console::sheet::Gauge;
use crate::core::state::State;
use crate::text;
use crate::tui::canvas::Canvas;
use crate::tui::fit;
use crate::tui::ink::sign;
use ratatui::style::Style;
use ratatui::text::Span;
use unicode_width::UnicodeWidthStr;

/// Labels are not wider than this.
const LABEL: usize = 14;
/// Cells of a bar at most, without its ends.
const BAR: usize = 20;

pub(super) fn draw(gauges: &[Gauge], old: bool, canvas: &mut Canvas<'_>) {
    let lang = canvas.lang;
    let a_row = usize::from(gauges_a_row(canvas.area.width)).min(gauges.len().max(1));
    let cell = canvas.width().saturating_sub(1) / a_row;
    let widest = |of: &dyn Fn(&Gauge) -> usize| gauges.iter().map(of).max().unwrap_or(0);
    let label = widest(&|g| g.label.get(lang).width()).min(LABEL);
    let known = |g: &Gauge| if g.percent.is_some() { g.words.get(lang).width() } else { 0 };
    // sign, label, the bar's two ends, percent, and the blanks between
    let bar = cell.saturating_sub(widest(&known) + label + 14).clamp(3, BAR);
    let mut shown: Vec<&Gauge> = gauges.iter().collect();
    if gauges.len() > a_row * canvas.height() {
        // what does not fit is what is well
        shown.sort_by_key(|g| std::cmp::Reverse(weight(g.state)));
    }
    for (row, gauges) in shown.chunks(a_row).take(canvas.height()).enumerate() {
        for (n, gauge) in gauges.iter().enumerate() {
            let column = u16::try_from(1 + n * cell).unwrap_or(u16::MAX);
            one(gauge, [label, bar, cell.saturating_sub(1)], old, (row, column), canvas);
        }
    }
}

fn weight(state: State) -> u8 {
    match state {
        State::Ok => 0,
        State::Warning => 1,
        State::Unknown => 2,
        State::Failed => 3,
    }
}

fn one(
    gauge: &Gauge,
    [label, bar, cell]: [usize; 3],
    old: bool,
    (row, column): (usize, u16),
    canvas: &mut Canvas<'_>,
) {
    let style = canvas.ink.state_or_old(gauge.state, old);
    let plain = if old { canvas.ink.faint() } else { Style::new() };
    let mark = sign(gauge.state, canvas.lang);
    let mark = mark.split(' ').next().unwrap_or_default().to_owned();
    let name = fit::pad(canvas.say(&gauge.label), label);
    let (drawn, words) = match gauge.percent {
        Some(percent) => {
            // a disk that is nearly full is not drawn as full, and one that is hardly used not as empty
            let full = usize::from(percent.min(100)) * bar / 100;
            let full = if percent > 0 { full.max(1) } else { 0 };
            let drawn = {
                let (on, off) = (canvas.glyphs.full().repeat(full), canvas.glyphs.empty().repeat(bar - full));
                format!("[{on}{off}] {percent:>3}%")
            };
            (drawn, canvas.say(&gauge.words).to_owned())
        }
        None => {
            let unknown = text!("未知：", "unknown: ");
            (String::new(), format!("{}{}", canvas.say(&unknown), canvas.say(&gauge.words)))
        }
    };
    let left = cell.saturating_sub(mark.width() + 1 + name.width() + 1 + drawn.width() + 1);
    let blank = if drawn.is_empty() { "" } else { " " };
    let line = vec![
        Span::styled(mark, style),
        Span::styled(format!(" {name} "), plain),
        Span::styled(format!("{drawn}{blank}"), if old { plain } else { canvas.ink.gauge(gauge.state) }),
        Span::styled(fit::cut(&words, left), plain),
    ];
    canvas.write(row, column, line);
}
