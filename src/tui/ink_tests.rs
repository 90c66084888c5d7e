use super::*;
use ratatui::style::Modifier;

/// What xterm draws the 16 colours as.
const XTERM: [(Color, [u8; 3]); 16] = [
    (Color::Black, [0, 0, 0]),
    (Color::Red, [205, 0, 0]),
    (Color::Green, [0, 205, 0]),
    (Color::Yellow, [205, 205, 0]),
    (Color::Blue, [0, 0, 238]),
    (Color::Magenta, [205, 0, 205]),
    (Color::Cyan, [0, 205, 205]),
    (Color::Gray, [229, 229, 229]),
    (Color::DarkGray, [127, 127, 127]),
    (Color::LightRed, [255, 0, 0]),
    (Color::LightGreen, [0, 255, 0]),
    (Color::LightYellow, [255, 255, 0]),
    (Color::LightBlue, [92, 92, 255]),
    (Color::LightMagenta, [255, 0, 255]),
    (Color::LightCyan, [0, 255, 255]),
    (Color::White, [255, 255, 255]),
];

/// What the consoles of Windows draw them as.
const CAMPBELL: [(Color, [u8; 3]); 16] = [
    (Color::Black, [12, 12, 12]),
    (Color::Red, [197, 15, 31]),
    (Color::Green, [19, 161, 14]),
    (Color::Yellow, [193, 156, 0]),
    (Color::Blue, [0, 55, 218]),
    (Color::Magenta, [136, 23, 152]),
    (Color::Cyan, [58, 150, 221]),
    (Color::Gray, [204, 204, 204]),
    (Color::DarkGray, [118, 118, 118]),
    (Color::LightRed, [231, 72, 86]),
    (Color::LightGreen, [22, 198, 12]),
    (Color::LightYellow, [249, 241, 165]),
    (Color::LightBlue, [59, 120, 255]),
    (Color::LightMagenta, [180, 0, 158]),
    (Color::LightCyan, [97, 214, 214]),
    (Color::White, [242, 242, 242]),
];

const STATES: [State; 4] = [State::Ok, State::Warning, State::Failed, State::Unknown];

fn roles() -> [Role; 3] {
    [Role::Prod, Role::Test, Role::Other("dr".into())]
}

/// Relative luminance, as WCAG 2 defines it.
fn luminance(rgb: [u8; 3]) -> f64 {
    let [r, g, b] = rgb.map(|c| {
        let c = f64::from(c) / 255.0;
        if c <= 0.04045 { c / 12.92 } else { ((c + 0.055) / 1.055).powf(2.4) }
    });
    0.2126 * r + 0.7152 * g + 0.0722 * b
}

fn contrast(one: [u8; 3], other: [u8; 3]) -> f64 {
    let (a, b) = (luminance(one), luminance(other));
    (a.max(b) + 0.05) / (a.min(b) + 0.05)
}

/// Everything that is written in a theme, with a name.
fn styles(ink: Ink) -> Vec<(String, Style)> {
    let mut all = vec![
        ("faint".to_owned(), ink.faint()),
        ("strong".into(), ink.strong()),
        ("notice".into(), ink.notice()),
        ("error".into(), ink.error()),
        ("warn".into(), ink.warn()),
        ("matched".into(), ink.matched()),
        ("key".into(), ink.key()),
        ("disabled".into(), ink.disabled()),
    ];
    for state in STATES {
        all.push((format!("{state:?}"), ink.state(state)));
        all.push((format!("gauge {state:?}"), ink.gauge(state)));
    }
    for role in roles() {
        all.push((format!("bar {role:?}"), ink.bar(&role)));
        all.push((format!("name {role:?}"), ink.environment(&role)));
        all.push((format!("beside {role:?}"), ink.faint_bar(&role)));
    }
    let chosen: Vec<_> = all.iter().map(|(n, s)| (format!("chosen {n}"), ink.chosen(*s))).collect();
    all.extend(chosen);
    all
}

