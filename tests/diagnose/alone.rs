//! Each cause alone: one change to a server on which all is well, and it leads, as sure as it may be, with its first step.
use super::composed::{db, jobs};
use super::*;
use opsdeck::core::diagnose::Certainty::{self, Likely, Possible, Proved};
use opsdeck::core::gap::{Gap, NotAsked};
use opsdeck::core::probe::database::{Kind, Status};
use opsdeck::core::probe::health::Health;
use opsdeck::core::probe::kernel::CifsTrouble;
use opsdeck::core::probe::mountinfo::Mount;
use opsdeck::core::probe::port::{Port, parse as port};
use opsdeck::core::probe::share::ShareAnswer;
use opsdeck::core::safetext::SafeText;
use opsdeck::core::segments::Segment;
use opsdeck::core::state::State::{Failed, Warning};

pub(crate) type Change = fn(&mut Environment, &mut Snapshot);
/// The cause, the scenario that is changed, how, how sure it is, its state, the first step.
pub(crate) type Alone = (&'static str, &'static str, Change, Certainty, State, &'static str);

pub(crate) const ALONE: &[Alone] = &[
    ("windows-refuses", "share-hung", |_, l| said(l, "Connection refused"), Likely, Failed, "call windows"),
    ("no-route", "share-hung", |_, l| said(l, "Network is unreachable"), Proved, Failed, "call network"),
    // a machine of the same network that is switched off
    ("no-route", "share-hung", |_, l| said(l, "No route to host"), Likely, Failed, "call windows"),
    ("name-unknown", "share-hung", |_, l| said(l, "Name or service not known"), Proved, Failed, "call you"),
    (
        "account-locked",
        "wrong-password",
        |_, l| kernel(l, CifsTrouble::Account),
        Proved,
        Failed,
        "call windows",
    ),
    (
        "no-permission",
        "wrong-password",
        |_, l| kernel(l, CifsTrouble::Denied),
        Proved,
        Failed,
        "call windows",
    ),
    // what Windows says of the share, and not of the login, is not in the kernel's log
    ("no-permission", "wrong-password", |_, l| wordless(l), Likely, Failed, "call windows"),
    (
        "share-name",
        "wrong-password",
        |_, l| kernel(l, CifsTrouble::ShareName),
        Proved,
        Failed,
        "call windows",
    ),
    ("smb-version", "wrong-password", |_, l| kernel(l, CifsTrouble::Dialect), Proved, Failed, "call you"),
    (
        "reboot-lost-mount",
        "not-mounted",
        |_, l| {
            l.fstab = Ok(Vec::new());
            l.kernel.as_mut().unwrap().lines.clear();
        },
        Likely,
        Failed,
        "M",
    ),
    // somebody has tried to mount it since: that is said, and a log without it would make nothing surer
    (
        "reboot-lost-mount",
        "not-mounted",
        |_, l| {
            l.fstab = Ok(Vec::new());
            let at = l.now().plus_ms(-3_600_000);
            let line = l.kernel.as_mut().unwrap().lines.last_mut().unwrap();
            (line.at, line.text, line.means) =
                (Some(at), SafeText::new("CIFS: Attempting to mount //192.0.2.72/backup"), None);
        },
        Likely,
        Failed,
        "M",
    ),
    (
        "other-on-point",
        "healthy",
        |_, l| on_point(l, |m| m.fstype = SafeText::new("ext4")),
        Proved,
        Failed,
        "U",
    ),
    (
        "other-on-point",
        "healthy",
        |_, l| on_point(l, |m| m.fstype = SafeText::new("autofs")),
        Proved,
        Failed,
        "call you",
    ),
    ("read-only", "healthy", |_, l| on_point(l, read_only), Proved, Failed, "U"),
    ("share-hung", "healthy", |_, l| l.share = Ok(ShareAnswer::Silent), Proved, Failed, "call windows"),
    (
        "share-error",
        "healthy",
        |_, l| l.share = Ok(ShareAnswer::Fails { said: SafeText::new("Input/output error") }),
        Proved,
        Failed,
        "call windows",
    ),
    (
        "wrong-folder",
        "healthy",
        |_, l| {
            if let Ok(ShareAnswer::Answers { folder, .. }) = &mut l.share {
                *folder = None;
            }
        },
        Proved,
        Failed,
        "call windows",
    ),
    ("container-read-only", "healthy", |_, l| in_container(l, read_only), Proved, Failed, "call backend"),
    // the host has been put right, and the container still has the share of before
    (
        "container-blind",
        "healthy",
        |_, l| in_container(l, |m| m.source = SafeText::new("//192.0.2.9/old")),
        Proved,
        Failed,
        "R",
    ),
    (
        "docker-in-backend",
        "backup-failed",
        |_, l| {
            failed(l, "备份 volume 失败：Docker 不可用（/var/run/docker.sock 不存在）");
            backend(l).mounts.retain(|b| !b.source.as_str().contains("docker.sock"));
        },
        Proved,
        Failed,
        "call backend",
    ),
    (
        "docker-in-backend",
        "backup-failed",
        |_, l| failed(l, "exec: docker: command not found"),
        Likely,
        Failed,
        "call backend",
    ),
    (
        "compose-in-backend",
        "backup-failed",
        |_, l| {
            failed(l, "compose 路径不存在：/app/ragflow_compose/docker-compose.yml");
            backend(l).mounts.retain(|b| !b.source.as_str().contains("ragflow_compose"));
        },
        Proved,
        Failed,
        "call backend",
    ),
    (
        "no-backend",
        "healthy",
        |_, l| {
            l.containers.as_mut().unwrap().retain(|c| c.name.as_str() != "ragflowauth-backend");
            l.inside = Err(Gap::NotAsked { because: NotAsked::BackendDown });
        },
        Proved,
        Failed,
        "call backend",
    ),
    (
        "backend-ill",
        "healthy",
        |_, l| l.health = Ok(Health::Ill { code: 500, said: SafeText::new("database is locked") }),
        Likely,
        Failed,
        "R",
    ),
    // Docker starts it again and again: it is always young, and never well
    ("backend-ill", "healthy", |_, l| crash_loops(l), Likely, Failed, "call backend"),
    ("volumes-missing", "healthy", |_, l| l.volumes = Ok(Vec::new()), Proved, Failed, "call backend"),
    ("compose-missing", "healthy", |_, l| l.compose_file = Ok(false), Proved, Warning, "call backend"),
    ("interrupted-copy", "healthy", |_, l| copy_left(l), Proved, Warning, "call you"),
    (
        "other-trouble",
        "healthy",
        |_, l| l.identity.as_mut().unwrap().uid = Some(1000),
        Possible,
        Warning,
        "call you",
    ),
    (
        "disk-full",
        "healthy",
        |_, l| docker_disk(l, |d| (d.available, d.free) = Default::default()),
        Proved,
        Failed,
        "call you",
    ),
    ("inodes-full", "healthy", |_, l| docker_disk(l, |d| d.inodes_free = 3), Proved, Failed, "call you"),
    ("full-overdue", "healthy", |_, l| full_failed(l), Proved, Failed, "B"),
    ("running", "backup-running", |_, l| queued(l), Possible, Warning, "wait"),
];

fn said(look: &mut Snapshot, words: &str) {
    let payload = b"tool=bash\n";
    look.port = port(&Segment { name: b"port", payload, said: SafeText::new(words), code: Some(1) });
}

fn kernel(look: &mut Snapshot, means: CifsTrouble) {
    for line in look.kernel.as_mut().unwrap().lines.iter_mut().filter(|l| l.means.is_some()) {
        line.means = Some(means);
    }
}

/// As a server of the lab wrote it down when the share let the account in no more.
fn wordless(look: &mut Snapshot) {
    let lines = &mut look.kernel.as_mut().unwrap().lines;
    lines.retain(|l| l.means.is_none() && !l.text.as_str().contains("SessSetup"));
    assert!(lines.last().is_some_and(|l| l.text.as_str().ends_with("cifs_mount failed w/return code = -13")));
}

fn on_point(look: &mut Snapshot, change: fn(&mut Mount)) {
    let table = look.mounts.as_mut().unwrap();
    table.mounts.iter_mut().filter(|m| m.point == b"/mnt/replica").for_each(change);
}

fn in_container(look: &mut Snapshot, change: fn(&mut Mount)) {
    let table = look.inside.as_mut().unwrap().mounts.as_mut().unwrap();
    table.mounts.iter_mut().filter(|m| m.fstype.as_str() == "cifs").for_each(change);
}

fn read_only(mount: &mut Mount) {
    for option in mount.options.iter_mut().chain(&mut mount.super_options).filter(|o| o.as_str() == "rw") {
        *option = SafeText::new("ro");
    }
}

fn failed(look: &mut Snapshot, words: &str) {
    for job in jobs(look).filter(|j| j.status == Status::Failed) {
        job.detail = SafeText::new(words);
    }
}

fn backend(look: &mut Snapshot) -> &mut opsdeck::core::probe::containers::Container {
    let all = look.containers.as_mut().unwrap();
    all.iter_mut().find(|c| c.name.as_str() == "ragflowauth-backend").unwrap()
}

pub(crate) fn crash_loops(look: &mut Snapshot) {
    let now = look.now();
    let backend = backend(look);
    (backend.started, backend.restarts) = (Some(now.plus_ms(-40_000)), Some(12));
    look.health = Ok(Health::Silent { said: SafeText::new("curl: (7)") });
}

fn copy_left(look: &mut Snapshot) {
    let now = look.now();
    let folder = look.packs.as_mut().unwrap();
    let mut left = folder.packs[0].clone();
    (left.path, left.changed) = (SafeText::new("_tmp/job_7_1"), now.plus_ms(-86_400_000));
    folder.interrupted.push(left);
}

fn docker_disk(look: &mut Snapshot, change: fn(&mut opsdeck::core::probe::space::Space)) {
    // a disk of its own
    let disk = look.docker_disk.as_mut().unwrap();
    disk.path = SafeText::new("/var/lib/docker");
    change(disk);
}

/// The weekly full backup of three nights ago failed, and nobody made up for it.
fn full_failed(look: &mut Snapshot) {
    let base = db(look);
    let last = base.last_completed.iter().find(|j| j.kind == Kind::Full).unwrap().id;
    let before = base.jobs.iter().find(|j| j.kind == Kind::Full && j.id != last).unwrap().clone();
    base.jobs.iter_mut().filter(|j| j.id == last).for_each(|j| j.status = Status::Failed);
    base.last_completed.retain(|j| j.id != last);
    base.last_completed.push(before);
}

/// It stands at queued and says nothing more.
fn queued(look: &mut Snapshot) {
    for job in jobs(look).filter(|j| j.status == Status::Running) {
        (job.status, job.message, job.output_dir) = (Status::Queued, SafeText::default(), None);
    }
}

#[test]
fn each_cause_is_found_alone() {
    let mut wrong = Vec::new();
    for (cause, scenario, change, sure, state, step) in ALONE {
        let (mut env, mut look) = scene(scenario);
        change(&mut env, &mut look);
        let d = explained(&env, &look);
        let found = d.findings.iter().map(|f| (f.cause, f.certainty, f.state)).collect::<Vec<_>>();
        if found != [(*cause, *sure, *state)] || first_step(&d) != *step {
            wrong.push(format!("{cause} in {scenario}: {found:?} {}", first_step(&d)));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a_tool_that_says_nothing_has_reached_the_port() {
    assert_eq!(
        Port::Open,
        port(&Segment { name: b"port", payload: b"tool=nc\n", said: SafeText::default(), code: Some(0) })
            .unwrap()
    );
}
