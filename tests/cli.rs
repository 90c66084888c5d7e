//! The real binary: exit codes, where it looks for its configuration, languages, what it leaves behind.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use tempfile::TempDir;

const GOOD: &str = "schema = 1\n[share]\nhost = \"127.0.0.1\"\nname = \"backup\"\nuser = \"writer\"\nsecret = { prompt = true }\n[[environment]]\nkey = \"prod\"\nname = \"正式\"\nrole = \"prod\"\nhost = \"127.0.0.1\"\n";
const PLANTED: &str = "Zq-planted-9";

/// A home of its own: nothing of the person who runs the tests is read or written.
struct Home(TempDir);

impl Home {
    fn new() -> Home {
        let home = Home(tempfile::tempdir().unwrap());
        std::fs::create_dir(home.at("cwd")).unwrap();
        home
    }

    fn at(&self, path: &str) -> PathBuf {
        self.0.path().join(path)
    }

    fn put(&self, path: &str, text: &str) -> PathBuf {
        let path = self.at(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, text).unwrap();
        mode(&path, 0o644);
        path
    }

    fn command(&self, line: &str) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_opsdeck"));
        command.args(line.split_whitespace()).env_clear();
        command
            .env("PATH", std::env::var_os("PATH").unwrap())
            .env("HOME", self.0.path());
        command
            .env("LANG", "zh_CN.UTF-8")
            .current_dir(self.at("cwd"))
            .stdin(Stdio::null());
        command
    }

    fn run(&self, line: &str) -> Ran {
        Ran::of(self.command(line).output().unwrap())
    }
}

struct Ran {
    code: i32,
    out: String,
    err: String,
}

impl Ran {
    fn of(output: Output) -> Ran {
        Ran {
            code: output.status.code().expect("ended by a signal"),
            out: String::from_utf8(output.stdout).unwrap(),
            err: String::from_utf8(output.stderr).unwrap(),
        }
    }
}

fn mode(path: &Path, mode: u32) {
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).unwrap();
}

fn mode_of(path: &Path) -> u32 {
    std::fs::metadata(path).unwrap().permissions().mode() & 0o7777
}

#[test]
fn help_and_version_are_no_errors_and_wrong_words_are_four() {
    let home = Home::new();
    for line in [
        "--help",
        "-h",
        "check --help",
        "doctor -h",
        "config show --help",
        "trust --help",
        "log path -h",
        "--version",
    ] {
        let ran = home.run(line);
        assert!(
            ran.code == 0 && ran.err.is_empty() && !ran.out.is_empty(),
            "{line}: {}",
            ran.err
        );
    }
    for line in [
        "chekc",
        "--lang fr",
        "config",
        "log",
        "trust",
        "check --format xml",
        "--config",
    ] {
        let ran = home.run(line);
        assert!(
            ran.code == 4 && ran.out.is_empty() && !ran.err.is_empty(),
            "{line}: {} {}",
            ran.code,
            ran.out
        );
    }
    assert_eq!(
        std::fs::read_dir(home.0.path()).unwrap().count(),
        1,
        "help wrote something"
    );
}

#[test]
fn every_command_speaks_the_language_asked_for() {
    let home = Home::new();
    for line in [
        "--help",
        "check --help",
        "doctor --help",
        "config --help",
        "config check --help",
        "trust --help",
        "log --help",
    ] {
        assert!(
            home.run(&format!("{line} --lang zh")).out.contains("用法"),
            "{line}"
        );
        assert!(
            home.run(&format!("--lang en {line}")).out.contains("Usage: "),
            "{line}"
        );
    }
    for line in ["config check", "config show", "config path", "doctor"] {
        let zh = home.run(&format!("{line} --lang zh"));
        let en = home.run(&format!("{line} --lang en"));
        let chinese =
            |ran: &Ran| format!("{}{}", ran.out, ran.err).contains(|c| matches!(c, '\u{4e00}'..='\u{9fff}'));
        assert!(chinese(&zh) && !chinese(&en), "{line}: {}{}", en.out, en.err);
    }
}

