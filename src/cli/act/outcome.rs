//! What became of an action: for people, with before and after side by side, and for programs.
use super::words::command;
use crate::cli::output::text::{Style, paint, sign};
use crate::core::plan::Action;
use crate::core::plan::left::{Left, PutBack};
use crate::core::plan::prove::Proof;
use crate::core::plan::script::RunName;
use crate::core::plan::told::{Came, Outcome};
use crate::core::state::State;
use crate::i18n::Text;
use crate::text;
use serde_json::{Value, json};
use unicode_width::UnicodeWidthStr;

/// Cells that a table may take; a wider one is told line by line.
const WIDE: usize = 110;

/// For people. `env`: the environment's key; `action`: the id of what was done.
pub fn text(outcome: &Outcome, env: &str, action: &str, style: Style) -> String {
    let lang = style.lang;
    let mut out = format!("{}  {}\n", heading(outcome, style), outcome.said().get(lang));
    let mut line = |mark: &str, text: &Text| out.push_str(&format!("  {mark}{}\n", text.get(lang)));
    match outcome {
        Outcome::Nothing { evidence, .. } => evidence.iter().for_each(|t| line("· ", t)),
        Outcome::Done { .. } => {
            if let Some(command) = then(outcome, env, action) {
                line("→ ", &text!("接下来可以：{command}", "now possible: {command}"));
            }
        }
        Outcome::Refused(refusal) => {
            refusal.evidence.iter().for_each(|t| line("· ", t));
            line("→ ", &refusal.next);
            for action in &refusal.instead {
                let command = command(action, env);
                line("→ ", &text!("也可以：{command}", "or: {command}"));
            }
            if let Some((run, _)) = &refusal.follow {
                let command = attach(env, run);
                line("→ ", &text!("跟着看它：{command}", "to follow it: {command}"));
            }
        }
        Outcome::Changed { .. } => {
            line(
                "→ ",
                &text!(
                    "用 --dry-run 看新的计划，再来一次",
                    "read the new plan with --dry-run, then try again"
                ),
            );
        }
        Outcome::Failed { next, left, .. } => {
            match left.mend() {
                None => line("· ", &left.words()),
                Some(action) => {
                    let (said, command) = (left.words(), command(&action, env));
                    let loud = |said: &str| paint(State::Failed, &format!("!! {said}"), style);
                    line("", &Text { zh: loud(&said.zh), en: loud(&said.en) });
                    line("→ ", &Text::same(command));
                }
            }
            line("→ ", next);
        }
        Outcome::Unknown { next, .. } => line("→ ", next),
    }
    out.push_str(&compared(proofs(outcome), style));
    out
}

fn heading(outcome: &Outcome, style: Style) -> String {
    let state = outcome.state();
    let (mark, word) = match (outcome.came(), state) {
        (Came::Done, State::Warning) => ("!", text!("完成，但要看", "DONE, BUT")),
        (Came::Done, _) => ("+", text!("完成", "DONE")),
        (Came::Refused, _) => ("-", text!("拒绝", "REFUSED")),
        (Came::Failed, _) => ("x", text!("失败", "FAILED")),
        (Came::Unknown, _) => ("?", text!("未知", "UNKNOWN")),
    };
    paint(state, &format!("[{mark}] {}", word.get(style.lang)), style)
}

/// The command line for what it was done for, where it has worked.
fn then(outcome: &Outcome, env: &str, action: &str) -> Option<String> {
    let done = matches!(outcome, Outcome::Done { .. });
    let then = Action::of_id(action).filter(|_| done).and_then(|action| action.then());
    then.map(|action| command(&action, env))
}

/// The command line that follows a run.
fn attach(env: &str, run: &RunName) -> String {
    format!("opsdeck attach --env {env} {run}")
}

fn proofs(outcome: &Outcome) -> &[Proof] {
    match outcome {
        Outcome::Done { proofs } | Outcome::Failed { proofs, .. } => proofs,
        _ => &[],
    }
}

