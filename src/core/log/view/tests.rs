//! What keys do to the screen of a log.
use super::*;
use crate::core::log::Incoming;
use crate::core::log::filter::Subject;
use crate::core::log::remark::Remark;
use crate::core::safetext::SafeText;
use proptest::prelude::*;

const PAGE: Page = Page { width: 40, height: 10 };

fn push(buffer: &mut Buffer, text: &str) {
    buffer.push(&Incoming { at: None, cursor: None, text: SafeText::new(text), cut: 0 });
}

/// So many lines: every tenth an error with its number, every seventh a warning.
fn given(lines: usize) -> (Buffer, LogView) {
    let mut buffer = Buffer::default();
    for n in 0..lines {
        let level = if n % 10 == 3 {
            "ERROR"
        } else if n % 7 == 0 {
            "WARNING"
        } else {
            "INFO"
        };
        push(&mut buffer, &format!("{level}: line {n}"));
    }
    let mut view = LogView::default();
    view.resize(PAGE);
    view.toggle_times();
    finish(&mut view, &buffer);
    (buffer, view)
}

fn finish(view: &mut LogView, buffer: &Buffer) {
    while view.advance(buffer, SLICE) == Work::More {}
}

fn numbers(view: &LogView, buffer: &Buffer) -> Vec<u64> {
    view.rows(buffer, PAGE).iter().map(|r| r.line.number).collect()
}

fn here(view: &LogView, buffer: &Buffer) -> u64 {
    view.current(buffer).unwrap().number
}

fn regex(pattern: &str) -> Option<Pattern> {
    Some(Pattern::regex(pattern).unwrap())
}

fn with(pattern: &str) -> Filter {
    Filter { with: regex(pattern), ..Filter::default() }
}

#[test]
fn it_follows_until_somebody_goes_elsewhere_and_then_counts_what_comes() {
    let (mut buffer, mut view) = given(100);
    assert_eq!((view.hold(), numbers(&view, &buffer).last()), (Hold::Follow, Some(&99)));
    push(&mut buffer, "one more");
    assert_eq!(numbers(&view, &buffer), (91..=100).collect::<Vec<_>>());
    view.step(&buffer, -1);
    push(&mut buffer, "two more");
    assert_eq!((view.hold(), here(&view, &buffer), view.new_lines(&buffer)), (Hold::Reading, 99, 1));
    assert_eq!(numbers(&view, &buffer), (91..=100).collect::<Vec<_>>());
    view.follow();
    assert_eq!((numbers(&view, &buffer).last(), view.new_lines(&buffer)), (Some(&101), 0));
    view.toggle_pause(&buffer);
    push(&mut buffer, "three more");
    assert_eq!((view.hold(), view.new_lines(&buffer)), (Hold::Paused, 1));
    assert_eq!(numbers(&view, &buffer), (92..=101).collect::<Vec<_>>());
    view.step(&buffer, -50);
    assert_eq!((view.hold(), here(&view, &buffer)), (Hold::Paused, 51), "still paused, at another place");
    view.toggle_pause(&buffer);
    assert_eq!((view.hold(), numbers(&view, &buffer).last()), (Hold::Follow, Some(&102)));
}

#[test]
fn pages_turn_with_a_row_in_common_and_reach_both_ends() {
    let (buffer, mut view) = given(100);
    view.turn_page(&buffer, false);
    assert_eq!((numbers(&view, &buffer)[0], here(&view, &buffer)), (81, 90));
    view.turn_page(&buffer, true);
    assert_eq!(numbers(&view, &buffer)[0], 90);
    view.turn_page(&buffer, true);
    assert_eq!(here(&view, &buffer), 99);
    view.home(&buffer);
    assert_eq!((numbers(&view, &buffer)[0], here(&view, &buffer)), (0, 0));
    for _ in 0..3 {
        view.step(&buffer, 5);
    }
    assert_eq!((here(&view, &buffer), numbers(&view, &buffer).last()), (15, Some(&15)));
    view.turn_page(&buffer, false);
    view.turn_page(&buffer, false);
    assert_eq!(here(&view, &buffer), 0);
}

#[test]
fn a_search_goes_to_the_newest_hit_and_round_the_end_and_says_so() {
    let (buffer, mut view) = given(100);
    view.set_search(&buffer, regex("line \\d*7$"));
    finish(&mut view, &buffer);
    assert_eq!((here(&view, &buffer), view.said(), view.count(Aim::Hit)), (97, None, 10));
    assert_eq!(view.place(&buffer, Aim::Hit), Some(10));
    view.jump(&buffer, Aim::Hit, true);
    assert_eq!((here(&view, &buffer), view.said()), (7, Some(Said::RoundTheEnd { oldest: true })));
    assert_eq!(numbers(&view, &buffer)[3], 7, "what stood before it is seen");
    view.jump(&buffer, Aim::Hit, false);
    assert_eq!((here(&view, &buffer), view.said()), (97, Some(Said::RoundTheEnd { oldest: false })));
    view.jump(&buffer, Aim::Hit, false);
    assert_eq!((here(&view, &buffer), view.said()), (87, None));
    view.jump(&buffer, Aim::Error, false);
    assert_eq!(here(&view, &buffer), 83);
    view.jump(&buffer, Aim::Warning, true);
    assert_eq!(here(&view, &buffer), 84);
    view.set_search(&buffer, regex("not there"));
    finish(&mut view, &buffer);
    assert_eq!((here(&view, &buffer), view.said()), (84, Some(Said::None(Aim::Hit))));
    view.set_search(&buffer, None);
    view.jump(&buffer, Aim::Hit, true);
    assert_eq!(view.said(), Some(Said::NothingToFind));
}

