//! The steps of actions on backups, as they go to a server, under dash, bash and busybox: a real database, and a Docker of a few
//! lines that writes down what it was asked.
use crate::made::{add_job, add_lock, env, plan, seen};
use crate::support::{Db, asset, has_python, python};
use opsdeck::act::fresh_name;
use opsdeck::config::model::Environment;
use opsdeck::core::plan::event::{self, Event, fact};
use opsdeck::core::plan::{Action, How, Plan, Service, script};
use opsdeck::core::probe::database::Status;
use opsdeck::core::safetext::SafeText;
use opsdeck::core::snapshot::Snapshot;
use serde_json::json;
use std::io::Write;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

const TOOLS: &str = "awk cat chmod cmp cp cut date flock grep head id ln ls mkdir mv readlink rm sed setsid sleep stat sync tail timeout touch tr wc";

/// What the steps ask of Docker, and nothing else.
const DOCKER: &str = r#"#!/bin/sh
echo "$*" >>"$STUB/asked"
case $1 in
  inspect)
    format=$3
    shift 3
    case $format in
      '{{if .State.Running}}running'*) echo "$(cat "$STUB/state") $(cat "$STUB/id")" ;;
      '{{.Id}} {{.Image}} {{.Config.Image}}') echo "$(cat "$STUB/id") sha256:b backend:1" ;;
      '{{.Id}} {{.Image}} {{.Config.Image}} {{.State.StartedAt}} {{.Name}} {{json .Mounts}}') [ ! -e "$STUB/silent" ] || exit 124; for id; do cat "$STUB/containers/$id"; done ;;
      '{{.State.Running}} {{.State.StartedAt}}') if [ "$(cat "$STUB/state")" = running ]; then echo "true $(cat "$STUB/started")"; else echo "false x"; fi ;;
      '{{.State.Running}} {{.State.StartedAt}} '*) if [ "$(cat "$STUB/state")" = running ]; then echo "true $(cat "$STUB/started") 0 none"; else echo "false x 0 none"; fi ;;
      '{{.Image}}') echo sha256:b ;;
      *) exit 64 ;;
    esac ;;
  ps) ls "$STUB/containers" ;;
  top) cat "$STUB/top" ;;
  exec) shift; [ "$1" != -i ] || shift; [ "$2" != true ] || exit 0; shift 2; exec "$PYTHON" "$@" 6>&- 7>&- 8>&- 9>&- ;; # a container has nothing of the server's open
  run) while [ "$1" != - ]; do shift; done; exec "$PYTHON" "$@" ;;
  stop) rm "$STUB/containers/$4" ;;
  restart) date -u '+%Y-%m-%dT%H:%M:%S.5Z' >"$STUB/started" ;;
  *) exit 64 ;;
esac
"#;

