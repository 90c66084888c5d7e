//! A program in a terminal of its own: what it wrote, as a terminal would show it.
#![allow(dead_code, clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]
// a wait has an end, however much is drawn meanwhile
#![allow(clippy::disallowed_methods)]
use portable_pty::{Child, CommandBuilder, ExitStatus, MasterPty, PtySize, SlavePty, native_pty_system};
use std::io::{Read, Write};
use std::num::NonZero;
use std::path::Path;
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

/// Long enough for a busy machine: a test that waits this long has failed.
const PATIENCE: Duration = Duration::from_secs(60);

/// Keys as a terminal sends them.
pub(crate) const DOWN: &str = "\x1b[B";
pub(crate) const F1: &str = "\x1bOP";
pub(crate) const F3: &str = "\x1bOR";
pub(crate) const F4: &str = "\x1bOS";
pub(crate) const F5: &str = "\x1b[15~";
pub(crate) const F9: &str = "\x1b[20~";
pub(crate) const F10: &str = "\x1b[21~";
pub(crate) const F12: &str = "\x1b[24~";

pub(crate) struct Pty {
    parser: vt100::Parser,
    output: Receiver<Vec<u8>>,
    keys: Box<dyn Write + Send>,
    master: Box<dyn MasterPty + Send>,
    /// Keeps the terminal there after the program.
    slave: Box<dyn SlavePty + Send>,
    child: Box<dyn Child + Send + Sync>,
    before: String,
    /// Every byte that the program wrote and that was waited for.
    pub(crate) raw: Vec<u8>,
    patience: Duration,
    pub(crate) home: tempfile::TempDir,
}

impl Pty {
    /// Starts a program in an 80x24 terminal, in a home of its own.
    pub(crate) fn start(program: &Path, args: &[&str], more: &[(&str, &str)]) -> Pty {
        Pty::sized((80, 24), program, args, more)
    }

    /// In a terminal of so many columns and rows.
    pub(crate) fn sized(
        (width, height): (u16, u16),
        program: &Path,
        args: &[&str],
        more: &[(&str, &str)],
    ) -> Pty {
        let home = tempfile::tempdir().unwrap();
        let pair = native_pty_system().openpty(size(width, height)).unwrap();
        let mut command = CommandBuilder::new(program);
        command.args(args);
        command.env_clear();
        let at_home = home.path().to_str().unwrap();
        for (name, value) in [
            ("PATH", std::env::var("PATH").unwrap().as_str()),
            ("HOME", at_home),
            ("XDG_RUNTIME_DIR", at_home),
            ("TERM", "xterm-256color"),
            ("LC_ALL", "C.UTF-8"),
            ("PS1", "shell> "),
        ] {
            command.env(name, value);
        }
        for (name, value) in more {
            command.env(name, value);
        }
        command.cwd(home.path());
        let before = format!("{:?}", pair.master.get_termios());
        let child = pair.slave.spawn_command(command).unwrap();
        let mut reader = pair.master.try_clone_reader().unwrap();
        let (send, output) = channel();
        std::thread::spawn(move || {
            let mut bytes = [0; 4096];
            while let Ok(count) = reader.read(&mut bytes) {
                if count == 0 || send.send(bytes[..count].to_vec()).is_err() {
                    return;
                }
            }
        });
        Pty {
            parser: vt100::Parser::new(NonZero::new(height).unwrap(), NonZero::new(width).unwrap(), 0),
            output,
            keys: pair.master.take_writer().unwrap(),
            master: pair.master,
            slave: pair.slave,
            child,
            before,
            raw: Vec::new(),
            patience: PATIENCE,
            home,
        }
    }

    /// For what takes longer than here: a server.
    pub(crate) fn patient(self, patience: Duration) -> Pty {
        Pty { patience, ..self }
    }

    pub(crate) fn console(args: &[&str]) -> Pty {
        Pty::start(Path::new(env!("CARGO_BIN_EXE_opsdeck")), args, &[])
    }

    pub(crate) fn press(&mut self, keys: &str) {
        self.keys.write_all(keys.as_bytes()).unwrap();
        self.keys.flush().unwrap();
    }

    pub(crate) fn resize(&mut self, width: u16, height: u16) {
        if let (Some(height), Some(width)) = (NonZero::new(height), NonZero::new(width)) {
            self.parser.screen_mut().set_size(height, width);
        }
        self.master.resize(size(width, height)).unwrap();
    }

    pub(crate) fn screen(&self) -> &vt100::Screen {
        self.parser.screen()
    }

