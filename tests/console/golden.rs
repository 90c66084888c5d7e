//! Screens as they were approved: text, and below it the styles that text does not show.
//!
//! One file a case, with a section for each language and size. After a change that is meant, look at each difference:
//! `INSTA_UPDATE=always cargo test --test console golden`, and then `git diff tests/console/snapshots`.
use crate::cases::{Case, cases};
use crate::given::*;
use opsdeck::i18n::Lang;
use ratatui::buffer::{Buffer, Cell};
use ratatui::style::{Color, Modifier};
use std::collections::BTreeSet;
use unicode_width::UnicodeWidthStr;

fn settings() -> insta::Settings {
    let mut settings = insta::Settings::clone_current();
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings
}

#[test]
fn every_screen_is_as_it_was_approved() {
    let wrong: Vec<String> = settings().bind(|| {
        let each = |case: &Case| {
            let golden = || insta::assert_snapshot!(case.name.clone(), sections(case));
            std::panic::catch_unwind(std::panic::AssertUnwindSafe(golden)).err().map(|_| case.name.clone())
        };
        cases().iter().filter_map(each).collect()
    });
    assert!(wrong.is_empty(), "{} screens are not as approved: {wrong:?}", wrong.len());
}

#[test]
fn no_golden_is_left_of_a_screen_that_is_gone() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/console/snapshots");
    let there = std::fs::read_dir(folder).unwrap().map(|f| f.unwrap().file_name().into_string().unwrap());
    let there: BTreeSet<String> = there.filter(|name| !name.ends_with(".snap.new")).collect();
    let names: BTreeSet<String> = cases().into_iter().map(|c| format!("{}.snap", c.name)).collect();
    let odd: Vec<_> = there.symmetric_difference(&names).collect();
    assert!(odd.is_empty(), "a golden without its screen, or a screen without its golden: {odd:?}");
}

/// The screen in both languages and sizes. Styles do not depend on the language, and stand where they are short.
fn sections(case: &Case) -> String {
    let mut all = String::new();
    for (lang, name) in [(Lang::Zh, "zh"), (Lang::En, "en")] {
        let model = case.model(lang);
        for size in case.sizes {
            let buf = draw(&model, case.now, COLOUR, size);
            all.push_str(&format!(
                "== {name} {}x{}\n{}\n",
                size.0,
                size.1,
                lines(&buf).join("\n").trim_end()
            ));
            if lang == Lang::Zh {
                all.push_str(&format!("-- styles\n{}", styles(&buf)));
            }
        }
    }
    all
}

/// A line for each row that has styles: `3: 1-8 bold red, 12-20 dim`. Rows that look the same share a line.
fn styles(buf: &Buffer) -> String {
    let mut rows: Vec<(u16, u16, String)> = Vec::new();
    for y in 0..buf.area.height {
        let said = runs(buf, y);
        match rows.last_mut() {
            Some((_, to, before)) if *before == said => *to = y,
            _ => rows.push((y, y, said)),
        }
    }
    let named = rows.into_iter().filter(|(.., said)| !said.is_empty());
    let line = |(from, to, said): (u16, u16, String)| match from == to {
        true => format!("{from}: {said}\n"),
        false => format!("{from}-{to}: {said}\n"),
    };
    named.map(line).collect()
}

fn runs(buf: &Buffer, y: u16) -> String {
    let mut runs: Vec<(u16, u16, String)> = Vec::new();
    let mut covered = 0;
    for x in 0..buf.area.width {
        // the second cell of a wide character is not drawn: it looks as the first
        let lead = if covered > 0 { x - 1 } else { x };
        covered = if covered > 0 { 0 } else { usize::saturating_sub(buf[(x, y)].symbol().width(), 1) };
        let said = style(&buf[(lead, y)]);
        match runs.last_mut() {
            Some((_, to, before)) if *before == said => *to = x,
            _ => runs.push((x, x, said)),
        }
    }
    let named = runs.into_iter().filter(|(.., said)| !said.is_empty());
    let run = |(from, to, said): (u16, u16, String)| format!("{from}-{to} {said}");
    named.map(run).collect::<Vec<_>>().join(", ")
}

fn style(cell: &Cell) -> String {
    let mut words = Vec::new();
    for (modifier, word) in [
        (Modifier::BOLD, "bold"),
        (Modifier::DIM, "dim"),
        (Modifier::UNDERLINED, "under"),
        (Modifier::REVERSED, "rev"),
    ] {
        if cell.modifier.contains(modifier) {
            words.push(word.to_owned());
        }
    }
    if cell.fg != Color::Reset {
        words.push(cell.fg.to_string().to_lowercase());
    }
    if cell.bg != Color::Reset {
        words.push(format!("on {}", cell.bg.to_string().to_lowercase()));
    }
    words.join(" ")
}
