//! What stands in the journal of an earlier time and must not be forgotten.
use crate::core::derive::schedule;
use crate::core::plan::told::Outcome;
use crate::core::safetext::SafeText;
use crate::i18n::Text;
use crate::journal::{Entry, Kept, Torn};
use crate::text;

/// How many are told one by one.
pub const TOLD: usize = 5;

/// One line for each action whose end was not seen, and for what cannot be read; without those of one environment, of which
/// more can be said when its server was looked at.
pub fn of(kept: &Kept, without: Option<&str>, zone_s: i32) -> Vec<Text> {
    let open: Vec<&Entry> = kept.unfinished().filter(|e| Some(e.env.as_str()) != without).collect();
    let mut all: Vec<Text> = open.iter().rev().take(TOLD).map(|e| unfinished(e, zone_s)).collect();
    if open.len() > TOLD {
        let more = open.len() - TOLD;
        all.push(text!("还有 {more} 次，见 opsdeck journal", "and {more} more: opsdeck journal"));
    }
    all.extend(torn(&kept.torn));
    all
}

/// What became of an action whose end was not seen here.
pub fn became(e: &Entry, outcome: &Outcome, zone_s: i32) -> Text {
    let (when, title, said) = (schedule::short(e.at(), zone_s), e.title(), outcome.said());
    let [run, env, who] = [&e.run, &e.env, &e.operator].map(|t| SafeText::new(t));
    Text {
        zh: format!(
            "没有看到结尾的操作：{when} {who} 对 {env} {}（{run}）。现在看到了：{}",
            title.zh, said.zh
        ),
        en: format!(
            "an action whose end was not seen: {when}, {who} on {env}: {} ({run}). It is seen now: {}",
            title.en, said.en
        ),
    }
}

/// An action whose end was not seen.
pub fn unfinished(e: &Entry, zone_s: i32) -> Text {
    let (when, title) = (schedule::short(e.at(), zone_s), e.title());
    let [run, env, who] = [&e.run, &e.env, &e.operator].map(|t| SafeText::new(t));
    Text {
        zh: format!(
            "没有看到结尾的操作：{when} {who} 对 {env} {}（可能还在进行）。看它后来怎样：opsdeck attach --env {env} {run}",
            title.zh
        ),
        en: format!(
            "an action whose end was not seen: {when}, {who} on {env}: {} (it may still be at work). What became of it: opsdeck attach --env {env} {run}",
            title.en
        ),
    }
}

/// Lines that cannot be read.
pub fn torn(torn: &[Torn]) -> Option<Text> {
    let (first, count) = (torn.first()?, torn.len());
    let (file, line) = (SafeText::new(&first.file.to_string_lossy()), first.line);
    Some(text!(
        "操作记录有 {count} 行读不懂（第一处：{file} 第 {line} 行：{}），可能是写到一半时被杀或断电；原样留着",
        "lines of the journal that cannot be read: {count} (the first: {file} line {line}: {}); perhaps a process was killed while it wrote. They are left as they are",
        first.begins
    ))
}
