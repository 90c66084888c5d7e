//! The console itself, in a terminal, against the lab: real sshd, Docker, CIFS and Samba, while the link is cut under it.
//! What an operator sees, and that nothing stays on the servers.
//!
//! Needs the lab to be up (`tests/lab/lab up`); see `on_lab.rs` for where it is not.
// helpers of tests fail by panicking, as tests do
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

#[path = "common/lab.rs"]
mod lab;
#[path = "ssh/processes.rs"]
#[allow(unreachable_pub, dead_code)]
mod processes;
#[path = "common/pty.rs"]
mod pty;

use lab::{lab, on_server, with_lab};
use processes::{signal_to, with_argument};
use pty::Pty;
use rustix::process::Signal;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use vt100::{Color, Screen};

/// Longer than anything here takes in a server without hardware support.
const LIMIT: Duration = Duration::from_secs(300);
/// Wide enough for two environments.
const WINDOW: (u16, u16) = (160, 45);
/// Where the second environment begins.
const BESIDE: u16 = 80;
/// Looks until one of them must find all well.
const TRIES: usize = 5;
const F5: &str = "\x1b[15~";
const F6: &str = "\x1b[17~";
const F8: &str = "\x1b[19~";

/// The console, opened at prod.
struct Console {
    pty: Pty,
    /// `XDG_STATE_HOME`, and the configuration.
    state: tempfile::TempDir,
    /// What the paths of its links' files begin with.
    links: String,
}

impl Console {
    fn open() -> Console {
        let state = tempfile::tempdir().unwrap();
        let config = state.path().join("lab.toml");
        std::fs::write(&config, roomy()).unwrap();
        let args = ["--config", config.to_str().unwrap(), "--env", "prod", "--lang", "zh"];
        let kept = [("XDG_STATE_HOME", state.path().to_str().unwrap())];
        let pty = Pty::sized(WINDOW, Path::new(env!("CARGO_BIN_EXE_opsdeck")), &args, &kept).patient(LIMIT);
        let links = format!("/opsdeck/p{}-", pty.pid().as_raw_nonzero());
        Console { pty, state, links }
    }

    /// Opened, and all is well.
    fn good() -> Console {
        let mut console = Console::open();
        console.comes_good(0);
        console
    }

    /// All is well with the environment there. A server that has just begun, on a busy machine, may be too slow for the
    /// limits of a look: then it is looked at again, as an operator does.
    fn comes_good(&mut self, from: u16) {
        for _ in 0..TRIES {
            self.pty.wait("an answer", |s| is_answered(s, from));
            if is_good(self.pty.screen(), from) {
                return;
            }
            eprintln!("looked at again:\n{}", self.pty.screen().contents());
            self.pty.press(F5);
            self.pty.wait("it is asked again", |s| !is_answered(s, from));
        }
        panic!("it never was good");
    }

    /// Kills the process that carries the link, and no other console's.
    fn cut(&self) {
        let ssh = with_argument(&self.links);
        assert_eq!(ssh.len(), 1, "{}", self.links);
        signal_to(ssh[0], Signal::KILL);
    }

    /// From an overview, as an operator does it; and nothing stays, here or there.
    fn leave(mut self) {
        self.pty.press("q");
        self.pty.sees("选一个环境");
        assert_eq!(self.pty.quit().exit_code(), 0);
        self.pty.is_given_back().unwrap();
        assert!(with_argument(&self.links).is_empty(), "a link is left");
        for server in ["prod", "test"] {
            nothing_left(server);
        }
        WELL.store(true, Ordering::SeqCst);
    }
}

impl Drop for Console {
    /// What the console wrote down, for whoever has to find out.
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("{}", self.pty.log_in(&self.state.path().join("opsdeck/log")));
        }
    }
}

/// The lab's configuration, which does not mind how full the disk below the lab is.
fn roomy() -> String {
    let lab = lab::config();
    let folder = lab.parent().unwrap().canonicalize().unwrap();
    let at = |key: &str| (format!("{key} = \""), format!("{key} = \"{}/", folder.display()));
    let mut text = std::fs::read_to_string(&lab).unwrap();
    for (relative, absolute) in [at("known_hosts"), at("file")] {
        text = text.replace(&relative, &absolute);
    }
    text + "\n[thresholds]\ndisk_warn_percent = 98\ndisk_fail_percent = 99\n"
}

