//! Secrets of many shapes planted wherever a bundle takes something from, and harmless words beside them.
use super::unpacked;
use opsdeck::cli::bundle::{Asked, Gathered, archive, collect, redact};
use opsdeck::config::model::{Config, EnvKey, SecretSource};
use opsdeck::core::units::EpochMs;
use opsdeck::demo::DemoBox;
use opsdeck::journal::{Entry, Journal, What};
use opsdeck::remote::Host;
use opsdeck::remote::local::LocalHost;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

/// In every planted secret, and nowhere else.
const SEED: &str = "Zq9seed";
/// The share's password, which no shape gives away.
const KNOWN: &str = "blue,horse battery";
/// Words that a reader needs, and that look a little like secrets.
const HARMLESS: &[&str] = &[
    "migration_pack_20260131_040000_123",
    "sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
    "job=422 failed",
    "/opt/ragflowauth/ragflow_compose/docker-compose.yml",
    "Docker 20.10.7",
    "4.18.0-305.25.1.el8_4.x86_64",
    "127.0.0.1:43180",
    "user@1000.service",
    "SHA256:uNiVztksCsDhcc0u9e8BgrJXVGDZbjyoFFUCvPlCs3o",
    "04:01:24",
];

/// Lines of a log: each secret in a form of its own.
fn lines() -> Vec<String> {
    let s = SEED;
    let mut lines: Vec<String> = [
        format!("connecting with password={s}1 to db"),
        format!("config {{'smtp_password': '{s}2', 'port': 25}}"),
        format!("Authorization: Bearer {s}3xyz"),
        format!("GET /api/files?access_token={s}4&page=1 HTTP/1.1"),
        format!("redis://:{s}5@redis:6379/0 refused"),
        format!("mount -t cifs //192.0.2.72/backup /mnt -o username=u,password={s}6,,{s}6,vers=3.0"),
        format!("+ mysql -uroot -p{s}7 rag_flow"),
        "-----BEGIN RSA PRIVATE KEY-----".to_owned(),
        format!("MIIEowIBAAKCAQEA{s}8gx6Jk1vUuYw0mQm3p5N2c4rT7bE9hS1dF6aZ8"),
        format!("{s}8Qw=="),
        "-----END RSA PRIVATE KEY-----".to_owned(),
        format!("token ghp_{s}9{s}9{s}9"),
        format!("{{\"msg\":\"{{\\\"api_key\\\":\\\"{s}10\\\"}}\"}}"),
        format!("数据库密码：{s}11，请修改"),
        format!("https://hooks.slack.com/services/T0001/B0001/{s}12"),
        format!("share said: {KNOWN}"),
        "mail from lin.wu@corp.example about 203.0.113.77, fe80::5054:ff:fe12:3456, 52:54:00:ab:cd:ef and WIN-DEMO".to_owned(),
    ]
    .to_vec();
    lines.extend(HARMLESS.iter().map(|word| format!("INFO look at {word} here")));
    lines
}

/// A program in the box that stands in front of another one: it prints these lines when it is asked for a log.
fn instead(bin: &Path, tool: &str, when: &str, output: &str) {
    let path = bin.join(tool);
    let real = std::fs::read_link(&path).unwrap();
    let behind = bin.join("behind");
    std::fs::create_dir_all(&behind).unwrap();
    std::os::unix::fs::symlink(real, behind.join(tool)).unwrap();
    std::fs::remove_file(&path).unwrap();
    let said = bin.join(format!("{tool}.said"));
    std::fs::write(&said, output).unwrap();
    let script = format!(
        "#!/bin/sh\ncase \"$*\" in {when}) exec cat '{}' ;; esac\nexec '{}' \"$@\"\n",
        said.display(),
        behind.join(tool).display()
    );
    std::fs::write(&path, script).unwrap();
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).unwrap();
}

/// Changes what is true on the server.
fn server(demo: &DemoBox, change: impl FnOnce(&mut Value)) {
    let file = demo.dir().join("prod/.box/state.json");
    let mut state: Value = serde_json::from_slice(&std::fs::read(&file).unwrap()).unwrap();
    change(&mut state);
    std::fs::write(file, state.to_string()).unwrap();
}

struct Planted {
    demo: DemoBox,
    config: Config,
    home: tempfile::TempDir,
}

