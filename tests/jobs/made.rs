//! What is planned for which server: looks captured from the lab, and the same with one thing different.
use opsdeck::config::model::Environment;
use opsdeck::core::gap::Gap;
use opsdeck::core::plan::{Action, How, LockRow, Made, Plan, Refusal, Risk, Service, make, script};
use opsdeck::core::probe::containers::{Bind, Container};
use opsdeck::core::probe::database::{Database, Job, Kind, Lock, Status};
use opsdeck::core::probe::health::Health;
use opsdeck::core::probe::share::ShareAnswer;
use opsdeck::core::safetext::SafeText;
use opsdeck::core::snapshot::Snapshot;
use opsdeck::core::units::{Bytes, EpochMs, JobId};
use opsdeck::core::verdict::Facts;

const MARK: &str = "00000000000000000000000000fixture";
const MIN: i64 = 60_000;
const BACKUP: Action = Action::Backup { full: false };
const MOUNT: Action = Action::Mount { new_password: false };

pub(crate) fn env() -> Environment {
    let config = opsdeck::config::load(&crate::support::asset("tests/lab/lab.toml")).unwrap();
    config.environments.into_iter().find(|e| e.key.0 == "prod").unwrap()
}

/// An answer of the lab, at the moment of its capture by the server's clock.
pub(crate) fn seen(name: &str) -> Snapshot {
    let file = crate::support::asset("tests/fixtures/lab").join(name).with_extension("txt");
    let answer = std::fs::read(file).unwrap();
    let clock = Snapshot::read(&env(), "", MARK, &answer, EpochMs(0), 0).now();
    Snapshot::read(&env(), "", MARK, &answer, clock, 1000)
}

pub(crate) fn db(look: &mut Snapshot) -> &mut Database {
    look.inside.as_mut().unwrap().database.as_mut().unwrap()
}

pub(crate) fn backend(look: &mut Snapshot) -> &mut Container {
    look.containers.as_mut().unwrap().iter_mut().find(|c| c.name.as_str() == "ragflowauth-backend").unwrap()
}

/// A job that was made so many minutes ago, as the newest and as a live one.
pub(crate) fn add_job(look: &mut Snapshot, status: Status, minutes_ago: i64) -> JobId {
    let now = look.now();
    let db = db(look);
    let id = JobId(db.jobs[0].id.0 + 1);
    let at = now.plus_ms(-minutes_ago * MIN);
    let job = Job {
        id,
        kind: Kind::Incremental,
        message: SafeText::new("备份 volume: x（写入中 1.0 MB）"),
        detail: SafeText::default(),
        progress: Some(45),
        output_dir: None,
        created: Some(at),
        started: Some(at),
        finished: None,
        cancel_requested: None,
        cancel_reason: None,
        canceled: None,
        status,
    };
    if job.status.is_live() {
        db.live.push(job.clone());
    }
    db.jobs.insert(0, job);
    id
}

pub(crate) fn add_lock(look: &mut Snapshot, minutes_ago: i64) {
    let acquired = Some(look.now().plus_ms(-minutes_ago * MIN));
    let lock = Lock { name: SafeText::new("backup"), owner: SafeText::new("0a1b"), acquired };
    db(look).locks.push(lock);
}

/// What packs a volume for a backup: started so many minutes ago.
pub(crate) fn add_helper(look: &mut Snapshot, minutes_ago: i64) {
    let now = look.now();
    let mut helper = backend(look).clone();
    helper.id = SafeText::new("helper0");
    helper.name = SafeText::new("quirky_tar");
    helper.started = Some(now.plus_ms(-minutes_ago * MIN));
    let bind = Bind { volume: Some(SafeText::new("ragflow_compose_esdata01")), ..helper.mounts[0].clone() };
    helper.mounts = vec![bind];
    look.containers.as_mut().unwrap().push(helper);
}

pub(crate) fn made(look: &Snapshot, action: &Action) -> Result<Made, Refusal> {
    let env = env();
    make(action, &Facts::of(&env, look), "")
}

pub(crate) fn plan(look: &Snapshot, action: &Action) -> Plan {
    match made(look, action) {
        Ok(Made::Plan(plan)) => *plan,
        other => panic!("{action:?}: {other:?}"),
    }
}

fn refused(look: &Snapshot, action: &Action) -> Refusal {
    let refusal = made(look, action).expect_err(&format!("{action:?}"));
    for text in [&refusal.said, &refusal.next] {
        assert!(!text.zh.is_empty() && !text.en.is_empty() && text.zh != text.en, "{refusal:?}");
    }
    refusal
}

