//! For people: one line a check, the state as a sign and a word, evidence and next step where something is wrong.
use super::Report;
use crate::core::state::State;
use crate::core::verdict::{Check, Verdict};
use crate::i18n::Lang;
use crate::text;
use unicode_width::UnicodeWidthStr;

/// How the text is drawn.
#[derive(Clone, Copy, Debug)]
pub struct Style {
    /// The language.
    pub lang: Lang,
    /// ANSI colours, for a terminal that takes them.
    pub colour: bool,
    /// Evidence also for what is in order.
    pub verbose: bool,
}

/// The report of one environment.
pub fn render(report: &Report, style: Style) -> String {
    let v = &report.verdict;
    let lang = style.lang;
    let width = v.checks.iter().map(|c| c.title.get(lang).width()).max().unwrap_or(0);
    let mut out = String::new();
    out.push_str(&format!("{}  {}\n", heading(v), paint(v.state, v.state.word().get(lang), style)));
    for check in &v.checks {
        render_check(&mut out, check, width, style);
    }
    let took = seconds(v.took_ms);
    out.push_str(&format!("\n  {}\n", text!("检查用时 {took} 秒", "checked in {took} s").get(lang)));
    out
}

/// `■ 正式 prod`: colour, word and shape, so that no two servers look alike.
fn heading(v: &Verdict) -> String {
    let sign = if v.role == crate::config::model::Role::Prod { "■" } else { "□" };
    format!("{sign} {} {}  {}", v.name, v.env, v.host)
}

fn render_check(out: &mut String, check: &Check, width: usize, style: Style) {
    let title = check.title.get(style.lang);
    let pad = " ".repeat(width.saturating_sub(title.width()));
    let state = paint(check.state, &sign(check.state, style.lang), style);
    out.push_str(&format!("  {state}  {title}{pad}  {}\n", check.summary.get(style.lang)));
    let indent = " ".repeat(2 + sign(check.state, style.lang).width() + 2 + width + 2);
    if check.state != State::Ok || style.verbose {
        for line in &check.evidence {
            out.push_str(&format!("{indent}· {}\n", line.get(style.lang)));
        }
    }
    if let Some(next) = check.next.as_ref().filter(|_| check.state != State::Ok) {
        out.push_str(&format!("{indent}→ {}\n", next.get(style.lang)));
    }
}

/// Sign and word: colour alone says nothing to a log file or to eyes that do not see it.
pub(crate) fn sign(state: State, lang: Lang) -> String {
    let sign = match state {
        State::Ok => "+",
        State::Warning => "!",
        State::Failed => "x",
        State::Unknown => "?",
    };
    let word = state.word();
    let word = word.get(lang);
    let width: usize = if lang == Lang::Zh { 4 } else { 7 };
    format!("[{sign}] {word}{}", " ".repeat(width.saturating_sub(word.width())))
}

pub(crate) fn paint(state: State, text: &str, style: Style) -> String {
    if !style.colour {
        return text.to_owned();
    }
    let code = match state {
        State::Ok => "32",
        State::Warning => "33",
        State::Failed => "1;31",
        State::Unknown => "1;35",
    };
    format!("\u{1b}[{code}m{text}\u{1b}[0m")
}

fn seconds(ms: u64) -> String {
    format!("{}.{}", ms / 1000, ms % 1000 / 100)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::output::samples;

    #[test]
    fn columns_hold_in_both_languages() {
        for lang in [Lang::Zh, Lang::En] {
            let report = samples::noise();
            let text = render(&report, Style { lang, colour: false, verbose: false });
            let starts: Vec<usize> = report
                .verdict
                .checks
                .iter()
                .map(|c| {
                    let line =
                        text.lines().find(|l| l.contains(&format!("  {} ", c.title.get(lang)))).unwrap();
                    let at = line.rfind(c.summary.get(lang)).unwrap();
                    line[..at].width()
                })
                .collect();
            assert!(starts.iter().all(|s| *s == starts[0]), "{starts:?}\n{text}");
        }
    }

    #[test]
    fn without_colour_there_is_no_escape_and_the_state_is_still_a_word() {
        let text = render(&samples::unreachable(), Style { lang: Lang::Zh, colour: false, verbose: false });
        assert!(
            !text.contains('\u{1b}') && text.contains("[?] 未知") && text.contains("→ 检查网络"),
            "{text}"
        );
    }
}