#[test]
fn a_search_that_is_not_done_says_so_and_goes_there_later_unless_somebody_moves() {
    let (buffer, mut view) = given(5000);
    view.set_search(&buffer, regex("line 3$"));
    assert_eq!(view.advance(&buffer, 1000), Work::More);
    assert_eq!((view.said(), view.hold()), (Some(Said::Looking(Aim::Hit)), Hold::Follow));
    assert!(view.percent(&buffer).is_some_and(|p| p < 99));
    let mut other = view.clone();
    finish(&mut view, &buffer);
    assert_eq!((here(&view, &buffer), view.said(), view.percent(&buffer)), (3, None, None));
    other.step(&buffer, -1);
    finish(&mut other, &buffer);
    assert_eq!(here(&other, &buffer), 4998, "nobody is carried away from where he reads");
}

#[test]
fn only_what_matches_and_everything_again_at_the_same_place() {
    let (mut buffer, mut view) = given(100);
    buffer.remark(None, Remark::GoesOn);
    view.step(&buffer, -50);
    assert_eq!(here(&view, &buffer), 50);
    view.set_filter(&buffer, with("line \\d3$"));
    finish(&mut view, &buffer);
    assert_eq!(
        numbers(&view, &buffer),
        [13, 23, 33, 43, 53, 63, 73, 83, 93, 100],
        "and what the console says"
    );
    assert_eq!((here(&view, &buffer), view.count(Aim::Warning)), (53, 0), "no warning that is not shown");
    push(&mut buffer, "no match");
    push(&mut buffer, "line 93");
    assert_eq!(view.advance(&buffer, SLICE), Work::Done);
    assert_eq!((view.shown(&buffer).last(), view.new_lines(&buffer)), (Some(102), 1));
    view.toggle_only(&buffer);
    finish(&mut view, &buffer);
    assert_eq!((here(&view, &buffer), view.shown(&buffer).len()), (50, 103));
    view.set_filter(&buffer, Filter::default());
    view.toggle_only(&buffer);
    assert_eq!(view.said(), Some(Said::NothingToMatch));
    // without a filter, what is looked for is one
    view.set_search(&buffer, regex("line 9"));
    view.toggle_only(&buffer);
    finish(&mut view, &buffer);
    assert_eq!(view.shown(&buffer).len(), 13);
    view.set_search(&buffer, None);
    finish(&mut view, &buffer);
    assert_eq!(view.shown(&buffer).len(), 103);
}

#[test]
fn a_line_longer_than_the_page_goes_by_row_by_row() {
    let (mut buffer, mut view) = given(3);
    push(&mut buffer, &"x".repeat(36 * 25));
    push(&mut buffer, "after");
    view.toggle_wrap();
    view.home(&buffer);
    view.step(&buffer, 1);
    view.step(&buffer, 1);
    view.step(&buffer, 1);
    assert_eq!((here(&view, &buffer), view.top(&buffer, PAGE)), (3, Some(Spot { line: 3, row: 0 })));
    for row in 1..=15 {
        view.step(&buffer, 1);
        assert_eq!((here(&view, &buffer), view.top(&buffer, PAGE)), (3, Some(Spot { line: 3, row })));
    }
    view.step(&buffer, 1);
    assert_eq!((here(&view, &buffer), view.top(&buffer, PAGE)), (4, Some(Spot { line: 3, row: 16 })));
    view.step(&buffer, -1);
    assert_eq!(here(&view, &buffer), 3);
    view.step(&buffer, -1);
    assert!(here(&view, &buffer) < 4);
}

#[test]
fn to_the_side_and_not_beyond_the_longest_line() {
    let (mut buffer, mut view) = given(1);
    push(&mut buffer, &"x".repeat(100));
    view.shift(&buffer, 60);
    assert_eq!(view.left(), 60);
    view.shift(&buffer, 600);
    assert_eq!(view.left(), 100 - 36 / 2);
    view.shift(&buffer, -600);
    assert_eq!(view.left(), 0);
    view.toggle_wrap();
    view.shift(&buffer, 60);
    assert_eq!(view.left(), 0);
}

#[derive(Clone, Debug)]
enum Do {
    Push(usize, usize),
    Remark,
    Step(i64),
    Page(bool),
    Home,
    Follow,
    Pause,
    Jump(u8, bool),
    Filter(u8),
    Search(u8),
    Only,
    Wrap,
    Times,
    Shift(i64),
    Advance(usize),
    Size(usize, usize),
}

