//! Lines as they are written to a file or copied: the whole moment, then the whole line.
use super::buffer::{Buffer, Kind, Line};
use super::stamp;
use super::view::LogView;
use crate::i18n::Lang;
use std::ops::Range;

/// A line as it is written. Words of the console stand between `--`.
pub fn written(line: &Line<'_>, zone_s: i32, lang: Lang) -> String {
    let at = line.at.map(|at| stamp::long(at, zone_s) + " ").unwrap_or_default();
    match line.kind {
        Kind::Log { text, .. } => format!("{at}{text}"),
        Kind::Remark(remark) => format!("{at}-- {} --", remark.text().get(lang)),
    }
}

/// A part of what is shown, from one line to before another, of roughly so many bytes; and where the next part begins, if there is one.
pub fn part(
    view: &LogView,
    buffer: &Buffer,
    lines: Range<u64>,
    bytes: usize,
    zone_s: i32,
    lang: Lang,
) -> (String, Option<u64>) {
    let mut text = String::new();
    for line in view.shown(buffer).from(lines.start).take_while(|l| l.number < lines.end) {
        if text.len() >= bytes {
            return (text, Some(line.number));
        }
        text.push_str(&written(&line, zone_s, lang));
        text.push('\n');
    }
    (text, None)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::log::remark::Remark;
    use crate::core::log::{Incoming, Nanos};
    use crate::core::safetext::SafeText;

    #[test]
    fn what_is_shown_is_written_in_parts_and_each_line_once() {
        let mut buffer = Buffer::default();
        for n in 0..100 {
            let at = Some(Nanos(1_769_832_000_500_000_000 + n));
            buffer.push(&Incoming { at, cursor: None, text: SafeText::new(&format!("line {n}")), cut: 0 });
        }
        buffer.remark(None, Remark::GoesOn);
        let view = LogView::default();
        let (mut all, mut next) = (String::new(), Some(0));
        while let Some(from) = next {
            let (text, then) = part(&view, &buffer, from..buffer.end(), 500, 8 * 3600, Lang::En);
            assert!(text.len() < 600);
            all.push_str(&text);
            next = then;
        }
        let lines: Vec<&str> = all.lines().collect();
        assert_eq!((lines.len(), lines[7]), (101, "2026-01-31T12:00:00.500000+08:00 line 7"));
        assert_eq!(lines[100], "-- the link is back: it goes on where it was left --");
    }
}
