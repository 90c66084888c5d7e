//! The terminal's own matters: what it can draw, the mouse, the cursor.
use crate::pty::Pty;
use crate::tmux::Tmux;
use opsdeck::core::console::glyphs::SAMPLE;
use opsdeck::tui::clipboard::{self, Way};
use std::path::Path;
use unicode_width::UnicodeWidthStr;

/// Ctrl-C asks whether to quit, and once more it does.
const QUIT: &str = "\x03\x03";

/// What a terminal answers that drew the sample so wide.
fn answer(width: usize) -> String {
    format!("\x1b[1;{}R", width + 1)
}

fn console(term: &str) -> Pty {
    Pty::start(Path::new(env!("CARGO_BIN_EXE_opsdeck")), &["--demo", "--lang", "zh"], &[("TERM", term)])
}

fn found(pty: &Pty, glyphs: &str) -> usize {
    pty.log().matches(&format!("\"glyphs\":\"{glyphs}\"")).count()
}

#[test]
fn a_terminal_that_draws_narrow_gets_boxes_and_one_that_draws_wide_does_not() {
    for (width, glyphs) in [(SAMPLE.width(), "Boxes"), (SAMPLE.width_cjk(), "Ascii")] {
        let mut pty = console("xterm");
        // typed before the answer and after it: an F12, and one after the other
        pty.press(&format!("\x1b[24~{}\x1b[24~", answer(width)));
        pty.sees("选一个环境");
        // a second answer comes when nobody waits for one any more: it is no key
        pty.press(&answer(width));
        pty.press("\x1b[24~");
        pty.sees("Choose an environment");
        assert!(!pty.screen().contents().contains('▁'), "the question is still to be seen");
        pty.press(QUIT);
        assert_eq!(pty.end().exit_code(), 0);
        assert_eq!(found(&pty, glyphs), 1, "{}", pty.log());
    }
}

#[test]
fn a_terminal_that_never_answers_loses_no_key() {
    let mut pty = console("xterm");
    // an Esc is the longest to wait for: it may be the beginning of the answer
    pty.press("\x1b");
    pty.press("\x1b[24~");
    pty.sees("Choose an environment");
    // the limit may not be over yet, and it need not be
    assert!(found(&pty, "Boxes") == 0, "{}", pty.log());
    pty.press(QUIT);
    assert_eq!(pty.end().exit_code(), 0);
}

#[test]
fn the_console_of_linux_is_not_asked() {
    let mut pty = console("linux");
    pty.press("\x1b[24~");
    pty.sees("Choose an environment");
    pty.press(QUIT);
    assert_eq!(pty.end().exit_code(), 0);
    assert_eq!((found(&pty, "Ascii"), found(&pty, "Boxes")), (0, 0));
}

#[test]
fn the_mouse_is_taken_without_its_moves_and_left_to_the_shell_while_it_has_the_terminal() {
    use vt100::{MouseProtocolEncoding, MouseProtocolMode};
    let mut pty = Pty::start(Path::new("/bin/sh"), &["-i"], &[]);
    pty.sees("shell> ");
    pty.press(&format!("{} --demo --lang zh\n", env!("CARGO_BIN_EXE_opsdeck")));
    pty.sees("选一个环境");
    let taken = |s: &vt100::Screen| {
        s.mouse_protocol_mode() == MouseProtocolMode::PressRelease
            && s.mouse_protocol_encoding() == MouseProtocolEncoding::Sgr
    };
    assert!(taken(pty.screen()), "{:?}", pty.screen().mouse_protocol_mode());
    // where a name can be typed
    assert!(!pty.screen().hide_cursor());
    // a click and a step of the wheel are no keys
    pty.press("\x1b[<0;3;4M\x1b[<0;3;4m\x1b[<65;3;4M\x1b[24~");
    pty.sees("Choose an environment");
    pty.press("\x1a");
    pty.wait("the shell", |s| !s.alternate_screen() && s.contents().contains("Stopped"));
    assert_eq!(pty.screen().mouse_protocol_mode(), MouseProtocolMode::None);
    pty.press("fg\n");
    pty.wait("the mouse again", taken);
    pty.sees("Choose an environment");
    // all of it again after something else was at the terminal
    pty.press("\x0c");
    pty.press(QUIT);
    pty.wait("the shell", |s| !s.alternate_screen() && s.contents().trim_end().ends_with("shell>"));
    assert_eq!(pty.screen().mouse_protocol_mode(), MouseProtocolMode::None);
    assert!(!pty.screen().hide_cursor());
    pty.press("exit\n");
    pty.end();
}

#[test]
fn tmux_answers_and_what_is_typed_at_once_is_not_lost() {
    let program = env!("CARGO_BIN_EXE_opsdeck");
    // the session lives on after the console, until it is told of its end
    let Some(tmux) =
        Tmux::start((100, 30), &format!("{program} --demo --lang zh; tmux wait-for -S ended; exec cat"))
    else {
        return;
    };
    tmux.say(&["send-keys", "F12"]);
    // its own line would leave the console one too few
    tmux.say(&["set-option", "-g", "status", "off"]);
    let socket = tmux.home.path().join("socket");
    let mut pty = Pty::start(Path::new("tmux"), &["-u", "-S", socket.to_str().unwrap(), "attach"], &[]);
    // drawn after the question: the answer is on its way before the keys that follow
    pty.sees("Choose an environment");
    tmux.say(&["send-keys", "q", "Down", "Enter"]);
    tmux.say(&["wait-for", "ended"]);
    let folder = tmux.home.path().join(".local/state/opsdeck/log");
    let log: String = std::fs::read_dir(folder)
        .unwrap()
        .map(|f| std::fs::read_to_string(f.unwrap().path()).unwrap())
        .collect();
    assert_eq!(log.matches("\"glyphs\":\"Boxes\"").count(), 1, "{log}");
}

#[test]
fn tmux_keeps_what_is_copied_where_it_takes_copies_from_programs() {
    let folder = tempfile::tempdir().unwrap();
    let (sequence, script) = (folder.path().join("sequence"), folder.path().join("script"));
    let text = "昨夜的备份\nprod-overview";
    std::fs::write(&sequence, clipboard::sequence(text, Way::Tmux).unwrap()).unwrap();
    // where the cursor is, tmux says when it has read all that came before
    let lines = format!(
        "stty raw -echo; cat {}; printf '\\033[1;1H\\033[6n'; head -c 6 >/dev/null; tmux wait-for -S ended; exec cat",
        sequence.display()
    );
    std::fs::write(&script, lines).unwrap();
    let begin = format!("tmux wait-for begin; sh {}", script.display());
    let Some(tmux) = Tmux::start((100, 30), &begin) else {
        return;
    };
    tmux.say(&["set-option", "-s", "set-clipboard", "on"]);
    tmux.say(&["wait-for", "-S", "begin"]);
    tmux.say(&["wait-for", "ended"]);
    assert_eq!(tmux.say(&["show-buffer"]), text);
}
