//! A demo never touches the machine outside its folder, and runs nothing but what is in its `bin`.
use super::asking::*;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// Tells the copy of this test that it is the one with the traps on its search path.
const INNER: &str = "OPSDECK_TEST_TRAPS";

/// Makes programs with the names of a server's tools that leave a mark when somebody runs them.
fn traps(dir: &Path) -> PathBuf {
    let mark = dir.join("sprung");
    for name in "docker mount umount findmnt df du stat dmesg journalctl ip nc curl uname hostname date id timeout wget \
        bash python3 systemctl"
        .split_whitespace()
    {
        let file = dir.join(name);
        std::fs::write(&file, format!("#!/bin/sh\necho {name} \"$@\" >>{}\n", mark.display())).unwrap();
        std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o755)).unwrap();
    }
    mark
}

#[test]
fn no_tool_of_the_operators_search_path_is_run_in_a_servers_name() {
    if std::env::var_os(INNER).is_some() {
        for scenario in ["healthy", "not-mounted", "backend-down"] {
            look(&a_box(scenario), "prod");
        }
        return;
    }
    let dir = tempfile::tempdir().unwrap();
    let mark = traps(dir.path());
    let outer = std::env::var("PATH").unwrap();
    let name = "contained::no_tool_of_the_operators_search_path_is_run_in_a_servers_name";
    let inner = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", name, "--nocapture"])
        .env("PATH", format!("{}:{outer}", dir.path().display()))
        .env(INNER, "1")
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&inner.stdout);
    assert!(inner.status.success() && said.contains("1 passed"), "{said}");
    assert!(!mark.exists(), "{}", std::fs::read_to_string(mark).unwrap());
    // the traps do work
    Command::new(dir.path().join("docker")).arg("ps").status().unwrap();
    assert_eq!(std::fs::read_to_string(mark).unwrap(), "docker ps\n");
}

/// Calls that run something, or change a file or a folder.
const CALLS: &str = "execve,execveat,open,openat,creat,mkdir,mkdirat,unlink,unlinkat,rename,renameat,renameat2,link,\
    linkat,symlink,symlinkat,mknod,mknodat,chmod,fchmodat,chown,fchownat,truncate,utimensat,mount,umount2,connect";

#[test]
fn a_look_runs_and_writes_nothing_outside_the_box() {
    let traced = Command::new("strace").arg("-V").stdout(Stdio::null()).stderr(Stdio::null()).status();
    if !traced.is_ok_and(|s| s.success()) {
        eprintln!("no strace here: the system calls of a look were not watched");
        return;
    }
    let log = tempfile::NamedTempFile::new().unwrap();
    for scenario in ["healthy", "not-mounted", "backup-running", "backend-down"] {
        let demo = a_box(scenario);
        let sandbox = sandbox(&demo, "prod");
        let mut command = on(&sandbox, Path::new("/usr/bin/strace"));
        command.args(["-f", "-qq", "-s", "4096", "-e", CALLS, "-e", "signal=none", "-o"]);
        command.arg(log.path()).arg(&sandbox.shell).arg("-s");
        let said = finish(command, &script(&demo, "prod"));
        assert_eq!(said.code, 0, "{}", said.err);
        let text = std::fs::read_to_string(log.path()).unwrap();
        let (mut ran, mut wrote) = (0, 0);
        for call in text.lines() {
            let Some(what) = outside(call, demo.dir(), &sandbox.root) else {
                continue;
            };
            match what {
                Watched::Ran => ran += 1,
                Watched::Wrote => wrote += 1,
                Watched::Outside => panic!("{scenario}: {call}"),
            }
        }
        assert!(ran > 40 && wrote > 40, "{scenario}: {ran} {wrote}: nothing was watched");
    }
}

enum Watched {
    Ran,
    Wrote,
    Outside,
}

/// What a line of strace's log tells: something in the box was run or written, or something outside it.
fn outside(call: &str, dir: &Path, root: &Path) -> Option<Watched> {
    let (_, call) = call.trim_start().split_once(' ')?;
    let (name, rest) = call.trim_start().split_once('(')?;
    // what the kernel refused changed nothing; `mkdir -p` tries every folder on the way
    if !name.starts_with("exec") && rest.contains(" = -1 E") {
        return None;
    }
    if name == "connect" {
        return Some(Watched::Outside);
    }
    let reads = name.starts_with("open")
        && !["O_WRONLY", "O_RDWR", "O_CREAT", "O_TRUNC"].iter().any(|flag| rest.contains(flag));
    if reads {
        return None;
    }
    let mut paths = rest.split('"').skip(1).step_by(2);
    let first = Path::new(paths.next()?);
    if name.starts_with("exec") {
        return Some(if first.starts_with(dir.join("bin")) { Watched::Ran } else { Watched::Outside });
    }
    // a link may point anywhere: what counts is where it lies
    let touched = if name.starts_with("symlink") { Path::new(paths.next()?) } else { first };
    let path = if touched.is_absolute() { touched.to_owned() } else { root.join(touched) };
    let harmless = ["/dev/null", "/dev/tty"].map(Path::new).contains(&path.as_path());
    if harmless {
        return None;
    }
    let plain = !path.components().any(|c| c == std::path::Component::ParentDir);
    Some(if plain && path.starts_with(dir) { Watched::Wrote } else { Watched::Outside })
}

