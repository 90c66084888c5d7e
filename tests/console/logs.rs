//! The page of a log as it looks.
use crate::given::{COLOUR, lines};
use opsdeck::core::console::theme::Theme;
use opsdeck::core::log::buffer::Buffer;
use opsdeck::core::log::filter::{Filter, Subject};
use opsdeck::core::log::layout::Page;
use opsdeck::core::log::pattern::Pattern;
use opsdeck::core::log::remark::Remark;
use opsdeck::core::log::view::{Aim, LogView, SLICE, Work};
use opsdeck::core::log::{Source, line};
use opsdeck::core::state::State;
use opsdeck::i18n::{Lang, Text};
use opsdeck::tui::ink::Ink;
use opsdeck::tui::view::{LogPage, log_page};
use ratatui::layout::Rect;
use ratatui::style::{Color, Modifier};

const SIZE: (u16, u16) = (80, 23);
const NIGHT: [&str; 6] = [
    "2026-01-31T04:00:00.1Z Started full backup job #422",
    "2026-01-31T04:00:07Z INFO:     备份 volume: ragflow_compose_esdata01（写入中 512 MB）",
    "2026-01-31T04:00:09Z INFO:     10.0.0.1:52 - \"GET /health HTTP/1.1\" 502 Bad Gateway",
    "2026-01-31T04:00:11Z 2026-01-31 12:00:11,001 - data_security - ERROR - 预检失败：/mnt/replica 未挂载",
    "2026-01-31T04:00:12Z a very long line: 0123456789 0123456789 0123456789 0123456789 the end of it",
    "no time and \u{1b}[31mno command",
];

fn night() -> (Buffer, LogView) {
    let mut buffer = Buffer::default();
    for text in NIGHT {
        buffer.push(&line::docker(text.as_bytes(), 0));
    }
    let why = Text { zh: "对方没有应答".into(), en: "no answer".into() };
    buffer.remark(None, Remark::LinkLost { why });
    let mut view = LogView::default();
    view.resize(Page::of(SIZE.0, SIZE.1));
    finish(&mut view, &buffer);
    (buffer, view)
}

fn finish(view: &mut LogView, buffer: &Buffer) {
    while view.advance(buffer, SLICE) == Work::More {}
}

fn drawn(
    view: &LogView,
    buffer: &Buffer,
    lang: Lang,
    ink: Ink,
    link: Option<&Text>,
    zone_s: Option<i32>,
    size: (u16, u16),
) -> ratatui::buffer::Buffer {
    let source = Source::Container("ragflowauth-backend".into());
    let area = Rect::new(0, 0, size.0, size.1);
    let mut screen = ratatui::buffer::Buffer::empty(area);
    log_page(
        LogPage { source: &source, view, buffer, link, start: None, zone_s },
        ink,
        lang,
        area,
        &mut screen,
    );
    screen
}

fn seen(view: &LogView, buffer: &Buffer) -> Vec<String> {
    lines(&drawn(view, buffer, Lang::Zh, COLOUR, None, Some(8 * 3600), SIZE))
}

fn as_before(name: &str, seen: &[String]) {
    let page = seen.join("\n");
    insta::with_settings!({ snapshot_path => "logs", prepend_module_to_snapshot => false }, {
        insta::assert_snapshot!(name, page.trim_end());
    });
}

#[test]
fn a_night_is_read_with_its_levels_its_times_and_what_was_lost() {
    let (buffer, view) = night();
    let seen = seen(&view, &buffer);
    as_before("night-zh", &seen);
}

#[test]
fn a_wide_screen_in_english_wraps_and_says_what_is_wrong_above() {
    let (buffer, mut view) = night();
    view.toggle_wrap();
    view.toggle_pause(&buffer);
    view.set_search(&buffer, Pattern::plain("backup").ok());
    finish(&mut view, &buffer);
    let link = Text { zh: "断".into(), en: "the link was lost; connecting again in 5 s".into() };
    let screen = drawn(&view, &buffer, Lang::En, COLOUR, Some(&link), None, (160, 20));
    as_before("wide-en", &lines(&screen));
}

