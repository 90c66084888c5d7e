//! The runbook as text: the list of causes, and the page of one.
use super::step;
use crate::config::model::EnvKey;
use crate::core::diagnose::runbook::{Family, Runbook};
use crate::core::diagnose::types::CauseId;
use crate::i18n::Lang;
use unicode_width::UnicodeWidthStr;

/// Causes by their families, each with its id, which opens its page.
pub fn causes(books: &[(CauseId, Runbook)], lang: Lang) -> String {
    let widest = books.iter().map(|(id, _)| id.len()).max().unwrap_or(0) + 2;
    let mut out = String::new();
    for family in Family::ALL {
        let mut of = books.iter().filter(|(_, book)| book.family == family).peekable();
        if of.peek().is_some() {
            out.push_str(&format!("{}\n", family.word().get(lang)));
        }
        for (id, book) in of {
            out.push_str(&format!("  {id:<widest$}{}\n", book.title.get(lang)));
        }
    }
    out.trim_end().to_owned()
}

/// The page of a cause; commands are for this environment.
pub fn book(id: CauseId, book: &Runbook, env: &EnvKey, lang: Lang) -> String {
    let parts = book.parts(env);
    let widest = parts.iter().map(|p| p.label.get(lang).width()).max().unwrap_or(0) + 2;
    let mut out = format!("{}  ({id})\n", book.title.get(lang));
    for part in parts {
        let label = part.label.get(lang);
        let blank = " ".repeat(widest.saturating_sub(label.width()));
        out.push_str(&format!("  {label}{blank}{}\n", part.says.get(lang)));
        for act in &part.acts {
            out.push_str(&format!("  {}{}\n", " ".repeat(widest), step(act, lang)));
        }
    }
    out.trim_end().to_owned()
}
