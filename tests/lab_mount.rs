//! The share mounted and unmounted on a real server: systemd, Docker, the kernel's cifs client, Samba; with every fault that
//! the lab has for it, a share that freezes in the middle, and somebody who holds it.
//!
//! Needs the lab to be up (`tests/lab/lab up`); see `on_lab.rs` for where it is not.
// helpers of tests fail by panicking, as tests do
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]
// each test has a thread and a runtime of its own: who waits for the lab holds up nobody
#![allow(clippy::disallowed_methods, clippy::await_holding_lock)]

#[path = "common/acting.rs"]
mod acting;
#[path = "common/lab.rs"]
mod lab;

use acting::{Server, server};
use lab::{config, lab, on_server, with_lab_for};
use opsdeck::act::{self, Order};
use opsdeck::config::Secret;
use opsdeck::core::plan::event::{What, fact};
use opsdeck::core::plan::left::PutBack;
use opsdeck::core::plan::prove::Proof;
use opsdeck::core::plan::told::{Outcome, Told};
use opsdeck::core::plan::{Action, Event, Made, Plan, Refusal, Risk};
use opsdeck::core::safetext::SafeText;
use opsdeck::core::state::State;
use opsdeck::core::verdict::{self, Facts};
use opsdeck::look;
use opsdeck::remote::Host;
use std::path::PathBuf;
use std::process::Command;
use tokio::sync::mpsc;

const MOUNT: Action = Action::Mount { new_password: false };
const NEW: Action = Action::Mount { new_password: true };
const UNMOUNT: Action = Action::Unmount { lazy: false };
const LAZY: Action = Action::Unmount { lazy: true };
/// What a good end looks like, whatever it began with.
const GOOD: [&str; 5] = ["mount", "container_mount", "share", "backend", "fstab"];
/// The share off, as an operator would do it by hand.
const OFF: &str = "docker stop -t 5 ragflowauth-backend >/dev/null; umount /mnt/replica; docker start ragflowauth-backend >/dev/null; for i in $(seq 90); do curl -fsS -m 4 http://127.0.0.1:8001/health >/dev/null 2>&1 && exit 0; sleep 1; done; exit 1";

fn prod() -> Server {
    server(&config(), "prod")
}

fn fault(name: &str) {
    let out = if name == "healthy" { lab(&["reset"]) } else { lab(&["fault", name]) };
    assert!(out.status.success(), "{name}: {}", String::from_utf8_lossy(&out.stderr));
}

/// The lab's password: it opens nothing but the lab.
const PASSWORD: &str = "lab,pw 1";

/// The share's server, whose processes and settings a test may change until it ends.
struct Samba(PathBuf);

impl Samba {
    fn new() -> Samba {
        let folder = config().with_file_name("smb");
        let folder = if folder.exists() { folder } else { lab::script().with_file_name(".run").join("smb") };
        let samba = Samba(folder);
        std::fs::copy(samba.conf(), samba.conf().with_extension("kept")).unwrap();
        samba
    }

    fn conf(&self) -> PathBuf {
        self.0.join("smb.conf")
    }

    fn signal(&self, name: &str) {
        let pid = std::fs::read_to_string(self.0.join("smbd.pid")).unwrap();
        let all = format!("kill -{name} $(pgrep -s {})", pid.trim());
        assert!(Command::new("sh").args(["-c", &all]).status().unwrap().success());
    }

    /// Another line in the settings; whoever connects from now on gets it.
    fn set(&self, section: &str, line: &str) {
        let conf = std::fs::read_to_string(self.conf().with_extension("kept")).unwrap();
        let without = conf
            .replace(" read only = no\n", if line.contains("read only") { "" } else { " read only = no\n" });
        let head = format!("[{section}]\n");
        std::fs::write(self.conf(), without.replace(&head, &format!("{head} {line}\n"))).unwrap();
        // whoever is connected keeps the old ones: only the daemon itself stays
        let pid = std::fs::read_to_string(self.0.join("smbd.pid")).unwrap();
        let all = format!(
            "kill -HUP {0}; sleep 1; kill -TERM $(pgrep -s {0} | grep -vx {0}) 2>/dev/null; true",
            pid.trim()
        );
        assert!(Command::new("sh").args(["-c", &all]).status().unwrap().success());
    }
}