type Change = fn(&mut Snapshot);

#[test]
fn a_backup_is_refused_for_every_precondition_that_does_not_hold_and_says_what_to_do_instead() {
    let restart = Action::Services { which: Service::Backend, how: How::Restart };
    let begin = Action::Services { which: Service::Backend, how: How::Start };
    let cases: Vec<(&str, Change, &str, Vec<Action>)> = vec![
        ("not-mounted", |_| (), "not mounted", vec![MOUNT]),
        ("wrong-share", |_| (), "another share", vec![MOUNT]),
        ("container-blind", |_| (), "still sees the local disk", vec![MOUNT]),
        ("share-hung", |_| (), "no answer", vec![]),
        ("ghost-job", |_| (), "ghost", vec![Action::CloseGhost]),
        (
            "healthy",
            |l| {
                add_job(l, Status::Running, 3);
            },
            "is running; no other",
            vec![],
        ),
        (
            "healthy",
            |l| {
                add_job(l, Status::Queued, 1);
            },
            "is running; no other",
            vec![],
        ),
        (
            "healthy",
            |l| {
                add_job(l, Status::Canceling, 3);
            },
            "being canceled",
            vec![Action::Cancel { force: true }],
        ),
        ("healthy", |l| add_lock(l, 90), "lock is taken", vec![Action::ClearLock]),
        ("healthy", |l| add_lock(l, 1), "lock is taken", vec![]),
        ("healthy", |l| backend(l).running = false, "", vec![begin]),
        (
            "healthy",
            |l| l.health = Ok(Health::Silent { said: SafeText::new("refused") }),
            "/health",
            vec![restart],
        ),
        ("healthy", |l| l.health = Err(Gap::TimedOut), "could not be checked", vec![]),
        ("healthy", |l| l.inside = Err(Gap::TimedOut), "", vec![]),
        ("healthy", |l| l.inside.as_mut().unwrap().database = Err(Gap::TimedOut), "not known", vec![]),
        ("healthy", |l| l.share = Err(Gap::NoAnswer), "could not be checked", vec![]),
        ("healthy", |l| l.mounts = Err(Gap::NoAnswer), "could not be checked", vec![]),
        ("healthy", |l| l.containers = Err(Gap::TimedOut), "", vec![]),
        (
            "healthy",
            |l| {
                let Ok(ShareAnswer::Answers { space, .. }) = &mut l.share else { panic!() };
                space.available = Bytes(1000);
            },
            "left on the share",
            vec![],
        ),
        ("healthy", |l| l.identity.as_mut().unwrap().uid = Some(1000), "not root", vec![]),
    ];
    for (name, change, words, instead) in cases {
        let mut look = seen(name);
        change(&mut look);
        let refusal = refused(&look, &BACKUP);
        assert!(refusal.said.en.contains(words), "{name}: {:?}", refusal.said);
        // a container that cannot be entered makes the backend ill: a restart is what there is
        if !(words.is_empty() && instead.is_empty()) {
            assert_eq!(refusal.instead, instead, "{name} {words}: {refusal:?}");
        }
    }
    let mut env = env();
    env.read_only = true;
    assert!(make(&BACKUP, &Facts::of(&env, &seen("healthy")), "").is_err());
}

#[test]
fn a_backup_of_a_server_that_is_well_is_two_steps_that_can_be_read() {
    let look = seen("healthy");
    let plan = plan(&look, &BACKUP);
    let id = look.container("ragflowauth-backend").unwrap().unwrap().id.clone();
    let expected = format!(
        "# 1. 确认共享和后端还是好的 / make sure that share and backend are still well
step_1() {{
  same_container ragflowauth-backend {id}
  case $(mounted_at /mnt/replica) in 'cifs '* | 'smb3 '*) ;; *) refuse not_mounted /mnt/replica ;; esac
  backend_answers 15 || refuse ill ragflowauth-backend
}}
# 2. 让后端开始备份，等到任务出现 / have the backend start it, and wait for its job
step_2() {{
  change_first start '{{\"folder\":\"/mnt/replica/RagflowAuth\",\"full\":false}}'
}}
"
    );
    assert_eq!(script::steps(&plan), expected);
    assert_eq!((plan.risk, plan.kept.len()), (Risk::Light, 0));
    assert!(plan.checked.len() >= 6 && plan.effects.len() >= 2);
}

