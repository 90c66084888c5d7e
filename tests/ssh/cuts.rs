//! The console in a terminal over a real connection that is cut: whatever it does just then, the screen that is open says so,
//! and all comes back by itself.
use crate::fixture::{Sshd, signal_to, user, with_argument};
use crate::pty::Pty;
use rustix::process::Signal;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

const F5: &str = "\x1b[15~";
const OVERVIEW: &str = "1";
const JOBS: &str = "3";
const PACKS: &str = "4";
const LOGS: &str = "5";

/// A console, and the server that it is opened at. The server's docker does not answer while a file is there.
struct Console {
    pty: Pty,
    server: Sshd,
    /// What the paths of its links' files begin with.
    links: String,
}

impl Console {
    fn open() -> Option<Console> {
        let server = Sshd::start(&["SetEnv PATH=DIR/bin:/usr/sbin:/usr/bin:/sbin:/bin"])?;
        let at = |name: &str| server.at(name).display().to_string();
        let docker = format!(
            "#!/bin/sh\n[ ! -e {} ] || exec sleep 60\necho 'Cannot connect to the Docker daemon' >&2\nexit 1\n",
            at("slow")
        );
        std::fs::create_dir(server.at("bin")).unwrap();
        std::fs::write(server.at("bin/docker"), docker).unwrap();
        std::fs::set_permissions(server.at("bin/docker"), PermissionsExt::from_mode(0o755)).unwrap();
        std::fs::write(server.at("slow"), "").unwrap();
        std::fs::write(server.at("known"), server.known_line()).unwrap();
        let config = format!(
            "schema = 1\n[ssh]\nknown_hosts = \"{}\"\n[share]\nhost = \"127.0.0.1\"\nname = \"backup\"\n\
             user = \"writer\"\nsecret = {{ prompt = true }}\n[[environment]]\nkey = \"prod\"\nname = \"正式\"\n\
             role = \"prod\"\nhost = \"127.0.0.1\"\nport = {}\nuser = \"{}\"\nidentity_file = \"{}\"\n",
            at("known"),
            server.port,
            user(),
            at("id")
        );
        std::fs::write(server.at("config.toml"), config).unwrap();
        let args = ["--config", &at("config.toml"), "--env", "prod", "--lang", "zh"];
        let short = [("XDG_RUNTIME_DIR", server.dir.path().to_str().unwrap())];
        let pty = Pty::sized((120, 40), Path::new(env!("CARGO_BIN_EXE_opsdeck")), &args, &short);
        let links = format!("/opsdeck/p{}-", pty.pid().as_raw_nonzero());
        Some(Console { pty, server, links })
    }

    /// From here on the server's docker answers, or does not.
    fn docker_answers(&self, it_does: bool) {
        let slow = self.server.at("slow");
        match it_does {
            true => std::fs::remove_file(slow).unwrap(),
            false => std::fs::write(slow, "").unwrap(),
        }
    }

    /// Kills the process that carries the link.
    fn cut(&self) {
        let ssh = with_argument(&self.links);
        assert_eq!(ssh.len(), 1, "{}", self.links);
        signal_to(ssh[0], Signal::KILL);
    }

    fn sees(&mut self, text: &str) {
        self.pty.sees(text);
    }

    /// A whole answer of a moment ago, and the stream of jobs says that it is there.
    fn comes_back(&mut self) {
        self.pty.wait("an answer", |s| {
            let text = s.contents();
            text.contains("，用时 ") && !text.contains("连接断了") && !text.contains("未知  连接")
        });
        self.pty.press(JOBS);
        self.sees("服务器 0 秒前还在回话");
    }
}

#[test]
fn a_link_that_is_cut_is_told_on_the_screen_that_is_open_whatever_is_done_over_it() {
    let Some(mut console) = Console::open() else { return };
    // during the first look, nothing else being open
    console.pty.press(JOBS);
    console.sees("正在检查，已 2 秒");
    console.cut();
    console.sees("连接断了：下面是 ");
    console.docker_answers(true);
    console.comes_back();
    // while the jobs are followed
    for screen in [JOBS, OVERVIEW] {
        console.pty.press(screen);
        console.cut();
        console.sees("连接断了：下面是 ");
        console.comes_back();
    }
    // during another look: half of it is not shown as the whole
    console.docker_answers(false);
    console.pty.press(PACKS);
    console.pty.press(F5);
    console.sees("正在再检查，已 2 秒");
    console.cut();
    console.sees("连接断了：下面是 ");
    console.docker_answers(true);
    console.comes_back();
    // while a log is followed
    console.pty.press(LOGS);
    console.sees("Docker 没有应答");
    console.cut();
    console.sees("秒后从断开处接上");
    console.pty.press(OVERVIEW);
    console.comes_back();
    console.pty.press(OVERVIEW);
    console.pty.is_at("总览");
    console.pty.press("q");
    console.sees("选一个环境");
    assert_eq!(console.pty.quit().exit_code(), 0);
}
