//! A cause in plain words: its runbook as lines, and over the diagnosis what it is on this server and what to do there.
use super::deed::{DeedPage, Line};
use super::model::{Model, Server};
use super::overlay::Overlay;
use super::walk::{diagnosis, with_key};
use crate::config::model::EnvKey;
use crate::core::diagnose::{CauseId, Diagnosis, Finding, Fix, Mend, render, runbook};
use crate::core::units::EpochMs;
use crate::i18n::{Lang, Text};
use crate::text;

/// What an operator should know about a cause, with commands for this environment; nothing where there is no such cause.
pub fn lines(cause: &str, env: &EnvKey) -> Option<Vec<Line>> {
    let book = runbook(cause)?;
    let mut lines = Vec::new();
    for part in book.parts(env) {
        lines.push(Line::Part(part.label, part.says));
        let step = |lang| part.acts.iter().map(move |act| render::step(act, lang));
        lines.extend(
            step(Lang::Zh).zip(step(Lang::En)).map(|(zh, en)| Line::Part(Text::default(), Text { zh, en })),
        );
    }
    Some(lines)
}

/// The box over the diagnosis.
pub fn page(model: &Model, now: EpochMs) -> Option<DeedPage> {
    let Some(Overlay::Explain { cause, .. }) = &model.overlay else { return None };
    let server = model.open()?;
    let found = diagnosis(server, now);
    // what no cause accounts for may be there more than once
    let here: Vec<(&Finding, Vec<Mend>)> = found.iter().flat_map(|d| roots(d, cause)).collect();
    let below = found.as_ref().and_then(|d| d.findings.iter().find_map(|f| under(f, cause)));
    let mut all = match (here.is_empty(), below) {
        (false, _) => here.iter().flat_map(|(f, steps)| root(f, steps)).collect(),
        (true, Some(lines)) => lines,
        (true, None) => {
            vec![Line::Faint(text!("这里现在没有发现这个原因。", "This is not what was found here."))]
        }
    };
    all.push(Line::Blank);
    all.extend(lines(cause, &server.env.key)?);
    let first = here.first().and_then(|(_, steps)| steps.first());
    let does = first.is_some_and(|m| matches!(m.fix, Fix::Do(_)));
    let foot = match does {
        true => text!(
            "Enter 打开第一步的预览   Esc 返回",
            "Enter opens the preview of the first step   Esc goes back"
        ),
        false => text!("Esc 返回", "Esc goes back"),
    };
    Some(DeedPage {
        title: text!("说明", "in plain words"),
        head: runbook(cause)?.title,
        lines: all,
        foot: vec![Line::Faint(foot)],
        field: None,
    })
}

/// Every finding of a cause, with the steps that it is shown with.
fn roots(d: &Diagnosis, cause: CauseId) -> impl Iterator<Item = (&Finding, Vec<Mend>)> {
    let all = d.findings.iter().enumerate().filter(move |(_, f)| f.cause == cause);
    all.map(|(at, f)| (f, d.steps_of(at)))
}

/// What it is on this server, and every step that mends it.
fn root(f: &Finding, steps: &[Mend]) -> Vec<Line> {
    let mut all = vec![Line::Sign(f.state, f.says.clone())];
    all.extend(steps.iter().map(with_key).map(Line::Next));
    if !f.proof.zh.is_empty() {
        all.push(Line::Plain(Text {
            zh: format!("修好后：{}", f.proof.zh),
            en: format!("Then: {}", f.proof.en),
        }));
    }
    all
}

/// What hangs under another cause comes from it.
fn under(f: &Finding, cause: CauseId) -> Option<Vec<Line>> {
    let so = f.explains.iter().find(|c| c.cause == cause)?;
    let from = &f.title;
    let goes = Text {
        zh: format!("由“{}”引起，先治那个", from.zh),
        en: format!("comes from \"{}\": mend that first", from.en),
    };
    Some(vec![Line::Sign(so.state, so.says.clone()), Line::Next(goes)])
}

/// The first step that mends a cause on a server, by what is known of it.
pub(super) fn first_step(server: &Server, cause: CauseId, now: EpochMs) -> Option<Fix> {
    let found = diagnosis(server, now)?;
    let (_, steps) = roots(&found, cause).next()?;
    steps.first().map(|m| m.fix.clone())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::model::example;
    use crate::core::console::Model;
    use crate::core::console::runbook::env;
    use crate::core::console::screen::{Screen, Tab};

    fn said(model: &Model, cause: &str) -> Vec<(String, String)> {
        let part = |line| match line {
            Line::Part(label, says) => (label.zh, says.zh),
            other => panic!("{other:?}"),
        };
        lines(cause, &env(model)).unwrap().into_iter().map(part).collect()
    }

    #[test]
    fn a_page_says_its_keys_and_commands_for_the_environment_that_is_open() {
        let mut model = Model::new(&[example()], None, Lang::Zh);
        let mount =
            |key: &str| (String::new(), format!("按 M 挂载 Windows 共享（opsdeck mount --env {key}）"));
        assert!(said(&model, "not-mounted").contains(&mount("环境")));
        model.screen = Screen::Open { server: 0, tab: Tab::Overview };
        let key = model.servers[0].key.0.clone();
        let page = said(&model, "not-mounted");
        assert!(page.contains(&mount(&key)), "{page:?}");
        assert_eq!(page[0].0, "是什么");
        assert_eq!(page.last().unwrap().0, "注意");
    }

    #[test]
    fn what_is_no_cause_has_no_lines() {
        assert_eq!(lines("no-such-cause", &EnvKey("prod".into())), None);
    }
}