#[test]
fn a_full_backup_whose_size_nobody_knows_is_allowed_and_says_so() {
    let mut look = seen("healthy");
    db(&mut look).last_completed.clear();
    db(&mut look).jobs.clear();
    let env = env();
    let facts = Facts::of(&env, &look);
    let Ok(Made::Plan(plan)) = make(&BACKUP, &facts, "") else { panic!() };
    assert!(plan.checked.iter().any(|c| c.what.en.contains("no earlier backup")), "{:?}", plan.checked);
}

/// What a person confirmed is compared with what would be done a moment later: nothing that moves by itself is in it.
#[test]
fn what_moves_by_itself_does_not_change_a_plan_and_what_matters_does() {
    let actions = [Action::Cancel { force: false }, Action::Cancel { force: true }];
    let mut look = seen("healthy");
    add_job(&mut look, Status::Running, 3);
    add_lock(&mut look, 3);
    let mut later = look.clone();
    later.identity.as_mut().unwrap().clock = later.now().plus_ms(20_000);
    later.taken = later.taken.plus_ms(20_000);
    {
        let job = &mut db(&mut later).live[0];
        job.progress = Some(67);
        job.message = SafeText::new("备份 volume: y（写入中 9.0 MB）");
        job.output_dir = Some(SafeText::new("/mnt/replica/RagflowAuth/migration_pack_20261121_040000"));
    }
    add_helper(&mut later, 0);
    for action in &actions {
        assert!(plan(&look, action).same_as(&plan(&later, action)), "{action:?}");
    }
    let mut other = later.clone();
    db(&mut other).live[0].status = Status::Queued;
    assert!(!plan(&look, &actions[0]).same_as(&plan(&other, &actions[0])));
    let mut other = later.clone();
    db(&mut other).locks[0].owner = SafeText::new("ffff");
    assert!(!plan(&look, &actions[1]).same_as(&plan(&other, &actions[1])));
    for mut look in [seen("healthy"), seen("ghost-job")] {
        let action = if look.database().unwrap().locks.is_empty() { BACKUP } else { Action::CloseGhost };
        let first = plan(&look, &action);
        look.identity.as_mut().unwrap().clock = look.now().plus_ms(20_000);
        assert!(first.same_as(&plan(&look, &action)));
    }
}

/// A backup that begins while the preview is read is not ruined by an Enter that was meant for an idle server.
#[test]
fn a_backup_that_began_since_the_preview_has_to_be_confirmed_anew() {
    let quiet = seen("healthy");
    let mut busy = quiet.clone();
    let id = add_job(&mut busy, Status::Running, 0);
    let service = |which, how| Action::Services { which, how };
    for which in [Service::Backend, Service::Ragflow] {
        for how in [How::Restart, How::Stop] {
            let action = service(which, how);
            let (before, now) = (plan(&quiet, &action), plan(&busy, &action));
            assert!(!before.same_as(&now) && before.same_as(&plan(&quiet, &action)), "{action:?}");
            assert!(now.checked.iter().any(|c| c.what.en.contains(&format!("job {id} is at work"))));
            // and the server itself is asked once more, right before it is done
            let asks = |jobs: &str| {
                format!("no_other_job_runs /app/data/auth.db /opt/ragflowauth/data/auth.db {jobs}\n")
            };
            assert!(before.steps[0].sh.contains(&asks("''")), "{}", before.steps[0].sh);
            assert!(now.steps[0].sh.contains(&asks(&id.0.to_string())), "{}", now.steps[0].sh);
            // what it says of itself moves, and what it is does not
            let mut later = busy.clone();
            db(&mut later).live[0].message = SafeText::new("备份 volume: y（写入中 9.0 MB）");
            assert!(now.same_as(&plan(&later, &action)));
            // that nobody can tell is confirmed, too: a backend that is ill has to be restarted
            let mut unread = quiet.clone();
            unread.inside.as_mut().unwrap().database = Err(Gap::TimedOut);
            let unread = plan(&unread, &action);
            assert!(!unread.same_as(&before) && unread.steps[0].sh.contains(&asks("unknown")), "{unread:?}");
        }
        // what starts ruins nothing
        let mut down = busy.clone();
        for c in down.containers.as_mut().unwrap() {
            c.running = false;
        }
        assert!(!plan(&down, &service(which, How::Start)).steps[0].sh.contains("no_other_job_runs"));
    }
    let web = service(Service::Frontend, How::Restart);
    assert!(plan(&quiet, &web).same_as(&plan(&busy, &web)), "the web pages disturb no backup");
    // by force: another one than the one that is to end
    let force = Action::Cancel { force: true };
    let sh = &plan(&busy, &force).steps[0].sh;
    assert!(
        sh.contains(&format!("no_other_job_runs /app/data/auth.db /opt/ragflowauth/data/auth.db {}", id.0)),
        "{sh}"
    );
}

