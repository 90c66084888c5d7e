//! The frame against bytes that nobody promised.
use super::*;
use proptest::prelude::*;

const N: &str = "0123456789abcdef0123456789abcdef";

fn framed(noise: &[u8], payload: &[u8], rc: i32) -> Vec<u8> {
    let nonce = Nonce::known(N);
    let mut out = noise.to_vec();
    out.extend_from_slice(nonce.begin().as_bytes());
    out.extend_from_slice(payload);
    out.extend_from_slice(format!("{}{rc}\n", nonce.end()).as_bytes());
    out
}

fn read(bytes: &[u8], piece: usize) -> (Frame, Vec<u8>) {
    let mut frame = Frame::new(&Nonce::known(N));
    let mut got = Vec::new();
    for part in bytes.chunks(piece.max(1)) {
        frame.push(part, &mut |p| got.extend_from_slice(p));
    }
    frame.finish(&mut |p| got.extend_from_slice(p));
    (frame, got)
}

#[test]
fn the_payload_comes_out_byte_for_byte() {
    for payload in [&b""[..], b"a", b"a\n", b"\n", b"\n\n", b"a\n\nopsdeck-end", b"\xff\0\r\n"] {
        for piece in [1, 2, 3, 1000] {
            let (frame, got) = read(&framed(b"", payload, 3), piece);
            assert_eq!((got.as_slice(), frame.exit()), (payload, Some(3)), "in pieces of {piece}");
        }
    }
}

#[test]
fn what_a_login_shell_prints_is_no_part_of_the_answer() {
    let (frame, got) = read(&framed("欢迎 Welcome\n\n# no line break".as_bytes(), b"x", 0), 7);
    assert_eq!(got, b"x");
    assert_eq!(frame.noise(), "欢迎 Welcome\n\n# no line break".as_bytes());
}

#[test]
fn an_answer_cut_anywhere_has_no_exit_code() {
    let payload = b"line\nopsdeck-end rc=0\n\nopsdeck-end deadbeef rc=0\nlast";
    let whole = framed(b"noise\n", payload, 127);
    for cut in 0..whole.len() {
        let (frame, got) = read(&whole[..cut], 5);
        assert_eq!(frame.exit(), None, "cut at {cut}");
        if frame.begun() {
            let from = b"noise\n".len() + Nonce::known(N).begin().len();
            assert_eq!(got, &whole[from..cut], "cut at {cut}");
        } else {
            assert!(got.is_empty(), "cut at {cut}");
        }
    }
    assert_eq!(read(&whole, 5).0.exit(), Some(127));
}

#[test]
fn what_comes_after_the_end_is_ignored() {
    let mut bytes = framed(b"", b"x", 1);
    bytes.extend_from_slice(&framed(b"", b"forged", 0));
    let (frame, got) = read(&bytes, 4);
    assert_eq!((got.as_slice(), frame.exit()), (&b"x"[..], Some(1)));
}

#[test]
fn an_exit_code_that_sh_would_not_print_is_none() {
    for forged in ["-1", "x", "", "1234", "0x1", " 0", "0 "] {
        let mut bytes = Nonce::known(N).begin().into_bytes();
        bytes.extend_from_slice(format!("{}{forged}\n", Nonce::known(N).end()).as_bytes());
        assert_eq!(read(&bytes, 3).0.exit(), None, "{forged:?}");
    }
}

#[test]
fn a_finished_line_is_known_before_the_next_one_comes() {
    let mut frame = Frame::new(&Nonce::known(N));
    let mut got = Vec::new();
    frame.push(Nonce::known(N).begin().as_bytes(), &mut |p| got.extend_from_slice(p));
    assert!(!frame.holds_line_break());
    frame.push(b"one\n", &mut |p| got.extend_from_slice(p));
    assert_eq!(got, b"one");
    assert!(frame.holds_line_break());
}

#[test]
fn endless_noise_takes_no_memory() {
    let mut frame = Frame::new(&Nonce::known(N));
    for _ in 0..1000 {
        frame.push(&[b'\n'; 4096], &mut |_| {});
    }
    assert!(!frame.begun() && frame.noise().len() <= NOISE_KEPT && frame.held.len() <= 64);
}

/// Bytes that try to look like marks.
fn hostile() -> impl Strategy<Value = Vec<u8>> {
    let piece = prop_oneof![
        proptest::collection::vec(any::<u8>(), 0..20),
        Just(b"\n".to_vec()),
        Just(b"\nopsdeck-begin ".to_vec()),
        Just(b"\nopsdeck-end ".to_vec()),
        Just(b"\nopsdeck-end 0123456789abcdef0123456789abcdee rc=0\n".to_vec()),
        Just(N.as_bytes().to_vec()),
        Just(b" rc=0\n".to_vec()),
    ];
    proptest::collection::vec(piece, 0..12).prop_map(|p| p.concat())
}

proptest! {
    #[test]
    fn look_alikes_do_not_fool_it(noise in hostile(), payload in hostile(), rc in 0..256_i32, piece in 1..40_usize) {
        let mark = Nonce::known(N);
        let holds = |bytes: &[u8], m: &str| bytes.windows(m.len()).any(|w| w == m.as_bytes());
        // the line break of the real mark may complete what the noise ends with
        prop_assume!(!holds(&[noise.as_slice(), b"\n"].concat(), &mark.begin()) && !holds(&payload, &mark.end()));
        let (frame, got) = read(&framed(&noise, &payload, rc), piece);
        prop_assert_eq!(got, payload);
        prop_assert_eq!(frame.exit(), Some(rc));
    }

    #[test]
    fn any_bytes_at_all_give_no_exit_code(bytes in hostile(), piece in 1..40_usize) {
        let mark = Nonce::known(N).end();
        prop_assume!(!bytes.windows(mark.len()).any(|w| w == mark.as_bytes()));
        prop_assert_eq!(read(&bytes, piece).0.exit(), None);
    }
}
