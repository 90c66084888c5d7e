//! 操作记录: what opsdeck did on this workstation, read from its own diagnostic log.
//!
//! A line of the log is one JSON object; the words in it are for developers, so the events that an operator asks about
//! (a look, a start, an end) are told in plain words and everything else as it stands. A line that is not understood is
//! shown as it is, not left out. All text goes through [`SafeText`]: the file may have been written by anyone who has
//! the operator's account. Actions on servers will come from their own journal, as further [`Entry`]s; [`merged`] puts
//! several sources in one order.
use crate::core::probe::json;
use crate::core::safetext::SafeText;
use crate::core::state::State;
use crate::core::units::EpochMs;
use crate::i18n::Text;
use crate::text;
use serde_json::Value;

/// One event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// When; nothing if the line does not say it.
    pub at: Option<EpochMs>,
    /// How bad it is.
    pub level: Level,
    /// What happened, as the log says it.
    pub what: SafeText,
    /// The key of the environment that it was about.
    pub env: Option<SafeText>,
    /// Which part of the program says so: `opsdeck::tui::executor`.
    pub target: SafeText,
    /// What else is said about it: names and values, in the order of their names.
    pub more: Vec<(SafeText, SafeText)>,
}

/// How bad an event is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Level {
    /// Something failed.
    Error,
    /// Something is not as it should be.
    Warn,
    /// Something was done.
    Info,
    /// For whoever looks for a mistake in the program.
    Debug,
    /// The line is not understood.
    Unknown,
}

impl Level {
    /// The word an operator reads.
    pub fn word(self) -> Text {
        match self {
            Level::Error => text!("出错", "error"),
            Level::Warn => text!("注意", "warning"),
            Level::Info => text!("记录", "info"),
            Level::Debug => text!("细节", "detail"),
            Level::Unknown => text!("看不懂", "not understood"),
        }
    }
}

/// Every line of a log, in its order.
pub fn read(bytes: &[u8]) -> Vec<Entry> {
    Lines(bytes).filter_map(entry).collect()
}

/// Several sources in the order of time, the newest `most` of them, newest last. An entry without a time stays behind
/// the one that stands before it.
pub fn merged(sources: Vec<Vec<Entry>>, most: usize) -> Vec<Entry> {
    let mut all = Vec::new();
    for source in sources {
        let mut last = EpochMs(0);
        for entry in source {
            last = entry.at.unwrap_or(last);
            all.push((last, entry));
        }
    }
    // stable: what has the same time stays in the order of its source
    all.sort_by_key(|(at, _)| *at);
    let first = all.len().saturating_sub(most);
    all.into_iter().skip(first).map(|(_, entry)| entry).collect()
}

/// Lines as they are on the disk, without empty ones.
struct Lines<'a>(&'a [u8]);

impl<'a> Iterator for Lines<'a> {
    type Item = &'a [u8];

    fn next(&mut self) -> Option<&'a [u8]> {
        while !self.0.is_empty() {
            let end = self.0.iter().position(|b| *b == b'\n').unwrap_or(self.0.len());
            let (line, rest) = self.0.split_at_checked(end)?;
            self.0 = rest.get(1..).unwrap_or_default();
            if !line.trim_ascii().is_empty() {
                return Some(line);
            }
        }
        None
    }
}

fn entry(line: &[u8]) -> Option<Entry> {
    let Some(value) = serde_json::from_slice::<Value>(line).ok().filter(Value::is_object) else {
        let what = SafeText::from_bytes(line);
        let (env, target) = (None, SafeText::default());
        let more = Vec::new();
        return Some(Entry { at: None, level: Level::Unknown, what, env, target, more });
    };
    let level = match json::at(&value, &["level"]).as_str() {
        Some("ERROR") => Level::Error,
        Some("WARN") => Level::Warn,
        Some("INFO") => Level::Info,
        Some("DEBUG" | "TRACE") => Level::Debug,
        _ => Level::Unknown,
    };
    let time: Option<jiff::Timestamp> = json::at(&value, &["at"]).as_str().and_then(|t| t.parse().ok());
    let spans = json::at(&value, &["spans"]).as_array().map(Vec::as_slice).unwrap_or_default();
    let mut env = json::some_text(&value, &["fields", "env"]);
    for span in spans {
        env = env.or_else(|| json::some_text(span, &["env"]));
    }
    let fields = json::at(&value, &["fields"]).as_object();
    let more = fields.into_iter().flatten().filter(|(name, _)| name.as_str() != "env");
    Some(Entry {
        at: time.map(|t| EpochMs(t.as_millisecond())),
        level,
        what: json::text(&value, &["message"]),
        env,
        target: json::text(&value, &["target"]),
        more: more.map(|(name, value)| (SafeText::new(name), plain(value))).collect(),
    })
}

