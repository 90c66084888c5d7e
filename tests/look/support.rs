//! A small server made of files, for the script's `root`.
use opsdeck::config::model::Environment;
use opsdeck::demo::DemoBox;
use std::path::{Path, PathBuf};

/// The built-in servers' box, healthy, and its prod environment.
pub(crate) fn prod(scenario: &str) -> (DemoBox, Environment) {
    let opsdeck = Path::new(env!("CARGO_BIN_EXE_opsdeck"));
    let demo = DemoBox::create_with(opsdeck, scenario, opsdeck::clock::now(), None).expect("a box");
    let env = demo.config().environments.into_iter().next().expect("prod");
    (demo, env)
}

/// The shells that take programs from the search path, and so run in the box: at least one, and both where CI requires them.
pub(crate) fn shells() -> Vec<(&'static str, PathBuf, Vec<&'static str>)> {
    let known = [("dash", "/bin/dash", vec![]), ("bash", "/bin/bash", vec!["--posix"])];
    let there = known.into_iter().map(|(name, path, args)| (name, PathBuf::from(path), args));
    let there: Vec<_> = there.filter(|(_, path, _)| path.exists()).collect();
    assert!(!there.is_empty());
    if std::env::var_os("OPSDECK_REQUIRE_SHELLS").is_some() {
        assert_eq!(there.len(), 2, "dash and bash are required here");
    }
    there
}

/// A server made of plain files, without Docker: its share is a folder that its mount table calls one.
pub(crate) fn server_of_files() -> (tempfile::TempDir, Environment) {
    let (_demo, mut env) = prod("healthy");
    // no stand-in answers for the network here, so the share is on this machine
    env.share.host = "127.0.0.1".into();
    env.share.port = 1;
    env.containers.health_url = "http://127.0.0.1:1/health".into();
    let dir = tempfile::tempdir().expect("folder");
    let put = |path: &str, text: &str| {
        let path = dir.path().join(path);
        std::fs::create_dir_all(path.parent().expect("folder")).expect("folder");
        std::fs::write(path, text).expect("file");
    };
    put(
        "proc/self/mountinfo",
        "1 0 0:1 / / rw - ext4 /dev/vda rw\n2 1 0:2 / /mnt/replica rw - cifs //127.0.0.1/backup rw,vers=3.1.1\n",
    );
    put("proc/sys/kernel/hostname", "files\n");
    put("proc/uptime", "100.5 1.0\n");
    put("etc/machine-id", "abc\n");
    put("etc/os-release", "PRETTY_NAME=\"Files 1\"\n");
    put(
        "etc/fstab",
        "//127.0.0.1/backup /mnt/replica cifs user=bob%PLANTED1,password=a,,PLANTED2,_netdev,nofail 0 0\n# //other /mnt/replica cifs\n",
    );
    put("opt/ragflowauth/ragflow_compose/docker-compose.yml", "x");
    put("opt/ragflowauth/backups/migration_pack_20260101_040000/auth.db", "x");
    let packs = "mnt/replica/RagflowAuth";
    put(&format!("{packs}/migration_pack_20260201_040000/auth.db"), "12345");
    put(&format!("{packs}/migration_pack_20260201_040000/volumes/ragflow_compose_esdata01.tar.gz"), "123");
    put(&format!("{packs}/_tmp/job_3_1/auth.db.tmp"), "1");
    put(&format!("{packs}/中文 and spaces/not entered.txt"), "1");
    std::fs::create_dir(dir.path().join("run")).expect("folder");
    (dir, env)
}

pub(crate) fn asset(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}