impl Drop for Samba {
    fn drop(&mut self) {
        let _ = std::fs::rename(self.conf().with_extension("kept"), self.conf());
        if let Ok(pid) = std::fs::read_to_string(self.0.join("smbd.pid")) {
            let all = format!("kill -CONT $(pgrep -s {0}); kill -HUP {0}", pid.trim());
            let _ = Command::new("sh").args(["-c", &all]).status();
        }
    }
}

/// What a look says of these checks.
async fn states(on: &Server, ids: &[&str]) -> Vec<(String, State, String)> {
    let look = look::take(&on.host, &on.env).await.unwrap().snapshot;
    let facts = Facts::of(&on.env, &look);
    let said = |id: &&str| verdict::check(&facts, id).map(|c| ((*id).to_owned(), c.state, c.summary.en));
    ids.iter().filter_map(said).collect()
}

async fn all_good(on: &Server) {
    let states = states(on, &GOOD).await;
    assert!(states.iter().all(|s| s.1 == State::Ok), "{states:#?}");
}

fn done(outcome: &Outcome) -> Vec<Proof> {
    let Outcome::Done { proofs } = outcome else { panic!("{outcome:#?}") };
    for proof in proofs {
        let before = proof.before.as_ref().map(|t| t.en.as_str()).unwrap_or_default();
        eprintln!("proof: {:<24} {before:<60} -> {} [{:?}]", proof.what.en, proof.after.en, proof.state);
    }
    proofs.clone()
}

fn failed(outcome: &Outcome) -> String {
    let Outcome::Failed { said, next, left, .. } = outcome else { panic!("{outcome:#?}") };
    eprintln!("failed: {} | {}", said.en, next.en);
    assert!(
        matches!(left.put_back, PutBack::Runs | PutBack::NothingStopped),
        "the backend is down: {left:?}"
    );
    said.en.clone()
}

fn events(told: &[Told]) -> Vec<Event> {
    let of = |t: &Told| if let Told::Events(events) = t { events.clone() } else { Vec::new() };
    told.iter().flat_map(of).collect()
}

/// A server without hardware support may be too slow for a look; that is not what is tested here.
fn too_slow(refusal: &Refusal) -> bool {
    refusal.said.en.contains("ran out of time") || refusal.said.en.contains("not known")
}

/// What an action comes to, once the look has all its answers.
async fn made(on: &Server, action: &Action) -> Result<Made, Refusal> {
    for _ in 0..10 {
        match act::preview(&on.host, &on.env, action).await.unwrap().made {
            Err(refusal) if too_slow(&refusal) => eprintln!("too slow: {}", refusal.said.en),
            other => return other,
        }
    }
    panic!("no look was ever whole");
}

async fn plan(on: &Server, action: &Action) -> Plan {
    match made(on, action).await {
        Ok(Made::Plan(plan)) => *plan,
        other => panic!("{action:?}: {other:#?}"),
    }
}

async fn refusal(on: &Server, action: &Action) -> Refusal {
    match made(on, action).await {
        Err(refusal) => refusal,
        other => panic!("{action:?}: {other:#?}"),
    }
}

async fn act_with(on: &Server, action: &Action, password: Option<&str>) -> (Outcome, Vec<Event>) {
    for _ in 0..5 {
        let plan = plan(on, action).await;
        let secret = password.map(|p| Secret::parse(p.as_bytes().to_vec()).unwrap());
        let (outcome, told) = on.carry_out(&plan, &act::fresh_name().unwrap(), secret).await;
        match &outcome {
            Outcome::Refused(refusal) if too_slow(refusal) => {}
            Outcome::Unknown { said, .. } if said.en.contains("cannot be seen") => {
                panic!("too slow to prove it: {outcome:#?}")
            }
            _ => return (outcome, events(&told)),
        }
    }
    panic!("no look was ever whole");
}

