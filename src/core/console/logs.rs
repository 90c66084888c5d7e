//! The logs of one environment: which there are, which is followed, and what of it is kept.
use super::key::{Code, Key};
use super::model::Server;
use super::msg::RunId;
use crate::core::derive::schedule;
use crate::core::log::buffer::Buffer;
use crate::core::log::resume::Resume;
use crate::core::log::view::LogView;
use crate::core::log::{From, Source};
use crate::core::units::EpochMs;
use crate::i18n::Text;
use crate::text;

/// Lines of the past that are asked for at first.
pub const TAIL: u32 = 20_000;

/// The log that is followed, of one environment.
#[derive(Clone, Debug)]
pub struct Logs {
    /// Which; nothing before the screen was opened.
    pub source: Option<Source>,
    /// Where it was begun.
    pub start: From,
    /// The number of the following, while it is open.
    pub run: Option<RunId>,
    /// When it is opened again after it ended by itself.
    pub again: Option<EpochMs>,
    /// How often it ended since a line came.
    pub ended: u32,
    /// Why it ended last, until a line comes.
    pub why: Option<Text>,
    /// Why no line can come just now: the container does not run.
    pub waits: Option<Text>,
    /// What comes again after a re-opening.
    pub resume: Resume,
    /// The lines.
    pub buffer: Buffer,
    /// What of them is shown.
    pub view: LogView,
    /// Filtering or searching is not at its end.
    pub more: bool,
    /// What is being saved.
    pub saving: Option<Saving>,
}

/// A log that is being saved, a slice at a time.
#[derive(Clone, Debug)]
pub struct Saving {
    /// Where it is from: a file name.
    pub name: String,
    /// The line that comes next.
    pub from: u64,
    /// Before which it ends: a log that goes on is saved as it was when that was asked.
    pub to: u64,
    /// What was written so far.
    pub text: String,
}

impl Default for Logs {
    fn default() -> Logs {
        Logs {
            source: None,
            start: From::Tail(TAIL),
            run: None,
            again: None,
            ended: 0,
            why: None,
            waits: None,
            resume: Resume::new(),
            buffer: Buffer::default(),
            view: LogView::default(),
            more: false,
            saving: None,
        }
    }
}

impl Logs {
    /// Another log, or another beginning of it: nothing of the old one is kept but how it was shown.
    pub(super) fn begin(&mut self, source: Source, start: From) {
        let mut view = LogView::default();
        view.set_filter(&Buffer::default(), self.view.filter().clone());
        view.set_search(&Buffer::default(), self.view.search().cloned());
        if self.view.wraps() != view.wraps() {
            view.toggle_wrap();
        }
        if self.view.has_times() != view.has_times() {
            view.toggle_times();
        }
        *self = Logs { source: Some(source), start, view, ..Logs::default() };
    }

    /// When something is due.
    pub fn due(&self) -> Option<EpochMs> {
        self.again
    }

    /// There is something to do that was put off for the keys.
    pub fn has_work(&self) -> bool {
        self.more || self.saving.is_some()
    }
}

/// The logs that an environment has: its own containers first, then RAGFlow's as far as they are known, then the
/// system's.
pub fn sources(server: &Server) -> Vec<Source> {
    let named = &server.env.containers;
    let mut all = vec![Source::Container(named.backend.clone()), Source::Container(named.frontend.clone())];
    let containers = server.answer.as_ref().and_then(|a| a.what.look.containers.as_ref().ok());
    let mut others: Vec<Source> = containers
        .into_iter()
        .flatten()
        .filter(|c| c.project.as_ref().is_some_and(|p| p.as_str() == named.compose_project))
        .map(|c| Source::Container(c.name.as_str().to_owned()))
        .collect();
    others.sort();
    all.extend(others);
    all.push(Source::Unit("docker.service".into()));
    all.push(Source::Journal);
    all
}

/// What a log is called.
pub fn source_name(source: &Source) -> Text {
    match source {
        Source::Container(name) => Text::same(name.as_str()),
        Source::Unit(name) => text!("系统日志 {name}", "journal of {name}"),
        Source::Journal => text!("系统日志", "system journal"),
    }
}

