//! The commands that change a server, as the real program against the lab: exit codes, what is proved, a console that is
//! killed or left in the middle, two at once.
//!
//! Needs the lab to be up (`tests/lab/lab up`); see `on_lab.rs` for where it is not.
// helpers of tests fail by panicking, as tests do
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

#[path = "common/mod.rs"]
mod common;
#[path = "common/lab.rs"]
mod lab;

use common::{Home, Ran};
use lab::{config, lab, on_server, with_lab_for};
use opsdeck::journal::{Journal, What};
use rustix::process::{Pid, Signal, kill_process};
use std::io::{BufRead, BufReader};
use std::process::{Child, ChildStdout, Command, Stdio};

/// Restarting the backend, until it is well again, takes long enough for everything here.
const LONG: &str = "services restart backend --env test --yes";

/// A workstation.
struct Desk(Home);

impl Desk {
    fn new() -> Desk {
        Desk(Home::new())
    }

    fn command(&self, line: &str) -> Command {
        let mut command = self.0.command(&format!("{line} --lang en"));
        command.arg("--config").arg(config()).env("USER", "tester");
        command
    }

    fn run(&self, line: &str) -> Ran {
        let ran = Ran::of(self.command(line).output().unwrap());
        eprintln!("{line}: {}\n{}{}", ran.code, ran.out, ran.err);
        ran
    }

    fn journal(&self) -> Journal {
        Journal::below(&self.0.at(".local/state/opsdeck"))
    }

    /// How the runs ended, by the journal of this workstation.
    fn came(&self) -> Vec<String> {
        let all = self.journal().read().unwrap().into_iter();
        let came = all.filter_map(|e| match e.what {
            What::Outcome { came, .. } => Some(came),
            What::Intent { .. } => None,
        });
        came.collect()
    }

    /// A long action that has begun on the server: the program, the rest of what it says, and the run's name.
    fn begin(&self) -> (Child, BufReader<ChildStdout>, String) {
        let mut child = self.command(LONG).stdout(Stdio::piped()).stderr(Stdio::inherit()).spawn().unwrap();
        let mut said = BufReader::new(child.stdout.take().unwrap());
        let mut line = String::new();
        while !line.contains("step 1") {
            line.clear();
            assert_ne!(said.read_line(&mut line).unwrap(), 0, "it never began");
            eprint!("{line}");
        }
        let run = self.journal().unfinished().unwrap().remove(0).run;
        (child, said, run)
    }
}

fn reset() {
    assert!(lab(&["reset", "test"]).status.success());
}

fn started(container: &str) -> String {
    on_server("test", &format!("docker inspect --format '{{{{.State.StartedAt}}}}' {container}"))
}

#[test]
fn a_restart_is_done_and_proved_and_prod_asks_for_its_key() {
    let Some(_lab) = with_lab_for("lab_headless") else { return };
    reset();
    let desk = Desk::new();
    let before = started("ragflowauth-frontend");
    let ran = desk.run("services restart frontend --env test --yes");
    assert_eq!(ran.code, 0);
    let proof = ran.out.lines().find(|l| l.contains("ragflowauth-frontend |")).expect("before and after");
    assert!(proof.matches("running since").count() == 2 && proof.ends_with("[+] OK"), "{proof}");
    assert_ne!(started("ragflowauth-frontend"), before);
    assert_eq!(desk.came(), ["done"]);
    assert!(desk.journal().unfinished().unwrap().is_empty());

    let runs = "ls /var/lib/opsdeck/runs 2>/dev/null | wc -l";
    let before = on_server("prod", runs);
    for flags in ["--yes", "--yes --confirm test", ""] {
        let ran = desk.run(&format!("services restart frontend --env prod {flags}"));
        assert!(ran.code == 1 && ran.out.contains("REFUSED"), "{flags}");
    }
    assert_eq!(on_server("prod", runs), before, "something was begun on prod");
    // a dry run is none
    assert_eq!(desk.run("services restart frontend --env prod --dry-run").code, 0);
    assert_eq!(on_server("prod", runs), before);
    assert_eq!(desk.came(), ["done"]);
}

#[test]
fn a_console_that_is_killed_is_taken_up_by_attach() {
    let Some(_lab) = with_lab_for("lab_headless") else { return };
    reset();
    let desk = Desk::new();
    let (mut child, said, run) = desk.begin();
    kill_process(Pid::from_child(&child), Signal::KILL).unwrap();
    child.wait().unwrap();
    drop(said);
    assert_eq!(desk.came(), Vec::<String>::new());
    let journal = desk.run("journal");
    assert!(journal.out.contains(&format!("opsdeck attach --env test {run}")));
    let ran = desk.run("attach --env test");
    assert!(ran.code == 0 && ran.out.contains(&run) && ran.out.contains("[+] DONE"));
    assert!(ran.out.contains("step 2/3: restart"), "its steps have names");
    assert_eq!(desk.came(), ["done"]);
    // there is nothing more to take up
    let ran = desk.run("attach --env test");
    assert!(ran.code == 0 && ran.out.contains("nothing is at work"));
    assert!(!desk.run("services start frontend --env test --yes").err.contains(&run));
}

#[test]
fn leaving_in_the_middle_leaves_it_to_the_server_and_says_how_to_come_back() {
    let Some(_lab) = with_lab_for("lab_headless") else { return };
    reset();
    let desk = Desk::new();
    let (mut child, said, run) = desk.begin();
    kill_process(Pid::from_child(&child), Signal::INT).unwrap();
    let rest: String = said.lines().map_while(Result::ok).collect::<Vec<_>>().join("\n");
    assert_eq!(child.wait().unwrap().code(), Some(3), "{rest}");
    assert!(rest.contains(&format!("opsdeck attach --env test {run}")), "{rest}");
    assert_eq!(desk.came(), ["unknown"]);
    let ran = desk.run(&format!("attach --env test {run}"));
    assert_eq!(ran.code, 0);
    assert_eq!(desk.came(), ["unknown", "done"]);
}

#[test]
fn the_second_of_two_is_told_who_is_at_work() {
    let Some(_lab) = with_lab_for("lab_headless") else { return };
    reset();
    let (anna, bo) = (Desk::new(), Desk::new());
    let (mut child, said, run) = anna.begin();
    // it stays in the middle for as long as this needs
    let signal = |name: &str| on_server("test", &format!("systemctl kill --signal={name} opsdeck-{run}"));
    signal("STOP");
    let ran = bo.run("services restart frontend --env test --yes");
    signal("CONT");
    assert_eq!(ran.code, 1, "{}", ran.out);
    // who, what, and how to follow it
    let attach = format!("opsdeck attach --env test {run}");
    for words in ["tester@", " is at work on this server: restart the backend", "only one may be", &attach] {
        assert!(ran.out.contains(words), "{words}: {}", ran.out);
    }
    let rest: String = said.lines().map_while(Result::ok).collect::<Vec<_>>().join("\n");
    assert_eq!(child.wait().unwrap().code(), Some(0), "{rest}");
    assert_eq!((anna.came(), bo.came()), (vec!["done".to_owned()], vec![]));
}
