//! For people, on a terminal or in a file.
use super::{clock, last, ruled_out, seen, sign, step, taken, twice, zone};
use crate::config::model::Role;
use crate::core::diagnose::types::{Certainty, Consequence, Diagnosis, Finding};
use crate::core::state::State;
use crate::i18n::{Lang, Text, counted};
use crate::text as both;

/// How the text is drawn.
#[derive(Clone, Copy, Debug)]
pub struct Style {
    /// The language.
    pub lang: Lang,
    /// ANSI colours, for a terminal that takes them.
    pub colour: bool,
}

/// The whole diagnosis. Its first line is the cause, its last one the step that mends it.
pub fn text(d: &Diagnosis, style: Style) -> String {
    let lang = style.lang;
    let mut out = String::new();
    let square = if d.role == Role::Prod { "■" } else { "□" };
    let state = paint(d.state, &format!("{} {}", sign(d.state), d.state.word().get(lang)), style);
    out.push_str(&format!("{square} {} {}  {state}  {}\n", d.name, d.env, d.headline.get(lang)));
    if let Some(b) = &d.backup {
        let at = b.windows_path.as_ref().unwrap_or(&b.path);
        let said = match b.whole {
            true => both!("备份在 {at}，{}", "the backup is {at}, {}", b.bytes),
            false => both!(
                "有一个包在 {at}，{}，不能当完整的备份",
                "a pack is at {at}, {}; it does not count as a whole backup",
                b.bytes
            ),
        };
        out.push_str(&format!("  {}\n", said.get(lang)));
    }
    out.push_str(&format!("  {}\n", taken(d).get(lang)));
    if let Some(twice) = twice(d) {
        out.push_str(&format!("  {}\n", twice.get(lang)));
    }
    for (n, f) in d.findings.iter().enumerate() {
        out.push('\n');
        finding(&mut out, n + 1, f, style);
    }
    if !d.unchecked.is_empty() {
        out.push_str(&format!("\n{}\n", both!("没能检查", "could not be checked").get(lang)));
        for u in &d.unchecked {
            let (what, why, hint) = (u.what.get(lang), u.why.get(lang), u.hint.get(lang));
            let colon = if lang == Lang::Zh { "：" } else { ": " };
            let arrow = if hint.is_empty() { String::new() } else { format!(" → {hint}") };
            out.push_str(&format!("  {} {what}{colon}{why}{arrow}\n", sign(State::Unknown)));
        }
    }
    if !d.ruled_out.is_empty() {
        let n = d.ruled_out.len();
        let causes = counted(n, "cause", "causes");
        out.push_str(&format!("\n{}\n", both!("已排除 {n} 种原因", "ruled out: {causes}").get(lang)));
        // a title may have commas of its own
        let between = if lang == Lang::Zh { "；" } else { "; " };
        for (seen, titles) in ruled_out(d, lang) {
            out.push_str(&format!("  {} — {seen}\n", titles.join(between)));
        }
    }
    night(&mut out, d, lang);
    out.push_str(&format!("\n→ {}\n", last(d, lang)));
    out
}

fn finding(out: &mut String, n: usize, f: &Finding, style: Style) {
    let lang = style.lang;
    let sure = f.certainty.word();
    let (open, close) = if lang == Lang::Zh { ("（", "）") } else { (" (", ")") };
    let state = paint(f.state, sign(f.state), style);
    out.push_str(&format!("{n}. {state} {}{open}{}{close}\n", f.title.get(lang), sure.get(lang)));
    let mut line = |label: Text, text: &str| out.push_str(&format!("   {} {text}\n", label.get(lang)));
    for e in &f.evidence {
        line(both!("依据", "for    "), &seen(e, lang));
    }
    for e in &f.against {
        line(both!("反证", "against"), &seen(e, lang));
    }
    for c in &f.explains {
        line(both!("连带", "so     "), &consequence(c, lang));
    }
    if let Some(more) = f.would_prove.as_ref().filter(|_| f.certainty != Certainty::Proved) {
        line(both!("要确认", "prove  "), more.get(lang));
    }
    for m in &f.mend {
        line(both!("办法", "mend   "), &step(m, lang));
    }
    if !f.proof.get(lang).is_empty() {
        line(both!("修好后", "then   "), f.proof.get(lang));
    }
}

fn consequence(c: &Consequence, lang: Lang) -> String {
    format!("{}{} {}", "  ".repeat(c.depth.saturating_sub(1)), sign(c.state), c.says.get(lang))
}

fn night(out: &mut String, d: &Diagnosis, lang: Lang) {
    if d.timeline.is_empty() {
        return;
    }
    let head = both!("这一夜（容器时间 {}）", "the night (container time, {})", zone(d.zone_s));
    out.push_str(&format!("\n{}\n", head.get(lang)));
    for e in &d.timeline {
        let place = e.source.word();
        let (open, close) = if lang == Lang::Zh { ("（", "）") } else { (" (", ")") };
        out.push_str(&format!(
            "  {}  {}{open}{}{close}\n",
            clock(e.at, d.zone_s),
            e.says.get(lang),
            place.get(lang)
        ));
    }
}

fn paint(state: State, text: &str, style: Style) -> String {
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
