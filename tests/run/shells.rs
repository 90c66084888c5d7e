//! The scripts themselves.
use std::path::Path;
use std::process::Command;

#[test]
fn shellcheck_finds_nothing() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/remote/run");
    let scripts = std::fs::read_dir(folder).unwrap().flatten().map(|e| e.path());
    let scripts: Vec<_> = scripts.filter(|p| p.extension().is_some_and(|e| e == "sh")).collect();
    assert!(scripts.len() >= 6, "{scripts:?}");
    match Command::new("shellcheck").args(["--shell=sh", "--exclude=SC2154"]).args(scripts).output() {
        Ok(found) => assert!(found.status.success(), "{}", String::from_utf8_lossy(&found.stdout)),
        Err(_) => {
            assert!(std::env::var_os("OPSDECK_REQUIRE_SHELLS").is_none(), "shellcheck is required here")
        }
    }
}
