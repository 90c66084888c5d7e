//! The write mode, by itself: opened, closed, over.
use super::super::deed::{is_name, write};
use super::super::model::{Model, Notice};
use super::super::overlay::Overlay;
use crate::config::model::Role;
use crate::core::units::EpochMs;
use crate::text;
use tui_input::Input;

/// Ctrl-W. 正式 asks for its name.
pub(super) fn turned(model: &mut Model, now: EpochMs) {
    let Some(server) = model.open_mut() else { return };
    let said = if server.env.read_only {
        Notice::Refused(text!(
            "只读环境（read_only = true），没有写模式；要改，先改 environments.toml",
            "read-only (read_only = true): there is no write mode; see environments.toml"
        ))
    } else if write::left_ms(server, now).is_some() {
        server.writing = None;
        Notice::Said(text!("写模式关了", "write mode is off"))
    } else if server.role == Role::Prod {
        model.overlay = Some(Overlay::Write { input: Input::default() });
        return;
    } else {
        server.writing = Some(now);
        opened()
    };
    model.notice = Some(said);
}

fn opened() -> Notice {
    Notice::Said(text!(
        "写模式打开 10 分钟，离开这个环境就关；每个操作仍要在它的框里确认",
        "write mode is on for 10 minutes; each action is still confirmed in its box"
    ))
}

/// Enter on the name.
pub(super) fn confirmed(model: &mut Model, input: Input, now: EpochMs) {
    let Some(server) = model.open_mut() else { return };
    if is_name(&server.key, &server.env.name, input.value()) {
        server.writing = Some(now);
        model.notice = Some(opened());
        return;
    }
    let (key, name) = (server.key.clone(), server.name.clone());
    model.overlay = Some(Overlay::Write { input });
    model.notice = Some(Notice::Refused(text!(
        "名字不对，写模式没有打开；要打出 {name} 或 {key}",
        "that is not its name, write mode is off; type {name} or {key}"
    )));
}

/// The environment is left.
pub(super) fn left(model: &mut Model) {
    for server in &mut model.servers {
        server.writing = None;
    }
}
