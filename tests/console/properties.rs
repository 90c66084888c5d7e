//! What holds of every screen, whatever the scenario, the size and the language.
use crate::asked::{all_answered, answered};
use crate::cases::{Case, asking_again, asking_first, cases, lost, unreachable};
use crate::given::*;
use opsdeck::core::console::theme::Theme;
use opsdeck::core::console::{Model, Msg, Outcome, Overlay, STALE_MS, Screen, Tab, update};
use opsdeck::core::state::State;
use opsdeck::core::units::EpochMs;
use opsdeck::i18n::Lang;
use opsdeck::tui::ink::sign;
use ratatui::buffer::{Buffer, Cell};
use ratatui::style::Color;
use unicode_width::UnicodeWidthStr;

/// Every case in both languages and sizes.
fn each(mut check: impl FnMut(&Case, &Model, (u16, u16), &str)) {
    for case in cases() {
        for lang in [Lang::Zh, Lang::En] {
            let model = case.model(lang);
            for size in case.sizes {
                let named = format!("{} {lang:?} {}x{}", case.name, size.0, size.1);
                check(&case, &sized(&model, size), size, &named);
            }
        }
    }
}

fn sized(model: &Model, size: (u16, u16)) -> Model {
    let mut model = model.clone();
    update(&mut model, Msg::Resized(size.0, size.1), TAKEN);
    model
}

fn is_green(cell: &Cell) -> bool {
    let green = [Color::Green, Color::LightGreen];
    green.contains(&cell.fg) || green.contains(&cell.bg)
}

/// The columns that have something green.
fn green(buf: &Buffer) -> Vec<u16> {
    let cells = buf.area.positions().filter(|at| is_green(&buf[*at]));
    cells.map(|at| at.x).collect()
}

#[test]
fn nothing_is_green_but_what_was_found_a_moment_ago() {
    let mut seen = 0;
    each(|case, model, size, named| {
        // its key to the signs is no answer of a server
        if matches!(model.overlay, Some(Overlay::Help { .. })) {
            return;
        }
        // beside it stands the other environment, which answered when this one was opened
        let beside = model.beside().is_some_and(|at| model.servers[at].answer.is_some());
        let from = if beside && case.now.since(TAKEN) < STALE_MS { size.0 / 2 } else { size.0 };
        for theme in Theme::ALL {
            let mut model = model.clone();
            model.theme = theme;
            let green = green(&draw(&model, case.now, COLOUR, size));
            match case.fresh {
                true => seen += green.len(),
                false => assert!(green.iter().all(|x| *x >= from), "{named} {theme:?}: {green:?}"),
            }
        }
    });
    assert!(seen > 1000, "nothing was green at all");
}

#[test]
fn what_was_green_is_not_when_it_is_old_or_asked_again_or_lost() {
    let is = |model: &Model, now: EpochMs| !green(&draw(model, now, COLOUR, (100, 40))).is_empty();
    for tab in [Tab::Overview, Tab::Mount, Tab::Jobs, Tab::Packs, Tab::Diagnosis] {
        let mut fresh = open_at(Lang::Zh, "healthy", tab);
        assert!(!is(&fresh, EpochMs(TAKEN.0 + STALE_MS - 1)), "{tab:?}: nothing was heard of it since");
        hears(&mut fresh, PROD, EpochMs(TAKEN.0 + STALE_MS - 10_000));
        assert!(is(&fresh, EpochMs(TAKEN.0 + STALE_MS - 1)) || tab == Tab::Jobs, "{tab:?}");
        assert!(!is(&fresh, EpochMs(TAKEN.0 + STALE_MS)), "{tab:?}: old");
        assert!(!is(&fresh, EpochMs(TAKEN.0 - 1)), "{tab:?}: the clock was set back");
        for mut model in [
            asking_first(Lang::Zh),
            unreachable(Lang::Zh),
            asking_again(Lang::Zh, "healthy"),
            lost(Lang::Zh, "healthy"),
        ] {
            model.screen = Screen::Open { server: PROD, tab };
            assert!(!is(&model, LATER), "{tab:?}");
        }
    }
}

#[test]
fn an_answer_that_says_nothing_is_not_green() {
    let answered = answered("healthy");
    let env = &answered.environments[PROD];
    let look = opsdeck::core::snapshot::Snapshot::read(env, "", "m", b"noise", TAKEN, 5);
    let verdict = opsdeck::core::verdict::judge(env, &look);
    let noise = opsdeck::core::console::Answer { verdict, look, cut: None };
    let mut model = asking_first(Lang::Zh);
    answer(&mut model, PROD, Outcome::Answered(Box::new(noise)), TAKEN);
    for tab in [Tab::Overview, Tab::Mount, Tab::Jobs, Tab::Packs, Tab::Diagnosis] {
        model.screen = Screen::Open { server: PROD, tab };
        let buf = draw(&model, LATER, COLOUR, (100, 40));
        assert!(green(&buf).is_empty(), "{tab:?}\n{}", lines(&buf).join("\n"));
    }
}

