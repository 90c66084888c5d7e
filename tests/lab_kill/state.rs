//! What is compared before and after a case.
use crate::lab::on_server;
use opsdeck::core::plan::event::How as Ended;
use opsdeck::core::plan::told::Outcome;
use opsdeck::core::state::State as Sign;
use std::collections::BTreeMap;

/// Prints `NAME VALUE` lines.
const STATE: &str = r#"
until docker info >/dev/null 2>&1; do sleep 0.5; done
running() { docker inspect -f '{{.State.Running}}' "$@" 2>&1 | sort | uniq -c | tr -s ' \n' ' '; }
backend=$(docker inspect -f '{{.State.Running}}' ragflowauth-backend)
echo "backend $backend"
if [ "$backend" = true ] && well; then echo 'answers yes'; else echo 'answers no'; fi
if [ "$backend" = true ] && inside; then echo 'inside yes'; else echo 'inside no'; fi
echo "frontend $(running ragflowauth-frontend)"
echo "ragflow $(running $(docker ps -aq --filter label=com.docker.compose.project=ragflow_compose))"
echo "fstab $(sha256sum </etc/fstab | cut -c1-12)"
echo "fstab_rest $(grep -v ' /mnt/replica ' /etc/fstab | sha256sum | cut -c1-12)"
echo "fstab_ours $(grep -c '^//10.0.2.2/backup /mnt/replica cifs .*credentials=/root/.smbcredentials.*nofail.* 0 0$' /etc/fstab)"
echo "fstab_mode $(stat -c %a /etc/fstab)"
echo "credentials $(sha256sum </root/.smbcredentials | cut -c1-12) $(stat -c %a /root/.smbcredentials)"
echo "mounted $(grep -c ' /mnt/replica cifs ' /proc/mounts)"
# a worker that was asked to stop is on its way: its row goes before its lock does
for _ in $(seq 60); do
  live=$(sql "SELECT id || ' ' || status FROM backup_jobs WHERE status IN ('queued', 'running', 'canceling')")
  lock=$(sql "SELECT name || '|' || owner || '|' || acquired_at_ms FROM backup_locks")
  case "$live" in *canceling*) sleep 1; continue ;; esac
  [ -n "$live" ] || [ -z "$lock" ] || [ "${lock%|1700000000000}" != "$lock" ] || { sleep 0.5; continue; }
  break
done
echo "live $live"
echo "lock $lock"
echo "jobs $(sql 'SELECT count(*) FROM backup_jobs')"
"#;

/// What may be left of a run: nothing but its folder.
const LEFT: &str = r"
ls -d /root/.smbcredentials.* /etc/fstab.[0-9]* /run/opsdeck/[0-9]* /etc/systemd/system/opsdeck-after-boot.service* \
  /etc/systemd/system/multi-user.target.wants/opsdeck-* /var/lib/opsdeck/runs/.new-* 2>/dev/null
systemctl list-units --no-legend --plain 'opsdeck-*' 2>/dev/null
flock -n /var/lib/opsdeck/lock true || echo 'the lock is held'
find /mnt/replica/RagflowAuth -xdev -maxdepth 1 -name '.opsdeck-*'
true";

/// Processes of a run, of its console's questions, and of what either started; what runs in a container is a process of its server,
/// too. In a script of its own, whose words are none of these. The last is what kills a unit at a step that never came.
const PROCESSES: &str = r#"
for i in $(seq 40); do
  left=$(pgrep -fa '[o]psdeck|[c]ompile.text|[d]ocker (exec|logs|inspect|ps|start|stop|restart)|[j]ournalctl -q|[u]mount|[m]ount[.]cifs' |
    grep -v 'systemctl kill -s KILL')
  [ -n "$left" ] || exit 0
  sleep 0.5
done
echo "$left""#;

/// What became of the run, by its own journal and as it was told.
pub(crate) struct Ran<'a> {
    pub(crate) ended: Option<Ended>,
    pub(crate) outcome: &'a Outcome,
}

impl Ran<'_> {
    /// Whether the operator was told that this container is as the action meant it.
    fn says_done(&self, container: &str) -> bool {
        match self.outcome {
            Outcome::Done { .. } => true,
            Outcome::Failed { proofs, .. } => {
                proofs.iter().any(|p| p.what.en == container && p.state == Sign::Ok)
            }
            _ => false,
        }
    }
}

/// A script on the server, after what the cases share.
pub(crate) fn run(on: &str, script: &str) -> String {
    on_server(on, &format!("{}\n{script}", include_str!("on_server.sh")))
}

#[derive(Debug)]
pub(crate) struct State(BTreeMap<String, String>);

impl State {
    pub(crate) fn of(on: &str) -> State {
        let said = run(on, STATE);
        let pair = |l: &str| {
            let (name, value) = l.split_once(' ').unwrap_or((l, ""));
            (name.to_owned(), value.trim().to_owned())
        };
        State(said.lines().map(pair).collect())
    }

    pub(crate) fn get(&self, name: &str) -> &str {
        self.0.get(name).unwrap_or_else(|| panic!("{name} in {:?}", self.0))
    }

    pub(crate) fn is(&self, name: &str, value: &str) -> bool {
        self.get(name) == value
    }

    /// What is wrong where it has none of these values.
    pub(crate) fn one_of(&self, name: &str, values: &[&str]) -> Vec<String> {
        let fits = values.iter().any(|v| self.is(name, v));
        if fits { Vec::new() } else { vec![format!("{name}: {:?}, not one of {values:?}", self.get(name))] }
    }

    /// What is wrong where the run has finished without this.
    pub(crate) fn goal(&self, ran: &Ran<'_>, name: &str, value: &str) -> Vec<String> {
        if ran.ended == Some(Ended::Finished) { self.one_of(name, &[value]) } else { Vec::new() }
    }

    pub(crate) fn same(&self, before: &State, name: &str) -> Vec<String> {
        self.one_of(name, &[before.get(name)])
    }

    /// What is wrong with a backend that was to be stopped or started: it runs as before, or what became of it was told; and one
    /// that runs answers and sees the share.
    pub(crate) fn runs_as_told(&self, before: &State, ran: &Ran<'_>) -> Vec<String> {
        let mut wrong = Vec::new();
        if !ran.says_done("ragflowauth-backend") {
            wrong.extend(self.same(before, "backend"));
        }
        let well = if self.is("backend", "true") { "yes" } else { "no" };
        wrong.extend(self.one_of("answers", &[well]));
        wrong.extend(self.one_of("inside", &[well]));
        wrong
    }

    /// What is otherwise than before, and not in `but`.
    pub(crate) fn otherwise(&self, before: &State, but: &[&str]) -> Vec<String> {
        let names = [
            "backend",
            "answers",
            "inside",
            "frontend",
            "ragflow",
            "fstab",
            "credentials",
            "mounted",
            "live",
            "lock",
            "jobs",
        ];
        names.into_iter().filter(|n| !but.contains(n)).flat_map(|n| self.same(before, n)).collect()
    }
}

/// What is left behind on the server: nothing, where all is well.
pub(crate) fn left(on: &str) -> String {
    [on_server(on, PROCESSES), on_server(on, LEFT)].join("\n").trim().to_owned()
}