fn plain(value: &Value) -> SafeText {
    match value {
        Value::String(text) => SafeText::new(text),
        other => SafeText::new(&other.to_string()),
    }
}

impl Entry {
    /// Something else that is said about it, by its name.
    pub fn says(&self, name: &str) -> Option<&str> {
        self.more.iter().find(|(n, _)| n.as_str() == name).map(|(_, value)| value.as_str())
    }

    /// The state that it is coloured by: what a look found, or how bad the event is.
    pub fn state(&self) -> Option<State> {
        match self.level {
            Level::Error => Some(State::Failed),
            Level::Warn => Some(State::Warning),
            Level::Unknown => Some(State::Unknown),
            Level::Info | Level::Debug => self.found(),
        }
    }

    /// What a look found.
    fn found(&self) -> Option<State> {
        if self.what.as_str() != "look" {
            return None;
        }
        match self.says("state")? {
            "Ok" => Some(State::Ok),
            "Warning" => Some(State::Warning),
            "Failed" => Some(State::Failed),
            "Unknown" => Some(State::Unknown),
            _ => None,
        }
    }

    /// What happened, in plain words where it is something that operators ask about.
    pub fn words(&self) -> Text {
        // nobody takes a built-in server for a real one, and least of all weeks later
        let words = self.plain_words();
        match self.says("demo") {
            Some("true") => {
                Text { zh: format!("（演示）{}", words.zh), en: format!("(demo) {}", words.en) }
            }
            _ => words,
        }
    }

    fn plain_words(&self) -> Text {
        let env = self.env.as_ref().map(SafeText::as_str).unwrap_or("?");
        match (self.what.as_str(), self.found()) {
            ("look", Some(state)) => {
                let word = state.word();
                let took = self.says("took_ms").and_then(|ms| ms.parse::<u64>().ok()).unwrap_or_default();
                let (s, tenth) = (took / 1000, took % 1000 / 100);
                Text {
                    zh: format!("检查了 {env}：{}，用时 {s}.{tenth} 秒", word.zh),
                    en: format!("looked at {env}: {}, took {s}.{tenth} s", word.en),
                }
            }
            ("look died", _) => text!("检查 {env} 时程序本身出错", "the look at {env} itself failed"),
            ("started", _) => {
                let (version, command) =
                    (self.says("version").unwrap_or("?"), self.says("command").unwrap_or("?"));
                text!("opsdeck {version} 启动：{command}", "opsdeck {version} started: {command}")
            }
            ("ended", _) => {
                let code = self.says("exit").unwrap_or("?");
                text!("结束，退出码 {code}", "ended, exit code {code}")
            }
            ("events lost before this one", _) => {
                let count = self.says("lost").unwrap_or("?");
                text!(
                    "此前有 {count} 条记录没写进去（磁盘满？）",
                    "lost before this one: {count} (disk full?)"
                )
            }
            (other, _) => Text::same(other),
        }
    }

    /// Everything that the line says, one thing a line.
    pub fn detail(&self) -> Vec<Text> {
        let mut lines = vec![Text::same(self.what.as_str())];
        lines.extend(self.env.iter().map(|env| Text::same(format!("env={env}"))));
        lines.extend(self.more.iter().map(|(name, value)| Text::same(format!("{name}={value}"))));
        if !self.target.is_empty() {
            lines.push(Text::same(self.target.as_str()));
        }
        lines
    }
}

#[cfg(test)]
#[path = "activity_tests.rs"]
mod tests;
