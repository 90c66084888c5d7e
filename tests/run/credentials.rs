//! A mount with a new password, ended by whoever at whatever moment: the file is the one that the mount was made with where there is a
//! mount, and the old one where there is none. Nothing else is left of either, nor of the file that was tried to be written.
use crate::matrix::{KILLS, Kill, deed, sound};
use crate::server::*;
use opsdeck::core::plan::{Action, Plan};

const OLD: &str = "username=bkuser\npassword=old\n";
const NEW: &str = "username=bkuser\npassword=hush\n";

/// The mount, held up before and after the kernel has done it.
const MOUNT: &str = r#"#!/bin/sh
gate() { : >"@ROOT@/at-$1"; while [ -e "@ROOT@/hold-$1" ]; do sleep 0.1; done; }
gate asked
[ ! -e "@HERE@/no-mount" ] || { echo "mount error(13): Permission denied" >&2; exit 32; }
mkdir -p "@ROOT@/proc/self"
echo "90 22 0:44 / /mnt/replica rw shared:40 - cifs //w/s rw" >>"@ROOT@/proc/self/mountinfo"
gate mounted
"#;

const GATES: [&str; 7] = ["written", "asked", "mounted", "named", "kept", "probing", "proved"];
/// The file that is tried to be written on the share, and what says that it is there.
const PROBE: &str = "mnt/replica/RagflowAuth/.opsdeck-killed";
const PROBING: &str = "var/lib/opsdeck/runs/killed/probing";

fn mount(server: &Server) -> Plan {
    let gate = "gate() { : >\"$root/at-$1\"; while [ -e \"$root/hold-$1\" ]; do sleep 0.1; done; }\n";
    let own = |sh: &str| step(&format!("{gate}{sh}"), None);
    let file = "\"$root/root/.smbcredentials\"";
    let mount_it = server.bin.join("mount-it").display().to_string();
    let mut plan = plan(vec![
        own(&format!("same_container {BACKEND} {ID}\nremember_backend")),
        own(&format!("write_credentials {file}.\"$run_id\" bkuser ''\ngate written")),
        own(&format!(
            "mounting //w/s /mnt/replica {mount_it}\ngate named\nkeep_credentials {file}.\"$run_id\" {file}\ngate kept"
        )),
        own("probe_share /mnt/replica/RagflowAuth\ngate proved"),
    ]);
    plan.action = Action::Mount { new_password: true };
    plan
}

async fn cell(shell: &Shell, gate: &'static str, whom: Kill, had_one: bool) -> Result<(), String> {
    let server = Server::new(shell);
    server.tool("mount-it", MOUNT);
    std::fs::create_dir_all(server.root.join("mnt/replica")).unwrap();
    server.put("proc/self/mountinfo", "");
    if had_one {
        server.put("root/.smbcredentials", OLD);
    }
    let run = name("killed");
    server.put(&format!("hold-{gate}"), "");
    if gate == "probing" {
        // whoever writes to it waits for a reader that never comes
        server.put("mnt/replica/RagflowAuth/a pack", "");
        let made = std::process::Command::new("mkfifo").arg(server.root.join(PROBE)).status();
        assert!(made.is_ok_and(|s| s.success()));
    }
    let (code, said) = server.start_as(&mount(&server), &run, "a@b", b"hush").await;
    if code != 0 {
        return Err(format!("start: {code} {said}"));
    }
    let at = if gate == "probing" { PROBING.to_owned() } else { format!("at-{gate}") };
    let at = server.root.join(at);
    server.until(|| at.exists().then_some(()), "the moment").await;
    deed(&server, &run, whom);
    if whom == Kill::After {
        std::fs::remove_file(server.root.join(format!("hold-{gate}"))).unwrap();
    }
    if whom.leaves_nobody() {
        server.follow(&run, 1).await;
        server.finish(&run).await;
    }
    server.end_of(&run).await;
    sound(&server, &run).await?;
    for left in [PROBE, PROBING] {
        if server.root.join(left).exists() {
            return Err(format!("{left} is left: {:?}", server.told(&run)));
        }
    }
    if gate == "probing" && !server.root.join("mnt/replica/RagflowAuth/a pack").exists() {
        return Err("what is not ours is gone".into());
    }
    let mounted = std::fs::read_to_string(server.root.join("proc/self/mountinfo")).unwrap().contains("cifs");
    let file = std::fs::read_to_string(server.root.join("root/.smbcredentials")).ok();
    let wanted = if mounted { Some(NEW) } else { had_one.then_some(OLD) };
    if file.as_deref() != wanted {
        return Err(format!("mounted {mounted}, and the file is {file:?}: {:?}", server.told(&run)));
    }
    let left = std::fs::read_dir(server.root.join("root")).unwrap().flatten();
    let left: Vec<_> = left.map(|e| e.file_name()).filter(|n| n != ".smbcredentials").collect();
    if left.is_empty() { Ok(()) } else { Err(format!("{left:?} is left")) }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_file_is_the_one_of_the_mount_that_is_there_whoever_is_killed_at_whatever_moment() {
    let mut cells = Vec::new();
    for (n, shell) in shells().into_iter().enumerate() {
        for (m, gate) in GATES.into_iter().enumerate() {
            // each way at each moment under one of the shells, and the two that leave most behind under all
            for (k, kill) in KILLS.into_iter().enumerate() {
                // nobody lets go of one that waits for a reader
                if gate == "probing" && kill == Kill::After {
                    continue;
                }
                if matches!(kill, Kill::Shell | Kill::All) || (m + k) % 3 == n {
                    cells.push((shell.clone(), gate, kill, (m + k) % 2 == 0));
                }
            }
        }
    }
    let cells = std::sync::Mutex::new(cells.into_iter());
    let wrong = std::sync::Mutex::new(Vec::new());
    let worker = || async {
        loop {
            let Some((shell, gate, kill, had_one)) = cells.lock().unwrap().next() else { return };
            if let Err(why) = cell(&shell, gate, kill, had_one).await {
                wrong.lock().unwrap().push(format!("{} {gate} {kill:?} {had_one}: {why}", shell.name));
            }
        }
    };
    crate::carry::futures((0..16).map(|_| worker())).await;
    let wrong = wrong.into_inner().unwrap();
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn one_that_never_worked_changes_nothing() {
    for shell in shells() {
        let server = Server::new(&shell);
        server.tool("mount-it", MOUNT);
        server.note("no-mount", "");
        server.put("proc/self/mountinfo", "");
        server.put("root/.smbcredentials", OLD);
        let run = name("refused");
        let mut plan = mount(&server);
        // somebody mounts it by hand before the run is over: that was not this run's password
        let by_hand =
            "echo '90 22 0:44 / /mnt/replica rw shared:40 - cifs //w/s rw' >\"$root/proc/self/mountinfo\"";
        plan.steps[1].undo = Some(by_hand.into());
        server.start_as(&plan, &run, "a@b", b"hush").await;
        assert_eq!(server.end_of(&run).await, "failed", "{}", shell.name);
        assert!(server.told(&run).contains(&"undo 2 0".into()), "{:?}", server.told(&run));
        let file = std::fs::read_to_string(server.root.join("root/.smbcredentials")).unwrap();
        assert_eq!(file, OLD, "{}", shell.name);
        assert_eq!(std::fs::read_dir(server.root.join("root")).unwrap().count(), 1);
    }
}
