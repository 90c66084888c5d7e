//! The progress of a backup, as it is shown: drawn anew on a terminal, a line now and then elsewhere, objects for programs.
use crate::cli::act::voice::{Form, Voice};
use crate::cli::output::text::{Style, paint, sign};
use crate::core::console::jobs;
use crate::core::console::sheet::{Gauge, Lead};
use crate::core::derive::progress::{Left, Progress};
use crate::core::probe::database::Job;
use crate::core::state::State;
use crate::core::units::{EpochMs, JobId};
use crate::core::verdict::Facts;
use crate::i18n::Text;
use serde_json::json;

/// How often a line is printed where nothing is drawn anew.
const LINE_MS: i64 = 30_000;
/// For how long a worker must be proved dead before the watch ends.
const DEAD_MS: i64 = 60_000;
/// For how long there may be no such job.
const NO_JOB_MS: i64 = 60_000;

/// What the watch has come to so far.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum So {
    /// It is at work.
    Far,
    /// Its row is not live any more.
    Over(JobId),
    /// Its worker is dead.
    Dead(JobId),
    /// There is no such job.
    None,
}

/// What was shown last.
#[derive(Default)]
pub(super) struct Shown {
    /// The link is lost.
    pub(super) away: bool,
    headline: String,
    printed: Option<EpochMs>,
    since_dead: Option<EpochMs>,
    since_none: Option<EpochMs>,
    seen: Option<JobId>,
}

impl Shown {
    /// The progress, in the voice's form: drawn anew, or a line when its step changes and now and then.
    pub(super) fn show(&mut self, f: &Facts, p: &Progress, now: EpochMs, voice: &mut Voice) {
        let Some(standing) = p.standing(now) else { return voice.tick() };
        let lead = jobs::progress(f, p, now);
        let style = voice.style();
        let step = standing.step.as_ref().map(|s| s.text().get(style.lang).to_owned()).unwrap_or_default();
        let due = self.headline != step || self.printed.is_none_or(|at| now.since(at) >= LINE_MS);
        match voice.form() {
            Form::Live { .. } => {
                if self.headline != step && !step.is_empty() {
                    lead.iter().take(1).for_each(|l| voice.block(&one(l, style)));
                }
                self.headline = step;
                if let Some(bar) = bar(&lead) {
                    voice.status(bar);
                } else if let Some(Lead::Line { text, .. }) = lead.first() {
                    voice.status(text.clone());
                }
            }
            Form::Lines if due => {
                lead.iter().take(2).for_each(|l| voice.block(&one(l, style)));
                (self.headline, self.printed) = (step, Some(now));
            }
            Form::Json if due => {
                voice.object(&json!({
                    "told": "progress",
                    "at_ms": p.server(now),
                    "job": standing.job.id,
                    "step": standing.step.as_ref().map(|s| s.text()),
                    "bytes": standing.bytes,
                    "usual_bytes": standing.usual,
                    "bytes_per_s": standing.rate,
                    "elapsed_ms": standing.elapsed_ms,
                    "left_ms": match standing.left {
                        Some(Left::About(ms)) => Some(ms),
                        _ => None,
                    },
                    "worker": standing.worker,
                }));
                (self.headline, self.printed) = (step, Some(now));
            }
            Form::Lines | Form::Json => {}
        }
    }

    /// What it has come to.
    pub(super) fn so(&mut self, p: &Progress, job: Option<JobId>, now: EpochMs) -> So {
        let Some((rows, _)) = p.rows() else { return So::Far };
        let wanted = job.or(self.seen).or_else(|| p.standing(now).map(|s| s.job.id));
        self.seen = wanted;
        let is = |j: &&Job| Some(j.id) == wanted;
        if let Some(live) = rows.live.iter().find(is) {
            self.since_none = None;
            let standing = p.standing(now).filter(|s| s.job.id == live.id);
            let dead = standing.and_then(|s| s.worker).is_some_and(|w| w.is_gone());
            self.since_dead = dead.then(|| self.since_dead.unwrap_or(now));
            return match self.since_dead {
                Some(since) if now.since(since) >= DEAD_MS => So::Dead(live.id),
                _ => So::Far,
            };
        }
        if let Some(ended) = rows.ended.iter().find(is) {
            return So::Over(ended.id);
        }
        let since = *self.since_none.get_or_insert(now);
        if now.since(since) >= NO_JOB_MS { So::None } else { So::Far }
    }
}

/// `[#####.....]  36% 1.3 GiB，平时约 3.6 GiB，9.2 MiB/秒` and the time left.
fn bar(lead: &[Lead]) -> Option<Text> {
    let gauge = lead.iter().find_map(|l| match l {
        Lead::Gauges(all) => all.first(),
        _ => None,
    })?;
    let headline = match lead.first() {
        Some(Lead::Line { text, .. }) => text.clone(),
        _ => Text::default(),
    };
    let drawn = drawn(gauge);
    let said = |words: &str, headline: &str| format!("{drawn}{words}  {headline}");
    Some(Text { zh: said(&gauge.words.zh, &headline.zh), en: said(&gauge.words.en, &headline.en) })
}

