//! What a server says may hold anything. Nothing of it but plain text reaches the terminal.
//!
//! The oracle reads every byte that the program wrote, as a terminal would, and knows what the console itself sends.
use crate::given::*;
use crate::pty::{F1, F3, F5, F10, Pty};
use opsdeck::core::console::activity;
use opsdeck::core::console::{Code, Key, Model, Msg, Tab, update};
use opsdeck::core::log::line;
use opsdeck::core::log::note::Piece;
use opsdeck::demo::DemoBox;
use opsdeck::i18n::Lang;
use opsdeck::tui::view::view;
use ratatui::backend::CrosstermBackend;
use ratatui::layout::Rect;
use ratatui::{Terminal, TerminalOptions, Viewport};
use std::collections::BTreeSet;
use std::path::Path;

/// Titles, the clipboard, a report that would be typed, another screen, colours, a device string, a bell, a line that is
/// turned round, an eight-bit control, a hyperlink, a title that never ends, and something to see them by.
const EVIL: &str = "evil-begin\u{1b}]0;owned\u{7}\u{1b}]52;c;ZXZpbA==\u{1b}\\\u{1b}[6n\u{1b}[?1049l\u{1b}[31;42m\u{1b}[2J\u{1b}P$q\"p\u{1b}\\\u{7}\u{202e}gnirts\u{9b}31m\u{1b}]8;;http://evil\u{7}link\u{1b}]8;;\u{7}\r\n\u{8}\u{0}evil-end\u{1b}]2;open";

/// A control sequence: its kind, what is in it, and how it ends.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Seen {
    /// `ESC [ … x`.
    Csi(String, char),
    /// `ESC ] …`.
    Osc(String),
    /// `ESC x`, or a string of another kind.
    Esc(char),
    /// A control character.
    Control(char),
}

/// Every control that is in these bytes.
fn controls(bytes: &[u8]) -> Vec<Seen> {
    let text = String::from_utf8_lossy(bytes);
    let mut seen = Vec::new();
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '\u{1b}' => match chars.next() {
                Some('[') => {
                    let mut inner = String::new();
                    let end = loop {
                        match chars.next() {
                            Some(c @ '\u{40}'..='\u{7e}') => break c,
                            Some(c) => inner.push(c),
                            None => break '?',
                        }
                    };
                    seen.push(Seen::Csi(inner, end));
                }
                Some(']') => {
                    let mut inner = String::new();
                    while let Some(c) = chars.next() {
                        if c == '\u{7}' || (c == '\u{1b}' && chars.next_if_eq(&'\\').is_some()) {
                            break;
                        }
                        inner.push(c);
                    }
                    seen.push(Seen::Osc(inner));
                }
                Some(c) => seen.push(Seen::Esc(c)),
                None => {}
            },
            // a look-alike of a direction or of nothing is as bad as a control
            c if c.is_control()
                || "\u{200b}\u{202a}\u{202b}\u{202d}\u{202e}\u{2066}\u{2067}\u{feff}".contains(c) =>
            {
                seen.push(Seen::Control(c));
            }
            _ => {}
        }
    }
    seen
}

/// What the console itself sends, and nothing else.
fn is_own(seen: &Seen) -> bool {
    match seen {
        // the cursor, colours, erasing, modes; the title kept and brought back; one question what is drawn how wide
        Seen::Csi(inner, end) => match end {
            'H' | 'm' | 'J' | 'K' | 'G' | 'd' | 'X' => inner.chars().all(|c| c.is_ascii_digit() || c == ';'),
            'h' | 'l' => ["?25", "?1000", "?1006", "?1049", "?2004", "?2026"].contains(&inner.as_str()),
            't' => ["22;2", "23;2"].contains(&inner.as_str()),
            'n' => inner == "6",
            'q' => inner.ends_with(' '),
            _ => false,
        },
        Seen::Osc(inner) => {
            let titles = ["opsdeck", "■ 正式 PROD demo-prod - opsdeck", "□ 测试 TEST demo-test - opsdeck"];
            titles.iter().any(|title| inner == &format!("0;{title}"))
        }
        Seen::Esc(_) => false,
        Seen::Control(c) => ['\r', '\n'].contains(c),
    }
}

/// Puts the words of somebody who means ill wherever a server says something of its own.
fn poison(value: &mut serde_json::Value) {
    use serde_json::Value;
    match value {
        Value::Object(map) => {
            for (key, value) in map.iter_mut() {
                match (key.as_str(), &*value) {
                    ("message" | "detail" | "last_error" | "owner" | "kernel_log", Value::String(_)) => {
                        *value = Value::String(EVIL.into());
                    }
                    _ => poison(value),
                }
            }
        }
        Value::Array(all) => all.iter_mut().for_each(poison),
        _ => {}
    }
}

