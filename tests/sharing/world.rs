//! A server made of files: stand-ins for mount, umount, docker, dmesg, findmnt and curl act on them; everything else is real.
use opsdeck::config::model::Environment;
use opsdeck::core::plan::Plan;
use opsdeck::core::plan::event::{self, Event, What, fact};
use opsdeck::core::plan::script::{self, RunName};
use opsdeck::core::plan::told::{Outcome, outcome};
use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

pub const ID: &str = "c0ffee00c0ffee00c0ffee00c0ffee00c0ffee00c0ffee00c0ffee00c0ffee00";
const RUN: &str = "20261121-abcd";

pub struct World {
    dir: tempfile::TempDir,
    pub root: PathBuf,
    pub env: Environment,
    shell: Vec<&'static str>,
}

/// Every shell that a server may have: at least one, and all of them where they are required.
pub fn shells() -> Vec<Vec<&'static str>> {
    let all = [vec!["/bin/dash"], vec!["/bin/bash", "--posix"], vec!["/bin/busybox", "sh"]];
    let there: Vec<_> = all.into_iter().filter(|s| Path::new(s[0]).exists()).collect();
    assert!(!there.is_empty());
    assert!(std::env::var_os("OPSDECK_REQUIRE_SHELLS").is_none() || there.len() == 3);
    there
}

const MOUNT: &str = r#"#!/bin/sh
echo "mount $*" >>"$STATE/log"
file=${6#*credentials=}; file=${file%%,*}
[ ! -e "$file" ] || { cp "$file" "$STATE/sent"; stat -c %a "$file" >"$STATE/sent-mode"; }
answer=$(head -n 1 "$STATE/mount"); sed -i 1d "$STATE/mount"
case $answer in
  ok | '') echo "90 22 0:44 / ${4#"$ROOT"} rw,relatime shared:40 - cifs $3 rw,vers=3.1.1" >>"$ROOT/proc/self/mountinfo" ;;
  hang) sleep 100 ;;
  *) echo "[  20.0] CIFS: Attempting to mount $3" >>"$STATE/dmesg"
     [ ! -s "$STATE/dmesg.next" ] || cat "$STATE/dmesg.next" >>"$STATE/dmesg"
     echo "${answer#* }" >&2; exit "${answer%% *}" ;;
esac
"#;
const UMOUNT: &str = r#"#!/bin/sh
echo "umount $*" >>"$STATE/log"
[ "$1" != -l ] || { shift; lazy=1; }
answer=$(cat "$STATE/umount" 2>/dev/null)
case $lazy$answer in
  busy) echo "umount: $1: target is busy." >&2; exit 32 ;;
  hang) sleep 100; exit 32 ;;
esac
sed -i "\| ${1#"$ROOT"} |d" "$ROOT/proc/self/mountinfo"
"#;
const DOCKER: &str = r#"#!/bin/sh
echo "docker $*" >>"$STATE/log"
was=$(cat "$STATE/backend")
case "$*" in
  "inspect --format {{if "*) echo "$was ID" ;;
  "inspect --format {{.State.Running}} {{.State.StartedAt}} "*) [ "$was" = running ] && echo "true at 0 none" || echo "false at 0 none" ;;
  "inspect --format {{.Name}} "*) cat "$STATE/name-of-$4" ;;
  "exec ragflowauth-backend true" | "exec ID true") [ "$was" = running ] ;;
  "exec ragflowauth-backend cat /proc/mounts") [ "$was" = running ] && cat "$STATE/inside" ;;
  "exec -i ragflowauth-backend python -c "*) cat "$STATE/jobs" ;;
  "stop -t 30 ragflowauth-backend") [ ! -e "$STATE/stop" ] || . "$STATE/stop"; echo stopped >"$STATE/backend" ;;
  "start ragflowauth-backend" | "start ID")
    [ ! -e "$STATE/start" ] || . "$STATE/start"
    echo running >"$STATE/backend"
    echo 'overlay / overlay rw 0 0' >"$STATE/inside"
    if grep -q ' /mnt/replica ' "$ROOT/proc/self/mountinfo"; then
      sed -n 's|.* / /mnt/replica .* - \([a-z0-9]*\) \([^ ]*\) .*|\2 /mnt/replica \1 rw 0 0|p' "$ROOT/proc/self/mountinfo" >>"$STATE/inside"
    else echo '/dev/vda /mnt/replica ext4 rw 0 0' >>"$STATE/inside"; fi ;;
  *) echo "not known: $*" >&2; exit 64 ;;
esac
"#;

