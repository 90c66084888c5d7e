//! 挂载: what the host, the backend's container and the configuration say of the share, side by side.
//!
//! The answers are those of the checks; what they rest on is here whole, with the server's own lines.
mod raw;

use super::sheet::{Column, Detail, Lead, Row, Sheet};
use crate::core::state::State;
use crate::core::verdict::{Check, Facts, check};
use crate::i18n::Text;
use crate::text;

/// The screen.
pub fn mount(f: &Facts) -> Sheet {
    let columns = vec![Column::fit(Text::default(), 20), Column::rest(Text::default())];
    let of = |id, title: Text, raw: Vec<Detail>| check(f, id).map(|c| row(&c, title, raw));
    let rows = [
        of("mount", text!("主机看到的", "the host sees"), raw::host(f)),
        of("container_mount", text!("容器看到的", "the container sees"), raw::container(f)),
        of("share", text!("共享应答", "the share answers"), Vec::new()),
        of("port", text!("共享端口", "the share's port"), Vec::new()),
        of("fstab", text!("开机挂载（fstab）", "at boot (fstab)"), raw::fstab(f)),
        of("room", text!("共享空间", "room on the share"), Vec::new()),
        Some(raw::kernel(f)),
        Some(raw::smb(f)),
        Some(raw::leftovers(f)),
        Some(raw::legacy(f)),
    ];
    Sheet { lead: vec![agreement(f)], columns, rows: rows.into_iter().flatten().collect(), empty: None }
}

/// A row that says what a check says, and below it the lines that it comes from.
fn row(check: &Check, title: Text, raw: Vec<Detail>) -> Row {
    let answer = Text {
        zh: format!("{}：{}", title.zh, check.summary.zh),
        en: format!("{}: {}", title.en, check.summary.en),
    };
    let mut detail = vec![Detail::title(answer)];
    detail.extend(check.evidence.iter().cloned().map(Detail::evidence));
    if check.state != State::Ok {
        detail.extend(check.next.clone().map(Detail::next));
    }
    detail.extend(raw);
    Row {
        id: check.id.to_owned(),
        state: Some(check.state),
        old: false,
        inner: false,
        cells: vec![title, check.summary.clone()],
        detail,
    }
}

/// Whether host, container and configuration mean the same share, in one line.
fn agreement(f: &Facts) -> Lead {
    let of = |id| check(f, id);
    let (host, container) = (of("mount"), of("container_mount"));
    let (share, fstab) = (of("share"), of("fstab"));
    let all = [&host, &container, &share, &fstab];
    let state = State::of_all(all.map(|c| c.as_ref().map_or(State::Unknown, |c| c.state)));
    let is = |c: &Option<Check>, state| c.as_ref().is_some_and(|c| c.state == state);
    let source = f.env.share.source();
    let mut words = match (&host, &container) {
        // a share that is mounted twice over is still the share
        (Some(h), _) if !f.share_is_mounted() => h.summary.clone(),
        (Some(h), _) if h.state == State::Failed => h.summary.clone(),
        (_, Some(c)) if c.state == State::Ok => text!(
            "主机和容器看到的是同一个共享 {source}，与配置一致",
            "host and container see the same share {source}, as configured"
        ),
        // its words name the host already
        (_, Some(c)) if c.summary.zh.starts_with("主机已挂载") => c.summary.clone(),
        (_, Some(c)) => Text {
            zh: format!("主机已挂载 {source}；容器：{}", c.summary.zh),
            en: format!("the host has {source}; container: {}", c.summary.en),
        },
        _ => text!("无法检查", "could not be checked"),
    };
    // a share that does not answer is no less the same one, but this line must not sound as if all were well
    let mut add = |c: &Option<Check>| {
        if let Some(c) = c {
            words = Text::join([&words, &c.summary]);
        }
    };
    if is(&host, State::Warning) {
        add(&host);
    }
    // where nothing is mounted, the kernel often knows why
    let why = if is(&host, State::Failed) { raw::kernels_reason(f) } else { None };
    if f.share_is_mounted() {
        if !is(&share, State::Ok) {
            add(&share);
        }
        if !is(&fstab, State::Ok) {
            add(&fstab);
        }
    }
    let text = Text::join([Some(words), why].iter().flatten());
    Lead::Line { state: Some(state), text }
}
