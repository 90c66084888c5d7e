//! The console as a program: how soon its first picture is there, and what it costs while nobody touches it.
//!
//! `cargo bench --bench console` prints, each beside something else that was measured in the same run:
//! - from exec to the first picture, beside `sh` printing the same words in the same kind of terminal;
//! - from a key to the next picture while a look waits for a share that hangs, beside the same keys typed at `cat`;
//! - CPU time and wake-ups of 30 idle seconds, in the list and on an open overview, beside `top` refreshed each second.
//!
//! Only the list of environments and the built-in servers are opened: no connection is made.
// a benchmark fails by panicking
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]
use portable_pty::{Child, CommandBuilder, MasterPty, PtySize, native_pty_system};
use std::io::{Read, Write};
use std::num::NonZero;
use std::path::Path;
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

const PROGRAM: &str = env!("CARGO_BIN_EXE_opsdeck");
const WORDS: &str = "选一个环境";
const COLUMNS: u16 = 160;
const ROWS: u16 = 45;
const STARTS: usize = 40;
const KEYS: usize = 100;
const IDLE: Duration = Duration::from_secs(30);

struct Started {
    child: Box<dyn Child + Send + Sync>,
    master: Box<dyn MasterPty + Send>,
    bytes: Receiver<Vec<u8>>,
    screen: vt100::Parser,
    began: Instant,
}

impl Started {
    #[allow(clippy::disallowed_methods)]
    fn new(program: &str, args: &[&str], state: &Path) -> Started {
        let size = PtySize { rows: ROWS, cols: COLUMNS, pixel_width: 0, pixel_height: 0 };
        let pair = native_pty_system().openpty(size).unwrap();
        let mut command = CommandBuilder::new(program);
        command.args(args);
        command.env("XDG_STATE_HOME", state);
        command.env("TERM", "xterm-256color");
        command.env("LANG", "zh_CN.UTF-8");
        command.env("NO_COLOR", "");
        command.cwd(env!("CARGO_MANIFEST_DIR"));
        let mut reader = pair.master.try_clone_reader().unwrap();
        let (send, bytes) = channel();
        std::thread::spawn(move || {
            let mut piece = [0; 65536];
            while let Ok(n @ 1..) = reader.read(&mut piece) {
                if send.send(piece[..n].to_vec()).is_err() {
                    return;
                }
            }
        });
        let began = Instant::now();
        let child = pair.slave.spawn_command(command).unwrap();
        Started {
            child,
            master: pair.master,
            bytes,
            screen: vt100::Parser::new(NonZero::new(ROWS).unwrap(), NonZero::new(COLUMNS).unwrap(), 0),
            began,
        }
    }

    /// Milliseconds from exec until these words stood on the screen.
    #[allow(clippy::disallowed_methods)]
    fn until(&mut self, words: &str) -> f64 {
        while !self.screen.screen().contents().contains(words) {
            let more = self.bytes.recv_timeout(Duration::from_secs(30)).expect("the words");
            self.screen.process(&more);
        }
        self.began.elapsed().as_secs_f64() * 1000.0
    }

    fn types(&mut self, keys: &str) {
        self.master.take_writer().unwrap().write_all(keys.as_bytes()).unwrap();
    }

    /// Milliseconds from a key to the first bytes that it brings, each key when the last one was answered.
    #[allow(clippy::disallowed_methods)]
    fn answers(&mut self, key: &str, times: usize) -> Vec<f64> {
        let mut writer = self.master.take_writer().unwrap();
        let mut all = Vec::new();
        for _ in 0..times {
            // what came by itself is no answer
            while self.bytes.recv_timeout(Duration::from_millis(30)).is_ok() {}
            let began = Instant::now();
            writer.write_all(key.as_bytes()).unwrap();
            self.bytes.recv_timeout(Duration::from_secs(30)).expect("an answer");
            all.push(began.elapsed().as_secs_f64() * 1000.0);
        }
        all.sort_by(f64::total_cmp);
        all
    }

