//! Keys and certificates in PEM form: everything between BEGIN and END, also where a log put words in front of each line.
use super::{Counts, MASK, ROUNDS, Rule};

/// Most lines of a block: a key of 16384 bits has two hundred.
const LONGEST: usize = 400;
/// Lines in a row that are none of a block's and do not end it: others may write to the same log.
const STRAY: usize = 3;

/// The text without the blocks' contents.
pub(super) fn hide(text: &str, counts: &mut Counts) -> String {
    if !text.contains("BEGIN ") && !text.contains("-END ") {
        return text.to_owned();
    }
    let mut lines: Vec<String> = text.split_inclusive('\n').map(str::to_owned).collect();
    hide_lines(&mut lines, counts);
    lines.concat()
}

/// The same for lines, with or without their line ends, until nothing changes any more.
pub(super) fn hide_lines(lines: &mut [String], counts: &mut Counts) {
    for _ in 0..ROUNDS {
        let before = lines.to_vec();
        hide_once(lines, counts);
        if before == lines {
            break;
        }
    }
}

fn hide_once(lines: &mut [String], counts: &mut Counts) {
    // where a block began, and lines since then that were none of its
    let mut open: Option<(usize, usize)> = None;
    let mut last_body = None;
    for n in 0..lines.len() {
        let Some(line) = lines.get(n).cloned() else { break };
        let (body, end) = line.strip_suffix('\n').map_or((line.as_str(), ""), |body| (body, "\n"));
        let shown = match (open, begin(body)) {
            (_, Some(at)) => {
                *counts.entry(Rule::KeyBlock).or_default() += 1;
                let (head, rest) = body.split_at_checked(at).unwrap_or((body, ""));
                // the end of another one stands in front
                let head = if head.contains("-END ") { "" } else { head };
                open = if rest.contains("-END ") { None } else { Some((n, 0)) };
                last_body = Some(n);
                Some(format!("{head}{MASK}"))
            }
            (Some(_), None) if body.contains("-END ") => {
                open = None;
                // a short last line of a key may look like a word
                if last_body.is_some_and(|last| last + 1 < n) {
                    mask_tail(lines, n - 1);
                }
                Some(MASK.to_owned())
            }
            (Some((from, _)), None) if n - from < LONGEST && is_body(body) => {
                open = Some((from, 0));
                last_body = Some(n);
                Some(MASK.to_owned())
            }
            (Some((from, stray)), None) => {
                open = (stray < STRAY && n - from < LONGEST).then_some((from, stray + 1));
                None
            }
            // its beginning was cut off: what stands before is it, as far as it looks so
            (None, None) if body.contains("-END ") && !body.contains("BEGIN ") => {
                *counts.entry(Rule::KeyBlock).or_default() += 1;
                let from = n.saturating_sub(LONGEST);
                let above = (from..n).rev();
                for n in above.take_while(|n| lines.get(*n).is_some_and(|l| is_body(l))).collect::<Vec<_>>() {
                    mask_tail(lines, n);
                }
                Some(MASK.to_owned())
            }
            (None, None) => None,
        };
        if let (Some(shown), Some(line)) = (shown, lines.get_mut(n)) {
            *line = shown + end;
        }
    }
}

/// Where a block begins in a line.
fn begin(line: &str) -> Option<usize> {
    let at = line.find("-BEGIN ").or_else(|| line.find("- BEGIN "))?;
    let head = line.get(..at)?;
    Some(head.trim_end_matches('-').len())
}

/// Whether a line is, or ends in, a part of a block: base64, or a header as `DEK-Info: …`; or has a longer word of it.
fn is_body(line: &str) -> bool {
    let plain = |word: &str| word.trim_end_matches(['"', '\\', ',']).to_owned();
    let base64 = |word: &str| {
        !word.is_empty() && word.bytes().all(|b| b.is_ascii_alphanumeric() || b"+/=".contains(&b))
    };
    let mixed = |word: &str| {
        let has = |is: fn(&u8) -> bool| word.bytes().any(|b| is(&b));
        word.len() >= 8 && base64(word) && has(u8::is_ascii_uppercase) && has(u8::is_ascii_digit)
    };
    let mut words = line.split_whitespace().map(plain);
    words.clone().next_back().is_some_and(|last| base64(&last))
        || words.any(|word| mixed(&word))
        || line.contains("Proc-Type:")
        || line.contains("DEK-Info:")
}

fn mask_tail(lines: &mut [String], n: usize) {
    if let Some(line) = lines.get_mut(n) {
        let end = if line.ends_with('\n') { "\n" } else { "" };
        *line = format!("{MASK}{end}");
    }
}
