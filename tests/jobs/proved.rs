//! What a look says afterwards: success is what is seen, and what was not seen is no success.
use crate::made::{add_helper, add_job, add_lock, backend, db, env, made, seen};
use opsdeck::core::gap::Gap;
use opsdeck::core::plan::event::{self, Event};
use opsdeck::core::plan::left::PutBack;
use opsdeck::core::plan::prove::{Proof, prove, state};
use opsdeck::core::plan::told::{Came, Outcome, Seen, outcome};
use opsdeck::core::plan::{Action, How, LockRow, Service};
use opsdeck::core::probe::database::{Kind, Status};
use opsdeck::core::snapshot::Snapshot;
use opsdeck::core::state::State;
use opsdeck::core::verdict::Facts;

fn events(lines: &[&str]) -> Vec<Event> {
    lines.iter().map(|l| event::event(format!("1795143600 {l}").as_bytes())).collect()
}

fn proofs(action: &Action, before: Option<&Snapshot>, after: &Snapshot, lines: &[&str]) -> Vec<Proof> {
    let env = env();
    let before = before.map(|b| Facts::of(&env, b));
    prove(action, before.as_ref(), &Facts::of(&env, after), &events(lines))
}

/// Seen when that look was taken.
fn just_seen(look: &Snapshot, proofs: Vec<Proof>) -> Seen {
    Seen { at: look.now(), proofs }
}

fn said(proofs: &[Proof]) -> String {
    proofs.iter().map(|p| format!("{:?} {:?}: {:?} -> {:?}\n", p.state, p.what, p.before, p.after)).collect()
}

const BACKUP: Action = Action::Backup { full: false };

#[test]
fn a_backup_is_proved_by_its_job() {
    let before = seen("healthy");
    let mut after = before.clone();
    // nothing new, whatever the run said of itself
    for lines in [&["finished"][..], &["fact job 9999", "finished"]] {
        assert_eq!(state(&proofs(&BACKUP, Some(&before), &after, lines)), State::Failed);
    }
    let id = add_job(&mut after, Status::Running, 0);
    let fact = format!("fact job {}", id.0);
    let found = proofs(&BACKUP, Some(&before), &after, &[&fact]);
    assert_eq!(state(&found), State::Ok, "{}", said(&found));
    assert!(said(&found).contains(&format!("{id} running")), "{}", said(&found));
    // a run that was killed before it could say: the number tells
    assert_eq!(state(&proofs(&BACKUP, Some(&before), &after, &["begin"])), State::Ok);
    // followed by somebody who saw nothing before
    assert_eq!(state(&proofs(&BACKUP, None, &after, &[&fact])), State::Ok);
    assert_eq!(state(&proofs(&BACKUP, None, &after, &["begin"])), State::Failed);
    // joined, and another kind
    let joined = format!("fact joined {}", id.0);
    let found = proofs(&BACKUP, Some(&before), &after, &[&joined]);
    assert!(state(&found) == State::Ok && said(&found).contains("no other was started"), "{}", said(&found));
    db(&mut after).live[0].kind = Kind::Full;
    assert_eq!(state(&proofs(&BACKUP, Some(&before), &after, &[&joined])), State::Failed);
    db(&mut after).live.clear();
    for (status, expected) in [
        (Status::Failed, State::Failed),
        (Status::Canceled, State::Failed),
        (Status::Completed, State::Unknown),
    ] {
        db(&mut after).jobs[0].status = status;
        assert_eq!(
            state(&proofs(&BACKUP, Some(&before), &after, &[&fact])),
            expected,
            "its pack is not there"
        );
    }
    // completed, with its pack on the share
    db(&mut after).jobs[0].output_dir = before.database().unwrap().jobs[0].output_dir.clone();
    assert_eq!(state(&proofs(&BACKUP, Some(&before), &after, &[&fact])), State::Ok);
    after.inside = Err(Gap::TimedOut);
    assert_eq!(state(&proofs(&BACKUP, Some(&before), &after, &[&fact])), State::Unknown);
}