/// A server, a journal, a diagnostic log and a configuration, all with secrets in them.
fn planted() -> Planted {
    let opsdeck = Path::new(env!("CARGO_BIN_EXE_opsdeck"));
    let demo = DemoBox::create_with(opsdeck, "backup-failed", opsdeck::clock::now(), None).unwrap();
    let bin = demo.dir().join("bin");
    let now = jiff::Timestamp::from_millisecond(opsdeck::clock::now().0).unwrap();
    let docker: String = lines().iter().map(|line| format!("{now:.9} {line}\n")).collect();
    instead(&bin, "docker", "logs*", &docker);
    let micros = now.as_microsecond().to_string();
    let entry =
        |line: &String| json!({"__REALTIME_TIMESTAMP": micros, "SYSLOG_IDENTIFIER": "x", "MESSAGE": line});
    let journal: String = lines().iter().map(|line| entry(line).to_string() + "\n").collect();
    instead(&bin, "journalctl", "*-n*", &journal);
    server(&demo, |state| {
        let jobs = state["database"]["jobs"].as_array_mut().unwrap();
        let last = jobs.last_mut().unwrap();
        last["message"] = format!("备份失败 password={SEED}20 at 203.0.113.78").into();
        last["detail"] = format!("https://u:{SEED}21@h.example/x").into();
        state["kernel"].as_array_mut().unwrap().push(
            json!({"at_ms": opsdeck::clock::now().0 - 60_000, "text": format!("CIFS: VFS: \\\\203.0.113.79 secret={SEED}22")}),
        );
    });
    let fstab = format!(
        "//192.0.2.72/backup /mnt/replica cifs username=u,password={SEED}23,,{SEED}23,vers=3.0 0 0\n//203.0.113.80/o /o cifs user=u%{SEED}24,rw 0 0\n"
    );
    std::fs::write(demo.dir().join("prod/etc/fstab"), fstab).unwrap();
    let home = tempfile::tempdir().unwrap();
    let entry = |env: &str, text: String| Entry {
        at_ms: opsdeck::clock::now().0,
        run: "1769800000-0a1b2c3d".into(),
        env: env.into(),
        host: "203.0.113.81".into(),
        server: "demo-prod".into(),
        operator: "wu@ws".into(),
        action: "mount".into(),
        what: What::Intent { script: "9f86d081".into(), kept: vec![text] },
    };
    let journal = Journal::below(home.path());
    journal.add(&entry("prod", format!("lock-row-of-prod token={SEED}25"))).unwrap();
    journal.add(&entry("test", "lock-row-of-test".into())).unwrap();
    let log = home.path().join("log");
    std::fs::create_dir(&log).unwrap();
    let line = json!({"level": "INFO", "message": format!("ssh said password: {SEED}26 to 203.0.113.82"), "fields": {"api_key": format!("{SEED}27")}});
    std::fs::write(log.join("opsdeck.2026-01-31.jsonl"), format!("{line}\nbroken {{ secret={SEED}28\n"))
        .unwrap();
    let file = home.path().join("environments.toml");
    std::fs::write(
        &file,
        format!("schema = 1\n# password {SEED}29\n[share]\nhost = \"192.0.2.72\"\npassword = \"{SEED}30\"\n"),
    )
    .unwrap();
    let secret = home.path().join("share");
    std::fs::write(&secret, KNOWN).unwrap();
    std::fs::set_permissions(&secret, std::fs::Permissions::from_mode(0o600)).unwrap();
    let mut config = demo.config();
    config.source = file;
    config.environments[0].share.secret = Some(SecretSource::File(secret));
    config.environments[0].share.options = format!("rw,username=u%{SEED}31");
    Planted { demo, config, home }
}

async fn gathered(p: &Planted, raw_addresses: bool) -> Gathered {
    let host = LocalHost::new(p.demo.host(&EnvKey("prod".into())).unwrap().into());
    let asked = Asked {
        env: &p.config.environments[0],
        config: &p.config,
        file: Some(p.config.source.clone()),
        state: Some(p.home.path().to_owned()),
        log: Some(p.home.path().join("log")),
        raw_addresses,
    };
    let gathered = collect(&host, &asked).await;
    host.close().await;
    gathered
}

fn packed(gathered: Gathered) -> (Vec<u8>, BTreeMap<String, String>) {
    let bundle = redact(gathered, json!({"environment": "prod"})).unwrap();
    let bytes = archive(&bundle, "b", EpochMs(1_769_800_000_000)).unwrap();
    let files = unpacked(&bytes);
    (bytes, files)
}

/// The secret of this number, and not one whose number begins alike.
fn holds(text: &str, n: usize) -> bool {
    let whole = format!("{SEED}{n}");
    text.match_indices(&whole)
        .any(|(at, _)| !text[at + whole.len()..].starts_with(|c: char| c.is_ascii_digit()))
}

