//! A panic gives the terminal back if the console itself is its victim, and only then.
//!
//! The test starts itself again in a terminal, and is told by a variable that it is the one that panics.
use crate::given::COLOUR;
use crate::pty::Pty;
use opsdeck::tui::terminal::Taken;
use std::io::Write;

const TOLD: &str = "OPSDECK_TEST_PANICS";

#[test]
fn panics_when_told() {
    let Ok(whose) = std::env::var(TOLD) else { return };
    let taken = Taken::new(COLOUR).unwrap();
    if whose == "another" {
        let other = std::thread::spawn(|| panic!("of another thread"));
        assert!(other.join().is_err());
        print!("still-here");
        std::io::stdout().flush().unwrap();
        // until the test has looked at the screen
        std::io::stdin().read_line(&mut String::new()).unwrap();
        drop(taken);
        return;
    }
    panic!("of the console");
}

fn again(whose: &str) -> Pty {
    let own = std::env::current_exe().unwrap();
    Pty::start(&own, &["--exact", "panics::panics_when_told", "--nocapture"], &[(TOLD, whose)])
}

#[test]
fn the_console_s_own_panic_gives_the_terminal_back_and_is_readable() {
    let mut pty = again("own");
    assert_ne!(pty.end().exit_code(), 0);
    pty.is_given_back().unwrap();
    assert!(pty.screen().contents().contains("of the console"), "{}", pty.screen().contents());
}

#[test]
fn another_thread_s_panic_leaves_the_screen_alone() {
    let mut pty = again("another");
    pty.sees("still-here");
    assert!(pty.screen().alternate_screen());
    assert!(!pty.screen().contents().contains("of another thread"));
    // raw mode: a line ends with a carriage return that nobody translates, so with a line feed
    pty.press("\n");
    assert_eq!(pty.end().exit_code(), 0);
    pty.is_given_back().unwrap();
}
