//! What a look says afterwards: success is what is seen, and what was not seen is no success.
use crate::made::{add_helper, add_job, add_lock, backend, db, env, made, seen};
use opsdeck::core::gap::Gap;
use opsdeck::core::plan::event::{self, Event};
use opsdeck::core::plan::prove::{Proof, prove, state};
use opsdeck::core::plan::told::{Came, Outcome, outcome};
use opsdeck::core::plan::{Action, LockRow};
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
        let found = proofs(&action, before, &after, &[&closed]);
        assert_eq!(state(&found), State::Ok, "{}", said(&found));
        assert_eq!(found.len(), 4);
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
    let failed = |action: &Action, lines: &[&str]| match outcome(action, &events(lines), None) {
        Outcome::Failed { said, next, .. } => format!("{} {}", said.en, next.en),
        other => panic!("{other:?}"),
    };
    let still =
        failed(&Action::Cancel { force: false }, &["fact still #7 canceling", "fail 2 1", "end failed"]);
    assert!(still.contains("#7 canceling") && still.contains("by force"), "{still}");
    let unseen = failed(&BACKUP, &["step 2", "fail 2 14", "end failed"]);
    assert!(unseen.contains("not known") && unseen.contains("never triggered twice"), "{unseen}");
    assert!(!failed(&BACKUP, &["begin", "step 2", "fact job 7", "end killed"]).contains("not known"));
    assert!(!failed(&BACKUP, &["step 1", "fail 1 1", "end failed"]).contains("not known"));
    assert_eq!(outcome(&BACKUP, &events(&["fail 2 14", "end failed"]), None).came(), Came::Failed);
}
