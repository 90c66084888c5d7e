use super::*;
use proptest::prelude::*;
use std::io::Read as _;
use std::os::unix::net::UnixStream;

const NARROW: &str = "\x1b[1;19R";

/// The keys of some bytes, each as short text; `@` is where the answer came.
fn said(bytes: &[u8], piece: usize) -> String {
    let mut decoder = Decoder::default();
    let mut all = Vec::new();
    for piece in bytes.chunks(piece) {
        all.extend(decoder.take(piece));
    }
    all.extend(decoder.end().map(Heard::Typed));
    let word = |heard: &Heard| match heard {
        Heard::Answer { column } => format!("@{column}"),
        Heard::Typed(Event::Paste(text)) => format!("paste:{text}"),
        Heard::Typed(Event::Key(k)) if k.modifiers.is_empty() => k.code.to_string(),
        Heard::Typed(Event::Key(k)) => format!("{:?}-{}", k.modifiers, k.code),
        Heard::Typed(other) => format!("{other:?}"),
    };
    all.iter().map(word).collect::<Vec<_>>().join(" ")
}

#[test]
fn keys_are_what_they_are_around_the_answer_in_pieces_of_any_size() {
    let typed =
        "q你\r\t\x7f\x03\x1b[A\x1bOB\x1b[1;5C\x1b[H\x1b[4~\x1b[5~\x1b[6~\x1b[3~\x1b[Z\x1bOP\x1b[15~\x1b[24~";
    let keys = "q 你 Enter Tab Backspace KeyModifiers(CONTROL)-c Up Down KeyModifiers(CONTROL)-Right Home End \
                Page Up Page Down Del Back Tab F1 F5 F12";
    for piece in 1..=40 {
        assert_eq!(said(format!("{NARROW}{typed}").as_bytes(), piece), format!("@19 {keys}"));
        assert_eq!(said(format!("{typed}{NARROW}x").as_bytes(), piece), format!("{keys} @19 x"));
    }
}

#[test]
fn what_is_no_key_of_ours_is_no_key_at_all() {
    for (bytes, expected) in [
        // a click of the mouse, Alt and a letter, focus, an unknown key, a broken letter
        ("\x1b[<0;12;7M\x1b[<0;12;7mx", "x"),
        ("\x1bq1", "1"),
        ("\x1b你2", "2"),
        ("\x1b[I\x1b[?1;2c3", "3"),
        ("\x1b[99~\x1b[1;3A4", "4"),
        ("\n", "Enter"),
        // one Esc, and one before a key
        ("\x1b", "Esc"),
        ("\x1b\x1b[A", "Esc Up"),
        ("\x1b\x1b", "Esc Esc"),
        // what has begun and never ends
        ("\x1b[1;", ""),
        ("\x1bO", ""),
    ] {
        assert_eq!(said(bytes.as_bytes(), 1), expected, "{bytes:?}");
    }
    assert_eq!(said(b"\xff\xc3\x28a", 1), "a");
}

#[test]
fn a_paste_is_never_taken_for_keys() {
    let paste = "\x1b[200~1\r\x1b[A\n\x1b[201~x";
    for piece in 1..=20 {
        assert_eq!(said(paste.as_bytes(), piece), "paste:1\r\u{1b}[A\n x");
    }
    assert_eq!(said(b"\x1b[200~1\rq", 1), "", "a paste without its end");
    let long = format!("\x1b[200~{}\x1b[201~x", "1\r".repeat(LONGEST_PASTE));
    assert!(said(long.as_bytes(), 200).ends_with(" x"));
    // its end comes where the bytes that are kept end
    for more in 0..20 {
        let long = format!("\x1b[200~{}\x1b[201~x", "1".repeat(LONGEST_PASTE - 20 + more));
        assert!(said(long.as_bytes(), 200).ends_with(" x"), "{more}");
    }
}

fn heard(stream: &UnixStream, limit: Duration) -> (Glyphs, Vec<Event>) {
    let mut typed = Vec::new();
    let glyphs = wait(stream, limit, |event| typed.push(event)).unwrap();
    (glyphs, typed)
}

#[test]
fn it_ends_with_the_answer_and_leaves_later_keys_where_they_are() {
    let (mut terminal, mut ours) = UnixStream::pair().unwrap();
    terminal.write_all(format!("1{NARROW}").as_bytes()).unwrap();
    let hour = Duration::from_secs(3600);
    assert_eq!(heard(&ours, hour), (Glyphs::Boxes, vec![key(KeyCode::Char('1'))]));
    terminal.write_all(b"later").unwrap();
    drop(terminal);
    let mut later = String::new();
    ours.read_to_string(&mut later).unwrap();
    assert_eq!(later, "later");
}

#[test]
fn without_an_answer_it_is_ascii_and_what_was_typed_is_not_lost() {
    let (mut terminal, ours) = UnixStream::pair().unwrap();
    terminal.write_all(b"ab\x1b").unwrap();
    let typed: Vec<Event> = [KeyCode::Char('a'), KeyCode::Char('b'), KeyCode::Esc].map(key).into();
    assert_eq!(heard(&ours, LIMIT), (Glyphs::Ascii, typed));
    // wide, and gone
    terminal.write_all(b"\x1b[1;35Rq").unwrap();
    let all = heard(&ours, LIMIT);
    assert_eq!(all, (Glyphs::Ascii, vec![key(KeyCode::Char('q'))]));
    drop(terminal);
    assert_eq!(heard(&ours, LIMIT), (Glyphs::Ascii, Vec::new()));
}

#[test]
fn the_question_leaves_nothing_on_the_screen() {
    let mut question = Vec::new();
    ask(&mut question).unwrap();
    let mut screen = vt100::Parser::default();
    screen.process(&question);
    assert_eq!(screen.screen().contents(), "");
    assert_eq!(screen.screen().cursor_position(), (0, 0));
    let before = String::from_utf8(question).unwrap();
    let before = before.split("\x1b[6n").next().unwrap();
    let mut screen = vt100::Parser::default();
    screen.process(before.as_bytes());
    let (_, column) = screen.screen().cursor_position();
    assert_eq!(Glyphs::drawn_up_to(column + 1), Glyphs::Boxes);
}

proptest! {
    #[test]
    fn any_bytes_are_taken(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
        let whole = said(&bytes, 300);
        prop_assert_eq!(said(&bytes, 1), whole);
    }
}
