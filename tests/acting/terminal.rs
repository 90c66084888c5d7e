//! At a terminal: the plan, then the question; what was typed before it is no answer.
use crate::pty::Pty;

fn typed(args: &[&str], answer: &str) -> (u32, String) {
    let mut pty = asked(args, "");
    pty.press(answer);
    let code = pty.end().exit_code();
    (code, String::from_utf8_lossy(&pty.raw).into_owned())
}

/// The program, at its question.
fn asked(args: &[&str], before: &str) -> Pty {
    let program = std::path::Path::new(env!("CARGO_BIN_EXE_opsdeck"));
    let mut pty = Pty::sized((120, 50), program, args, &[]);
    pty.press(before);
    pty.sees("做吗");
    pty
}

#[test]
fn nothing_is_done_without_the_right_word() {
    let backup = ["--demo", "backup", "--env", "test"];
    for answer in ["\r", "n\r", "test\r"] {
        let (code, said) = typed(&backup, answer);
        assert!(code == 1 && said.contains("没有确认，什么也没做"), "{answer:?}: {code} {said}");
        assert!(said.contains("计划：立即做一次增量备份") && !said.contains("已在服务器上开始"), "{said}");
    }
}

#[test]
fn what_was_typed_before_the_question_is_no_answer() {
    let mut pty = asked(&["--demo", "backup", "--env", "test"], "y\ry\r");
    // it still waits: an end of input is a no
    pty.press("\x04");
    assert_eq!(pty.end().exit_code(), 1);
    assert!(String::from_utf8_lossy(&pty.raw).contains("没有确认"));
}

#[test]
fn on_prod_and_for_what_people_notice_the_name_is_typed() {
    let program = std::path::Path::new(env!("CARGO_BIN_EXE_opsdeck"));
    for (args, name) in [
        (["--demo", "backup", "--env", "prod"].as_slice(), "请输入环境名 prod"),
        (["--demo", "services", "stop", "frontend", "--env", "test"].as_slice(), "请输入环境名 test"),
    ] {
        let mut pty = Pty::sized((120, 50), program, args, &[]);
        pty.sees(name);
        pty.press("y\r");
        assert_eq!(pty.end().exit_code(), 1);
        assert!(!String::from_utf8_lossy(&pty.raw).contains("已在服务器上开始"));
    }
}
