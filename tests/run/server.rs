//! A server of plain files: a root folder, the machine's own tools, and stand-ins that come first on the search path.
use opsdeck::config::model::Environment;
use opsdeck::core::plan::event::{self, Event, What};
use opsdeck::core::plan::script::{self, RunName};
use opsdeck::core::plan::{Action, How, Plan, Risk, Service, Step, Target};
use opsdeck::core::safetext::SafeText;
use opsdeck::demo::DemoBox;
use opsdeck::i18n::Text;
use opsdeck::remote::local::{LocalHost, LocalOptions};
use opsdeck::remote::{Ask, End, Host, Line};
use rustix::process::{Pid, Signal, kill_process, kill_process_group};
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use std::time::{Duration, Instant};
use tempfile::TempDir;

pub(crate) const BACKEND: &str = "ragflowauth-backend";
/// The id of its container.
pub(crate) const ID: &str = "b0000000000000000000000000000000000000000000000000000000000000001";
pub(crate) const MACHINE: &str = "5e0c7f1a9d2b4c6e8f10a3b5c7d9e1f2";
/// Long enough for whatever has to end by itself.
pub(crate) const SOON: Duration = Duration::from_secs(60);

/// A shell that a server may have as `sh`.
#[derive(Clone, Debug)]
pub(crate) struct Shell {
    pub(crate) name: &'static str,
    path: PathBuf,
}

/// The shells of this machine: all three where they are required.
pub(crate) fn shells() -> Vec<Shell> {
    let known = [("dash", "/bin/dash"), ("bash", "/bin/bash"), ("busybox", "/bin/busybox")];
    let there: Vec<Shell> = known
        .map(|(name, path)| Shell { name, path: path.into() })
        .into_iter()
        .filter(|s| s.path.exists())
        .collect();
    assert!(!there.is_empty());
    let required = std::env::var_os("OPSDECK_REQUIRE_SHELLS").is_some();
    assert!(!required || there.len() == 3, "dash, bash and busybox are required here");
    there
}

