//! What is seen after mounting and unmounting: on the host, in the backend's container, and what the run itself tried.
use super::event::{Event, fact};
use super::prove::{Proof, of_check};
use super::share::on_top;
use super::unmount::where_it_packs;
use crate::core::derive::mount::MountState;
use crate::core::state::State;
use crate::core::verdict::Facts;
use crate::i18n::Text;
use crate::text;

/// The share is there, can be written, and the backend sees it.
pub(super) fn mount(before: Option<&Facts>, after: &Facts, events: &[Event]) -> Vec<Proof> {
    let mut all: Vec<Proof> = of_check("mount", before, after).into_iter().collect();
    if let Some(probe) = fact(events, "probe") {
        let good = probe == "well";
        all.push(Proof {
            what: tried(),
            before: None,
            after: match good {
                true => {
                    text!("写、读、删一个小文件都成功", "a small file was written, read back and deleted")
                }
                false => text!("失败：{probe}", "failed: {probe}"),
            },
            state: if good { State::Ok } else { State::Failed },
        });
    }
    match backend(before, after, events) {
        Backend::Stopped(proof) => all.push(proof),
        Backend::Ran => {
            all.extend(of_check("container_mount", before, after));
            all.extend(fact(events, "backend_sees").and_then(|_| of_check("backend", before, after)));
        }
    }
    if after.env.share.persist {
        let mut line = of_check("fstab", before, after);
        // a line that is well enough and not the one that was meant
        if let (Some(line), Some(why)) =
            (&mut line, fact(events, "fstab").and_then(|f| f.strip_prefix("failed ")))
        {
            line.after = text!("没有写成：{why}", "it could not be written: {why}");
            line.state = State::Failed;
        }
        all.extend(line);
    }
    all
}

fn tried() -> Text {
    text!("试写", "try to write")
}

/// Whether it is the run's own try and no look: it says nothing of how the server is left.
pub(super) fn is_try(proof: &Proof) -> bool {
    proof.what == tried()
}

/// Nothing is there any more, and nobody has kept it.
pub(super) fn unmount(lazy: bool, before: Option<&Facts>, after: &Facts, events: &[Event]) -> Vec<Proof> {
    let mut all = vec![host(before, after)];
    if let Some(held) = fact(events, "held_elsewhere") {
        let good = held == "nobody";
        all.push(Proof {
            what: text!("其他容器和进程", "other containers and processes"),
            before: None,
            after: match (good, lazy) {
                (true, _) => text!("没有谁还挂着它", "nobody keeps it"),
                (false, true) => text!(
                    "已从挂载点摘下，但 {held} 还挂着它：它们都放手之前，共享没有真正断开",
                    "detached, and {held} still has it: the share is not gone before all let go"
                ),
                (false, false) => text!("还挂着：{held}", "still have it: {held}"),
            },
            state: match (good, lazy) {
                (true, _) => State::Ok,
                (false, true) => State::Warning,
                (false, false) => State::Failed,
            },
        });
    }
    match backend(before, after, events) {
        Backend::Stopped(proof) => all.push(proof),
        // the container of a dead share is left alone
        Backend::Ran if fact(events, "backend_was").is_none() => {}
        Backend::Ran => {
            all.push(inside(before, after));
            all.extend(of_check("backend", before, after));
        }
    }
    all
}

/// How the backend is to be judged.
enum Backend {
    /// It ran, and has to run.
    Ran,
    /// It was stopped before and has stayed so.
    Stopped(Proof),
}

fn backend(before: Option<&Facts>, after: &Facts, events: &[Event]) -> Backend {
    let running = |f: &Facts| f.backend.ok().flatten().map(|c| c.running);
    let ran = match fact(events, "backend_was") {
        Some(was) => Some(was.starts_with("running")),
        None => before.and_then(running),
    };
    let stopped = running(after) == Some(false) && ran != Some(true);
    if !stopped {
        return Backend::Ran;
    }
    Backend::Stopped(Proof {
        what: text!("后端容器", "the backend's container"),
        before: ran.map(|_| text!("停着", "stopped")),
        after: text!(
            "停着，和原来一样；启动时会看到挂载点的现状",
            "stopped, as it was; it sees the mount point as it is when it is started"
        ),
        state: State::Ok,
    })
}

fn host(before: Option<&Facts>, after: &Facts) -> Proof {
    let point = &after.env.paths.mount_point;
    let said = |f: &Facts| match &f.mounted {
        Err(gap) => gap.text(),
        Ok(MountState::Nothing { .. }) => text!("没有挂载", "nothing is mounted"),
        Ok(MountState::Share { line, .. }) => Text::same(line.as_str()),
        Ok(MountState::OtherShare { source }) => Text::same(source.as_str()),
        Ok(MountState::OtherType { fstype, source }) => Text::same(format!("{fstype} {source}")),
    };
    let top = |f: &Facts| on_top(f).map(|m| (m.source.to_string(), m.fstype.to_string()));
    let state = match &after.mounted {
        Err(_) => State::Unknown,
        Ok(MountState::Nothing { .. }) => State::Ok,
        // what lay under it shows again
        Ok(_) if before.is_some_and(|b| top(b) != top(after)) => State::Ok,
        Ok(_) => State::Failed,
    };
    Proof {
        what: text!("主机上的 {point}", "{point} on the host"),
        before: before.map(said),
        after: said(after),
        state,
    }
}

fn inside(before: Option<&Facts>, after: &Facts) -> Proof {
    let what = text!("后端容器里", "in the backend's container");
    let top = |f: &Facts| on_top(f).map(|m| m.source.to_string());
    let uncovered =
        |source: &str| top(after).as_deref() == Some(source) && before.and_then(top) != top(after);
    let (said, state) = match after.look.container_mounts() {
        Err(gap) => (gap.text(), State::Unknown),
        Ok(table) => match where_it_packs(after, table) {
            None => (text!("看到的是服务器磁盘", "the local disk is seen"), State::Ok),
            // what lay under it shows again, for the container as for the host
            Some(m) if uncovered(m.source.as_str()) => {
                (text!("看到的是 {}", "{} is seen", m.source), State::Ok)
            }
            Some(m) => (text!("还挂着 {}", "{} is still mounted", m.source), State::Failed),
        },
    };
    Proof { what, before: None, after: said, state }
}