#[test]
fn the_locale_decides_when_nobody_asks() {
    let home = Home::new();
    let said = |variables: &[(&str, &str)]| {
        let mut command = home.command("config check");
        command.env_remove("LANG").envs(variables.iter().copied());
        Ran::of(command.output().unwrap()).err
    };
    assert!(said(&[]).contains("找不到"));
    assert!(said(&[("LANG", "en_US.UTF-8")]).contains("there is no"));
    assert!(said(&[("LANG", "zh_CN.UTF-8"), ("LC_MESSAGES", "en_US.UTF-8")]).contains("there is no"));
    assert!(said(&[("LANG", "en_US.UTF-8"), ("LC_ALL", "zh_CN.UTF-8")]).contains("找不到"));
    assert!(said(&[("LANG", "en_US.UTF-8"), ("LC_ALL", "")]).contains("there is no"));
}

#[test]
fn the_configuration_is_looked_for_in_order() {
    let home = Home::new();
    let option = home.put("option.toml", GOOD);
    let variable = home.put("variable.toml", GOOD);
    let cwd = home.put("cwd/environments.toml", GOOD);
    let settings = home.put(".config/opsdeck/environments.toml", GOOD);
    let other = home.put("xdg/opsdeck/environments.toml", GOOD);
    let path = |line: &str, variables: &[(&str, &Path)]| {
        let ran = Ran::of(
            home.command(line)
                .envs(variables.iter().copied())
                .output()
                .unwrap(),
        );
        assert_eq!(ran.code, 0, "{}", ran.err);
        std::fs::canonicalize(ran.out.trim_end()).unwrap()
    };
    let real = |path: &Path| std::fs::canonicalize(path).unwrap();
    let with_variable: &[(&str, &Path)] = &[("OPSDECK_CONFIG", &variable)];
    for line in [
        "--config ../option.toml config path",
        "config path --config ../option.toml",
    ] {
        assert_eq!(path(line, with_variable), real(&option));
    }
    assert_eq!(path("config path", with_variable), real(&variable));
    assert_eq!(
        path("config path", &[("OPSDECK_CONFIG", Path::new(""))]),
        real(&cwd)
    );
    std::fs::remove_file(&cwd).unwrap();
    assert_eq!(path("config path", &[]), real(&settings));
    assert_eq!(
        path("config path", &[("XDG_CONFIG_HOME", &home.at("xdg"))]),
        real(&other)
    );
    // a relative folder does not count (XDG base directory specification)
    assert_eq!(
        path("config path", &[("XDG_CONFIG_HOME", Path::new("../xdg"))]),
        real(&settings)
    );
    std::fs::remove_file(&settings).unwrap();
    let ran = home.run("config path");
    assert!(
        ran.code == 4 && ran.err.contains("cwd/environments.toml") && ran.err.contains(".config/opsdeck"),
        "{}",
        ran.err
    );
    // what was named is not replaced by another
    home.put("cwd/environments.toml", GOOD);
    let ran = home.run("config check --config ../no-such-file");
    assert!(ran.code == 4 && ran.err.contains("没有这个文件"), "{}", ran.err);
}

#[test]
fn config_check_says_good_warning_or_refused() {
    let home = Home::new();
    let file = home.put("cwd/environments.toml", GOOD);
    let ran = home.run("config check");
    assert!(
        ran.code == 0 && ran.out.starts_with("正常 "),
        "{}{}",
        ran.out,
        ran.err
    );
    mode(&file, 0o664);
    let ran = home.run("config check");
    assert!(
        ran.code == 1 && ran.out.contains("chmod g-w"),
        "{}{}",
        ran.out,
        ran.err
    );
    mode(&file, 0o666);
    let ran = home.run("config check");
    assert!(ran.code == 4 && ran.err.contains("chmod go-w"), "{}", ran.err);
    mode(&file, 0o644);
    std::fs::write(&file, GOOD.replace("role", "rloe")).unwrap();
    let ran = home.run("config check");
    assert!(
        ran.code == 4 && ran.err.contains("environments.toml:10:1: 不认识的键 rloe"),
        "{}",
        ran.err
    );
}

