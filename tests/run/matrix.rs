//! Whoever is killed, whenever: the backend is as it was, nothing is left behind, there is one end, and the next run begins.
use crate::server::*;
use opsdeck::core::plan::Plan;
use opsdeck::core::plan::script::RunName;
use rustix::process::Signal;
use std::collections::BTreeMap;
use std::fmt::Write;
use std::time::{Duration, Instant};

/// Lines of the journal until the run has finished: each can be held up before it is written.
const TELLS: usize = 9;

/// A moment of a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum At {
    /// Before the journal's line of this number: the steps' boundaries are among them.
    Tell(usize),
    /// Docker was told to stop the backend, and has not done it yet.
    Stopping,
    /// In the middle of a step.
    Gate(&'static str),
}

/// Who is killed, and how.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Kill {
    Shell,
    Group,
    TermShell,
    TermGroup,
    After,
    ShellAndAfter,
    All,
    Limit,
}

pub(crate) const KILLS: [Kill; 7] =
    [Kill::Shell, Kill::Group, Kill::TermShell, Kill::TermGroup, Kill::After, Kill::ShellAndAfter, Kill::All];

impl Kill {
    fn words(self) -> &'static str {
        match self {
            Kill::Shell => "KILL its shell",
            Kill::Group => "KILL its group",
            Kill::TermShell => "TERM its shell",
            Kill::TermGroup => "TERM its group",
            Kill::After => "KILL after.sh",
            Kill::ShellAndAfter => "KILL shell and after.sh",
            Kill::All => "KILL all of it",
            Kill::Limit => "its time is up",
        }
    }

    /// Nobody of it is left who would end it: that is for who follows it.
    pub(crate) fn leaves_nobody(self) -> bool {
        matches!(self, Kill::ShellAndAfter | Kill::All)
    }
}

const GATES: [At; 4] = [At::Stopping, At::Gate("stopped"), At::Gate("before"), At::Gate("started")];

fn three_steps(limit_s: u32) -> Plan {
    let gate = "gate() { : >\"$root/at-$1\"; while [ -e \"$root/hold-$1\" ]; do sleep 0.1; done; }\n";
    let own = |sh: &str| step(&format!("{gate}{sh}"), None);
    let mut plan = plan(vec![
        own(&format!("same_container {BACKEND} {ID}\nremember_backend")),
        own(&format!(
            "cat \"$memory/secret\" >\"$root/root/.smbcredentials.$run_id\"\nwithin 20 docker stop -t 1 {BACKEND}\ngate stopped"
        )),
        own(&format!(
            "gate before\nmv \"$root/root/.smbcredentials.$run_id\" \"$root/root/.smbcredentials\"\n\
             within 20 docker start {BACKEND}\ngate started\ncontainer_runs {BACKEND} 5"
        )),
    ]);
    plan.limit_s = limit_s;
    plan
}

/// Gets a run to its moment, does the deed, and sees what comes of it. An error is what is not as it should be.
#[allow(clippy::disallowed_methods)]
async fn cell(shell: &Shell, at: At, kill_whom: Kill) -> Result<Duration, String> {
    let server = Server::new(shell);
    let run = name("killed");
    match at {
        At::Tell(n) => server.note("hold-tell", &format!("{n}\n")),
        At::Stopping => server.note("hold-stop", ""),
        At::Gate(name) => server.put(&format!("hold-{name}"), ""),
    }
    let limit = if kill_whom == Kill::Limit { 4 } else { 300 };
    let (code, said) = server.start_as(&three_steps(limit), &run, "a@b", b"hush").await;
    if code != 0 {
        return Err(format!("start: {code} {said}"));
    }
    let reached = || match at {
        At::Tell(_) => server.here.join("at-tell").exists(),
        At::Stopping => server.docker_heard("stop") > 0,
        At::Gate(name) => server.root.join(format!("at-{name}")).exists(),
    };
    server.until(|| reached().then_some(()), "the moment").await;
    let began = Instant::now();
    deed(&server, &run, kill_whom);
    match at {
        // what is held is a child of the shell, which is there for a moment only on a real server
        At::Tell(_) if kill_whom != Kill::Limit => server.forget("hold-tell"),
        At::Gate(name) if kill_whom == Kill::After => {
            std::fs::remove_file(server.root.join(format!("hold-{name}"))).unwrap();
        }
        At::Stopping => {
            // docker stops it only when after.sh has found it running
            let asked = || server.docker_heard("inspect --format {{.State.Running}}") > 0;
            if kill_whom != Kill::After && !kill_whom.leaves_nobody() {
                server.until(|| asked().then_some(()), "after.sh's question").await;
            }
            server.forget("hold-stop");
        }
        _ => {}
    }
    if kill_whom.leaves_nobody() {
        let heard = server.follow(&run, 1).await;
        if heard.last().map(String::as_str) != Some("gone") {
            return Err(format!("who follows it hears {heard:?}"));
        }
        let said = server.finish(&run).await;
        if said != "finished" {
            return Err(format!("finish: {said}"));
        }
    }
    let end = server.end_of(&run).await;
    let took = began.elapsed();
    // asked to end when all its steps have worked, it may say so
    let late = at == At::Tell(TELLS) && matches!(kill_whom, Kill::TermShell | Kill::TermGroup);
    // and where the step heard it before the shell did, it is the step that failed
    let heard_first = kill_whom == Kill::TermGroup && server.told(&run).iter().any(|l| l.ends_with(" 143"));
    let wanted = if kill_whom == Kill::After { "finished" } else { "killed" };
    if end != wanted && !(late && end == "finished") && !(heard_first && end == "failed") {
        return Err(format!("end {end}: {:?}", server.told(&run)));
    }
    sound(&server, &run).await.map(|()| took)
}