/// A moment that an operator typed: `30m`, `2h`, `1d` ago, or `04:00` of today in the server's zone, of yesterday when
/// that is to come.
pub fn since(typed: &str, server_now: EpochMs, zone_s: i32) -> Option<EpochMs> {
    // an input method in full-width mode types other digits and another colon
    let meant = |c| Key::char(c).meant().map(|k| k.code);
    let meant = typed.chars().map(|c| if let Some(Code::Char(c)) = meant(c) { c } else { c });
    let typed = meant.collect::<String>().trim().to_ascii_lowercase();
    if let Some((h, m)) = typed.split_once(':') {
        let (h, m): (i64, i64) = (h.parse().ok()?, m.parse().ok()?);
        if !(0..24).contains(&h) || !(0..60).contains(&m) {
            return None;
        }
        let day_ms = 86_400_000;
        let local = server_now.0 + i64::from(zone_s) * 1000;
        let at = local - local.rem_euclid(day_ms) + (h * 60 + m) * 60_000 - i64::from(zone_s) * 1000;
        return Some(EpochMs(if at > server_now.0 { at - day_ms } else { at }));
    }
    let (number, unit) = typed.split_at_checked(typed.len().checked_sub(1)?)?;
    let number: i64 = number.parse().ok().filter(|n| (1..=100_000).contains(n))?;
    let unit_ms = match unit {
        "m" => 60_000,
        "h" => 3_600_000,
        "d" => 86_400_000,
        _ => return None,
    };
    Some(server_now.plus_ms(-number * unit_ms))
}

/// The zone in which a server's times are told, in seconds east of UTC: the container's, else the server's own.
pub fn zone_s(server: &Server) -> Option<i32> {
    let look = &server.answer.as_ref()?.what.look;
    let container = look.container_clock().ok().map(|c| c.zone_s);
    container.or_else(|| look.identity.as_ref().ok().and_then(|i| i.zone_s))
}

/// The server's time, as far as its last answer tells it.
pub fn server_now(server: &Server, now: EpochMs) -> EpochMs {
    let Some(answer) = &server.answer else { return now };
    let look = &answer.what.look;
    now.plus_ms(look.now().since(look.taken))
}

/// From when on a log is shown: an operator who looks for last night must see that it is not there.
pub fn start_words(server: &Server) -> Text {
    let (logs, zone) = (&server.logs, zone_s(server).unwrap_or(0));
    let first = logs.buffer.range(logs.buffer.first(), logs.buffer.end()).take(100).find_map(|l| l.at);
    let first = first.map(|at| schedule::short(EpochMs(at.0 / 1_000_000), zone)).unwrap_or_default();
    match &logs.start {
        From::Since(at) => {
            let at = schedule::short(*at, zone);
            text!("从 {at} 起（S 改）", "since {at} (S changes it)")
        }
        _ if first.is_empty() => Text::default(),
        _ => text!("从 {first} 起；更早的按 S", "from {first} on; S for earlier ones"),
    }
}

/// What is wrong with the log, for its page; nothing while all is well.
pub fn trouble(server: &Server, now: EpochMs) -> Option<Text> {
    let Some(why) = &server.logs.why else { return server.logs.waits.clone() };
    Some(match server.logs.again {
        Some(again) => {
            let s = (again.since(now).max(0) + 999) / 1000;
            let next = text!("{s} 秒后从断开处接上，Ctrl-R 马上接", "goes on in {s} s, Ctrl-R at once");
            Text { zh: format!("{}；{}", why.zh, next.zh), en: format!("{}; {}", why.en, next.en) }
        }
        None if server.logs.run.is_some() => text!("正在重新连接", "connecting again"),
        None => Text {
            zh: format!("{}；处理后按 Ctrl-R", why.zh),
            en: format!("{}; mend it, then Ctrl-R", why.en),
        },
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_are_read_as_operators_type_them() {
        // 2026-02-01 06:10 in Shanghai
        let (now, zone) = (EpochMs(1_769_897_400_000), 8 * 3600);
        let min = 60_000;
        for (typed, ago_min) in [
            ("30m", 30),
            (" 2H ", 120),
            ("1d", 1440),
            ("04:00", 130),
            ("6:10", 0),
            ("06:11", 1439),
            ("０４：００", 130),
            ("23:59", 371),
        ] {
            assert_eq!(since(typed, now, zone), Some(EpochMs(now.0 - ago_min * min)), "{typed}");
        }
        for typed in ["", "m", "0m", "-5m", "5", "5x", "24:00", "4:60", "昨天", "9999999999h", "：："] {
            assert_eq!(since(typed, now, zone), None, "{typed}");
        }
    }
}
