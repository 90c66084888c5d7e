//! A server with systemd: a run is a transient unit. The stand-in does what version 239 does with what it is given, and
//! refuses what that version does not know.
use crate::matrix::sound;
use crate::server::*;
use opsdeck::core::plan::Plan;
use rustix::process::Signal;

/// Starts a unit: its command, then what is to run when it is over, whatever ended it. `fails` says how systemd-run itself
/// ends: `before` the unit is there, `after`, or `late`: it gives up, and the unit begins all the same.
const SYSTEMD_RUN: &str = r#"#!/bin/sh
here=@HERE@
printf '%s\n' "$*" >>"$here/systemd-run.log"
stops= limit=
while [ $# -gt 0 ]; do
  case $1 in
    --quiet | --collect | --description=*) ;;
    --unit=*) unit=${1#--unit=} ;;
    -p)
      shift
      case $1 in
        RuntimeMaxSec=*) limit=${1#*=} ;;
        TimeoutStopSec=* | KillMode=control-group) ;;
        ExecStopPost=-/bin/sh*) stops="$stops${1#ExecStopPost=-/bin/}
" ;;
        *) echo "Unknown assignment: $1" >&2; exit 1 ;;
      esac
      ;;
    -*) echo "unrecognized option $1" >&2; exit 1 ;;
    *) break ;;
  esac
  shift
done
how=
[ ! -e "$here/fails" ] || read -r how <"$here/fails"
[ "$how" != before ] || { echo "Failed to start transient service unit: Connection timed out" >&2; exit 1; }
mkdir "$here/unit-$unit" || exit 1
cat >"$here/manager-$unit" <<END
[ "$how" != late ] || { while [ ! -e "$here/now" ]; do sleep 0.1; done; }
export UNIT_OF_TEST=$unit
setsid $* &
main=\$!
echo \$main >"$here/unit-$unit/main"
[ "$how" = late ] || : >"$here/unit-$unit/started"
result=success
n=0
while [ -e /proc/\$main ] && ! grep -q ') Z' /proc/\$main/stat 2>/dev/null; do
  sleep 0.1
  n=\$((n + 1))
  if [ \$n = \$(($limit * 10)) ]; then result=timeout; break; fi
done
ours() {
  for each in /proc/[0-9]*; do
    [ "\${each##*/}" != \$\$ ] && tr '\0' '\n' <"\$each/environ" 2>/dev/null | grep -qx "UNIT_OF_TEST=$unit" && echo "\${each##*/}"
  done
}
for signal in TERM KILL; do
  for each in \$(ours); do kill -\$signal \$each 2>/dev/null; done
  sleep 0.5
done
unset UNIT_OF_TEST
printf %s '$stops' | while read -r stop; do
  SERVICE_RESULT=\$result setsid \$stop </dev/null >/dev/null 2>&1 &
  echo \$! >"$here/unit-$unit/post"
  wait
done
rm -rf "$here/unit-$unit"
END
setsid /bin/dash "$here/manager-$unit" </dev/null >/dev/null 2>&1 &
[ "$how" != late ] || { echo "Failed to start transient service unit: Connection timed out" >&2; exit 1; }
until [ -e "$here/unit-$unit/started" ] || [ ! -e "$here/unit-$unit" ]; do sleep 0.1; done
[ "$how" != after ] || { echo "Failed to start transient service unit: Connection timed out" >&2; exit 1; }
"#;

/// Whether a unit is there; and how the system is.
const SYSTEMCTL: &str = r#"#!/bin/sh
here=@HERE@
case $1 in
  is-active)
    if [ -e "$here/unit-$2" ]; then echo active; else echo inactive; exit 3; fi
    ;;
  is-system-running) cat "$here/system" 2>/dev/null || echo running ;;
  *) echo "systemctl: the stand-in does not know $1" >&2; exit 64 ;;
esac
"#;

fn server(shell: &Shell) -> Server {
    let server = Server::new(shell);
    for folder in ["run/systemd/system", "etc/systemd/system"] {
        std::fs::create_dir_all(server.root.join(folder)).unwrap();
    }
    server.tool("systemd-run", SYSTEMD_RUN);
    server.tool("systemctl", SYSTEMCTL);
    server
}

const HOLD: &str = ": >\"$root/at\"; while [ ! -e \"$root/go\" ]; do sleep 0.1; done";

/// Stops the backend, is held up there, and starts it again.
fn stop_and_start() -> Plan {
    plan(vec![
        step("remember_backend\ncat \"$memory/secret\" >\"$root/root/.smbcredentials.$run_id\"", None),
        step(&format!("within 20 docker stop -t 1 {BACKEND}\necho x >>\"$root/etc/times\"\n{HOLD}"), None),
        step(&format!("rm \"$root/root/.smbcredentials.$run_id\"\nwithin 20 docker start {BACKEND}"), None),
    ])
}

