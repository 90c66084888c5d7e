//! The real binary in a home of its own.
#![allow(dead_code, unreachable_pub, missing_docs)]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use tempfile::TempDir;

/// A configuration without fault.
pub const GOOD: &str = "schema = 1\n[share]\nhost = \"127.0.0.1\"\nname = \"backup\"\nuser = \"writer\"\nsecret = { prompt = true }\n[[environment]]\nkey = \"prod\"\nname = \"正式\"\nrole = \"prod\"\nhost = \"127.0.0.1\"\n";
/// A secret that must be found nowhere.
pub const PLANTED: &str = "Zq-planted-9";

/// A home of its own: nothing of the person who runs the tests is read or written.
pub struct Home(pub TempDir);

impl Home {
    pub fn new() -> Home {
        let home = Home(tempfile::tempdir().unwrap());
        std::fs::create_dir(home.at("cwd")).unwrap();
        home
    }

    pub fn at(&self, path: &str) -> PathBuf {
        self.0.path().join(path)
    }

    pub fn put(&self, path: &str, text: &str) -> PathBuf {
        let path = self.at(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, text).unwrap();
        mode(&path, 0o644);
        path
    }

    pub fn command(&self, line: &str) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_opsdeck"));
        command.args(line.split_whitespace()).env_clear();
        command.env("PATH", std::env::var_os("PATH").unwrap()).env("HOME", self.0.path());
        command.env("LANG", "zh_CN.UTF-8").current_dir(self.at("cwd")).stdin(Stdio::null());
        command
    }

    pub fn run(&self, line: &str) -> Ran {
        Ran::of(self.command(line).output().unwrap())
    }
}

/// How a run ended.
pub struct Ran {
    pub code: i32,
    pub out: String,
    pub err: String,
}

impl Ran {
    pub fn of(output: Output) -> Ran {
        Ran {
            code: output.status.code().expect("ended by a signal"),
            out: String::from_utf8(output.stdout).unwrap(),
            err: String::from_utf8(output.stderr).unwrap(),
        }
    }
}

pub fn mode(path: &Path, mode: u32) {
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).unwrap();
}

pub fn mode_of(path: &Path) -> u32 {
    std::fs::metadata(path).unwrap().permissions().mode() & 0o7777
}