pub(crate) fn deed(server: &Server, run: &RunName, whom: Kill) {
    let shell = || server.shell_of(run, "body.sh").unwrap();
    let after = || server.shell_of(run, "after.sh").unwrap();
    match whom {
        Kill::Shell => kill(shell(), Signal::KILL),
        Kill::Group => kill_group(shell(), Signal::KILL),
        Kill::TermShell => kill(shell(), Signal::TERM),
        Kill::TermGroup => kill_group(shell(), Signal::TERM),
        Kill::After => kill_group(after(), Signal::KILL),
        Kill::ShellAndAfter => {
            let shell = shell();
            kill_group(after(), Signal::KILL);
            kill(shell, Signal::KILL);
        }
        Kill::All => {
            kill_group(after(), Signal::KILL);
            kill_group(shell(), Signal::KILL);
        }
        Kill::Limit => {}
    }
}

/// What has to be so after every end.
pub(crate) async fn sound(server: &Server, run: &RunName) -> Result<(), String> {
    let told = server.told(run);
    let ends: Vec<_> = told.iter().filter(|l| l.starts_with("end ")).collect();
    if ends.len() != 1 || !told.last().is_some_and(|l| l.starts_with("end ")) {
        return Err(format!("not one end, and the last line: {told:?}"));
    }
    if server.backend() != "running" {
        return Err(format!("the backend is {}: {told:?}", server.backend()));
    }
    for path in
        [format!("run/opsdeck/{run}"), format!("root/.smbcredentials.{run}"), format!("etc/fstab.{run}")]
    {
        if server.root.join(&path).exists() {
            return Err(format!("{path} is left"));
        }
    }
    server.until(|| server.left().is_empty().then_some(()), "an end of its processes").await;
    // nothing comes after the end, and the backend stays
    if server.told(run) != told || server.backend() != "running" {
        return Err(format!("after its end: {:?}, the backend is {}", server.told(run), server.backend()));
    }
    let next = name("next");
    let (code, said) = server.start(&plan(vec![step("true", None)]), &next).await;
    if code != 0 {
        return Err(format!("the next run: {code} {said}"));
    }
    match server.end_of(&next).await.as_str() {
        "finished" => Ok(()),
        other => Err(format!("the next run: {other}")),
    }
}

/// Cells at the same time.
const WORKERS: usize = 16;