/// What the check calls RAGFlow's is what the action means, by its label or by its name; nobody else's is touched.
#[test]
fn the_stack_is_the_one_that_the_check_means() {
    let mut look = seen("healthy");
    let restart = Action::Services { which: Service::Ragflow, how: How::Restart };
    let made = plan(&look, &restart);
    let by_label = made.steps;
    // a search engine takes its time, and the run is not ended before the last of them had it
    let waits: Vec<&str> = by_label[2].sh.lines().filter(|l| l.starts_with("container_runs ")).collect();
    assert!(waits.len() > 1 && waits.iter().all(|w| w.ends_with(" 180")), "{waits:?}");
    assert!(made.limit_s as usize > 180 * waits.len(), "{}", made.limit_s);
    let mut strangers = Vec::new();
    for c in look.containers.as_mut().unwrap() {
        c.project = None;
        if strangers.is_empty() {
            let mut other = c.clone();
            (other.name, other.id) = (SafeText::new("ragflow_compose2-mysql-1"), SafeText::new("ffff"));
            strangers.push(other);
        }
    }
    look.containers.as_mut().unwrap().extend(strangers);
    assert_eq!(plan(&look, &restart).steps, by_label);
    assert!(!by_label[1].sh.contains("ragflowauth"), "{}", by_label[1].sh);
}

/// Every line that is to be read is part of what was confirmed; its numbers are not.
#[test]
fn a_warning_that_is_new_has_to_be_confirmed() {
    let look = seen("healthy");
    let first = plan(&look, &BACKUP);
    let mut full = look.clone();
    db(&mut full).jobs.clear();
    db(&mut full).last_completed.clear();
    assert!(!first.same_as(&plan(&full, &BACKUP)), "that no size is known is new");
}

#[test]
fn whoever_stops_the_nights_backup_is_told_that_it_may_begin_anew() {
    let mut look = seen("healthy");
    let due = {
        let env = env();
        Facts::of(&env, &look).slot.as_ref().unwrap().due
    };
    // the slot's own job has not come to its end
    db(&mut look).jobs.retain(|j| j.created.is_some_and(|at| at.0 < due.0));
    let minutes = (look.now().0 - due.0) / MIN;
    look.identity.as_mut().unwrap().clock = due.plus_ms(20 * MIN);
    look.taken = look.taken.plus_ms(-(minutes - 20) * MIN);
    add_job(&mut look, Status::Running, 19);
    for action in [Action::Cancel { force: false }, Action::Cancel { force: true }] {
        let plan = plan(&look, &action);
        assert!(plan.effects.iter().any(|e| e.en.contains("start the night's backup again")), "{plan:?}");
    }
    for how in [How::Restart, How::Stop] {
        let plan = plan(&look, &Action::Services { which: Service::Backend, how });
        assert!(plan.checked.iter().any(|c| c.what.en.contains("begins it anew")), "{plan:?}");
    }
    let mut other = seen("healthy");
    add_job(&mut other, Status::Running, 3);
    let plan = plan(&other, &Action::Cancel { force: false });
    assert!(!plan.effects.iter().any(|e| e.en.contains("again")), "{plan:?}");
}