/// Docker: a file for each container with `running ID` or `stopped ID`, and a daemon that does what it was told whether or
/// not who asked still waits. As long as there is `hold-stop`, nothing stops. `down`: it is not there; `frozen`: it takes a question
/// and says nothing. `zombie`: a share holds the container: it cannot be stopped, and runs nothing, until that file is gone; `pending`:
/// a stop that fails does its work after so many seconds. `dies`: what is started ends after so many seconds; `loops`: and is started again.
/// `refuses-start`, `refuses-stop`: it does not do that, and says so in these words. `health`: what its health check says. `paused`: it runs and executes nothing. `dead-share`: no container starts while something is mounted.
const DOCKER: &str = r#"#!/bin/sh
here=@HERE@
echo "$*" >>"$here/docker.log"
while [ -e "$here/frozen" ]; do sleep 0.1; done
[ ! -e "$here/docker.down" ] || { echo "Cannot connect to the Docker daemon" >&2; exit 1; }
by_name() {
  for each in "$here"/containers/*; do
    read -r _ id <"$each"
    [ "${each##*/}" = "$1" ] || [ "$id" = "$1" ] || continue
    echo "$each"
    return 0
  done
  echo "Error: No such object: $1" >&2
  return 1
}
put() { read -r _ id <"$1" && echo "$2 $id" >"$here/$$.new" && mv "$here/$$.new" "$1"; }
# what the daemon does: nothing of ours holds it, and it holds nothing of ours
daemon() { setsid sh -c "$1" </dev/null >/dev/null 2>&1 4>&- 5>&- 6>&- 7>&- 8>&- 9>&- & }
verb=$1
shift
case $verb in
  inspect)
    file=$(by_name "$3") || exit 1
    read -r state id <"$file"
    lives=$(cat "$here/lives" 2>/dev/null)
    case $2 in
      *.Id*) echo "$state $id" ;;
      *.RestartCount*) [ "$state" = running ] && echo "true at-${lives:-0} 0 $(cat "$here/health" 2>/dev/null || echo none)" || echo "false at-${lives:-0} 0 none" ;;
      *) [ "$state" = running ] && echo true || echo false ;;
    esac
    ;;
  exec)
    file=$(by_name "$1") || exit 1
    read -r state id <"$file"
    [ "$state" = running ] || exit 1
    [ ! -e "$here/zombie" ] || { echo "OCI runtime exec failed: setns" >&2; exit 126; }
    [ ! -e "$here/paused" ] || { echo "container is paused, unpause the container before exec" >&2; exit 1; }
    ;;
  start | stop | restart)
    while [ $# -gt 1 ]; do shift; done
    file=$(by_name "$1") || exit 1
    [ ! -e "$here/refuses-$verb" ] || { echo "Error response from daemon: $(cat "$here/refuses-$verb")" >&2; exit 1; }
    done=$here/$$.done
    held="while [ -e $here/hold-stop ]; do sleep 0.1; done"
    lived() { n=$(cat "$here/lives" 2>/dev/null); echo $((${n:-0} + 1)) >"$here/lives"; }
    read -r state id <"$file"
    if [ $verb != start ] && [ -e "$here/zombie" ]; then
      if [ -e "$here/pending" ]; then daemon "sleep $(cat "$here/pending"); echo stopped $id >$done.new; rm -f $here/zombie; mv $done.new $file"; fi
      sleep 1
      echo "Error response from daemon: tried to kill container, but did not receive an exit event" >&2
      exit 1
    fi
    if [ $verb != stop ] && [ -e "$here/dead-share" ] && [ -s "@ROOT@/proc/self/mountinfo" ]; then echo "error mounting: host is down" >&2; exit 1; fi
    case $verb in
      start)
        [ "$state" = running ] || lived
        put "$file" running
        if [ "$state" = stopped ] && [ -e "$here/loops" ]; then daemon "n=1; while [ -e $here/loops ]; do sleep 1; n=\$((n + 1)); echo again-\$n >$here/lives; done"; fi
        if [ "$state" = stopped ] && [ -e "$here/dies" ]; then
          daemon "sleep $(cat "$here/dies"); echo stopped $id >$done.new; mv $done.new $file"
          rm "$here/dies"
        fi
        : >"$done"
        ;;
      stop) daemon "$held; echo stopped $id >$done.new; mv $done.new $file; : >$done" ;;
      restart) daemon "$held; echo stopped $id >$done.new; mv $done.new $file; sleep 0.2; echo running $id >$done.new; mv $done.new $file; : >$done" ;;
    esac
    until [ -e "$done" ]; do sleep 0.1; done
    echo "$1"
    ;;
  *) echo "docker: the stand-in does not know $verb" >&2; exit 64 ;;
esac
"#;

/// The clock, which a run asks before each line of its journal: a line can be held up there. `hold-tell` holds its number.
const DATE: &str = r#"#!/bin/sh
here=@HERE@
case $(tr '\0' ' ' </proc/$PPID/cmdline) in
  *body.sh*)
    n=0
    [ ! -e "$here/tells" ] || read -r n <"$here/tells"
    n=$((n + 1))
    echo $n >"$here/tells"
    if [ -e "$here/hold-tell" ]; then
      read -r held <"$here/hold-tell"
      if [ "$n" = "$held" ]; then
        : >"$here/at-tell"
        while [ -e "$here/hold-tell" ]; do sleep 0.1; done
      fi
    fi
    ;;
esac
exec /bin/date "$@"
"#;

/// A server.
pub(crate) struct Server {
    pub(crate) host: LocalHost,
    pub(crate) root: PathBuf,
    /// Where the stand-ins keep what they know.
    pub(crate) here: PathBuf,
    pub(crate) env: Environment,
    pub(crate) bin: PathBuf,
    pub(crate) _dir: TempDir,
}

/// What an environment is like; the same one for all.
fn environment() -> Environment {
    static ENV: OnceLock<Environment> = OnceLock::new();
    let make = || {
        let opsdeck = Path::new(env!("CARGO_BIN_EXE_opsdeck"));
        let demo = DemoBox::create_with(opsdeck, "healthy", opsdeck::clock::now(), None).unwrap();
        demo.config().environments.into_iter().next().unwrap()
    };
    ENV.get_or_init(make).clone()
}