/// Carried out, and this done when a step begins.
async fn act_and(on: &Server, action: &Action, step: usize, then: impl FnOnce()) -> (Outcome, Vec<Event>) {
    let plan = plan(on, action).await;
    let (send, mut told) = mpsc::channel(64);
    let order = Order {
        host: &on.host,
        env: &on.env,
        plan: &plan,
        run: act::fresh_name().unwrap(),
        password: None,
        operator: SafeText::new("tester@lab"),
        journal: &on.journal,
    };
    let mut then = Some(then);
    let gather = async {
        let mut all = Vec::new();
        while let Some(t) = told.recv().await {
            eprintln!("told: {t:?}");
            if let Told::Events(events) = &t {
                if events.iter().any(|e| e.what == What::Step { n: step })
                    && let Some(then) = then.take()
                {
                    then();
                }
                all.extend(events.clone());
            }
            if matches!(t, Told::Ended(_)) {
                break;
            }
        }
        all
    };
    tokio::join!(act::carry_out(order, &send), gather)
}

fn log_ons() -> usize {
    on_server("prod", "dmesg | grep -c STATUS_LOGON_FAILURE || true").parse().unwrap()
}

/// The backend runs something and answers.
fn is_back() -> bool {
    let back = "for i in $(seq 60); do curl -fsS -m 4 http://127.0.0.1:8001/health 2>/dev/null | grep -q '\"ok\"' && timeout 20 docker exec ragflowauth-backend true && { echo yes; exit; }; sleep 1; done; echo no";
    on_server("prod", back) == "yes"
}

/// It does, and nothing of the run is left behind.
fn backend_is_back() {
    assert!(is_back());
    nothing_left();
}

fn nothing_left() {
    let left = "ls -d /root/.smbcredentials.* /etc/fstab.[0-9]* /run/opsdeck/[0-9]* /etc/systemd/system/opsdeck-after-boot.service 2>/dev/null; find /mnt/replica -xdev -maxdepth 2 -name '.opsdeck-*' 2>/dev/null; true";
    assert_eq!(on_server("prod", &format!("timeout 20 sh -c \"{left}\"; true")), "");
}

#[tokio::test]
async fn a_share_that_is_not_mounted_is_mounted_and_then_there_is_nothing_to_do() {
    let Some(_lab) = with_lab_for("lab_mount") else { return };
    fault("not-mounted");
    let prod = prod();
    let plan = plan(&prod, &MOUNT).await;
    assert_eq!(plan.risk, Risk::Heavy, "old packs lie under the mount point");
    assert!(plan.checked.iter().any(|c| c.what.en.contains("local files")), "{:#?}", plan.checked);
    let (outcome, _) = act_with(&prod, &MOUNT, None).await;
    let proofs = done(&outcome);
    assert_eq!(proofs.len(), 5, "{proofs:#?}");
    all_good(&prod).await;
    nothing_left();
    let again = made(&prod, &MOUNT).await;
    assert!(matches!(again, Ok(Made::Nothing { .. })), "{again:#?}");
    prod.host.close().await;
}

#[tokio::test]
async fn a_blind_container_and_a_line_that_is_missing_are_all_that_is_mended() {
    let Some(_lab) = with_lab_for("lab_mount") else { return };
    fault("container-blind");
    let on = prod();
    let (outcome, events) = act_with(&on, &MOUNT, None).await;
    done(&outcome);
    assert_eq!((fact(&events, "mounted"), fact(&events, "backend_sees")), (None, Some("after_restart")));
    all_good(&on).await;
    on_server("prod", "sed -i '/ \\/mnt\\/replica /d' /etc/fstab");
    let started = "docker inspect -f '{{.State.StartedAt}}' ragflowauth-backend";
    let before = on_server("prod", started);
    let (outcome, _) = act_with(&on, &MOUNT, None).await;
    done(&outcome);
    all_good(&on).await;
    assert_eq!(on_server("prod", started), before);
    // what was written brings the very share back
    on_server(
        "prod",
        "umount /mnt/replica && mount /mnt/replica && grep -q ' /mnt/replica cifs ' /proc/mounts && stat -c %a /etc/fstab | grep -qx 644",
    );
    on.host.close().await;
}