    /// Waits until the screen is so.
    pub(crate) fn wait(&mut self, what: &str, mut so: impl FnMut(&vt100::Screen) -> bool) {
        let since = opsdeck::clock::timer();
        while !so(self.parser.screen()) {
            let waited = opsdeck::clock::timer().saturating_duration_since(since);
            match self.output.recv_timeout(self.patience.saturating_sub(waited)) {
                Ok(bytes) => {
                    self.parser.process(&bytes);
                    self.raw.extend(bytes);
                }
                Err(e) => panic!("{e}: never came to {what}:\n{}", self.screen().contents()),
            }
        }
    }

    pub(crate) fn sees(&mut self, text: &str) {
        self.wait(text, |s| s.contents().contains(text));
    }

    /// What the program wrote into its diagnostic log; whole only after its end.
    pub(crate) fn log(&self) -> String {
        self.log_in(&self.home.path().join(".local/state/opsdeck/log"))
    }

    /// The same, where its state is not in its home.
    pub(crate) fn log_in(&self, folder: &Path) -> String {
        let files = std::fs::read_dir(folder).unwrap().map(|f| f.unwrap().path());
        let logs = files.filter(|f| f.extension().is_some_and(|e| e == "jsonl"));
        logs.map(|f| std::fs::read_to_string(f).unwrap()).collect()
    }

    /// Leaves as an operator does: from the list of environments, and says yes.
    pub(crate) fn quit(&mut self) -> ExitStatus {
        self.press("q");
        self.answer_yes();
        self.end()
    }

    /// Says yes to the question whether to leave; staying is what Enter alone would do.
    pub(crate) fn answer_yes(&mut self) {
        self.wait("the question", |s| s.contents().contains("> 留下") || s.contents().contains("> stay"));
        self.press(DOWN);
        self.wait("yes", |s| s.contents().contains("> 退出") || s.contents().contains("> quit"));
        self.press("\r");
    }

    /// Waits until the bar says that this is on the screen, and nothing over it.
    pub(crate) fn is_at(&mut self, crumbs: &str) {
        self.wait(crumbs, |s| {
            let contents = s.contents();
            let bar = contents.lines().next().unwrap_or_default();
            let parts = bar.split("  > ").skip(1).map(|c| c.split("  ").next().unwrap_or_default().trim());
            parts.collect::<Vec<_>>().join("  > ") == crumbs
        });
    }

    pub(crate) fn pid(&self) -> rustix::process::Pid {
        let pid = i32::try_from(self.child.process_id().unwrap()).unwrap();
        rustix::process::Pid::from_raw(pid).unwrap()
    }

    pub(crate) fn signal(&self, signal: rustix::process::Signal) {
        rustix::process::kill_process(self.pid(), signal).unwrap();
    }

    /// Waits for the end of the program and reads the rest of what it wrote.
    pub(crate) fn end(&mut self) -> ExitStatus {
        let mut killer = self.child.clone_killer();
        let (send, ended) = channel();
        let mut child =
            std::mem::replace(&mut self.child, Box::new(std::process::Command::new("true").spawn().unwrap()));
        std::thread::spawn(move || send.send(child.wait()));
        let Ok(status) = ended.recv_timeout(PATIENCE) else {
            let _ = killer.kill();
            panic!("it does not end:\n{}", self.screen().contents());
        };
        // a mark of our own, through the terminal: everything before it was written by the program
        let mark = "the-end-of-it";
        self.parser.process(b"\r\n");
        write_to(&*self.slave, &*self.master, mark);
        self.sees(mark);
        status.unwrap()
    }

    /// Whether the terminal is as a shell wants it.
    pub(crate) fn is_given_back(&self) -> Result<(), String> {
        let s = self.screen();
        let now = format!("{:?}", self.master.get_termios());
        for (what, wrong) in [
            ("alternate screen", s.alternate_screen()),
            ("no cursor", s.hide_cursor()),
            ("bracketed paste", s.bracketed_paste()),
            ("mouse", s.mouse_protocol_mode() != vt100::MouseProtocolMode::None),
            ("raw mode", now != self.before),
        ] {
            if wrong {
                return Err(format!("{what} is left behind:\n{}", s.contents()));
            }
        }
        Ok(())
    }
}

/// Writes to the screen as a program in the terminal would.
fn write_to(_slave: &dyn SlavePty, master: &dyn MasterPty, text: &str) {
    let name = master.tty_name().unwrap();
    let mut tty = std::fs::OpenOptions::new().write(true).open(name).unwrap();
    tty.write_all(text.as_bytes()).unwrap();
}

fn size(width: u16, height: u16) -> PtySize {
    PtySize { rows: height, cols: width, pixel_width: 0, pixel_height: 0 }
}
