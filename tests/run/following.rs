//! A run's journal, followed over links that are cut.
use crate::server::*;

fn of(lines: &[String]) -> Vec<&str> {
    lines.iter().filter_map(|l| l.strip_prefix("j ")).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn from_any_line_on_exactly_the_rest_is_told() {
    for shell in shells() {
        let server = Server::new(&shell);
        let run = name("rest");
        let steps = vec![step("fact a 1\nfact b \\\\n", None), step("fact c 中文", None)];
        server.start_as(&plan(steps), &run, "王@ws", b"").await;
        server.end_of(&run).await;
        let journal = server.journal(&run);
        assert_eq!(journal.len(), 10, "{journal:?}");
        for from in 1..=journal.len() {
            let lines = server.follow(&run, from).await;
            assert!(lines[0].starts_with("who restart-backend|王@ws|17"), "{}: {lines:?}", shell.name);
            assert_eq!(of(&lines), journal[from - 1..], "{} from {from}", shell.name);
            assert_eq!(lines.len(), journal.len() - from + 2);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_link_that_is_cut_at_every_line_loses_nothing_and_repeats_nothing() {
    for shell in shells() {
        let server = Server::new(&shell);
        let run = name("cut");
        // it is at work while it is followed
        let steps = (0..4).map(|n| step(&format!("fact n {n}\nsleep 0.3\nfact m {n}"), None)).collect();
        server.start(&plan(steps), &run).await;
        let mut heard: Vec<String> = Vec::new();
        while !heard.last().is_some_and(|l| l.contains(" end ")) {
            // each link holds for one line
            let lines = server.follow_until(&run, heard.len() + 1, |l| l.starts_with("j ")).await;
            let new = of(&lines);
            assert_eq!(new.len(), 1, "{}: {lines:?}", shell.name);
            heard.extend(new.into_iter().map(str::to_owned));
        }
        assert_eq!(heard, server.journal(&run), "{}", shell.name);
        assert!(heard.len() > 15);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_that_is_not_there_is_none() {
    for shell in shells() {
        let server = Server::new(&shell);
        assert_eq!(server.follow(&name("never"), 1).await, ["none"], "{}", shell.name);
        assert_eq!(server.finish(&name("never")).await, "none");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn while_somebody_is_starting_nobody_says_that_there_is_none() {
    for shell in shells() {
        let server = Server::new(&shell);
        let run = name("waiting");
        let starting = server.root.join("var/lib/opsdeck/starting");
        std::fs::create_dir_all(starting.parent().unwrap()).unwrap();
        let turn = std::fs::File::create(&starting).unwrap();
        rustix::fs::flock(&turn, rustix::fs::FlockOperation::LockExclusive).unwrap();
        // the link of the start is cut while it waits for its turn; who follows hears of the run all the same
        let plan = plan(vec![step("true", None)]);
        let start = server.start(&plan, &run);
        let follow = server.follow(&run, 1);
        let let_go = async move {
            tokio::time::sleep(std::time::Duration::from_millis(2500)).await;
            drop(turn);
        };
        let (said, lines, ()) = tokio::join!(start, follow, let_go);
        assert_eq!(said.0, 0, "{}", shell.name);
        assert!(
            lines[0].starts_with("who ") && lines.last().unwrap().ends_with(" end finished"),
            "{}: {lines:?}",
            shell.name
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_line_that_is_still_being_written_is_not_told_by_half() {
    let server = Server::new(&shells()[0]);
    let run = name("half");
    let folder = server.run_folder(&run);
    std::fs::create_dir_all(&folder).unwrap();
    for (file, text) in [("who", "a|b|1\n"), ("alive", ""), ("journal", "1700000000 begin\n1700000001 fac")] {
        std::fs::write(folder.join(file), text).unwrap();
    }
    // somebody holds it: it is at work
    let alive = std::fs::File::open(folder.join("alive")).unwrap();
    rustix::fs::flock(&alive, rustix::fs::FlockOperation::LockExclusive).unwrap();
    let follow = server.follow(&run, 1);
    let write = async {
        tokio::time::sleep(std::time::Duration::from_millis(2500)).await;
        let mut file = std::fs::OpenOptions::new().append(true).open(folder.join("journal")).unwrap();
        std::io::Write::write_all(&mut file, b"t a whole\n1700000002 end finished\n").unwrap();
    };
    let (lines, ()) = tokio::join!(follow, write);
    assert_eq!(of(&lines), ["1700000000 begin", "1700000001 fact a whole", "1700000002 end finished"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_at_work_is_not_ended_by_who_finds_it() {
    let server = Server::new(&shells()[0]);
    server.note("hold", "");
    let hold = format!("while [ -e {}/hold ]; do sleep 0.1; done", server.here.display());
    let run = name("alive");
    server.start(&plan(vec![step(&hold, None)]), &run).await;
    assert_eq!(server.finish(&run).await, "alive");
    server.forget("hold");
    assert_eq!(server.end_of(&run).await, "finished");
    assert_eq!(server.finish(&run).await, "finished");
    assert_eq!(server.told(&run).last().unwrap(), "end finished");
}
