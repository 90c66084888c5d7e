//! A run from its start to its end.
use crate::server::*;
use opsdeck::core::plan::event::{self, How, What};

const SAME: &str =
    "same_container ragflowauth-backend b0000000000000000000000000000000000000000000000000000000000000001";

#[tokio::test(flavor = "multi_thread")]
async fn three_steps_are_done_one_after_the_other_and_written_down() {
    for shell in shells() {
        let server = Server::new(&shell);
        let plan = plan(vec![
            step(&format!("{SAME}\nremember_backend"), None),
            step("within 20 docker stop -t 1 ragflowauth-backend\nfact found 'it''s  two\twords'", None),
            step(
                "cat \"$memory/secret\" >\"$root/etc/got\"\nwithin 20 docker start ragflowauth-backend\ncontainer_runs ragflowauth-backend 5",
                None,
            ),
        ]);
        let run = name("1700000000-three");
        let (code, said) = server.start_as(&plan, &run, "li@ws", b"p w,1'\xe4\xb8\xad").await;
        assert_eq!((code, said.as_str()), (0, "started session"), "{}", shell.name);
        assert_eq!(server.end_of(&run).await, "finished");
        let told = server.told(&run);
        let wanted = [
            "begin",
            "step 1",
            &format!("fact backend_was running {ID}"),
            "done 1",
            "step 2",
            "fact found its  two words",
            "done 2",
            "step 3",
            "done 3",
            "finished",
            "end finished",
        ];
        assert_eq!(told, wanted, "{}", shell.name);
        // each line is an event with its time
        let events = server.events(&run);
        assert!(events.iter().all(|e| e.at.0 > 1_600_000_000_000 && !matches!(e.what, What::Other { .. })));
        assert_eq!(event::ended(&events), Some((How::Finished, false)));
        // the secret came whole, and is gone
        assert_eq!(std::fs::read(server.root.join("etc/got")).unwrap(), b"p w,1'\xe4\xb8\xad");
        assert!(!server.root.join("run/opsdeck").join(run.as_str()).exists());
        assert!(
            !String::from_utf8_lossy(&std::fs::read(server.run_folder(&run).join("body.sh")).unwrap())
                .contains("p w,1")
        );
        let who = std::fs::read_to_string(server.run_folder(&run).join("who")).unwrap();
        assert!(who.starts_with("restart-backend|li@ws|17"), "{who}");
        server.until(|| server.left().is_empty().then_some(()), "nothing is left").await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_step_that_fails_has_the_ones_before_it_taken_back_from_the_last_to_the_first() {
    for shell in shells() {
        let server = Server::new(&shell);
        let undo = |n: usize| format!("echo undo {n} >>\"$root/etc/order\"");
        let plan = plan(vec![
            step("remember_backend", Some(&undo(1))),
            step("within 20 docker stop -t 1 ragflowauth-backend", None),
            step("true", Some(&format!("{}\nfalse\necho not reached >>\"$root/etc/order\"", undo(3)))),
            step("echo one\nsh -c 'exit 7'\necho not reached >>\"$root/etc/order\"", Some(&undo(4))),
            step("echo never >>\"$root/etc/order\"", Some(&undo(5))),
        ]);
        let run = name("failing");
        server.start(&plan, &run).await;
        assert_eq!(server.end_of(&run).await, "failed", "{}", shell.name);
        assert_eq!(std::fs::read_to_string(server.root.join("etc/order")).unwrap(), "undo 3\nundo 1\n");
        let told = server.told(&run);
        let tail: Vec<&str> = told.iter().skip_while(|l| *l != "step 4").map(String::as_str).collect();
        assert_eq!(
            tail,
            ["step 4", "fail 4 7", "undo 3 1", "undo 1 0", "putback backend started", "end failed"]
        );
        assert_eq!(server.backend(), "running");
        // what the commands said is kept for people
        assert!(std::fs::read_to_string(server.run_folder(&run).join("out")).unwrap().contains("one\n"));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_is_not_as_it_was_refuses_and_nothing_is_done() {
    for shell in shells() {
        let server = Server::new(&shell);
        let other = SAME.replace("000001", "000002");
        for (id, steps, refused) in [
            (
                "other-container",
                format!("{other}\nremember_backend"),
                "refused container ragflowauth-backend",
            ),
            ("own-words", "refuse changed now it is another".into(), "refused changed now it is another"),
        ] {
            let plan = plan(vec![step(&steps, None), step("within 9 docker stop ragflowauth-backend", None)]);
            let run = name(id);
            server.start(&plan, &run).await;
            assert_eq!(server.end_of(&run).await, "refused", "{}", shell.name);
            assert_eq!(server.told(&run), ["begin", "step 1", refused, "end refused"]);
        }
        // another machine: not even begun
        let mut elsewhere = plan(vec![step("within 9 docker stop ragflowauth-backend", None)]);
        elsewhere.target.machine_id = "0".repeat(32);
        let run = name("elsewhere");
        server.start(&elsewhere, &run).await;
        assert_eq!(server.end_of(&run).await, "refused");
        assert_eq!(server.told(&run), [format!("refused machine {MACHINE}"), "end refused".into()]);
        assert_eq!((server.docker_heard("stop"), server.backend().as_str()), (0, "running"));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refusal_after_something_was_done_has_it_taken_back() {
    let server = Server::new(&shells()[0]);
    let plan = plan(vec![step("true", Some("echo back >\"$root/etc/back\"")), step("refuse late", None)]);
    let run = name("late-refusal");
    server.start(&plan, &run).await;
    assert_eq!(server.end_of(&run).await, "refused");
    assert_eq!(server.told(&run)[3..], ["step 2", "refused late", "undo 1 0", "end refused"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn while_one_is_at_work_a_second_one_hears_who() {
    for shell in shells() {
        let server = Server::new(&shell);
        server.note("hold", "");
        let hold = format!("while [ -e {}/hold ]; do sleep 0.1; done", server.here.display());
        let (first, second) = (name("first"), name("second"));
        let mut long = plan(vec![step(&hold, None)]);
        long.limit_s = 200;
        server.start_as(&long, &first, "王@ws1", b"").await;
        server.until(|| is(&server.events(&first), &What::Step { n: 1 }).then_some(()), "its step").await;
        let (code, said) = server.start_as(&plan(vec![step("true", None)]), &second, "li@ws2", b"x").await;
        assert_eq!(code, 11, "{}", shell.name);
        assert!(said.starts_with("busy restart-backend|王@ws1|17") && said.ends_with("|first"), "{said}");
        // nothing of the second one is there, and it can be tried again later
        assert!(!server.run_folder(&second).exists());
        assert!(!server.root.join("run/opsdeck/second").exists());
        server.forget("hold");
        assert_eq!(server.end_of(&first).await, "finished");
        let (code, _) = server.start(&plan(vec![step("true", None)]), &second).await;
        assert_eq!(code, 0);
        assert_eq!(server.end_of(&second).await, "finished");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_run_is_started_once_however_often_it_is_asked_for() {
    for shell in shells() {
        let server = Server::new(&shell);
        let plan = plan(vec![step("echo x >>\"$root/etc/times\"", None)]);
        let run = name("once");
        let asked = (0..5).map(|_| server.start(&plan, &run));
        let said: Vec<_> = futures(asked).await;
        assert_eq!(said.iter().filter(|(_, s)| s == "started session").count(), 1, "{said:?}");
        assert_eq!(said.iter().filter(|(_, s)| s == "already").count(), 4, "{said:?}");
        server.end_of(&run).await;
        assert_eq!(server.start(&plan, &run).await, (0, "already".into()));
        assert_eq!(std::fs::read_to_string(server.root.join("etc/times")).unwrap(), "x\n", "{}", shell.name);
    }
}

/// All of them at once.
pub(crate) async fn futures<T, F: std::future::Future<Output = T>>(all: impl Iterator<Item = F>) -> Vec<T> {
    let mut waiting: Vec<_> = all.map(|f| (Box::pin(f), None)).collect();
    std::future::poll_fn(|cx| {
        let mut open = false;
        for (future, done) in &mut waiting {
            if done.is_none() {
                match future.as_mut().poll(cx) {
                    std::task::Poll::Ready(value) => *done = Some(value),
                    std::task::Poll::Pending => open = true,
                }
            }
        }
        if open { std::task::Poll::Pending } else { std::task::Poll::Ready(()) }
    })
    .await;
    waiting.into_iter().filter_map(|(_, done)| done).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_backend_that_cannot_be_put_back_is_said_to_be_down() {
    let server = Server::new(&shells()[0]);
    server.note("refuses-start", "no");
    let run = name("stays-down");
    let steps = vec![
        step("remember_backend", None),
        step("within 9 docker stop -t 1 ragflowauth-backend", None),
        step("false", None),
    ];
    server.start(&plan(steps), &run).await;
    assert_eq!(server.end_of(&run).await, "failed down");
    let told = server.told(&run);
    assert!(told.iter().any(|l| l == "putback backend failed Error response from daemon: no"), "{told:?}");
    assert_eq!(event::ended(&server.events(&run)), Some((How::Failed, true)));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_action_means_for_the_backend_counts_and_not_how_it_was() {
    for (id, was, meant, after) in [
        ("stop", "running", "stopped", "stopped"),
        ("start", "stopped", "running", "running"),
        ("none", "stopped", "", "stopped"),
    ] {
        let server = Server::new(&shells()[0]);
        server.set_backend(was);
        let meaning = if meant.is_empty() { String::new() } else { format!("backend_is_meant {meant}\n") };
        let verb = if was == "running" { "stop -t 1" } else { "start" };
        // what was to be done is done or not: then it fails
        let broken = if id == "start" {
            "false".to_owned()
        } else {
            format!("within 9 docker {verb} {BACKEND}\nfalse")
        };
        let steps = vec![step("remember_backend", None), step(&format!("{meaning}{broken}"), None)];
        let run = name(id);
        server.start(&plan(steps), &run).await;
        assert_eq!(server.end_of(&run).await, "failed");
        let wanted = if id == "none" { "running" } else { after };
        assert_eq!(server.backend(), wanted, "{id}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn whatever_a_fact_holds_it_stays_on_its_line_and_is_bounded() {
    for shell in shells() {
        let server = Server::new(&shell);
        let steps = "fact long \"$(head -c 100000 /dev/zero | tr '\\0' x)\"\nfact lines \"$(printf 'a\\nb\\r\\nc')\"\nfact odd '%s\\n $(id) `id` \"'\nfact end of it";
        let run = name("facts");
        server.start(&plan(vec![step(steps, None)]), &run).await;
        assert_eq!(server.end_of(&run).await, "finished", "{}", shell.name);
        let told = server.told(&run);
        assert_eq!(told[2].len(), 2000);
        assert_eq!(told[3..6], ["fact lines a b  c", "fact odd %s\\n $(id) `id` \"", "fact end of it"]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn fifty_runs_are_kept_and_every_one_without_an_end() {
    let server = Server::new(&shells()[0]);
    let runs = server.root.join("var/lib/opsdeck/runs");
    for n in 0..70 {
        let folder = runs.join(format!("old-{n}"));
        std::fs::create_dir_all(&folder).unwrap();
        // every tenth one has no end, and one speaks of an end
        let end = match n {
            5 => "1700000000 fact end of it\n",
            n if n % 10 == 0 => "1700000000 begin\n",
            _ => "1700000000 end finished\n",
        };
        std::fs::write(folder.join("journal"), end).unwrap();
        let at = std::time::UNIX_EPOCH + std::time::Duration::from_secs(1_600_000_000 + n);
        std::fs::File::open(&folder).unwrap().set_modified(at).unwrap();
    }
    std::fs::create_dir_all(runs.join(".new-half")).unwrap();
    let run = name("newest");
    server.start(&plan(vec![step("true", None)]), &run).await;
    server.end_of(&run).await;
    let mut left: Vec<u64> = Vec::new();
    for entry in std::fs::read_dir(&runs).unwrap().flatten() {
        let name = entry.file_name().into_string().unwrap();
        assert!(!name.starts_with('.'), "{name} was left by a start that did not get far");
        left.extend(name.strip_prefix("old-").and_then(|n| n.parse::<u64>().ok()));
    }
    left.sort_unstable();
    let mut wanted = vec![0, 5, 10];
    wanted.extend(20..70);
    assert_eq!(left, wanted);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_step_leaves_at_work_does_not_outlive_the_run() {
    for shell in shells() {
        let server = Server::new(&shell);
        // one that leaves the session, and is deaf
        let steps = "setsid sh -c 'trap \"\" TERM; while :; do sleep 0.3; done' </dev/null >/dev/null 2>&1 &";
        let run = name("leftover");
        server.start(&plan(vec![step(steps, None)]), &run).await;
        assert_eq!(server.end_of(&run).await, "finished", "{}", shell.name);
        server.until(|| server.left().is_empty().then_some(()), "nothing is left").await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_clock_that_jumps_makes_no_wait_longer_or_shorter() {
    let server = Server::new(&shells()[0]);
    // each time that it is asked it is another day, and a day earlier each time
    server.tool(
        "date",
        "#!/bin/sh\nhere=@HERE@\nn=0\n[ ! -e \"$here/n\" ] || read -r n <\"$here/n\"\necho $((n + 1)) >\"$here/n\"\necho $((1700000000 - n * 86400))\n",
    );
    server.set_backend("stopped");
    let run = name("jump");
    server.start(&plan(vec![step("container_runs ragflowauth-backend 3", None)]), &run).await;
    assert_eq!(server.end_of(&run).await, "failed");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_without_a_tool_says_so_and_nothing_is_begun() {
    let server = Server::new(&shells()[0]);
    let folder = tempfile::tempdir().unwrap();
    for tool in ["sh", "mkdir", "chmod", "dd", "cat", "sleep", "rm"] {
        std::os::unix::fs::symlink(format!("/bin/{tool}"), folder.path().join(tool)).unwrap();
    }
    let poor = opsdeck::remote::local::LocalHost::new(opsdeck::remote::local::LocalOptions {
        shell: "/bin/dash".into(),
        root: server.root.to_string_lossy().into_owned(),
        path: Some(folder.path().into()),
        env: Vec::new(),
    });
    let server = Server { host: poor, ..server };
    let said = server.start(&plan(vec![step("true", None)]), &name("poor")).await;
    assert_eq!(said, (13, "failed there is no flock on the server".into()));
    assert!(!server.run_folder(&name("poor")).exists());
}