#[test]
fn stand_ins_show_nothing_of_the_machine() {
    let demo = a_box("healthy");
    let prod = sandbox(&demo, "prod");
    symlink("/etc", prod.root.join("etc/real")).unwrap();
    for line in [
        "stat -c %s /etc/passwd",
        "stat -c %s \"$OPSDECK_BOX/../../../etc/passwd\"",
        "stat -c %s \"$OPSDECK_BOX/etc/real/passwd\"",
        "stat -f -c %b /",
        "du -skx /etc",
        "du -skx \"$OPSDECK_BOX/etc/real\"",
    ] {
        let said = sh(&prod, line);
        assert_eq!((said.code, said.out.as_str()), (64, ""), "{line}: {said:?}");
        assert!(said.err.contains("not in the demo server"), "{line}: {said:?}");
    }
    for line in ["wget -h", "bash -c :", "python3 -V", "ssh -V", "systemctl", "/nonexistent/docker"] {
        assert_eq!(sh(&prod, line).code, 127, "{line}");
    }
}

#[test]
fn what_a_stand_in_does_not_know_it_refuses() {
    let demo = a_box("healthy");
    let prod = sandbox(&demo, "prod");
    for line in [
        "docker rm -f ragflowauth-backend",
        "docker ps",
        "docker ps -a --no-trunc --format '{{.Command}}'",
        "docker inspect --format '{{.Config.Env}}' ragflowauth-backend",
        "docker volume rm ragflow_compose_esdata01",
        "echo 'print(1)' | docker exec -i ragflowauth-backend python - /app/data/auth.db 5",
        "docker exec -i ragflowauth-backend sh </dev/null",
        "curl -sS -m 4 -w '\\n%{http_code}\\n' http://192.0.2.1/",
        "dmesg -C",
        "stat -c %i \"$OPSDECK_BOX/etc\"",
        "date -s 2020-01-01",
        "ip link set lo down",
        "hostname other",
        "mount -t tmpfs none /mnt",
    ] {
        let said = sh(&prod, line);
        assert_eq!((said.code, said.out.as_str()), (64, ""), "{line}: {said:?}");
        assert!(said.err.contains("demo server"), "{line}: {said:?}");
    }
}

#[test]
fn outside_a_box_the_program_is_itself_under_any_name() {
    let dir = tempfile::tempdir().unwrap();
    let link = dir.path().join("docker");
    symlink(program(), &link).unwrap();
    let said = Command::new(link)
        .args(["volume", "ls", "--format", "{{.Name}}"])
        .env_remove("OPSDECK_BOX")
        .output()
        .unwrap();
    assert!(!String::from_utf8_lossy(&said.stdout).contains("ragflow_compose"), "{said:?}");
}

#[test]
fn a_reader_of_a_silent_share_is_deaf_until_it_is_killed() {
    let demo = a_box("share-hung");
    let prod = sandbox(&demo, "prod");
    let began = opsdeck::clock::tick();
    let on_share = "stat -f -c %T \"$OPSDECK_BOX/mnt/replica\"";
    assert_eq!(sh(&prod, &format!("timeout -k 1 1 {on_share}")).code, 137);
    assert!(began.elapsed().as_millis() >= 1900, "{:?}", began.elapsed());
    // the rest of the server answers at once
    let said = sh(&prod, "timeout -k 1 1 stat -f -c %T \"$OPSDECK_BOX/\"");
    assert_eq!((said.code, said.out.as_str()), (0, "xfs\n"));
}

#[test]
fn timeout_is_as_coreutils_has_it() {
    let demo = a_box("healthy");
    let prod = sandbox(&demo, "prod");
    for (line, code) in [
        ("timeout 5 true", 0),
        ("timeout -k 1 5 sh -c 'exit 7'", 7),
        ("timeout 0.2 sleep 5", 124),
        ("timeout -k 0.2 0.2 sh -c 'trap \"\" TERM; while :; do sleep 0.1; done'", 137),
        ("timeout 5 sh -c 'kill -9 $$'", 137),
        ("timeout 5 no-such-program", 127),
        ("timeout 5", 64),
        ("echo in | timeout 5 cat | grep -qx in", 0),
    ] {
        assert_eq!(sh(&prod, line).code, code, "{line}");
    }
}
