//! The share's password on its way to a real server: in no argument and no environment of a process, sampled at both ends
//! while it travels; afterwards in no log, journal, unit, file or core, but in the credentials file alone.
//!
//! Needs the lab to be up (`tests/lab/lab up`); see `on_lab.rs` for where it is not.
// helpers of tests fail by panicking, as tests do
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]
// each test has a thread and a runtime of its own: who waits for the lab holds up nobody
#![allow(clippy::disallowed_methods, clippy::await_holding_lock)]

#[path = "common/acting.rs"]
mod acting;
#[path = "common/mod.rs"]
mod common;
#[path = "common/lab.rs"]
mod lab;
#[path = "common/planted.rs"]
mod planted;

use common::Home;
use lab::{config, lab, on_server, with_lab_for};
use opsdeck::act;
use opsdeck::config::Secret;
use opsdeck::core::plan::Action;
use opsdeck::core::plan::event::{self, How};
use opsdeck::core::plan::told::{Outcome, Told};
use planted::{holding, while_watching};
use std::io::Write;
use std::process::{Command, Stdio};

/// The lab's password: it opens nothing but the lab.
const PASSWORD: &str = "lab,pw 1";
/// The share off, and an older password in the file: what `mount --new-password` is for.
const OFF: &str = "grep -q ' /mnt/replica cifs ' /proc/mounts || mount /mnt/replica || true
docker stop -t 3 ragflowauth-backend >/dev/null; umount /mnt/replica; docker start ragflowauth-backend >/dev/null
printf 'username=bkuser\\npassword=an older one\\n' >/root/.smbcredentials
for i in $(seq 90); do curl -fsS -m 4 http://127.0.0.1:8001/health >/dev/null 2>&1 && exit 0; sleep 1; done; exit 1";
/// What is looked for lies in a file: the one who looks has it in no argument either.
const WATCH: &str = "rm -f /root/seen /root/over /root/looks
setsid bash -c 'while [ ! -e /root/over ]; do grep -lsaFf /root/planted /proc/[0-9]*/cmdline /proc/[0-9]*/environ; echo >>/root/looks; done >/root/seen' >/dev/null 2>&1 </dev/null &";

/// The watch on the server is over: what it saw, and how often it looked.
fn seen_there() -> (String, usize) {
    on_server("prod", "touch /root/over; sleep 1");
    let looks = on_server("prod", "wc -l </root/looks").parse().unwrap();
    (on_server("prod", "sort -u /root/seen"), looks)
}

/// The pattern on the server, by standard input.
fn plant() {
    let command = "cat >/root/planted";
    let mut ssh =
        Command::new(lab::script()).args(["ssh", "prod", command]).stdin(Stdio::piped()).spawn().unwrap();
    ssh.stdin.take().unwrap().write_all(PASSWORD.as_bytes()).unwrap();
    assert!(ssh.wait().unwrap().success());
}

/// Files of the server that hold it, beside where it belongs.
fn files_there() -> String {
    on_server(
        "prod",
        "journalctl --sync; journalctl -q -o export | grep -qaFf /root/planted && echo journal
systemctl show 'opsdeck-*' | grep -qaFf /root/planted && echo unit
dmesg | grep -qaFf /root/planted && echo kernel
grep -rlsaFf /root/planted /var/log /var/lib/opsdeck /var/lib/systemd /var/crash /run/opsdeck /run/systemd /etc /tmp /var/tmp /root |
  grep -vx -e /root/.smbcredentials -e /root/planted
docker exec ragflowauth-backend sh -c 'cat /tmp/* 2>/dev/null' | grep -qaFf /root/planted && echo container
true",
    )
}

