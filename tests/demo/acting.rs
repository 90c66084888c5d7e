//! Actions on the built-in servers: the very plans and scripts that go to real ones, carried out to their proof.
use super::asking::*;
use opsdeck::act::{self, Order};
use opsdeck::config::Secret;
use opsdeck::config::model::Environment;
use opsdeck::core::plan::event::{Event, What};
use opsdeck::core::plan::left::PutBack;
use opsdeck::core::plan::script::RunName;
use opsdeck::core::plan::told::{Outcome, Told};
use opsdeck::core::plan::{Action, How, Made, Plan, Refusal, Service};
use opsdeck::core::safetext::SafeText;
use opsdeck::core::state::State;
use opsdeck::demo::DemoBox;
use opsdeck::journal::Journal;
use opsdeck::remote::Host;
use opsdeck::remote::local::LocalHost;
use rustix::process::{Pid, Signal, kill_process_group};
use std::time::Duration;
use tokio::sync::mpsc;

const MOUNT: Action = Action::Mount { new_password: false };
const START: Action = Action::Services { which: Service::Backend, how: How::Start };
const BACKUP: Action = Action::Backup { full: false };
/// Longer than anything here takes.
const SOON: Duration = Duration::from_secs(400);

/// A server of a box, and what the console needs to act there.
pub(super) struct Prod {
    pub(super) demo: DemoBox,
    pub(super) env: Environment,
    pub(super) host: LocalHost,
    pub(super) journal: Journal,
    _state: tempfile::TempDir,
}

impl Prod {
    pub(super) fn of(scenario: &str) -> Prod {
        let demo = a_box(scenario);
        let state = tempfile::tempdir().unwrap();
        Prod {
            env: environment(&demo, "prod"),
            host: LocalHost::new(sandbox(&demo, "prod").into()),
            journal: Journal::below(state.path()),
            demo,
            _state: state,
        }
    }

    async fn made(&self, action: &Action) -> Result<Made, Refusal> {
        act::preview(&self.host, &self.env, action).await.unwrap().made
    }

    pub(super) async fn plan(&self, action: &Action) -> Plan {
        match self.made(action).await {
            Ok(Made::Plan(plan)) => *plan,
            other => panic!("{action:?}: {other:#?}"),
        }
    }

    async fn refusal(&self, action: &Action) -> Refusal {
        match self.made(action).await {
            Err(refusal) => refusal,
            other => panic!("{action:?}: {other:#?}"),
        }
    }

    /// Confirmed and carried out: what became of it, and what the server wrote down.
    async fn act(&self, action: &Action, password: Option<&str>) -> (Outcome, Vec<Event>) {
        let plan = self.plan(action).await;
        assert_eq!(plan.needs_password, password.is_some(), "{action:?}");
        let password = password.map(|p| Secret::parse(p.as_bytes().to_vec()).unwrap());
        self.carried_out(&self.host, &plan, act::fresh_name().unwrap(), password).await
    }

    /// The same of this plan, over this link, under this name.
    pub(super) async fn carried_out(
        &self,
        host: &dyn Host,
        plan: &Plan,
        run: RunName,
        password: Option<Secret>,
    ) -> (Outcome, Vec<Event>) {
        let (tell, mut told) = mpsc::channel(64);
        let operator = SafeText::new("test@here");
        let order = Order { host, env: &self.env, plan, run, password, operator, journal: &self.journal };
        let gather = async {
            let mut events = Vec::new();
            while let Some(told) = told.recv().await {
                match told {
                    Told::Events(more) => events.extend(more),
                    Told::Ended(_) => break,
                    _ => {}
                }
            }
            events
        };
        let both = async { tokio::join!(act::carry_out(order, &tell), gather) };
        let action = &plan.action;
        tokio::time::timeout(SOON, both).await.unwrap_or_else(|_| panic!("{action:?} came to no end"))
    }

    /// Done, and seen to be done.
    async fn done(&self, action: &Action, password: Option<&str>) -> Vec<Event> {
        let (outcome, events) = self.act(action, password).await;
        assert!(matches!(outcome, Outcome::Done { .. }), "{action:?}: {outcome:#?}\n{events:#?}");
        events
    }