/// The contrast of a style on a terminal with these colours; nothing where it is the terminal's own.
fn readable(style: Style, palette: &[(Color, [u8; 3]); 16], letters: Color, ground: Color) -> Option<f64> {
    let rgb = |colour: Color| palette.iter().find(|(c, _)| *c == colour).map(|(_, rgb)| *rgb);
    if style.fg.is_none() && style.bg.is_none() {
        return None;
    }
    // more than the 16 colours is not for every terminal
    Some(contrast(rgb(style.fg.unwrap_or(letters)).unwrap(), rgb(style.bg.unwrap_or(ground)).unwrap()))
}

#[test]
fn everything_can_be_read_on_the_ground_that_its_theme_is_for() {
    let black_and_white = contrast([0, 0, 0], [255, 255, 255]);
    assert!((black_and_white - 21.0).abs() < 0.01, "{black_and_white}");
    let (dark, light) = ((Color::Gray, Color::Black), (Color::Black, Color::White));
    for (theme, (letters, ground)) in [
        (Theme::Dark, dark),
        (Theme::Light, light),
        (Theme::HighContrast, dark),
        (Theme::HighContrast, light),
        (Theme::Mono, dark),
        (Theme::Mono, light),
    ] {
        for (name, style) in styles(Ink::of(theme, true)) {
            // bold is large print; the words of xterm's palette hold without it
            for (palette, least) in [(&XTERM, 4.5), (&CAMPBELL, 3.0)] {
                let found = readable(style, palette, letters, ground);
                let found = found.unwrap_or(least);
                assert!(found >= least, "{theme:?} on {ground:?}: {name}: {found:.2} is less than {least}");
            }
        }
    }
}

#[test]
fn a_colour_that_cannot_be_read_would_be_seen() {
    let yellow = readable(Style::new().fg(Color::Yellow), &XTERM, Color::Black, Color::White);
    assert!(yellow.unwrap() < 2.0);
    assert!(readable(Style::new().fg(Color::Red), &XTERM, Color::Gray, Color::Black).unwrap() < 4.5);
}

#[test]
fn colours_go_when_they_are_not_wanted() {
    let with = Ink::of(Theme::Dark, true);
    assert_eq!(Ink::from_variables(None, Some("xterm")), with);
    assert_eq!(Ink::from_variables(Some(""), Some("xterm")), with);
    for (no_color, term) in [(Some("1"), Some("xterm")), (None, Some("dumb")), (None, None)] {
        for theme in Theme::ALL {
            let ink = Ink::from_variables(no_color, term).with(theme);
            for (name, style) in styles(ink) {
                assert_eq!((style.fg, style.bg), (None, None), "{theme:?} {name}");
            }
            if theme != Theme::HighContrast {
                assert_eq!(styles(ink), styles(Ink::of(Theme::Mono, true)));
            }
        }
    }
}

#[test]
fn in_high_contrast_nothing_is_dim_and_what_is_bad_stands_out_without_colours() {
    for colour in [true, false] {
        let ink = Ink::of(Theme::HighContrast, colour);
        for (name, style) in styles(ink) {
            assert!(!style.add_modifier.contains(Modifier::DIM), "{name}");
        }
        assert!(STATES.iter().all(|s| ink.state(*s).add_modifier.contains(Modifier::BOLD)));
        assert_ne!(ink.state(State::Failed), ink.state(State::Ok));
    }
}

#[test]
fn green_is_for_what_is_good_now() {
    let green = |style: Style| {
        [style.fg, style.bg].iter().any(|c| matches!(c, Some(Color::Green | Color::LightGreen)))
    };
    for theme in [Theme::Dark, Theme::Light, Theme::HighContrast] {
        let ink = Ink::of(theme, true);
        for state in STATES {
            assert_eq!(green(ink.state(state)), state == State::Ok, "{theme:?} {state:?}");
            let old = ink.state_or_old(state, true);
            assert_eq!((old.fg, old.bg), (None, None));
        }
        let others = styles(ink).into_iter().filter(|(name, _)| !name.ends_with("Ok"));
        assert!(others.into_iter().all(|(_, style)| !green(style)));
    }
}
