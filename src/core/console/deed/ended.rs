//! How a run goes, and what became of it, as lines: what happened, what was not done, what to do.
use super::page::Line;
use super::preview;
use super::run::{Run, Stage};
use crate::core::plan::event::What;
use crate::core::plan::prove::Proof;
use crate::core::plan::told::Outcome;
use crate::core::plan::words;
use crate::core::state::State;
use crate::core::units::EpochMs;
use crate::i18n::Text;
use crate::text;

/// Facts that are shown of a run, the newest.
const FACTS: usize = 6;

/// The run.
pub(super) fn lines(run: &Run, now: EpochMs) -> Vec<Line> {
    let mut lines = Vec::new();
    match run.outcome() {
        Some(outcome) => lines.extend(came(run, outcome)),
        None => lines.push(Line::Warn(standing(run, now))),
    }
    let steps = run.steps();
    if !steps.is_empty() {
        lines.push(Line::Title(text!("步骤", "Steps")));
        lines.extend(steps.into_iter().map(|(state, title)| Line::Step(state, title)));
    }
    lines.extend(facts(run));
    if let Some(name) = &run.name {
        let s = run.took_ms(now) / 1000;
        let by = run.by.as_ref().map(|who| text!("，由 {who} 开始", ", begun by {who}")).unwrap_or_default();
        lines.push(Line::Faint(Text {
            zh: format!("运行 {name}{}；在这里看了 {s} 秒", by.zh),
            en: format!("run {name}{}; seen here for {s} s", by.en),
        }));
    }
    lines
}

/// What became of it, in a word or two.
pub fn title(outcome: &Outcome) -> Text {
    match outcome {
        Outcome::Done { .. } if outcome.state() == State::Warning => {
            text!("做完了，有要看的", "done, read on")
        }
        Outcome::Done { .. } => text!("做完了", "done"),
        Outcome::Nothing { .. } => text!("不用做", "nothing to do"),
        Outcome::Refused(_) | Outcome::Changed { .. } => text!("没有动手", "nothing was done"),
        Outcome::Failed { .. } => text!("没有做成", "it failed"),
        Outcome::Unknown { .. } => text!("结果未知", "not known"),
    }
}

/// How far it is, in one line.
fn standing(run: &Run, now: EpochMs) -> Text {
    let s = run.took_ms(now) / 1000;
    if let Some((why, again)) = &run.lost {
        let left = (again.since(now).max(0) + 999) / 1000;
        return Text {
            zh: format!("连接断了（{}）：操作仍在服务器上继续；{left} 秒后自动重连，接着看", why.zh),
            en: format!("the link is lost ({}): it goes on on the server; tried again in {left} s", why.en),
        };
    }
    match run.stage {
        Stage::Checking if run.plan.is_none() => {
            text!("在服务器上找到了这次操作，正在接上，已 {s} 秒", "found on the server, following it, {s} s")
        }
        Stage::Checking => text!(
            "动手之前再看一次服务器，还没有做任何事，已 {s} 秒",
            "looking at the server once more, nothing was done yet, {s} s"
        ),
        Stage::Working => text!("正在服务器上做，已 {s} 秒", "at work on the server, {s} s"),
        Stage::Proving | Stage::Ended { .. } => {
            text!("做完了，正在看结果，已 {s} 秒", "it is over, looking at what it did, {s} s")
        }
    }
}

/// What it found out and took back.
fn facts(run: &Run) -> Vec<Line> {
    let mut said: Vec<Line> = run
        .events
        .iter()
        .filter_map(|event| match &event.what {
            What::Fact { name, words: rest } => Some(Line::Item(words::fact(name.as_str(), rest.as_str()))),
            What::Undo { n, code: 0 } => {
                Some(Line::Item(text!("第 {n} 步已经撤回", "step {n} was taken back")))
            }
            What::Undo { n, code } => Some(Line::Warn(text!(
                "第 {n} 步没能撤回（退出码 {code}）",
                "step {n} could not be taken back (exit code {code})"
            ))),
            What::PutBack { what, well, words: rest } => {
                let said = words::put_back(what.as_str(), *well, rest.as_str());
                Some(if *well { Line::Item(said) } else { Line::Warn(said) })
            }
            _ => None,
        })
        .collect();
    let surplus = said.len().saturating_sub(FACTS);
    said.drain(..surplus);
    said
}

fn came(run: &Run, outcome: &Outcome) -> Vec<Line> {
    match outcome {
        Outcome::Nothing { said, evidence } => {
            let mut lines = vec![Line::Sign(State::Ok, said.clone())];
            lines.extend(evidence.iter().cloned().map(Line::Item));
            lines
        }
        Outcome::Done { proofs } => {
            let mut lines = vec![Line::Sign(outcome.state(), outcome.said())];
            lines.extend(table(proofs));
            if let Some(plan) = &run.plan {
                let undo = &plan.undo;
                lines.push(Line::Plain(Text {
                    zh: format!("撤销：{}", undo.zh),
                    en: format!("To undo it: {}", undo.en),
                }));
            }
            lines
        }
        Outcome::Refused(refusal) => preview::refusal(refusal),
        Outcome::Changed { said, .. } => vec![
            Line::Sign(State::Warning, said.clone()),
            Line::Next(text!("看新的预览，再确认一次", "read the new preview and confirm it")),
        ],
        Outcome::Failed { said, next, left, proofs } => {
            let mut lines = vec![Line::Sign(State::Failed, said.clone())];
            let words = left.words();
            lines.push(if left.mend().is_some() { Line::Warn(words) } else { Line::Plain(words) });
            lines.push(Line::Next(next.clone()));
            lines.extend(table(proofs));
            lines
        }
        Outcome::Unknown { said, next, .. } => {
            vec![Line::Sign(State::Unknown, said.clone()), Line::Next(next.clone())]
        }
    }
}

fn table(proofs: &[Proof]) -> Vec<Line> {
    if proofs.is_empty() {
        return Vec::new();
    }
    let head = text!("看到的结果（之前 | 现在）", "What is seen (before | now)");
    let mut lines = vec![Line::Title(head)];
    lines.extend(proofs.iter().cloned().map(Line::Proof));
    lines
}
