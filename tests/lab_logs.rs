//! Logs of the lab's servers, followed: real sshd, Docker and systemd, while containers and daemons are restarted and
//! the link is cut. Every line once, in order.
//!
//! Needs the lab to be up (`tests/lab/lab up`); see `on_lab.rs` for where it is not.
// helpers of tests fail by panicking, as tests do
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]
// each test has a thread and a runtime of its own: who waits for the lab holds up nobody
#![allow(clippy::disallowed_methods, clippy::await_holding_lock)]

#[path = "tail/kept.rs"]
#[allow(unreachable_pub)]
mod kept;
#[path = "common/lab.rs"]
mod lab;
#[path = "ssh/processes.rs"]
#[allow(unreachable_pub, dead_code)]
mod processes;

use kept::Kept;
use lab::{on_server, with_lab};
use opsdeck::core::log::note::{Note, Wait};
use opsdeck::core::log::{From, Source};
use opsdeck::core::safetext::SafeText;
use opsdeck::core::units::EpochMs;
use opsdeck::remote::Host;
use opsdeck::remote::ssh::{Folders, SshHost};
use opsdeck::tail::Ended;
use processes::{signal_to, until, with_argument};
use rustix::process::Signal;
use std::time::Duration;

const BACKEND: &str = "ragflowauth-backend";
/// Longer than anything here takes in a server without hardware support.
const LIMIT: Duration = Duration::from_secs(300);
/// `say FROM TO`: the container prints these numbers.
const SAY: &str = "say() { docker exec ragflowauth-backend sh -c \"i=$1; while [ \\$i -lt $2 ]; do echo opsdeck-test \\$i; \
    i=\\$((i+1)); ${3:-:}; done >/proc/1/fd/1\"; }\n\
    again() { until docker exec ragflowauth-backend true 2>/dev/null; do sleep 0.2; done; }\n";

struct Prod {
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
    let env = config.environments.iter().find(|e| e.key.0 == "prod").unwrap();
    Prod { host: SshHost::new(env, &config.ssh, folders), _dir: dir }
}

impl Prod {
    /// Kills the process that carries the link.
    async fn cut(&self) {
        let folder = self.host.control_folder().await.unwrap();
        let ssh = with_argument(folder.to_str().unwrap());
        assert_eq!(ssh.len(), 1);
        signal_to(ssh[0], Signal::KILL);
    }

    /// Ends the link; on the server nothing of it is left.
    async fn close(self) {
        self.host.close().await;
        let left = || on_server("prod", "pgrep -fa '[d]ocker logs|[j]ournalctl -q' || true");
        until(Duration::from_secs(60), "the server's side is gone", || left().is_empty()).await;
    }
}

/// From now on, by the server's clock.
fn since_now() -> From {
    From::Since(EpochMs(on_server("prod", "date +%s%3N").parse().unwrap()))
}

/// The number that a line ends with. The backend prints too, and not always a whole line at once.
fn number(line: &SafeText) -> Option<usize> {
    line.as_str().rsplit_once("opsdeck-test ")?.1.parse().ok()
}

fn numbers(kept: &Kept) -> Vec<usize> {
    kept.lines.iter().filter_map(number).collect()
}

fn last(kept: &Kept) -> Option<usize> {
    kept.lines.iter().rev().take(50).find_map(number)
}

/// Every number once, in order.
fn counted(kept: &Kept, to: usize) {
    let got = numbers(kept);
    let wrong = got.iter().enumerate().find(|(at, n)| at != *n);
    assert!(wrong.is_none() && got.len() == to, "{wrong:?} of {}: {:?}", got.len(), kept.notes);
}

/// Follows until `last`; the link is cut when the lines in `cuts` have come.
async fn through(prod: &Prod, source: &Source, kept: &mut Kept, to: usize, cuts: &[usize]) {
    let all = async {
        for cut in cuts {
            assert_eq!(kept.follow(&prod.host, source, |kept| last(kept) >= Some(*cut)).await, None);
            prod.cut().await;
        }
        let mut ended = kept.follow(&prod.host, source, |kept| last(kept) >= Some(to)).await;
        while let Some(Ended::Lost(e)) = &ended {
            eprintln!("LOST {e:?}");
            ended = kept.follow(&prod.host, source, |kept| last(kept) >= Some(to)).await;
        }
        assert_eq!(ended, None);
    };
    tokio::time::timeout(LIMIT, all).await.expect("not all of them came");
}

