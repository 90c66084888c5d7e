//! A log that is followed over a real link, which is cut: every line once, in order; and nothing stays behind.
use crate::fixture::{Client, Sshd, signal_to, until, with_argument};
use crate::kept::Kept;
use crate::sshd;
use opsdeck::core::log::{From, Source};
use opsdeck::core::units::EpochMs;
use opsdeck::remote::{Host, LinkErrorKind as K};
use opsdeck::tail::Ended;
use rustix::process::Signal;
use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

/// Puts a docker on the server whose container runs and has an empty log.
fn docker(server: &Sshd) {
    let bin = server.at("bin");
    std::fs::create_dir(&bin).unwrap();
    let text =
        std::fs::read_to_string(format!("{}/tests/tail/docker.sh", env!("CARGO_MANIFEST_DIR"))).unwrap();
    std::fs::write(bin.join("docker"), format!("#!/bin/sh\n{text}")).unwrap();
    std::fs::set_permissions(bin.join("docker"), std::fs::Permissions::from_mode(0o755)).unwrap();
    std::fs::write(bin.join("log"), "").unwrap();
    let state = "one true false 2026-01-31T04:00:00Z 0001-01-01T00:00:00Z 0 json-file\n";
    std::fs::write(bin.join("state"), state).unwrap();
}

/// A container that prints numbered lines until it is dropped.
struct Writer {
    printed: Arc<AtomicUsize>,
    stop: Arc<AtomicBool>,
    thread: Option<std::thread::JoinHandle<()>>,
}

impl Writer {
    fn on(server: &Sshd) -> Writer {
        let (printed, stop) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicBool::new(false)));
        let mut file = std::fs::OpenOptions::new().append(true).open(server.at("bin/log")).unwrap();
        let (count, end) = (Arc::clone(&printed), Arc::clone(&stop));
        let thread = std::thread::spawn(move || {
            while !end.load(Ordering::Relaxed) {
                // several of them at one and the same moment
                let stamp = format!("{:.9}", jiff::Timestamp::now());
                let first = count.load(Ordering::Relaxed);
                let text: String = (first..first + 3).map(|n| format!("{stamp} 第 {n} 行\n")).collect();
                file.write_all(text.as_bytes()).unwrap();
                count.store(first + 3, Ordering::Relaxed);
                std::thread::sleep(Duration::from_millis(2));
            }
        });
        Writer { printed, stop, thread: Some(thread) }
    }

    /// Stops it; how many lines it printed.
    fn stop(&mut self) -> usize {
        self.stop.store(true, Ordering::Relaxed);
        if let Some(thread) = self.thread.take() {
            thread.join().unwrap();
        }
        self.printed.load(Ordering::Relaxed)
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        self.stop();
    }
}

#[tokio::test]
async fn a_link_that_is_cut_again_and_again_costs_no_line_and_doubles_none() {
    let server = sshd!("SetEnv PATH=DIR/bin:/usr/bin:/bin");
    docker(&server);
    let mut writer = Writer::on(&server);
    let client = Client::of(&server);
    let host = client.host();
    let source = Source::Container("web".into());
    let mut kept = Kept::new(From::Since(EpochMs(0)));
    for cut in 0..4 {
        let until = kept.lines.len() + 600;
        let mut done = false;
        let folder = host.control_folder().await;
        let ended = kept
            .follow(&host, &source, |kept| {
                if kept.lines.len() < until || std::mem::replace(&mut done, true) {
                    return false;
                }
                // the server's side of the link in one run, the workstation's in the next
                match &folder {
                    Some(folder) if cut % 2 == 1 => {
                        let ssh = with_argument(folder.to_str().unwrap());
                        assert_eq!(ssh.len(), 1);
                        signal_to(ssh[0], Signal::KILL);
                    }
                    _ => server.kill_sessions(Signal::KILL),
                }
                false
            })
            .await;
        let Some(Ended::Lost(error)) = ended else { panic!("{ended:?}") };
        assert_eq!((error.kind, error.begun), (K::Lost, true));
    }
    let printed = writer.stop();
    assert_eq!(kept.follow(&host, &source, |kept| kept.lines.len() >= printed).await, None);
    assert_eq!(server.connections(), 5);
    let expected: Vec<String> = (0..printed).map(|n| format!("第 {n} 行")).collect();
    let got: Vec<&str> = kept.lines.iter().map(|l| l.as_str()).collect();
    assert!(got == expected, "{} of {printed} lines, {:?}", got.len(), kept.notes);
    assert!(kept.notes.is_empty(), "{:?}", kept.notes);
    // on the server, nothing of any of them is left
    let docker = server.at("bin/docker").to_str().unwrap().to_owned();
    until(Duration::from_secs(20), "the followers are gone", || with_argument(&docker).is_empty()).await;
    host.close().await;
}

#[tokio::test]
async fn a_reader_that_takes_nothing_holds_the_server_back_and_loses_nothing() {
    const LINES: usize = 60_000;
    let server = sshd!("SetEnv PATH=DIR/bin:/usr/bin:/bin");
    docker(&server);
    let text: String = (0..LINES)
        .map(|n| format!("2026-01-31T04:{:02}:00.{:09}Z line {n} {}\n", n / 1000, n, "x".repeat(100)))
        .collect();
    std::fs::write(server.at("bin/log"), text).unwrap();
    let client = Client::of(&server);
    let host = Arc::new(client.host());
    let (to, mut batches) = tokio::sync::mpsc::channel(2);
    let follow = {
        let host = Arc::clone(&host);
        tokio::spawn(async move {
            let source = Source::Container("web".into());
            opsdeck::tail::follow(&*host, &source, &From::Since(EpochMs(0)), &to).await
        })
    };
    let first = batches.recv().await.unwrap();
    // the follower begins once all that was there has gone out: it cannot, as long as nobody takes it
    assert_eq!(host.check().await, Ok(()), "the link is free for others");
    assert!(!server.at("bin/followers").exists(), "the server wrote it all, and somebody keeps it");
    let mut count = first.len();
    while count < LINES {
        count += batches.recv().await.unwrap().len();
    }
    assert_eq!(count, LINES);
    follow.abort();
    host.close().await;
}
