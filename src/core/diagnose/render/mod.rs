//! A diagnosis as text. The first line is the cause, the last one what mends it.
mod book;
mod markdown;
mod text;

pub use book::{book, causes};
pub use markdown::markdown;
pub use text::{Style, text};

use super::fix::Mend;
use super::types::{Certainty, Diagnosis, Evidence};
use crate::core::derive::schedule;
use crate::core::state::State;
use crate::core::units::EpochMs;
use crate::i18n::{Lang, Text};
use crate::text as both;

/// Sign of a state: colour alone says nothing to a file, or to eyes that do not see it.
fn sign(state: State) -> &'static str {
    match state {
        State::Ok => "[+]",
        State::Warning => "[!]",
        State::Failed => "[x]",
        State::Unknown => "[?]",
    }
}

impl Certainty {
    /// The word for it.
    pub fn word(self) -> Text {
        match self {
            Certainty::Proved => both!("已证实", "proved"),
            Certainty::Likely => both!("很可能", "likely"),
            Certainty::Possible => both!("可能", "possible"),
        }
    }
}

/// A younger look needs no word about its age, in milliseconds.
const FRESH_MS: i64 = 60_000;

/// Something that was seen, with its place, and with its age where that matters.
fn seen(e: &Evidence, lang: Lang) -> String {
    let place = e.probe.word();
    let minutes = e.age_ms / 60_000;
    let age = match lang {
        _ if e.age_ms < FRESH_MS => String::new(),
        Lang::Zh => format!("，{minutes} 分钟前看的"),
        Lang::En => format!(", seen {minutes} min ago"),
    };
    match lang {
        Lang::Zh => format!("{}（{}{age}）", e.says.zh, place.zh),
        Lang::En => format!("{} ({}{age})", e.says.en, place.en),
    }
}

/// When the look was taken, how long it took, and of which machine: a copy of this in a ticket is dated by it.
fn taken(d: &Diagnosis) -> Text {
    let local = schedule::local(d.taken, d.zone_s.unwrap_or(0));
    let at = local.map_or_else(|| "?".into(), |t| t.strftime("%Y-%m-%d %H:%M:%S").to_string());
    let (zone, host) = (zone(d.zone_s), &d.host);
    let took = format!("{}.{}", d.took_ms / 1000, d.took_ms % 1000 / 100);
    both!("{host}，{at}（{zone}）检查，用时 {took} 秒", "{host} as of {at} ({zone}), looked at in {took} s")
}

/// What was ruled out: each thing that was seen once, and every cause that it speaks against.
fn ruled_out(d: &Diagnosis, lang: Lang) -> Vec<(String, Vec<&str>)> {
    let mut all: Vec<(String, Vec<&str>)> = Vec::new();
    for out in &d.ruled_out {
        let (because, title) = (seen(&out.because, lang), out.title.get(lang));
        match all.iter_mut().find(|(said, _)| *said == because) {
            Some((_, titles)) => titles.push(title),
            None => all.push((because, vec![title])),
        }
    }
    all
}

/// That two looks were taken, where they were.
fn twice(d: &Diagnosis) -> Option<Text> {
    let seconds = d.taken.since(d.compared?).max(0) / 1000;
    Some(both!("看了两次，相隔 {seconds} 秒", "two looks, {seconds} s apart"))
}

/// A step with its key and its command.
pub fn step(mend: &Mend, lang: Lang) -> String {
    let says = mend.says.get(lang);
    let command = mend.command.as_deref().map(|c| match lang {
        Lang::Zh => format!("（{c}）"),
        Lang::En => format!(" ({c})"),
    });
    let key = mend.key.map(|k| match lang {
        Lang::Zh => format!("按 {k} "),
        Lang::En => format!("press {k}: "),
    });
    format!("{}{says}{}", key.unwrap_or_default(), command.unwrap_or_default())
}

/// The last line: every step in order, or that there is nothing to do.
fn last(d: &Diagnosis, lang: Lang) -> String {
    let steps: Vec<String> = d.steps().iter().map(|m| step(m, lang)).collect();
    if !steps.is_empty() {
        return steps.join(match lang {
            Lang::Zh => "；然后",
            Lang::En => "; then ",
        });
    }
    let nothing = match (d.unchecked.first(), d.state) {
        (Some(open), state) if !open.hint.zh.is_empty() && (open.decides || state == State::Unknown) => {
            open.hint.clone()
        }
        (_, State::Unknown) => both!("几分钟后再检查一次", "check again in some minutes"),
        _ => both!("不用做什么", "nothing has to be done"),
    };
    nothing.get(lang).to_owned()
}

/// A moment of the night, to the second.
fn clock(at: EpochMs, zone_s: Option<i32>) -> String {
    let local = schedule::local(at, zone_s.unwrap_or(0));
    local.map_or_else(|| "?".into(), |t| t.strftime("%m-%d %H:%M:%S").to_string())
}

/// `UTC+08:00`.
fn zone(zone_s: Option<i32>) -> String {
    let s = zone_s.unwrap_or(0);
    format!("UTC{:+03}:{:02}", s / 3600, (s % 3600).abs() / 60)
}
