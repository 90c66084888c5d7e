//! What changes a server of the box: all of a change or nothing, and one at a time.
use super::{Said, Server};
use crate::core::units::EpochMs;
use crate::demo::lay;
use crate::demo::state::{self, BACKEND, Container, State};
use rustix::fs::{FlockOperation, flock};
use std::fs::File;

/// Changes the state as it is written by now, not as this process read it.
pub(super) fn change(server: &Server, edit: impl FnOnce(&mut State) -> Said) -> Said {
    let done = || -> std::io::Result<Said> {
        let lock = File::create(state::folder(&server.root).join("lock"))?;
        flock(&lock, FlockOperation::LockExclusive)?;
        let written = State::load(&server.root)?;
        // what a backup wrote until now stays, whatever becomes of it
        lay::grow(&server.dir, &written, server.now)?;
        let mut now = settled(written, server.now);
        let said = edit(&mut now);
        now.save(&server.root)?;
        lay::processes(&server.root, &now)?;
        Ok(said)
    };
    done().unwrap_or_else(|e| Said::error(70, format!("the demo server cannot be changed: {e}")))
}

/// The state with what time has done to it written down, so that a change can start from it.
fn settled(written: State, now: EpochMs) -> State {
    let begun = written.begun(now);
    let work = begun.work.clone();
    let mut state = begun.at(now);
    // whether a container packs a volume follows from the work
    let helper = work.as_ref().map(|w| w.helper.id.clone());
    state.docker.containers.retain(|c| Some(&c.id) != helper.as_ref());
    state.work = work.filter(|w| !w.is_over(now));
    state
}

/// `docker start|stop|restart NAME…`: each that is there, and a word about each that is not.
pub(super) fn lifecycle(server: &Server, verb: &str, names: &[&str]) -> Said {
    let now = server.now;
    // by the words of this moment: a helper comes and goes
    let mut found: Vec<(String, String)> = Vec::new();
    let (mut out, mut err) = (String::new(), String::new());
    for name in names {
        match server.state.container(name) {
            Some(c) => {
                found.push((c.id.clone(), (*name).to_owned()));
                out.push_str(&format!("{name}\n"));
            }
            None => err.push_str(&format!("Error response from daemon: No such container: {name}\n")),
        }
    }
    let code = u8::from(!err.is_empty());
    if found.is_empty() {
        return Said { err, code, ..Said::default() };
    }
    change(server, |state| {
        for (id, _) in &found {
            one(state, verb, id, now);
        }
        Said { out: out.into_bytes(), err, code }
    })
}

fn one(state: &mut State, verb: &str, id: &str, now: EpochMs) {
    if state.work.as_ref().is_some_and(|w| w.helper.id == id) {
        return helper_stopped(state, now);
    }
    let mounted = state.mounted.clone();
    let Some(c) = state.docker.containers.iter_mut().find(|c| c.id == id) else {
        return;
    };
    let stops = verb != "start" && c.running;
    let starts = verb == "restart" || (verb == "start" && !c.running);
    if stops {
        (c.running, c.finished_ms, c.exit_code) = (false, Some(now.0), 137);
    }
    if starts {
        start(c, now.0, mounted);
    }
    if c.name == BACKEND {
        // the worker was a thread of the backend: its row says running for ever
        if stops {
            (state.work, state.catches_up_ms) = (None, None);
        }
        if starts {
            state.backend_started(now);
        }
    }
}

/// A container that starts sees what is mounted by then.
fn start(c: &mut Container, now: i64, mounted: Option<String>) {
    (c.running, c.started_ms, c.exit_code) = (true, now, 0);
    if c.mounts.iter().any(|m| m.0 == "/mnt/replica") {
        c.sees = mounted;
    }
}

/// What packed for a backup is gone: its worker sees that, and gives up.
fn helper_stopped(state: &mut State, now: EpochMs) {
    let Some(work) = state.work.take() else { return };
    let volume = work.at(now).volume.unwrap_or_default();
    state.database.locks.clear();
    if let Some(job) = state.database.jobs.iter_mut().find(|j| j.id == work.job) {
        job.finished_at_ms = Some(now.0);
        if job.status == "canceling" {
            (job.status, job.message) = ("canceled".into(), "备份已取消".into());
            job.canceled_at_ms = Some(now.0);
        } else {
            (job.status, job.message) = ("failed".into(), "备份失败".into());
            job.detail = format!("volume 备份失败：{volume}：docker run 返回 137");
        }
    }
}