#[test]
fn a_long_line_goes_on_in_the_next_row_under_its_text() {
    let (buffer, mut view) = night();
    view.toggle_wrap();
    let seen = seen(&view, &buffer);
    let row = seen.iter().position(|l| l.contains("a very long line")).unwrap();
    assert!(seen[row].ends_with(" 0123456789"), "{seen:#?}");
    assert_eq!(seen[row + 1], format!("{:18} the end of it", ""));
    assert_eq!(seen[row].find("a very"), Some(18));
}

#[test]
fn what_is_looked_for_is_reversed_and_levels_are_signs_and_colours() {
    let (buffer, mut view) = night();
    view.set_search(&buffer, Pattern::plain("volume").ok());
    finish(&mut view, &buffer);
    let screen = drawn(&view, &buffer, Lang::Zh, COLOUR, None, None, SIZE);
    let all = lines(&screen);
    let row = |word: &str| u16::try_from(all.iter().position(|l| l.contains(word)).unwrap()).unwrap();
    let y = row("esdata01");
    let reversed: String = (0..80)
        .filter(|x| screen[(*x, y)].modifier.contains(Modifier::REVERSED))
        .map(|x| screen[(x, y)].symbol())
        .collect();
    assert_eq!(reversed, "volume");
    assert_eq!(screen[(0, y)].symbol(), ">", "the current line");
    let error = row("ERROR");
    assert_eq!(
        (screen[(1, error)].symbol(), screen[(1, error)].fg),
        ("E", COLOUR.state(State::Failed).fg.unwrap())
    );
    let plain = drawn(&view, &buffer, Lang::Zh, Ink::of(Theme::Mono, false), None, None, SIZE);
    assert_eq!((plain[(1, error)].symbol(), plain[(1, error)].fg), ("E", Color::Reset));
    assert_eq!(screen[(1, row("502"))].symbol(), "W");
}

#[test]
fn an_empty_page_says_why() {
    let (buffer, mut view) = night();
    let nothing = Buffer::default();
    let link = Text { zh: "连不上".into(), en: "no link".into() };
    let fresh = LogView::default();
    assert!(seen(&fresh, &nothing).join("\n").contains("正在等待"));
    let said = lines(&drawn(&fresh, &nothing, Lang::Zh, COLOUR, Some(&link), None, SIZE)).join("\n");
    assert!(said.contains("连不上") && said.contains("原因见上"), "{said}");
    let mut buffer = buffer;
    let mut quiet = Buffer::default();
    quiet.push(&line::docker(b"nothing to see", 0));
    view.set_filter(&quiet, Filter { subject: Some(Subject::Sync), ..Filter::default() });
    finish(&mut view, &quiet);
    assert!(seen(&view, &quiet).join("\n").contains("1 行中没有一行符合"));
    // what the console says is no match, and stays
    buffer.push(&line::docker(b"nothing to see", 0));
    view.set_filter(&buffer, Filter { subject: Some(Subject::Sync), ..Filter::default() });
    finish(&mut view, &buffer);
    assert!(seen(&view, &buffer).join("\n").contains("连接断了"));
}

#[test]
fn round_the_end_is_said_where_the_eye_is() {
    let (buffer, mut view) = night();
    view.jump(&buffer, Aim::Error, true);
    assert!(seen(&view, &buffer)[1].contains("从最早一行继续"));
    view.jump(&buffer, Aim::Hit, true);
    assert!(seen(&view, &buffer)[1].contains("先按 /"));
}

#[test]
fn nothing_is_written_outside_however_small_the_page_is() {
    let (buffer, mut view) = night();
    for wrap in [false, true] {
        for (width, height) in [(1, 1), (3, 2), (10, 4), (20, 30), (500, 3)] {
            drawn(&view, &buffer, Lang::Zh, COLOUR, None, None, (width, height));
            view.resize(Page::of(width, height));
            view.step(&buffer, -1);
            view.turn_page(&buffer, !wrap);
        }
        view.toggle_wrap();
    }
}
