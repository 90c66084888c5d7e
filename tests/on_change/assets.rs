//! The example units, the crontab and the example command.
use std::io::{Read, Write};
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

fn asset(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/timer").join(name)
}

fn read(name: &str) -> String {
    std::fs::read_to_string(asset(name)).unwrap()
}

/// `Key=value` lines by section.
fn unit(text: &str) -> Vec<(String, String, String)> {
    let mut section = String::new();
    let mut lines = Vec::new();
    for line in text.lines().map(str::trim).filter(|l| !l.is_empty() && !l.starts_with('#')) {
        match line.strip_prefix('[').and_then(|l| l.strip_suffix(']')) {
            Some(name) => section = name.to_owned(),
            None => {
                let (key, value) = line.split_once('=').unwrap_or_else(|| panic!("no unit: {line}"));
                lines.push((section.clone(), key.to_owned(), value.to_owned()));
            }
        }
    }
    lines
}

#[test]
fn the_units_say_what_they_should() {
    let service = unit(&read("opsdeck-check.service"));
    let timer = unit(&read("opsdeck-check.timer"));
    let has = |lines: &[(String, String, String)], section: &str, key: &str, value: &str| {
        assert!(
            lines.iter().any(|l| l.0 == section && l.1 == key && l.2.contains(value)),
            "{section} {key} {value}"
        );
    };
    has(&service, "Service", "Type", "oneshot");
    has(&service, "Service", "ExecStart", "opsdeck check --on-change %h/.local/bin/opsdeck-tell");
    has(&service, "Service", "SuccessExitStatus", "1 2 3");
    has(&timer, "Timer", "OnCalendar", "06:30:00 Asia/Shanghai");
    has(&timer, "Timer", "Persistent", "true");
    has(&timer, "Install", "WantedBy", "timers.target");
    let line = read("crontab").lines().find(|l| !l.starts_with('#')).unwrap().to_owned();
    let words: Vec<&str> = line.split_whitespace().collect();
    assert!(words[..5] == ["30", "6,8", "*", "*", "*"] && line.contains("check --on-change"), "{line}");
}

#[test]
fn systemd_takes_the_units() {
    // it looks for the program, too
    let home = tempfile::tempdir().unwrap();
    let service = read("opsdeck-check.service").replace("%h/.local/bin/opsdeck check", "/bin/sh check");
    std::fs::write(home.path().join("opsdeck-check.service"), service).unwrap();
    std::fs::write(home.path().join("opsdeck-check.timer"), read("opsdeck-check.timer")).unwrap();
    let mut command = Command::new("systemd-analyze");
    command.args(["--user", "verify"]).env("XDG_RUNTIME_DIR", home.path());
    command.args(["opsdeck-check.service", "opsdeck-check.timer"].map(|n| home.path().join(n)));
    match command.output() {
        Ok(out) => {
            let said = String::from_utf8_lossy(&out.stderr);
            assert!(out.status.success() && !said.contains("opsdeck-check"), "{said}");
        }
        Err(_) => eprintln!("skipped: there is no systemd-analyze; the units were read by another test"),
    }
}

#[test]
fn shellcheck_finds_nothing() {
    match Command::new("shellcheck").arg(asset("opsdeck-tell.sh")).output() {
        Ok(out) => assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stdout)),
        Err(_) => {
            assert!(std::env::var_os("OPSDECK_REQUIRE_SHELLS").is_none(), "shellcheck is required here")
        }
    }
}

/// The example under a home of its own, with hostile words in the headline.
fn tell(home: &Path) -> std::process::Output {
    let mut command = Command::new("sh");
    command
        .arg(asset("opsdeck-tell.sh"))
        .env_clear()
        .env("HOME", home)
        .env("PATH", std::env::var_os("PATH").unwrap());
    command.envs([
        ("OPSDECK_ENV", "prod"),
        ("OPSDECK_STATE", "failed"),
        ("OPSDECK_BEFORE", "ok"),
        ("OPSDECK_HEADLINE", "备份 \"失败\" \\ $(id) 'x'"),
        ("OPSDECK_EXIT", "2"),
    ]);
    let mut child =
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let _ = child.stdin.take().unwrap().write_all(b"the check\n");
    child.wait_with_output().unwrap()
}

#[test]
fn the_example_posts_one_document_and_keeps_its_token_out_of_sight() {
    let home = tempfile::tempdir().unwrap();
    let nobody = tell(home.path());
    assert!(!nobody.status.success() && String::from_utf8_lossy(&nobody.stderr).contains("nobody to tell"));
    if Command::new("curl").arg("--version").stdout(Stdio::null()).status().is_err() {
        eprintln!("skipped: there is no curl");
        return;
    }
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let server = std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let mut request = Vec::new();
        let mut piece = [0; 4096];
        // up to the end of the document
        while !request.ends_with(b"}}") {
            let n = stream.read(&mut piece).unwrap();
            assert!(n > 0, "cut short");
            request.extend_from_slice(&piece[..n]);
        }
        stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n").unwrap();
        String::from_utf8(request).unwrap()
    });
    let file = home.path().join(".config/opsdeck/webhook");
    std::fs::create_dir_all(file.parent().unwrap()).unwrap();
    std::fs::write(&file, format!("http://127.0.0.1:{port}/send?key=TOKEN\n")).unwrap();
    std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o600)).unwrap();
    let out = tell(home.path());
    assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
    let request = server.join().unwrap();
    assert!(request.starts_with("POST /send?key=TOKEN "), "{request}");
    let document = request.split_once("\r\n\r\n").unwrap().1;
    let document: serde_json::Value = serde_json::from_str(document).unwrap();
    assert_eq!(document["text"]["content"], "[opsdeck] prod: ok -> failed\n备份 \"失败\" \\ $(id) 'x'");
}
