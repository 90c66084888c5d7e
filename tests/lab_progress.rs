//! A real backup, watched: real sshd, Docker and CIFS, while the link is cut and the backend is restarted under it.
//!
//! Needs the lab to be up (`tests/lab/lab up`); see `on_lab.rs` for where it is not.
// helpers of tests fail by panicking, as tests do
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]
// each test has a thread and a runtime of its own: who waits for the lab holds up nobody
#![allow(clippy::disallowed_methods, clippy::await_holding_lock)]

#[path = "common/lab.rs"]
mod lab;
#[path = "ssh/processes.rs"]
#[allow(unreachable_pub, dead_code)]
mod processes;

use lab::{lab, on_server, with_lab};
use opsdeck::config::model::Environment;
use opsdeck::core::derive::job::Worker;
use opsdeck::core::derive::progress::{Left, Part, Progress, Standing, Step};
use opsdeck::core::probe::database::Status;
use opsdeck::core::units::Bytes;
use opsdeck::core::verdict::Facts;
use opsdeck::remote::Host;
use opsdeck::remote::ssh::{Folders, SshHost};
use opsdeck::watch::{self, Ended};
use opsdeck::{clock, look};
use processes::{signal_to, until, with_argument};
use rustix::process::Signal;
use std::time::Duration;
use tokio::sync::mpsc::channel;

/// Longer than anything here takes in a server without hardware support.
const LIMIT: Duration = Duration::from_secs(400);

struct Prod {
    env: Environment,
    host: SshHost,
    _dir: tempfile::TempDir,
}

/// The link to prod, as the console makes it.
fn prod() -> Prod {
    let config = opsdeck::config::load(&lab::config()).unwrap();
    let dir = tempfile::Builder::new().prefix("od").tempdir_in("/tmp").unwrap();
    std::fs::create_dir(dir.path().join("home")).unwrap();
    let folders = Folders {
        runtime: dir.path().join("run"),
        known_hosts: dir.path().join("known_hosts"),
        home: Some(dir.path().join("home")),
        system_config: dir.path().join("ssh_config"),
        path: None,
        secret_variables: Default::default(),
    };
    let env = config.environments.iter().find(|e| e.key.0 == "prod").unwrap().clone();
    Prod { host: SshHost::new(&env, &config.ssh, folders), env, _dir: dir }
}

/// What was seen of a backup, in the order in which it was.
#[derive(Default)]
struct Seen {
    steps: Vec<Step>,
    bytes: Vec<Bytes>,
    left: Vec<Left>,
    rates: usize,
}

impl Seen {
    fn take(&mut self, s: &Standing<'_>) {
        if let Some(step) = s.step.as_ref().filter(|step| self.steps.last() != Some(step)) {
            eprintln!("{:?} {:?} {:?} {:?}", step, s.bytes, s.rate, s.left);
            self.steps.push(step.clone());
        }
        self.bytes.extend(s.bytes.filter(|b| self.bytes.last() != Some(b)));
        self.left.extend(s.left.filter(|l| self.left.last() != Some(l)));
        self.rates += usize::from(s.rate.is_some_and(|r| r > Bytes(0)));
    }
}

impl Prod {
    /// A progress that knows the past, by a look.
    async fn progress(&self) -> Progress {
        let look = look::take(&self.host, &self.env).await.unwrap();
        Progress::new(Facts::of(&self.env, &look.snapshot).past(), self.env.thresholds.clone())
    }

    /// Watches until something is so, or the watch ends.
    async fn watch(
        &self,
        progress: &mut Progress,
        seen: &mut Seen,
        so: impl Fn(&Progress, &Seen) -> bool,
    ) -> Option<Ended> {
        let (to, mut from) = channel(64);
        let listen = async {
            while let Some((came, tick)) = from.recv().await {
                progress.take(tick, came);
                if let Some(s) = progress.standing(clock::now()) {
                    seen.take(&s);
                }
                if so(progress, seen) {
                    return None;
                }
            }
            Some(())
        };
        let both = async {
            tokio::select! {
                ended = watch::follow(&self.host, &self.env, &to) => Some(ended),
                done = listen => { assert!(done.is_none()); None }
            }
        };
        tokio::time::timeout(LIMIT, both).await.expect("it never came to that")
    }