impl World {
    /// A server with nothing mounted and a backend that runs and sees the local disk.
    pub fn new(shell: &[&'static str], env: &Environment) -> World {
        let dir = tempfile::Builder::new().prefix("ods").tempdir_in("/tmp").unwrap();
        let root = dir.path().join("root");
        let world = World { root, env: env.clone(), shell: shell.to_vec(), dir };
        for folder in
            ["etc", "root", "mnt/replica", "run", "proc/self/ns", "proc/1/ns", "proc/1/fd", "var/lib"]
        {
            fs::create_dir_all(world.root.join(folder)).unwrap();
        }
        world.put("proc/self/mountinfo", "22 1 254:0 / / rw shared:1 - ext4 /dev/vda rw\n");
        world.put("proc/1/mountinfo", "22 1 254:0 / / rw shared:1 - ext4 /dev/vda rw\n");
        symlink("mnt:[1]", world.root.join("proc/self/ns/mnt")).unwrap();
        symlink("mnt:[1]", world.root.join("proc/1/ns/mnt")).unwrap();
        world.put("etc/fstab", "/dev/vda / ext4 defaults 0 1\n");
        world.put("root/.smbcredentials", "username=bkuser\npassword=old\n");
        world.mode("root/.smbcredentials", 0o600);
        for (name, text) in [("mount", MOUNT), ("umount", UMOUNT), ("docker", DOCKER)] {
            world.tool(name, text);
        }
        world.tool("dmesg", "#!/bin/sh\ncat \"$STATE/dmesg\"\n");
        world.tool("findmnt", "#!/bin/sh\necho \"findmnt $*\" >>\"$STATE/log\"\n[ ! -e \"$STATE/findmnt\" ] || ! cmp -s \"$3\" \"$STATE/findmnt\"\n");
        world.tool("curl", "#!/bin/sh\necho '{\"status\": \"ok\"}'\n");
        world.state("backend", "running\n");
        world.state("inside", "overlay / overlay rw 0 0\n/dev/vda /mnt/replica ext4 rw 0 0\n");
        world.state("jobs", "jobs\n");
        world.state("mount", "");
        world.state("dmesg", "[  10.0] CIFS: an old line STATUS_ACCOUNT_DISABLED\n");
        world.state("log", "");
        world
    }

    /// The share is mounted, and the backend has it.
    pub fn mounted(self) -> World {
        let line = "90 22 0:44 / /mnt/replica rw,relatime shared:40 - cifs //10.0.2.2/backup rw,vers=3.1.1\n";
        for table in ["proc/self/mountinfo", "proc/1/mountinfo"] {
            let was = self.read(table);
            self.put(table, &(was + line));
        }
        self.state("inside", "overlay / overlay rw 0 0\n//10.0.2.2/backup /mnt/replica cifs rw 0 0\n");
        self
    }

    pub fn put(&self, path: &str, text: &str) {
        let path = self.root.join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    pub fn read(&self, path: &str) -> String {
        fs::read_to_string(self.root.join(path)).unwrap_or_default()
    }

    pub fn mode(&self, path: &str, mode: u32) {
        fs::set_permissions(self.root.join(path), fs::Permissions::from_mode(mode)).unwrap();
    }

    pub fn mode_of(&self, path: &str) -> u32 {
        fs::metadata(self.root.join(path)).unwrap().permissions().mode() & 0o7777
    }

    /// What the stand-ins go by, and what they wrote.
    pub fn state(&self, name: &str, text: &str) {
        let state = self.dir.path().join("state");
        fs::create_dir_all(&state).unwrap();
        fs::write(state.join(name), text).unwrap();
    }

    pub fn stated(&self, name: &str) -> String {
        fs::read_to_string(self.dir.path().join("state").join(name)).unwrap_or_default()
    }

    pub fn tool(&self, name: &str, text: &str) {
        let bin = self.dir.path().join("bin");
        fs::create_dir_all(&bin).unwrap();
        fs::write(bin.join(name), text).unwrap();
        fs::set_permissions(bin.join(name), fs::Permissions::from_mode(0o755)).unwrap();
    }

    /// How often a command was given.
    pub fn count(&self, command: &str) -> usize {
        self.stated("log").lines().filter(|l| l.starts_with(command)).count()
    }

    pub fn root(&self) -> String {
        self.root.to_str().unwrap().to_owned()
    }

    fn name(&self) -> RunName {
        RunName::parse(RUN).unwrap()
    }

    /// The body that start.sh would run, begun. Everything on it is as start.sh leaves it.
    pub fn begin(&self, plan: &Plan, password: Option<&[u8]>) -> Child {
        let mut plan = plan.clone();
        // the server and the container that the plan was made for
        plan.target.machine_id = String::new();
        for step in &mut plan.steps {
            step.sh = container_id(&step.sh);
        }
        let run = format!("var/lib/opsdeck/runs/{RUN}");
        let prefix = if self.shell[0].ends_with("busybox") { self.shadows() } else { String::new() };
        self.put(
            &format!("{run}/body.sh"),
            &(prefix.clone() + &script::body(&plan, &self.env, &self.root(), &self.name())),
        );
        self.put(
            &format!("{run}/after.sh"),
            &(prefix + &script::after(&self.env, &self.root(), &self.name())),
        );
        self.put(&format!("{run}/who"), "mount|tester|1\n");
        for empty in ["journal", "alive", "main", "is-unit"] {
            self.put(&format!("{run}/{empty}"), "");
        }
        if let Some(password) = password {
            let secret = self.root.join("run/opsdeck").join(RUN).join("secret");
            fs::create_dir_all(secret.parent().unwrap()).unwrap();
            fs::write(secret, password).unwrap();
        }
        self.shell("body.sh").spawn().unwrap()
    }

    /// busybox runs its own mount, umount and dmesg whatever the search path says: what the steps call through `timeout` is
    /// looked up in the folder of the stand-ins first.
    fn shadows(&self) -> String {
        let bin = self.dir.path().join("bin");
        format!(
            "timeout() {{ while :; do case $1 in -k) shift 2 ;; -*) shift ;; *) break ;; esac; done; limit=$1; shift\n  \
             if [ -x '{0}'/\"$1\" ]; then c='{0}'/$1; shift; command timeout -k 5 \"$limit\" \"$c\" \"$@\"; else command timeout -k 5 \"$limit\" \"$@\"; fi; }}\n",
            bin.display()
        )
    }

    fn shell(&self, file: &str) -> Command {
        let mut command = Command::new(self.shell[0]);
        let at = self.root.join("var/lib/opsdeck/runs").join(RUN).join(file);
        let path = format!("{}:/usr/sbin:/usr/bin:/sbin:/bin", self.dir.path().join("bin").display());
        command.args(&self.shell[1..]).arg(at).env_clear().env("PATH", path);
        command.env("ROOT", &self.root).env("STATE", self.dir.path().join("state"));
        command.current_dir("/").stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::inherit());
        command
    }

    /// What is done when the body has ended, however that was; and what the run wrote down.
    pub fn end(&self) -> Vec<Event> {
        assert!(self.shell("after.sh").status().unwrap().success());
        let journal = self.read(&format!("var/lib/opsdeck/runs/{RUN}/journal"));
        journal.lines().map(|l| event::event(l.as_bytes())).collect()
    }

    /// All of it.
    pub fn run(&self, plan: &Plan, password: Option<&[u8]>) -> Ran {
        let mut child = self.begin(plan, password);
        child.wait().unwrap();
        let events = self.end();
        Ran { outcome: outcome(&plan.action, &events, None), events }
    }

    /// What its commands printed.
    pub fn out(&self) -> String {
        self.read(&format!("var/lib/opsdeck/runs/{RUN}/out"))
    }

    /// Every file of the server that holds this, but those named.
    pub fn holding(&self, what: &[u8], but: &[&str]) -> Vec<PathBuf> {
        fn walk(dir: &Path, found: &mut Vec<PathBuf>) {
            for entry in fs::read_dir(dir).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() && !path.is_symlink() { walk(&path, found) } else { found.push(path) }
            }
        }
        let mut all = Vec::new();
        walk(&self.root, &mut all);
        all.retain(|p| !but.iter().any(|b| p.ends_with(b)));
        all.retain(|p| fs::read(p).is_ok_and(|bytes| bytes.windows(what.len()).any(|w| w == what)));
        all
    }
}

/// The lab's container is called by its id; the stand-in's is called ID.
fn container_id(sh: &str) -> String {
    let id = crate::answers::backend_id();
    assert!(id.len() == 64);
    sh.replace(&id, "ID")
}

/// How a run went.
pub struct Ran {
    pub events: Vec<Event>,
    pub outcome: Outcome,
}

impl Ran {
    pub fn fact(&self, name: &str) -> Option<&str> {
        fact(&self.events, name)
    }

    /// Every step has worked.
    pub fn finished(&self) -> bool {
        self.events.iter().any(|e| e.what == What::Finished)
    }

    /// Why it failed, in English.
    pub fn why(&self) -> String {
        match &self.outcome {
            Outcome::Failed { said, next, .. } => format!("{} | {}", said.en, next.en),
            other => panic!("{other:?}: {:#?}", self.events),
        }
    }

    pub fn refused(&self) -> String {
        match &self.outcome {
            Outcome::Refused(refusal) => refusal.said.en.clone(),
            other => panic!("{other:?}: {:#?}", self.events),
        }
    }
}
