//! The real program: arguments, exit codes, both languages, a terminal.
use crate::common::{GOOD, Home, Ran};
use opsdeck::cli::{self, Command, Parsed};

fn demo(home: &Home, line: &str) -> Ran {
    home.run(&format!("--demo {line}"))
}

#[test]
fn words_come_to_what_they_say() {
    let command = |line: &str| {
        let words: Vec<_> = line.split(' ').map(Into::into).collect();
        match cli::parse(&words, "en") {
            Parsed::Run(context) => context.cli.command.unwrap(),
            other => panic!("{line}: {other:?}"),
        }
    };
    let Command::Services(s) = command("opsdeck services stop ragflow --env prod --yes --confirm prod")
    else {
        panic!()
    };
    let action = opsdeck::core::plan::Action::Services { which: s.which, how: s.how };
    assert_eq!((action.id(), s.act.yes, s.act.confirm.as_deref()), ("stop-ragflow", true, Some("prod")));
    let Command::Mount(m) = command("opsdeck mount --new-password --dry-run --format sh") else { panic!() };
    assert!(m.new_password && m.act.dry_run && !m.act.yes);
    let Command::Backup(b) = command("opsdeck backup --full --watch --env test") else { panic!() };
    assert!(b.full && b.watch && b.act.env.as_deref() == Some("test"));
    let Command::Unlock(u) = command("opsdeck unlock --put-back 1769900000-1f") else { panic!() };
    assert_eq!(u.put_back.as_deref(), Some("1769900000-1f"));
    let Command::Attach(a) = command("opsdeck attach 1769900000-1f --env test") else { panic!() };
    assert_eq!((a.run.as_deref(), a.env.as_deref()), (Some("1769900000-1f"), Some("test")));
    let Command::Journal(j) = command("opsdeck journal --md --env a --env b --days 3") else { panic!() };
    assert_eq!((j.md, j.env.len(), j.days), (true, 2, Some(3)));
    assert!(matches!(command("opsdeck unmount --lazy"), Command::Unmount(u) if u.lazy));
    assert!(matches!(command("opsdeck cancel --force"), Command::Cancel(c) if c.force));
    assert!(matches!(command("opsdeck close-ghost"), Command::CloseGhost(_)));
}

#[test]
fn wrong_words_are_four_and_nothing_is_done() {
    let home = Home::new();
    for line in [
        "services restart frontend",
        "services restart frontend --env nowhere --yes",
        "services restart database --env test",
        "services restart",
        "services restart frontend --env test --yes --dry-run",
        "services restart frontend --env test --format sh",
        "services restart frontend --env test --format xml",
        "mount --env test --env prod",
        "attach ../x --env test",
        "journal --days 0",
        "unlock --put-back 1-a --env test --yes",
    ] {
        let ran = demo(&home, line);
        assert!(
            ran.code == 4 && ran.out.is_empty() && !ran.err.is_empty(),
            "{line}: {} {}",
            ran.code,
            ran.out
        );
    }
}

#[test]
fn a_dry_run_shows_the_plan_and_is_no_deed() {
    let home = Home::new();
    for (lang, said) in [("zh", "计划：重启前端"), ("en", "Plan: restart the frontend")] {
        let ran = demo(&home, &format!("services restart frontend --env prod --dry-run --lang {lang}"));
        assert!(ran.code == 0 && ran.out.contains(said) && ran.err.is_empty(), "{}{}", ran.out, ran.err);
        assert!(ran.out.contains("docker restart -t 30 ragflowauth-frontend"), "{}", ran.out);
    }
    let ran = demo(&home, "services restart frontend --env prod --dry-run --format sh");
    let script = home.put("steps.sh", &ran.out);
    let checked = std::process::Command::new("sh").arg("-n").arg(&script).output().unwrap();
    assert!(ran.code == 0 && checked.status.success() && ran.out.contains("step_2() {"), "{}", ran.out);
    // the whole of it, with what puts the backend back
    assert!(ran.out.contains("after_sh() {") && ran.out.trim_end().ends_with("\nstart"), "{}", ran.out);
    let ran = demo(&home, "services restart frontend --env prod --dry-run --format json");
    let plan: serde_json::Value = serde_json::from_str(ran.out.trim()).unwrap();
    assert_eq!((plan["told"].as_str(), plan["action"].as_str()), (Some("plan"), Some("restart-frontend")));
    let ran = demo(&home, "services start frontend --env prod --dry-run --lang en");
    assert!(ran.code == 0 && ran.out.contains("nothing to do"), "{}", ran.out);
    assert!(!home.at(".local/state/opsdeck/journal.jsonl").exists());
}