/// A container that is bound to a share that does not answer can neither be stopped nor started: it would be left stuck.
#[test]
fn nothing_stops_or_starts_the_backend_while_its_share_hangs() {
    let lazy = [Action::Unmount { lazy: true }];
    let mut look = seen("share-hung");
    let service = |how| Action::Services { which: Service::Backend, how };
    for how in [How::Restart, How::Stop] {
        let refusal = refused(&look, &service(how));
        assert!(refusal.said.en.contains("does not answer") && refusal.instead == lazy, "{refusal:?}");
    }
    add_job(&mut look, Status::Running, 30);
    // under a backup there is one way out, and no refusal leads to another one
    for action in [Action::Cancel { force: true }, lazy[0].clone()] {
        let refusal = refused(&look, &action);
        assert!(refusal.said.en.contains("does not answer") && refusal.instead.is_empty(), "{refusal:?}");
        assert!(refusal.next.en.contains("bring Windows back first"), "{refusal:?}");
    }
    // to ask its worker touches no container
    assert!(made(&look, &Action::Cancel { force: false }).is_ok());
    backend(&mut look).running = false;
    assert_eq!(refused(&look, &service(How::Start)).instead, lazy);
    // whether it answers is not known
    let mut unknown = seen("healthy");
    unknown.share = Err(Gap::NoAnswer);
    assert!(refused(&unknown, &service(How::Restart)).said.en.contains("not known"));
    // one that is not bound to it is not held by it, and neither is one without a share
    for c in [&mut look, &mut unknown] {
        backend(c).mounts.retain(|b| !b.source.as_str().starts_with("/mnt"));
    }
    assert!(made(&look, &service(How::Start)).is_ok() && made(&unknown, &service(How::Restart)).is_ok());
    assert!(made(&seen("not-mounted"), &service(How::Restart)).is_ok());
    // and the server asks once more, in the step that changes nothing
    let sh = &plan(&seen("healthy"), &service(How::Restart)).steps[0].sh;
    assert!(sh.contains("share_answers /mnt/replica || refuse silent\n"), "{sh}");
    let mut busy = seen("healthy");
    add_job(&mut busy, Status::Running, 30);
    let sh = &plan(&busy, &Action::Cancel { force: true }).steps[0].sh;
    assert!(sh.contains("|| refuse silent\nremember_backend"), "{sh}");
}

#[test]
fn every_ghost_is_closed_in_one_plan_with_the_lock_that_it_left() {
    let mut look = seen("ghost-job");
    let first = look.database().unwrap().live[0].clone();
    let one = plan(&look, &Action::CloseGhost);
    let steps = script::steps(&one);
    let owner = look.database().unwrap().locks[0].owner.clone();
    assert!(
        steps.contains(&format!("\"owner\":\"{owner}\"")) && steps.contains("\"same_lock\":true"),
        "{steps}"
    );
    assert!(
        steps.contains(&format!("\"id\":{},\"started_at_ms\":{}", first.id.0, first.started.unwrap().0)),
        "{steps}"
    );
    assert!(steps.contains("only_ghosts 2026-11-") && steps.contains("change_first close"), "{steps}");
    assert_eq!((one.kept.len(), one.risk), (2, Risk::Heavy));
    assert!(
        one.kept[0].contains("\"table\":\"backup_jobs\"")
            && one.kept[0].contains(&format!("\"id\":{}", first.id.0))
    );
    assert_eq!(LockRow::read(&one.kept[1]), Some(LockRow::of(&look.database().unwrap().locks[0])));
    // a second one
    let mut second = first.clone();
    second.id = JobId(first.id.0 + 1);
    second.status = Status::Canceling;
    db(&mut look).live.push(second);
    let two = plan(&look, &Action::CloseGhost);
    assert_eq!(two.kept.len(), 3);
    assert_eq!(script::steps(&two).matches("\"created_at_ms\"").count(), 2);
    // one of them may live: the lock may be its, and only the dead one is closed
    add_job(&mut look, Status::Running, 0);
    let began = backend(&mut look).started.unwrap().plus_ms(5000);
    let young = db(&mut look).live.last_mut().unwrap();
    (young.created, young.started) = (Some(began), Some(began));
    let some = plan(&look, &Action::CloseGhost);
    assert!(script::steps(&some).contains("\"lock\":null"), "{}", script::steps(&some));
}