#[test]
fn every_line_fits_and_no_wide_character_is_cut() {
    each(|case, model, size, named| {
        let buf = draw(model, case.now, COLOUR, size);
        for (y, line) in lines(&buf).iter().enumerate() {
            assert!(line.width() <= usize::from(size.0), "{named}: {line}");
            let mut x = 0;
            while x < size.0 {
                let cell = &buf[(x, u16::try_from(y).unwrap())];
                let width = u16::try_from(cell.symbol().width()).unwrap();
                assert!((1..=2).contains(&width), "{named}: {:?} at {x},{y}", cell.symbol());
                if width == 2 {
                    assert!(x + 1 < size.0, "{named}: row {y} ends with half a character: {line}");
                    let covered = buf[(x + 1, u16::try_from(y).unwrap())].symbol();
                    assert_eq!(covered, " ", "{named}: {:?} at {x},{y} lies over it: {line}", cell.symbol());
                }
                x += width;
            }
        }
    });
}

#[test]
fn without_colours_the_text_is_the_same() {
    each(|case, model, size, named| {
        let plain = draw(model, case.now, PLAIN, size);
        let coloured = plain.content.iter().any(|c| c.fg != Color::Reset || c.bg != Color::Reset);
        assert!(!coloured, "{named}");
        assert_eq!(lines(&plain).join("\n"), screen(model, case.now, size), "{named}");
    });
}

pub(crate) const NAMES: [(&str, Color); 3] =
    [("■ 正式 PROD", Color::Red), ("□ 测试 TEST", Color::Cyan), ("◇ 灾备 DR", Color::Yellow)];

#[test]
fn what_is_shown_of_a_server_has_its_name_and_no_other() {
    each(|case, model, size, named| {
        if case.name == "too-small" {
            return;
        }
        let said = lines(&draw(model, case.now, COLOUR, size));
        let Some(open) = model.open_at() else {
            assert!(said[0].starts_with(" opsdeck"), "{named}");
            return;
        };
        assert!(said[0].starts_with(&format!(" {}  {}", NAMES[open].0, model.servers[open].host)), "{named}");
        let over = matches!(model.overlay, Some(Overlay::Help { .. }));
        let Some(beside) = model.beside().filter(|_| !over) else {
            assert!(!said[2].contains(NAMES[1 - open].0), "{named}");
            return;
        };
        for (at, mark) in [(open, '>'), (beside, ' ')] {
            let server = &model.servers[at];
            let name = format!("{mark} {}  {}", NAMES[at].0, server.host);
            let x = said[2].find(&name).map(|byte| said[2][..byte].width());
            // in the order of the list, whichever is open
            assert_eq!(x, Some(if at == PROD { 0 } else { 80 }), "{named}: {name:?} in {:?}", said[2]);
        }
    });
}

fn rank(state: State) -> u8 {
    match state {
        State::Ok => 0,
        State::Warning => 1,
        State::Unknown => 2,
        State::Failed => 3,
    }
}

/// The state that a row of the screen says, by its sign and word.
pub(crate) fn said_state(row: &str, lang: Lang) -> Option<State> {
    let all = [State::Ok, State::Warning, State::Unknown, State::Failed];
    all.into_iter().find(|s| row.get(1..).is_some_and(|r| r.starts_with(sign(*s, lang).trim_end())))
}

/// An operator reads the top line first, and perhaps nothing else.
#[test]
fn the_line_on_top_is_never_greener_than_a_check_below_it() {
    for (scenario, answered) in all_answered() {
        for lang in [Lang::Zh, Lang::En] {
            let buf = draw(&open(lang, scenario), LATER, COLOUR, (100, 45));
            let rows = lines(&buf);
            let top = said_state(&rows[2], lang).unwrap_or_else(|| panic!("{scenario}: {}", rows[2]));
            let worst = answered.verdict(PROD).checks.into_iter().map(|c| c.state).max_by_key(|s| rank(*s));
            assert!(rank(top) >= worst.map_or(3, rank), "{scenario}: {worst:?}\n{}", rows.join("\n"));
            assert_eq!(is_green(&buf[(1, 2)]), top == State::Ok, "{scenario}");
        }
    }
}

#[test]
fn one_check_that_is_not_good_is_enough_for_the_line_on_top() {
    let healthy = answered("healthy");
    for state in [State::Warning, State::Unknown, State::Failed] {
        let Outcome::Answered(mut broken) = healthy.outcome(PROD) else { unreachable!() };
        broken.verdict.checks[9].state = state;
        broken.verdict.state = state;
        let mut model = asking_first(Lang::Zh);
        answer(&mut model, PROD, Outcome::Answered(broken), TAKEN);
        let buf = draw(&model, LATER, COLOUR, (80, 24));
        assert_eq!(said_state(&lines(&buf)[2], Lang::Zh), Some(state));
        assert!(!is_green(&buf[(1, 2)]), "{state:?}");
    }
}