/// Something that goes on on the server meanwhile.
fn meanwhile(script: String) -> tokio::task::JoinHandle<String> {
    tokio::task::spawn_blocking(move || on_server("prod", &script))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_container_that_is_restarted_and_a_link_that_is_cut_cost_no_line() {
    let Some(_lab) = with_lab() else { return };
    let (prod, source) = (prod(), Source::Container(BACKEND.into()));
    let mut kept = Kept::new(since_now());
    let script = format!(
        "{SAY} say 0 100 'sleep 0.02'; say 100 400; docker restart -t 2 {BACKEND}; again; say 400 500 'sleep 0.02'; \
         say 500 800; docker stop -t 2 {BACKEND}; sleep 3; docker start {BACKEND}; again; say 800 1000 'sleep 0.02'"
    );
    let server = meanwhile(script);
    through(&prod, &source, &mut kept, 999, &[50, 450, 900]).await;
    server.await.unwrap();
    counted(&kept, 1000);
    let restarts = kept.notes.iter().filter(|n| matches!(n, Note::Restarted { .. })).count();
    let stopped =
        kept.notes.iter().any(|n| matches!(n, Note::Waiting { why: Wait::Stopped { code: Some(_), .. } }));
    assert!(restarts == 2 && stopped, "{:?}", kept.notes);
    prod.close().await;
}

/// What a slow screen has not taken yet when the container is restarted is not lost with the container's follower.
#[tokio::test(flavor = "multi_thread")]
async fn a_flood_that_nobody_takes_before_the_restart_comes_whole() {
    const LINES: usize = 60_000;
    let Some(_lab) = with_lab() else { return };
    let (prod, source) = (prod(), Source::Container(BACKEND.into()));
    let from = since_now();
    let (to, mut batches) = tokio::sync::mpsc::channel(1);
    let follow = opsdeck::tail::follow(&prod.host, &source, &from, &to);
    let server = meanwhile(format!(
        "{SAY} say 0 {LINES}; docker restart -t 2 {BACKEND}; again; say {LINES} {}",
        LINES + 10
    ));
    let read = async {
        // all of it happens while nobody reads
        server.await.unwrap();
        let mut count = 0;
        while count < LINES + 10 {
            for piece in batches.recv().await.unwrap() {
                let opsdeck::core::log::note::Piece::Line(line) = piece else { continue };
                let Some(n) = number(&line.text) else { continue };
                assert_eq!(n, count);
                count += 1;
            }
        }
    };
    tokio::select! {
        ended = follow => panic!("{ended:?}"),
        came = tokio::time::timeout(LIMIT, read) => came.expect("not all of them came"),
    }
    prod.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_docker_daemon_that_is_restarted_costs_no_line() {
    let Some(_lab) = with_lab() else { return };
    let (prod, source) = (prod(), Source::Container(BACKEND.into()));
    let mut kept = Kept::new(since_now());
    meanwhile(format!("{SAY} say 0 200")).await.unwrap();
    through(&prod, &source, &mut kept, 199, &[]).await;
    let server = meanwhile(format!("{SAY} say 200 300; systemctl restart docker; again; say 300 400"));
    through(&prod, &source, &mut kept, 399, &[]).await;
    server.await.unwrap();
    counted(&kept, 400);
    assert!(kept.notes.iter().any(|n| matches!(n, Note::Restarted { .. })), "{:?}", kept.notes);
    prod.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_journal_goes_on_exactly_after_the_cut() {
    let Some(_lab) = with_lab() else { return };
    let prod = prod();
    let mut kept = Kept::new(since_now());
    let say = "i=0; while [ $i -lt 300 ]; do logger -t 中文 \"第 $i 条\"; i=$((i+1)); done; \
        head -c 9000 /dev/zero | tr '\\0' 'x' | logger -t 中文 --size 10000; \
        journalctl --rotate; while [ $i -lt 400 ]; do logger -t 中文 \"第 $i 条\"; i=$((i+1)); done";
    let server = meanwhile(say.into());
    let said = |l: &SafeText| {
        let (who, text) = l.as_str().split_once(": ")?;
        Some(text.to_owned()).filter(|t| who.starts_with("中文[") && t.starts_with('第'))
    };
    let ours = |kept: &Kept| kept.lines.iter().filter(|l| said(l).is_some()).count();
    let all = async {
        for enough in [100, 350, 400] {
            let until = |kept: &Kept| ours(kept) >= enough;
            assert_eq!(kept.follow(&prod.host, &Source::Journal, until).await, None);
            if enough < 400 {
                prod.cut().await;
            }
        }
    };
    tokio::time::timeout(LIMIT, all).await.expect("not all of them came");
    server.await.unwrap();
    let got: Vec<_> = kept.lines.iter().filter_map(said).collect();
    assert_eq!(got, (0..400).map(|n| format!("第 {n} 条")).collect::<Vec<_>>());
    assert!(kept.lines.iter().any(|l| l.as_str().matches('x').count() > 8000), "the long entry came whole");
    assert!(kept.notes.is_empty(), "{:?}", kept.notes);
    prod.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_journal_of_one_unit_has_that_units_entries_only() {
    let Some(_lab) = with_lab() else { return };
    let prod = prod();
    let source = Source::Unit("docker.service".into());
    let mut kept = Kept::new(From::Tail(3));
    let all = async {
        assert_eq!(kept.follow(&prod.host, &source, |kept| kept.lines.len() >= 3).await, None);
        let before = kept.lines.len();
        // the daemon logs the end of a container
        let server = meanwhile("logger not-this-one; docker restart -t 1 ragflow_compose-redis-1".into());
        assert_eq!(kept.follow(&prod.host, &source, |kept| kept.lines.len() > before).await, None);
        server.await.unwrap();
    };
    tokio::time::timeout(LIMIT, all).await.expect("nothing came");
    // systemd speaks of the unit in the unit's own journal
    let own = |l: &SafeText| l.as_str().starts_with("dockerd[") || l.as_str().contains("docker.service");
    assert!(kept.lines.iter().all(own), "{:?}", kept.lines);
    prod.close().await;
}
