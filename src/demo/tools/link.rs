//! The box's `bin`: the whole search path of its servers.
use super::TOOLS;
use crate::demo::DemoError;
use crate::text;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// The machine's own tools that may be called in a box: they read and write files that they are given, and show
/// nothing of the machine.
const PLAIN: &[&str] = &[
    "[",
    "awk",
    "base64",
    "basename",
    "cat",
    "chmod",
    "cksum",
    "cmp",
    "comm",
    "cp",
    "cut",
    "dd",
    "dirname",
    "echo",
    "env",
    "expr",
    "false",
    "find",
    "flock",
    "grep",
    "gzip",
    "head",
    "kill",
    "ln",
    "ls",
    "mkdir",
    "mkfifo",
    "mktemp",
    "mv",
    "nohup",
    "od",
    "paste",
    "printf",
    "readlink",
    "rm",
    "rmdir",
    "sed",
    "seq",
    "setsid",
    "sha256sum",
    "sleep",
    "sort",
    "sync",
    "tail",
    "tar",
    "tee",
    "test",
    "touch",
    "tr",
    "true",
    "uniq",
    "wc",
    "xargs",
];

/// Fills the box's `bin`: links to this program and to the machine's plain tools.
pub(crate) fn link(bin: &Path, program: &Path, shell: &Path) -> std::io::Result<()> {
    std::fs::create_dir_all(bin)?;
    let own = TOOLS.iter().map(|t| t.0).chain(["timeout"]);
    for name in own {
        relink(&bin.join(name), program)?;
    }
    for name in PLAIN {
        // a tool that is not on this machine is not in the box, and the scripts say so
        if let Some(tool) = find(name) {
            relink(&bin.join(name), &tool)?;
        }
    }
    relink(&bin.join("sh"), shell)
}

fn relink(link: &Path, to: &Path) -> std::io::Result<()> {
    match std::fs::remove_file(link) {
        Err(e) if e.kind() != std::io::ErrorKind::NotFound => return Err(e),
        _ => {}
    }
    symlink(to, link)
}

/// A program on the search path, or where POSIX systems have it.
fn find(name: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let usual = ["/usr/bin", "/bin"].map(PathBuf::from);
    std::env::split_paths(&path)
        .filter(|dir| dir.is_absolute())
        .chain(usual)
        .map(|dir| dir.join(name))
        .find(|file| executable(file))
}

fn executable(file: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt;
    std::fs::metadata(file).is_ok_and(|m| m.is_file() && m.permissions().mode() & 0o111 != 0)
}

/// A shell that finds its tools on the search path and nowhere else.
pub(crate) fn shell() -> Result<PathBuf, DemoError> {
    let candidates = ["sh", "dash", "bash", "ash", "ksh"];
    candidates.iter().filter_map(|n| find(n)).find(|s| confined(s)).ok_or_else(|| {
        DemoError(text!(
            "演示需要一个 sh：没有找到，或它自带 docker 以外的系统工具，会绕过演示文件夹",
            "the demo needs a sh: there is none, or it has system tools of its own that would bypass the demo folder"
        ))
    })
}

/// Whether the shell has no system tools of its own. Some builds of busybox run their own `uname` or `dmesg` before
/// they look at the search path: those would show this machine.
pub(crate) fn confined(shell: &Path) -> bool {
    let asked = "command -v uname || command -v dmesg || command -v stat || command -v mount";
    let said = Command::new(shell)
        .args(["-c", asked])
        .env_clear()
        .env("PATH", "/nonexistent")
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status();
    said.is_ok_and(|s| s.code().is_some_and(|c| c == 1 || c == 127))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shell_with_system_tools_of_its_own_is_not_taken() {
        let dir = tempfile::tempdir().unwrap();
        let shell = shell().unwrap();
        assert!(confined(&shell));
        // a shell that knows `uname` without a search path, as some builds of busybox do
        let own = dir.path().join("own");
        std::fs::write(&own, format!("#!{}\nuname() {{ echo mine; }}\neval \"$2\"\n", shell.display()))
            .unwrap();
        std::fs::set_permissions(&own, std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
        assert!(!confined(&own));
        assert!(!confined(Path::new("/nonexistent/sh")));
        for busybox in ["/bin/busybox", "/usr/bin/busybox"].map(Path::new) {
            let sh = dir.path().join("sh");
            if busybox.exists() && relink(&sh, busybox).is_ok() {
                let asked =
                    Command::new(&sh).args(["-c", "uname"]).env_clear().env("PATH", "/nonexistent").output();
                assert_eq!(confined(&sh), !asked.unwrap().status.success());
            }
        }
    }

    #[test]
    fn the_search_path_of_a_box_has_our_tools_and_plain_ones_only() {
        let dir = tempfile::tempdir().unwrap();
        let bin = dir.path().join("bin");
        let (program, shell) = (Path::new("/proc/self/exe"), shell().unwrap());
        for _ in 0..2 {
            link(&bin, program, &shell).unwrap();
        }
        for entry in std::fs::read_dir(&bin).unwrap() {
            let entry = entry.unwrap();
            let name = entry.file_name().into_string().unwrap();
            let to = std::fs::read_link(entry.path()).unwrap();
            let own = name == "timeout" || TOOLS.iter().any(|t| t.0 == name);
            assert_eq!(to == program, own, "{name}");
            assert!(own || name == "sh" || PLAIN.contains(&name.as_str()), "{name}");
        }
        for missing in ["bash", "python3", "wget", "systemctl", "ssh", "sudo"] {
            assert!(!bin.join(missing).exists(), "{missing}");
        }
    }
}
