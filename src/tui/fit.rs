//! Text made to fit into cells: cut, padded, wrapped. A Chinese character is two cells wide and never cut in half.
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

/// Stands for what was cut off. Two dots: the typographic sign is one or two cells wide, who knows.
const CUT: &str = "..";
/// What does not begin a line.
const CLOSING: &str = "，。；：、！？）】》”’,.;:!?)]}>%";
/// What does not end one.
const OPENING: &str = "（【《“‘([{<";

/// At most this many cells, with two dots where something was cut off.
pub fn cut(text: &str, width: usize) -> String {
    if text.width() <= width {
        return text.to_owned();
    }
    let mut short = start(text, width.saturating_sub(CUT.width())).to_owned();
    if width >= CUT.width() {
        short.push_str(CUT);
    }
    short
}

/// Exactly this many cells: cut, or filled up with blanks.
pub fn pad(text: &str, width: usize) -> String {
    let mut text = cut(text, width);
    let missing = width.saturating_sub(text.width());
    text.extend(std::iter::repeat_n(' ', missing));
    text
}

/// What is left of a text after so many cells; a character that is cut in half is left out.
pub fn after(text: &str, cells: usize) -> String {
    let mut used = 0;
    let rest = text.chars().skip_while(|c| {
        let skip = used < cells;
        used += c.width().unwrap_or(0);
        skip
    });
    rest.collect()
}

/// Lines of at most this many cells, broken between words, or between any two Chinese characters. A full stop does
/// not begin a line. A path may break before a slash; a word that is longer than a line is
/// broken where the line ends.
pub fn wrap(text: &str, width: usize) -> Vec<String> {
    // a character can be two cells wide
    let width = width.max(2);
    let mut lines = Vec::new();
    let mut line = String::new();
    for piece in pieces(text) {
        let mut rest = piece;
        while line.width() + rest.trim_end().width() > width {
            if !line.is_empty() && (rest.width() <= width || line.width() * 4 > width * 3) {
                lines.push(std::mem::take(&mut line).trim_end().to_owned());
                rest = rest.trim_start();
                continue;
            }
            let head = start(rest, width.saturating_sub(line.width()));
            if head.is_empty() && line.is_empty() {
                break;
            }
            line.push_str(head);
            lines.push(std::mem::take(&mut line));
            rest = rest.get(head.len()..).unwrap_or_default();
        }
        line.push_str(rest);
    }
    if !line.trim_end().is_empty() || lines.is_empty() {
        lines.push(line.trim_end().to_owned());
    }
    lines
}

/// The first characters that fit.
fn start(text: &str, width: usize) -> &str {
    let mut used = 0;
    for (at, c) in text.char_indices() {
        used += c.width().unwrap_or(0);
        if used > width {
            return text.get(..at).unwrap_or_default();
        }
    }
    text
}

/// The pieces that stay together: a word with its blank, a Chinese character with the sign that closes it.
fn pieces(text: &str) -> Vec<&str> {
    let mut pieces = Vec::new();
    let mut from = 0;
    let mut before: Option<char> = None;
    for (at, c) in text.char_indices() {
        if before.is_some_and(|b| may_break(b, c)) {
            pieces.extend(text.get(from..at));
            from = at;
        }
        before = Some(c);
    }
    pieces.extend(text.get(from..));
    pieces
}

fn may_break(before: char, after: char) -> bool {
    let wide = |c: char| c.width() == Some(2);
    if after == ' ' || CLOSING.contains(after) || OPENING.contains(before) {
        return false;
    }
    // a path, before a slash but not inside `//`
    let path = after == '/' && before != '/';
    before == ' ' || wide(before) || wide(after) || path
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn nothing_is_cut_in_half() {
        assert_eq!(cut("备份正常", 8), "备份正常");
        assert_eq!(cut("备份正常", 7), "备份..");
        assert_eq!(cut("abc", 1), "");
        assert_eq!(
            (after("备份ab", 0), after("备份ab", 3), after("备份ab", 9)),
            ("备份ab".into(), "ab".into(), "".into())
        );
        assert_eq!(pad("备份", 6), "备份  ");
        assert_eq!(pad("备份正常", 7), "备份.. ");
    }

    #[test]
    fn lines_break_where_a_reader_expects_it() {
        assert_eq!(wrap("共享没有挂载，现在写进去的", 12), ["共享没有挂", "载，现在写进", "去的"]);
        assert_eq!(wrap("the share is not mounted", 10), ["the share", "is not", "mounted"]);
        assert_eq!(wrap("看 /mnt/replica/RagflowAuth", 12), ["看 /mnt", "/replica", "/RagflowAuth"]);
        assert_eq!(wrap("", 10), [""]);
    }

    proptest! {
        #[test]
        fn every_line_fits_and_nothing_is_lost(text in "[a-z/ 备份挂载，。（）]{0,120}", width in 2usize..40) {
            let lines = wrap(&text, width);
            for line in &lines {
                prop_assert!(line.width() <= width, "{line:?}");
            }
            let bare = |t: &str| t.replace(' ', "");
            prop_assert_eq!(bare(&lines.concat()), bare(&text));
            prop_assert!(cut(&text, width).width() <= width);
            prop_assert_eq!(pad(&text, width).width(), width);
        }
    }
}