#[tokio::test]
async fn a_wrong_password_is_tried_once_and_the_right_one_mends_it() {
    let Some(_lab) = with_lab_for("lab_mount") else { return };
    fault("wrong-password");
    let on = prod();
    let before = log_ons();
    let (outcome, _) = act_with(&on, &MOUNT, None).await;
    let said = failed(&outcome);
    assert!(said.contains("wrong user or password") && said.contains("mount error(13)"), "{said}");
    assert_eq!(log_ons(), before + 1);
    let file = on_server("prod", "sha256sum /root/.smbcredentials");
    failed(&act_with(&on, &NEW, Some("still, not it")).await.0);
    assert_eq!((log_ons(), on_server("prod", "sha256sum /root/.smbcredentials")), (before + 2, file));
    nothing_left();
    let (outcome, _) = act_with(&on, &NEW, Some(PASSWORD)).await;
    done(&outcome);
    all_good(&on).await;
    assert_eq!(
        on_server("prod", "stat -c '%a %U' /root/.smbcredentials; cat /root/.smbcredentials"),
        "600 root\nusername=bkuser\npassword=lab,pw 1"
    );
    nothing_left();
    assert_eq!(
        on_server("prod", "grep -rl 'lab,pw' /var/lib/opsdeck /run/opsdeck /etc 2>/dev/null || true"),
        ""
    );
    on.host.close().await;
}

#[tokio::test]
async fn another_share_is_refused_unmounted_and_replaced_by_ours() {
    let Some(_lab) = with_lab_for("lab_mount") else { return };
    fault("wrong-share");
    let on = prod();
    let said_no = refusal(&on, &MOUNT).await;
    assert!(said_no.said.en.contains("/other") && said_no.instead == [UNMOUNT], "{said_no:#?}");
    done(&act_with(&on, &UNMOUNT, None).await.0);
    done(&act_with(&on, &MOUNT, None).await.0);
    all_good(&on).await;
    on.host.close().await;
}

#[tokio::test]
async fn a_share_that_cannot_be_reached_leaves_all_as_it_is() {
    let Some(_lab) = with_lab_for("lab_mount") else { return };
    fault("healthy");
    on_server("prod", OFF);
    let started = on_server("prod", "docker inspect -f '{{.State.StartedAt}}' ragflowauth-backend");
    let mut on = prod();
    let host = std::mem::replace(&mut on.env.share.host, "10.0.2.77".into());
    let said_no = refusal(&on, &MOUNT).await;
    assert!(said_no.said.en.contains("left alone"), "{said_no:#?}");
    on.env.share.host = host;
    let port = std::mem::replace(&mut on.env.share.port, 4456);
    assert!(refusal(&on, &MOUNT).await.said.en.contains("left alone"));
    on.env.share.port = port;
    // no share of that name
    let name = std::mem::replace(&mut on.env.share.name, "nosuch".into());
    let said = failed(&act_with(&on, &MOUNT, None).await.0);
    assert!(said.contains("no share of that name"), "{said}");
    on.env.share.name = name;
    assert_eq!(on_server("prod", "docker inspect -f '{{.State.StartedAt}}' ragflowauth-backend"), started);
    assert_eq!(on_server("prod", "grep -c ' /mnt/replica ' /proc/self/mountinfo || true"), "0");
    nothing_left();
    on.host.close().await;
}