    /// Kills the process that carries the link.
    async fn cut(&self) {
        let folder = self.host.control_folder().await.unwrap();
        let ssh = with_argument(folder.to_str().unwrap());
        assert_eq!(ssh.len(), 1);
        signal_to(ssh[0], Signal::KILL);
    }

    /// Ends the link; on the server and in its containers nothing of the watch is left.
    async fn close(self) {
        self.host.close().await;
        nothing_left(Duration::from_secs(60)).await;
    }
}

/// What runs in a container is a process of its server, too.
async fn nothing_left(limit: Duration) {
    let left =
        || on_server("prod", "pgrep -fa '[c]ompile.text, .watch|[o]psdeck/watch|[d]ocker exec' || true");
    until(limit, "the server's side is gone", || left().is_empty()).await;
    // the last thing that its shell does
    let scratch = || on_server("prod", "ls /run/opsdeck | grep -v '^reader$' || true");
    until(limit, "its scratch files are gone", || scratch().is_empty()).await;
}

fn reset() {
    assert!(lab(&["reset", "prod"]).status.success());
}

fn backup(bytes_per_second: &str) {
    assert!(lab(&["speed", "prod", bytes_per_second, "1", "3"]).status.success());
    assert!(lab(&["backup", "prod", "incremental"]).status.success());
}

