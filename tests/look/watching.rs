//! The watch under the shells that servers have, with a real Python and a real SQLite file behind a docker made of files.
use crate::support::{asset, server_of_files};
use opsdeck::config::model::Environment;
use opsdeck::core::gap::Gap;
use opsdeck::core::probe::database::Status;
use opsdeck::core::probe::watch::{Packs, Reader, Tick};
use opsdeck::core::units::Bytes;
use rustix::process::{Pid, Signal, kill_process, kill_process_group};
use std::io::{BufRead, BufReader, Write};
use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::time::Duration;
use tempfile::TempDir;

const MARK: &str = "0123456789abcdef";
const PACK: &str = "mnt/replica/RagflowAuth/migration_pack_20260301_040000";

const MAKE: &str = "
import sqlite3, sys
d = sqlite3.connect(sys.argv[1])
d.execute('CREATE TABLE backup_jobs(id INTEGER PRIMARY KEY, kind TEXT, status TEXT, progress INT, message TEXT, detail TEXT, output_dir TEXT, created_at_ms INT)')
d.execute('CREATE TABLE backup_locks(name TEXT PRIMARY KEY, owner TEXT, job_id INT, acquired_at_ms INT)')
d.execute('INSERT INTO backup_jobs VALUES(1, ?, ?, 100, ?, ?, NULL, 5)', ('full', 'completed', '', ''))
d.commit()
";
const SQL: &str =
    "import sqlite3, sys\nd = sqlite3.connect(sys.argv[1])\nd.execute(sys.argv[2])\nd.commit()\n";
const RUNS: &str = "INSERT INTO backup_jobs VALUES(2, 'full', 'running', 10, '备份数据库', '', '/replica/RagflowAuth/migration_pack_20260301_040000', 7)";

/// A server with a docker whose answers are files in `fakes`.
struct Server {
    dir: TempDir,
    env: Environment,
}

impl Server {
    /// Nothing where there is no Python, unless it is required.
    fn start() -> Option<Server> {
        let there = Command::new("python3").arg("--version").output().is_ok();
        assert!(there || std::env::var_os("OPSDECK_REQUIRE_SHELLS").is_none(), "python3 is required here");
        if !there {
            eprintln!("skipped: there is no python3");
            return None;
        }
        let (dir, mut env) = server_of_files();
        let server = |dir: TempDir, env| Server { dir, env };
        env.containers.database_inside = dir.path().join("auth.db").to_string_lossy().into_owned();
        let s = server(dir, env);
        s.python(MAKE, &[]);
        s.put("fakes/docker", &DOCKER.replace("@DIR", s.dir.path().to_str().unwrap()));
        std::fs::set_permissions(s.at("fakes/docker"), std::fs::Permissions::from_mode(0o755)).unwrap();
        s.put(
            "ps",
            "frontend|\nquirky|vol,/mnt/replica/RagflowAuth/migration_pack_20260301_040000/volumes\n",
        );
        s.runs(true);
        Some(s)
    }

    fn at(&self, path: &str) -> PathBuf {
        self.dir.path().join(path)
    }

    fn put(&self, path: &str, text: &str) {
        std::fs::create_dir_all(self.at(path).parent().unwrap()).unwrap();
        std::fs::write(self.at(path), text).unwrap();
    }

    /// Whether the backend's container runs.
    fn runs(&self, runs: bool) {
        let mounts = r#"[{"Source":"/mnt/replica","Destination":"/replica"}]"#;
        let state = format!(r#"{{"Running":{runs},"StartedAt":"2026-02-01T00:00:00Z"}}"#);
        let line = format!(
            "{{\"Id\":\"a\",\"Name\":\"/b\",\"State\":{state},\"Mounts\":{mounts}}}\nbind=/mnt/replica|/replica\n"
        );
        self.put("inspect.new", &line);
        std::fs::rename(self.at("inspect.new"), self.at("inspect")).unwrap();
    }

    fn python(&self, code: &str, args: &[&str]) {
        let done = Command::new("python3").args(["-c", code]).arg(self.at("auth.db")).args(args).status();
        assert!(done.unwrap().success());
    }

    fn sql(&self, sql: &str) {
        self.python(SQL, &[sql]);
    }

    /// The part in the container: the last one that was started.
    fn asker(&self) -> Pid {
        let pids = std::fs::read_to_string(self.at("pids")).unwrap();
        Pid::from_raw(pids.lines().last().unwrap().parse().unwrap()).unwrap()
    }
}

const DOCKER: &str = "#!/bin/sh
case $1 in
  exec) shift 4; echo $$ >>'@DIR/pids'; exec python3 \"$@\" ;;
  inspect) cat '@DIR/inspect' ;;
  ps) cat '@DIR/ps' ;;
