//! On a real terminal: a password is typed unseen and the terminal comes back as it was; the width of ambiguous
//! characters is what the terminal says.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]
use opsdeck::config::model::SecretSource;
use opsdeck::config::secret::SecretErrorKind;
use opsdeck::i18n::Lang;
use opsdeck::text;
use portable_pty::{CommandBuilder, PtySize, native_pty_system};
use std::io::{Read, Write};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

const TYPED: &str = "Zq 密码,=9";
/// Set for the copy of this program that runs on the terminal of the test.
const CHILD: &str = "OPSDECK_TEST_PROMPT";

/// A program on a terminal, and what it printed so far.
struct Terminal {
    input: Box<dyn Write + Send>,
    output: Receiver<Vec<u8>>,
    child: Box<dyn portable_pty::Child + Send + Sync>,
    _pty: Box<dyn portable_pty::MasterPty + Send>,
    seen: String,
}

impl Terminal {
    fn new(command: CommandBuilder) -> Terminal {
        let size = PtySize { rows: 30, cols: 100, pixel_width: 0, pixel_height: 0 };
        let pair = native_pty_system().openpty(size).unwrap();
        let child = pair.slave.spawn_command(command).unwrap();
        drop(pair.slave);
        let mut reader = pair.master.try_clone_reader().unwrap();
        let (send, output) = channel();
        std::thread::spawn(move || {
            let mut bytes = [0; 4096];
            while let Ok(n @ 1..) = reader.read(&mut bytes) {
                let _ = send.send(bytes[..n].to_vec());
            }
        });
        let input = pair.master.take_writer().unwrap();
        Terminal { input, output, child, _pty: pair.master, seen: String::new() }
    }

    /// Waits until the text was printed.
    fn until(&mut self, text: &str) {
        while !self.seen.contains(text) {
            let more = self.output.recv_timeout(Duration::from_secs(20));
            let more = more.unwrap_or_else(|_| panic!("{text} did not come: {:?}", self.seen));
            self.seen.push_str(&String::from_utf8_lossy(&more));
        }
    }

    fn send(&mut self, bytes: &[u8]) {
        self.input.write_all(bytes).unwrap();
        self.input.flush().unwrap();
    }

    /// Everything it printed, and its exit code.
    fn end(mut self) -> (String, u32) {
        while let Ok(more) = self.output.recv_timeout(Duration::from_secs(20)) {
            self.seen.push_str(&String::from_utf8_lossy(&more));
        }
        let code = self.child.wait().unwrap().exit_code();
        (self.seen, code)
    }
}

/// Not a test of its own: what runs on the terminal of the others.
#[test]
fn asks_on_the_terminal_when_it_is_the_child() {
    if std::env::var_os(CHILD).is_none() {
        return;
    }
    let modes = || {
        let tty = std::fs::File::open("/dev/tty").ok()?;
        Some(rustix::termios::tcgetattr(&tty).unwrap().local_modes)
    };
    let before = modes();
    let word = match SecretSource::Prompt.fetch(&text!("共享密码", "share password"), Lang::Zh) {
        Ok(secret) if secret.bytes_for_stdin() == TYPED.as_bytes() => "GOT-IT",
        Ok(_) => "ANOTHER",
        Err(e) => match e.kind {
            SecretErrorKind::Cancelled => "CANCELLED",
            SecretErrorKind::Missing => "NO-TERMINAL",
            _ => "REFUSED",
        },
    };
    println!("\n{word} {}", if modes() == before { "RESTORED" } else { "CHANGED" });
}

fn prompt() -> Terminal {
    let mut command = CommandBuilder::new(std::env::current_exe().unwrap());
    command.args(["--exact", "asks_on_the_terminal_when_it_is_the_child", "--nocapture"]);
    command.env(CHILD, "1");
    let mut terminal = Terminal::new(command);
    terminal.until("共享密码: ");
    terminal
}

