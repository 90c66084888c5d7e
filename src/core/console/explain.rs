//! A cause in plain words: its runbook as lines.
use super::deed::Line;
use crate::config::model::EnvKey;
use crate::core::diagnose::{render, runbook};
use crate::i18n::{Lang, Text};

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
