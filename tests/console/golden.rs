//! Screens as text, each in both languages and two sizes; and the styles that text does not show.
use crate::given::*;
use opsdeck::config::model::Role;
use opsdeck::core::console::{Answer, Code, Key, Model, Outcome, STALE_MS};
use opsdeck::core::state::State;
use opsdeck::core::units::EpochMs;
use opsdeck::i18n::Lang;
use opsdeck::tui::ink::{Ink, shape, sign};
use ratatui::buffer::{Buffer, Cell};
use ratatui::style::{Color, Modifier};
use std::collections::BTreeSet;

const SIZES: [(u16, u16); 2] = [(80, 24), (160, 45)];

/// A name, a model and a moment.
type Case = (&'static str, fn(Lang) -> Model, EpochMs);

const LATER: EpochMs = EpochMs(TAKEN.0 + 12_300);

/// Every screen that there is a golden of.
const CASES: &[Case] = &[
    ("picker", model, TAKEN),
    ("healthy", |l| open(l, answered("healthy")), LATER),
    ("not-mounted", |l| open(l, answered("not-mounted")), LATER),
    ("share-hung", |l| open(l, answered("share-hung")), LATER),
    ("unreachable", |l| open(l, Outcome::Unreachable(unreachable(TAKEN))), LATER),
    ("asking-first", asking_first, EpochMs(TAKEN.0 + 3_000)),
    ("asking-again", asking_again, EpochMs(TAKEN.0 + 14_000)),
    ("lost", lost, EpochMs(TAKEN.0 + 125_000)),
    ("stale", |l| open(l, answered("healthy")), EpochMs(TAKEN.0 + 9 * 3_600_000)),
    ("last-check", last_check, LATER),
    ("help", help, LATER),
    ("foreign-letters", foreign_letters, TAKEN),
];

fn asking_first(lang: Lang) -> Model {
    let mut model = model(lang);
    press(&mut model, Key::of(Code::Enter), TAKEN);
    model
}

fn asking_again(lang: Lang) -> Model {
    let mut model = open(lang, answered("healthy"));
    press(&mut model, Key::of(Code::F(5)), EpochMs(TAKEN.0 + 12_000));
    model
}

fn lost(lang: Lang) -> Model {
    let mut model = asking_again(lang);
    let now = EpochMs(TAKEN.0 + 122_000);
    answer(&mut model, Outcome::Unreachable(unreachable(now)), now);
    model
}

fn last_check(lang: Lang) -> Model {
    let mut model = open(lang, answered("not-mounted"));
    press(&mut model, Key::of(Code::End), TAKEN);
    model
}

fn help(lang: Lang) -> Model {
    let mut model = open(lang, answered("healthy"));
    press(&mut model, Key::char('？'), TAKEN);
    model
}

fn foreign_letters(lang: Lang) -> Model {
    let mut model = model(lang);
    press(&mut model, Key::char('你'), TAKEN);
    model
}

fn name(case: &str, size: (u16, u16), lang: Lang) -> String {
    let lang = if lang == Lang::Zh { "zh" } else { "en" };
    format!("{case}-{}-{lang}", size.0)
}

#[test]
fn every_screen_is_as_it_was_approved() {
    let mut settings = insta::Settings::clone_current();
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.bind(|| {
        for (case, make, now) in CASES {
            for size in SIZES {
                for lang in [Lang::Zh, Lang::En] {
                    insta::assert_snapshot!(name(case, size, lang), screen(&make(lang), *now, size));
                }
            }
        }
    });
}

#[test]
fn no_golden_is_left_of_a_screen_that_is_gone() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/console/snapshots");
    let there: BTreeSet<String> =
        std::fs::read_dir(folder).unwrap().map(|f| f.unwrap().file_name().into_string().unwrap()).collect();
    let all = CASES.iter().flat_map(|(case, ..)| {
        SIZES
            .into_iter()
            .flat_map(move |size| [Lang::Zh, Lang::En].map(|lang| format!("{}.snap", name(case, size, lang))))
    });
    assert_eq!(there, all.collect());
}

/// The first cell of a text, in the row where it stands.
fn at<'a>(buf: &'a Buffer, text: &str) -> &'a Cell {
    let first = text.chars().next().unwrap().to_string();
    let rows = lines(buf);
    for (y, row) in rows.iter().enumerate() {
        if let Some(byte) = row.find(text) {
            let x = unicode_width::UnicodeWidthStr::width(&row[..byte]);
            let cell = &buf[(u16::try_from(x).unwrap(), u16::try_from(y).unwrap())];
            assert_eq!(cell.symbol(), first);
            return cell;
        }
    }
    panic!("no {text:?} in\n{}", rows.join("\n"));
}