/// Waits, on the server, until nothing of the console runs there; what runs in a container is a process of its server, too.
fn nothing_left(server: &str) {
    let left = on_server(
        server,
        "for i in $(seq 120); do
            left=$(pgrep -fa '[o]psdeck|[c]ompile.text|[d]ocker (exec|logs|inspect|ps)|[j]ournalctl -q'
                pgrep -a python | grep -v 'python -m backend.app.main'
                ls /run/[o]psdeck 2>&1 | grep -vx -e reader -e '.*No such file.*')
            [ -n \"$left\" ] || exit 0; sleep 0.5
        done; echo \"$left\"",
    );
    assert_eq!(left, "", "left on {server}");
}

/// The lab as the test before this one left it, which is well unless it failed.
static WELL: AtomicBool = AtomicBool::new(false);

/// Both servers are well.
fn healthy() {
    if !WELL.swap(false, Ordering::SeqCst) {
        let out = lab(&["reset"]);
        assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
    }
}

/// The rows of the screen, from a column on, as far as one environment goes there.
fn rows(s: &Screen, from: u16) -> Vec<String> {
    s.rows(from, if from == 0 && !is_halved(s) { WINDOW.0 } else { BESIDE - 1 }).collect()
}

/// Two environments stand side by side.
fn is_halved(s: &Screen) -> bool {
    s.rows(BESIDE, BESIDE).nth(2).is_some_and(|names| names.contains("TEST"))
}

fn is_green(s: &Screen, row: usize, column: u16) -> bool {
    let row = u16::try_from(row).unwrap();
    // the end of a letter that was there may keep its colour, and nobody sees it
    s.cell(row, column)
        .is_some_and(|cell| cell.fgcolor() == Color::Idx(2) && !cell.contents().trim().is_empty())
}

/// What is found earlier is never green.
fn has_green(s: &Screen) -> bool {
    (0..usize::from(WINDOW.1)).any(|row| (0..WINDOW.0).any(|column| is_green(s, row, column)))
}

/// The environment that begins at a column was looked at a moment ago, and each of its checks is good.
fn is_good(s: &Screen, from: u16) -> bool {
    let rows = rows(s, from);
    let backup = rows.iter().position(|r| r.starts_with(" [+] 正常  昨夜的备份已在 Windows 上"));
    let all = rows.iter().find_map(|r| r.split_once(" 项检查：正常 "));
    backup.is_some_and(|row| is_green(s, row, from + 1))
        && all.is_some_and(|(all, good)| all.trim() == good.trim())
        && is_answered(s, from)
}

/// The environment that begins at a column was looked at a moment ago.
fn is_answered(s: &Screen, from: u16) -> bool {
    rows(s, from).iter().any(|r| r.starts_with("---") && r.contains("，用时 "))
}

/// The link is lost: how old the rest is, and when it is tried again.
fn is_lost(s: &Screen) -> bool {
    let said = |r: &String| {
        let (_, rest) = r.split_once("--- 连接断了：下面是 ")?;
        let (age, rest) = rest.split_once("的结果；")?;
        let (wait, _) = rest.split_once(" 秒后自动再试")?;
        (age.ends_with('前') || age == "刚刚").then_some(wait.parse::<u32>().ok())
    };
    rows(s, 0).iter().any(|r| said(r).is_some())
}

#[test]
fn two_good_servers_stand_side_by_side_and_keep_nothing_of_it() {
    let Some(_lab) = with_lab() else { return };
    healthy();
    let mut console = Console::open();
    let names = |s: &Screen, open: [&str; 2]| {
        let name = |from, open: &str, name: &str| rows(s, from)[2].starts_with(&format!("{open} {name}"));
        is_halved(s) && name(0, open[0], "■ 正式 PROD") && name(BESIDE, open[1], "□ 测试 TEST")
    };
    console.comes_good(0);
    assert!(names(console.pty.screen(), [">", " "]), "{}", console.pty.screen().contents());
    assert!(rows(console.pty.screen(), 0)[0].contains("■ 正式 PROD"));
    let other = rows(console.pty.screen(), BESIDE).concat();
    assert!(other.contains("没有连接 127.0.0.1"), "nobody went there: {other}");
    console.pty.press("o");
    console.pty.wait("good answers of both", |s| names(s, [" ", ">"]) && is_good(s, 0) && is_good(s, BESIDE));
    assert!(rows(console.pty.screen(), 0)[0].contains("□ 测试 TEST"));
    console.leave();
}

#[test]
fn a_link_that_is_lost_leaves_what_was_found_with_its_age_and_comes_back_by_itself() {
    let Some(_lab) = with_lab() else { return };
    healthy();
    let mut console = Console::good();
    // a link that is lost before anything uses it is made again without a word
    console.pty.press(F6);
    console.pty.sees("前还在回话");
    console.pty.press("1");
    console.pty.wait("the overview", |s| is_good(s, 0));
    console.cut();
    console.pty.wait("the link is lost", |s| is_lost(s) && !has_green(s));
    let said = console.pty.screen().contents();
    assert!(said.contains("[?] 未知  连接") && said.contains("昨夜的备份已在 Windows 上"), "{said}");
    // no key is pressed
    console.pty.wait("it is asked again", |s| s.contents().contains("正在再检查") && !has_green(s));
    console.comes_good(0);
    console.leave();
}

/// The number that a line of the log ends with.
fn number(line: &str, tag: &str) -> Option<usize> {
    line.trim_end().rsplit_once(tag)?.1.trim().parse().ok()
}

#[test]
fn a_log_that_is_saved_has_each_line_once_whatever_happened_meanwhile() {
    const LINES: usize = 400;
    let Some(_lab) = with_lab() else { return };
    healthy();
    let mut console = Console::open();
    let tag = format!("opsdeck-console-{} ", console.pty.pid().as_raw_nonzero());
    console.pty.press(F8);
    console.pty.sees("容器 ragflowauth-backend   跟随中");
    let say = |from, to| {
        let lines =
            format!("i={from}; while [ $i -lt {to} ]; do echo '{tag}'$i; i=$((i+1)); sleep 0.02; done");
        format!(
            "docker exec ragflowauth-backend sh -c \"{}\"",
            (lines + " >/proc/1/fd/1").replace('$', "\\$")
        )
    };
    let script = format!(
        "set -e; {}; docker restart -t 2 ragflowauth-backend
        until docker exec ragflowauth-backend true 2>/dev/null; do sleep 0.2; done; {}",
        say(0, LINES / 2),
        say(LINES / 2, LINES)
    );
    let server = std::thread::spawn(move || on_server("prod", &script));
    let last = |s: &Screen| rows(s, 0).iter().rev().find_map(|r| number(r, &tag));
    // before the restart, and after it
    for so_far in [LINES / 8, LINES * 3 / 4] {
        console.pty.wait("lines", |s| last(s) >= Some(so_far));
        console.cut();
        console.pty.sees(" 秒后从断开处接上");
    }
    console.pty.wait("the last line", |s| last(s) == Some(LINES - 1));
    server.join().unwrap();
    console.pty.press("s");
    console.pty.sees("已存到");
    let folder = console.state.path().join("opsdeck/saved");
    let saved: Vec<_> = std::fs::read_dir(folder).unwrap().map(|f| f.unwrap().path()).collect();
    let [saved] = saved.as_slice() else { panic!("{saved:?}") };
    let saved = std::fs::read_to_string(saved).unwrap();
    let head = saved.lines().next().unwrap();
    assert!(head.starts_with("opsdeck  正式 (prod)  127.0.0.1:") && head.ends_with("  ragflowauth-backend"));
    let numbers: Vec<usize> = saved.lines().filter_map(|l| number(l, &tag)).collect();
    assert!(numbers.iter().copied().eq(0..LINES), "{saved}");
    let said = |what: &str| saved.matches(what).count();
    assert_eq!((said("-- 连接断了，正在重新连接"), said("-- 已重新连上")), (2, 2), "{saved}");
    // not said when it happened while the link was away
    assert!(said("重新启动") <= 1, "{saved}");
    console.pty.press("1");
    console.pty.sees("> 总览");
    console.leave();
}

/// What the screen of jobs showed of a backup, in the order in which it did.
#[derive(Debug, Default)]
struct Seen {
    job: String,
    steps: Vec<String>,
    bytes: Vec<String>,
}

impl Seen {
    fn take(&mut self, s: &Screen) {
        for row in rows(s, 0) {
            let step = row.split_once("任务 #").and_then(|(_, rest)| rest.split_once("（增量）："));
            if let Some((job, step)) = step.and_then(|(job, rest)| Some((job, rest.split_once("，已 ")?.0)))
            {
                self.job = format!("#{job}");
                keep(&mut self.steps, step);
            }
            let bytes = row.split_once("，平时约").and_then(|(before, _)| before.rsplit_once("%"));
            if let Some((_, bytes)) = bytes {
                keep(&mut self.bytes, bytes.trim());
            }
        }
    }
}

fn keep(all: &mut Vec<String>, one: &str) {
    if all.last().is_none_or(|last| last != one) {
        eprintln!("{one}");
        all.push(one.to_owned());
    }
}

#[test]
fn a_backup_is_seen_to_its_end_over_a_lost_link_and_then_the_server_is_looked_at() {
    let Some(_lab) = with_lab() else { return };
    healthy();
    let mut console = Console::good();
    console.pty.press(F6);
    console.pty.sees("没有进行中的备份");
    assert!(lab(&["speed", "prod", "200000", "1", "3"]).status.success());
    assert!(lab(&["backup", "prod", "incremental"]).status.success());
    let mut seen = Seen::default();
    console.pty.wait("it grows", |s| {
        seen.take(s);
        seen.bytes.len() >= 3
    });
    console.cut();
    console.pty.wait("the link is lost", |s| is_lost(s) && !has_green(s));
    let said = console.pty.screen().contents();
    assert!(said.contains(&seen.job), "{said}");
    let before = seen.bytes.len();
    console.pty.wait("it goes on", |s| {
        seen.take(s);
        seen.bytes.len() >= before + 2 && !s.contents().contains("连接断了")
    });
    let ended = format!(" 任务 {}（增量）刚刚结束", seen.job);
    console.pty.wait("its end", |s| {
        seen.take(s);
        rows(s, 0).iter().any(|r| r.contains(&ended))
    });
    // its row is good only by a look that was taken after its end, and nobody asked for one
    let is_whole = |r: &String| r.contains("[+] 正常") && r.contains(&seen.job) && r.contains("完成");
    console.pty.wait("its pack", |s| rows(s, 0).iter().any(is_whole));
    assert!(seen.steps.len() > 3 && seen.bytes.len() > 5, "{seen:?}");
    console.pty.press("1");
    console.pty.wait("a good answer", |s| is_good(s, 0));
    assert!(lab(&["speed", "prod", "0"]).status.success());
    console.leave();
}