fn boot_unit(server: &Server) -> Option<String> {
    let folder = server.root.join("etc/systemd/system");
    let text = std::fs::read_to_string(folder.join("opsdeck-after-boot.service")).ok()?;
    let link = folder.join("multi-user.target.wants/opsdeck-after-boot.service");
    assert_eq!(std::fs::read_to_string(link).unwrap(), text);
    Some(text)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_is_a_unit_and_its_end_is_the_units() {
    for shell in shells() {
        let server = server(&shell);
        let run = name("unit");
        let said = server.start_as(&stop_and_start(), &run, "a@b", b"hush").await;
        assert_eq!(said, (0, "started unit".into()), "{}", shell.name);
        server.until(|| server.root.join("at").exists().then_some(()), "the middle").await;
        let text = boot_unit(&server).unwrap();
        let folder = server.run_folder(&run);
        assert!(text.contains(&format!("ExecStart=/bin/sh {}/after.sh boot\n", folder.display())), "{text}");
        assert_eq!(server.finish(&run).await, "alive");
        assert_eq!(server.start(&stop_and_start(), &name("other")).await.0, 11);
        server.put("go", "");
        assert_eq!(server.end_of(&run).await, "finished", "{}", shell.name);
        sound(&server, &run).await.unwrap();
        assert_eq!(boot_unit(&server), None);
        assert!(
            !std::fs::exists(
                server.root.join("etc/systemd/system/multi-user.target.wants/opsdeck-after-boot.service")
            )
            .unwrap()
        );
        let asked = std::fs::read_to_string(server.here.join("systemd-run.log")).unwrap();
        assert!(!asked.contains("hush") && asked.contains("RuntimeMaxSec=300"), "{asked}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_unit_that_is_killed_or_out_of_time_is_ended_by_systemd() {
    for shell in shells() {
        for (id, limit_s) in [("shell", 300), ("group", 300), ("limit", 3)] {
            let server = server(&shell);
            let run = name(id);
            let mut plan = stop_and_start();
            plan.limit_s = limit_s;
            server.start_as(&plan, &run, "a@b", b"hush").await;
            server.until(|| server.root.join("at").exists().then_some(()), "the middle").await;
            let pid = server.shell_of(&run, "body.sh").unwrap();
            match id {
                "shell" => kill(pid, Signal::KILL),
                "group" => kill_group(pid, Signal::KILL),
                _ => {}
            }
            assert_eq!(server.end_of(&run).await, "killed", "{} {id}", shell.name);
            assert_eq!(server.told(&run).iter().any(|l| l == "fact limit"), id == "limit");
            sound(&server, &run).await.unwrap();
            assert_eq!(boot_unit(&server), None);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_after_sh_of_systemd_that_is_killed_has_a_second_one() {
    let server = server(&shells()[0]);
    // docker takes its time to start
    let docker = std::fs::read_to_string(server.bin.join("docker")).unwrap();
    let slow = format!("[ \"$1\" != start ] || {{ : >{}/starting; sleep 2; }}", server.here.display());
    server.tool("docker", &docker.replacen("verb=$1", &format!("{slow}\nverb=$1"), 1));
    let run = name("twice");
    server.start_as(&stop_and_start(), &run, "a@b", b"hush").await;
    server.until(|| server.root.join("at").exists().then_some(()), "the middle").await;
    kill_group(server.shell_of(&run, "body.sh").unwrap(), Signal::KILL);
    server.until(|| server.here.join("starting").exists().then_some(()), "docker start").await;
    kill_group(server.shell_of(&run, "after.sh").unwrap(), Signal::KILL);
    assert_eq!(server.end_of(&run).await, "killed");
    sound(&server, &run).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn however_systemd_run_fails_the_run_is_done_once_and_has_one_end() {
    for shell in shells() {
        for (how, said) in
            [("before", "started session"), ("after", "started unit"), ("late", "started session")]
        {
            let server = server(&shell);
            server.note("fails", how);
            let run = name(how);
            let came = server.start_as(&stop_and_start(), &run, "a@b", b"hush").await;
            assert_eq!(came, (0, said.into()), "{}", shell.name);
            server.until(|| server.root.join("at").exists().then_some(()), "the middle").await;
            // the unit that systemd-run had given up begins now, and is over at once
            server.note("now", "");
            if how == "late" {
                server
                    .until(|| (!server.here.join("unit-opsdeck-late").exists()).then_some(()), "its end")
                    .await;
                assert_eq!((server.ended(&run), server.backend().as_str()), (None, "stopped"));
            }
            server.put("go", "");
            assert_eq!(server.end_of(&run).await, "finished", "{} {how}", shell.name);
            assert_eq!(
                std::fs::read_to_string(server.root.join("etc/times")).unwrap(),
                "x\n",
                "{} {how}",
                shell.name
            );
            server.forget("fails");
            sound(&server, &run).await.unwrap();
        }
    }
}

/// What is there after the power was lost: no processes, no memory, and the files as they were.
async fn after_a_power_cut(shell: &Shell) -> (Server, opsdeck::core::plan::script::RunName) {
    let server = server(shell);
    let run = name("power");
    server.start_as(&stop_and_start(), &run, "a@b", b"hush").await;
    server.until(|| server.root.join("at").exists().then_some(()), "the middle").await;
    // the manager first: nobody is left to end anything
    let unit = format!("{}/manager-opsdeck-power", server.here.display());
    let managers: Vec<i32> =
        server.left_with(&unit).into_iter().chain(server.shell_of(&run, "body.sh")).collect();
    for pid in managers {
        kill_group(pid, Signal::KILL);
    }
    // a shell that has no words left still holds its files for a moment
    server.until(|| server.left().is_empty().then_some(()), "the dark").await;
    std::fs::remove_dir_all(server.here.join("unit-opsdeck-power")).unwrap();
    std::fs::remove_dir_all(server.root.join("run/opsdeck")).unwrap();
    assert_eq!((server.ended(&run), server.backend().as_str()), (None, "stopped"));
    (server, run)
}

/// What systemd does at a boot.
fn boot(server: &Server) {
    let text = boot_unit(server).unwrap();
    let line = text.lines().find_map(|l| l.strip_prefix("ExecStart=/bin/")).unwrap();
    let words: Vec<&str> = line.split(' ').collect();
    let path = format!("{}:/usr/bin:/bin", server.bin.display());
    let status = std::process::Command::new(server.bin.join(words[0]))
        .args(&words[1..])
        .env_clear()
        .env("PATH", path)
        .status();
    assert!(status.unwrap().success());
}

#[tokio::test(flavor = "multi_thread")]
async fn after_a_power_cut_the_boot_puts_the_backend_back() {
    for shell in shells() {
        let (server, run) = after_a_power_cut(&shell).await;
        boot(&server);
        assert_eq!(server.ended(&run).as_deref(), Some("rebooted"), "{}", shell.name);
        assert_eq!(boot_unit(&server), None);
        sound(&server, &run).await.unwrap();
    }
}

/// Whoever is quicker than the boot gives docker the time that it gets there, and says what it was.
#[tokio::test(flavor = "multi_thread")]
async fn a_console_that_comes_before_the_boot_has_put_it_back_knows_that_it_was_a_reboot() {
    for shell in shells() {
        let (server, run) = after_a_power_cut(&shell).await;
        server.put("proc/sys/kernel/random/boot_id", "another one\n");
        assert_eq!(server.finish(&run).await, "finished");
        assert_eq!(server.ended(&run).as_deref(), Some("rebooted"), "{}", shell.name);
        assert_eq!(boot_unit(&server), None);
        sound(&server, &run).await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_boot_that_cannot_put_it_back_says_so_once_and_not_at_every_boot() {
    let (server, run) = after_a_power_cut(&shells()[0]).await;
    server.note("refuses-start", "no");
    boot(&server);
    assert_eq!(server.ended(&run).as_deref(), Some("rebooted down"));
    let tried = server.docker_heard("start");
    assert_eq!(tried, 3);
    boot(&server);
    assert_eq!(boot_unit(&server), None);
    assert_eq!(server.docker_heard("start"), tried);
    assert_eq!(server.told(&run).iter().filter(|l| l.starts_with("end ")).count(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_that_the_power_cut_left_without_an_end_is_ended_by_the_next_start() {
    let (server, run) = after_a_power_cut(&shells()[0]).await;
    // no boot has done it
    let next = name("after");
    let mut code = server.start(&plan(vec![step("true", None)]), &next).await.0;
    // a busy machine has the dead one's end only after the first start has given up: it says so, and is asked again
    for _ in 0..5 {
        if code != 11 {
            break;
        }
        code = server.start(&plan(vec![step("true", None)]), &next).await.0;
    }
    assert_eq!(code, 0);
    assert_eq!(server.ended(&run).as_deref(), Some("killed"));
    assert_eq!(server.end_of(&next).await, "finished");
    assert_eq!((server.backend().as_str(), boot_unit(&server)), ("running", None));
    let order = (server.journal(&run).pop().unwrap(), server.journal(&next).remove(0));
    assert!(order.0[..10] <= order.1[..10], "{order:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_on_its_way_down_leaves_the_rest_to_its_next_boot() {
    let server = server(&shells()[0]);
    let run = name("down");
    server.start_as(&stop_and_start(), &run, "a@b", b"hush").await;
    server.until(|| server.root.join("at").exists().then_some(()), "the middle").await;
    server.note("system", "stopping\n");
    kill_group(server.shell_of(&run, "body.sh").unwrap(), Signal::TERM);
    server.until(|| (!server.here.join("unit-opsdeck-down").exists()).then_some(()), "the unit's end").await;
    assert_eq!((server.ended(&run), server.docker_heard("start")), (None, 0));
    server.note("system", "starting\n");
    boot(&server);
    assert_eq!(server.ended(&run).as_deref(), Some("rebooted"));
    sound(&server, &run).await.unwrap();
}
