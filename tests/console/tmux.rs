//! The program inside tmux, as operators run it: whole screens, Chinese in its columns, and the shell at the end.
use crate::asked::answered;
use crate::given::*;
use opsdeck::core::console::glyphs::Glyphs;
use opsdeck::core::console::{Key, Model, Msg, Tab, update};
use opsdeck::i18n::Lang;
use std::collections::BTreeSet;
use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

/// Long enough for a busy machine.
const PATIENCE: Duration = Duration::from_secs(60);

/// A tmux server of its own, ended with the test.
pub(crate) struct Tmux {
    pub(crate) home: tempfile::TempDir,
    /// A client that is told whenever something is drawn.
    told: Option<(Child, Receiver<()>)>,
}

impl Tmux {
    /// A window of this size that runs a command. Nothing where there is no tmux and none is required.
    pub(crate) fn start(size: (u16, u16), command: &str) -> Option<Tmux> {
        let tmux = Tmux { home: tempfile::tempdir().unwrap(), told: None };
        let (width, height) = (size.0.to_string(), size.1.to_string());
        let begin = ["-f", "/dev/null", "new-session", "-d", "-x", &width, "-y", &height, command];
        if tmux.run(&begin).is_some() {
            return Some(tmux);
        }
        assert!(std::env::var_os("OPSDECK_REQUIRE_TMUX").is_none(), "there is no tmux, and it is required");
        eprintln!("skipped: there is no tmux here");
        None
    }

    fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new("tmux");
        command.args(["-u", "-S"]).arg(self.home.path().join("socket")).args(args).env_clear();
        let path = std::env::var("PATH").unwrap();
        command.envs([("PATH", path.as_str()), ("TERM", "xterm-256color"), ("LC_ALL", "C.UTF-8")]);
        command.envs([("SHELL", "/bin/sh"), ("PS1", "shell> ")]).env("HOME", self.home.path());
        command
    }

    /// Nothing where there is no tmux.
    fn run(&self, args: &[&str]) -> Option<String> {
        let done = self.command(args).output().ok().filter(|done| done.status.code() != Some(127))?;
        assert!(done.status.success(), "{args:?}: {}", String::from_utf8_lossy(&done.stderr));
        Some(String::from_utf8(done.stdout).unwrap())
    }

    pub(crate) fn say(&self, args: &[&str]) -> String {
        self.run(args).unwrap()
    }

    pub(crate) fn press(&self, keys: &[&str]) {
        self.say(&[&["send-keys"], keys].concat());
    }

    pub(crate) fn screen(&self) -> String {
        self.say(&["capture-pane", "-p"]).trim_end().to_owned()
    }

    /// Waits for a screen that is so. Looks again whenever something was drawn.
    pub(crate) fn wait(&mut self, what: &str, so: impl Fn(&str) -> bool) -> String {
        if self.told.is_none() {
            let mut client = self.command(&["-C", "attach-session", "-f", "ignore-size,read-only"]);
            let mut client = client.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
            let lines = BufReader::new(client.stdout.take().unwrap()).split(b'\n');
            let (send, told) = channel();
            std::thread::spawn(move || lines.map_while(Result::ok).for_each(|_| send.send(()).unwrap_or(())));
            // it is attached: what is drawn from now on is told
            told.recv_timeout(PATIENCE).unwrap();
            self.told = Some((client, told));
        }
        let (_, told) = self.told.as_ref().unwrap();
        loop {
            let screen = self.screen();
            if so(&screen) {
                return screen;
            }
            if let Err(e) = told.recv_timeout(PATIENCE) {
                panic!("{e}: never came to {what}:\n{screen}");
            }
        }
    }

    pub(crate) fn sees(&mut self, text: &str) -> String {
        self.wait(text, |screen| screen.contains(text))
    }
}

impl Drop for Tmux {
    fn drop(&mut self) {
        if let Some((client, _)) = &mut self.told {
            let _ = client.kill();
            let _ = client.wait();
        }
        let _ = self.command(&["kill-server"]).output();
    }
}

const SCENARIO: &str = "not-mounted";

/// The console as it is to be on that screen.
fn expected(keys: &str) -> Model {
    let answered = answered(SCENARIO);
    let mut model = Model::new(&answered.environments, Some(SCENARIO), Lang::Zh);
    update(&mut model, Msg::Glyphs(Glyphs::Boxes), TAKEN);
    for c in keys.chars() {
        press(&mut model, Key::char(c), TAKEN);
        if model.servers[PROD].asking.is_some() {
            answer(&mut model, PROD, answered.outcome(PROD), TAKEN);
        }
    }
    model
}

