//! The real program in a terminal: what it shows, and what keys, sizes and pastes do to it.
use crate::pty::{DOWN, F1, F3, F5, F9, F10, F12, Pty};
use std::path::Path;
use std::process::{Command, Stdio};

#[test]
fn every_screen_is_walked_and_the_terminal_given_back() {
    let mut pty = Pty::console(&["--demo=not-mounted", "--lang", "zh"]);
    pty.sees("选一个环境");
    assert!(pty.screen().alternate_screen());
    assert!(pty.screen().contents().contains("演示：内置服务器 not-mounted"));
    pty.press("\r");
    pty.sees("项检查");
    for (key, title) in [
        ("2", "挂载"),
        ("3", "任务"),
        ("4", "备份包"),
        ("5", "日志"),
        ("6", "操作记录"),
        ("7", "诊断"),
        ("1", "总览"),
    ] {
        pty.press(key);
        pty.is_at(title);
    }
    for (key, title) in [(F1, "帮助"), (F9, "操作"), (F10, "找功能")] {
        pty.press(key);
        pty.sees(&format!("> 总览  > {title}"));
        pty.press("\x1b");
        pty.is_at("总览");
    }
    pty.press("/失败");
    pty.sees("筛选“失败”");
    pty.press("\r\x1b");
    pty.wait("no filter", |s| !s.contents().contains("筛选"));
    pty.press(F5);
    pty.sees("正在再检查");
    pty.sees("，用时");
    pty.press("\x1b");
    pty.sees("选一个环境");
    assert_eq!(pty.quit().exit_code(), 0);
    pty.is_given_back().unwrap();
    let left: Vec<_> = std::fs::read_dir(pty.home.path())
        .unwrap()
        .map(|f| f.unwrap().file_name())
        .filter(|f| f.to_string_lossy().starts_with("opsdeck-demo"))
        .collect();
    assert!(left.is_empty(), "{left:?}");
}

#[test]
fn an_environment_on_the_command_line_opens_at_once_and_one_that_there_is_not_is_told() {
    let mut pty = Pty::console(&["--demo", "--lang", "zh", "--env", "test"]);
    pty.sees("□ 测试 TEST  demo-test");
    pty.sees("昨夜的备份已在 Windows 上");
    pty.press(F3);
    pty.sees("选一个环境");
    assert_eq!(pty.quit().exit_code(), 0);
    let mut pty = Pty::console(&["--demo", "--lang", "zh", "--env", "nope"]);
    assert_ne!(pty.end().exit_code(), 0);
    let said = pty.screen().contents();
    assert!(said.contains("没有叫 nope 的环境，什么也没做") && said.contains("prod test"), "{said}");
    assert!(!String::from_utf8_lossy(&pty.raw).contains("\x1b[?1049h"), "the screen was taken for it");
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
    pty.wait("the console again", |s| s.alternate_screen());
    pty.sees("选一个环境");
    pty.press("q");
    pty.answer_yes();
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
    pty.press("\x1a");
    pty.press(F12);
    pty.sees("Choose an environment");
    assert!(pty.screen().alternate_screen());
    assert_eq!(pty.quit().exit_code(), 0);
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
    assert_eq!(pty.quit().exit_code(), 0);
    pty.is_given_back().unwrap();
}

/// Somebody drags the corner of the window while the console looks, moves and types.
#[test]
fn a_storm_of_sizes_leaves_a_whole_screen() {
    let mut pty = Pty::console(&["--demo=not-mounted", "--lang", "zh"]);
    pty.sees("选一个环境");
    pty.press("1");
    let mut seed: u32 = 7;
    for n in 0..400 {
        seed = seed.wrapping_mul(1_103_515_245).wrapping_add(12_345);
        pty.resize(u16::try_from(seed >> 16).unwrap() % 220, u16::try_from(seed >> 8 & 0x3f).unwrap());
        pty.press(["2", "j", F10, "g", "\x1b", "1", "/", "x", "\x1b", "G"][n % 10]);
    }
    pty.resize(160, 45);
    // out of whatever it came to. An escape right before a key that begins with one would swallow its first byte: the
    // next key goes when what the letter opens is seen, and gone again
    pty.press("\x1b");
    pty.wait("nothing over the screen", |s| s.contents().contains("F1 帮助"));
    pty.press("?");
    pty.wait("the help, by a key that came after the escape", |s| s.contents().contains("关闭帮助"));
    pty.press("?");
    pty.wait("the help is gone", |s| s.contents().contains("F1 帮助") && !s.contents().contains("关闭帮助"));
    pty.press(F3);
    pty.sees("选一个环境");
    pty.press("1");
    pty.wait("two environments", |s| {
        let said = s.contents();
        said.contains("> ■ 正式 PROD  demo-prod")
            && said.contains("没有连接 demo-test")
            && said.contains("项检查")
    });
    pty.resize(80, 24);
    pty.wait("one environment", |s| !s.contents().contains("测试 TEST") && s.contents().contains("F1 帮助"));
    assert!(pty.screen().contents().lines().next().unwrap().starts_with(" ■ 正式 PROD  demo-prod  > 总览"));
    pty.press(F3);
    assert_eq!(pty.quit().exit_code(), 0);
    pty.is_given_back().unwrap();
}

#[test]
fn a_key_pressed_while_the_window_changes_is_not_lost() {
    let mut pty = Pty::console(&["--demo", "--lang", "en"]);
    pty.sees("Choose an environment");
    for n in 0..30 {
        pty.resize(100 + n, 30);
        pty.press(F12);
        pty.sees(if n % 2 == 0 { "选一个环境" } else { "Choose an environment" });
    }
    assert_eq!(pty.quit().exit_code(), 0);
}

#[test]
fn a_pasted_line_opens_nothing() {
    let mut pty = Pty::console(&["--demo", "--lang", "zh"]);
    pty.sees("选一个环境");
    assert!(pty.screen().bracketed_paste());
    pty.press("\x1b[200~1\r\n\x1b[201~");
    pty.sees("这里不接受粘贴，什么也没做");
    assert!(pty.screen().contents().contains("选一个环境"));
    assert_eq!(pty.quit().exit_code(), 0);
}

#[test]
fn a_megabyte_that_is_pasted_is_one_short_line_or_nothing() {
    let bomb = format!("\x1b[200~{}\r\nq\r\x1b[201~", "粘贴炸弹 1 q\u{7}".repeat(70_000));
    assert!(bomb.len() > 1 << 20);
    let mut pty = Pty::console(&["--demo", "--lang", "zh"]);
    pty.sees("选一个环境");
    pty.press(&bomb);
    pty.sees("这里不接受粘贴，什么也没做");
    pty.press("1");
    pty.sees("项检查");
    pty.press(F10);
    pty.is_at("总览  > 找功能");
    pty.press(&bomb);
    pty.sees("没有这样的功能");
    pty.press("\x1b");
    pty.is_at("总览");
    pty.press("/");
    pty.press(&bomb);
    pty.sees("炸弹 1 q粘贴炸弹");
    assert!(pty.screen().contents().contains("■ 正式 PROD"));
    // an Esc that is followed by another key at once is Alt
    pty.press("\x1b");
    pty.wait("no line to type in", |s| s.contents().contains("F1 帮助"));
    pty.press(F3);
    pty.sees("选一个环境");
    assert_eq!(pty.quit().exit_code(), 0);
    pty.is_given_back().unwrap();
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
        // ends what is waited for, or asks; then leaves
        pty.press("\x03");
        pty.sees("> 留下");
        pty.press(DOWN);
        pty.press("\x03");
        assert_eq!(pty.end().exit_code(), 0);
    }
}