impl Server {
    pub(crate) fn new(shell: &Shell) -> Server {
        let dir = tempfile::Builder::new().prefix("opsdeck-run.").tempdir().unwrap();
        let top = dir.path().canonicalize().unwrap();
        let (root, here, bin) = (top.join("root"), top.join("here"), top.join("bin"));
        for folder in [root.join("etc"), root.join("root"), here.join("containers"), bin.clone()] {
            std::fs::create_dir_all(folder).unwrap();
        }
        symlink(&shell.path, bin.join("sh")).unwrap();
        let options = LocalOptions {
            shell: bin.join("sh"),
            root: root.to_string_lossy().into_owned(),
            path: Some(format!("{}:/usr/bin:/bin", bin.display()).into()),
            env: Vec::new(),
        };
        let server = Server { host: LocalHost::new(options), root, here, env: environment(), bin, _dir: dir };
        server.put("etc/machine-id", &format!("{MACHINE}\n"));
        server.tool("docker", DOCKER);
        server.tool("date", DATE);
        server.set_backend("running");
        server
    }

    /// A program that comes before the machine's own.
    pub(crate) fn tool(&self, name: &str, script: &str) {
        let path = self.bin.join(name);
        let here = self.here.to_string_lossy();
        let root = self.root.to_string_lossy();
        // not under the shell that is tested: only what is sent is
        let text =
            script.replace("@HERE@", &here).replace("@ROOT@", &root).replace("#!/bin/sh", "#!/bin/dash");
        let new = path.with_extension("new");
        std::fs::write(&new, text).unwrap();
        std::fs::set_permissions(&new, std::fs::Permissions::from_mode(0o755)).unwrap();
        std::fs::rename(new, path).unwrap();
    }

    pub(crate) fn put(&self, path: &str, text: &str) {
        let path = self.root.join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }

    /// For the stand-ins.
    pub(crate) fn note(&self, name: &str, text: &str) {
        std::fs::write(self.here.join(name), text).unwrap();
    }

    pub(crate) fn forget(&self, name: &str) {
        std::fs::remove_file(self.here.join(name)).unwrap();
    }

    pub(crate) fn set_backend(&self, state: &str) {
        self.note(&format!("containers/{BACKEND}"), &format!("{state} {ID}\n"));
    }

    /// `running` or `stopped`.
    pub(crate) fn backend(&self) -> String {
        let text = std::fs::read_to_string(self.here.join("containers").join(BACKEND)).unwrap();
        text.split(' ').next().unwrap().to_owned()
    }

    /// How often docker was told so.
    pub(crate) fn docker_heard(&self, words: &str) -> usize {
        let log = std::fs::read_to_string(self.here.join("docker.log")).unwrap_or_default();
        log.lines().filter(|l| l.starts_with(words)).count()
    }

    // --- runs ---------------------------------------------------------------------------------------------------------

    pub(crate) fn run_folder(&self, run: &RunName) -> PathBuf {
        self.root.join("var/lib/opsdeck/runs").join(run.as_str())
    }

    fn text_of(&self, name: &'static str, plan: &Plan, run: &RunName, operator: &str) -> String {
        let root = self.host.root();
        match name {
            "start" => script::start(plan, &self.env, root, run, &SafeText::new(operator)),
            _ => script::finish(root, run),
        }
    }

    /// Starts a run: exit code and line.
    pub(crate) async fn start(&self, plan: &Plan, run: &RunName) -> (i32, String) {
        self.start_as(plan, run, "a@b", b"").await
    }

    pub(crate) async fn start_as(
        &self,
        plan: &Plan,
        run: &RunName,
        operator: &str,
        secret: &[u8],
    ) -> (i32, String) {
        let text = self.text_of("start", plan, run, operator);
        self.say("start", &text, secret).await
    }

    /// Starts a run over a link that is cut after this long; what was heard by then.
    pub(crate) async fn start_cut(
        &self,
        plan: &Plan,
        run: &RunName,
        after: Duration,
    ) -> Option<(i32, String)> {
        let start = self.start_as(plan, run, "a@b", b"hush");
        tokio::time::timeout(after, start).await.ok()
    }

