//! How far what is shown can be relied on, and what is said about it.
use super::age::ago;
use super::model::Server;
use super::wake::SPIN_MS;
use crate::core::units::EpochMs;
use crate::i18n::Text;
use crate::text;

/// An answer older than this is not shown as today's truth any more.
pub const STALE_MS: i64 = 5 * 60 * 1000;

/// What nobody watches is today's truth for so long: within that time a lost link would be noticed, too.
pub(super) const UNWATCHED_MS: i64 = 20_000;

/// A watch says every 15 s that it is there: one that was silent for longer than this may be there no more.
pub(super) const SILENT_MS: i64 = 45_000;

/// How far what is shown can be relied on. Only [`Freshness::Fresh`] has the colours of the states.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Freshness {
    /// There is no answer yet.
    Nothing,
    /// The last look answered, a moment ago.
    Fresh,
    /// It answered long ago, nobody tells what happens there since, or the clock was set back: things may have changed.
    Stale,
    /// A newer look is under way.
    Asking,
    /// A newer look got no answer, or the link was lost.
    Lost,
}

/// How far a server's answer can be relied on.
pub fn freshness(server: &Server, now: EpochMs) -> Freshness {
    let age_ms = server.answer.as_ref().map(|a| now.since(a.asked));
    match age_ms {
        _ if server.lost.is_some() && server.asking.is_none() => Freshness::Lost,
        None => Freshness::Nothing,
        _ if server.asking.is_some() => Freshness::Asking,
        // a job began or ended since, and the look that would have seen it was given up
        _ if server.watch.changed => Freshness::Stale,
        Some(0..STALE_MS) if is_heard(server, now) => Freshness::Fresh,
        Some(_) => Freshness::Stale,
    }
}

/// A sign that turns, by the milliseconds that something takes.
pub(super) fn spinner(waited_ms: i64) -> char {
    match waited_ms / SPIN_MS % 4 {
        0 => '|',
        1 => '/',
        2 => '-',
        _ => '\\',
    }
}

/// Whether the server was heard of lately enough: what looks live is live.
fn is_heard(server: &Server, now: EpochMs) -> bool {
    let Some(answer) = &server.answer else { return false };
    let took_ms = i64::try_from(answer.what.verdict.took_ms).unwrap_or(0);
    let answered = answer.asked.plus_ms(took_ms);
    match server.watch.heard.filter(|_| server.watch.run.is_some()) {
        Some(heard) => now.since(heard.max(answered)) <= SILENT_MS,
        None => now.since(answered) < UNWATCHED_MS,
    }
}

/// What an operator should know about the whole page, and whether it must not be missed.
pub fn status(server: &Server, now: EpochMs) -> Option<(Text, bool)> {
    if let Some(asking) = server.asking {
        let waited = now.since(asking.since).max(0);
        let spin = spinner(waited);
        let s = waited / 1000;
        let said = match server.answer.is_some() {
            false => text!("{spin} 正在检查，已 {s} 秒", "{spin} checking, {s} s"),
            true => text!(
                "{spin} 正在再检查，已 {s} 秒；下面是以前的结果",
                "{spin} checking again, {s} s; below is what was found before"
            ),
        };
        return Some((said, true));
    }
    let age = ago(server.answer.as_ref().map_or(-1, |a| now.since(a.asked)));
    match freshness(server, now) {
        Freshness::Lost => Some((lost(server, &age, now), true)),
        Freshness::Stale => {
            let said = Text {
                zh: format!("结果是 {}的，可能已经变了：按 F5 再检查", age.zh),
                en: format!("found {}, and may have changed: F5 checks again", age.en),
            };
            Some((said, true))
        }
        Freshness::Nothing => Some((text!("还没有检查：按 F5", "not checked yet: press F5"), true)),
        Freshness::Fresh if server.answer.as_ref().is_some_and(|a| a.what.cut.is_some()) => {
            let said = Text {
                zh: format!("{}，没有答完：按 F5 再检查", age.zh),
                en: format!("{}, not the whole answer: F5 checks again", age.en),
            };
            Some((said, true))
        }
        Freshness::Fresh => {
            let took = server.answer.as_ref().map_or(0, |a| a.what.verdict.took_ms);
            let took = format!("{}.{}", took / 1000, took % 1000 / 100);
            let said = Text {
                zh: format!("{}，用时 {took} 秒", age.zh),
                en: format!("{}, took {took} s", age.en),
            };
            Some((said, false))
        }
        Freshness::Asking => None,
    }
}

/// The link does not answer: how old the rest is, and when it is tried again.
fn lost(server: &Server, age: &Text, now: EpochMs) -> Text {
    let next = match server.lost.as_ref().and_then(|l| l.again) {
        Some(again) => {
            let s = (again.since(now).max(0) + 999) / 1000;
            text!("{s} 秒后自动再试，Ctrl-R 马上试", "tried again in {s} s, Ctrl-R tries now")
        }
        None => text!("处理后按 Ctrl-R 再试", "mend it, then Ctrl-R"),
    };
    match server.answer.is_some() {
        true => Text {
            zh: format!("连接断了：下面是 {}的结果；{}", age.zh, next.zh),
            en: format!("link lost: below is what was found {}; {}", age.en, next.en),
        },
        false => {
            Text { zh: format!("没有连上；{}", next.zh), en: format!("no connection; {}", next.en) }
        }
    }
}
