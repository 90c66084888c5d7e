//! The runbook of README.md: made from what the console's help says, in both languages.
//!
//! `OPSDECK_UPDATE_README=1 cargo test --test console chapter` writes it anew.
use opsdeck::core::console::runbook::no_env;
use opsdeck::core::diagnose::{CauseId, Family, Runbook, runbooks};
use opsdeck::i18n::Lang;

const END: &str = "<!-- end of runbook -->\n";

fn begin(lang: Lang) -> String {
    format!("<!-- runbook {} -->\n", if lang == Lang::Zh { "zh" } else { "en" })
}

/// Where a cause is found in the text.
fn anchor(id: CauseId, lang: Lang) -> String {
    format!("runbook-{id}{}", if lang == Lang::Zh { "" } else { "-en" })
}

/// Signs that would be markup.
fn plain(text: &str) -> String {
    text.chars().fold(String::new(), |mut out, c| {
        if "\\`*_[]<>#|~".contains(c) {
            out.push('\\');
        }
        out.push(c);
        out
    })
}

fn page(id: CauseId, book: &Runbook, lang: Lang) -> String {
    let colon = if lang == Lang::Zh { "：" } else { ": " };
    let title = plain(book.title.get(lang));
    let mut out = format!("<a id=\"{}\"></a>\n**{title}** (`{id}`)\n\n", anchor(id, lang));
    for part in book.parts(&no_env(lang)) {
        out.push_str(&format!("- {}{colon}{}\n", part.label.get(lang), plain(part.says.get(lang))));
        for act in &part.acts {
            let (key, command) = (act.key.unwrap(), act.command.as_deref().unwrap());
            out.push_str(&format!("  - `{key}` {} `{command}`\n", plain(act.says.get(lang))));
        }
    }
    out
}

/// A family folded away, the causes in it named.
fn family(family: Family, books: &[(CauseId, Runbook)], lang: Lang) -> String {
    let of: Vec<_> = books.iter().filter(|(_, book)| book.family == family).collect();
    let comma = if lang == Lang::Zh { "、" } else { "; " };
    let names: Vec<&str> = of.iter().map(|(_, book)| book.title.get(lang)).collect();
    let word = family.word();
    let mut out =
        format!("<details>\n<summary><b>{}</b> ({})</summary>\n\n", word.get(lang), names.join(comma));
    let pages: Vec<String> = of.iter().map(|(id, book)| page(id, book, lang)).collect();
    out.push_str(&pages.join("\n"));
    out.push_str("\n</details>\n");
    out
}

fn chapter(lang: Lang) -> String {
    let books = runbooks();
    Family::ALL.into_iter().map(|f| family(f, &books, lang)).collect::<Vec<_>>().join("\n")
}

/// A text with its chapters as they are now.
fn written(readme: &str) -> Result<String, String> {
    let mut text = readme.to_owned();
    for lang in [Lang::Zh, Lang::En] {
        let begin = begin(lang);
        let from = text.find(&begin).ok_or(format!("README.md has no place for {begin}"))? + begin.len();
        let to = text[from..].find(END).ok_or(format!("{begin} has no end"))? + from;
        text.replace_range(from..to, &chapter(lang));
    }
    Ok(text)
}

#[test]
fn the_chapters_are_what_the_help_says() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/README.md");
    let readme = std::fs::read_to_string(path).unwrap();
    let written = written(&readme).unwrap();
    if std::env::var_os("OPSDECK_UPDATE_README").is_some() {
        std::fs::write(path, &written).unwrap();
        return;
    }
    let differs = readme.lines().zip(written.lines()).find(|(is, meant)| is != meant);
    assert!(
        readme == written,
        "not what the help says; OPSDECK_UPDATE_README=1 cargo test --test console chapter\n{differs:#?}"
    );
}

#[test]
fn every_cause_has_its_place_in_both_languages_and_a_changed_one_is_seen() {
    let places = format!("{}drawn by a hand\n{END}{}{END}", begin(Lang::Zh), begin(Lang::En));
    let once = written(&places).unwrap();
    assert!(!once.contains("drawn by a hand"));
    assert_eq!(written(&once).unwrap(), once);
    for (id, book) in runbooks() {
        for lang in [Lang::Zh, Lang::En] {
            let here = format!("<a id=\"{}\"></a>\n**{}**", anchor(id, lang), plain(book.title.get(lang)));
            assert_eq!(once.matches(&here).count(), 1, "{here}");
        }
    }
    assert_ne!(written(&once.replacen("409", "410", 1)).unwrap(), once.replacen("409", "410", 1));
    assert!(written("").is_err() && written(&begin(Lang::Zh)).is_err());
}
