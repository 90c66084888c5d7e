//! A program in a terminal of its own: what it wrote, as a terminal would show it.
use portable_pty::{Child, CommandBuilder, ExitStatus, MasterPty, PtySize, SlavePty, native_pty_system};
use std::io::{Read, Write};
use std::num::NonZero;
use std::path::Path;
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

/// Long enough for a busy machine: a test that waits this long has failed.
const PATIENCE: Duration = Duration::from_secs(60);

pub(crate) struct Pty {
    parser: vt100::Parser,
    output: Receiver<Vec<u8>>,
    keys: Box<dyn Write + Send>,
    master: Box<dyn MasterPty + Send>,
    /// Keeps the terminal there after the program.
    slave: Box<dyn SlavePty + Send>,
    child: Box<dyn Child + Send + Sync>,
    before: String,
    pub(crate) home: tempfile::TempDir,
}

impl Pty {
    /// Starts a program in an 80x24 terminal, in a home of its own.
    pub(crate) fn start(program: &Path, args: &[&str], more: &[(&str, &str)]) -> Pty {
        let home = tempfile::tempdir().unwrap();
        let pair = native_pty_system().openpty(size(80, 24)).unwrap();
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
            parser: vt100::Parser::new(NonZero::new(24).unwrap(), NonZero::new(80).unwrap(), 0),
            output,
            keys: pair.master.take_writer().unwrap(),
            master: pair.master,
            slave: pair.slave,
            child,
            before,
            home,
        }
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
    pub(crate) fn wait(&mut self, what: &str, so: impl Fn(&vt100::Screen) -> bool) {
        while !so(self.parser.screen()) {
            match self.output.recv_timeout(PATIENCE) {
                Ok(bytes) => self.parser.process(&bytes),
                Err(e) => panic!("{e}: never came to {what}:\n{}", self.screen().contents()),
            }
        }
    }

    pub(crate) fn sees(&mut self, text: &str) {
        self.wait(text, |s| s.contents().contains(text));
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