    pub(crate) async fn finish(&self, run: &RunName) -> String {
        let text = self.text_of("finish", &plan(Vec::new()), run, "");
        self.say("finish", &text, b"").await.1
    }

    async fn say(&self, name: &'static str, text: &str, stdin: &[u8]) -> (i32, String) {
        let deadline = Duration::from_secs(180);
        let answer = self.host.run(Ask { name, script: text, stdin, deadline, cap: 1 << 16 }).await.unwrap();
        let said = String::from_utf8(answer.stderr.bytes).unwrap();
        assert_eq!(said, "", "{name} said something on the side");
        let End::Exit(code) = answer.end else { panic!("{name}: {:?}", answer.end) };
        (code, String::from_utf8(answer.stdout.bytes).unwrap().trim_end().to_owned())
    }

    /// Follows a run from this line on, to the end: every line but the beats.
    pub(crate) async fn follow(&self, run: &RunName, from: usize) -> Vec<String> {
        self.follow_until(run, from, |_| false).await
    }

    /// Follows a run until a line that is enough; then the link is cut.
    pub(crate) async fn follow_until(
        &self,
        run: &RunName,
        from: usize,
        mut enough: impl FnMut(&str) -> bool,
    ) -> Vec<String> {
        let text = script::follow(self.host.root(), run, from);
        let ask = Ask { name: "follow", script: &text, stdin: b"", deadline: SOON, cap: 1 << 14 };
        let mut stream = self.host.stream(ask).await.unwrap();
        let mut lines = Vec::new();
        while let Some(line) = stream.next().await {
            let Line::Out(line, 0) = line else { panic!("{line:?}") };
            let line = String::from_utf8(line).unwrap();
            if line.starts_with("beat ") {
                continue;
            }
            let last = enough(&line);
            lines.push(line);
            if last {
                return lines;
            }
        }
        assert!(matches!(stream.end().await, End::Exit(0)));
        lines
    }

    /// Its journal, line by line.
    pub(crate) fn journal(&self, run: &RunName) -> Vec<String> {
        let text = std::fs::read_to_string(self.run_folder(run).join("journal")).unwrap_or_default();
        text.lines().map(str::to_owned).collect()
    }

    /// Its journal without the times.
    pub(crate) fn told(&self, run: &RunName) -> Vec<String> {
        self.journal(run).iter().map(|l| l.split_once(' ').map_or("", |(_, rest)| rest).to_owned()).collect()
    }

    pub(crate) fn events(&self, run: &RunName) -> Vec<Event> {
        self.journal(run).iter().map(|l| event::event(l.as_bytes())).collect()
    }

    /// How it ended: `finished`, `failed down` …; nothing while it has no end.
    pub(crate) fn ended(&self, run: &RunName) -> Option<String> {
        self.told(run).iter().find_map(|l| l.strip_prefix("end ").map(str::to_owned))
    }

    /// Waits for its end.
    pub(crate) async fn end_of(&self, run: &RunName) -> String {
        self.until(|| self.ended(run), &format!("the end of {run}")).await
    }

    /// Waits until there is something; then says what.
    pub(crate) async fn until<T>(&self, found: impl FnMut() -> Option<T>, what: &str) -> T {
        self.within(SOON, found, what).await
    }

