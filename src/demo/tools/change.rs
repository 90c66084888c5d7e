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
        Ok(said)
    };
    done().unwrap_or_else(|e| Said::error(70, format!("the demo server cannot be changed: {e}")))
}

/// The state with what time has done to it written down, so that a change can start from it.
fn settled(written: State, now: EpochMs) -> State {
    let ended = written.work.as_ref().is_none_or(|w| now.0 >= w.ends_ms);
    let helper = written.work.as_ref().map(|w| w.helper.id.clone());
    let (work, mut state) = (written.work.clone(), written.at(now));
    // whether a container packs a volume follows from the work
    state.docker.containers.retain(|c| Some(&c.id) != helper.as_ref());
    state.work = work.filter(|_| !ended);
    state
}

/// `docker start|stop|restart NAME`.
pub(super) fn lifecycle(server: &Server, verb: &str, name: &str) -> Said {
    let now = server.now.0;
    let Some(id) = server.state.container(name).map(|c| c.id.clone()) else {
        return Said::error(1, format!("Error response from daemon: No such container: {name}"));
    };
    change(server, |state| {
        let mounted = state.mounted.clone();
        let Some(c) = state.docker.containers.iter_mut().find(|c| c.id == id) else {
            return Said::error(1, format!("Error response from daemon: No such container: {name}"));
        };
        let stops = verb != "start" && c.running;
        let starts = verb == "restart" || (verb == "start" && !c.running);
        if stops {
            (c.running, c.finished_ms, c.exit_code) = (false, Some(now), 137);
        }
        if starts {
            start(c, now, mounted);
        }
        // the worker was a thread of the backend: its row says running for ever
        if stops && c.name == BACKEND {
            state.work = None;
        }
        Said::ok(format!("{name}\n"))
    })
}

/// A container that starts sees what is mounted by then.
fn start(c: &mut Container, now: i64, mounted: Option<String>) {
    (c.running, c.started_ms, c.exit_code) = (true, now, 0);
    if c.mounts.iter().any(|m| m.0 == "/mnt/replica") {
        c.sees = mounted;
    }
}
