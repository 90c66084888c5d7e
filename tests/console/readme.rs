//! The pictures of README.md: screens as the console draws them, of built-in servers whose clock stands still.
//!
//! `OPSDECK_UPDATE_README=1 cargo test --test console readme` writes them anew.
use crate::asked::WATCHED_AGAIN_MS;
use crate::given::*;
use opsdeck::core::console::{Key, Model, Tab};
use opsdeck::core::units::EpochMs;
use opsdeck::i18n::Lang;

/// A picture's name in README.md, what is on it, and when it is drawn.
type Picture = (&'static str, fn() -> Model, EpochMs);

const PICTURES: [Picture; 4] = [
    ("总览", || open(Lang::Zh, "not-mounted"), LATER),
    ("任务", || live(Lang::Zh, "backup-running"), EpochMs(TAKEN.0 + WATCHED_AGAIN_MS + 2_000)),
    ("诊断", || open_at(Lang::Zh, "not-mounted", Tab::Diagnosis), LATER),
    ("日志", first_error, LATER),
];

/// The log of a night whose backup failed, at its error.
fn first_error() -> Model {
    let mut model = logs(Lang::Zh, "backup-failed");
    press(&mut model, Key::char('e'), TAKEN);
    settled(model)
}

fn begin(name: &str) -> String {
    format!("<!-- picture {name} -->\n```text\n")
}

const END: &str = "```\n<!-- end of picture -->\n";

/// A text with its pictures as they are drawn now.
fn drawn(readme: &str) -> Result<String, String> {
    let mut text = readme.to_owned();
    for (name, make, now) in PICTURES {
        let from =
            text.find(&begin(name)).ok_or(format!("README.md has no place for {name}"))? + begin(name).len();
        let to = text[from..].find(END).ok_or(format!("the picture {name} has no end"))? + from;
        text.replace_range(from..to, &format!("{}\n", screen(&make(), now, (80, 24)).trim_end()));
    }
    match text.matches("<!-- picture ").count() == PICTURES.len() {
        true => Ok(text),
        false => Err("a picture that nobody draws".into()),
    }
}

#[test]
fn the_pictures_are_what_the_console_draws() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/README.md");
    let readme = std::fs::read_to_string(path).unwrap();
    let drawn = drawn(&readme).unwrap();
    if std::env::var_os("OPSDECK_UPDATE_README").is_some() {
        std::fs::write(path, &drawn).unwrap();
        return;
    }
    let differs = readme.lines().zip(drawn.lines()).find(|(is, meant)| is != meant);
    assert!(
        readme == drawn,
        "not what is drawn now; OPSDECK_UPDATE_README=1 cargo test --test console readme\n{differs:#?}"
    );
}

#[test]
fn a_picture_that_was_changed_by_hand_is_told_from_a_drawn_one() {
    let places: String =
        PICTURES.iter().map(|(name, ..)| format!("{}by hand\n{END}\n", begin(name))).collect();
    let drawn_once = drawn(&places).unwrap();
    assert!(
        !drawn_once.contains("by hand") && drawn_once.contains("■ 正式 PROD  demo-prod  > 任务"),
        "{drawn_once}"
    );
    assert_eq!(drawn(&drawn_once).unwrap(), drawn_once);
    assert!(drawn("").is_err() && drawn(&format!("{drawn_once}<!-- picture 别的 -->\n")).is_err());
}