#[test]
fn a_ghost_is_closed_when_its_row_its_lock_and_its_helpers_say_so() {
    let before = seen("ghost-job");
    let ghost = before.database().unwrap().live[0].clone();
    let closed = format!("fact closed {} failed", ghost.id);
    let action = Action::CloseGhost;
    assert_eq!(
        state(&proofs(&action, Some(&before), &before, &[&closed])),
        State::Failed,
        "nothing happened"
    );
    let mut after = before.clone();
    db(&mut after).live.clear();
    db(&mut after).jobs.iter_mut().find(|j| j.id == ghost.id).unwrap().status = Status::Failed;
    let found = proofs(&action, Some(&before), &after, &[&closed]);
    assert!(
        state(&found) == State::Failed && said(&found).contains("owner"),
        "the lock stays: {}",
        said(&found)
    );
    db(&mut after).locks.clear();
    for before in [Some(&before), None] {
        let found = proofs(&action, before, &after, &[&closed, "fact lock cleared"]);
        assert_eq!(state(&found), State::Ok, "{}", said(&found));
        assert_eq!(found.len(), 4);
    }
    // a lock that was not theirs was left alone, and that is no failure
    let (mut theirs_not, mut stays) = (before.clone(), after.clone());
    db(&mut theirs_not).locks[0].acquired = Some(before.now());
    db(&mut stays).locks = theirs_not.database().unwrap().locks.clone();
    for before in [Some(&theirs_not), None] {
        let found = proofs(&action, before, &stays, &[&closed]);
        assert_eq!((state(&found), found.len()), (State::Ok, 3), "{}", said(&found));
    }
    add_helper(&mut after, -1);
    let found = proofs(&action, Some(&before), &after, &[&closed]);
    assert!(state(&found) == State::Failed && said(&found).contains("quirky_tar"), "{}", said(&found));
    assert!(proofs(&action, None, &after, &["begin"]).is_empty(), "nothing is known of which");
}

#[test]
fn a_lock_is_proved_gone_and_a_newer_one_is_left_alone() {
    let mut before = seen("healthy");
    add_lock(&mut before, 90);
    let action = Action::ClearLock;
    assert_eq!(state(&proofs(&action, Some(&before), &before, &[])), State::Failed);
    let mut after = before.clone();
    db(&mut after).locks[0].owner = "ffff".into_safe();
    add_job(&mut after, Status::Running, 0);
    let found = proofs(&action, Some(&before), &after, &[]);
    assert!(state(&found) == State::Ok && said(&found).contains("another lock"), "{}", said(&found));
    assert_eq!(state(&proofs(&action, None, &after, &["fact cleared backup 0a1b 5"])), State::Ok);
    assert_eq!(state(&proofs(&action, None, &after, &["fact cleared backup ffff 5"])), State::Failed);
    db(&mut after).locks.clear();
    assert_eq!(state(&proofs(&action, Some(&before), &after, &[])), State::Ok);
    // and put back
    let row = LockRow::of(&before.database().unwrap().locks[0]);
    let put = Action::PutLockBack(row);
    assert_eq!(state(&proofs(&put, Some(&after), &before, &[])), State::Ok);
    assert_eq!(state(&proofs(&put, Some(&after), &after, &[])), State::Failed);
    // followed from a workstation that does not know the row: the run says it
    let found = Action::of_id("put-lock-back").unwrap();
    let lock = &before.database().unwrap().locks[0];
    let (owner, at) = (lock.owner.clone(), lock.acquired.unwrap().0);
    let put = |owner: &str| format!("fact put backup {owner} {at}");
    assert_eq!(state(&proofs(&found, None, &before, &[&put(owner.as_str())])), State::Ok);
    assert_eq!(state(&proofs(&found, None, &before, &[&put("feed")])), State::Failed);
    assert_eq!(state(&proofs(&found, None, &before, &["begin"])), State::Unknown);
    assert!(made(&before, &found).is_err(), "nothing is put back from nothing");
}

trait IntoSafe {
    fn into_safe(self) -> opsdeck::core::safetext::SafeText;
}

impl IntoSafe for &str {
    fn into_safe(self) -> opsdeck::core::safetext::SafeText {
        opsdeck::core::safetext::SafeText::new(self)
    }
}

