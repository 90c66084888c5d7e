//! The real program in a terminal: what it shows, and that the terminal is given back on every way out.
use crate::pty::Pty;
use rustix::process::Signal;
use std::path::Path;
use std::process::{Command, Stdio};

#[test]
fn from_the_list_to_a_good_answer_and_out() {
    let mut pty = Pty::console(&["--demo", "--lang", "zh"]);
    pty.sees("选一个环境");
    assert!(pty.screen().alternate_screen() && pty.screen().hide_cursor());
    assert!(pty.screen().contents().contains("演示：内置服务器 healthy"));
    pty.press("\r");
    pty.sees("昨夜的备份已在 Windows 上");
    pty.sees("[+] 正常");
    pty.press("\x1b[15~");
    pty.sees("正在再检查");
    pty.sees("，用时");
    pty.press("\x1b");
    pty.sees("选一个环境");
    pty.press("q");
    assert_eq!(pty.end().exit_code(), 0);
    pty.is_given_back().unwrap();
    let left: Vec<_> = std::fs::read_dir(pty.home.path())
        .unwrap()
        .map(|f| f.unwrap().file_name())
        .filter(|f| f.to_string_lossy().starts_with("opsdeck-demo"))
        .collect();
    assert!(left.is_empty(), "{left:?}");
}

#[test]
fn every_signal_that_ends_it_gives_the_terminal_back() {
    for signal in [Signal::TERM, Signal::HUP, Signal::INT, Signal::QUIT] {
        for opened in [false, true] {
            let mut pty = Pty::console(&["--demo=share-hung", "--lang", "zh"]);
            pty.sees("选一个环境");
            if opened {
                // its answer takes seconds: the signal comes while a look is under way
                pty.press("1");
                pty.sees("正在询问 demo-prod");
            }
            pty.signal(signal);
            let status = pty.end();
            assert_eq!(status.exit_code(), 0, "{signal:?} {opened}");
            pty.is_given_back().map_err(|e| format!("{signal:?} {opened}: {e}")).unwrap();
        }
    }
}

#[test]
fn the_shell_has_the_terminal_while_the_console_is_stopped() {
    let mut pty = Pty::start(Path::new("/bin/sh"), &["-i"], &[]);
    pty.sees("shell> ");
    let program = env!("CARGO_BIN_EXE_opsdeck");
    pty.press(&format!("{program} --demo --lang zh\n"));
    pty.sees("选一个环境");
    pty.press("\x1a");
    pty.wait("the shell", |s| !s.alternate_screen() && !s.hide_cursor() && s.contents().contains("Stopped"));
    pty.press("fg\n");
    pty.wait("the console again", |s| s.alternate_screen() && s.hide_cursor());
    pty.sees("选一个环境");
    pty.press("q");
    // typed before the program has ended, the line would be its own
    let prompt = |s: &vt100::Screen| s.contents().trim_end().ends_with("shell>");
    pty.wait("the shell", |s| !s.alternate_screen() && prompt(s));
    pty.press("echo code=$?.\n");
    pty.sees("code=0.");
    pty.press("exit\n");
    pty.end();
}

#[test]
fn where_no_shell_could_go_on_with_it_the_console_does_not_stop() {
    let mut pty = Pty::console(&["--demo", "--lang", "zh"]);
    pty.sees("选一个环境");
    pty.press("\x1a\x1b[24~");
    pty.sees("Choose an environment");
    assert!(pty.screen().alternate_screen());
    pty.press("q");
    assert_eq!(pty.end().exit_code(), 0);
}

#[test]
fn the_window_changes_its_size() {
    let mut pty = Pty::console(&["--demo", "--lang", "zh"]);
    pty.sees("选一个环境");
    pty.resize(60, 20);
    pty.sees("窗口太小：现在 60x20");
    pty.resize(120, 30);
    pty.sees("选一个环境");
    // no window at all
    pty.resize(0, 0);
    pty.resize(100, 30);
    pty.sees("选一个环境");
    pty.press("\x03");
    assert_eq!(pty.end().exit_code(), 0);
    pty.is_given_back().unwrap();
}

#[test]
fn a_key_pressed_while_the_window_changes_is_not_lost() {
    let mut pty = Pty::console(&["--demo", "--lang", "en"]);
    pty.sees("Choose an environment");
    for n in 0..30 {
        pty.resize(100 + n, 30);
        pty.press("\x1b[24~");
        pty.sees(if n % 2 == 0 { "选一个环境" } else { "Choose an environment" });
    }
    pty.press("q");
    assert_eq!(pty.end().exit_code(), 0);
}

#[test]
fn a_pasted_line_opens_nothing() {
    let mut pty = Pty::console(&["--demo", "--lang", "zh"]);
    pty.sees("选一个环境");
    assert!(pty.screen().bracketed_paste());
    pty.press("\x1b[200~1\r\n\x1b[201~");
    pty.sees("这里不接受粘贴，什么也没做");
    assert!(pty.screen().contents().contains("选一个环境"));
    pty.press("q");
    assert_eq!(pty.end().exit_code(), 0);
}

#[test]
fn without_a_terminal_it_says_so_in_one_line() {
    for (lang, said) in [("zh", "opsdeck: 这里不是终端"), ("en", "opsdeck: this is no terminal")] {
        let output = Command::new(env!("CARGO_BIN_EXE_opsdeck"))
            .args(["--demo", "--lang", lang])
            .stdin(Stdio::null())
            .output()
            .unwrap();
        let error = String::from_utf8(output.stderr).unwrap();
        assert_eq!((output.status.code(), output.stdout.as_slice()), (Some(4), &b""[..]));
        assert!(error.starts_with(said) && error.contains("opsdeck check"), "{error}");
        assert_eq!(error.lines().count(), 1, "{error}");
    }
}

#[test]
fn without_colours_nothing_is_coloured_and_states_are_words() {
    for variable in [("NO_COLOR", "1"), ("TERM", "dumb")] {
        let program = Path::new(env!("CARGO_BIN_EXE_opsdeck"));
        let mut pty = Pty::start(program, &["--demo=not-mounted", "--lang", "zh"], &[variable]);
        pty.sees("■ 正式 PROD");
        pty.press("1");
        pty.sees("[x] 失败");
        let screen = pty.screen();
        for row in 0..24 {
            for column in 0..80 {
                let cell = screen.cell(row, column).unwrap();
                let colours = (cell.fgcolor(), cell.bgcolor());
                assert_eq!(colours, (vt100::Color::Default, vt100::Color::Default), "{variable:?}");
            }
        }
        pty.press("\x03");
        assert_eq!(pty.end().exit_code(), 0);
    }
}
