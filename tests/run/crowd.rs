//! Many at once.
use crate::carry::futures;
use crate::server::*;
use opsdeck::core::plan::What;

#[tokio::test(flavor = "multi_thread")]
async fn of_twenty_that_start_at_once_one_is_at_work_at_a_time_and_each_hears_what_became_of_it() {
    for shell in shells() {
        let server = Server::new(&shell);
        // two at work at the same time would see each other's folder
        let alone = "mkdir \"$root/etc/working\"\nsleep 0.2\nrmdir \"$root/etc/working\"\necho x >>\"$root/etc/worked\"";
        let plan = plan(vec![step(alone, None)]);
        let runs: Vec<_> = (0..20).map(|n| name(&format!("crowd-{n}"))).collect();
        let said = futures(runs.iter().map(|run| server.start(&plan, run))).await;
        let (mut finished, mut busy) = (0, 0);
        for (run, (code, line)) in runs.iter().zip(&said) {
            match code {
                0 => match server.end_of(run).await.as_str() {
                    "finished" => finished += 1,
                    "refused" => {
                        let busy_with = server.told(run);
                        assert!(
                            busy_with[0].starts_with("refused busy restart-backend|a@b|17"),
                            "{busy_with:?}"
                        );
                        assert!(!is(&server.events(run), &What::Begin));
                        busy += 1;
                    }
                    other => panic!("{run}: {other}: {:?}", server.told(run)),
                },
                11 => {
                    assert!(line.starts_with("busy restart-backend|a@b|17"), "{line}");
                    assert!(!server.run_folder(run).exists());
                    busy += 1;
                }
                _ => panic!("{run}: {code} {line}"),
            }
        }
        println!(
            "{}: of 20 started at once {finished} ran one after the other, {busy} heard who was at work",
            shell.name
        );
        assert_eq!((finished + busy, finished > 0), (20, true));
        let worked = std::fs::read_to_string(server.root.join("etc/worked")).unwrap();
        assert_eq!(worked.lines().count(), finished, "{}", shell.name);
        server.until(|| server.left().is_empty().then_some(()), "nothing is left").await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_whose_backend_is_still_to_be_put_back_lets_no_other_begin() {
    let server = Server::new(&shells()[0]);
    // docker takes its time to start: meanwhile the shell of the run is gone and its lock is free
    let started = server.here.join("starting");
    let slow = format!("[ \"$1\" != start ] || {{ : >{}; sleep 4; }}", started.display());
    let docker = std::fs::read_to_string(server.bin.join("docker")).unwrap();
    server.tool("docker", &docker.replacen("verb=$1", &format!("{slow}\nverb=$1"), 1));
    let steps = vec![
        step("remember_backend", None),
        step("within 9 docker stop -t 1 ragflowauth-backend", None),
        step("false", None),
    ];
    let (first, second) = (name("first"), name("second"));
    server.start(&plan(steps), &first).await;
    server.until(|| started.exists().then_some(()), "docker start").await;
    assert!(server.shell_of(&first, "body.sh").is_none());
    let (code, line) = server.start(&plan(vec![step("true", None)]), &second).await;
    assert_eq!(code, 11, "{line}");
    assert!(line.ends_with("|first"), "{line}");
    assert_eq!(server.end_of(&first).await, "failed");
    assert_eq!(server.start(&plan(vec![step("true", None)]), &second).await.0, 0);
    server.end_of(&second).await;
}
