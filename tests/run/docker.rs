//! Docker at its worst in the middle of a run: containers that lie, die or are somebody else's by then, a daemon that is away. What is
//! said at the end is so, and the backend is as it was or loudly down.
use crate::server::*;
use opsdeck::core::plan::Plan;
use std::time::Duration;

/// Longer than after.sh has patience with a container that runs nothing.
const LATE: Duration = Duration::from_secs(240);

/// Remembers the backend, then this.
fn after_a_look(sh: &str) -> Plan {
    plan(vec![step(&format!("same_container {BACKEND} {ID}\nremember_backend"), None), step(sh, None)])
}

/// What was told of the backend when the run was over.
fn put_back(server: &Server, run: &opsdeck::core::plan::script::RunName) -> String {
    let told = server.told(run);
    told.iter().find_map(|l| l.strip_prefix("putback backend ").map(str::to_owned)).unwrap_or_default()
}

#[tokio::test(flavor = "multi_thread")]
async fn one_that_a_dead_share_holds_says_that_it_runs_and_is_not_believed() {
    let all = shells().into_iter().map(|shell| async move {
        let server = Server::new(&shell);
        server.note("zombie", "");
        let run = name("zombie");
        server.start(&after_a_look(&format!("within 20 docker stop -t 1 {BACKEND}")), &run).await;
        let end = server.within(LATE, || server.ended(&run), "its end").await;
        assert_eq!((end.as_str(), server.backend().as_str()), ("failed down", "running"), "{}", shell.name);
        let said = put_back(&server, &run);
        assert!(
            said.starts_with("failed says that it runs, and runs nothing: OCI runtime exec failed"),
            "{said}"
        );
    });
    crate::carry::futures(all).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn one_that_docker_could_not_stop_and_that_goes_down_later_is_started_again() {
    for shell in shells() {
        let server = Server::new(&shell);
        server.note("zombie", "");
        server.note("pending", "5");
        let run = name("pending");
        server.start(&after_a_look(&format!("within 20 docker stop -t 1 {BACKEND}")), &run).await;
        assert_eq!(server.end_of(&run).await, "failed", "{}", shell.name);
        assert_eq!((server.backend().as_str(), put_back(&server, &run).as_str()), ("running", "started"));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn one_that_dies_or_is_started_over_and_over_does_not_run() {
    for shell in shells() {
        let again = format!(
            "within 20 docker stop -t 1 {BACKEND}\nwithin 20 docker start {BACKEND}\ncontainer_runs {BACKEND} 6"
        );
        let server = Server::new(&shell);
        server.note("dies", "3");
        let run = name("dies");
        server.start(&after_a_look(&again), &run).await;
        assert_eq!(server.end_of(&run).await, "failed", "{}", shell.name);
        assert!(
            server.told(&run).contains(&format!("fact not_running {BACKEND} stopped")),
            "{:?}",
            server.told(&run)
        );
        assert_eq!((server.backend().as_str(), put_back(&server, &run).as_str()), ("running", "started"));
    }
    let all = shells().into_iter().map(|shell| async move {
        let again = format!("within 20 docker stop -t 1 {BACKEND}\nwithin 20 docker start {BACKEND}\ncontainer_runs {BACKEND} 6");
        let server = Server::new(&shell);
        server.note("loops", "");
        let run = name("loops");
        server.start(&after_a_look(&again), &run).await;
        let end = server.within(LATE, || server.ended(&run), "its end").await;
        assert_eq!((end.as_str(), put_back(&server, &run).as_str()), ("failed down", "failed does not stay up"));
        assert!(server.told(&run).contains(&format!("fact not_running {BACKEND} does not stay up")), "{}", shell.name);
        server.forget("loops");
    });
    crate::carry::futures(all).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_health_check_is_waited_for() {
    for shell in shells() {
        let server = Server::new(&shell);
        let runs = format!("container_runs {BACKEND} 4");
        for (health, end) in [("healthy", "finished"), ("starting", "failed"), ("unhealthy", "failed")] {
            server.note("health", health);
            let run = name(health);
            server.start(&plan(vec![step(&runs, None)]), &run).await;
            assert_eq!(server.end_of(&run).await, end, "{} {health}", shell.name);
            let fact = server.told(&run).contains(&format!("fact not_running {BACKEND} {health}"));
            assert_eq!(fact, end == "failed", "{:?}", server.told(&run));
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_backend_that_says_nothing_yet_is_waited_for() {
    const CURL: &str = r#"#!/bin/sh
n=$(cat @HERE@/asked 2>/dev/null || echo 0)
echo $((n + 1)) >@HERE@/asked
[ "$n" -ge 2 ] || { echo "curl: (7) Failed to connect" >&2; exit 7; }
echo '{"status": "ok"}'
"#;
    for shell in shells() {
        let server = Server::new(&shell);
        server.tool("curl", CURL);
        let run = name("young");
        server.start(&plan(vec![step("backend_answers 30\n", None)]), &run).await;
        assert_eq!(server.end_of(&run).await, "finished", "{} {:?}", shell.name, server.told(&run));
        assert_eq!(std::fs::read_to_string(server.here.join("asked")).unwrap(), "3\n");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_docker_that_does_not_answer_says_nothing_about_the_container() {
    for shell in shells() {
        let server = Server::new(&shell);
        server.note("docker.down", "");
        let run = name("away");
        server.start(&after_a_look("true"), &run).await;
        assert_eq!(server.end_of(&run).await, "refused", "{}", shell.name);
        assert_eq!(server.told(&run)[2], format!("refused docker {BACKEND}"));
        server.forget("docker.down");
        std::fs::remove_file(server.here.join("containers").join(BACKEND)).unwrap();
        let run = name("gone");
        server.start(&after_a_look("true"), &run).await;
        assert_eq!(server.end_of(&run).await, "refused", "{}", shell.name);
        assert_eq!(server.told(&run)[2], format!("refused container {BACKEND}"));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_daemon_that_freezes_or_goes_away_in_the_middle_is_waited_for() {
    for (fault, code) in [("frozen", "124"), ("docker.down", "1")] {
        for shell in shells() {
            let server = Server::new(&shell);
            let here = server.here.display();
            let run = name("middle");
            let stop = format!(
                "within 20 docker stop -t 1 {BACKEND}\n: >{here}/{fault}\nwithin 3 docker start {BACKEND}"
            );
            server.start(&after_a_look(&stop), &run).await;
            let failed = format!("fail 2 {code}");
            server.until(|| server.told(&run).contains(&failed).then_some(()), "its failure").await;
            // what docker said of it is in what the run printed
            let printed = std::fs::read_to_string(server.run_folder(&run).join("out")).unwrap();
            assert_eq!(
                printed.contains("Cannot connect to the Docker daemon"),
                fault == "docker.down",
                "{printed}"
            );
            assert_eq!((server.backend().as_str(), server.ended(&run)), ("stopped", None));
            server.forget(fault);
            assert_eq!(server.end_of(&run).await, "failed", "{} {fault}", shell.name);
            assert_eq!((server.backend().as_str(), put_back(&server, &run).as_str()), ("running", "started"));
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_stays_away_paused_or_removed_is_loudly_down() {
    let cells = [
        ("frozen", "docker does not answer"),
        ("docker.down", "docker does not answer"),
        ("paused", "says that it runs, and runs nothing: container is paused"),
        ("removed", "its container is gone"),
    ];
    let all = cells.into_iter().map(|(fault, words)| async move {
        let server = Server::new(&shells()[0]);
        let here = server.here.display().to_string();
        let deed = match fault {
            "removed" => format!("rm {here}/containers/{BACKEND}"),
            fault => format!(": >{here}/{fault}"),
        };
        let run = name("stays");
        server.start(&after_a_look(&format!("{deed}\nfalse")), &run).await;
        let end = server.within(LATE, || server.ended(&run), "its end").await;
        assert_eq!(end, "failed down", "{fault}");
        assert!(
            put_back(&server, &run).starts_with(&format!("failed {words}")),
            "{}",
            put_back(&server, &run)
        );
        if fault == "frozen" {
            server.forget(fault);
        }
    });
    crate::carry::futures(all).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn one_that_was_made_anew_in_the_middle_is_somebody_elses_and_left_alone() {
    for shell in shells() {
        let server = Server::new(&shell);
        let file = server.here.join("containers").join(BACKEND);
        let run = name("anew");
        let other = ID.replace("0001", "0002");
        server
            .start(&after_a_look(&format!("rm {0}\necho running {other} >{0}\nfalse", file.display())), &run)
            .await;
        assert_eq!(server.end_of(&run).await, "failed", "{}", shell.name);
        assert_eq!((server.docker_heard("start"), server.backend().as_str()), (0, "running"));
        // and when it is stopped, a step made for the old one does nothing
        let next = name("next-one");
        server.start(&after_a_look(&format!("within 9 docker stop {BACKEND}")), &next).await;
        assert_eq!(server.end_of(&next).await, "refused");
        assert_eq!(server.docker_heard("stop"), 0);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_share_that_dies_while_the_backend_is_stopped_is_taken_off_so_that_it_starts() {
    // busybox has a stat and an umount of its own
    for shell in shells().into_iter().filter(|s| s.name != "busybox") {
        let server = Server::new(&shell);
        server.put("proc/self/mountinfo", "90 22 0:44 / /mnt/replica rw shared:40 - cifs //w/s rw\n");
        server.tool("stat", "#!/bin/sh\nexit 1\n");
        server.tool("umount", "#!/bin/sh\necho \"$*\" >@HERE@/umount\n: >@ROOT@/proc/self/mountinfo\n");
        server.note("hold-stop", "");
        let here = server.here.display();
        let run = name("dead");
        // the stop runs out of time, and nobody of the run is left that would start it
        let stop = format!(": >{here}/dead-share\nwithin 2 docker stop -t 1 {BACKEND}");
        server.start(&after_a_look(&stop), &run).await;
        server.until(|| server.told(&run).contains(&"fail 2 124".into()).then_some(()), "its failure").await;
        server.forget("hold-stop");
        assert_eq!(server.end_of(&run).await, "failed", "{}", shell.name);
        assert_eq!((server.backend().as_str(), put_back(&server, &run).as_str()), ("running", "started"));
        assert!(
            server.told(&run).contains(&"fact detached cifs //w/s rw /".into()),
            "{:?}",
            server.told(&run)
        );
        let asked = std::fs::read_to_string(server.here.join("umount")).unwrap();
        assert_eq!(asked, format!("-l {}/mnt/replica\n", server.root.display()));
    }
}

/// What docker said decides first, and then the share has as long as a look gives it: one that lives is never taken off.
#[tokio::test(flavor = "multi_thread")]
async fn a_share_that_answers_late_or_is_not_what_the_start_failed_over_stays() {
    // busybox has a stat of its own; the seconds are real: all at once
    let cells = [
        ("error mounting \"/mnt/replica\" to rootfs", "sleep 6; exit 0"),
        ("Bind for 0.0.0.0:8001 failed: port is already allocated", "exit 1"),
    ];
    let all = cells.into_iter().map(|(words, stat)| async move {
        let server = Server::new(&shells()[0]);
        server.put("proc/self/mountinfo", "90 22 0:44 / /mnt/replica rw shared:40 - cifs //w/s rw\n");
        server.tool("stat", &format!("#!/bin/sh\n{stat}\n"));
        server.tool("umount", "#!/bin/sh\necho \"$*\" >>@HERE@/umount\n");
        server.note("refuses-start", words);
        let run = name("lives");
        server.start(&after_a_look(&format!("within 20 docker stop -t 1 {BACKEND}\nfalse")), &run).await;
        let end = server.within(LATE, || server.ended(&run), "its end").await;
        assert_eq!(end, "failed down");
        assert!(put_back(&server, &run).contains(words), "{}", put_back(&server, &run));
        assert!(!server.here.join("umount").exists(), "{words}: a living share was taken off");
        assert!(!server.told(&run).iter().any(|l| l.starts_with("fact detached")));
    });
    crate::carry::futures(all).await;
}