/// Digits are of the day on which the test runs.
fn without_digits(text: &str) -> String {
    text.trim_end().replace(|c: char| c.is_ascii_digit(), "0")
}

#[test]
fn every_screen_has_its_columns_inside_tmux_and_quitting_leaves_the_shell() {
    for size in crate::cases::SIZES {
        let Some(mut tmux) = Tmux::start(size, "/bin/sh -i") else { return };
        tmux.sees("shell>");
        tmux.press(&[&format!("{} --demo={SCENARIO} --lang zh", env!("CARGO_BIN_EXE_opsdeck")), "Enter"]);
        // what does not depend on the time is the same to the last cell
        let whole =
            |keys: &str| lines(&draw(&expected(keys), LATER, COLOUR, size)).join("\n").trim_end().to_owned();
        let list = whole("");
        tmux.wait("the list, line by line", |screen| screen == list);
        tmux.press(&["?"]);
        let help = whole("?");
        tmux.wait("help, line by line", |screen| screen == help);
        tmux.press(&["?"]);
        tmux.wait("the list again", |screen| screen == list);
        tmux.press(&["1"]);
        tmux.sees("项检查");
        // of the rest, the rows of each table but for its digits
        let marks = |row: &&str| row.starts_with(" [") || row.starts_with(">[") || row.starts_with(" 1 ");
        for (n, tab) in Tab::ALL.into_iter().enumerate() {
            if matches!(tab, Tab::Jobs | Tab::Packs | Tab::Logs | Tab::Activity | Tab::Diagnosis) {
                continue;
            }
            let digit = (n + 1).to_string();
            tmux.press(&[&digit]);
            let meant = whole(&format!("1{}", if n == 0 { String::new() } else { digit }));
            let meant: BTreeSet<String> = meant.lines().filter(marks).map(without_digits).collect();
            // a screen may be looked at while it is half drawn
            tmux.wait(&format!("the rows of {}: {meant:#?}", tab.title().zh), |screen| {
                let bar = format!("> {} ", tab.title().zh);
                let rows: Vec<String> = screen.lines().filter(marks).map(without_digits).collect();
                screen.lines().next().is_some_and(|first| first.contains(&bar))
                    && rows.len() > 5
                    && rows.iter().all(|row| meant.contains(row))
            });
        }
        for (digit, title) in
            [("3", "任务"), ("4", "备份包"), ("5", "日志"), ("6", "操作记录"), ("7", "诊断")]
        {
            tmux.press(&[digit]);
            tmux.wait(title, |s| s.lines().next().is_some_and(|bar| bar.contains(&format!("> {title} "))));
        }
        // a box lies in the middle, its sides one below the other
        tmux.press(&["F9"]);
        tmux.wait("a box whose sides are one below the other", |screen| {
            let sides: Vec<(usize, usize)> = screen.lines().filter_map(sides).collect();
            screen.contains("> 操作 ") && sides.len() >= 7 && sides.iter().all(|s| *s == sides[0])
        });
        tmux.press(&["Escape"]);
        tmux.wait("no box", |s| !s.contains("> 操作 ") && s.lines().filter_map(sides).next().is_none());
        tmux.press(&["F3"]);
        tmux.sees("选一个环境");
        tmux.press(&["q"]);
        tmux.sees("> 留下");
        tmux.press(&["Down", "Enter"]);
        tmux.wait("the shell", |s| s.trim_end().ends_with("shell>") && !s.contains("opsdeck？"));
        tmux.press(&["echo code=$?.", "Enter"]);
        tmux.sees("code=0.");
    }
}

/// The columns of the two sides of a box.
fn sides(row: &str) -> Option<(usize, usize)> {
    use unicode_width::UnicodeWidthStr;
    let (left, right) = (row.find('│')?, row.rfind('│')?);
    (left < right).then(|| (row[..left].width(), row[..right].width()))
}

#[test]
fn a_window_of_tmux_that_changes_its_size_has_a_whole_screen_in_it() {
    let Some(mut tmux) =
        Tmux::start((80, 24), &format!("{} --demo --lang zh --env prod", env!("CARGO_BIN_EXE_opsdeck")))
    else {
        return;
    };
    tmux.sees("项检查");
    tmux.say(&["resize-window", "-x", "160", "-y", "45"]);
    tmux.sees("没有连接 demo-test");
    tmux.say(&["resize-window", "-x", "70", "-y", "20"]);
    tmux.sees("窗口太小：现在 70x20");
    tmux.say(&["resize-window", "-x", "80", "-y", "24"]);
    tmux.wait("one environment", |s| s.contains("项检查") && !s.contains("测试 TEST"));
    tmux.press(&["F3"]);
    tmux.sees("选一个环境");
}
