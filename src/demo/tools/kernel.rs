//! The kernel's log and the names of the machine.
use super::{Said, Server};
use crate::core::units::EpochMs;
use crate::demo::lay;

const RELEASE: &str = "4.18.0-147.el8.x86_64";

/// `dmesg`: lines with the seconds since boot.
pub(super) fn dmesg(server: &Server, args: &[&str]) -> Said {
    if !args.is_empty() {
        return Said::unknown("dmesg", args);
    }
    let boot = server.state.host.boot_ms;
    let mut text = format!("[    0.000000] Linux version {RELEASE}\n");
    for line in &server.state.kernel {
        let since = (line.at_ms - boot).max(0);
        let stamp = format!("{}.{:03}127", since / 1000, since % 1000);
        text.push_str(&format!("[{stamp:>12}] {}\n", line.text));
    }
    Said::ok(text)
}

/// `journalctl -k …  -o short-unix`: the same lines with the seconds since 1970.
pub(super) fn journalctl(server: &Server, args: &[&str]) -> Said {
    if args != ["-k", "-b", "-q", "--no-pager", "-o", "short-unix", "-n", "2000"] {
        return Said::unknown("journalctl", args);
    }
    let name = &server.state.host.hostname;
    let line = |l: &crate::demo::state::KernelLine| {
        let (s, ms) = (l.at_ms / 1000, l.at_ms % 1000);
        format!("{s}.{ms:03}127 {name} kernel: {}\n", l.text)
    };
    Said::ok(server.state.kernel.iter().map(line).collect::<String>())
}

/// `uname [-r|-n|-s|-m]`. The one question that comes with every look, and before it reads the uptime: so this is
/// where `/proc/uptime` is brought up to date.
pub(super) fn uname(server: &Server, args: &[&str]) -> Said {
    if let Err(e) = lay::uptime(&server.root, &server.written, EpochMs(server.now.0)) {
        return Said::error(70, format!("uname: the demo server cannot be written: {e}"));
    }
    Said::ok(match args {
        ["-r"] => format!("{RELEASE}\n"),
        ["-n"] => format!("{}\n", server.state.host.hostname),
        ["-m"] => "x86_64\n".into(),
        [] | ["-s"] => "Linux\n".into(),
        _ => return Said::unknown("uname", args),
    })
}

/// `hostname`.
pub(super) fn hostname(server: &Server, args: &[&str]) -> Said {
    match args {
        [] => Said::ok(format!("{}\n", server.state.host.hostname)),
        _ => Said::unknown("hostname", args),
    }
}

/// `id`: root, as on the servers.
pub(super) fn id(_: &Server, args: &[&str]) -> Said {
    Said::ok(match args {
        ["-u" | "-g"] => "0\n",
        ["-un" | "-gn"] => "root\n",
        [] => "uid=0(root) gid=0(root) groups=0(root)\n",
        _ => return Said::unknown("id", args),
    })
}
