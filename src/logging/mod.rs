//! The diagnostic log on the workstation: what opsdeck did, for whoever has to find out why it failed.
//!
//! One file a day in the state folder, for the owner only, the newest [`file::KEPT`] kept. One event a line, as
//! JSON ([`mod@line`]). Nothing is dropped on a busy day: the channel to the writing thread blocks when it is full,
//! and the [`Log`] that `main` holds to the end writes out the tail. What could not be written all the same
//! (a full disk, the size limit of a day) is counted in [`Health`].
//!
//! What was done to a server is not here but in the journal; a server's words get in through
//! [`SafeText`], a [`Secret`](crate::config::Secret) not at all.
pub mod file;
pub mod line;

use crate::clock;
use crate::core::safetext::SafeText;
use crate::core::units::EpochMs;
use crate::i18n::{Lang, Text};
use crate::text;
use file::{DailyFile, Health};
use jiff::tz::TimeZone;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tracing::Subscriber;
use tracing_appender::non_blocking::{NonBlockingBuilder, WorkerGuard};
use tracing_subscriber::filter::{LevelFilter, Targets};
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::registry::LookupSpan;

/// The variable that sets how much is logged: `off`, `error`, `warn`, `info`, `debug`, `trace`, or a list as
/// `info,opsdeck::remote=debug`. Only opsdeck's own events are ever logged: libraries may print command lines.
pub const VARIABLE: &str = "OPSDECK_LOG";
/// The crate whose events are logged.
const OURS: &str = "opsdeck";
/// Lines that may wait for the disk before a thread that logs has to wait too.
const WAITING: usize = 10_000;

/// The running log. Dropping it writes out what is waiting, so it lives as long as `main`.
pub struct Log {
    /// What to tell the operator about it, if anything.
    pub notice: Option<Text>,
    folder: PathBuf,
    health: Arc<Health>,
    _guard: WorkerGuard,
}

impl Log {
    /// The file that is written today.
    pub fn path(&self) -> PathBuf {
        file::path(&self.folder, clock::now(), &TimeZone::system())
    }

    /// Whether events were lost.
    pub fn health(&self) -> &Arc<Health> {
        &self.health
    }
}

/// Where the log is kept: `~/.local/state/opsdeck/log`. Nothing when there is no home.
pub fn folder() -> Option<PathBuf> {
    crate::folders::state().map(|state| state.join("log"))
}

/// Starts the log of this process. Without one opsdeck still works; the error says what is missing and what to do.
///
/// # Errors
/// No home, or a folder that cannot be made, written or kept to the owner.
pub fn start() -> Result<Log, Text> {
    let folder = folder().ok_or_else(|| {
        text!(
            "没有诊断日志：不知道主目录在哪里（没有 HOME）。其余照常；设置 HOME 后才有日志",
            "no diagnostic log: there is no home folder (no HOME). All else works; set HOME to have a log"
        )
    })?;
    let no_log = |e: std::io::Error| {
        let at = SafeText::new(&folder.to_string_lossy());
        let why = SafeText::new(&e.to_string());
        text!(
            "没有诊断日志：{at} 写不了（{why}）。其余照常；运行 opsdeck doctor 看怎么修",
            "no diagnostic log: cannot write to {at} ({why}). All else works; opsdeck doctor says how to mend it"
        )
    };
    let filter = filter(std::env::var(VARIABLE).ok().as_deref());
    let wrong = filter.is_none();
    let filter = filter.unwrap_or_else(|| Targets::new().with_target(OURS, LevelFilter::INFO));
    let (subscriber, mut log) = build(&folder, filter, clock::now, TimeZone::system()).map_err(no_log)?;
    // a second log of one process would be a mistake of the program; the first one goes on
    let _ = tracing::subscriber::set_global_default(subscriber);
    if wrong {
        log.notice = Some(text!(
            "看不懂环境变量 {VARIABLE}，按 info 记日志；可以写 error、warn、info、debug、trace",
            "the variable {VARIABLE} is not understood, logging at info; it can be error, warn, info, debug, trace"
        ));
    }
    Ok(log)
}