/// Before and after: a table where it fits, else line by line.
fn compared(proofs: &[Proof], style: Style) -> String {
    let lang = style.lang;
    if proofs.is_empty() {
        return String::new();
    }
    let (before, after) = (text!("之前", "before"), text!("之后", "after"));
    let unseen = text!("没有看", "not looked at");
    let was = |p: &Proof| p.before.as_ref().unwrap_or(&unseen).get(lang).to_owned();
    let rows: Vec<[String; 3]> =
        proofs.iter().map(|p| [p.what.get(lang).to_owned(), was(p), p.after.get(lang).to_owned()]).collect();
    let head = [String::new(), before.get(lang).to_owned(), after.get(lang).to_owned()];
    let width = |column: usize| {
        let cells = rows.iter().chain([&head]).filter_map(|r| r.get(column));
        cells.map(|c| c.width()).max().unwrap_or(0)
    };
    let widths = [width(0), width(1), width(2)];
    let mut out = String::new();
    if widths.iter().sum::<usize>() + 20 <= WIDE {
        let draw = |row: &[String; 3], end: &str| {
            let cells = row
                .iter()
                .zip(widths)
                .map(|(c, w)| format!("{c}{}", " ".repeat(w.saturating_sub(c.width()))));
            let line = format!("  {}  {end}", cells.collect::<Vec<_>>().join(" | "));
            format!("{}\n", line.trim_end())
        };
        out.push_str(&draw(&head, ""));
        for (row, proof) in rows.iter().zip(proofs) {
            out.push_str(&draw(row, &signed(proof.state, style)));
        }
        return out;
    }
    for ([what, was, is], proof) in rows.iter().zip(proofs) {
        out.push_str(&format!("  {}  {what}\n", signed(proof.state, style)));
        out.push_str(&format!("      {}: {was}\n      {}: {is}\n", before.get(lang), after.get(lang)));
    }
    out
}

fn signed(state: State, style: Style) -> String {
    paint(state, sign(state, style.lang).trim_end(), style)
}

/// For programs: the last object of all.
pub fn json(outcome: &Outcome, env: &str, action: &str, run: Option<&RunName>) -> Value {
    let came = outcome.came();
    let (evidence, next, left): (&[Text], Option<&Text>, Option<Left>) = match outcome {
        Outcome::Nothing { evidence, .. } => (evidence, None, None),
        Outcome::Refused(r) => (&r.evidence, Some(&r.next), None),
        Outcome::Failed { next, left, .. } => (&[], Some(next), Some(*left)),
        Outcome::Unknown { next, .. } => (&[], Some(next), None),
        Outcome::Done { .. } | Outcome::Changed { .. } => (&[], None, None),
    };
    let instead: Vec<String> = match outcome {
        Outcome::Refused(r) => r.instead.iter().map(|a| command(a, env)).collect(),
        Outcome::Failed { left, .. } => left.mend().iter().map(|a| command(a, env)).collect(),
        _ => Vec::new(),
    };
    let follow = match outcome {
        Outcome::Refused(r) => r.follow.as_ref().map(|(run, _)| attach(env, run)),
        Outcome::Unknown { run, is_lost: false, .. } => run.as_ref().map(|run| attach(env, run)),
        _ => None,
    };
    let changed = matches!(outcome, Outcome::Changed { .. });
    json!({
        "told": "outcome",
        "schema": 1,
        "came": came,
        "exit": crate::cli::Exit::Came(came).code(),
        "env": env,
        "action": action,
        "run": run,
        "said": outcome.said(),
        "evidence": evidence,
        "next": next,
        "instead": instead,
        "then": then(outcome, env, action),
        "changed_since_the_plan": changed,
        "state": outcome.state(),
        "follow": follow,
        "put_back": left.map(|l| l.put_back),
        "backend_is_down": left.is_some_and(|l| l.put_back == PutBack::Down),
        "nothing_half_done": left.map(|l| l.clean),
        "proofs": proofs(outcome),
    })
}
