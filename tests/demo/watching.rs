//! A backup that runs goes on while it is watched, and ends; one that is stuck does not.
use super::asking::*;
use opsdeck::core::derive::job::Worker;
use opsdeck::core::derive::progress::{Left, Past, Progress, Standing};
use opsdeck::core::probe::database::Status;
use opsdeck::core::probe::watch::{Reader, Tick};
use opsdeck::core::snapshot::Snapshot;
use opsdeck::core::units::EpochMs;
use opsdeck::core::verdict::Facts;
use opsdeck::demo::{DemoBox, Sandbox};
use rustix::process::{Pid, Signal, kill_process_group};
use std::io::{BufRead, BufReader, Write};
use std::os::unix::process::CommandExt;
use std::process::{Child, ChildStdout};
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::time::Duration;

/// A watch that runs.
struct Watch {
    child: Child,
    /// Its end calls off the killer.
    _done: Sender<()>,
    lines: std::io::Lines<BufReader<ChildStdout>>,
    reader: Reader,
    progress: Progress,
}

impl Watch {
    fn of(demo: &DemoBox, sandbox: &Sandbox, past: Past) -> Watch {
        let env = environment(demo, "prod");
        let root = sandbox.root.to_str().unwrap();
        let mut command = on(sandbox, &sandbox.shell);
        command.arg("-s").process_group(0);
        let mut child = command.spawn().unwrap();
        let script = opsdeck::watch::script(&env, root, MARK);
        // the shell reads its script to the end; a watch outlives that
        child.stdin.take().unwrap().write_all(script.as_bytes()).unwrap();
        let pid = Pid::from_raw(i32::try_from(child.id()).unwrap()).unwrap();
        let (done, is_done) = channel();
        // what never comes is a failure, and not a test without an end
        std::thread::spawn(move || {
            if let Err(RecvTimeoutError::Timeout) = is_done.recv_timeout(Duration::from_secs(400)) {
                let _ = kill_process_group(pid, Signal::KILL);
            }
        });
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let reader = Reader::new(MARK, root, &env.paths.pack_folder);
        Watch { child, _done: done, lines, reader, progress: Progress::new(past, env.thresholds) }
    }

    /// The next tick; it is in the progress already.
    fn next(&mut self) -> Tick {
        loop {
            let line = self.lines.next().unwrap().unwrap();
            if let Some(tick) = self.reader.line(line.as_bytes()) {
                self.progress.take(tick.clone(), opsdeck::clock::now());
                return tick;
            }
        }
    }

    /// Goes on until something is so.
    fn until(&mut self, so: impl Fn(&Standing<'_>) -> bool) -> Standing<'_> {
        let now = opsdeck::clock::now;
        while !self.progress.standing(now()).is_some_and(|s| so(&s)) {
            self.next();
        }
        self.progress.standing(now()).unwrap()
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        let pid = Pid::from_raw(i32::try_from(self.child.id()).unwrap()).unwrap();
        let _ = kill_process_group(pid, Signal::TERM);
        let _ = self.child.wait();
    }
}

fn past(demo: &DemoBox, now: EpochMs) -> Past {
    let env = environment(demo, "prod");
    let sandbox = sandbox(demo, "prod").at(now);
    let text = raw(demo, "prod", &sandbox);
    let look = Snapshot::read(&env, sandbox.root.to_str().unwrap(), MARK, text.as_bytes(), now, 1);
    Facts::of(&env, &look).past()
}

#[test]
fn a_backup_that_runs_grows_while_it_is_watched_and_its_end_is_seen() {
    let past = past(&a_box("healthy"), opsdeck::clock::now());
    // made so long ago that it ends in 60 seconds
    let demo = box_at("backup-running", opsdeck::clock::now().plus_ms(-(312 - 60) * 1000));
    let mut watch = Watch::of(&demo, &sandbox(&demo, "prod"), past);
    let first = watch.until(|s| s.bytes.is_some());
    let (bytes, id) = (first.bytes, first.job.id);
    assert_eq!((&first.job.status, first.pack_gap, first.held), (&Status::Running, None, None));
    assert!(matches!(first.left, Some(Left::About(_) | Left::Over)), "{:?}", first.left);
    assert!(!first.worker.as_ref().unwrap().is_gone());
    let grown = watch.until(|s| s.bytes > bytes);
    assert!(grown.still_ms.unwrap() < 20_000, "{grown:?}");
    let end = watch.until(|s| s.job.status == Status::Completed);
    assert_eq!((end.job.id, end.step.clone(), end.left), (id, None, None));
    // the last listing of the pack comes after the end
    let whole = newest_sizes(&demo);
    assert_eq!(watch.until(|s| s.bytes.is_some_and(|b| b.0 == whole)).bytes.map(|b| b.0), Some(whole));
}

/// Bytes of the pack that prod's running job writes.
fn newest_sizes(demo: &DemoBox) -> u64 {
    let state = std::fs::read_to_string(demo.dir().join("prod/.box/state.json")).unwrap();
    let state: serde_json::Value = serde_json::from_str(&state).unwrap();
    let work = &state["work"];
    let volumes = work["volumes"].as_array().unwrap().iter().map(|v| v[1].as_u64().unwrap());
    work["database"].as_u64().unwrap() + volumes.sum::<u64>()
}

#[test]
fn a_stuck_job_does_not_move_and_is_said_to_be_stuck() {
    let now = opsdeck::clock::now();
    let demo = box_at("stuck-job", now);
    let mut watch = Watch::of(&demo, &sandbox(&demo, "prod"), past(&demo, now));
    let stuck = watch.until(|s| s.bytes.is_some() && !matches!(s.worker, Some(Worker::CannotTell)));
    assert!(matches!(stuck.worker, Some(Worker::Still { .. })), "{:?}", stuck.worker);
    // of one that stands still nobody knows how long it takes
    assert!(stuck.left.is_none() && stuck.still_ms.unwrap() > 3_600_000, "{stuck:?}");
    let bytes = stuck.bytes;
    // two signs of life later nothing has moved
    for _ in 0..2 {
        while !matches!(watch.next(), Tick::Beat(_)) {}
    }
    assert_eq!(watch.progress.standing(opsdeck::clock::now()).unwrap().bytes, bytes);
}

#[test]
fn with_its_clock_held_still_a_backup_says_one_thing_and_a_ghost_is_proved() {
    let now = opsdeck::clock::now();
    let demo = box_at("ghost-job", now);
    let mut watch = Watch::of(&demo, &sandbox(&demo, "prod").at(now), past(&demo, now));
    let ghost = watch.until(|s| s.worker.as_ref().is_some_and(Worker::is_gone));
    assert!(matches!(ghost.worker, Some(Worker::GoneByRestart { .. })), "{:?}", ghost.worker);
    assert_eq!(ghost.left, None);
}

#[test]
fn without_docker_it_says_so_and_goes_on() {
    let demo = a_box("docker-down");
    let mut watch = Watch::of(&demo, &sandbox(&demo, "prod"), Past::default());
    let mut gap = None;
    while gap.is_none() {
        if let Tick::Backend(answer) = watch.next() {
            gap = answer.err();
        }
    }
    assert!(gap.unwrap().text().zh.contains("Docker"), "typed");
    while !matches!(watch.next(), Tick::Beat(_)) {}
}