esac
";

/// A watch that runs, in a group of its own, as it does on a server.
struct Watch {
    child: Child,
    lines: std::io::Lines<BufReader<ChildStdout>>,
    reader: Reader,
    /// What has come.
    seen: Vec<Tick>,
    /// Its end calls off the killer.
    _done: Sender<()>,
}

impl Watch {
    fn of(server: &Server, shell: &[&str]) -> Watch {
        let root = server.dir.path().to_string_lossy().into_owned();
        let mut child = Command::new(shell[0])
            .args(&shell[1..])
            .arg("-s")
            .env_clear()
            .env("PATH", format!("{root}/fakes:/usr/bin:/bin"))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .process_group(0)
            .spawn()
            .unwrap();
        let script = opsdeck::watch::script(&server.env, &root, MARK);
        child.stdin.take().unwrap().write_all(script.as_bytes()).unwrap();
        let group = Pid::from_raw(i32::try_from(child.id()).unwrap()).unwrap();
        let (done, is_done) = channel();
        // what never comes is a failure, and not a test without an end
        std::thread::spawn(move || {
            if let Err(RecvTimeoutError::Timeout) = is_done.recv_timeout(Duration::from_secs(120)) {
                let _ = kill_process_group(group, Signal::KILL);
            }
        });
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let reader = Reader::new(MARK, &root, &server.env.paths.pack_folder);
        Watch { child, lines, reader, seen: Vec::new(), _done: done }
    }

    fn pid(&self) -> Pid {
        Pid::from_raw(i32::try_from(self.child.id()).unwrap()).unwrap()
    }

    /// The next tick of which this makes something.
    fn next<T>(&mut self, so: impl Fn(&Tick) -> Option<T>) -> T {
        loop {
            let line = self.lines.next().expect("the watch has ended").unwrap();
            let tick = self.reader.line(line.as_bytes());
            let found = tick.as_ref().and_then(&so);
            self.seen.extend(tick);
            if let Some(found) = found {
                return found;
            }
        }
    }

    /// What has come already, or comes next.
    fn ever<T>(&mut self, so: impl Fn(&Tick) -> Option<T>) -> T {
        match self.seen.iter().find_map(&so) {
            Some(found) => found,
            None => self.next(so),
        }
    }

    /// The next rows that are so.
    fn rows(&mut self, so: impl Fn(&opsdeck::core::probe::watch::Jobs) -> bool) {
        self.next(|t| match t {
            Tick::Jobs { jobs: Ok(jobs), .. } => so(jobs).then_some(()),
            _ => None,
        });
    }

    /// The next pack with so many bytes.
    fn pack_of(&mut self, bytes: u64) {
        self.next(|t| match t {
            Tick::Packs(Ok(Packs { own: Some(own), .. })) => (own.bytes() == Bytes(bytes)).then_some(()),
            _ => None,
        });
    }

    /// As the watcher of the link does it.
    fn end(mut self) {
        let _ = kill_process_group(self.pid(), Signal::TERM);
        self.child.wait().unwrap();
    }
}

fn alive(pid: Pid) -> bool {
    std::fs::read_to_string(format!("/proc/{}/stat", pid.as_raw_nonzero())).is_ok_and(|s| !s.contains(") Z "))
}

#[allow(clippy::disallowed_methods)]
fn gone_within(limit: Duration, what: &str, pid: Pid) {
    let began = std::time::Instant::now();
    while alive(pid) {
        assert!(began.elapsed() < limit, "{what} is still there after {limit:?}");
        std::thread::sleep(Duration::from_millis(20));
    }
}