    /// Checks that are not well now.
    pub(super) fn bad(&self) -> Vec<&'static str> {
        let mut tries = 0;
        loop {
            let verdict = verdict(&self.demo, "prod", opsdeck::clock::now());
            // what a busy machine did not get to answer is asked again
            if tries < 3 && verdict.checks.iter().any(|c| c.state == State::Unknown) {
                tries += 1;
                continue;
            }
            return verdict.checks.iter().filter(|c| c.state != State::Ok).map(|c| c.id).collect();
        }
    }

    /// The newest row of the jobs table.
    fn newest_job(&self) -> serde_json::Value {
        inside(&look(&self.demo, "prod"))["database"]["jobs"][0].clone()
    }

    async fn until<T>(&self, mut found: impl FnMut() -> Option<T>) -> T {
        let wait = async {
            loop {
                if let Some(found) = found() {
                    return found;
                }
                tokio::time::sleep(Duration::from_millis(200)).await;
            }
        };
        tokio::time::timeout(SOON, wait).await.unwrap()
    }
}

fn fact<'a>(events: &'a [Event], wanted: &str) -> Option<&'a str> {
    opsdeck::core::plan::event::fact(events, wanted)
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unmounted_share_is_mounted_and_the_backend_sees_it() {
    let prod = Prod::of("not-mounted");
    assert!(prod.bad().contains(&"mount"));
    let events = prod.done(&MOUNT, None).await;
    assert_eq!(fact(&events, "backend_sees"), Some("after_restart"), "{events:#?}");
    assert_eq!(prod.bad(), ["night"]);
    // the line was there; it is the one that the mount was tried with
    assert!(matches!(prod.made(&MOUNT).await, Ok(Made::Nothing { .. })));
    // and away again, by plan
    prod.done(&Action::Unmount { lazy: false }, None).await;
    assert!(prod.bad().contains(&"mount"));
    assert!(matches!(prod.made(&Action::Unmount { lazy: false }).await, Ok(Made::Nothing { .. })));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_blind_container_is_restarted_and_nothing_is_mounted() {
    let prod = Prod::of("container-blind");
    assert!(prod.bad().contains(&"container_mount"));
    let events = prod.done(&MOUNT, None).await;
    assert_eq!(fact(&events, "mounted"), None);
    assert_eq!(prod.bad(), ["night"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_changed_password_is_refused_once_and_taken_when_it_is_right() {
    let prod = Prod::of("wrong-password");
    let file = sandbox(&prod.demo, "prod").root.join("root/.smbcredentials");
    let before = std::fs::read_to_string(&file).unwrap();
    let tries = |prod: &Prod| look(&prod.demo, "prod")["kernel"].out.matches("LOGON_FAILURE").count();
    let tried = tries(&prod);

    let (outcome, events) = prod.act(&MOUNT, None).await;
    assert!(
        matches!(outcome, Outcome::Failed { left, .. } if left.put_back != PutBack::Down),
        "{outcome:#?}"
    );
    assert!(fact(&events, "mount_error").is_some_and(|e| e.starts_with("13 ")), "{events:#?}");
    assert_eq!(tries(&prod), tried + 1, "a wrong password is tried once");

    let new = Action::Mount { new_password: true };
    let (outcome, _) = prod.act(&new, Some("wrong")).await;
    assert!(
        matches!(outcome, Outcome::Failed { left, .. } if left.put_back != PutBack::Down),
        "{outcome:#?}"
    );
    assert_eq!(
        std::fs::read_to_string(&file).unwrap(),
        before,
        "the old file stays until a new one has worked"
    );

    prod.done(&new, Some("Tonight, it's right")).await;
    assert_eq!(prod.bad(), ["night"]);
    assert_eq!(std::fs::read_to_string(&file).unwrap(), "username=backup\npassword=Tonight, it's right\n");
    let root = sandbox(&prod.demo, "prod").root;
    for left in ["run/opsdeck", "root"] {
        for entry in std::fs::read_dir(root.join(left)).unwrap().flatten() {
            let name = entry.file_name().into_string().unwrap();
            assert!(["reader", ".smbcredentials"].contains(&name.as_str()), "{left}/{name} is left");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_line_that_is_missing_in_fstab_is_written_and_every_other_byte_stays() {
    let prod = Prod::of("fstab-missing");
    let tab = sandbox(&prod.demo, "prod").root.join("etc/fstab");
    let before = std::fs::read_to_string(&tab).unwrap();
    prod.done(&MOUNT, None).await;
    let after = std::fs::read_to_string(&tab).unwrap();
    assert!(after.starts_with(&before), "{after}");
    assert!(after[before.len()..].starts_with("//192.0.2.72/backup /mnt/replica cifs "), "{after}");
    assert!(prod.bad().is_empty(), "{:?}", prod.bad());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_share_of_another_machine_is_taken_off_and_the_right_one_mounted() {
    let prod = Prod::of("wrong-share");
    assert_eq!(prod.refusal(&MOUNT).await.instead, [Action::Unmount { lazy: false }]);
    prod.done(&Action::Unmount { lazy: false }, None).await;
    prod.done(&MOUNT, None).await;
    assert!(!prod.bad().contains(&"mount"), "{:?}", prod.bad());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dead_share_refuses_what_would_hang_and_lets_its_name_be_taken() {
    let prod = Prod::of("share-hung");
    for action in [MOUNT, Action::Unmount { lazy: false }] {
        assert!(prod.refusal(&action).await.instead.contains(&Action::Unmount { lazy: true }), "{action:?}");
    }
    prod.done(&Action::Unmount { lazy: true }, None).await;
    assert!(prod.bad().contains(&"mount"));
}

#[tokio::test(flavor = "multi_thread")]
async fn somebodys_shell_on_the_share_is_named_and_nothing_is_unmounted() {
    let prod = Prod::of("healthy");
    let shell = sandbox(&prod.demo, "prod").root.join("proc/4242");
    std::fs::create_dir_all(shell.join("ns")).unwrap();
    std::os::unix::fs::symlink("mnt:[4026531840]", shell.join("ns/mnt")).unwrap();
    std::os::unix::fs::symlink("/mnt/replica/RagflowAuth", shell.join("cwd")).unwrap();
    std::fs::copy(shell.parent().unwrap().join("self/mountinfo"), shell.join("mountinfo")).unwrap();
    std::fs::write(shell.join("comm"), "bash\n").unwrap();
    let (outcome, events) = prod.act(&Action::Unmount { lazy: false }, None).await;
    assert!(matches!(outcome, Outcome::Refused(_)), "{outcome:#?}");
    let held = events.iter().find_map(|e| match &e.what {
        What::Refused { why, words } if why.as_str() == "holders" => Some(words.as_str()),
        _ => None,
    });
    assert_eq!(held, Some("process 4242 bash"));
    assert!(prod.bad().is_empty());
    // whoever unmounts it by hand hears the same
    assert!(
        sh(&sandbox(&prod.demo, "prod"), "umount \"$OPSDECK_BOX/mnt/replica\"")
            .err
            .contains("target is busy")
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_ghost_is_closed_and_then_a_backup_may_begin() {
    let prod = Prod::of("ghost-job");
    assert!(prod.refusal(&BACKUP).await.instead.contains(&Action::CloseGhost));
    prod.done(&Action::CloseGhost, None).await;
    assert_eq!(prod.newest_job()["status"], "failed");
    assert!(!prod.bad().contains(&"live") && !prod.bad().contains(&"lock"), "{:?}", prod.bad());
    prod.plan(&BACKUP).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lock_of_nobody_is_cleared_and_put_back() {
    let prod = Prod::of("stale-lock");
    let lock = || inside(&look(&prod.demo, "prod"))["database"]["locks"].clone();
    let before = lock();
    let plan = prod.plan(&Action::ClearLock).await;
    prod.done(&Action::ClearLock, None).await;
    assert_eq!(lock(), serde_json::json!([]));
    let kept = plan.kept.iter().find_map(|k| opsdeck::core::plan::LockRow::read(k)).unwrap();
    prod.done(&Action::PutLockBack(kept), None).await;
    assert_eq!(lock(), before);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_backend_that_is_started_makes_up_for_the_night() {
    let prod = Prod::of("backend-down");
    prod.done(&START, None).await;
    assert!(!prod.bad().contains(&"backend"), "{:?}", prod.bad());
    let began = prod
        .until(|| {
            let job = prod.newest_job();
            (job["status"] == "running").then_some(job)
        })
        .await;
    assert_eq!(began["kind"], "incremental");
    // a second start does not start a second one
    let restart = Action::Services { which: Service::Backend, how: How::Restart };
    let checked = prod.plan(&restart).await.checked;
    assert!(checked.iter().any(|c| c.state == State::Warning), "{checked:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_backup_that_is_asked_for_runs_and_grows_and_stops_when_it_is_told_to() {
    let prod = Prod::of("healthy");
    let events = prod.done(&BACKUP, None).await;
    let id: i64 = fact(&events, "job").unwrap().parse().unwrap();
    assert_eq!(prod.newest_job()["id"], id);
    let size = || {
        let job = prod.newest_job();
        let Some(folder) = job["output_dir"].as_str() else { return 0 };
        let packs = look(&prod.demo, "prod")["packs"].out.clone();
        let of_it = packs.lines().filter(|l| l.starts_with("regular file|") && l.contains(folder));
        of_it.filter_map(|l| l.split('|').nth(1)?.parse::<u64>().ok()).sum::<u64>()
    };
    let first = prod.until(|| Some(size()).filter(|s| *s > 1 << 20)).await;
    prod.until(|| (size() > first).then_some(())).await;
    // nobody takes the share from under it
    assert_eq!(
        prod.refusal(&Action::Unmount { lazy: false }).await.instead,
        [Action::Cancel { force: false }]
    );

    let events = prod.done(&Action::Cancel { force: false }, None).await;
    assert!(fact(&events, "ended").is_some_and(|e| e.contains("canceled")), "{events:#?}");
    assert_eq!(prod.newest_job()["status"], "canceled");
    let left = size();
    assert!(left > 0, "what was written stays");
    assert!(!prod.bad().contains(&"lock"), "{:?}", prod.bad());
    prod.plan(&BACKUP).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stuck_backup_is_ended_by_force() {
    let prod = Prod::of("stuck-job");
    prod.done(&Action::Cancel { force: true }, None).await;
    assert_eq!(prod.newest_job()["status"], "canceled");
    assert!(!prod.bad().contains(&"live") && !prod.bad().contains(&"lock"), "{:?}", prod.bad());
}

#[tokio::test(flavor = "multi_thread")]
async fn services_are_restarted_stopped_and_started() {
    let prod = Prod::of("healthy");
    for which in [Service::Backend, Service::Frontend, Service::Ragflow] {
        for how in [How::Restart, How::Stop, How::Start] {
            prod.done(&Action::Services { which, how }, None).await;
        }
    }
    assert!(prod.bad().is_empty(), "{:?}", prod.bad());
}

/// Processes that were started on a server of this box.
fn of(demo: &DemoBox) -> Vec<i32> {
    let mark = format!("OPSDECK_BOX={}/", demo.dir().display());
    let all = std::fs::read_dir("/proc").unwrap().flatten();
    let pids = all.filter_map(|e| e.file_name().to_str()?.parse::<i32>().ok());
    pids.filter(|pid| {
        let environ = std::fs::read(format!("/proc/{pid}/environ")).unwrap_or_default();
        String::from_utf8_lossy(&environ).contains(&mark)
    })
    .collect()
}

/// Starts a run of these steps that is at work, as the console does.
async fn at_work(prod: &Prod, sh: &str) -> opsdeck::core::plan::script::RunName {
    let mut plan = prod.plan(&Action::Services { which: Service::Frontend, how: How::Restart }).await;
    plan.steps[1].sh = sh.into();
    let run = act::fresh_name().unwrap();
    let text =
        opsdeck::core::plan::script::start(&plan, &prod.env, prod_root(prod), &run, &SafeText::new("a@b"));
    let ask =
        opsdeck::remote::Ask { name: "start", script: &text, stdin: b"hush", deadline: SOON, cap: 4096 };
    let answer = opsdeck::remote::Host::run(&prod.host, ask).await.unwrap();
    assert_eq!(String::from_utf8_lossy(&answer.stdout.bytes).trim(), "started session");
    let journal = sandbox(&prod.demo, "prod").root.join(format!("var/lib/opsdeck/runs/{run}/journal"));
    prod.until(|| std::fs::read_to_string(&journal).unwrap_or_default().contains(" step 2").then_some(()))
        .await;
    run
}

fn prod_root(prod: &Prod) -> &str {
    opsdeck::remote::Host::root(&prod.host)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_that_is_killed_is_ended_in_the_box_as_on_a_server() {
    let prod = Prod::of("healthy");
    let run =
        at_work(&prod, "remember_backend\nwithin 20 docker stop -t 1 ragflowauth-backend\nsleep 300").await;
    prod.until(|| prod.bad().contains(&"backend").then_some(())).await;
    let body = format!("/runs/{run}/body.sh");
    let leader = of(&prod.demo).into_iter().find(|pid| {
        let words = std::fs::read(format!("/proc/{pid}/cmdline")).unwrap_or_default();
        let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
        let leads =
            stat.rsplit_once(") ").and_then(|r| r.1.split(' ').nth(3)?.parse::<i32>().ok()) == Some(*pid);
        leads && String::from_utf8_lossy(&words).contains(&body)
    });
    kill_process_group(Pid::from_raw(leader.unwrap()).unwrap(), Signal::KILL).unwrap();
    let journal = sandbox(&prod.demo, "prod").root.join(format!("var/lib/opsdeck/runs/{run}/journal"));
    let told =
        prod.until(|| Some(std::fs::read_to_string(&journal).unwrap()).filter(|t| t.contains(" end "))).await;
    assert!(told.contains("putback backend started") && told.ends_with(" end killed\n"), "{told}");
    assert!(prod.bad().is_empty(), "{:?}", prod.bad());
    prod.until(|| of(&prod.demo).is_empty().then_some(())).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_box_that_goes_takes_its_runs_along_and_nobody_else() {
    let (one, two) = (Prod::of("healthy"), Prod::of("healthy"));
    for prod in [&one, &two] {
        at_work(prod, "trap '' TERM; while :; do sleep 0.2; done").await;
        assert!(of(&prod.demo).len() >= 3, "its shell, its step, and who waits for its end");
    }
    let (dir, ours) = (one.demo.dir().to_owned(), of(&one.demo));
    drop(one);
    assert!(!dir.exists());
    for pid in ours {
        let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
        assert!(stat.is_empty() || stat.contains(") Z "), "{stat}");
    }
    assert!(of(&two.demo).len() >= 3, "the other box was left alone");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_of_a_box_that_is_kept_goes_on_without_the_console() {
    let parent = tempfile::tempdir().unwrap();
    let dir = parent.path().join("box");
    let demo = DemoBox::create_with(program(), "healthy", opsdeck::clock::now(), Some(&dir)).unwrap();
    let state = tempfile::tempdir().unwrap();
    let prod = Prod {
        env: environment(&demo, "prod"),
        host: LocalHost::new(sandbox(&demo, "prod").into()),
        journal: Journal::below(state.path()),
        demo,
        _state: state,
    };
    let go = sandbox(&prod.demo, "prod").root.join("etc/go");
    let run = at_work(&prod, &format!("while [ ! -e {} ]; do sleep 0.2; done", go.display())).await;
    let journal = sandbox(&prod.demo, "prod").root.join(format!("var/lib/opsdeck/runs/{run}/journal"));
    drop(prod);
    std::fs::write(go, "").unwrap();
    let wait = async {
        while !std::fs::read_to_string(&journal).unwrap().ends_with(" end finished\n") {
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    };
    tokio::time::timeout(SOON, wait).await.unwrap();
}