#[test]
fn states_have_their_colours_and_only_what_is_good_is_green() {
    let buf = draw(&open(Lang::Zh, answered("not-mounted")), LATER, COLOUR, (160, 45));
    for (state, colour) in
        [(State::Ok, Color::Green), (State::Failed, Color::Red), (State::Unknown, Color::Magenta)]
    {
        assert_eq!(at(&buf, &sign(state, Lang::Zh)).fg, colour, "{state:?}");
    }
    assert!(at(&buf, ">").modifier.contains(Modifier::REVERSED));
}

#[test]
fn each_environment_has_its_colour_word_and_shape_in_the_list_and_in_its_bar() {
    let list = draw(&model(Lang::En), TAKEN, COLOUR, (80, 24));
    for (n, env) in servers().iter().enumerate() {
        let (list_colour, bar_colour, looks) = match env.role {
            Role::Prod => (Color::Red, Color::Red, "■ 正式 PROD"),
            Role::Test => (Color::Cyan, Color::Cyan, "□ 测试 TEST"),
            Role::Other(_) => (Color::Yellow, Color::Yellow, "◇ 灾备 DR"),
        };
        assert!(looks.starts_with(shape(&env.role).0));
        assert_eq!(at(&list, looks).fg, list_colour);
        let mut model = model(Lang::En);
        press(&mut model, Key::char(char::from_digit(n as u32 + 1, 10).unwrap()), TAKEN);
        let open = draw(&model, TAKEN, COLOUR, (80, 24));
        assert_eq!(at(&open, looks).bg, bar_colour);
        // a shape that is drawn two cells wide pushes the bar by one, and it still does not wrap
        assert_eq!((open[(77, 0)].bg, open[(78, 0)].bg), (bar_colour, Color::Reset));
        assert_eq!(opsdeck::tui::view::title(&model), format!("{looks} {} - opsdeck", env.host));
    }
}

/// Whether anything on the screen is green.
fn green(model: &Model, now: EpochMs) -> bool {
    let buf = draw(model, now, COLOUR, (160, 45));
    buf.content.iter().any(|c| c.fg == Color::Green || c.bg == Color::Green)
}

#[test]
fn what_is_not_the_answer_of_a_moment_ago_is_not_green() {
    let fresh = open(Lang::Zh, answered("healthy"));
    assert!(green(&fresh, EpochMs(TAKEN.0 + STALE_MS - 1)));
    assert!(!green(&fresh, EpochMs(TAKEN.0 + STALE_MS)), "old");
    assert!(!green(&fresh, EpochMs(TAKEN.0 - 1)), "the clock was set back");
    for make in [asking_first, asking_again, lost] {
        assert!(!green(&make(Lang::Zh), LATER));
    }
    let noise = opsdeck::core::snapshot::Snapshot::read(&servers()[0], "", "m", b"noise", TAKEN, 5);
    let noise = opsdeck::core::verdict::judge(&servers()[0], &noise);
    let noise = opsdeck::core::console::Answer { verdict: noise, link: None };
    assert!(!green(&open(Lang::Zh, Outcome::Answered(noise)), LATER));
}

#[test]
fn without_colours_every_state_and_environment_is_still_told_apart() {
    let plain = Ink { colour: false };
    for (case, make, now) in CASES {
        let model = make(Lang::Zh);
        let buf = draw(&model, *now, plain, (80, 24));
        let coloured = buf.content.iter().any(|c| c.fg != Color::Reset || c.bg != Color::Reset);
        assert!(!coloured, "{case}");
        assert_eq!(lines(&buf).join("\n"), screen(&model, *now, (80, 24)), "{case}");
    }
}

/// An operator reads the top line first, and perhaps nothing else.
#[test]
fn the_line_on_top_is_never_greener_than_a_check_below_it() {
    for state in [State::Warning, State::Unknown, State::Failed] {
        let mut broken = verdict("healthy");
        broken.checks[9].state = state;
        broken.state = state;
        let outcome = Outcome::Answered(Answer { verdict: broken, link: None });
        let buf = draw(&open(Lang::Zh, outcome), LATER, COLOUR, (80, 24));
        let top: String = (1..5).map(|x| buf[(x, 1)].symbol()).collect();
        assert!(sign(state, Lang::Zh).starts_with(top.trim()), "{state:?}: {top}");
        assert_ne!(buf[(1, 1)].fg, Color::Green, "{state:?}");
    }
}