fn shells() -> Vec<Vec<&'static str>> {
    let known = [vec!["/bin/dash"], vec!["/bin/bash", "--posix"], vec!["/bin/busybox", "sh"]];
    let there: Vec<_> = known.into_iter().filter(|s| Path::new(s[0]).exists()).collect();
    let required = std::env::var_os("OPSDECK_REQUIRE_SHELLS").is_some();
    assert!(!there.is_empty() && (there.len() == 3 || !required), "dash, bash and busybox are required here");
    there
}

#[test]
fn a_backup_is_told_from_its_first_row_to_its_end_and_nothing_stays() {
    let one = |shell: Vec<&'static str>| {
        let Some(server) = Server::start() else { return };
        let mut watch = Watch::of(&server, &shell);
        watch.next(|t| matches!(t, Tick::Beat(_)).then_some(()));
        assert!(watch.next(|t| match t {
            Tick::Backend(Ok(c)) => Some(c.running),
            _ => None,
        }));
        watch.rows(|jobs| jobs.live.is_empty() && jobs.ended.len() == 1);
        server.put(&format!("{PACK}/auth.db"), "12345");
        server.sql(RUNS);
        watch.rows(|jobs| jobs.live.len() == 1);
        watch.pack_of(5);
        let helper = watch.ever(|t| match t {
            Tick::Helper(Ok(Some(name))) => Some(name.to_string()),
            _ => None,
        });
        assert_eq!(helper, "quirky");
        server.put(&format!("{PACK}/volumes/ragflow_compose_a.tar.gz"), "1234567");
        watch.pack_of(12);
        server.put(&format!("{PACK}/volumes/ragflow_compose_b.tar.gz"), "1");
        server.sql("UPDATE backup_jobs SET status = 'completed' WHERE id = 2");
        watch.rows(|jobs| jobs.ended.iter().any(|j| j.id.0 == 2 && j.status == Status::Completed));
        // the pack is looked at once more after the end
        watch.pack_of(13);
        let asker = server.asker();
        watch.end();
        gone_within(Duration::from_secs(10), "the part in the container", asker);
        let left: Vec<_> =
            std::fs::read_dir(server.at("run/opsdeck")).unwrap().map(|e| e.unwrap().file_name()).collect();
        assert!(left.is_empty(), "{shell:?}: {left:?}");
        let beside: Vec<_> =
            std::fs::read_dir(server.dir.path()).unwrap().map(|e| e.unwrap().file_name()).collect();
        assert!(!beside.iter().any(|n| n.to_string_lossy().starts_with("auth.db-")), "{beside:?}");
    };
    std::thread::scope(|all| {
        for shell in shells() {
            all.spawn(move || one(shell));
        }
    });
}

/// A docker client that is killed leaves what it started in the container: only standard input tells that nobody is there.
#[test]
fn the_part_in_the_container_ends_by_itself_when_the_script_is_killed() {
    let Some(server) = Server::start() else { return };
    let mut watch = Watch::of(&server, &["/bin/sh"]);
    watch.rows(|_| true);
    let asker = server.asker();
    let main = watch.pid();
    kill_process(main, Signal::KILL).unwrap();
    watch.child.wait().unwrap();
    // its end of the pipe closes when those who feed it see that the script has gone
    gone_within(Duration::from_secs(15), "the part in the container", asker);
}

#[test]
fn the_part_in_the_container_ends_when_standard_input_is_silent() {
    let Some(server) = Server::start() else { return };
    let text: Vec<String> = ["database.py", "watch.py"]
        .iter()
        .map(|n| std::fs::read_to_string(asset("assets/remote").join(n)).unwrap())
        .collect();
    let mut child = Command::new("python3")
        .args(["-c", &text.concat()])
        .arg(server.at("auth.db"))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    // held open, and never written to
    let held = child.stdin.take();
    let said = std::io::read_to_string(child.stdout.take().unwrap()).unwrap();
    assert!(child.wait().unwrap().success());
    drop(held);
    assert_eq!((said.matches("db {").count(), said.matches("live -").count()), (1, 1), "{said}");
    assert!((2..=3).contains(&said.matches("here").count()), "{said}");
}