#[test]
fn a_cancel_is_proved_by_the_row_the_lock_the_helpers_and_by_force_the_backend() {
    let mut before = seen("healthy");
    let id = add_job(&mut before, Status::Running, 3);
    add_lock(&mut before, 3);
    add_helper(&mut before, 1);
    let ask = Action::Cancel { force: false };
    let found = proofs(&ask, Some(&before), &before, &[&format!("fact asked {id}")]);
    assert_eq!(found.iter().filter(|p| p.state == State::Failed).count(), 3, "{}", said(&found));
    let mut after = seen("healthy");
    add_job(&mut after, Status::Canceled, 3);
    let found = proofs(&ask, Some(&before), &after, &[&format!("fact ended {id} canceled")]);
    assert_eq!(state(&found), State::Ok, "{}", said(&found));
    // it was done before it could be stopped: said, and no failure
    db(&mut after).jobs[0].status = Status::Completed;
    let found = proofs(&ask, Some(&before), &after, &[&format!("fact ended {id} completed")]);
    assert!(
        state(&found) == State::Ok && said(&found).contains("before it could be stopped"),
        "{}",
        said(&found)
    );
    // by force: what is left is named, and the backend must be well
    let force = Action::Cancel { force: true };
    db(&mut after).jobs[0].status = Status::Canceled;
    db(&mut after).jobs[0].output_dir = Some("/mnt/replica/RagflowAuth/half".into_safe());
    let closed = format!("fact closed {id} canceled");
    let found = proofs(&force, Some(&before), &after, &[&closed]);
    assert!(
        state(&found) == State::Ok && said(&found).contains("/mnt/replica/RagflowAuth/half"),
        "{}",
        said(&found)
    );
    backend(&mut after).running = false;
    assert_eq!(state(&proofs(&force, Some(&before), &after, &[&closed])), State::Failed);
    // what the backend makes up for meanwhile is no failure of the cancel
    let mut after = seen("healthy");
    add_job(&mut after, Status::Canceled, 3);
    add_job(&mut after, Status::Running, 0);
    add_helper(&mut after, 0);
    add_lock(&mut after, 0);
    assert_eq!(state(&proofs(&force, Some(&before), &after, &[&closed])), State::Ok);
}

/// Docker calls a container running that ends and is started over and over, and one whose own check fails.
#[test]
fn a_restart_that_does_not_last_is_not_proved() {
    let names = ["ragflowauth-frontend", "ragflowauth-backend"];
    let services = [Service::Frontend, Service::Backend];
    for (name, which) in names.into_iter().zip(services) {
        let action = Action::Services { which, how: How::Restart };
        let before = seen("healthy");
        let changed = |restarts: i64, health: Option<&str>| {
            let mut after = before.clone();
            let now = before.now();
            let all = after.containers.as_mut().unwrap();
            let c = all.iter_mut().find(|c| c.name.as_str() == name).unwrap();
            (c.started, c.restarts, c.health) = (Some(now), Some(restarts), health.map(|h| h.into_safe()));
            let found = proofs(&action, Some(&before), &after, &["step 2", "finished", "end finished"]);
            found.iter().find(|p| p.what.en == name).unwrap().state
        };
        assert_eq!(changed(0, None), State::Ok);
        assert_eq!(changed(0, Some("healthy")), State::Ok);
        assert_eq!(changed(2, None), State::Failed, "it is started over and over");
        assert_eq!(changed(0, Some("unhealthy")), State::Failed);
        assert_eq!(changed(0, Some("starting")), State::Unknown);
        // one that was not restarted at all
        let found = proofs(&action, Some(&before), &before, &["finished", "end finished"]);
        assert_eq!(found.iter().find(|p| p.what.en == name).unwrap().state, State::Failed);
    }
}

/// A share that died in the middle, and was taken off so that the backend could start, whatever the action was.
#[test]
fn a_share_that_was_detached_is_never_left_unsaid() {
    let restart = Action::Services { which: Service::Backend, how: How::Restart };
    let before = seen("healthy");
    let after = seen("not-mounted");
    let lines = [
        "begin",
        "step 2",
        "fail 2 1",
        "fact detached cifs //h/s rw /",
        "putback backend started",
        "end failed",
    ];
    let found = proofs(&restart, Some(&before), &after, &lines);
    assert!(found.iter().any(|p| p.state == State::Failed && p.what.zh == "主机挂载"), "{}", said(&found));
    let Outcome::Failed { said, next, .. } =
        outcome(&restart, &events(&lines), Some(just_seen(&after, found)))
    else {
        panic!()
    };
    assert!(
        said.en.contains("was detached") && next.en.contains("mount the share again"),
        "{said:?} {next:?}"
    );
    // nobody is told so where it did not happen
    let lines = ["begin", "step 2", "fail 2 1", "putback backend started", "end failed"];
    let found = proofs(&restart, Some(&before), &after, &lines);
    assert!(found.iter().all(|p| p.what.zh != "主机挂载"));
}