/// Each kind of secret had come as far as the parts that it was planted for: that it is not in the bundle is the redaction's
/// doing.
fn each_was_really_there(p: &Planted, raw: &Gathered) {
    let part = |name: &str| {
        let all: Vec<&str> = raw.parts.iter().map(|part| part.name).collect();
        let it = raw.parts.iter().find(|part| part.name == name);
        it.unwrap_or_else(|| panic!("{name} is none of {all:?}")).text.as_str()
    };
    let mut came: Vec<(usize, &str)> = Vec::new();
    for log in ["logs/backend.log", "logs/frontend.log", "logs/docker.log", "logs/system.log"] {
        came.extend((1..=12).map(|n| (n, log)));
        assert!(part(log).contains(KNOWN), "{log}");
    }
    // the job's words, what the kernel said, the journal, the diagnostic log, an option of the share
    let everywhere = ["check.json", "check.zh.txt", "check.en.txt", "diagnosis.json", "diagnosis.zh.txt"];
    came.extend(everywhere.map(|name| (20, name)));
    came.extend([(21, "check.json"), (22, "check.json"), (22, "diagnosis.json")]);
    came.extend([(25, "journal.jsonl"), (31, "config.toml")]);
    came.extend([26, 27, 28].map(|n| (n, "opsdeck-log.jsonl")));
    for (n, name) in came {
        assert!(holds(part(name), n), "{n} did not come to {name}:\n{}", part(name));
    }
    assert!(part("check.json").contains("203.0.113.78") && part("journal.jsonl").contains("203.0.113.81"));
    // these four are taken out before there is a part: by the server itself, and by whatever reads the configuration
    assert!(
        part("check.json").contains("//203.0.113.80/o")
            && part("environments.masked.toml").contains("[share]")
    );
    let own = std::fs::read_to_string(&p.config.source).unwrap();
    let fstab = std::fs::read_to_string(p.demo.dir().join("prod/etc/fstab")).unwrap();
    for n in [23, 24, 29, 30] {
        assert!(holds(&own, n) || holds(&fstab, n), "{n} was not planted");
        assert!(raw.parts.iter().all(|part| !holds(&part.text, n)), "{n} came further than it should");
    }
}

#[tokio::test]
async fn no_planted_secret_is_in_a_bundle_and_what_is_needed_is() {
    let p = planted();
    let raw = gathered(&p, false).await;
    each_was_really_there(&p, &raw);
    let (_, files) = packed(raw);
    for (name, text) in &files {
        for secret in [SEED, KNOWN, "battery"] {
            let line = text.lines().find(|l| l.contains(secret));
            assert!(line.is_none(), "{name}: {line:?}");
        }
        for address in ["192.0.2.", "203.0.113.", "fe80::", "52:54:00", "demo-prod", "WIN-DEMO", "lin.wu@"] {
            let line = text.lines().find(|l| l.to_lowercase().contains(&address.to_lowercase()));
            assert!(line.is_none(), "{name}: {line:?}");
        }
    }
    for log in ["logs/backend.log", "logs/frontend.log", "logs/docker.log", "logs/system.log"] {
        for word in HARMLESS {
            assert!(files[log].contains(word), "{log}: {word}\n{}", files[log]);
        }
    }
    assert!(!files["logs/backend-notable.log"].contains("job=422 failed"), "no word of it says so");
    assert!(files["check.zh.txt"].contains("备份失败 password=****** at addr-"), "{}", files["check.zh.txt"]);
    assert!(
        files["journal.jsonl"].contains("lock-row-of-prod")
            && !files["journal.jsonl"].contains("lock-row-of-test")
    );
    assert!(files["diagnosis.en.txt"].contains("prod") && files["diagnosis.json"].contains("\"diagnoses\""));
    let check: Value = serde_json::from_str(&files["check.json"]).unwrap();
    assert_eq!(check["environments"][0]["key"], "prod");
    // two hosts can still be told apart, in every file by the same names
    let config = &files["config.toml"];
    assert!(config.contains("host = \"addr-1\"") && config.contains("host = \"addr-2\""), "{config}");
    assert!(files["logs/system.log"].contains("//addr-2/backup"));
}

#[tokio::test]
async fn the_list_says_of_each_file_what_it_is_and_what_was_taken_out() {
    let p = planted();
    let (_, files) = packed(gathered(&p, true).await);
    let manifest: Value = serde_json::from_str(&files["manifest.json"]).unwrap();
    let listed = manifest["files"].as_array().unwrap();
    assert_eq!(listed.len() + 1, files.len());
    for file in listed {
        let text = &files[file["name"].as_str().unwrap()];
        let sum: String = Sha256::digest(text).iter().map(|b| format!("{b:02x}")).collect();
        assert_eq!((&file["size"], &file["sha256"]), (&json!(text.len()), &json!(sum)));
    }
    for rule in ["known", "key_block", "value", "argument", "url", "token", "email"] {
        assert!(
            manifest["redacted"][rule].as_u64().is_some_and(|n| n > 0),
            "{rule}: {}",
            manifest["redacted"]
        );
    }
    // addresses were to be kept, and secrets never are
    assert_eq!((&manifest["addresses_kept"], &manifest["redacted"]["address"]), (&json!(true), &Value::Null));
    assert!(files["logs/backend.log"].contains("203.0.113.77"));
    assert!(files.values().all(|text| !text.contains(SEED) && !text.contains(KNOWN)));
    assert_eq!(manifest["missing"], json!([]));
}
