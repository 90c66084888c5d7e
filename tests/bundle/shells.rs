//! The script of the logs under the shells that servers have: the same parts, nothing left, nothing waited for.
use opsdeck::config::model::EnvKey;
use opsdeck::core::segments::Segments;
use opsdeck::demo::DemoBox;
use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};

#[test]
fn every_shell_gives_every_part_and_leaves_nothing() {
    let opsdeck = Path::new(env!("CARGO_BIN_EXE_opsdeck"));
    let now = opsdeck::clock::now();
    let shells: Vec<&str> =
        ["dash", "bash", "busybox"].into_iter().filter(|s| Path::new("/bin").join(s).exists()).collect();
    assert!(std::env::var_os("OPSDECK_REQUIRE_SHELLS").is_none() || shells.len() == 3, "only {shells:?}");
    for shell in shells {
        let demo = DemoBox::create_with(opsdeck, "backup-failed", now, None).unwrap();
        let sandbox = demo.host(&EnvKey("prod".into())).unwrap();
        let env = &demo.config().environments[0];
        let root = sandbox.root.to_string_lossy().into_owned();
        let script = opsdeck::cli::bundle::script(env, &root, "m", now.plus_ms(-86_400_000));
        let mut command = Command::new(Path::new("/bin").join(shell));
        if shell == "busybox" {
            command.arg("sh");
        }
        command
            .arg("-s")
            .env_clear()
            .env("PATH", &sandbox.path)
            .envs(sandbox.env.iter().map(|(k, v)| (k, v)));
        let mut child =
            command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        child.stdin.take().unwrap().write_all(script.as_bytes()).unwrap();
        let output = child.wait_with_output().unwrap();
        assert_eq!(String::from_utf8_lossy(&output.stderr), "", "{shell}");
        let segments = Segments::read("m", &output.stdout);
        assert_eq!(segments.complete(), 6, "{shell}");
        for name in ["docker_version", "backend", "backend_notable", "frontend", "docker", "system"] {
            let segment = segments.get(name).unwrap();
            assert!(segment.code == Some(0) && !segment.payload.is_empty(), "{shell} {name}: {segment:?}");
        }
        let notable = String::from_utf8_lossy(segments.get("backend_notable").unwrap().payload);
        assert!(notable.contains("ERROR [Backup]") && !notable.contains("GET /health"), "{shell}: {notable}");
        let left = std::fs::read_dir(sandbox.root.join("tmp")).map_or(0, |all| all.count());
        assert_eq!(left, 0, "{shell}");
    }
}

#[test]
fn shellcheck_finds_nothing() {
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/assets/remote/excerpt.sh");
    match Command::new("shellcheck").args(["--shell=sh", "--exclude=SC2154", script]).output() {
        Ok(out) => assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stdout)),
        Err(_) => {
            assert!(std::env::var_os("OPSDECK_REQUIRE_SHELLS").is_none(), "shellcheck is required here")
        }
    }
}