#[test]
fn without_the_right_flags_it_is_refused_and_they_are_named() {
    let home = Home::new();
    for (line, said) in [
        ("services stop backend --env test", "--yes"),
        ("services stop backend --env prod", "--yes --confirm prod"),
        ("services stop backend --env prod --yes", "--confirm prod"),
        ("services stop backend --env prod --yes --confirm test", "its key is prod"),
        ("services stop backend --env test --yes --confirm prod", "its key is test"),
    ] {
        let ran = demo(&home, &format!("{line} --lang en"));
        assert!(
            ran.code == 1 && ran.out.contains("REFUSED") && ran.out.contains(said),
            "{line}: {}{}",
            ran.out,
            ran.err
        );
        let ran = demo(&home, &format!("{line} --format json"));
        let last: serde_json::Value = serde_json::from_str(ran.out.lines().last().unwrap()).unwrap();
        assert_eq!(
            (ran.code, last["told"].as_str(), last["exit"].as_u64()),
            (1, Some("outcome"), Some(1)),
            "{line}"
        );
        assert!(
            last["next"]["en"].as_str().unwrap().contains(said)
                || last["said"]["en"].as_str().unwrap().contains(said)
        );
    }
}

#[test]
fn a_read_only_server_is_not_even_asked() {
    let home = Home::new();
    home.put("cwd/environments.toml", &GOOD.replace("role = \"prod\"", "role = \"prod\"\nread_only = true"));
    for line in
        ["mount", "unmount --lazy", "backup", "cancel", "unlock", "close-ghost", "services stop backend"]
    {
        let ran = home.run(&format!("{line} --yes --confirm prod"));
        assert!(ran.code == 1 && ran.out.contains("read_only"), "{line}: {}{}", ran.out, ran.err);
    }
    // where there is one environment, it is the one that is meant
    assert!(!home.at(".local/state/opsdeck/journal.jsonl").exists());
}

#[test]
fn a_server_that_cannot_be_reached_refuses_and_attaching_to_it_is_unknown() {
    let home = Home::new();
    let closed = std::net::TcpListener::bind(("127.0.0.1", 0)).unwrap().local_addr().unwrap().port();
    home.put("cwd/environments.toml", &format!("{GOOD}port = {closed}\n"));
    let ran = home.run("services restart frontend --yes --confirm prod --lang en");
    assert!(ran.code == 1 && ran.out.contains("REFUSED"), "{}{}", ran.out, ran.err);
    let ran = home.run("attach --lang en");
    assert!(ran.code == 3 && ran.out.contains("UNKNOWN"), "{}{}", ran.out, ran.err);
}

#[test]
fn with_nothing_to_follow_attach_says_so() {
    let home = Home::new();
    let ran = demo(&home, "attach --env test --lang en");
    assert!(ran.code == 0 && ran.out.contains("nothing is at work"), "{}{}", ran.out, ran.err);
    let ran = demo(&home, "attach 1769900000-1f --env test --lang en");
    assert!(
        ran.code == 1 && ran.out.contains("neither the server nor the journal"),
        "{}{}",
        ran.out,
        ran.err
    );
}

#[test]
fn a_reader_that_goes_away_is_no_trouble() {
    let home = Home::new();
    let mut command = home.command("--demo services restart frontend --env test --dry-run");
    let mut child =
        command.stdout(std::process::Stdio::piped()).stderr(std::process::Stdio::piped()).spawn().unwrap();
    drop(child.stdout.take());
    let ran = Ran::of(child.wait_with_output().unwrap());
    assert_eq!((ran.code, ran.err.as_str()), (0, ""));
}

