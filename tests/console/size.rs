//! Windows of every size: never a panic, never half a screen without a word.
use crate::asked::answered;
use crate::cases::cases;
use crate::given::*;
use opsdeck::core::console::{Code, Key, Model, Outcome, keymap, next_wake};
use opsdeck::i18n::{Lang, Text};
use unicode_width::UnicodeWidthStr;

/// One case of each kind, in both languages.
fn some() -> Vec<(String, Model)> {
    let all = cases();
    let wanted = all.iter().filter(|c| !c.name.contains("--") || c.name.ends_with("--not-mounted"));
    wanted.flat_map(|c| [Lang::Zh, Lang::En].map(|l| (format!("{} {l:?}", c.name), c.model(l)))).collect()
}

#[test]
fn no_size_is_too_small_or_too_odd_to_draw() {
    for (named, model) in some() {
        for width in [0, 1, 2, 3, 5, 8, 11, 40, 79, 80, 81, 149, 150, 151, 300] {
            for height in [0, 1, 2, 3, 4, 5, 23, 24, 25, 80] {
                let said = screen(&model, TAKEN, (width, height));
                let small = width < 80 || height < 24;
                if width >= 40 && height >= 3 {
                    let told = said.contains("窗口太小") || said.contains("too small");
                    assert_eq!(told, small, "{named} {width}x{height}\n{said}");
                }
            }
        }
        next_wake(&model, LATER);
    }
}

#[test]
fn the_keys_at_the_bottom_are_whole_on_the_smallest_screen() {
    for (named, model) in some().into_iter().filter(|(named, _)| !named.starts_with("too-small")) {
        let last = |width| screen(&model, TAKEN, (width, 24)).lines().last().unwrap_or_default().to_owned();
        assert_eq!(last(80), last(300), "{named}: cut");
    }
}

#[test]
fn help_says_every_key_on_the_smallest_screen_a_page_at_a_time() {
    for lang in [Lang::Zh, Lang::En] {
        let mut model = open(lang, "healthy");
        press(&mut model, Key::of(Code::F(1)), TAKEN);
        let mut pages = String::new();
        for _ in 0..6 {
            pages.push_str(&screen(&model, TAKEN, (80, 24)));
            press(&mut model, Key::of(Code::PageDown), TAKEN);
        }
        for binding in keymap::at(keymap::Place::Overview).filter(|b| !b.keys.is_empty()) {
            let says = (binding.says)();
            assert!(pages.contains(says.get(lang)), "{:?} is missing or cut:\n{pages}", says.get(lang));
            let names = binding.names(lang);
            assert!(pages.contains(names.as_str()), "{names:?} is missing or cut:\n{pages}");
        }
    }
}

#[test]
fn more_environments_than_rows_scroll_with_the_choice_and_are_found_by_name() {
    let mut many = servers();
    for n in 0..40 {
        let mut one = many[TEST].clone();
        one.key.0 = format!("test{n}");
        many.push(one);
    }
    let mut model = Model::new(&many, None, Lang::Zh);
    press(&mut model, Key::of(Code::End), TAKEN);
    let said = screen(&model, TAKEN, (80, 24));
    assert!(said.lines().any(|l| l.starts_with(" > ") && l.contains("test39")), "{said}");
    for c in "prod".chars() {
        press(&mut model, Key::char(c), TAKEN);
    }
    let said = screen(&model, TAKEN, (80, 24));
    assert!(said.contains("demo-prod") && !said.contains("test39"), "{said}");
    // an operator knows a server by the end of its address: digits that are no line are typed
    many[TEST].host = "192.0.2.58".into();
    let mut model = Model::new(&many[..3], None, Lang::Zh);
    press(&mut model, Key::char('5'), TAKEN);
    press(&mut model, Key::char('8'), TAKEN);
    let said = screen(&model, TAKEN, (80, 24));
    assert!(said.contains("查找：58") && said.contains("192.0.2.58") && !said.contains("PROD"), "{said}");
}

/// The test server's answer with so much to say that it needs pages.
fn long() -> Model {
    let Outcome::Answered(mut long) = answered("not-mounted").outcome(PROD) else { unreachable!() };
    long.verdict.checks[0].evidence = (0..30).map(|n| Text::same(format!("line {n:02} of thirty"))).collect();
    let mut model = model(Lang::Zh);
    press(&mut model, Key::char('1'), TAKEN);
    answer(&mut model, PROD, Outcome::Answered(long), TAKEN);
    model
}

#[test]
fn a_long_text_is_read_page_by_page_and_no_line_is_lost() {
    let mut model = long();
    let mut seen = String::new();
    for _ in 0..12 {
        seen.push_str(&screen(&model, TAKEN, (80, 24)));
        press(&mut model, Key::of(Code::PageDown), TAKEN);
    }
    assert!(seen.contains("页，PgDn 翻页"), "{seen}");
    for n in 0..30 {
        assert!(seen.contains(&format!("line {n:02} of")), "{n}\n{seen}");
    }
    let mut back = open(Lang::Zh, "not-mounted");
    let first = screen(&back, TAKEN, (80, 24));
    press(&mut back, Key::of(Code::PageUp), TAKEN);
    assert_eq!(screen(&back, TAKEN, (80, 24)), first, "one page: nothing to turn");
}

#[test]
fn every_row_is_reached_and_seen_on_the_smallest_screen() {
    use opsdeck::core::console::{Tab, page};
    for tab in [Tab::Overview, Tab::Mount, Tab::Packs, Tab::Jobs] {
        let mut model = open_at(Lang::Zh, "healthy", tab);
        press(&mut model, Key::of(Code::Home), TAKEN);
        let rows = page(&model, PROD, tab, TAKEN).sheet.rows.len();
        for n in 0..rows {
            let shown = page(&model, PROD, tab, TAKEN);
            assert_eq!(shown.chosen, n, "{tab:?}");
            let said = screen(&model, TAKEN, (80, 24));
            assert_eq!(said.lines().filter(|l| l.starts_with('>')).count(), 1, "{tab:?} row {n}\n{said}");
            assert!(said.lines().all(|l| l.width() <= 80));
            press(&mut model, Key::char('j'), TAKEN);
        }
    }
}