/// A lock is taken a moment before its job is made: one that the running backend took may be that of a job that is not there yet.
#[test]
fn a_lock_that_was_taken_since_the_backends_start_is_not_the_ghosts() {
    let mut look = seen("ghost-job");
    let started = backend(&mut look).started.unwrap();
    for (since_ms, is_theirs) in [(-2000, true), (0, false), (60_000, false)] {
        db(&mut look).locks[0].acquired = Some(started.plus_ms(since_ms));
        let plan = plan(&look, &Action::CloseGhost);
        let steps = script::steps(&plan);
        assert_eq!(!steps.contains("\"lock\":null"), is_theirs, "{since_ms} ms: {steps}");
        assert_eq!(plan.kept.len(), if is_theirs { 2 } else { 1 });
        let said = |says: &str| plan.checked.iter().any(|c| c.what.en.contains(says));
        assert_eq!(said("is left alone"), !is_theirs, "{:?}", plan.checked);
        // what goes with them is proved once more on the server: to the second, as Docker tells it
        let began = if is_theirs {
            started.plus_ms(since_ms)
        } else {
            look.database().unwrap().live[0].began().unwrap()
        };
        let utc =
            jiff::Timestamp::from_millisecond(began.0).unwrap().strftime("%Y-%m-%dT%H:%M:%S").to_string();
        assert!(steps.contains(&format!("only_ghosts {utc}")), "{utc}: {steps}");
    }
    // when it was taken is not known
    db(&mut look).locks[0].acquired = None;
    assert!(script::steps(&plan(&look, &Action::CloseGhost)).contains("\"lock\":null"));
    // a backend that has stopped holds nothing
    db(&mut look).locks[0].acquired = Some(started.plus_ms(60_000));
    backend(&mut look).running = false;
    assert!(!script::steps(&plan(&look, &Action::CloseGhost)).contains("\"lock\":null"));
}

#[test]
fn a_job_that_is_not_proved_dead_is_never_closed() {
    let mut look = seen("healthy");
    assert!(matches!(made(&look, &Action::CloseGhost), Ok(Made::Nothing { .. })));
    add_job(&mut look, Status::Running, 300);
    // old, silent, stuck: and its container started before it
    let refusal = refused(&look, &Action::CloseGhost);
    assert_eq!(refusal.instead, [Action::Cancel { force: false }]);
    // dead, but what packs for it is not
    let mut look = seen("ghost-job");
    add_helper(&mut look, 0);
    let refusal = refused(&look, &Action::CloseGhost);
    assert!(refusal.said.en.contains("quirky_tar"), "{refusal:?}");
    assert_eq!(refusal.instead, [Action::Cancel { force: true }]);
    assert!(made(&look, &Action::Cancel { force: true }).is_ok(), "the way out is open");
    assert!(made(&look, &Action::Cancel { force: false }).is_err());
    let mut look = seen("ghost-job");
    look.containers = Err(Gap::TimedOut);
    assert!(made(&look, &Action::CloseGhost).is_err());
}

#[test]
fn a_lock_is_cleared_only_when_nobody_can_hold_it() {
    let mut look = seen("healthy");
    assert!(matches!(made(&look, &Action::ClearLock), Ok(Made::Nothing { .. })));
    add_lock(&mut look, 90);
    let acquired = look.database().unwrap().locks[0].acquired.unwrap().0;
    backend(&mut look).started = Some(look.now().plus_ms(-30 * MIN));
    let stale = plan(&look, &Action::ClearLock);
    let steps = script::steps(&stale);
    let lock = format!("{{\"acquired_at_ms\":{acquired},\"name\":\"backup\",\"owner\":\"0a1b\"}}");
    assert!(
        steps.contains(&format!("change_first clear '{{\"dead\":[],\"gone\":true,\"lock\":{lock}}}'")),
        "{steps}"
    );
    assert_eq!((stale.kept.len(), stale.risk), (1, Risk::Light));
    let row = LockRow::read(&stale.kept[0]).unwrap();
    assert_eq!(row, LockRow::of(&look.database().unwrap().locks[0]));
    assert_eq!(LockRow::read("{\"table\":\"backup_jobs\",\"name\":\"a\",\"owner\":\"b\"}"), None);
    assert_eq!(LockRow::read("no json"), None);

    // a living job, or one that nobody can judge
    let mut live = look.clone();
    add_job(&mut live, Status::Running, 10);
    assert_eq!(refused(&live, &Action::ClearLock).instead, [Action::Cancel { force: false }]);
    // too young
    let mut young = look.clone();
    db(&mut young).locks[0].acquired = Some(look.now().plus_ms(-MIN));
    assert!(refused(&young, &Action::ClearLock).instead.is_empty());
    // a ghost's: the plan names it, and proves it dead once more
    let ghost = plan(&seen("ghost-job"), &Action::ClearLock);
    let steps = script::steps(&ghost);
    assert!(steps.contains("only_ghosts ") && steps.contains("\"dead\":[{"), "{steps}");
    // a lock of another name is nobody's business
    let mut other = look.clone();
    db(&mut other).locks[0].name = SafeText::new("restore");
    assert!(matches!(made(&other, &Action::ClearLock), Ok(Made::Nothing { .. })));
}

