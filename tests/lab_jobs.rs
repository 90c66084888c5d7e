//! Actions on backups, carried out on a real server: real sshd, systemd, Docker and CIFS; faults, races and a link that is cut.
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

use lab::{lab, on_server, with_lab_for};
use opsdeck::act::{self, Order};
use opsdeck::config::model::Environment;
use opsdeck::core::plan::event::fact;
use opsdeck::core::plan::told::{Came, Outcome, Told};
use opsdeck::core::plan::{Action, Event, LockRow, Made, Plan};
use opsdeck::journal::{Journal, What};
use opsdeck::remote::Host;
use opsdeck::remote::ssh::{Folders, SshHost};
use processes::{signal_to, with_argument};
use rustix::process::Signal;
use std::time::Duration;
use tokio::sync::mpsc::channel;

const BACKUP: Action = Action::Backup { full: false };
const CANCEL: Action = Action::Cancel { force: false };
const FORCE: Action = Action::Cancel { force: true };

struct Prod {
    env: Environment,
    host: SshHost,
    journal: Journal,
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
    let journal = Journal::below(&dir.path().join("state"));
    Prod { host: SshHost::new(&env, &config.ssh, folders), env, journal, _dir: dir }
}

fn fault(name: &str) {
    let out = if name == "healthy" { lab(&["reset", "prod"]) } else { lab(&["fault", name]) };
    assert!(out.status.success(), "{name}: {}", String::from_utf8_lossy(&out.stderr));
}

/// Slow enough to be met at work.
fn slow() {
    assert!(lab(&["speed", "prod", "12000", "2", "3"]).status.success());
}

/// What the database says: one value.
fn sql(question: &str) -> String {
    on_server("prod", &format!("sqlite3 -readonly /opt/ragflowauth/data/auth.db \"{question}\""))
}

fn count() -> i64 {
    sql("SELECT count(*) FROM backup_jobs").parse().unwrap()
}

fn helpers() -> String {
    on_server(
        "prod",
        "docker ps --filter ancestor=ragflowauth-backend:lab --format '{{.Names}}' | grep -v '^ragflowauth-backend$' || true",
    )
}

/// What was told, and how it ended.
struct Ran {
    outcome: Outcome,
    events: Vec<Event>,
}

impl Ran {
    fn fact(&self, name: &str) -> &str {
        fact(&self.events, name).unwrap_or_else(|| panic!("no fact {name}: {:#?}", self.events))
    }

    fn came(&self) -> Came {
        self.outcome.came()
    }

    /// It was done, and every proof shows it.
    fn done(&self) {
        assert_eq!(self.came(), Came::Done, "{:#?}\n{:#?}", self.outcome, self.events);
    }
}

impl Prod {
    async fn made(&self, action: &Action) -> Result<Made, opsdeck::core::plan::Refusal> {
        act::preview(&self.host, &self.env, action).await.unwrap().made
    }

    async fn plan(&self, action: &Action) -> Plan {
        match self.made(action).await {
            Ok(Made::Plan(plan)) => *plan,
            other => panic!("{action:?}: {other:#?}"),
        }
    }

    /// Carries it out; `cut` is told when something happened, and may cut the link.
    async fn carry_out(&self, plan: &Plan, cut: impl AsyncFn(&Told)) -> Ran {
        let (to, mut from) = channel(64);
        let order = Order {
            host: &self.host,
            env: &self.env,
            plan,
            run: act::fresh_name().unwrap(),
            password: None,
            operator: act::operator(),
            journal: &self.journal,
        };
        let mut events = Vec::new();
        let listen = async {
            while let Some(told) = from.recv().await {
                cut(&told).await;
                match told {
                    Told::Events(more) => events.extend(more),
                    Told::Ended(_) => break,
                    _ => {}
                }
            }
        };
        let (outcome, ()) = tokio::join!(act::carry_out(order, &to), listen);
        Ran { outcome, events }
    }

    async fn run(&self, action: &Action) -> Ran {
        let plan = self.plan(action).await;
        let ran = self.carry_out(&plan, async |_| ()).await;
        eprintln!("{action:?}: {:?}", ran.outcome);
        ran
    }

    /// Kills the process that carries the link.
    async fn cut(&self) {
        let folder = self.host.control_folder().await.unwrap();
        for ssh in with_argument(folder.to_str().unwrap()) {
            signal_to(ssh, Signal::KILL);
        }
    }

    /// Until the database says so.
    async fn until(&self, question: &str, expected: &str) {
        for _ in 0..200 {
            if sql(question) == expected {
                return;
            }
            tokio::time::sleep(Duration::from_millis(500)).await;
        }
        panic!("{question}: {} and never {expected}", sql(question));
    }

    async fn close(self) {
        self.host.close().await;
    }
}