fn drawn(gauge: &Gauge) -> String {
    let Some(percent) = gauge.percent else { return String::new() };
    let full = usize::from(percent.min(100)) / 5;
    format!("[{}{}] {percent:>3}% ", "#".repeat(full), ".".repeat(20 - full))
}

fn one(lead: &Lead, style: Style) -> String {
    let signed = |state: State| format!("{}  ", paint(state, &sign(state, style.lang), style));
    match lead {
        Lead::Line { state, text } => {
            format!("{}{}", state.map(signed).unwrap_or_default(), text.get(style.lang))
        }
        Lead::Gauges(all) => all
            .iter()
            .map(|g| {
                let (label, words) = (g.label.get(style.lang), g.words.get(style.lang));
                format!("{}{label} {}{words}", signed(g.state), drawn(g))
            })
            .collect::<Vec<_>>()
            .join("\n"),
        Lead::Strip(_) => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::model::{Thresholds, example};
    use crate::core::derive::progress::Past;
    use crate::core::derive::progress::testing::{S, job, packed, rows};
    use crate::core::probe::watch::Tick;
    use crate::core::snapshot::Snapshot;
    use crate::i18n::Lang;
    use std::io::Write;
    use std::sync::{Arc, Mutex};

    #[derive(Clone, Default)]
    struct Said(Arc<Mutex<Vec<u8>>>);

    impl Write for Said {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.0.lock().unwrap().extend(bytes);
            Ok(bytes.len())
        }
        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }

    /// What is said of these ticks, each at its second, and what it comes to.
    fn told(form: Form, job: Option<JobId>, ticks: Vec<(i64, Tick)>) -> (String, So) {
        let env = example();
        let look = Snapshot::read(&env, "", "m", b"", EpochMs(0), 0);
        let facts = Facts::of(&env, &look);
        let said = Said::default();
        let style = Style { lang: Lang::Zh, colour: false, verbose: false };
        let mut voice = Voice::new(Box::new(said.clone()), form, style, 0);
        let mut progress = Progress::new(Past::default(), Thresholds::default());
        let (mut shown, mut so) = (Shown::default(), So::Far);
        for (at, tick) in ticks {
            progress.take(tick, EpochMs(at * S));
            shown.show(&facts, &progress, EpochMs(at * S), &mut voice);
            so = shown.so(&progress, job, EpochMs(at * S));
        }
        let text = String::from_utf8(said.0.lock().unwrap().clone()).unwrap();
        (text, so)
    }

    const DB: &str = "备份 sqlite";

    #[test]
    fn a_line_comes_when_the_step_changes_and_now_and_then() {
        let still: Vec<(i64, Tick)> =
            (0..20).map(|n| (101 + n, rows(101 + n, &[job(7, "running", DB)]))).collect();
        let (text, so) = told(Form::Lines, None, still.clone());
        assert_eq!((text.matches("任务 #7").count(), so), (1, So::Far), "{text}");
        let mut more = still;
        more.push((140, rows(140, &[job(7, "running", DB)])));
        more.push((141, rows(141, &[job(7, "running", "备份 volume: a")])));
        let (text, _) = told(Form::Lines, None, more);
        assert_eq!(text.matches("任务 #7").count(), 3, "{text}");
    }

    #[test]
    fn bytes_are_told_to_programs() {
        let ticks =
            vec![(101, rows(101, &[job(7, "running", DB)])), (140, packed(7, &[("auth.db", 5000, 139)]))];
        let (text, _) = told(Form::Json, Some(JobId(7)), ticks);
        let last: serde_json::Value = serde_json::from_str(text.lines().last().unwrap()).unwrap();
        assert_eq!(
            (&last["told"], &last["job"], &last["bytes"]),
            (&json!("progress"), &json!(7), &json!(5000)),
            "{text}"
        );
    }

    #[test]
    fn it_is_over_when_its_own_row_says_so() {
        let running = |id| job(id, "running", DB);
        let begin = (101, rows(101, &[running(7)]));
        let (_, so) = told(
            Form::Lines,
            Some(JobId(7)),
            vec![begin.clone(), (150, rows(150, &[job(7, "completed", "x")]))],
        );
        assert_eq!(so, So::Over(JobId(7)));
        // another one is not it
        let (_, so) = told(
            Form::Lines,
            Some(JobId(9)),
            vec![begin.clone(), (150, rows(150, &[job(7, "completed", "x")]))],
        );
        assert_eq!(so, So::Far);
        let (_, so) =
            told(Form::Lines, Some(JobId(9)), vec![begin, (170, rows(170, &[job(7, "completed", "x")]))]);
        assert_eq!(so, So::None);
    }
}