async fn all(cells: Vec<(Shell, At, Kill)>) {
    let cells = std::sync::Mutex::new(cells.into_iter());
    let done = std::sync::Mutex::new(Vec::new());
    let worker = || async {
        loop {
            let Some((shell, at, kill)) = cells.lock().unwrap().next() else { return };
            let came = cell(&shell, at, kill).await;
            done.lock().unwrap().push((shell, at, kill, came));
        }
    };
    crate::carry::futures((0..WORKERS).map(|_| worker())).await;
    let done = done.into_inner().unwrap();
    let mut rows: BTreeMap<(Kill, &str), (usize, usize, Duration)> = BTreeMap::new();
    let mut wrong = String::new();
    for (shell, at, kill, came) in &done {
        let row = rows.entry((*kill, shell.name)).or_default();
        row.1 += 1;
        match came {
            Ok(took) => (row.0, row.2) = (row.0 + 1, row.2.max(*took)),
            Err(why) => writeln!(wrong, "{} {at:?} {kill:?}: {why}", shell.name).unwrap(),
        }
    }
    println!("{:<26}{:<9}{:>12}{:>10}{:>16}", "killed", "shell", "as it was", "percent", "slowest end");
    for ((kill, shell), (good, of, slowest)) in &rows {
        let percent = 100.0 * *good as f64 / *of as f64;
        println!(
            "{:<26}{shell:<9}{good:>6} of {of:<2}{percent:>9.1}%{:>14.1} s",
            kill.words(),
            slowest.as_secs_f64()
        );
    }
    let good = done.iter().filter(|d| d.3.is_ok()).count();
    println!("all: {good} of {}: {:.1} %", done.len(), 100.0 * good as f64 / done.len() as f64);
    assert!(wrong.is_empty(), "{wrong}");
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_is_killed_at_whatever_moment_the_server_is_as_it_was() {
    let mut cells = Vec::new();
    for shell in shells() {
        // busybox has a clock of its own, which cannot be held up
        let tells: Vec<usize> = match shell.name {
            "dash" => (1..=TELLS).collect(),
            "bash" => vec![1, 5, TELLS],
            _ => Vec::new(),
        };
        for at in tells.into_iter().map(At::Tell).chain(GATES) {
            cells.extend(KILLS.iter().map(|kill| (shell.clone(), at, *kill)));
            if !matches!(at, At::Tell(_)) {
                cells.push((shell.clone(), at, Kill::Limit));
            }
        }
    }
    all(cells).await;
}

/// A start whose link is lost after this long: whether a run was there, and how it ended.
async fn lost(shell: &Shell, after: Duration) -> Result<Option<String>, String> {
    let server = Server::new(shell);
    let run = name("cut");
    let _ = server.start_cut(&three_steps(300), &run, after).await;
    let there = server.run_folder(&run).exists();
    if there {
        let heard = server.follow(&run, 1).await;
        if heard.last().is_some_and(|l| l == "gone") {
            server.finish(&run).await;
        }
    } else {
        // asked for again, it runs
        server.start_as(&three_steps(300), &run, "a@b", b"hush").await;
    }
    let end = server.end_of(&run).await;
    sound(&server, &run).await?;
    match (there, end.as_str()) {
        (false, "finished") => Ok(None),
        (false, _) => Err(format!("asked for again: {end}")),
        (true, _) => Ok(Some(end)),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_link_that_is_lost_while_a_run_is_started_leaves_a_run_or_nothing() {
    let mut moments = Vec::new();
    for shell in shells() {
        moments.extend((0..600).step_by(50).map(|ms| (shell.clone(), Duration::from_millis(ms))));
    }
    let moments = std::sync::Mutex::new(moments.into_iter());
    let came = std::sync::Mutex::new(Vec::new());
    let worker = || async {
        loop {
            let Some((shell, after)) = moments.lock().unwrap().next() else { return };
            let how = lost(&shell, after).await;
            came.lock().unwrap().push((shell.name, after, how));
        }
    };
    crate::carry::futures((0..WORKERS).map(|_| worker())).await;
    let came = came.into_inner().unwrap();
    let count = |wanted: &dyn Fn(&Option<String>) -> bool| {
        came.iter().filter(|c| c.2.as_ref().is_ok_and(wanted)).count()
    };
    let none = count(&|end| end.is_none());
    let ran = count(&|end| end.as_deref() == Some("finished"));
    println!(
        "the link lost while it was started: {none} not there, {ran} ran to their end, {} were ended",
        came.len() - none - ran
    );
    let wrong: Vec<_> = came.iter().filter(|c| c.2.is_err()).collect();
    assert!(wrong.is_empty(), "{wrong:?}");
    assert!(none > 0, "every moment was the same");
}

/// Between the moment when a run is there and the one when it has begun: its start is killed, and it is ended nevertheless.
#[tokio::test(flavor = "multi_thread")]
async fn a_start_that_is_killed_before_its_run_began_leaves_one_who_ends_it() {
    for shell in shells().into_iter().filter(|s| s.name != "busybox") {
        let server = Server::new(&shell);
        let held = server.here.join("memory");
        // the secret's folder is the last thing before the run
        server.tool(
            "mkdir",
            &format!(
                "#!/bin/sh\ncase $* in *run/opsdeck/*) /bin/mkdir \"$@\"; : >{0}; while [ -e {0} ]; do sleep 0.1; done ;; *) exec /bin/mkdir \"$@\" ;; esac\n",
                held.display()
            ),
        );
        let run = name("held");
        let plan = three_steps(300);
        let start = server.start_as(&plan, &run, "a@b", b"hush");
        let there = server.until(|| held.exists().then_some(()), "the moment");
        tokio::select! {
            said = start => panic!("it was held up: {said:?}"),
            () = there => {}
        }
        // who started it is dropped with its question; the link is gone
        std::fs::remove_file(&held).unwrap();
        assert_eq!(server.end_of(&run).await, "killed", "{}", shell.name);
        assert_eq!(server.told(&run), ["end killed"]);
        std::fs::remove_file(server.bin.join("mkdir")).unwrap();
        sound(&server, &run).await.unwrap();
        assert_eq!(server.docker_heard("stop"), 0);
    }
}