#[tokio::test]
async fn a_share_that_may_not_be_written_and_a_dialect_that_is_refused_are_told() {
    let Some(_lab) = with_lab_for("lab_mount") else { return };
    fault("healthy");
    on_server("prod", OFF);
    let samba = Samba::new();
    let mut on = prod();
    samba.set("backup", "read only = yes");
    let said = failed(&act_with(&on, &MOUNT, None).await.0);
    assert!(said.contains("may not write") && said.contains("taken off again"), "{said}");
    assert_eq!(on_server("prod", "grep -c ' /mnt/replica ' /proc/self/mountinfo || true"), "0");
    nothing_left();
    // whoever names a dialect is not given another one
    samba.set("global", "server min protocol = SMB3_11");
    let options = on.env.share.options.clone();
    on.env.share.options = format!("{options},vers=3.0");
    let (outcome, told) = act_with(&on, &MOUNT, None).await;
    let said = failed(&outcome);
    assert!(said.contains("dialect"), "{said}");
    assert_eq!(tries(&told), 1);
    on.env.share.options = options;
    // the newest does, and without a name the kernel finds it
    done(&act_with(&on, &MOUNT, None).await.0);
    on_server("prod", OFF);
    // nothing that this kernel still speaks: tried twice, and no more
    samba.set("global", "server max protocol = SMB2_02");
    let (outcome, told) = act_with(&on, &MOUNT, None).await;
    let said = failed(&outcome);
    assert!(said.contains("dialect"), "{said}");
    assert_eq!(tries(&told), 2);
    drop(samba);
    done(&act_with(&on, &MOUNT, None).await.0);
    on.host.close().await;
}

fn tries(events: &[Event]) -> usize {
    events
        .iter()
        .filter(|e| matches!(&e.what, What::Fact { name, .. } if name.as_str() == "mount_error"))
        .count()
}

/// Carried out, with the share frozen when a step begins: what became of it, and the seconds that it took and had.
async fn frozen_at(on: &Server, action: &Action, step: usize, samba: &Samba) -> (Outcome, [u64; 2]) {
    let limit = u64::from(plan(on, action).await.limit_s);
    let began = std::time::Instant::now();
    let (outcome, _) = act_and(on, action, step, || samba.signal("STOP")).await;
    eprintln!("frozen at step {step} of {}: {:?}, {outcome:#?}", action.id(), began.elapsed());
    (outcome, [began.elapsed().as_secs(), limit])
}

/// All of it, with the looks before and after, within the limit of the run alone; and while the share is still frozen the backend runs
/// something and is well, or is told to be down. Thawed afterwards, all is well.
fn up_or_told(outcome: &Outcome, [took, limit]: [u64; 2], samba: &Samba) {
    let told = matches!(outcome, Outcome::Failed { left, .. } if left.put_back == PutBack::Down);
    let back = told || is_back();
    samba.signal("CONT");
    assert!(back, "the backend is down, and nobody was told: {outcome:#?}");
    assert!(took < limit, "{took} s of {limit}");
    backend_is_back();
}

#[tokio::test]
async fn a_share_that_freezes_while_it_is_mounted_is_given_up_and_the_backend_runs() {
    let Some(_lab) = with_lab_for("lab_mount") else { return };
    fault("healthy");
    on_server("prod", OFF);
    let on = prod();
    let samba = Samba::new();
    // before: the port is taken by the kernel, and nobody answers behind it
    samba.signal("STOP");
    let (outcome, _) = act_with(&on, &MOUNT, None).await;
    samba.signal("CONT");
    failed(&outcome);
    backend_is_back();
    assert_eq!(on_server("prod", "grep -c ' /mnt/replica ' /proc/self/mountinfo || true"), "0");
    // in the middle: when the backend is about to be restarted
    let (outcome, took) = frozen_at(&on, &MOUNT, 4, &samba).await;
    assert!(!matches!(outcome, Outcome::Unknown { .. }), "{outcome:#?}");
    up_or_told(&outcome, took, &samba);
    on.host.close().await;
    drop(samba);
    fault("healthy");
}

#[tokio::test]
async fn a_share_that_freezes_while_it_is_unmounted_is_given_up_and_the_backend_runs() {
    let Some(_lab) = with_lab_for("lab_mount") else { return };
    fault("healthy");
    let on = prod();
    let samba = Samba::new();
    let (outcome, took) = frozen_at(&on, &UNMOUNT, 2, &samba).await;
    up_or_told(&outcome, took, &samba);
    on.host.close().await;
    drop(samba);
    fault("share-hung");
    // one that is dead already is refused, and the last resort leaves the container alone
    let on = prod();
    assert_eq!(refusal(&on, &MOUNT).await.instead, [LAZY]);
    assert_eq!(refusal(&on, &UNMOUNT).await.instead, [LAZY]);
    let (outcome, _) = act_with(&on, &LAZY, None).await;
    done(&outcome);
    assert_eq!(on_server("prod", "grep -c ' /mnt/replica ' /proc/self/mountinfo || true"), "0");
    on.host.close().await;
    fault("healthy");
}

