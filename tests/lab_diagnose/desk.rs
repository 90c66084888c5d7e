//! The program as an operator without a screen uses it: a diagnosis, and the commands that it offers.
use crate::common::{Home, Ran};
use crate::lab::config;
use serde_json::Value;
use std::time::{Duration, Instant};

/// A server without hardware support, on a machine that does other things too, may be too slow for the limits of a look.
const TRIES: usize = 4;

/// A workstation.
pub(crate) struct Desk {
    home: Home,
    /// `TZ`, where it is not the machine's.
    zone: Option<&'static str>,
}

/// What a diagnosis says.
pub(crate) struct Said {
    d: Value,
    pub(crate) code: i32,
    pub(crate) took: Duration,
}

/// A step that is offered.
#[derive(Clone, Debug)]
pub(crate) struct Step {
    /// `do`, `call` or `wait`.
    pub(crate) how: String,
    /// `opsdeck mount --env prod`.
    pub(crate) command: Option<String>,
    /// `windows`.
    pub(crate) whom: Option<String>,
    /// In English.
    pub(crate) says: String,
}

impl Step {
    /// What tells it from others; the time until which is waited does not.
    pub(crate) fn key(&self) -> String {
        match (&self.command, &self.whom) {
            (Some(command), _) => command.clone(),
            (None, Some(whom)) => format!("{whom} {}", self.says),
            (None, None) => self.how.clone(),
        }
    }

    /// `mount --new-password`.
    pub(crate) fn words(&self) -> Vec<&str> {
        let all = self.command.as_deref().unwrap_or_default().split(' ').skip(1);
        all.collect::<Vec<_>>().into_iter().rev().skip(2).rev().collect()
    }
}

impl Desk {
    pub(crate) fn new() -> Desk {
        Desk { home: Home::new(), zone: None }
    }

    pub(crate) fn in_zone(mut self, zone: &'static str) -> Desk {
        self.zone = Some(zone);
        self
    }

    fn run(&self, line: &str) -> Ran {
        let mut command = self.home.command(line);
        command.arg("--config").arg(config());
        if let Some(zone) = self.zone {
            command.env("TZ", zone);
        }
        Ran::of(command.output().unwrap())
    }

    /// One diagnosis.
    pub(crate) fn look(&self, env: &str) -> Said {
        let began = Instant::now();
        let ran = self.run(&format!("diagnose --env {env} --format json"));
        let whole: Value =
            serde_json::from_str(&ran.out).unwrap_or_else(|e| panic!("{e}: {}{}", ran.out, ran.err));
        let said = Said { d: whole["diagnoses"][0].clone(), code: ran.code, took: began.elapsed() };
        eprintln!("  {said}");
        said
    }

    /// The same; once more where the server was too slow to tell it.
    pub(crate) fn look_until(&self, env: &str, fits: impl Fn(&Said) -> bool) -> Said {
        let mut said = self.look(env);
        for _ in 1..TRIES {
            if fits(&said) || !said.was_too_slow() {
                break;
            }
            said = self.look(env);
        }
        said
    }

    /// The diagnosis as people read it.
    pub(crate) fn text(&self, env: &str, lang: &str) -> Ran {
        self.run(&format!("diagnose --env {env} --lang {lang}"))
    }

    /// A command that is offered, carried out; how it ended, and its last word.
    pub(crate) fn does(&self, command: &str) -> (i32, Value) {
        let words = command.strip_prefix("opsdeck ").unwrap();
        let watch = if words.starts_with("backup") { " --watch" } else { "" };
        let line = format!("{words}{watch} --yes --confirm prod --format json");
        let ran = self.run(&line);
        let last = ran.out.lines().rev().filter_map(|l| serde_json::from_str::<Value>(l).ok());
        let outcome = last.into_iter().find(|o| o["told"] == "outcome").unwrap_or(Value::Null);
        eprintln!("  {line}: {} {} {}", ran.code, outcome["said"]["en"], ran.err);
        if ran.code != 0 {
            eprintln!("{}", ran.out);
        }
        (ran.code, outcome)
    }
}

impl Said {
    fn findings(&self) -> &[Value] {
        self.d["findings"].as_array().map_or(&[], Vec::as_slice)
    }

    /// The root causes.
    pub(crate) fn roots(&self) -> Vec<&str> {
        self.findings().iter().filter_map(|f| f["cause"].as_str()).collect()
    }

    /// How sure the leading one is.
    pub(crate) fn sure(&self) -> &str {
        self.d["findings"][0]["certainty"].as_str().unwrap_or("-")
    }

    /// What could not be checked.
    pub(crate) fn open(&self) -> Vec<String> {
        let all = self.d["unchecked"].as_array().map_or(&[][..], Vec::as_slice);
        all.iter().map(|u| format!("{}: {}", u["what"]["en"], u["why"]["en"])).collect()
    }

    /// A question ran out of time, or the link did.
    fn was_too_slow(&self) -> bool {
        self.code == 3 || self.open().iter().any(|open| open.contains("ran out of time"))
    }

    pub(crate) fn is_clean(&self) -> bool {
        self.code == 0 && self.findings().is_empty() && self.open().is_empty()
    }

    /// All steps in order.
    pub(crate) fn steps(&self) -> Vec<Step> {
        let word = |v: &Value| v.as_str().map(str::to_owned);
        let all = self.d["steps"].as_array().expect("steps");
        all.iter()
            .map(|m| Step {
                how: word(&m["how"]).unwrap(),
                command: word(&m["command"]),
                whom: word(&m["whom"]),
                says: word(&m["says"]["en"]).unwrap(),
            })
            .collect()
    }
}

impl std::fmt::Display for Said {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (seconds, headline) = (self.took.as_secs_f64(), &self.d["headline"]["en"]);
        write!(f, "diagnosed in {seconds:.1} s: exit {} {:?} {headline}", self.code, self.roots())?;
        match self.open() {
            open if open.is_empty() => Ok(()),
            open => write!(f, " open: {open:?}"),
        }
    }
}