#[test]
fn a_password_is_seen_at_neither_end_while_it_travels_and_lies_nowhere_afterwards() {
    let Some(_lab) = with_lab_for("lab_secrets") else { return };
    assert!(lab(&["reset", "prod"]).status.success());
    plant();
    // who is to see nothing is shown to see
    on_server("prod", WATCH);
    on_server("prod", "TOLD=\"$(cat /root/planted)\" sleep 8");
    let (seen, looks) = seen_there();
    assert!(seen.contains("/environ") && looks > 1, "{seen}, {looks} looks");

    on_server("prod", OFF);
    let home = Home::new();
    on_server("prod", WATCH);
    let (ran, seen_here, looks_here) = while_watching(PASSWORD, || {
        let mut command = home.command("mount --new-password --env prod --yes --confirm prod --lang en");
        command.arg("--config").arg(config()).env("OPSDECK_LOG", "trace").stdin(Stdio::null());
        command.output().unwrap()
    });
    let (seen, looks) = seen_there();
    let said = format!("{}{}", String::from_utf8_lossy(&ran.stdout), String::from_utf8_lossy(&ran.stderr));
    println!("{looks_here} looks at this end, {looks} at the other");
    assert_eq!(ran.status.code(), Some(0), "{said}");
    assert!(!said.contains(PASSWORD), "{said}");
    assert_eq!((seen_here, seen.as_str()), (Vec::new(), ""));
    assert!(looks > 10 && looks_here > 100, "{looks}, {looks_here}");
    // it arrived
    assert_eq!(on_server("prod", "grep -cFf /root/planted /root/.smbcredentials"), "1");
    assert_eq!(files_there(), "");
    assert_eq!(holding(home.0.path(), PASSWORD), Vec::<std::path::PathBuf>::new());
}

/// Every process of a run leaves a core when it is aborted; at each step the run has the password somewhere else.
#[tokio::test(flavor = "multi_thread")]
async fn the_core_of_a_run_that_is_aborted_at_any_step_does_not_have_it() {
    let Some(_lab) = with_lab_for("lab_secrets") else { return };
    assert!(lab(&["reset", "prod"]).status.success());
    plant();
    on_server(
        "prod",
        "mkdir -p /var/crash /etc/systemd/system.conf.d && echo '/var/crash/core.%e.%p' >/proc/sys/kernel/core_pattern
printf '[Manager]\\nDefaultLimitCORE=infinity\\n' >/etc/systemd/system.conf.d/cores.conf && systemctl daemon-reexec",
    );
    let at = acting::server(&config(), "prod");
    let (mut steps, mut step, mut cores) = (1, 0, 0);
    while step < steps {
        step += 1;
        on_server("prod", OFF);
        let plan = at.plan(&Action::Mount { new_password: true }).await;
        steps = plan.steps.len();
        let run = act::fresh_name().unwrap();
        let abort = format!(
            "setsid sh -c 'n=0; until grep -q \" step {step}$\" /var/lib/opsdeck/runs/{run}/journal 2>/dev/null; do sleep 0.05; n=$((n+1)); [ $n -lt 4000 ] || exit; done; systemctl kill -s ABRT opsdeck-{run}' >/dev/null 2>&1 </dev/null &"
        );
        on_server("prod", &abort);
        let password = Secret::parse(PASSWORD.into()).unwrap();
        let (outcome, told) = at.carry_out(&plan, &run, Some(password)).await;
        let events: Vec<_> = told
            .iter()
            .filter_map(|t| if let Told::Events(e) = t { Some(e.clone()) } else { None })
            .flatten()
            .collect();
        let ended = event::ended(&events).map(|(how, _)| how);
        assert!(matches!(ended, Some(How::Killed | How::Finished | How::Failed)), "step {step}: {outcome:?}");
        assert!(!matches!(outcome, Outcome::Unknown { .. }), "step {step}: {outcome:?}");
        let some: usize = on_server("prod", "ls /var/crash | wc -l").parse().unwrap();
        assert_eq!(files_there(), "", "step {step}");
        println!("step {step} of {steps}: {ended:?}, {some} cores");
        cores += some;
        on_server("prod", "rm -f /var/crash/*");
    }
    assert!(cores > 0, "nothing left a core: nothing was shown");
}