#[test]
fn what_is_no_file_of_ours_is_told_apart() {
    let home = Home::new();
    let cases = [
        ("folder", "目录"),
        ("pipe", "普通文件"),
        ("large", "1 MiB"),
        ("empty", "空的"),
    ];
    std::fs::create_dir(home.at("cwd/folder")).unwrap();
    rustix::fs::mknodat(
        rustix::fs::CWD,
        home.at("cwd/pipe"),
        rustix::fs::FileType::Fifo,
        0o600.into(),
        0,
    )
    .unwrap();
    home.put("cwd/large", &"#\n".repeat(600_000));
    home.put("cwd/empty", "");
    for (name, expected) in cases {
        let ran = home.run(&format!("config check --config {name}"));
        assert!(
            ran.code == 4 && ran.err.contains(expected) && ran.err.contains("办法："),
            "{name}: {}",
            ran.err
        );
    }
}

#[test]
fn config_show_gives_every_value_and_no_secret() {
    let home = Home::new();
    home.put(
        "cwd/environments.toml",
        &GOOD.replace("{ prompt = true }", "{ env = \"SHARE_PASSWORD\" }"),
    );
    let ran = Ran::of(
        home.command("config show")
            .env("SHARE_PASSWORD", PLANTED)
            .output()
            .unwrap(),
    );
    assert_eq!(ran.code, 0, "{}", ran.err);
    assert!(
        ran.out.contains("secret = { env = \"SHARE_PASSWORD\" }") && ran.out.contains("share_answer_s = 3")
    );
    assert!(!ran.out.contains(PLANTED));
}

#[test]
fn a_reader_that_goes_away_is_no_trouble_and_a_full_disk_is() {
    let home = Home::new();
    home.put("cwd/environments.toml", GOOD);
    let mut child = home
        .command("config show")
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let ran = Ran::of(child.wait_with_output().unwrap());
    assert_eq!((ran.code, ran.err.as_str()), (0, ""));
    let full = std::fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
    let ran = Ran::of(
        home.command("config show")
            .stdout(full)
            .stderr(Stdio::piped())
            .output()
            .unwrap(),
    );
    assert!(ran.code == 4 && ran.err.contains("没有完成"), "{}", ran.err);
}

#[test]
fn the_log_is_for_the_owner_only_whatever_the_umask() {
    let home = Home::new();
    let ran = home.run("log path");
    let file = PathBuf::from(ran.out.trim_end());
    assert!(
        ran.code == 0 && file.starts_with(home.at(".local/state/opsdeck/log")),
        "{}",
        ran.out
    );
    assert_eq!((mode_of(&file), mode_of(file.parent().unwrap())), (0o600, 0o700));
    let text = std::fs::read_to_string(&file).unwrap();
    let events: Vec<serde_json::Value> = text.lines().map(|l| serde_json::from_str(l).unwrap()).collect();
    assert_eq!(events.last().unwrap()["message"], "ended", "the tail is lost");
    let elsewhere = home.at("state");
    let ran = Ran::of(
        home.command("log path")
            .env("XDG_STATE_HOME", &elsewhere)
            .output()
            .unwrap(),
    );
    assert!(Path::new(ran.out.trim_end()).starts_with(&elsewhere));
}

#[test]
fn without_a_log_it_says_so_once_and_goes_on() {
    let home = Home::new();
    home.put("cwd/environments.toml", GOOD);
    let ran = Ran::of(
        home.command("config check")
            .env("XDG_STATE_HOME", "/proc/no")
            .output()
            .unwrap(),
    );
    assert_eq!(ran.code, 0);
    assert!(
        ran.err.lines().count() == 1 && ran.err.starts_with("没有诊断日志"),
        "{}",
        ran.err
    );
    let ran = Ran::of(
        home.command("config check")
            .env("OPSDECK_LOG", "loud")
            .output()
            .unwrap(),
    );
    assert!(
        ran.code == 0 && ran.err.lines().count() == 1 && ran.err.contains("OPSDECK_LOG"),
        "{}",
        ran.err
    );
}

