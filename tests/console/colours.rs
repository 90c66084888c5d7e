//! What is told by colour, too: environments, states, and what must not be missed.
use crate::cases::{asking_again, lost};
use crate::given::*;
use crate::properties::{NAMES, said_state};
use opsdeck::core::console::{Code, Key, Screen, Tab};
use opsdeck::core::state::State;
use opsdeck::core::units::EpochMs;
use opsdeck::i18n::Lang;
use ratatui::buffer::{Buffer, Cell};
use ratatui::style::{Color, Modifier};
use unicode_width::UnicodeWidthStr;

/// The first cell of a text in a row.
fn at<'a>(buf: &'a Buffer, y: u16, text: &str) -> &'a Cell {
    let row = &lines(buf)[usize::from(y)];
    let byte = row.find(text).unwrap_or_else(|| panic!("no {text:?} in {row:?}"));
    &buf[(u16::try_from(row[..byte].width()).unwrap(), y)]
}

#[test]
fn each_environment_has_its_colour_word_and_shape_everywhere() {
    let list = draw(&model(Lang::En), TAKEN, COLOUR, (80, 24));
    for (n, (name, colour)) in NAMES.into_iter().enumerate() {
        let row = opsdeck::core::console::frame::PICKER_TOP + u16::try_from(n).unwrap();
        // red letters on black cannot be read
        let letters = if colour == Color::Red { Color::LightRed } else { colour };
        assert_eq!(at(&list, row, name).fg, letters);
        for lang in [Lang::Zh, Lang::En] {
            for tab in Tab::ALL {
                for over in
                    [None, Some(Code::F(1)), Some(Code::F(9)), Some(Code::F(10)), Some(Code::Char('/'))]
                {
                    for size in crate::cases::SIZES {
                        let mut model = model(lang);
                        let nth = char::from_digit(u32::try_from(n).unwrap() + 1, 10).unwrap();
                        press(&mut model, Key::char(nth), TAKEN);
                        model.screen = Screen::Open { server: n, tab };
                        if let Some(code) = over {
                            press(&mut model, Key::of(code), TAKEN);
                        }
                        let buf = draw(&model, TAKEN, COLOUR, size);
                        let bar = at(&buf, 0, name);
                        assert_eq!(bar.bg, colour, "{name} {tab:?} {over:?}");
                        // a shape that is drawn two cells wide pushes the bar by one, and it still does not wrap
                        let (last, end) = (&buf[(size.0 - 3, 0)], &buf[(size.0 - 2, 0)]);
                        assert_eq!((last.bg, end.bg), (colour, Color::Reset), "{name} {tab:?} {over:?}");
                        let host = &model.servers[n].host;
                        assert_eq!(opsdeck::tui::view::title(&model), format!("{name} {host} - opsdeck"));
                    }
                }
            }
        }
    }
}

#[test]
fn states_have_their_colours_and_the_chosen_row_is_reversed() {
    let buf = draw(&open(Lang::Zh, "not-mounted"), LATER, COLOUR, (100, 45));
    let mut seen = Vec::new();
    for (y, row) in lines(&buf).iter().enumerate().skip(2) {
        let cell = &buf[(1, u16::try_from(y).unwrap())];
        if let Some(state) = said_state(row, Lang::Zh) {
            let colour = match state {
                State::Ok => Color::Green,
                State::Warning => Color::Yellow,
                State::Failed => Color::LightRed,
                State::Unknown => Color::LightMagenta,
            };
            assert_eq!(cell.fg, colour, "{row}");
            seen.push(state);
        }
        assert_eq!(row.starts_with('>'), cell.modifier.contains(Modifier::REVERSED), "{row}");
    }
    assert!([State::Ok, State::Failed, State::Unknown].iter().all(|s| seen.contains(s)), "{seen:?}");
}

#[test]
fn what_must_not_be_missed_is_not_faint() {
    for make in [asking_again, lost] {
        let buf = draw(&make(Lang::Zh, "healthy"), EpochMs(TAKEN.0 + 125_000), COLOUR, (80, 24));
        let rows = lines(&buf);
        let y = rows.iter().position(|r| r.starts_with("--- ")).unwrap();
        let cell = &buf[(4, u16::try_from(y).unwrap())];
        assert!(
            cell.modifier.contains(Modifier::BOLD) && !cell.modifier.contains(Modifier::DIM),
            "{}",
            rows[y]
        );
    }
}
