//! What would be done, or why not, as lines.
use super::page::Line;
use crate::core::plan::{Made, Plan, Refusal, Risk};
use crate::i18n::{Text, counted};
use crate::text;

/// A plan: how much harm it can do, which is never on a second page; what happens, what was checked, how it is proved and undone.
pub(super) fn plan(plan: &Plan) -> Vec<Line> {
    let mut lines = vec![match plan.risk {
        Risk::Light => Line::Plain(text!("风险：小，没有人会丢东西", "Risk: light, nobody loses anything")),
        Risk::Heavy => Line::Warn(text!(
            "风险：大，有人会察觉，或者不能撤回",
            "Risk: heavy, somebody notices, or it cannot be taken back"
        )),
    }];
    lines.push(Line::Title(text!("会发生什么", "What happens")));
    lines.extend(plan.effects.iter().cloned().map(Line::Item));
    if !plan.checked.is_empty() {
        lines.push(Line::Title(text!("已经查过", "Checked")));
        lines.extend(plan.checked.iter().map(|c| Line::Sign(c.state, c.what.clone())));
    }
    lines.push(Line::Title(text!("做完怎样算成功", "What proves it")));
    lines.extend(plan.proof.iter().cloned().map(Line::Item));
    let (undo, server) = (&plan.undo, &plan.target.hostname);
    lines
        .push(Line::Plain(Text {
            zh: format!("撤销：{}", undo.zh), en: format!("To undo it: {}", undo.en)
        }));
    let (steps, minutes) = (plan.steps.len(), plan.limit_s.div_ceil(60));
    let counted = counted(steps, "step", "steps");
    lines.push(Line::Faint(text!(
        "服务器 {server}；{steps} 步，最长 {minutes} 分钟，超时会自己停下并恢复。",
        "Server {server}; {counted}, at most {minutes} min, then it is ended and put back."
    )));
    lines
}

/// Why there is no plan.
pub(super) fn refusal(refusal: &Refusal) -> Vec<Line> {
    let mut lines = vec![Line::Warn(refusal.said.clone())];
    lines.extend(refusal.evidence.iter().cloned().map(Line::Item));
    if refusal.next != Text::default() {
        lines.push(Line::Next(refusal.next.clone()));
    }
    lines
}

/// What an older look would have come to: grey, whatever it says.
pub(super) fn faint(made: Result<Made, Refusal>) -> Vec<Line> {
    let said = match made {
        Ok(Made::Plan(plan)) => {
            plan.effects.into_iter().chain(plan.checked.into_iter().map(|c| c.what)).collect()
        }
        Ok(Made::Nothing { said, .. }) => vec![said],
        Err(refusal) => vec![refusal.said, refusal.next],
    };
    let dash = |t: Text| Text { zh: format!("- {}", t.zh), en: format!("- {}", t.en) };
    said.into_iter().filter(|t| *t != Text::default()).map(|t| Line::Faint(dash(t))).collect()
}
