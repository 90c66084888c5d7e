//! The runs that a server knows of (`assets/remote/run/runs.sh`).
use super::script::RunName;
use crate::core::safetext::SafeText;
use crate::core::units::EpochMs;
use crate::i18n::Text;

/// One of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// Its name.
    pub run: RunName,
    /// Whether it is at work.
    pub life: Life,
    /// [`Action::id`](super::Action::id).
    pub action: SafeText,
    /// Who began it, and where: `user@machine`.
    pub operator: SafeText,
    /// When, by the server's clock; nothing where that is not understood.
    pub began: Option<EpochMs>,
    /// What its steps do, in order; none of a run that has ended.
    pub titles: Vec<Text>,
}

/// Whether a run is at work.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Life {
    /// It is.
    Alive,
    /// It has neither processes nor an end: following it ends it properly.
    Gone,
    /// It has ended.
    Ended,
}

/// What a server answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Runs {
    /// These, the newest first.
    Known(Vec<Found>),
    /// Only root may see them, and the login is not root.
    Hidden,
}

/// Reads the answer. Total: lines that are not understood are left out.
pub fn runs(answer: &[u8]) -> Runs {
    let mut all: Vec<Found> = Vec::new();
    for line in SafeText::lines(answer) {
        let (word, rest) = line.as_str().split_once(' ').unwrap_or((line.as_str(), ""));
        match word {
            "hidden" => return Runs::Hidden,
            "run" => all.extend(run(rest)),
            "title" => {
                let mut parts = rest.splitn(3, ' ');
                let (id, _, words) = (parts.next(), parts.next(), parts.next());
                if let Some((found, words)) = all.last_mut().zip(words)
                    && Some(found.run.as_str()) == id
                {
                    found.titles.push(title(words));
                }
            }
            _ => {}
        }
    }
    Runs::Known(all)
}

fn run(rest: &str) -> Option<Found> {
    let mut parts = rest.splitn(3, ' ');
    let run = RunName::parse(parts.next()?)?;
    let life = match parts.next()? {
        "alive" => Life::Alive,
        "gone" => Life::Gone,
        "ended" => Life::Ended,
        _ => return None,
    };
    let mut who = parts.next().unwrap_or_default().split('|');
    let mut safe = || SafeText::new(who.next().unwrap_or_default());
    let (action, operator) = (safe(), safe());
    let seconds = who.next().and_then(|s| s.parse::<i64>().ok());
    let began = seconds.filter(|s| (0..=253_402_300_799).contains(s)).map(|s| EpochMs(s * 1000));
    Some(Found { run, life, action, operator, began, titles: Vec::new() })
}

/// `中文 / English`, as [`script::steps`](super::script::steps) writes it.
fn title(words: &str) -> Text {
    match words.split_once(" / ") {
        Some((zh, en)) => Text { zh: zh.to_owned(), en: en.to_owned() },
        None => Text::same(words),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_that_the_script_prints_is_read() {
        let answer = "run 17-a alive restart-frontend|wang@desk|1769900000\n\
                      title 17-a 1 确认 / make sure\ntitle 17-a 2 only one\n\
                      run 16-b gone mount|li@desk|x\nrun 15-c ended clear-lock\n";
        let Runs::Known(all) = runs(answer.as_bytes()) else { panic!() };
        assert_eq!(all.len(), 3);
        assert_eq!((all[0].life, all[1].life, all[2].life), (Life::Alive, Life::Gone, Life::Ended));
        assert_eq!((all[0].action.as_str(), all[0].operator.as_str()), ("restart-frontend", "wang@desk"));
        assert_eq!(all[0].began, Some(EpochMs(1_769_900_000_000)));
        assert_eq!(all[0].titles[0], Text { zh: "确认".into(), en: "make sure".into() });
        assert_eq!((all[0].titles.len(), all[1].began), (2, None));
        assert_eq!(runs(b"hidden\n"), Runs::Hidden);
    }

    #[test]
    fn noise_is_no_run() {
        let noise = b"run ../x alive a|b|1\nrun 1 dead a|b|1\nrun\ntitle 1 1 x\n\xff\x1b[31m\n";
        assert_eq!(runs(noise), Runs::Known(Vec::new()));
    }
}