/// A log in a folder, with its clock given, not yet in use.
///
/// # Errors
/// The folder or today's file cannot be made, written or kept to the owner.
pub fn build(
    folder: &Path,
    filter: Targets,
    now: fn() -> EpochMs,
    zone: TimeZone,
) -> std::io::Result<(impl Subscriber + for<'s> LookupSpan<'s> + Send + Sync + use<>, Log)> {
    let health = Arc::new(Health::default());
    let file = DailyFile::open(folder, now, zone.clone(), file::DAY_LIMIT, health.clone())?;
    let builder = NonBlockingBuilder::default().lossy(false).buffered_lines_limit(WAITING);
    let (writer, guard) = builder.thread_name("log").finish(file);
    let layer = line::Lines::new(writer, now, zone);
    let subscriber = tracing_subscriber::registry().with(filter).with(layer);
    let log = Log { notice: None, folder: folder.to_owned(), health, _guard: guard };
    Ok((subscriber, log))
}

/// What [`VARIABLE`] asks for; nothing when it is not understood.
pub fn filter(said: Option<&str>) -> Option<Targets> {
    let said = said.map(str::trim).filter(|s| !s.is_empty()).unwrap_or("info");
    let mut targets = Targets::new();
    let mut level_of_all = None;
    for part in said.split(',').map(str::trim) {
        match part.split_once('=') {
            None => level_of_all = Some(level(part)?),
            Some((target, word)) if target == OURS || target.starts_with("opsdeck::") => {
                targets = targets.with_target(target, level(word)?);
            }
            Some(_) => return None,
        }
    }
    Some(targets.with_target(OURS, level_of_all.unwrap_or(LevelFilter::INFO)))
}

fn level(word: &str) -> Option<LevelFilter> {
    Some(match word.to_ascii_lowercase().as_str() {
        "off" => LevelFilter::OFF,
        "error" => LevelFilter::ERROR,
        "warn" => LevelFilter::WARN,
        "info" => LevelFilter::INFO,
        "debug" => LevelFilter::DEBUG,
        "trace" => LevelFilter::TRACE,
        _ => return None,
    })
}

/// From now on a panic is one event in the log and one plain line on standard error, in place of Rust's own
/// report, which may hold anything. A screen sets its own hook on top, to restore the terminal before this one.
pub fn hook_panics(lang: Lang) {
    std::panic::set_hook(Box::new(move |info| {
        let payload = info.payload();
        let words = payload.downcast_ref::<&str>().copied();
        let words = words.or_else(|| payload.downcast_ref::<String>().map(String::as_str));
        let what = SafeText::new(words.unwrap_or("?"));
        let place = info.location().map(|l| format!("{}:{}", l.file(), l.line())).unwrap_or_default();
        let thread = std::thread::current();
        let thread = thread.name().unwrap_or("?");
        tracing::error!(target: "opsdeck::panic", place, thread, "panic: {what}");
        let said = text!(
            "opsdeck 自身出错了（{place}）：{what}。没做完的事要重新核对；把诊断日志交给开发者（opsdeck log path）",
            "opsdeck itself failed ({place}): {what}. Check again what was under way; give the diagnostic log to its developers (opsdeck log path)"
        );
        crate::cli::out::complain(said.get(lang));
    }));
}

#[cfg(test)]
mod tests {
    use super::*;
    use tracing::Level;

    #[test]
    fn only_our_own_events_can_be_asked_for() {
        for said in [None, Some(""), Some("info"), Some("INFO")] {
            let f = filter(said).unwrap();
            assert!(f.would_enable("opsdeck::cli", &Level::INFO));
            assert!(!f.would_enable("opsdeck::cli", &Level::DEBUG));
            assert!(!f.would_enable("openssh::session", &Level::ERROR));
        }
        let f = filter(Some("warn,opsdeck::remote=trace")).unwrap();
        assert!(f.would_enable("opsdeck::remote::ssh", &Level::TRACE));
        assert!(!f.would_enable("opsdeck::cli", &Level::INFO));
        assert!(!filter(Some("off")).unwrap().would_enable("opsdeck", &Level::ERROR));
        for wrong in ["loud", "openssh=debug", "info,tokio=trace"] {
            assert!(filter(Some(wrong)).is_none(), "{wrong}");
        }
    }
}
