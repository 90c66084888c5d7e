//! The backend's side of a watch: what the script that is sent into the container would say there, for as long as somebody
//! listens.
use super::inside::row;
use super::{Said, Server};
use crate::clock;
use crate::demo::state::{BACKEND, Job, State};
use crate::demo::timeline::{SHANGHAI_MIN, wall};
use serde_json::{Value, json};
use std::io::{Read, Write};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::{Duration, Instant};

/// As `watch.py` has them.
const EVERY: Duration = Duration::from_secs(2);
const SAY: Duration = Duration::from_secs(10);
const ALONE: Duration = Duration::from_secs(20);

/// `docker exec -i NAME python -c … SIZE DATABASE`, a script of that size and then signs of life on standard input.
pub(super) fn exec(server: &Server, args: &[&str], name: &str, (size, path): (&str, &str)) -> Said {
    let Some(c) = server.state.container(name) else {
        return Said::error(1, format!("Error: No such container: {name}"));
    };
    if !c.running {
        return Said::error(1, format!("Error response from daemon: container {} is not running", c.id));
    }
    if !script_is_known(size) || c.name != BACKEND || path != "/app/data/auth.db" {
        return Said::unknown("docker", args);
    }
    speak(server, &listen())
}

/// Whether what comes on standard input is the script that these answers are for.
fn script_is_known(size: &str) -> bool {
    let Ok(size) = size.parse::<usize>() else {
        return false;
    };
    let mut text = vec![0; size.min(1 << 20)];
    std::io::stdin().read_exact(&mut text).is_ok() && text == crate::watch::INSIDE.as_bytes()
}

/// A word for each byte that comes; its end is the end of standard input.
fn listen() -> Receiver<()> {
    let (tell, heard) = channel();
    std::thread::spawn(move || {
        let mut byte = [0];
        while std::io::stdin().read_exact(&mut byte).is_ok() && tell.send(()).is_ok() {}
    });
    heard
}

/// Says what changes until nobody listens any more, or the container ends.
fn speak(server: &Server, listener: &Receiver<()>) -> Said {
    let (mut said, mut work, mut spoke) = (Value::Null, String::new(), None::<Instant>);
    let mut heard = clock::tick();
    loop {
        // by the name of a tool that sees files, so that the pack grows
        let now = match Server::open(server.root.clone(), "stat") {
            Ok(now) => now,
            Err(e) => return Said::error(70, format!("docker: the demo server cannot be read: {e}")),
        };
        if now.state.backend().is_none() {
            return Said { code: 137, ..Said::default() };
        }
        let rows = rows(&now.state);
        let mut lines = String::new();
        if rows != said {
            let zone = wall(now.now, SHANGHAI_MIN).strftime("%z").to_string();
            let clock = json!({"epoch_ms": now.now.0, "zone": zone, "tz": "Asia/Shanghai"});
            lines.push_str(&format!("db {}\n", json!({"clock": clock, "database": rows})));
            said = rows;
        }
        let at_work = at_work(&now.state);
        if at_work != work {
            lines.push_str(&at_work);
            work = at_work;
        }
        if spoke.is_none_or(|at| clock::tick().duration_since(at) >= SAY) {
            lines.push_str("here\n");
            spoke = Some(clock::tick());
        }
        let mut out = std::io::stdout();
        if out.write_all(lines.as_bytes()).and_then(|()| out.flush()).is_err() {
            return Said::default();
        }
        match listener.recv_timeout(EVERY) {
            Ok(()) => heard = clock::tick(),
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => return Said::default(),
        }
        if clock::tick().duration_since(heard) >= ALONE {
            return Said::default();
        }
    }
}

fn rows(state: &State) -> Value {
    let db = &state.database;
    let row = |job: &Job| row(job, db.old_schema);
    let ended = db.jobs.iter().rev().filter(|j| !j.is_live()).take(5);
    json!({
        "live": db.jobs.iter().filter(|j| j.is_live()).take(20).map(row).collect::<Vec<_>>(),
        "newest": ended.map(row).collect::<Vec<_>>(),
        "locks": db.locks,
    })
}

fn at_work(state: &State) -> String {
    let live = || state.database.jobs.iter().filter(|j| j.is_live());
    let watched = live().find(|j| j.status != "queued").or_else(|| live().next());
    watched.map_or("live -\n".into(), |j| {
        format!("live {} {}\n", j.id, j.output_dir.as_deref().unwrap_or_default())
    })
}