struct Shell(&'static str, PathBuf);

fn shells() -> Vec<Shell> {
    let known = [
        Shell("dash", "/bin/dash".into()),
        Shell("bash", "/bin/bash".into()),
        Shell("busybox", "/bin/busybox".into()),
    ];
    let there: Vec<Shell> = known.into_iter().filter(|s| s.1.exists()).collect();
    assert!(
        there.len() == 3 || std::env::var_os("OPSDECK_REQUIRE_SHELLS").is_none(),
        "three shells are required here"
    );
    assert!(!there.is_empty());
    there
}

/// A server of a few files.
struct Server {
    root: tempfile::TempDir,
    db: Db,
    env: Environment,
}

impl Server {
    /// With the rows of a look in its database.
    fn new(shell: &Shell, look: &Snapshot, schema: &str) -> Server {
        let root = tempfile::tempdir().unwrap();
        let server = Server { root, db: Db::new(schema), env: env() };
        let bin = server.at("bin");
        std::fs::create_dir_all(&bin).unwrap();
        for tool in TOOLS.split(' ') {
            let found =
                ["/usr/bin", "/bin"].map(|d| Path::new(d).join(tool)).into_iter().find(|p| p.exists());
            symlink(found.unwrap_or_else(|| panic!("{tool}")), bin.join(tool)).unwrap();
        }
        symlink(&shell.1, bin.join("sh")).unwrap();
        server.put("bin/docker", DOCKER);
        server.put("bin/curl", "#!/bin/sh\necho '{\"status\":\"ok\"}'\n");
        for tool in ["docker", "curl"] {
            std::fs::set_permissions(bin.join(tool), std::fs::Permissions::from_mode(0o755)).unwrap();
        }
        server.put(
            "proc/self/mountinfo",
            "1 0 0:1 / / rw - ext4 /dev/vda rw\n2 1 0:2 / /mnt/replica rw - cifs //h/s rw\n",
        );
        server.put("etc/machine-id", &look.identity.as_ref().unwrap().machine_id.to_string());
        std::fs::create_dir_all(server.at("stub/containers")).unwrap();
        std::fs::create_dir(server.at("run")).unwrap();
        std::fs::create_dir_all(server.at("mnt/replica")).unwrap();
        let backend = look.container("ragflowauth-backend").unwrap().unwrap();
        let put = |name: &str, text: &str| server.put(&format!("stub/{name}"), text);
        put("state", "running");
        put("id", backend.id.as_str());
        put("started", "2026-11-01T00:00:00.123456789Z");
        put("top", "PID COMMAND\n1 python -m backend.app.main\n");
        put("asked", "");
        let database = look.database().unwrap();
        for job in &database.live {
            let moment =
                |t: Option<opsdeck::core::units::EpochMs>| t.map_or("NULL".into(), |t| t.0.to_string());
            let status = serde_json::to_value(&job.status).unwrap();
            server.db.sql(&format!(
                "INSERT INTO backup_jobs (id, status, output_dir, created_at_ms, started_at_ms) VALUES ({}, '{}', '/mnt/replica/RagflowAuth/half', {}, {})",
                job.id.0, status.as_str().unwrap(), moment(job.created), moment(job.started)
            ));
        }
        for lock in &database.locks {
            server.db.lock(lock.owner.as_str(), lock.acquired.unwrap().0);
        }
        server
    }

    fn at(&self, path: &str) -> PathBuf {
        self.root.path().join(path)
    }

    fn put(&self, path: &str, text: &str) {
        let path = self.at(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }

    /// A running container: id, image, when it was started, and what it mounts.
    fn container(&self, id: &str, image: &str, started: &str, mounts: &str) {
        self.put(
            &format!("stub/containers/{id}"),
            &format!("{id} {image} {image}:1 {started} /name_{id} [{mounts}]\n"),
        );
    }

    fn asked(&self) -> String {
        std::fs::read_to_string(self.at("stub/asked")).unwrap()
    }

    /// Starts the run as a console does, and follows its journal to the end.
    fn run(&self, plan: &Plan, with_python: bool, meanwhile: impl FnMut(&[Event])) -> Vec<Event> {
        self.begun(plan, with_python, false, meanwhile)
    }

    /// The same, or from the file that the console copies.
    fn begun(
        &self,
        plan: &Plan,
        with_python: bool,
        by_hand: bool,
        mut meanwhile: impl FnMut(&[Event]),
    ) -> Vec<Event> {
        let executable = python().args(["-c", "import sys; print(sys.executable)"]).output().unwrap();
        let executable = String::from_utf8(executable.stdout).unwrap().trim().to_owned();
        let bin = self.at("bin");
        if with_python && !bin.join("python3").exists() {
            symlink(&executable, bin.join("python3")).unwrap();
        }
        let root = self.root.path().to_str().unwrap();
        let mut env = self.env.clone();
        let mut plan = plan.clone();
        for step in &mut plan.steps {
            step.sh = step.sh.replace(&env.containers.database_inside, self.db.path.to_str().unwrap());
        }
        // the path in the container is a real one here; the one on the server has the root in front
        env.containers.database_inside = self.db.path.to_str().unwrap().into();
        std::fs::create_dir_all(self.at("opt/ragflowauth")).unwrap();
        let _ = symlink(self.db.dir.path(), self.at("opt/ragflowauth/data"));
        let run = fresh_name().unwrap();
        let text = match by_hand {
            false => script::start(&plan, &env, root, &run, &SafeText::new("who@where")),
            true => script::file(&plan, &env, root, &run),
        };
        let mut child = Command::new(bin.join("sh"))
            .arg("-s")
            .env_clear()
            .env("PATH", &bin)
            .env("STUB", self.at("stub"))
            .env("PYTHON", &executable)
            .env("PYTHONPATH", asset("tests/lab/backend/app"))
            .env("PYTHONDONTWRITEBYTECODE", "1")
            .env("AUTH_DB", &self.db.path)
            .env("LAB_KNOBS", self.db.dir.path().join("knobs.json"))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        child.stdin.take().unwrap().write_all(text.as_bytes()).unwrap();
        let out = child.wait_with_output().unwrap();
        let said = String::from_utf8_lossy(&out.stdout).into_owned();
        assert!(
            out.status.success() && said.starts_with("started"),
            "{said}{}",
            String::from_utf8_lossy(&out.stderr)
        );
        let folder = self.at(&format!("var/lib/opsdeck/runs/{run}"));
        for _ in 0..600 {
            let journal = std::fs::read(folder.join("journal")).unwrap();
            let events: Vec<Event> =
                journal.split(|b| *b == b'\n').filter(|l| !l.is_empty()).map(event::event).collect();
            meanwhile(&events);
            if event::ended(&events).is_some() {
                let printed = std::fs::read_to_string(folder.join("out")).unwrap_or_default();
                eprintln!("{}\n{printed}", String::from_utf8_lossy(&journal));
                let _ = std::fs::remove_file(format!("/tmp/opsdeck-{run}.log"));
                return events;
            }
            pause();
        }
        panic!("it never ended: {}", std::fs::read_to_string(folder.join("journal")).unwrap());
    }
}

#[allow(clippy::disallowed_methods)] // no runtime here
fn pause() {
    std::thread::sleep(Duration::from_millis(100));
}

fn how(events: &[Event]) -> String {
    let (how, down) = event::ended(events).unwrap();
    format!("{how:?}{}", if down { " down" } else { "" })
}

fn why(events: &[Event]) -> String {
    let refused = events.iter().find_map(|e| match &e.what {
        event::What::Refused { why, words } => Some(format!("{why} {words}")),
        _ => None,
    });
    refused.unwrap_or_default()
}

#[test]
fn ghosts_are_closed_by_each_shell_and_only_where_they_are_proved_once_more() {
    if !has_python() {
        return;
    }
    let look = seen("ghost-job");
    let close = plan(&look, &Action::CloseGhost);
    let id = look.database().unwrap().live[0].id;
    for shell in shells() {
        let server = Server::new(&shell, &look, "new");
        let before = server.db.rows();
        // its container started before it: whatever the look said, it may be alive
        let events = server.run(&close, false, |_| ());
        assert_eq!(
            (how(&events).as_str(), why(&events).as_str()),
            ("Refused", "alive ragflowauth-backend"),
            "{}",
            shell.0
        );
        server.put("stub/started", "2026-11-30T00:00:00Z\n");
        // somebody in it packs
        server.put("stub/top", "PID COMMAND\n1 python\n40 docker run --rm -v x:/data backend:1 tar czf\n");
        assert_eq!(why(&server.run(&close, false, |_| ())), "alive ragflowauth-backend", "{}", shell.0);
        server.put("stub/top", "PID COMMAND\n1 python\n");
        // what packs for it does, too; and what is older, or somebody else's, or another image's does not count
        let volume = r#"{"Type":"volume","Name":"ragflow_compose_esdata01","Source":"/v"}"#;
        server.container("older", "sha256:b", "2026-11-01T00:00:00Z", volume);
        server.container("es", "sha256:e", "2026-11-30T00:00:00Z", volume);
        server.container(
            "other",
            "sha256:b",
            "2026-11-30T00:00:00Z",
            r#"{"Type":"volume","Name":"other_x","Source":"/v"}"#,
        );
        server.container(
            "helper",
            "sha256:b",
            "2026-11-30T00:00:00Z",
            r#"{"Type":"bind","Source":"/mnt/replica/RagflowAuth/p/volumes"}"#,
        );
        assert_eq!(why(&server.run(&close, false, |_| ())), "helpers name_helper", "{}", shell.0);
        assert_eq!(server.db.rows(), before, "{}", shell.0);
        // a docker that gives no answer has not said that nobody packs
        server.put("stub/silent", "");
        assert_ne!(how(&server.run(&close, false, |_| ())), "Finished", "{}", shell.0);
        assert_eq!(server.db.rows(), before, "{}", shell.0);
        std::fs::remove_file(server.at("stub/silent")).unwrap();
        std::fs::remove_file(server.at("stub/containers/helper")).unwrap();
        // another row by now
        server.db.sql("UPDATE backup_locks SET owner = 'ff'");
        assert!(
            why(&server.run(&close, false, |_| ())).starts_with("changed the lock is owner ff"),
            "{}",
            shell.0
        );
        server.db.sql(&format!(
            "UPDATE backup_locks SET owner = '{}'",
            before["locks"][0]["owner"].as_str().unwrap()
        ));
        assert_eq!(server.db.rows(), before, "{}", shell.0);
        let events = server.run(&close, false, |_| ());
        assert_eq!(how(&events), "Finished", "{}", shell.0);
        assert_eq!(fact(&events, "closed"), Some(format!("{id} failed").as_str()));
        let rows = server.db.rows();
        assert_eq!((rows["jobs"][0]["status"].as_str(), rows["locks"].clone()), (Some("failed"), json!([])));
    }
}

#[test]
fn with_the_backend_down_the_servers_own_python_is_used_or_a_container_made_for_it() {
    if !has_python() {
        return;
    }
    let mut look = seen("ghost-job");
    crate::made::backend(&mut look).running = false;
    let close = plan(&look, &Action::CloseGhost);
    for shell in shells() {
        for with_python in [true, false] {
            let server = Server::new(&shell, &look, "old");
            server.put("stub/state", "stopped");
            assert_eq!(
                how(&server.run(&close, with_python, |_| ())),
                "Finished",
                "{} {with_python}",
                shell.0
            );
            assert_eq!(server.db.rows()["jobs"][0]["status"], "failed");
            let asked = server.asked();
            assert_eq!(asked.contains("run --rm -i --network none"), !with_python, "{asked}");
            assert!(!asked.contains("exec") && !asked.contains(":ro "), "{asked}");
        }
        // no database, and no folder is made for one
        let server = Server::new(&shell, &look, "new");
        server.put("stub/state", "stopped");
        std::fs::remove_file(&server.db.path).unwrap();
        assert!(why(&server.run(&close, true, |_| ())).starts_with("database "), "{}", shell.0);
        assert_eq!(how(&server.run(&close, false, |_| ())), "Refused", "{}", shell.0);
        assert!(!server.asked().contains("run --rm"), "{}", server.asked());
    }
}

#[test]
fn a_lock_is_cleared_and_put_back_by_each_shell() {
    if !has_python() {
        return;
    }
    let mut look = seen("healthy");
    add_lock(&mut look, 90);
    let taken = look.database().unwrap().locks[0].acquired.unwrap();
    crate::made::backend(&mut look).started = Some(taken.plus_ms(60_000));
    let clear = plan(&look, &Action::ClearLock);
    for shell in shells() {
        let server = Server::new(&shell, &look, "new");
        let before = server.db.rows();
        // whatever the look said, the container has run since before it was taken
        assert_eq!(why(&server.run(&clear, false, |_| ())), "alive ragflowauth-backend", "{}", shell.0);
        server.put("stub/started", "2026-11-30T00:00:00Z\n");
        server.db.sql("INSERT INTO backup_jobs (id, status, created_at_ms) VALUES (900, 'queued', 5)");
        assert_eq!(why(&server.run(&clear, false, |_| ())), "live #900", "{}", shell.0);
        server.db.sql("DELETE FROM backup_jobs");
        assert_eq!(how(&server.run(&clear, false, |_| ())), "Finished", "{}", shell.0);
        assert_eq!(server.db.rows()["locks"], json!([]));
        let kept = opsdeck::core::plan::LockRow::read(&clear.kept[0]).unwrap();
        let put = plan(&seen("healthy"), &Action::PutLockBack(kept));
        assert_eq!(how(&server.run(&put, false, |_| ())), "Finished", "{}", shell.0);
        assert_eq!(server.db.rows(), before);
        assert!(why(&server.run(&put, false, |_| ())).starts_with("held "), "{}", shell.0);
    }
}

/// Nothing proves that whoever took the lock is gone; what a person confirmed holds only while nothing of a backup is to be seen.
#[test]
fn a_lock_whose_holder_may_live_is_cleared_only_while_nothing_packs() {
    if !has_python() {
        return;
    }
    let mut look = seen("healthy");
    add_lock(&mut look, 90);
    let taken = look.database().unwrap().locks[0].acquired.unwrap();
    crate::made::backend(&mut look).started = Some(taken.plus_ms(-3_600_000));
    let clear = plan(&look, &Action::ClearLock);
    let volume = r#"{"Type":"volume","Name":"ragflow_compose_esdata01","Source":"/v"}"#;
    for shell in shells() {
        let server = Server::new(&shell, &look, "new");
        // its job says that it is over, and its worker is still at its end
        server.db.job(900, "completed", taken.0);
        let before = server.db.rows();
        for at_work in [
            "40 docker run --rm -v x:/data backend:1 tar czf",
            "41 docker save -o /x backend:1",
            "42 python - /app/data/auth.db 20261121-1 a@b start {\"folder\":null,\"full\":true}",
        ] {
            server.put("stub/top", &format!("PID COMMAND\n1 python\n{at_work}\n"));
            let events = server.run(&clear, false, |_| ());
            assert_eq!(why(&events), "alive ragflowauth-backend", "{} {at_work}", shell.0);
        }
        // nothing else speaks for it: without a list of processes nothing is known
        std::fs::remove_file(server.at("stub/top")).unwrap();
        assert_eq!(why(&server.run(&clear, false, |_| ())), "alive ragflowauth-backend", "{}", shell.0);
        server.put("stub/top", "PID COMMAND\n1 python\n43 python -c watch job {\"id\":1}\n");
        server.container("helper", "sha256:b", "2026-11-30T00:00:00Z", volume);
        assert_eq!(why(&server.run(&clear, false, |_| ())), "helpers name_helper", "{}", shell.0);
        server.put("stub/silent", "");
        assert_ne!(how(&server.run(&clear, false, |_| ())), "Finished", "{}", shell.0);
        std::fs::remove_file(server.at("stub/silent")).unwrap();
        assert_eq!(server.db.rows(), before, "{}", shell.0);
        std::fs::remove_file(server.at("stub/containers/helper")).unwrap();
        assert_eq!(how(&server.run(&clear, false, |_| ())), "Finished", "{}", shell.0);
        assert_eq!(server.db.rows()["locks"], json!([]));
    }
}

#[test]
fn a_backup_is_started_by_each_shell_and_goes_on_after_the_run() {
    if !has_python() {
        return;
    }
    let start = plan(&seen("healthy"), &Action::Backup { full: true });
    for shell in shells() {
        let server = Server::new(&shell, &seen("healthy"), "new");
        // the mount table of this machine has no share where the backend would look for one
        let mut start = start.clone();
        for step in &mut start.steps {
            step.sh = step.sh.replace("\"/mnt/replica/RagflowAuth\"", "null");
        }
        std::fs::write(server.db.dir.path().join("knobs.json"), r#"{"step_seconds": 1.0}"#).unwrap();
        let events = server.run(&start, false, |_| ());
        assert_eq!(
            (how(&events).as_str(), fact(&events, "job"), fact(&events, "kind")),
            ("Finished", Some("1"), Some("full")),
            "{}",
            shell.0
        );
        for _ in 0..300 {
            if server.db.rows()["jobs"][0]["status"] == "failed" {
                break;
            }
            pause();
        }
        assert!(
            server.db.rows()["jobs"][0]["detail"].as_str().unwrap().contains("未挂载到Windows共享"),
            "its own precheck"
        );
        assert_eq!(server.db.rows()["locks"], json!([]));
        // not mounted any more
        server.put("proc/self/mountinfo", "1 0 0:1 / / rw - ext4 /dev/vda rw\n");
        assert_eq!(why(&server.run(&start, false, |_| ())), "not_mounted /mnt/replica", "{}", shell.0);
        assert_eq!(server.db.rows()["jobs"].as_array().unwrap().len(), 1);
    }
}

fn running() -> Snapshot {
    let mut look = seen("healthy");
    add_job(&mut look, Status::Running, 3);
    add_lock(&mut look, 3);
    look
}

const VOLUME: &str = r#"{"Type":"volume","Name":"ragflow_compose_minio_data","Source":"/v"}"#;

#[test]
fn a_worker_that_is_asked_is_waited_for_and_what_it_leaves_behind_is_stopped() {
    if !has_python() {
        return;
    }
    let look = running();
    let mut cancel = plan(&look, &Action::Cancel { force: false });
    cancel.steps[2].sh = cancel.steps[2].sh.replace(" 20 ", " 1 ");
    for shell in shells() {
        let server = Server::new(&shell, &look, "new");
        let mut agreed = false;
        // whatever the clocks say, what packs now is this job's
        server.container("seen", "sha256:b", "2026-12-30T00:00:00Z", VOLUME);
        let events = server.run(&cancel, false, |events| {
            if !agreed && fact(events, "progress").is_some() {
                agreed = true;
                // the backend's way: it kills its docker client, and the container goes on; and the next backup has its own
                server.container("left", "sha256:b", "2026-11-30T00:00:00.5Z", VOLUME);
                server.container("next", "sha256:b", "2026-11-30T00:00:02.1Z", VOLUME);
                server.db.sql("UPDATE backup_jobs SET status = 'canceled', message = '备份已取消', finished_at_ms = 1795996802000; DELETE FROM backup_locks");
            }
        });
        assert_eq!(how(&events), "Finished", "{}", shell.0);
        assert!(fact(&events, "ended").unwrap().ends_with("canceled 备份已取消"), "{}", shell.0);
        let stopped: Vec<&str> = stopped(&events);
        assert_eq!(stopped, ["name_seen", "name_left"], "{}", shell.0);
        assert!(server.at("stub/containers/next").exists(), "{}", shell.0);
        assert!(!server.at("stub/containers/left").exists() && !server.asked().contains("restart"));
    }
}

/// The helpers that were stopped, by name.
fn stopped(events: &[Event]) -> Vec<&str> {
    let all = events.iter().filter_map(|e| match &e.what {
        event::What::Fact { name, words } if name.as_str() == "helper" => Some(words.as_str()),
        _ => None,
    });
    let mut all: Vec<&str> = all.collect();
    all.sort_unstable_by(|a, b| b.cmp(a));
    all
}

#[test]
fn the_next_backup_may_begin_while_one_is_still_being_canceled_and_keeps_its_helpers() {
    if !has_python() {
        return;
    }
    let look = running();
    let mut cancel = plan(&look, &Action::Cancel { force: false });
    cancel.steps[2].sh = cancel.steps[2].sh.replace(" 20 ", " 1 ");
    let id = look.database().unwrap().live[0].id.0;
    for shell in shells() {
        let server = Server::new(&shell, &look, "new");
        let mut begun = false;
        let events = server.run(&cancel, false, |events| {
            if !begun && fact(events, "progress").is_some() {
                begun = true;
                server.container("next", "sha256:b", "2026-11-30T00:00:02.1Z", VOLUME);
                server.db.sql(&format!(
                    "INSERT INTO backup_jobs (id, status, created_at_ms) VALUES ({}, 'running', 1795996801000);
                     UPDATE backup_jobs SET status = 'canceled', finished_at_ms = 1795996810000 WHERE id = {id}",
                    id + 1
                ));
            }
        });
        assert_eq!((how(&events).as_str(), stopped(&events)), ("Finished", vec![]), "{}", shell.0);
        assert!(server.at("stub/containers/next").exists(), "{}", shell.0);
    }
}

#[test]
fn by_force_no_backup_is_ended_that_began_meanwhile() {
    if !has_python() {
        return;
    }
    let look = running();
    let mut force = plan(&look, &Action::Cancel { force: true });
    force.steps[1].sh = force.steps[1].sh.replace(" 15 ", " 6 ");
    let id = look.database().unwrap().live[0].id.0;
    for shell in shells() {
        // it ends as it was asked to, and the backend begins the next one before it is restarted
        let server = Server::new(&shell, &look, "new");
        let mut begun = false;
        let events = server.run(&force, false, |events| {
            if !begun && fact(events, "progress").is_some() {
                begun = true;
                server.db.sql(&format!(
                    "INSERT INTO backup_jobs (id, status, created_at_ms) VALUES ({}, 'running', 1795996801000);
                     UPDATE backup_jobs SET status = 'canceled', finished_at_ms = 1795996800000 WHERE id = {id}",
                    id + 1
                ));
            }
        });
        assert_eq!(
            (how(&events).as_str(), fact(&events, "live")),
            ("Failed", Some((id + 1).to_string().as_str())),
            "{}",
            shell.0
        );
        assert!(!server.asked().contains("restart"), "{}", server.asked());
        // and one that begins after the restart keeps what packs for it
        let server = Server::new(&shell, &look, "new");
        let after = DOCKER.replace(
            "restart) ",
            "restart) echo 'next sha256:b sha256:b:1 2099-01-01T00:00:00Z /name_next [{\"Type\":\"volume\",\"Name\":\"ragflow_compose_x\"}]' >\"$STUB/containers/next\"; ",
        );
        server.put("bin/docker", &after);
        let events = server.run(&force, false, |_| ());
        assert_eq!((how(&events).as_str(), stopped(&events)), ("Finished", vec![]), "{}", shell.0);
        assert!(server.at("stub/containers/next").exists(), "{}", shell.0);
    }
}

#[test]
fn one_that_does_not_stop_in_time_is_said_and_nothing_else_is_done() {
    if !has_python() {
        return;
    }
    let look = running();
    let mut cancel = plan(&look, &Action::Cancel { force: false });
    cancel.steps[1].sh = cancel.steps[1].sh.replace(" 600", " 2");
    for shell in shells() {
        let server = Server::new(&shell, &look, "new");
        let events = server.run(&cancel, false, |_| ());
        assert_eq!(how(&events), "Failed", "{}", shell.0);
        assert!(fact(&events, "still").unwrap().contains("canceling 正在取消"), "{}", shell.0);
        let (said, next) = match opsdeck::core::plan::told::outcome(&cancel.action, &events, None) {
            opsdeck::core::plan::told::Outcome::Failed { said, next, .. } => (said.en, next.en),
            other => panic!("{other:?}"),
        };
        assert!(said.contains("did not stop in time") && next.contains("by force"), "{said} {next}");
    }
}

#[test]
fn by_force_the_order_is_kept_by_each_shell() {
    if !has_python() {
        return;
    }
    let look = running();
    let mut force = plan(&look, &Action::Cancel { force: true });
    force.steps[1].sh = force.steps[1].sh.replace(" 15 ", " 1 ");
    for shell in shells() {
        let server = Server::new(&shell, &look, "new");
        server.container("helper", "sha256:b", "2026-11-30T00:00:00Z", VOLUME);
        let events = server.run(&force, false, |_| ());
        assert_eq!(how(&events), "Finished", "{}", shell.0);
        assert_eq!(
            (fact(&events, "helper"), fact(&events, "lock")),
            (Some("name_helper"), Some("cleared")),
            "{}",
            shell.0
        );
        assert_eq!(fact(&events, "partial"), Some("/mnt/replica/RagflowAuth/half"));
        let asked = server.asked();
        let at = |what: &str| asked.find(what).unwrap_or_else(|| panic!("{}: {what}: {asked}", shell.0));
        let last_exec = asked.rfind("exec -i").unwrap();
        assert!(
            at("exec -i") < at("stop -t 5 helper")
                && at("stop -t 5 helper") < at("restart -t 10")
                && at("restart -t 10") < last_exec,
            "{asked}"
        );
        let rows = server.db.rows();
        assert_eq!(
            (rows["jobs"][0]["status"].as_str(), rows["locks"].clone()),
            (Some("canceled"), json!([]))
        );
        // a restart that did not happen is no proof: row and lock stay
        let server = Server::new(&shell, &look, "new");
        server.put("bin/docker", &DOCKER.replace("restart) date -u", "restart) ;;\n  never) date -u"));
        server.put("stub/started", "2026-11-01T00:00:00Z");
        let events = server.run(&force, false, |_| ());
        assert_eq!(how(&events), "Failed", "{}", shell.0);
        let rows = server.db.rows();
        assert_eq!(
            (rows["jobs"][0]["status"].as_str(), rows["locks"].as_array().unwrap().len()),
            (Some("canceling"), 1)
        );
    }
}

/// What `y` and `--dry-run --format sh` give does the very same, by itself.
#[test]
fn the_copied_file_runs_by_itself() {
    if !has_python() {
        return;
    }
    let look = seen("healthy");
    let restart = plan(&look, &Action::Services { which: Service::Backend, how: How::Restart });
    for shell in shells() {
        let server = Server::new(&shell, &look, "new");
        let events = server.begun(&restart, false, true, |_| ());
        assert_eq!(how(&events), "Finished", "{}: {events:?}", shell.0);
        assert!(server.asked().contains("restart -t 30 ragflowauth-backend"), "{}", server.asked());
    }
}

/// A backup that began when the plan had been confirmed already, and a share that hangs: nothing is restarted.
#[test]
fn the_last_look_of_the_server_stops_a_restart_that_would_do_harm() {
    if !has_python() {
        return;
    }
    let look = seen("healthy");
    let restart = plan(&look, &Action::Services { which: Service::Backend, how: How::Restart });
    for shell in shells() {
        let server = Server::new(&shell, &look, "new");
        server.db.job(900, "running", 1_795_000_000_000);
        let events = server.run(&restart, false, |_| ());
        assert_eq!(why(&events), "live 900", "{}: {events:?}", shell.0);
        let server = Server::new(&shell, &look, "new");
        std::fs::remove_dir(server.at("mnt/replica")).unwrap();
        assert_eq!(why(&server.run(&restart, false, |_| ())).trim(), "silent", "{}", shell.0);
        assert!(!server.asked().contains("restart"), "{}", server.asked());
    }
}

#[test]
fn a_job_that_was_not_confirmed_refuses_the_run_and_one_that_nobody_can_see_does_too() {
    if !has_python() {
        return;
    }
    let look = running();
    let mut cancel = plan(&look, &Action::Cancel { force: true });
    let id = look.database().unwrap().live[0].id.0;
    for shell in shells() {
        let server = Server::new(&shell, &look, "new");
        let mut ask = |ids: &str, with_python: bool| {
            let inside = server.db.path.to_str().unwrap();
            let sh = format!("no_other_job_runs {inside} /opt/ragflowauth/data/auth.db '{ids}'\n");
            cancel.steps.truncate(1);
            cancel.steps[0].sh = sh;
            let events = server.run(&cancel, with_python, |_| ());
            (how(&events), why(&events), fact(&events, "live_jobs").map(str::to_owned))
        };
        let refused = |why: &str| ("Refused".to_owned(), format!("live {why}"), None);
        let passed = |fact: Option<&str>| ("Finished".to_owned(), String::new(), fact.map(str::to_owned));
        for status in ["queued", "running", "canceling"] {
            server.db.sql(&format!("UPDATE backup_jobs SET status = '{status}'"));
            assert_eq!(ask("", false), refused(&id.to_string()), "{}", shell.0);
            assert_eq!(ask(&format!("1 {id}"), false), passed(None), "{}", shell.0);
        }
        // the container is down, and the server's own Python reads it
        server.put("stub/state", "stopped");
        assert_eq!(ask("", false), passed(Some("not read")), "nobody is there to read it: {}", shell.0);
        assert_eq!(ask("", true), refused(&id.to_string()), "{}", shell.0);
        std::fs::write(&server.db.path, "no database").unwrap();
        assert_eq!(ask(&id.to_string(), true), refused("unknown"), "{}", shell.0);
        server.put("stub/state", "running");
        assert_eq!(ask(&id.to_string(), true), refused("unknown"), "{}", shell.0);
        assert_eq!(ask("unknown", true), passed(None), "it was read in the preview: {}", shell.0);
    }
}
