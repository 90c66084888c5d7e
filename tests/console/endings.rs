//! Every way out gives the terminal back, whatever is on the screen.
use crate::pty::{F10, Pty};
use rustix::process::Signal;

/// Something that is on the screen, and how one comes there. A share that hangs makes a look take seconds: the signal
/// comes while it is under way.
type State = (&'static str, fn(&mut Pty));

const STATES: [State; 5] = [
    ("the list", |_| {}),
    ("asking", |pty| {
        pty.press("1");
        pty.sees("正在检查，已");
    }),
    ("the palette", |pty| {
        pty.press("1");
        pty.press(F10);
        pty.is_at("总览  > 找功能");
    }),
    ("logs", |pty| {
        pty.press("15");
        pty.is_at("日志");
    }),
    ("the question", |pty| {
        pty.press("q");
        pty.sees("> 留下");
    }),
];

fn opened(open: fn(&mut Pty)) -> Pty {
    let mut pty = Pty::console(&["--demo=share-hung", "--lang", "zh"]);
    pty.sees("选一个环境");
    open(&mut pty);
    pty
}

#[test]
fn every_signal_that_ends_it_gives_the_terminal_back() {
    for signal in [Signal::TERM, Signal::HUP, Signal::INT, Signal::QUIT] {
        for (state, open) in STATES {
            let mut pty = opened(open);
            pty.signal(signal);
            assert_eq!(pty.end().exit_code(), 0, "{signal:?} {state}");
            pty.is_given_back().map_err(|e| format!("{signal:?} {state}: {e}")).unwrap();
        }
    }
}

#[test]
fn ctrl_c_often_enough_is_a_way_out_of_everything() {
    for (state, open) in STATES {
        let mut pty = opened(open);
        // what is waited for or lies on top, the question, the way out
        pty.press("\x03\x03\x03\x03");
        assert_eq!(pty.end().exit_code(), 0, "{state}");
        pty.is_given_back().map_err(|e| format!("{state}: {e}")).unwrap();
    }
}

#[test]
fn the_stand_ins_of_a_look_that_was_left_do_not_stay() {
    let mut pty = opened(STATES[1].1);
    let home = pty.home.path().to_str().unwrap().to_owned();
    pty.press("\x03\x03\x03\x03");
    pty.end();
    // what the console started had its folder in the environment
    let processes = std::fs::read_dir("/proc").unwrap().filter_map(Result::ok);
    let left = processes.filter(|p| {
        let own = std::fs::read(p.path().join("environ")).unwrap_or_default();
        String::from_utf8_lossy(&own).contains(&format!("OPSDECK_BOX={home}"))
    });
    let left: Vec<_> =
        left.map(|p| std::fs::read_to_string(p.path().join("cmdline")).unwrap_or_default()).collect();
    assert!(left.is_empty(), "{left:?}");
}
