use super::*;
use crate::core::console::sheet::{Column, Row};
use crate::core::console::strip::{Mark, Night, Strip};
use crate::core::state::State;
use crate::i18n::Text;
use proptest::prelude::*;

fn row(n: usize) -> Row {
    let cells = vec![Text::same(n.to_string())];
    Row { id: n.to_string(), state: None, old: false, inner: false, cells, detail: Vec::new() }
}

fn line(chars: usize) -> Lead {
    Lead::Line { state: Some(State::Failed), text: Text::same("份".repeat(chars)) }
}

fn gauges(many: usize) -> Lead {
    let gauge = Gauge { label: Text::same("a"), percent: Some(40), state: State::Ok, words: Text::same("x") };
    Lead::Gauges(vec![gauge; many])
}

fn nights(many: usize) -> Lead {
    let night = Night { day: 1, mark: Mark::There, full: false, bytes: None };
    Lead::Strip(Strip { nights: vec![night; many], legend: Text::same("") })
}

fn sheet(lead: Vec<Lead>, rows: usize, titles: bool) -> Sheet {
    let title = if titles { Text::same("t") } else { Text::default() };
    Sheet { lead, columns: vec![Column::rest(title)], rows: (0..rows).map(row).collect(), empty: None }
}

/// A screen of 80x24 without the bar and the footer.
const LOW: (u16, u16) = (22, 80);
/// And one of 160x45.
const HIGH: (u16, u16) = (43, 160);

#[test]
fn a_high_screen_shows_everything_and_a_low_one_keeps_its_table() {
    let lead = || vec![line(30), line(10), nights(30), gauges(3)];
    let of = |lead, (height, width)| layout(&sheet(lead, 18, false), Lang::Zh, height, width);
    let high = of(lead(), HIGH);
    assert_eq!(high.lead, [1, 1, 5, 1]);
    assert_eq!((high.ruler, high.list_at, high.list, high.detail_at, high.detail), (8, 9, 18, 28, 15));
    let low = of(lead(), LOW);
    // two lines of nights and one of gauges: the rest is left for what one works with
    assert_eq!(low.lead, [1, 1, 3, 2]);
    assert_eq!((low.list, low.detail), (7, 6));
    // a line that is too long takes a second row where there is one
    assert_eq!(of(vec![line(60)], LOW).lead, [2]);
    assert_eq!(of(vec![line(60)], HIGH).lead, [1]);
}

#[test]
fn the_first_things_on_top_stay_longest() {
    let many: Vec<Lead> = (0..20).map(|_| line(5)).collect();
    let low = layout(&sheet(many, 18, true), Lang::Zh, LOW.0, LOW.1);
    assert_eq!(low.lead.iter().filter(|rows| **rows == 1).count(), 9);
    assert!(low.lead[8] == 1 && low.lead[9] == 0);
    assert_eq!((low.list, low.detail), (6, 4));
}

#[test]
fn a_short_table_leaves_its_room_to_the_words_below() {
    let short = layout(&sheet(vec![line(5)], 3, true), Lang::Zh, LOW.0, LOW.1);
    assert_eq!((short.list, short.detail), (3, 15));
    let none = layout(&sheet(vec![line(5)], 0, true), Lang::Zh, LOW.0, LOW.1);
    assert_eq!((none.titles, none.detail), (None, 0));
}

fn any_lead() -> impl Strategy<Value = Lead> {
    prop_oneof![(0usize..200).prop_map(line), (0usize..9).prop_map(gauges), (0usize..31).prop_map(nights),]
}

proptest! {
    #[test]
    fn the_table_and_its_words_stay_usable_and_nothing_overlaps(
        lead in proptest::collection::vec(any_lead(), 0..8), rows in 0usize..300, titles: bool,
        height in 0u16..50, width in 0u16..300,
    ) {
        let sheet = sheet(lead, rows, titles);
        let l = layout(&sheet, Lang::En, height, width);
        prop_assert_eq!(l.lead.len(), sheet.lead.len());
        prop_assert_eq!(l.ruler, l.lead.iter().sum::<u16>());
        prop_assert_eq!(l.list_at, l.ruler + 1 + u16::from(l.titles.is_some()));
        prop_assert_eq!(l.detail_at, l.list_at + l.list + 1);
        if height >= LOW.0 {
            prop_assert_eq!(l.detail_at + l.detail, height);
            if rows > 0 {
                prop_assert!(usize::from(l.list) >= rows.min(6) && l.detail >= 4, "{:?}", l);
            }
        }
    }

    #[test]
    fn a_click_finds_the_row_that_is_drawn_there(rows in 1usize..200, chosen in 0usize..200, height in 12u16..60) {
        let sheet = sheet(vec![line(4)], rows, true);
        let chosen = chosen.min(rows - 1);
        let l = layout(&sheet, Lang::Zh, height, 80);
        let from = first(rows, usize::from(l.list), chosen);
        let shown: Vec<usize> = (0..height).filter_map(|y| l.row_at(&sheet, chosen, y)).collect();
        prop_assert!(shown.contains(&chosen));
        prop_assert_eq!(shown[0], from);
        prop_assert_eq!(shown.len(), rows.min(usize::from(l.list)));
        prop_assert!(shown.windows(2).all(|w| w[1] == w[0] + 1));
        prop_assert_eq!(l.row_at(&sheet, chosen, l.ruler), None);
    }
}