fn hostile_box(dir: &Path) {
    let program = Path::new(env!("CARGO_BIN_EXE_opsdeck"));
    DemoBox::create_with(program, "backup-failed", opsdeck::clock::now(), Some(dir)).unwrap();
    for env in ["prod", "test"] {
        let mut files = Vec::new();
        find(&dir.join(env), &mut files);
        let state = files.iter().find(|f| f.ends_with("state.json")).unwrap();
        let mut value = serde_json::from_str(&std::fs::read_to_string(state).unwrap()).unwrap();
        poison(&mut value);
        std::fs::write(state, serde_json::to_string(&value).unwrap()).unwrap();
    }
}

fn find(dir: &Path, files: &mut Vec<std::path::PathBuf>) {
    for entry in std::fs::read_dir(dir).unwrap().filter_map(Result::ok) {
        match entry.file_type().unwrap() {
            t if t.is_dir() => find(&entry.path(), files),
            t if t.is_file() => files.push(entry.path()),
            _ => {}
        }
    }
}

#[test]
fn nothing_that_a_server_says_is_a_command_to_the_terminal() {
    let folder = tempfile::tempdir().unwrap();
    let dir = folder.path().join("box");
    hostile_box(&dir);
    let mut pty =
        Pty::console(&["--demo=backup-failed", "--demo-dir", dir.to_str().unwrap(), "--lang", "zh"]);
    pty.sees("选一个环境");
    pty.resize(160, 45);
    pty.press("1");
    pty.sees("项检查");
    pty.sees("evil-begin");
    for (key, title) in
        [("2", "挂载"), ("3", "任务"), ("4", "备份包"), ("5", "日志"), ("6", "操作记录"), ("1", "总览")]
    {
        pty.press(key);
        pty.is_at(title);
        pty.press("jjG");
    }
    pty.press("o");
    pty.sees("> □ 测试 TEST");
    for (key, title) in [(F10, "找功能"), (F1, "帮助")] {
        pty.press(key);
        pty.is_at(&format!("总览  > {title}"));
        pty.press("\x1b");
        pty.is_at("总览");
    }
    for key in [F5, "/evil", "\r"] {
        pty.press(key);
    }
    pty.sees("筛选“evil”");
    pty.sees("，用时");
    pty.press(F3);
    pty.sees("选一个环境");
    assert_eq!(pty.quit().exit_code(), 0);
    let seen = controls(&pty.raw);
    let strange: BTreeSet<&Seen> = seen.iter().filter(|s| !is_own(s)).collect();
    assert!(strange.is_empty(), "{strange:?}");
    let asked = seen.iter().filter(|s| matches!(s, Seen::Csi(_, 'n'))).count();
    assert!(asked <= 1, "the terminal was asked {asked} times where its cursor is");
    pty.is_given_back().unwrap();
}

#[test]
fn the_oracle_sees_what_it_is_to_see() {
    let strange = controls(EVIL.as_bytes()).into_iter().filter(|s| !is_own(s)).count();
    assert!(strange >= 10, "{strange}");
}

/// What the terminal is sent when this is drawn.
fn sent(model: &Model) -> Vec<u8> {
    let mut bytes = Vec::new();
    let viewport = Viewport::Fixed(Rect::new(0, 0, 160, 45));
    let backend = CrosstermBackend::new(&mut bytes);
    let mut terminal = Terminal::with_options(backend, TerminalOptions { viewport }).unwrap();
    let draw = |frame: &mut ratatui::Frame<'_>| {
        view(model, LATER, COLOUR, frame.area(), frame.buffer_mut());
    };
    terminal.draw(draw).unwrap();
    drop(terminal);
    bytes
}

#[test]
fn lines_of_logs_and_pasted_words_are_plain_text() {
    let evil = format!("2026-01-31T22:53:20.123456789Z {EVIL}");
    let mut logs = logs(Lang::Zh, "healthy");
    let run = logs.servers[PROD].logs.run.unwrap();
    let lines = evil.split('\n').map(|l| Piece::Line(line::docker(l.as_bytes(), 0)));
    update(&mut logs, Msg::Tailed { run, pieces: lines.collect() }, LATER);
    let mut own = open_at(Lang::Zh, "healthy", Tab::Activity);
    let entry = format!(r#"{{"at":"2026-01-31T22:50:01Z","level":"INFO","message":{:?}}}"#, "evil-begin")
        + "\n"
        + EVIL;
    update(&mut own, Msg::Activity(activity::read(entry.as_bytes())), LATER);
    let mut palette = open(Lang::Zh, "healthy");
    press(&mut palette, Key::of(Code::F(10)), LATER);
    update(&mut palette, Msg::Pasted(EVIL.into()), LATER);
    for (what, model) in [("logs", settled(logs)), ("activity", own), ("palette", palette)] {
        let bytes = sent(&model);
        let text = String::from_utf8_lossy(&bytes);
        assert!(text.contains("owned") || text.contains("evil-begin"), "{what}");
        let strange: Vec<Seen> = controls(&bytes).into_iter().filter(|s| !is_own(s)).collect();
        assert!(strange.is_empty(), "{what}: {strange:?}");
    }
}