#[test]
fn a_password_is_typed_unseen_and_can_be_corrected() {
    let mut terminal = prompt();
    terminal.send(format!("wrong\u{15}{TYPED}密\u{7f}\r").as_bytes());
    let (seen, _) = terminal.end();
    assert!(seen.contains("GOT-IT RESTORED"), "{seen}");
    assert!(!seen.contains("Zq") && !seen.contains("wrong"), "{seen}");
}

#[test]
fn giving_up_is_heard_at_once_and_restores_the_terminal() {
    for key in [b"ab\x03", &b"\x04"[..], b"\x1c", b"x\x1a"] {
        let mut terminal = prompt();
        terminal.send(key);
        let (seen, _) = terminal.end();
        assert!(seen.contains("CANCELLED RESTORED"), "{key:?}: {seen}");
    }
}

#[test]
fn what_is_no_password_restores_the_terminal_too() {
    for typed in ["\r".to_owned(), format!("{}\r", "x".repeat(400)), "a\tb\r".to_owned()] {
        let mut terminal = prompt();
        terminal.send(typed.as_bytes());
        let (seen, _) = terminal.end();
        assert!(seen.contains("REFUSED RESTORED"), "{typed:?}: {seen}");
    }
}

#[test]
fn without_a_terminal_it_says_so_and_does_not_wait() {
    // setsid leaves the child without a terminal
    let mut command = std::process::Command::new("setsid");
    command.arg("--wait").arg(std::env::current_exe().unwrap());
    command.args(["--exact", "asks_on_the_terminal_when_it_is_the_child", "--nocapture"]);
    let output = command.env(CHILD, "1").stdin(std::process::Stdio::null()).output().unwrap();
    let said = String::from_utf8(output.stdout).unwrap();
    assert!(said.contains("NO-TERMINAL"), "{said}");
}

/// `opsdeck doctor` on a terminal that answers where its cursor is with `answer`, or not at all. On the way, what
/// the process allows others: no bits of the umask, no core file.
fn doctor(answer: Option<&str>) -> String {
    let home = tempfile::tempdir().unwrap();
    let mut command = CommandBuilder::new(env!("CARGO_BIN_EXE_opsdeck"));
    command.args(["doctor", "--lang", "en"]);
    command.env_clear();
    command.env("PATH", std::env::var_os("PATH").unwrap());
    command.env("HOME", home.path());
    command.env("TERM", "xterm-256color");
    command.cwd(home.path());
    let mut terminal = Terminal::new(command);
    terminal.until("\u{1b}[6n");
    let proc = format!("/proc/{}", terminal.child.process_id().unwrap());
    let status = std::fs::read_to_string(format!("{proc}/status")).unwrap();
    assert!(status.contains("Umask:\t0077"), "{status}");
    let limits = std::fs::read_to_string(format!("{proc}/limits")).unwrap();
    let core = limits.lines().find(|l| l.starts_with("Max core file size")).unwrap();
    assert_eq!(core.split_whitespace().skip(4).take(2).collect::<Vec<_>>(), ["0", "0"], "core dumps are on");
    if let Some(answer) = answer {
        terminal.send(answer.as_bytes());
    }
    terminal.end().0
}

#[test]
fn the_terminal_says_how_wide_an_ambiguous_character_is() {
    let narrow = doctor(Some("\u{1b}[7;2R"));
    assert!(narrow.contains("take one column") && narrow.contains("xterm-256color, 100x30"), "{narrow}");
    let wide = doctor(Some("\u{1b}[7;3R"));
    assert!(wide.contains("take two columns") && wide.contains("WARNING  character width"), "{wide}");
    let nonsense = doctor(Some("\u{1b}[7;40R"));
    assert!(nonsense.contains("UNKNOWN  character width"), "{nonsense}");
    let silent = doctor(None);
    assert!(silent.contains("UNKNOWN  character width") && silent.contains("did not answer"), "{silent}");
}
