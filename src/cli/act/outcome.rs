//! What became of an action: for people, with before and after side by side, and for programs.
use super::words::command;
use crate::cli::output::text::{Style, paint, sign};
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

/// For people. `env`: the environment's key.
pub fn text(outcome: &Outcome, env: &str, style: Style) -> String {
    let lang = style.lang;
    let mut out = format!("{}  {}\n", heading(outcome.came(), style), outcome.said().get(lang));
    let mut line = |mark: &str, text: &Text| out.push_str(&format!("  {mark}{}\n", text.get(lang)));
    match outcome {
        Outcome::Nothing { evidence, .. } => evidence.iter().for_each(|t| line("· ", t)),
        Outcome::Done { .. } => {}
        Outcome::Refused(refusal) => {
            refusal.evidence.iter().for_each(|t| line("· ", t));
            line("→ ", &refusal.next);
            for action in &refusal.instead {
                let command = command(action, env);
                line("→ ", &text!("也可以：{command}", "or: {command}"));
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
        Outcome::Failed { next, put_back, .. } => {
            line(
                "· ",
                &match put_back {
                    true => text!(
                        "该恢复的都恢复了；现在怎样，看对比或再检查一次",
                        "what had to be started again was; how things are now: see below, or check again"
                    ),
                    false => text!(
                        "注意：停掉的后端没能恢复运行！",
                        "beware: the backend was stopped and could not be started again!"
                    ),
                },
            );
            line("→ ", next);
        }
        Outcome::Unknown { next, .. } => line("→ ", next),
    }
    out.push_str(&compared(proofs(outcome), style));
    out
}

fn heading(came: Came, style: Style) -> String {
    let (state, mark, word) = match came {
        Came::Done => (State::Ok, "+", text!("完成", "DONE")),
        Came::Refused => (State::Warning, "-", text!("拒绝", "REFUSED")),
        Came::Failed => (State::Failed, "x", text!("失败", "FAILED")),
        Came::Unknown => (State::Unknown, "?", text!("未知", "UNKNOWN")),
    };
    paint(state, &format!("[{mark}] {}", word.get(style.lang)), style)
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
    let (evidence, next, put_back): (&[Text], Option<&Text>, Option<bool>) = match outcome {
        Outcome::Nothing { evidence, .. } => (evidence, None, None),
        Outcome::Refused(r) => (&r.evidence, Some(&r.next), None),
        Outcome::Failed { next, put_back, .. } => (&[], Some(next), Some(*put_back)),
        Outcome::Unknown { next, .. } => (&[], Some(next), None),
        Outcome::Done { .. } | Outcome::Changed { .. } => (&[], None, None),
    };
    let instead: Vec<String> = match outcome {
        Outcome::Refused(r) => r.instead.iter().map(|a| command(a, env)).collect(),
        _ => Vec::new(),
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
        "changed_since_the_plan": changed,
        "put_back": put_back,
        "proofs": proofs(outcome),
    })
}