#[test]
fn a_reader_that_the_share_holds_is_said_and_the_stream_goes_on() {
    let Some(server) = Server::start() else { return };
    let held = server.at("find");
    std::fs::copy("/bin/sleep", &held).unwrap();
    let mut stuck = Command::new(&held).arg("300").spawn().unwrap();
    server.put("run/opsdeck/reader", &format!("{}\n", stuck.id()));
    server.put(&format!("{PACK}/auth.db"), "12345");
    server.sql(RUNS);
    let mut watch = Watch::of(&server, &["/bin/sh"]);
    let pid = watch.next(|t| match t {
        Tick::Held { pid } => Some(*pid),
        Tick::Packs(_) => panic!("the share was read: {t:?}"),
        _ => None,
    });
    assert_eq!(pid, stuck.id());
    for _ in 0..2 {
        watch.next(|t| match t {
            Tick::Beat(_) => Some(()),
            Tick::Packs(_) => panic!("the share was read: {t:?}"),
            // somebody listens: the part in the container does not end
            Tick::Jobs { jobs: Err(gap), .. } => panic!("{gap:?}"),
            _ => None,
        });
    }
    stuck.kill().unwrap();
    stuck.wait().unwrap();
    watch.pack_of(5);
    watch.end();
}

#[test]
fn a_pack_that_cannot_be_read_in_time_is_a_gap_and_is_asked_again() {
    let Some(server) = Server::start() else { return };
    server.put("fakes/find", "#!/bin/sh\necho x >>\"$0.asked\"\ntrap '' TERM\nexec sleep 300\n");
    std::fs::set_permissions(server.at("fakes/find"), std::fs::Permissions::from_mode(0o755)).unwrap();
    server.put(&format!("{PACK}/auth.db"), "12345");
    server.sql(RUNS);
    let mut watch = Watch::of(&server, &["/bin/sh"]);
    let gap = watch.next(|t| match t {
        Tick::Packs(answer) => Some(answer.clone().err()),
        _ => None,
    });
    assert_eq!(gap, Some(Gap::TimedOut));
    std::fs::remove_file(server.at("fakes/find")).unwrap();
    watch.pack_of(5);
    watch.end();
}

#[test]
fn a_container_that_stops_is_said_and_its_rows_come_again_with_it() {
    let Some(server) = Server::start() else { return };
    let mut watch = Watch::of(&server, &["/bin/sh"]);
    watch.rows(|_| true);
    let first = server.asker();
    server.runs(false);
    // the container's end is the end of all in it
    kill_process(first, Signal::KILL).unwrap();
    let gap = watch.next(|t| match t {
        Tick::Jobs { jobs: Err(gap), .. } => Some(gap.clone()),
        _ => None,
    });
    assert_eq!(gap, Gap::TimedOut, "137 is what a killed program leaves with");
    assert!(!watch.next(|t| match t {
        Tick::Backend(Ok(c)) => Some(c.running),
        _ => None,
    }));
    server.runs(true);
    assert!(watch.next(|t| match t {
        Tick::Backend(Ok(c)) => Some(c.running),
        _ => None,
    }));
    watch.rows(|_| true);
    assert_ne!(server.asker(), first);
    watch.end();
}

#[test]
fn without_docker_it_says_so_and_keeps_asking() {
    let Some(server) = Server::start() else { return };
    server.put("fakes/docker", "#!/bin/sh\necho 'Cannot connect to the Docker daemon' >&2\nexit 1\n");
    let mut watch = Watch::of(&server, &["/bin/sh"]);
    let gap = watch.next(|t| match t {
        Tick::Backend(answer) => Some(answer.clone().err()),
        _ => None,
    });
    assert!(matches!(gap, Some(Gap::Failed { code: 1, .. })), "{gap:?}");
    server.put("fakes/docker", &DOCKER.replace("@DIR", server.dir.path().to_str().unwrap()));
    watch.rows(|_| true);
    watch.end();
}