    /// CPU milliseconds and wake-ups so far, of all threads.
    fn spent(&self) -> (f64, u64) {
        let pid = self.child.process_id().unwrap();
        let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap();
        let fields: Vec<&str> = stat.rsplit(") ").next().unwrap().split(' ').collect();
        // utime and stime, in hundredths of a second
        let ticks: u64 = fields[11].parse::<u64>().unwrap() + fields[12].parse::<u64>().unwrap();
        let mut wakes = 0;
        for task in std::fs::read_dir(format!("/proc/{pid}/task")).unwrap() {
            let status = std::fs::read_to_string(task.unwrap().path().join("status")).unwrap_or_default();
            let line = status.lines().find(|l| l.starts_with("voluntary_ctxt_switches"));
            wakes += line.and_then(|l| l.split_whitespace().nth(1)?.parse::<u64>().ok()).unwrap_or(0);
        }
        (ticks as f64 * 10.0, wakes)
    }

    fn end(mut self) {
        // ours alone, by its handle
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn quantile(sorted: &[f64], q: f64) -> f64 {
    sorted[((sorted.len() - 1) as f64 * q).round() as usize]
}

fn starts(name: &str, program: &str, args: &[&str], state: &Path) -> f64 {
    let mut all: Vec<f64> = (0..STARTS)
        .map(|_| {
            let mut started = Started::new(program, args, state);
            let ms = started.until(WORDS);
            started.end();
            ms
        })
        .collect();
    all.sort_by(f64::total_cmp);
    let (p50, p99) = (quantile(&all, 0.5), quantile(&all, 0.99));
    println!("{name:<44} p50 {p50:7.2} ms   p99 {p99:7.2} ms");
    p50
}

/// The 99th percentile, in milliseconds, of answers to a key.
fn keys(name: &str, program: &str, args: &[&str], ready: &str, key: &str, state: &Path) -> f64 {
    let mut started = Started::new(program, args, state);
    if !ready.is_empty() {
        started.until(ready);
    }
    let all = started.answers(key, KEYS);
    started.end();
    let (p50, p99) = (quantile(&all, 0.5), quantile(&all, 0.99));
    println!("{name:<44} p50 {p50:7.2} ms   p99 {p99:7.2} ms");
    p99
}

/// CPU milliseconds of the idle time.
#[allow(clippy::disallowed_methods)]
fn idle(name: &str, program: &str, args: &[&str], ready: &str, keys: &str, state: &Path) -> f64 {
    let mut started = Started::new(program, args, state);
    started.until(ready);
    if !keys.is_empty() {
        started.types(keys);
    }
    // whatever follows a start is over
    std::thread::sleep(Duration::from_secs(5));
    let before = started.spent();
    std::thread::sleep(IDLE);
    let after = started.spent();
    started.end();
    let (cpu, wakes) = (after.0 - before.0, after.1 - before.1);
    let per_s = wakes as f64 / IDLE.as_secs_f64();
    println!("{name:<44} CPU {cpu:7.0} ms   wake-ups {wakes:5} ({per_s:.1} a second)");
    cpu
}

fn main() {
    // `cargo test --benches` only asks whether it builds
    if !std::env::args().any(|a| a == "--bench") {
        return;
    }
    let home = tempfile::tempdir().unwrap();
    let state = home.path();
    println!("from exec to the first picture, {STARTS} starts each");
    let print = format!("printf '{WORDS}'");
    let sh = starts("sh printing the same words", "/bin/sh", &["-c", &print], state);
    let real = starts("opsdeck, environments.toml", PROGRAM, &["--config", "environments.toml"], state);
    let demo = starts("opsdeck --demo (lays the built-in servers)", PROGRAM, &["--demo"], state);
    println!("ratio to sh: {:.1} and {:.1} with --demo; target: 30 ms\n", real / sh, demo / sh);
    println!("from a key to the next picture, {KEYS} keys each");
    let cat = keys("cat, whose terminal echoes", "cat", &[], "", "x", state);
    let hung = ["--demo=share-hung", "--env", "prod"];
    // F12: another language, and so another picture
    let hung = keys("opsdeck, while the share hangs", PROGRAM, &hung, "1 总览", "\x1b[24~", state);
    println!("ratio of p99 to cat: {:.1}; target: 100 ms\n", hung / cat);
    println!("{} idle seconds", IDLE.as_secs());
    let top = idle("top, each second", "top", &["-d", "1"], "PID", "", state);
    let list = idle("opsdeck, list of environments", PROGRAM, &["--demo"], WORDS, "", state);
    let open = idle("opsdeck, an open overview", PROGRAM, &["--demo"], WORDS, "\r", state);
    println!("ratio of CPU to top: {:.2} in the list, {:.2} on the overview", list / top, open / top);
}
