//! What is said when the console has to leave because its terminal is no more: what it had begun goes on without it.
use super::super::model::{Model, Server};
use crate::i18n::Text;
use crate::text;
use std::fmt::Display;

/// Why it has closed, and each run that goes on: on which environment, what, and how to follow it.
pub fn gone(model: &Model, error: impl Display) -> Text {
    let runs: Vec<Text> = model.servers.iter().filter_map(of).collect();
    if runs.is_empty() {
        return text!(
            "终端不能用了，控制台已关闭，服务器上没有它正在做的操作：{error}",
            "the terminal cannot be used, the console has closed, nothing that it began was at work on any server: {error}"
        );
    }
    let list = |of: fn(&Text) -> &str| runs.iter().map(of).collect::<Vec<_>>().join("\n  ");
    Text {
        zh: format!(
            "终端不能用了，控制台已关闭：{error}\n已经开始的操作在服务器上会自己做完，接着看：\n  {}",
            list(|t| &t.zh)
        ),
        en: format!(
            "the terminal cannot be used, the console has closed: {error}\nwhat was begun goes on by itself on the server; to follow it:\n  {}",
            list(|t| &t.en)
        ),
    }
}

fn of(server: &Server) -> Option<Text> {
    let run = server.run.as_ref().filter(|r| r.outcome().is_none())?;
    // one that has no name yet is found by its environment alone
    let name = run.name.as_ref().map(|n| format!(" {n}")).unwrap_or_default();
    let (title, key) = (run.action.title(), &server.key);
    let line = |title: &str| format!("{} {title}    opsdeck attach --env {key}{name}", server.name);
    Some(Text { zh: line(&title.zh), en: line(&title.en) })
}