/// No row is proof: a worker may be at its end when its job says completed, and the backend itself gives up on a row after a day.
#[test]
fn whoever_took_a_lock_is_gone_with_the_container_and_else_a_person_decides() {
    let mut look = seen("healthy");
    add_lock(&mut look, 90);
    let holds = |look: &Snapshot, minutes_ago: i64, running: bool| {
        let mut look = look.clone();
        let started = look.now().plus_ms(-minutes_ago * MIN);
        let c = backend(&mut look);
        (c.started, c.running) = (Some(started), running);
        look
    };
    let taken = plan(&holds(&look, 30, true), &Action::ClearLock);
    assert!(taken.risk == Risk::Light && taken.checked.iter().all(|c| c.id.is_empty()), "{taken:?}");
    assert!(script::steps(&taken).contains("only_ghosts 20"), "{}", script::steps(&taken));
    assert_eq!(plan(&holds(&look, 300, false), &Action::ClearLock).risk, Risk::Light);
    // started before it was taken, in the same second, or by a clock that has been set back since
    let unsure = plan(&holds(&look, 300, true), &Action::ClearLock);
    for look in [holds(&look, 300, true), holds(&look, 90, true), holds(&look, -300, true)] {
        let plan = plan(&look, &Action::ClearLock);
        assert!(plan.risk == Risk::Heavy && plan.same_as(&unsure), "{plan:?}");
        let read = plan.checked.iter().find(|c| c.id == "holder").unwrap();
        assert!(read.what.en.contains("not proved gone"), "{read:?}");
        let steps = script::steps(&plan);
        assert!(steps.contains("nobody_packs 20") && steps.contains("\"gone\":false"), "{steps}");
    }
    assert!(!unsure.same_as(&taken));
    // what packs writes, whatever the row says
    add_helper(&mut look, 60);
    for minutes in [30, 300] {
        let refusal = refused(&holds(&look, minutes, true), &Action::ClearLock);
        assert!(refusal.said.en.contains("quirky_tar still writes"), "{refusal:?}");
    }
}

/// A clock that was a day ahead when it was taken: no waiting makes it old.
#[test]
fn a_lock_from_the_future_is_called_that_and_goes_when_its_holder_is_proved_gone() {
    let mut look = seen("healthy");
    add_lock(&mut look, -24 * 60);
    let refusal = refused(&look, &Action::ClearLock);
    assert!(refusal.said.en.contains("in the future") && !refusal.said.en.contains("two minutes"));
    assert_eq!(refusal.instead, [Action::Services { which: Service::Backend, how: How::Stop }]);
    let blocked = refused(&look, &BACKUP);
    assert_eq!(blocked.instead, [Action::ClearLock], "{blocked:?}");
    // the container has stopped since, so whoever took it is gone
    backend(&mut look).running = false;
    let plan = plan(&look, &Action::ClearLock);
    let steps = script::steps(&plan);
    assert!(plan.risk == Risk::Light && steps.contains("\"gone\":true"), "{steps}");
    // a moment ahead is two clocks that differ
    db(&mut look).locks[0].acquired = Some(look.now().plus_ms(MIN));
    assert!(refused(&look, &Action::ClearLock).said.en.contains("two minutes"));
}

#[test]
fn a_lock_is_put_back_only_where_there_is_none() {
    let mut look = seen("healthy");
    let row =
        LockRow { name: SafeText::new("backup"), owner: SafeText::new("0a1b"), acquired: Some(EpochMs(5)) };
    let put = Action::PutLockBack(row.clone());
    let steps = script::steps(&plan(&look, &put));
    assert!(steps.contains("change_first put '{\"lock\":{\"acquired_at_ms\":5,"), "{steps}");
    add_lock(&mut look, 90);
    assert!(refused(&look, &put).said.en.contains("another lock"));
    db(&mut look).locks[0].acquired = Some(EpochMs(5));
    assert!(matches!(made(&look, &put), Ok(Made::Nothing { .. })));
    let none = Action::PutLockBack(LockRow { acquired: None, ..row });
    assert!(made(&seen("healthy"), &none).is_err());
}