/// As the lab's server wrote it down when the share was read-only.
#[test]
fn a_share_that_was_tried_and_taken_off_again_leaves_the_backend_seen_to_run() {
    let mount = Action::Mount { new_password: false };
    let off = seen("not-mounted");
    let mut lines = [
        "begin",
        "fact backend_was running e69fdb1160786a",
        "done 1",
        "step 2",
        "fact mounted cifs //10.0.2.2/backup rw /",
        "done 2",
        "step 3",
        "fact probe failed 2 cannot create: Permission denied",
        "fail 3 1",
        "undo 2 0",
        "end failed",
    ];
    let left = |lines: &[&str], after: &Snapshot| {
        let found = proofs(&mount, Some(&off), after, lines);
        assert!(found.iter().any(|p| p.what.en == "try to write" && p.state == State::Failed));
        match outcome(&mount, &events(lines), Some(just_seen(after, found))) {
            Outcome::Failed { left, .. } => (left.put_back, left.clean),
            other => panic!("{other:?}"),
        }
    };
    assert_eq!(left(&lines, &off), (PutBack::Runs, true));
    // it could not be taken off: what is mounted now is another than before
    lines[9] = "undo 2 1";
    assert!(!left(&lines, &seen("healthy")).1);
    // and a backend that is ill now is not said to run
    let mut ill = off.clone();
    let all = ill.containers.as_mut().unwrap();
    all.iter_mut().find(|c| c.name.as_str() == "ragflowauth-backend").unwrap().running = false;
    assert_eq!(left(&lines, &ill).0, PutBack::Unseen);
}

#[test]
fn a_refusal_after_which_the_backend_is_down_is_no_mere_refusal() {
    let lines = [
        "begin",
        "step 1",
        "refused changed #7 running",
        "putback backend failed docker does not answer",
        "end refused down",
    ];
    let force = Action::Cancel { force: true };
    let Outcome::Failed { left, .. } = outcome(&force, &events(&lines), None) else { panic!() };
    assert_eq!(left.put_back, PutBack::Down);
    let lines = ["begin", "step 1", "refused changed #7 running", "end refused"];
    assert_eq!(outcome(&force, &events(&lines), None).came(), Came::Refused);
}

#[test]
fn a_job_that_ended_while_what_packs_for_it_goes_on_is_not_said_to_run() {
    let lines =
        ["begin", "step 2", "fact asked #7", "fact ended #7 canceled", "step 3", "fail 3 2", "end failed"];
    let Outcome::Failed { said, next, .. } = outcome(&Action::Cancel { force: false }, &events(&lines), None)
    else {
        panic!()
    };
    assert!(said.en.contains("#7 canceled") && said.en.contains("has ended"), "{said:?}");
    assert!(next.en.contains("docker stop"), "{next:?}");
}

/// The reasons that change.py and the steps write down, as people read them.
#[test]
fn every_reason_of_the_server_is_said_in_plain_words() {
    let whys = [
        ("changed #7 completed", "not as they were"),
        ("busy_database OperationalError: locked", "waited 5 s"),
        ("database no such table", "cannot be used"),
        ("live #7", "#7"),
        ("locked owner aa", "lock is taken"),
        ("backend ImportError: x", "did not start"),
        ("blind /mnt/replica is on ext4", "does not see the share"),
        ("not_mounted /mnt/replica", "not at /mnt/replica any more"),
        ("ill ragflowauth-backend", "/health"),
        ("young taken at 5", "two minutes"),
        ("held owner aa", "not put back"),
        ("no_cancel x", "older backend"),
        ("alive ragflowauth-backend", "not proved gone"),
        ("helpers quirky_tar", "still run: quirky_tar"),
        ("docker ragflowauth-backend", "Docker does not answer"),
    ];
    for (why, words) in whys {
        let ended = events(&[&format!("refused {why}"), "end refused"]);
        let Outcome::Refused(refusal) = outcome(&BACKUP, &ended, None) else { panic!("{why}") };
        assert!(
            refusal.said.en.contains(words) && !refusal.said.en.contains("refused:"),
            "{why}: {refusal:?}"
        );
        assert!(!refusal.next.zh.is_empty() && refusal.said.zh != refusal.said.en);
    }
    let restart = Action::Services { which: Service::Backend, how: How::Restart };
    for (why, words, instead) in [
        ("live 900", "job #900 began after the preview", Action::Cancel { force: false }),
        ("silent", "share does not answer", Action::Unmount { lazy: true }),
    ] {
        let ended = events(&[&format!("refused {why}"), "end refused"]);
        let Outcome::Refused(refusal) = outcome(&restart, &ended, None) else { panic!("{why}") };
        assert!(refusal.said.en.contains(words) && refusal.instead == [instead], "{why}: {refusal:?}");
    }
    let began = |lines: &[&str]| events(&[&["begin"], lines].concat());
    let failed = |action: &Action, lines: &[&str]| match outcome(action, &began(lines), None) {
        Outcome::Failed { said, next, .. } => format!("{} {}", said.en, next.en),
        other => panic!("{other:?}"),
    };
    let still =
        failed(&Action::Cancel { force: false }, &["fact still #7 canceling", "fail 2 1", "end failed"]);
    assert!(still.contains("#7 canceling") && still.contains("by force"), "{still}");
    assert!(still.contains("The request stands"), "{still}");
    let killed = failed(&Action::Cancel { force: false }, &["step 1", "fact asked #7", "end killed"]);
    assert!(killed.contains("#7") && killed.contains("The request stands"), "{killed}");
    assert!(!failed(&BACKUP, &["step 1", "fail 1 1", "end failed"]).contains("not known"));
}