#[test]
fn what_is_done_is_proved_told_and_written_down() {
    let home = Home::new();
    let demo = format!("--demo --demo-dir {}", home.at("box").display());
    let ran = home.run(&format!("{demo} services restart frontend --env test --yes --lang en"));
    let proof = ran
        .out
        .lines()
        .find(|l| l.contains("ragflowauth-frontend |"))
        .unwrap_or_else(|| panic!("{}", ran.out));
    assert!(ran.code == 0 && ran.err.is_empty(), "{}{}", ran.out, ran.err);
    assert!(proof.matches("running since").count() == 2 && proof.ends_with("[+] OK"), "{proof}");
    let ran = home.run(&format!("{demo} services stop frontend --env test --yes --format json"));
    let told: Vec<serde_json::Value> = ran.out.lines().map(|l| serde_json::from_str(l).unwrap()).collect();
    let words: Vec<&str> = told.iter().map(|t| t["told"].as_str().unwrap()).collect();
    assert_eq!((words[0], words[1], words[2]), ("plan", "checking", "begun"), "{words:?}");
    let last = told.last().unwrap();
    assert_eq!((ran.code, last["came"].as_str(), last["exit"].as_u64()), (0, Some("done"), Some(0)));
    assert!(told.iter().any(|t| t["what"]["event"] == "step" && t["at_ms"].is_i64()), "{words:?}");
    // it is stopped: that is said to whoever takes over, and a second time there is nothing to do
    let ran = home.run(&format!("{demo} journal --md --lang en"));
    assert!(
        ran.code == 0 && ran.out.contains("stop the frontend") && ran.out.contains("not started again since"),
        "{}",
        ran.out
    );
    let ran = home.run(&format!("{demo} services stop frontend --env test --yes --lang en"));
    assert!(ran.code == 0 && ran.out.contains("nothing to do"), "{}", ran.out);
    // what was done to the built-in servers is not in the workstation's own journal
    assert!(!home.at(".local/state/opsdeck/journal.jsonl").exists());
}

/// The console was killed before it saw the end: the next one asks the server, says what became of it and writes it down.
#[test]
fn after_a_crash_the_next_action_says_what_became_of_the_last() {
    let home = Home::new();
    let demo = format!("--demo --demo-dir {}", home.at("box").display());
    let ran = home.run(&format!("{demo} services restart frontend --env test --yes --lang en"));
    assert_eq!(ran.code, 0, "{}{}", ran.out, ran.err);
    let path = opsdeck::journal::Journal::below(&home.at("box/opsdeck")).path().to_owned();
    let whole = std::fs::read_to_string(&path).unwrap();
    let intent = whole.lines().next().unwrap().to_owned() + "\n";
    std::fs::write(&path, &intent).unwrap();
    let ran = home.run(&format!("{demo} services stop frontend --env test --dry-run --lang en"));
    assert!(
        ran.code == 0 && ran.err.contains("It is seen now: done, and seen to be done"),
        "{}{}",
        ran.out,
        ran.err
    );
    let now = std::fs::read_to_string(&path).unwrap();
    assert!(now.starts_with(&intent) && now.lines().count() == 2 && now.contains("\"done\""), "{now}");
    let ran = home.run(&format!("{demo} services stop frontend --env test --dry-run --lang en"));
    assert!(ran.code == 0 && ran.err.is_empty(), "{}", ran.err);
}

#[test]
fn a_lock_that_was_cleared_is_put_back_by_its_run() {
    let home = Home::new();
    let demo = format!("--demo=stale-lock --demo-dir {}", home.at("box").display());
    let flags = "--env prod --yes --confirm prod --lang en";
    let ran = home.run(&format!("{demo} unlock {flags}"));
    assert_eq!(ran.code, 0, "{}{}", ran.out, ran.err);
    let handover = home.run(&format!("{demo} journal --md --lang en")).out;
    let put =
        handover.split('`').find(|s| s.starts_with("opsdeck unlock")).unwrap_or_else(|| panic!("{handover}"));
    let run = put.rsplit(' ').next().unwrap();
    for (env, code, said) in [("prod", 0, "[+] DONE"), ("prod", 0, "nothing to do")] {
        let ran =
            home.run(&format!("{demo} unlock --put-back {run} --env {env} --yes --confirm {env} --lang en"));
        assert!(ran.code == code && ran.out.contains(said), "{}{}", ran.out, ran.err);
    }
    let ran = home.run(&format!("{demo} unlock --put-back {run} --env test --yes --lang en"));
    assert!(ran.code == 4 && ran.err.contains("was done on prod"), "{}{}", ran.out, ran.err);
}