#[test]
fn a_running_backup_is_asked_to_stop_and_only_by_force_the_backend_is_restarted() {
    let mut look = seen("healthy");
    let (ask, force) = (Action::Cancel { force: false }, Action::Cancel { force: true });
    assert!(matches!(made(&look, &ask), Ok(Made::Nothing { .. })));
    assert!(matches!(made(&look, &force), Ok(Made::Nothing { .. })));
    let id = add_job(&mut look, Status::Running, 3);
    add_lock(&mut look, 3);
    add_helper(&mut look, 1);
    assert_eq!(plan(&look, &ask).risk, Risk::Heavy, "a backup that was stopped is gone");
    let steps = script::steps(&plan(&look, &ask));
    assert!(
        steps.contains("change_first cancel") && steps.contains(&format!("job_ends {} 600", id.0)),
        "{steps}"
    );
    assert!(!steps.contains("docker restart") && steps.contains("stop_helpers"), "{steps}");
    // who has not moved for long is not waited for as long
    let mut stuck = seen("healthy");
    let still = add_job(&mut stuck, Status::Running, 90);
    assert!(script::steps(&plan(&stuck, &ask)).contains(&format!("job_ends {} 120", still.0)));
    let heavy = plan(&look, &force);
    assert_eq!((heavy.risk, heavy.kept.len()), (Risk::Heavy, 2));
    assert!(heavy.effects.iter().any(|e| e.en.contains("quirky_tar")), "{:?}", heavy.effects);
    let steps = script::steps(&heavy);
    let order = [
        "remember_backend",
        "change_first cancel",
        "stop_helpers",
        "docker restart",
        "backend_answers",
        "worker_is_gone",
        "change close",
    ];
    let at: Vec<usize> =
        order.iter().map(|w| steps.find(w).unwrap_or_else(|| panic!("{w}: {steps}"))).collect();
    assert!(at.is_sorted(), "{at:?}\n{steps}");
    // asked already
    db(&mut look).live[0].status = Status::Canceling;
    assert_eq!(refused(&look, &ask).instead, std::slice::from_ref(&force));
    assert!(!script::steps(&plan(&look, &force)).contains("change_first cancel"));
    // two that may live: which one?
    add_job(&mut look, Status::Running, 1);
    assert!(made(&look, &ask).is_err() && made(&look, &force).is_err());
    // dead already
    let ghost = seen("ghost-job");
    for action in [&ask, &force] {
        assert_eq!(refused(&ghost, action).instead, [Action::CloseGhost]);
    }
}

#[test]
fn an_older_backend_cannot_be_asked_to_stop() {
    let (ask, force) = (Action::Cancel { force: false }, Action::Cancel { force: true });
    let mut look = seen("old-schema");
    assert!(!look.database().unwrap().can_cancel && seen("healthy").database().unwrap().can_cancel);
    add_job(&mut look, Status::Running, 3);
    let refusal = refused(&look, &ask);
    assert!(refusal.said.en.contains("older"), "{refusal:?}");
    assert_eq!(refusal.instead, std::slice::from_ref(&force));
    let steps = script::steps(&plan(&look, &force));
    assert!(!steps.contains("change_first cancel") && steps.contains("docker restart"), "{steps}");
}

/// Every word of the server goes through a shell on its way back to it.
#[test]
fn hostile_rows_stay_words() {
    let mut look = seen("healthy");
    add_lock(&mut look, 90);
    db(&mut look).locks[0].owner = SafeText::new("a'; touch /tmp/x; '$(id)\"\\");
    let steps = script::steps(&plan(&look, &Action::ClearLock));
    assert!(steps.contains(r#""owner":"a'\''; touch /tmp/x; '\''$(id)\"\\""#), "{steps}");
}

/// A dead share holds the container: Docker says that it runs. To start it does nothing, and "nothing to do" would be a green light.
#[test]
fn a_backend_that_runs_in_name_only_is_not_started_with_success() {
    let start = Action::Services { which: Service::Backend, how: How::Start };
    let restart = Action::Services { which: Service::Backend, how: How::Restart };
    fn hung() -> Gap {
        Gap::Failed { code: 126, said: SafeText::new("OCI runtime exec failed") }
    }
    for change in [(|l| l.inside = Err(hung())) as fn(&mut Snapshot), |l| {
        l.health = Ok(Health::Silent { said: SafeText::new("refused") })
    }] {
        let mut look = seen("healthy");
        change(&mut look);
        assert_eq!(refused(&look, &start).instead, std::slice::from_ref(&restart));
    }
    // one that is well, or only not known, has nothing to be done
    for change in [(|_| ()) as fn(&mut Snapshot), |l| l.inside = Err(Gap::TimedOut)] {
        let mut look = seen("healthy");
        change(&mut look);
        assert!(matches!(made(&look, &start), Ok(Made::Nothing { .. })));
    }
}
