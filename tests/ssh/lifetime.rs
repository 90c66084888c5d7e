//! What is left behind: nothing.
use crate::fixture::{Client, alive, ask, run, signal_to, until, with_argument};
use crate::sshd;
use opsdeck::remote::{Host, Line, LinkErrorKind as K};
use rustix::process::Signal;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

#[tokio::test]
async fn closing_ends_the_local_ssh_and_removes_its_folder() {
    let server = sshd!();
    let client = Client::of(&server);
    let host = client.host();
    assert_eq!(host.control_folder().await, None, "nothing happens before the first question");
    assert_eq!(host.check().await, Ok(()));
    let folder = host.control_folder().await.unwrap();
    assert_eq!(std::fs::metadata(&folder).unwrap().mode() & 0o777, 0o700);
    assert!(folder.as_os_str().len() <= 60);
    for entry in std::fs::read_dir(&folder).unwrap() {
        assert_eq!(entry.unwrap().metadata().unwrap().permissions().mode() & 0o077, 0);
    }
    let ssh = with_argument(folder.to_str().unwrap());
    assert_eq!(ssh.len(), 1);
    let started = Instant::now();
    host.close().await;
    assert!(started.elapsed() < Duration::from_secs(2), "{:?}", started.elapsed());
    assert!(!folder.exists());
    // it has let go of its memory when close() is done; the kernel may take a moment more for the rest of it
    until(Duration::from_secs(10), "the local ssh is gone", || !alive(ssh[0])).await;
    assert_eq!(host.run(ask(":")).await.unwrap_err().kind, K::Closed);
    until(Duration::from_secs(5), "the session on the server is gone", || server.sessions().is_empty()).await;
}

#[tokio::test]
async fn a_stuck_local_ssh_does_not_hold_up_the_close() {
    let server = sshd!();
    let client = Client::of(&server);
    let host = client.host();
    assert_eq!(host.check().await, Ok(()));
    let folder = host.control_folder().await.unwrap();
    let ssh = with_argument(folder.to_str().unwrap())[0];
    signal_to(ssh, Signal::STOP);
    let started = Instant::now();
    host.close().await;
    assert!(started.elapsed() < Duration::from_secs(5), "{:?}", started.elapsed());
    until(Duration::from_secs(10), "ssh is gone", || !alive(ssh)).await;
    assert!(!folder.exists());
}

#[tokio::test]
async fn dropping_the_host_is_quick_and_leaves_nothing() {
    let server = sshd!();
    let client = Client::of(&server);
    let host = client.host();
    assert_eq!(host.check().await, Ok(()));
    let folder = host.control_folder().await.unwrap();
    let ssh = with_argument(folder.to_str().unwrap())[0];
    let started = Instant::now();
    drop(host);
    assert!(started.elapsed() < Duration::from_secs(1), "{:?}", started.elapsed());
    until(Duration::from_secs(10), "ssh is gone", || !alive(ssh)).await;
    assert!(!folder.exists());
}

#[tokio::test]
async fn a_local_ssh_that_left_because_nobody_asked_is_replaced() {
    let server = sshd!();
    let mut client = Client::of(&server);
    // it must not leave between the login and its first session, on a busy machine either
    client.limits.idle_s = 4;
    let host = client.host();
    assert_eq!(host.check().await, Ok(()));
    let folder = host.control_folder().await.unwrap();
    let name = folder.to_str().unwrap().to_owned();
    until(Duration::from_secs(30), "ssh left by itself", || with_argument(&name).is_empty()).await;
    let before = server.connections();
    assert_eq!(run(&host, "echo again").await.1, "again\n");
    assert_eq!(server.connections(), before + 1);
    assert_eq!(with_argument(&name).len(), 1);
}

#[tokio::test]
async fn a_console_that_is_killed_leaves_nothing_for_long() {
    let server = sshd!();
    let client = Client::of(&server);
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "lifetime::console_to_be_killed", "--nocapture"])
        .env("OPSDECK_TEST_CHILD", client.dir.path())
        .env("OPSDECK_TEST_PORT", server.port.to_string())
        .env("OPSDECK_TEST_KEY", server.at("id"))
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    let told = client.dir.path().join("told");
    until(Duration::from_secs(20), "the console runs", || told.exists()).await;
    let said = std::fs::read_to_string(&told).unwrap();
    let mut words = said.split_whitespace();
    let job: i32 = words.next().unwrap().parse().unwrap();
    let folder = PathBuf::from(words.next().unwrap());
    let ssh = with_argument(folder.to_str().unwrap());
    assert_eq!((ssh.len(), alive(job)), (1, true));
    child.kill().unwrap();
    child.wait().unwrap();
    until(Duration::from_secs(5), "the follower on the server is gone", || !alive(job)).await;
    // 60 s in earnest, 2 s here
    until(Duration::from_secs(15), "the local ssh is gone", || !alive(ssh[0])).await;
    assert!(folder.exists());
    // the next console cleans up, and leaves the living alone
    let living = client.host();
    assert_eq!(living.check().await, Ok(()));
    assert!(!folder.exists());
    let next = client.host();
    assert_eq!(next.check().await, Ok(()));
    assert!(living.control_folder().await.unwrap().exists());
    assert_eq!(living.check().await, Ok(()));
}

/// The console of the test above. Does nothing when it is run by itself.
#[tokio::test]
async fn console_to_be_killed() {
    let var = |name: &str| std::env::var_os(name);
    let (Some(dir), Some(port), Some(key)) =
        (var("OPSDECK_TEST_CHILD"), var("OPSDECK_TEST_PORT"), var("OPSDECK_TEST_KEY"))
    else {
        return;
    };
    let dir = PathBuf::from(dir);
    let mut client = Client::within(&dir, "127.0.0.1", port.to_str().unwrap().parse().unwrap());
    client.environment.identity_file = Some(key.into());
    client.folders.known_hosts = dir.join("known_hosts");
    client.folders.runtime = dir.join("run");
    client.limits.idle_s = 2;
    let host = client.host();
    let mut stream = host.stream(ask("trap '' HUP; echo $$; sleep 1000")).await.unwrap();
    let Some(Line::Out(pid, 0)) = stream.next().await else { panic!() };
    let folder = host.control_folder().await.unwrap();
    let text = format!("{} {}", String::from_utf8(pid).unwrap(), folder.display());
    std::fs::write(dir.join("told.new"), text).unwrap();
    std::fs::rename(dir.join("told.new"), dir.join("told")).unwrap();
    // the line never comes; the process is killed
    stream.next().await;
}

/// `secret = { env = … }`: whoever may read the environment of a process of this user would find the share's password in it.
#[tokio::test]
async fn no_program_of_the_link_has_a_variable_that_holds_a_secret() {
    let server = sshd!();
    // one that this process has, as from the shell that called it
    const VARIABLE: &str = "CARGO_MANIFEST_DIR";
    for hidden in [false, true] {
        let mut client = Client::of(&server);
        if hidden {
            client.folders.secret_variables.insert(VARIABLE.into());
        }
        let host = client.host();
        assert_eq!(host.check().await, Ok(()));
        let folder = host.control_folder().await.unwrap();
        let ssh = with_argument(folder.to_str().unwrap());
        assert_eq!(ssh.len(), 1);
        let environment = std::fs::read(format!("/proc/{}/environ", ssh[0])).unwrap();
        let has = environment.split(|b| *b == 0).any(|v| v.starts_with(VARIABLE.as_bytes()));
        assert_eq!(has, !hidden);
        host.close().await;
    }
}