fn action() -> impl Strategy<Value = Do> {
    prop_oneof![
        4 => (0_usize..6000, 1_usize..40).prop_map(|(l, n)| Do::Push(l, n)),
        1 => Just(Do::Remark),
        2 => (-30_i64..30).prop_map(Do::Step),
        2 => any::<bool>().prop_map(Do::Page),
        1 => Just(Do::Home), 1 => Just(Do::Follow), 1 => Just(Do::Pause),
        2 => (0_u8..3, any::<bool>()).prop_map(|(a, n)| Do::Jump(a, n)),
        1 => (0_u8..4).prop_map(Do::Filter), 1 => (0_u8..3).prop_map(Do::Search),
        1 => Just(Do::Only), 1 => Just(Do::Wrap), 1 => Just(Do::Times), 1 => (-50_i64..50).prop_map(Do::Shift),
        3 => (1_usize..60_000).prop_map(Do::Advance),
        1 => (0_usize..120, 0_usize..30).prop_map(|(w, h)| Do::Size(w, h)),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn whatever_is_done_the_page_is_full_in_order_and_right(actions in proptest::collection::vec(action(), 1..60)) {
        let mut buffer = Buffer::new(600 << 10);
        let mut view = LogView::default();
        let (mut n, mut page) = (0_u64, PAGE);
        view.resize(page);
        for action in actions {
            match action {
                Do::Push(length, many) => for _ in 0..many {
                    n += 1;
                    let level = ["INFO", "ERROR", "WARNING"][usize::try_from(n % 3).unwrap()];
                    push(&mut buffer, &format!("{level}: {n} {}", "x备".repeat(length / 4)));
                },
                Do::Remark => buffer.remark(None, Remark::GoesOn),
                Do::Step(by) => view.step(&buffer, by),
                Do::Page(down) => view.turn_page(&buffer, down),
                Do::Home => view.home(&buffer),
                Do::Follow => view.follow(),
                Do::Pause => view.toggle_pause(&buffer),
                Do::Jump(aim, newer) => view.jump(&buffer, [Aim::Hit, Aim::Error, Aim::Warning][usize::from(aim)], newer),
                Do::Filter(0) => view.set_filter(&buffer, Filter::default()),
                Do::Filter(1) => view.set_filter(&buffer, with(" \\d*3 ")),
                Do::Filter(2) => view.set_filter(&buffer, Filter { subject: Some(Subject::Errors), ..Filter::default() }),
                Do::Filter(_) => view.set_filter(&buffer, Filter { without: regex("info"), ..with("1") }),
                Do::Search(0) => view.set_search(&buffer, None),
                Do::Search(1) => view.set_search(&buffer, regex(" \\d*5 ")),
                Do::Search(_) => view.set_search(&buffer, regex("nothing")),
                Do::Only => view.toggle_only(&buffer),
                Do::Wrap => view.toggle_wrap(),
                Do::Times => view.toggle_times(),
                Do::Shift(by) => view.shift(&buffer, by),
                Do::Advance(bytes) => { view.advance(&buffer, bytes); }
                Do::Size(width, height) => { page = Page { width, height }; view.resize(page); }
            }
            let rows = view.rows(&buffer, page);
            prop_assert!(rows.len() <= page.height);
            let spots: Vec<(u64, usize)> = rows.iter().map(|r| (r.line.number, r.row)).collect();
            prop_assert!(spots.is_sorted() && spots.windows(2).all(|w| w[0] != w[1]), "{spots:?}");
            if view.hold() == Hold::Follow && page.height > 0 {
                prop_assert_eq!(rows.last().map(|r| r.line.number), view.shown(&buffer).last());
            }
            // the page is full if there is enough to fill it
            let all: usize = view.shown(&buffer).from(0).take(page.height).map(|l| layout::height(&l, view.shape(page))).sum();
            prop_assert_eq!(rows.len(), all.min(page.height));
            prop_assert!(view.current(&buffer).is_some() || view.shown(&buffer).is_empty());
        }
        finish(&mut view, &buffer);
        let only = view.is_only();
        let passes = |l: &Line<'_>| match (only, view.filter().is_none(), view.search()) {
            (false, _, _) | (true, true, None) => true,
            (true, false, _) => view.filter().lets(l),
            (true, true, Some(search)) => l.text().is_none_or(|t| search.is_in(t)),
        };
        let expected: Vec<u64> = buffer.range(0, u64::MAX).filter(passes).map(|l| l.number).collect();
        let shown: Vec<u64> = view.shown(&buffer).from(0).map(|l| l.number).collect();
        prop_assert_eq!(shown, expected);
        for aim in [Aim::Error, Aim::Hit] {
            view.jump(&buffer, aim, true);
            if let (None | Some(Said::RoundTheEnd { .. }), Some(line)) = (view.said(), view.current(&buffer)) {
                let right = match aim {
                    Aim::Error => line.level() == Some(Level::Error),
                    _ => view.search().is_some_and(|s| line.text().is_some_and(|t| s.is_in(t))),
                };
                prop_assert!(right, "{:?}", line);
            }
        }
    }
}
