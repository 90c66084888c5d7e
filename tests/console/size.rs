//! Windows of every size: never a panic, never half a screen without a word.
use crate::given::*;
use opsdeck::core::console::{Code, Key, Model, Outcome};
use opsdeck::i18n::Lang;
use unicode_width::UnicodeWidthStr;

fn some() -> Vec<Model> {
    let mut all = Vec::new();
    for lang in [Lang::Zh, Lang::En] {
        all.push(model(lang));
        all.push(open(lang, answered("not-mounted")));
        all.push(open(lang, Outcome::Unreachable(unreachable(TAKEN))));
        let mut help = open(lang, answered("healthy"));
        press(&mut help, Key::of(Code::F(1)), TAKEN);
        all.push(help);
    }
    all
}

#[test]
fn no_size_is_too_small_or_too_odd_to_draw() {
    for model in some() {
        for width in (0..12).chain([40, 79, 80, 81, 300]) {
            for height in (0..6).chain([23, 24, 25, 80]) {
                let said = screen(&model, TAKEN, (width, height));
                let small = width < 80 || height < 24;
                if width >= 40 && height >= 3 {
                    let told = said.contains("窗口太小") || said.contains("too small");
                    assert_eq!(told, small, "{width}x{height}\n{said}");
                }
            }
        }
    }
}

#[test]
fn footer_help_and_every_line_fit_the_smallest_screen() {
    for model in some() {
        let narrow = screen(&model, TAKEN, (80, 24));
        let wide = screen(&model, TAKEN, (300, 24));
        let last = |s: &str| s.lines().last().unwrap_or_default().to_owned();
        assert_eq!(last(&narrow), last(&wide), "the footer is cut");
        assert!(narrow.lines().all(|l| l.width() <= 80), "{narrow}");
        if model.help {
            // whatever help says in a large window is there in the smallest
            let large = screen(&model, TAKEN, (300, 60));
            for line in large.lines().filter(|l| !l.trim().is_empty()).skip(1) {
                assert!(narrow.contains(line.trim_end()), "{line:?} is missing in\n{narrow}");
            }
        }
    }
}

#[test]
fn more_environments_than_rows_scroll_with_the_choice() {
    let mut many = servers();
    for n in 0..40 {
        let mut one = many[1].clone();
        one.key.0 = format!("test{n}");
        many.push(one);
    }
    let mut model = Model::new(&many, None, Lang::Zh);
    press(&mut model, Key::of(Code::End), TAKEN);
    let said = screen(&model, TAKEN, (80, 24));
    assert!(said.contains("test39") && said.contains("共 43 个环境"), "{said}");
}

#[test]
fn a_long_text_is_read_page_by_page_and_no_line_is_lost() {
    use opsdeck::i18n::Text;
    let mut long = verdict("not-mounted");
    long.checks[0].evidence = (0..30).map(|n| Text::same(format!("line {n:02} of thirty"))).collect();
    let outcome = Outcome::Answered(opsdeck::core::console::Answer { verdict: long, link: None });
    let mut model = open(Lang::Zh, outcome);
    let mut seen = String::new();
    for _ in 0..12 {
        seen.push_str(&screen(&model, TAKEN, (80, 24)));
        press(&mut model, Key::of(Code::PageDown), TAKEN);
    }
    assert!(seen.contains("页，PgDn 翻页"), "{seen}");
    for n in 0..30 {
        assert!(seen.contains(&format!("line {n:02} of")), "{n}\n{seen}");
    }
    let mut back = open(Lang::Zh, answered("not-mounted"));
    let first = screen(&back, TAKEN, (80, 24));
    press(&mut back, Key::of(Code::PageUp), TAKEN);
    assert_eq!(screen(&back, TAKEN, (80, 24)), first, "one page: nothing to turn");
}