fn status_of(id: &str) -> String {
    format!("SELECT status FROM backup_jobs WHERE id = {id}")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_backup_is_started_runs_by_itself_and_lies_on_the_share() {
    let Some(_lab) = with_lab_for("lab_jobs") else { return };
    fault("healthy");
    let prod = prod();
    let before = count();
    let ran = prod.run(&BACKUP).await;
    ran.done();
    let id = ran.fact("job").to_owned();
    assert_eq!((count(), ran.fact("kind")), (before + 1, "incremental"));
    // another one while it runs: told, and none is started
    match prod.made(&BACKUP).await {
        Err(refusal) => {
            assert!(refusal.said.en.contains(&format!("#{id} is running")), "{refusal:?}");
            assert!(refusal.instead.is_empty());
        }
        Ok(made) => assert_eq!(sql(&status_of(&id)), "completed", "{made:#?}"),
    }
    prod.until(&status_of(&id), "completed").await;
    let pack = sql(&format!("SELECT output_dir FROM backup_jobs WHERE id = {id}"));
    let files = on_server("prod", &format!("ls {pack} {pack}/volumes"));
    assert!(files.contains("auth.db") && files.contains("ragflow_compose_esdata01.tar.gz"), "{files}");
    assert_eq!(sql("SELECT count(*) FROM backup_locks"), "0");
    // the process that carried it is gone, too
    assert_eq!(
        on_server("prod", "docker top ragflowauth-backend -eo args | grep -c '^python - ' || true"),
        "0"
    );
    prod.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_link_that_is_killed_right_after_the_start_leaves_exactly_one_job() {
    let Some(_lab) = with_lab_for("lab_jobs") else { return };
    fault("healthy");
    slow();
    let prod = prod();
    let before = count();
    let plan = prod.plan(&BACKUP).await;
    let ran = prod
        .carry_out(&plan, async |told| {
            if matches!(told, Told::Begun { .. }) {
                prod.cut().await;
            }
        })
        .await;
    ran.done();
    assert_eq!(count(), before + 1);
    let id = ran.fact("job").to_owned();
    // the same plan again: it is running, and nothing is started
    let again = prod.carry_out(&plan, async |_| ()).await;
    assert_eq!(again.came(), Came::Refused, "{:?}", again.outcome);
    assert_eq!(count(), before + 1);

    // asked to stop, over a link that is cut, too; it agrees
    let plan = prod.plan(&CANCEL).await;
    let ran = prod
        .carry_out(&plan, async |told| {
            if let Told::Events(events) = told
                && fact(events, "asked").is_some()
            {
                prod.cut().await;
            }
        })
        .await;
    ran.done();
    assert!(ran.fact("ended").starts_with(&format!("#{id} canceled")), "{:#?}", ran.events);
    assert_eq!(
        (sql(&status_of(&id)).as_str(), sql("SELECT count(*) FROM backup_locks").as_str()),
        ("canceled", "0")
    );
    assert_eq!(helpers(), "");
    let reason = sql(&format!("SELECT cancel_reason FROM backup_jobs WHERE id = {id}"));
    assert!(reason.starts_with("opsdeck "), "{reason}");
    assert!(matches!(prod.made(&CANCEL).await, Ok(Made::Nothing { .. })));
    prod.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn by_force_the_helper_goes_the_worker_goes_and_only_then_row_and_lock() {
    let Some(_lab) = with_lab_for("lab_jobs") else { return };
    fault("backup-running");
    // a worker that does not see the request
    on_server(
        "prod",
        "sqlite3 /opt/ragflowauth/data/auth.db 'CREATE TRIGGER deaf AFTER UPDATE OF cancel_requested_at_ms ON backup_jobs BEGIN UPDATE backup_jobs SET status = (SELECT old.status), cancel_requested_at_ms = NULL WHERE id = old.id; END'",
    );
    let prod = prod();
    let id = sql("SELECT max(id) FROM backup_jobs");
    let helper = helpers();
    assert!(!helper.is_empty());
    let started = on_server("prod", "docker inspect -f '{{.State.StartedAt}}' ragflowauth-backend");
    let plan = prod.plan(&FORCE).await;
    assert!(plan.effects.iter().any(|e| e.en.contains(&helper)), "{:?}", plan.effects);
    let ran = prod.carry_out(&plan, async |_| ()).await;
    eprintln!("{:?}\n{:#?}", ran.outcome, ran.events);
    ran.done();
    assert!(
        ran.fact("still").starts_with(&format!("#{id} running")),
        "it was asked first, and did not listen"
    );
    assert_eq!(ran.fact("helper"), helper);
    assert_eq!(sql(&status_of(&id)), "canceled");
    assert_eq!((sql("SELECT count(*) FROM backup_locks").as_str(), helpers().as_str()), ("0", ""));
    assert_ne!(on_server("prod", "docker inspect -f '{{.State.StartedAt}}' ragflowauth-backend"), started);
    // what it wrote so far is named, and there
    let partial = ran.fact("partial").to_owned();
    assert!(on_server("prod", &format!("ls {partial}")).contains("auth.db"), "{partial}");
    // the rows as they were are in the journal
    let kept = prod.journal.read().unwrap().into_iter().find_map(|e| match e.what {
        What::Intent { kept, .. } => Some(kept),
        What::Outcome { .. } => None,
    });
    assert!(kept.unwrap()[0].contains(&format!("\"id\":{id}")));
    prod.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_ghost_is_closed_with_its_lock_and_backups_are_possible_again() {
    let Some(_lab) = with_lab_for("lab_jobs") else { return };
    let prod = prod();
    for name in ["ghost-job", "job-canceling-ghost"] {
        fault(name);
        let id = sql("SELECT id FROM backup_jobs WHERE status IN ('running', 'canceling')");
        let refusal = prod.made(&BACKUP).await.expect_err("it is in the way");
        assert_eq!(refusal.instead, [Action::CloseGhost], "{refusal:?}");
        let ran = prod.run(&Action::CloseGhost).await;
        ran.done();
        assert_eq!(sql(&status_of(&id)), "failed");
        // what the backend makes up for by itself takes a lock of its own
        assert_eq!(
            sql(&format!(
                "SELECT count(*) FROM backup_locks, backup_jobs WHERE backup_jobs.id = {id} AND acquired_at_ms < finished_at_ms"
            )),
            "0"
        );
    }
    fault("ghost-job");
    // changed between preview and go: nothing is done
    let plan = prod.plan(&Action::CloseGhost).await;
    on_server(
        "prod",
        "sqlite3 /opt/ragflowauth/data/auth.db 'UPDATE backup_locks SET acquired_at_ms = acquired_at_ms + 1'",
    );
    let ran = prod.carry_out(&plan, async |_| ()).await;
    assert!(matches!(ran.outcome, Outcome::Changed { .. }), "{:?}", ran.outcome);
    assert_eq!(sql("SELECT count(*) FROM backup_jobs WHERE status = 'running'"), "1");
    prod.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stale_lock_is_cleared_and_can_be_put_back_and_a_living_jobs_is_never_touched() {
    let Some(_lab) = with_lab_for("lab_jobs") else { return };
    fault("stale-lock");
    // the night that is missing would be made up for in the middle of this
    on_server("prod", "echo '{\"hold\": true}' > /opt/ragflowauth/data/lab-knobs.json");
    let prod = prod();
    let row = "SELECT name || owner || acquired_at_ms FROM backup_locks";
    let was = sql(row);
    let refusal = prod.made(&BACKUP).await.expect_err("it is in the way");
    assert_eq!(refusal.instead, [Action::ClearLock], "{refusal:?}");
    let plan = prod.plan(&Action::ClearLock).await;
    prod.carry_out(&plan, async |_| ()).await.done();
    assert_eq!(sql("SELECT count(*) FROM backup_locks"), "0");
    let put = Action::PutLockBack(LockRow::read(&plan.kept[0]).unwrap());
    prod.run(&put).await.done();
    assert_eq!(sql(row), was);
    assert!(matches!(prod.made(&put).await, Ok(Made::Nothing { .. })));
    // a job begins under it after the preview, and before the change: the database itself says no
    on_server(
        "prod",
        "sqlite3 /opt/ragflowauth/data/auth.db \"INSERT INTO backup_jobs (kind, status, created_at_ms) VALUES ('incremental', 'running', $(date +%s)000)\"",
    );
    let refused = prod.carry_out(&plan, async |_| ()).await;
    assert_eq!(refused.came(), Came::Refused, "{:?}", refused.outcome);
    assert_eq!(sql(row), was);

    fault("backup-running");
    let refusal = prod.made(&Action::ClearLock).await.expect_err("a living job's");
    assert_eq!(refusal.instead, [CANCEL], "{refusal:?}");
    assert_eq!(sql("SELECT count(*) FROM backup_locks"), "1");
    prod.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_older_backend_is_only_ended_by_force_and_a_stopped_one_has_its_rows_mended_all_the_same() {
    let Some(_lab) = with_lab_for("lab_jobs") else { return };
    fault("old-schema");
    slow();
    let prod = prod();
    let ran = prod.run(&BACKUP).await;
    ran.done();
    let id = ran.fact("job").to_owned();
    let refusal = prod.made(&CANCEL).await.expect_err("it cannot be asked");
    assert_eq!(refusal.instead, [FORCE], "{refusal:?}");
    let ran = prod.run(&FORCE).await;
    ran.done();
    assert_eq!((sql(&status_of(&id)).as_str(), helpers().as_str()), ("failed", ""));
    // prod has no Python of its own: with the backend down, a container of its image is made for it
    fault("ghost-job");
    on_server("prod", "docker stop -t 3 ragflowauth-backend >/dev/null");
    let ran = prod.run(&Action::CloseGhost).await;
    ran.done();
    assert_eq!(sql("SELECT count(*) FROM backup_jobs WHERE status IN ('running', 'canceling')"), "0");
    assert_eq!(on_server("prod", "docker inspect -f '{{.State.Running}}' ragflowauth-backend"), "false");
    prod.close().await;
    fault("healthy");
}