fn status(p: &Progress) -> Option<Status> {
    p.standing(clock::now()).map(|s| s.job.status.clone())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_backup_is_watched_from_its_first_step_to_its_end_over_a_link_that_is_cut() {
    let Some(_lab) = with_lab() else { return };
    reset();
    let prod = prod();
    let (mut progress, mut seen) = (prod.progress().await, Seen::default());
    assert_eq!(prod.watch(&mut progress, &mut seen, |p, _| p.rows().is_some()).await, None);
    assert!(progress.standing(clock::now()).is_none() && !progress.is_live(), "nothing is at work yet");
    // it is begun while it is being watched, and the first volume grows
    let grows = |_: &Progress, seen: &Seen| seen.bytes.len() >= 3 && seen.rates > 0;
    let watched = prod.watch(&mut progress, &mut seen, grows);
    let (ended, begun) = tokio::join!(watched, tokio::task::spawn_blocking(|| backup("150000")));
    begun.unwrap();
    assert_eq!(ended, None);
    assert!(seen.steps.iter().any(|s| s.part() == Some(Part::Database)), "{:?}", seen.steps);
    prod.cut().await;
    // another link, and on it goes, with what is known already
    let (before, more) =
        (seen.bytes.len(), |before| move |_: &Progress, seen: &Seen| seen.bytes.len() > before + 2);
    while let Some(ended) = prod.watch(&mut progress, &mut seen, more(before)).await {
        assert!(matches!(ended, Ended::Lost(_)), "{ended:?}");
    }
    // and is cut while it is being followed
    let (ended, ()) = tokio::join!(
        prod.watch(&mut progress, &mut seen, |p, _| status(p) == Some(Status::Completed)),
        async {
            tokio::time::sleep(Duration::from_secs(8)).await;
            prod.cut().await;
        }
    );
    assert!(matches!(ended, Some(Ended::Lost(_))), "{ended:?}");
    let done = |p: &Progress, _: &Seen| status(p) == Some(Status::Completed);
    assert_eq!(prod.watch(&mut progress, &mut seen, done).await, None);
    let parts: Vec<Part> = seen.steps.iter().filter_map(Step::part).collect();
    let mut order = parts.clone();
    order.sort();
    assert_eq!(parts, order, "{:?}", seen.steps);
    assert!(!seen.steps.iter().any(|s| matches!(s, Step::Unknown(_))), "{:?}", seen.steps);
    assert!(parts.iter().filter(|p| matches!(p, Part::Volume(_))).count() >= 3, "{parts:?}");
    assert!(seen.bytes.windows(2).all(|w| w[0] < w[1]) && seen.bytes.len() > 8, "{:?}", seen.bytes);
    assert!(seen.left.iter().filter(|l| matches!(l, Left::About(_))).count() > 3, "{:?}", seen.left);
    let end = progress.standing(clock::now()).unwrap();
    assert!(end.step.is_none() && end.elapsed_ms.is_some_and(|ms| ms > 30_000), "{end:?}");
    // the look decides, and says the same of the pack
    let look = look::take(&prod.host, &prod.env).await.unwrap();
    let facts = Facts::of(&prod.env, &look.snapshot);
    let pack = opsdeck::core::derive::pack::of_job(end.job, facts.packs.as_ref().unwrap()).unwrap();
    assert!(facts.judge(pack, &end.job.kind, Some(end.job)).missing.is_empty(), "{pack:?}");
    assert!(
        end.bytes.is_some_and(|b| b <= pack.bytes() && b.0 > pack.bytes().0 / 2),
        "{:?} {:?}",
        end.bytes,
        pack.bytes()
    );
    prod.close().await;
    reset();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_backend_that_is_restarted_in_mid_backup_leaves_a_ghost_with_its_proof() {
    let Some(_lab) = with_lab() else { return };
    reset();
    let prod = prod();
    let (mut progress, mut seen) = (prod.progress().await, Seen::default());
    backup("60000");
    let grows = |_: &Progress, seen: &Seen| seen.bytes.len() >= 3;
    assert_eq!(prod.watch(&mut progress, &mut seen, grows).await, None);
    let worker = |p: &Progress| p.standing(clock::now()).and_then(|s| s.worker);
    assert!(!worker(&progress).unwrap().is_gone());
    let restart =
        tokio::task::spawn_blocking(|| on_server("prod", "docker restart -t 1 ragflowauth-backend"));
    // it goes on over the restart: first the container is gone, then it is there again and proves it
    let proved = |p: &Progress, _: &Seen| matches!(worker(p), Some(Worker::GoneByRestart { .. }));
    assert_eq!(prod.watch(&mut progress, &mut seen, proved).await, None);
    restart.await.unwrap();
    let ghost = progress.standing(clock::now()).unwrap();
    assert_eq!((ghost.left, &ghost.job.status), (None, &Status::Running));
    let Some(Worker::GoneByRestart { began, container_started }) = ghost.worker else { panic!() };
    assert!(container_started > began);
    prod.close().await;
    reset();
}

/// A minute of a watch with nothing to say, in processor time of the server: printed, not judged.
#[tokio::test(flavor = "multi_thread")]
async fn an_idle_minute_is_cheap() {
    let Some(_lab) = with_lab() else { return };
    reset();
    let prod = prod();
    let (mut progress, mut seen) =
        (Progress::new(Default::default(), prod.env.thresholds.clone()), Seen::default());
    let host = &prod.host;
    let busy = || on_server("prod", "awk '/^cpu /{print $2+$3+$4+$7+$8}' /proc/stat").parse::<i64>().unwrap();
    assert_eq!(prod.watch(&mut progress, &mut seen, |p, _| p.rows().is_some()).await, None);
    nothing_left(Duration::from_secs(60)).await;
    let minute = Duration::from_secs(60);
    let before = busy();
    tokio::time::sleep(minute).await;
    let alone = busy() - before;
    let (to, mut from) = channel(64);
    let watched = async {
        tokio::select! {
            ended = watch::follow(host, &prod.env, &to) => panic!("{ended:?}"),
            cost = async {
                // let it begin first
                while !matches!(from.recv().await, Some((_, opsdeck::core::probe::watch::Tick::Jobs { .. }))) {}
                let before = busy();
                tokio::time::sleep(minute).await;
                busy() - before
            } => cost,
        }
    };
    let watched = watched.await;
    eprintln!("processor time of one minute, in hundredths of a second: {alone} alone, {watched} watched");
    prod.close().await;
}