/// Whether a backup has begun is decided by a look, whatever ended the run that asked for it.
#[test]
fn a_backup_that_may_have_begun_is_never_called_failed_unseen() {
    // the capture's moment, and the step that asks a while before it
    let before = seen("healthy");
    let at = |seconds_ago: i64| before.now().0 / 1000 - seconds_ago;
    let broke_off = |ago: i64, rest: &str| {
        let lines = [
            format!("{} begin", at(ago) - 6),
            format!("{} step 1", at(ago) - 5),
            format!("{} step 2", at(ago)),
            format!("{} {rest}", at(0)),
        ];
        lines.iter().map(|l| event::event(l.as_bytes())).collect::<Vec<Event>>()
    };
    let came = |events: &[Event], before: Option<&Snapshot>, after: Option<&Snapshot>| {
        let env = env();
        let before = before.map(|b| Facts::of(&env, b));
        let proofs = after.map(|a| prove(&BACKUP, before.as_ref(), &Facts::of(&env, a), events));
        outcome(&BACKUP, events, proofs.zip(after).map(|(proofs, a)| just_seen(a, proofs)))
    };
    let mut begun = before.clone();
    let id = add_job(&mut begun, Status::Running, 0);
    for rest in ["end killed", "end failed", "end rebooted"] {
        // nobody could look
        let unseen = came(&broke_off(10, rest), Some(&before), None);
        assert_eq!(unseen.came(), Came::Unknown, "{unseen:?}");
        // it runs, and that is what is told
        let runs = came(&broke_off(200, rest), Some(&before), Some(&begun));
        let Outcome::Done { proofs } = &runs else { panic!("{runs:?}") };
        assert!(runs.state() == State::Warning && runs.said().en.contains("goes on by itself"), "{runs:?}");
        assert!(said(proofs).contains(&id.to_string()), "{}", said(proofs));
        // what asked has given up by now, and there is nothing
        let not = came(&broke_off(106, rest), Some(&before), Some(&before));
        assert!(not.came() == Came::Failed && not.said().en.contains("started no backup"), "{not:?}");
    }
    // what asked may still be loading the backend's modules; with the server it is gone
    let young = came(&broke_off(20, "end killed"), Some(&before), Some(&before));
    assert!(young.came() == Came::Unknown && young.said().en.contains("cannot be told yet"), "{young:?}");
    assert_eq!(came(&broke_off(20, "end rebooted"), Some(&before), Some(&before)).came(), Came::Failed);
    // who attaches later has seen nothing before: a job that was made since the question is the answer
    assert_eq!(came(&broke_off(20, "end killed"), None, Some(&begun)).came(), Came::Done);
    assert_eq!(came(&broke_off(200, "end killed"), None, Some(&before)).came(), Came::Failed);
    // it ended before the backend was asked
    let guard = [format!("{} step 1", at(5)), format!("{} fail 1 1", at(4)), format!("{} end failed", at(3))];
    let guard: Vec<Event> = guard.iter().map(|l| event::event(l.as_bytes())).collect();
    assert_eq!(came(&guard, Some(&before), None).came(), Came::Failed);
}