#[tokio::test]
async fn a_share_is_unmounted_once_nobody_holds_it() {
    let Some(_lab) = with_lab_for("lab_mount") else { return };
    fault("healthy");
    let on = prod();
    let kept = on_server("prod", "sha256sum /etc/fstab");
    // a shell that stands in it
    on_server(
        "prod",
        "cd /mnt/replica/RagflowAuth && (setsid sleep 600 >/dev/null 2>&1 </dev/null & echo $! >/root/holder)",
    );
    let (outcome, _) = act_with(&on, &UNMOUNT, None).await;
    let Outcome::Refused(refusal) = &outcome else { panic!("{outcome:#?}") };
    assert!(refusal.said.en.contains("sleep") && refusal.instead.is_empty(), "{refusal:#?}");
    on_server("prod", "kill $(cat /root/holder); rm /root/holder");
    // a container of somebody else
    on_server(
        "prod",
        "docker run --pull never -d --name reports -v /mnt/replica:/mnt/replica ragflowauth-frontend:lab sleep 600 >/dev/null",
    );
    let (outcome, _) = act_with(&on, &UNMOUNT, None).await;
    let Outcome::Refused(refusal) = &outcome else { panic!("{outcome:#?}") };
    assert!(refusal.said.en.contains("container reports"), "{refusal:#?}");
    // a share that answers is not taken from under it
    assert_eq!(self::refusal(&on, &LAZY).await.instead, [UNMOUNT]);
    on_server("prod", "docker rm -f reports >/dev/null");
    let (outcome, events) = act_with(&on, &UNMOUNT, None).await;
    done(&outcome);
    assert_eq!(fact(&events, "held_elsewhere"), Some("nobody"));
    assert_eq!(on_server("prod", "cat /proc/[0-9]*/mountinfo | grep -c ' cifs ' || true"), "0");
    assert_eq!(on_server("prod", "sha256sum /etc/fstab"), kept);
    backend_is_back();
    let again = made(&on, &UNMOUNT).await;
    assert!(matches!(again, Ok(Made::Nothing { .. })), "{again:#?}");
    done(&act_with(&on, &MOUNT, None).await.0);
    all_good(&on).await;
    on.host.close().await;
}

/// By the line that a mount wrote into fstab: who boots does not wait for a share that is away.
#[tokio::test]
async fn a_server_whose_share_is_away_boots_all_the_same() {
    let Some(_lab) = with_lab_for("lab_mount") else { return };
    fault("not-mounted");
    on_server("prod", "sed -i '/ \\/mnt\\/replica /d' /etc/fstab");
    let on = prod();
    done(&act_with(&on, &MOUNT, None).await.0);
    on.host.close().await;
    on_server("prod", "grep -q '^//10.0.2.2/backup /mnt/replica cifs .*_netdev.*nofail' /etc/fstab && sync");
    assert!(lab(&["share", "down"]).status.success());
    let booted = lab(&["crash", "prod"]);
    assert!(booted.status.success(), "{}", String::from_utf8_lossy(&booted.stderr));
    let up = "for i in $(seq 180); do case $(systemctl is-system-running) in running|degraded) echo up; break;; esac; sleep 1; done; grep -c ' /mnt/replica cifs ' /proc/mounts || true";
    assert_eq!(on_server("prod", up), "up\n0");
    assert!(is_back());
    assert!(lab(&["share", "up"]).status.success());
    let on = prod();
    done(&act_with(&on, &MOUNT, None).await.0);
    all_good(&on).await;
    backend_is_back();
    on.host.close().await;
}