    #[allow(clippy::disallowed_methods)]
    pub(crate) async fn within<T>(
        &self,
        limit: Duration,
        mut found: impl FnMut() -> Option<T>,
        what: &str,
    ) -> T {
        let began = Instant::now();
        loop {
            if let Some(found) = found() {
                return found;
            }
            assert!(began.elapsed() < limit, "{what} did not come: {}", self.all());
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    /// What there is to know when a test fails.
    pub(crate) fn all(&self) -> String {
        let mut text = String::new();
        for run in std::fs::read_dir(self.root.join("var/lib/opsdeck/runs")).into_iter().flatten().flatten() {
            for file in ["journal", "out", "start.err", "after.err"] {
                let said = std::fs::read_to_string(run.path().join(file)).unwrap_or_default();
                text.push_str(&format!("\n--- {}/{file}\n{said}", run.file_name().to_string_lossy()));
            }
        }
        text + &std::fs::read_to_string(self.here.join("docker.log")).unwrap_or_default()
    }

    // --- processes ------------------------------------------------------------------------------------------------------

    /// The shell that runs this file of a run: the first one, not those that it started.
    pub(crate) fn shell_of(&self, run: &RunName, file: &str) -> Option<i32> {
        let path = self.run_folder(run).join(file).to_string_lossy().into_owned();
        let all = std::fs::read_dir("/proc").unwrap().flatten();
        let pids = all.filter_map(|e| e.file_name().to_str()?.parse::<i32>().ok());
        let ours = pids.filter(|pid| {
            let words = std::fs::read(format!("/proc/{pid}/cmdline")).unwrap_or_default();
            words.split(|b| *b == 0).nth(1) == Some(path.as_bytes())
        });
        // it leads its session, and what it started does not
        ours.into_iter().find(|pid| {
            let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
            let rest = stat.rsplit_once(") ").map_or("", |r| r.1);
            rest.split(' ').nth(3) == Some(&pid.to_string())
        })
    }

    /// Processes with this word among their words.
    pub(crate) fn left_with(&self, word: &str) -> Vec<i32> {
        let all = std::fs::read_dir("/proc").unwrap().flatten();
        let pids = all.filter_map(|e| e.file_name().to_str()?.parse::<i32>().ok());
        pids.filter(|pid| {
            let words = std::fs::read(format!("/proc/{pid}/cmdline")).unwrap_or_default();
            words.split(|b| *b == 0).any(|w| w == word.as_bytes())
        })
        .collect()
    }

    /// Processes that have something of this server open or in their words; the daemon's are not ours.
    pub(crate) fn left(&self) -> Vec<String> {
        let root = self.root.to_string_lossy().into_owned();
        let mut found = Vec::new();
        for entry in std::fs::read_dir("/proc").unwrap().flatten() {
            let Some(pid) = entry.file_name().to_str().and_then(|p| p.parse::<i32>().ok()) else { continue };
            let words = std::fs::read(entry.path().join("cmdline")).unwrap_or_default();
            let words = String::from_utf8_lossy(&words).replace('\0', " ");
            let open = std::fs::read_dir(entry.path().join("fd")).into_iter().flatten().flatten();
            let holds = open.filter_map(|f| std::fs::read_link(f.path()).ok());
            let holds: Vec<_> = holds.filter(|to| to.starts_with(&self.root)).collect();
            // this very process reads journals
            if pid != i32::try_from(std::process::id()).unwrap()
                && (words.contains(&root) || !holds.is_empty())
            {
                found.push(format!("{pid} {words} {holds:?}"));
            }
        }
        found
    }
}

/// Ends a process at once, or as it is asked to.
pub(crate) fn kill(pid: i32, signal: Signal) {
    let _ = kill_process(Pid::from_raw(pid).unwrap(), signal);
}

/// Ends a process group.
pub(crate) fn kill_group(pid: i32, signal: Signal) {
    let _ = kill_process_group(Pid::from_raw(pid).unwrap(), signal);
}

/// A name that no other run has.
pub(crate) fn name(text: &str) -> RunName {
    RunName::parse(text).unwrap()
}

/// A step, and what takes it back.
pub(crate) fn step(sh: &str, undo: Option<&str>) -> Step {
    Step { title: Text::same("a step"), sh: sh.into(), undo: undo.map(Into::into) }
}

/// A plan of these steps.
pub(crate) fn plan(steps: Vec<Step>) -> Plan {
    let env = environment();
    Plan {
        action: Action::Services { which: Service::Backend, how: How::Restart },
        env: env.key.clone(),
        name: env.name,
        role: env.role,
        host: env.host,
        target: Target { hostname: "demo-prod".into(), machine_id: MACHINE.into() },
        effects: Vec::new(),
        checked: Vec::new(),
        steps,
        risk: Risk::Light,
        proof: Vec::new(),
        undo: Text::default(),
        limit_s: 300,
        needs_password: false,
        kept: Vec::new(),
    }
}

/// Whether a line of a journal is this.
pub(crate) fn is(events: &[Event], wanted: &What) -> bool {
    events.iter().any(|e| e.what == *wanted)
}