#[test]
fn a_planted_secret_is_found_nowhere_after_every_command() {
    let home = Home::new();
    let planted = format!("{GOOD}\n[smb]\npassword = \"{PLANTED}\"\n");
    home.put(
        "cwd/environments.toml",
        &GOOD.replace("{ prompt = true }", "{ env = \"SHARE_PASSWORD\" }"),
    );
    let secret = home.put("share.secret", &format!("{PLANTED}\nsecond line\n"));
    mode(&secret, 0o600);
    let from_file = GOOD.replace("{ prompt = true }", "{ file = \"~/share.secret\" }");
    let by_command = GOOD.replace(
        "{ prompt = true }",
        &format!("{{ command = [\"echo\", \"{PLANTED}\"] }}"),
    );
    let mut all = String::new();
    for (name, text) in [
        ("planted", &planted),
        ("file", &from_file),
        ("command", &by_command),
    ] {
        home.put(&format!("in/{name}.toml"), text);
    }
    for config in [
        "environments.toml",
        "../in/planted.toml",
        "../in/file.toml",
        "../in/command.toml",
    ] {
        for line in [
            "config check",
            "config show",
            "config path",
            "doctor",
            "doctor --format json",
            "log path",
        ] {
            let mut command = home.command(&format!("{line} --config {config}"));
            command.env("SHARE_PASSWORD", PLANTED).env("OPSDECK_LOG", "trace");
            let ran = Ran::of(command.output().unwrap());
            all.push_str(&format!("{}{}", ran.out, ran.err));
        }
    }
    let log = home.run("log path").out;
    all.push_str(&std::fs::read_to_string(log.trim_end()).unwrap());
    assert!(all.contains("密码绝不能写在这个文件里") && all.len() > 10_000);
    assert!(!all.contains(PLANTED));
}

#[test]
fn doctor_points_at_a_key_that_ssh_would_refuse() {
    let home = Home::new();
    home.put(
        "cwd/environments.toml",
        &format!("{GOOD}identity_file = \"~/.ssh/id_ed25519\"\n"),
    );
    let state = |id: &str| {
        let ran = home.run("doctor --format json");
        let json: serde_json::Value = serde_json::from_str(&ran.out).unwrap();
        let checks = json["checks"].as_array().unwrap();
        let check = checks.iter().find(|c| c["id"] == id).unwrap();
        let mend = check["mend"]["en"].as_str().unwrap_or_default().to_owned();
        (check["state"].as_str().unwrap().to_owned(), mend, ran.code)
    };
    let (word, mend, code) = state("keys");
    assert!(
        word == "failed" && mend.contains("ssh-keygen") && code == 2,
        "{word} {mend} {code}"
    );
    let key = home.at(".ssh/id_ed25519");
    let make = |passphrase: &str| {
        let _ = std::fs::remove_file(&key);
        std::fs::create_dir_all(key.parent().unwrap()).unwrap();
        let arguments = ["-q", "-t", "ed25519", "-N", passphrase, "-f"];
        assert!(
            Command::new("ssh-keygen")
                .args(arguments)
                .arg(&key)
                .status()
                .unwrap()
                .success()
        );
    };
    make("");
    assert_eq!(state("keys").0, "ok");
    mode(&key, 0o644);
    let (word, mend, code) = state("keys");
    assert!(
        word == "failed" && mend.contains("chmod 600") && code == 2,
        "{word} {mend} {code}"
    );
    mode(&key, 0o600);
    mode(&home.at(".ssh"), 0o777);
    let (word, mend, _) = state("ssh-files");
    assert!(word == "failed" && mend.contains("chmod go-w"), "{word} {mend}");
    mode(&home.at(".ssh"), 0o700);
    make("a passphrase");
    let (word, mend, _) = state("keys");
    assert!(word == "warning" && mend.contains("ssh-add"), "{word} {mend}");
    std::fs::write(&key, "no key\n").unwrap();
    assert_eq!(state("keys").0, "failed");
}

#[test]
fn doctor_is_never_good_about_what_it_cannot_see() {
    let home = Home::new();
    home.put("cwd/environments.toml", GOOD);
    let ran = home.run("doctor");
    assert!(ran.code == 2 || ran.code == 3, "{}", ran.code);
    assert!(
        ran.out.contains("不是终端") && ran.out.contains("办法："),
        "{}",
        ran.out
    );
    let ran = Ran::of(
        home.command("doctor --lang en")
            .env("PATH", "/nowhere")
            .output()
            .unwrap(),
    );
    assert!(
        ran.code == 2 && ran.out.contains("there is no ssh"),
        "{}",
        ran.out
    );
    let mut command = home.command("doctor --lang en");
    let ran = Ran::of(command.env("SSH_AUTH_SOCK", home.at("nobody")).output().unwrap());
    assert!(ran.out.contains("does not answer"), "{}", ran.out);
}
