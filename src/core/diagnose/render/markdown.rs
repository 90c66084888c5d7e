//! For a ticket, a chat, or the bundle.
use super::{clock, last, seen, sign, step, taken, twice, zone};
use crate::core::diagnose::types::{Certainty, Diagnosis, Finding};
use crate::i18n::{Lang, Text};
use crate::text as both;

/// The whole diagnosis as Markdown. Text of the server cannot make markup: its marks are escaped.
pub fn markdown(d: &Diagnosis, lang: Lang) -> String {
    let mut out = String::new();
    let title = format!("{} {}", d.name, d.env);
    out.push_str(&format!("# {} {} {}\n\n", sign(d.state), plain(&title), d.state.word().get(lang)));
    out.push_str(&format!("**{}**\n\n", plain(d.headline.get(lang))));
    out.push_str(&format!("→ {}\n", plain(&last(d, lang))));
    out.push_str(&format!("\n{}\n", plain(taken(d).get(lang))));
    if let Some(twice) = twice(d) {
        out.push_str(&format!("\n{}\n", plain(twice.get(lang))));
    }
    if let Some(b) = &d.backup {
        let at = b.windows_path.as_ref().unwrap_or(&b.path);
        out.push_str(&format!("\n{}: {} ({})\n", both!("包", "pack").get(lang), plain(at.as_str()), b.bytes));
    }
    for (n, f) in d.findings.iter().enumerate() {
        finding(&mut out, n + 1, f, lang);
    }
    if !d.unchecked.is_empty() {
        heading(&mut out, both!("没能检查", "Could not be checked"), lang);
        for u in &d.unchecked {
            let (what, why, hint) = (u.what.get(lang), u.why.get(lang), u.hint.get(lang));
            out.push_str(&format!("- {} — {} → {}\n", plain(what), plain(why), plain(hint)));
        }
    }
    if !d.ruled_out.is_empty() {
        heading(&mut out, both!("已排除", "Ruled out"), lang);
        for r in &d.ruled_out {
            out.push_str(&format!("- {} — {}\n", plain(r.title.get(lang)), plain(&seen(&r.because, lang))));
        }
    }
    if !d.timeline.is_empty() {
        let head = both!("这一夜（容器时间 {}）", "The night (container time, {})", zone(d.zone_s));
        heading(&mut out, head, lang);
        let head = both!("| 时间 | 事情 | 来源 |", "| time | what | source |");
        out.push_str(&format!("{}\n| --- | --- | --- |\n", head.get(lang)));
        for e in &d.timeline {
            let (at, says) = (clock(e.at, d.zone_s), plain(e.says.get(lang)));
            out.push_str(&format!("| {at} | {says} | {} |\n", e.source.word().get(lang)));
        }
    }
    out
}

fn heading(out: &mut String, text: Text, lang: Lang) {
    out.push_str(&format!("\n## {}\n\n", text.get(lang)));
}

fn finding(out: &mut String, n: usize, f: &Finding, lang: Lang) {
    let sure = f.certainty.word();
    let title = Text {
        zh: format!("{n}. {} {}（{}）", sign(f.state), f.title.zh, sure.zh),
        en: format!("{n}. {} {} ({})", sign(f.state), f.title.en, sure.en),
    };
    heading(out, title, lang);
    out.push_str(&format!("{}\n\n", plain(f.says.get(lang))));
    let mut line = |label: Text, text: &str| {
        out.push_str(&format!("- {}: {}\n", label.get(lang), plain(text)));
    };
    f.evidence.iter().for_each(|e| line(both!("依据", "for"), &seen(e, lang)));
    f.against.iter().for_each(|e| line(both!("反证", "against"), &seen(e, lang)));
    for c in &f.explains {
        line(both!("连带", "so"), &format!("{} {}", sign(c.state), c.says.get(lang)));
    }
    if let Some(more) = f.would_prove.as_ref().filter(|_| f.certainty != Certainty::Proved) {
        line(both!("要确认", "to be sure"), more.get(lang));
    }
    f.mend.iter().for_each(|m| line(both!("办法", "mend"), &step(m, lang)));
    if !f.proof.get(lang).is_empty() {
        line(both!("修好后", "then"), f.proof.get(lang));
    }
}

/// A text that is only a text: no mark of it makes markup, and it stays on its line.
fn plain(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\\' | '`' | '*' | '_' | '[' | ']' | '<' | '>' | '#' | '|' => {
                out.push('\\');
                out.push(c);
            }
            '\n' | '\r' => out.push(' '),
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_of_a_server_makes_no_markup() {
        assert_eq!(plain("a|b <img src=x> `c`\n# d"), "a\\|b \\<img src=x\\> \\`c\\` \\# d");
    }
}
