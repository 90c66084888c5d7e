//! What is true of every drawing: it fits, nothing is cut in half, the chosen row is seen, old things have no colour.
use super::*;
use opsdeck::core::console::layout::layout;
use opsdeck::core::console::sheet::{Age, Column, Detail, Gauge, Lead, Row};
use opsdeck::core::console::strip::{Mark, Night, Strip};
use opsdeck::core::console::theme::Theme;
use opsdeck::core::state::State;
use opsdeck::core::units::Bytes;
use proptest::prelude::*;
use ratatui::style::{Color, Modifier};

const PLAIN: Ink = Ink::of(Theme::Dark, false);

fn text() -> impl Strategy<Value = Text> {
    "[a-z /备份挂载，。（）]{0,120}".prop_map(Text::same)
}

fn state() -> impl Strategy<Value = State> {
    prop_oneof![Just(State::Ok), Just(State::Warning), Just(State::Failed), Just(State::Unknown)]
}

fn row() -> impl Strategy<Value = Row> {
    let cells = proptest::collection::vec(text(), 3);
    let detail = proptest::collection::vec(text(), 0..9);
    (proptest::option::of(state()), any::<bool>(), cells, detail).prop_map(|(state, old, cells, said)| {
        let mut detail: Vec<Detail> = said.iter().cloned().map(Detail::evidence).collect();
        detail.extend(said.last().cloned().map(Detail::next));
        Row { id: String::new(), state, old, inner: false, cells, detail }
    })
}

fn lead() -> impl Strategy<Value = Lead> {
    let line = (proptest::option::of(state()), text()).prop_map(|(state, text)| Lead::Line { state, text });
    let gauge = (text(), proptest::option::of(0u8..=255), state(), text());
    let gauge = gauge.prop_map(|(label, percent, state, words)| Gauge { label, percent, state, words });
    let marks = prop_oneof![Just(Mark::There), Just(Mark::Gone), Just(Mark::Missing), Just(Mark::Unknown)];
    let night = (1u8..32, marks, any::<bool>(), proptest::option::of(any::<u64>()));
    let night = night.prop_map(|(day, mark, full, bytes)| Night { day, mark, full, bytes: bytes.map(Bytes) });
    let strip = (proptest::collection::vec(night, 0..40), text());
    prop_oneof![
        line,
        proptest::collection::vec(gauge, 0..6).prop_map(Lead::Gauges),
        strip.prop_map(|(nights, legend)| Lead::Strip(Strip { nights, legend })),
    ]
}

fn sheet() -> impl Strategy<Value = Sheet> {
    let parts = (
        proptest::collection::vec(lead(), 0..6),
        proptest::collection::vec(row(), 0..30),
        text(),
        proptest::option::of(text()),
    );
    parts.prop_map(|(lead, rows, title, empty)| {
        let columns =
            vec![Column::fit(title.clone(), 20), Column::number(title, 9), Column::rest(Text::default())];
        Sheet { lead, columns, rows, empty }
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn any_sheet_fits_any_screen(
        sheet in sheet(), chosen in 0usize..40, page in any::<i32>(), width in 0u16..200, height in 0u16..60,
    ) {
        for lang in [Lang::Zh, Lang::En] {
            let at = Cursor { chosen, page, age: sheet.age() };
            let buf = draw(&sheet, at, Some((Text::same("现在"), true)), (COLOUR, lang, Glyphs::Ascii), (width, height));
            for line in lines(&buf) {
                prop_assert!(line.width() <= usize::from(width), "{:?}", line);
            }
            if height >= 21 && width >= 79 && !sheet.rows.is_empty() {
                let marked = lines(&buf).iter().filter(|l| l.starts_with('>')).count();
                prop_assert_eq!(marked, 1, "the chosen row is not seen");
            }
        }
    }

    #[test]
    fn what_is_old_is_never_green(sheet in sheet()) {
        let mut sheet = sheet;
        for row in &mut sheet.rows {
            row.old = true;
        }
        let at = Cursor { chosen: 0, page: 0, age: Age::Old };
        let buf = draw(&sheet, at, None, (COLOUR, Lang::Zh, Glyphs::Ascii), (160, 42));
        prop_assert!(buf.content.iter().all(|c| c.fg != Color::Green));
        let plain = draw(&sheet, at, None, (PLAIN, Lang::Zh, Glyphs::Ascii), (160, 42));
        prop_assert!(plain.content.iter().all(|c| c.fg == Color::Reset));
        prop_assert_eq!(lines(&plain), lines(&buf));
    }
}

fn a_row(n: usize, state: State) -> Row {
    let cells = vec![Text::same(format!("row {n}")), Text::same("1"), Text::same("备份")];
    Row {
        id: n.to_string(),
        state: Some(state),
        old: false,
        inner: false,
        cells,
        detail: vec![Detail::title(Text::same("t"))],
    }
}

#[test]
fn a_failure_outside_the_picture_is_counted_in_the_ruler() {
    let columns = vec![
        Column::fit(Text::default(), 9),
        Column::number(Text::default(), 9),
        Column::rest(Text::default()),
    ];
    let rows: Vec<Row> =
        (0..40).map(|n| a_row(n, if n == 0 || n == 39 { State::Failed } else { State::Ok })).collect();
    let sheet = Sheet { lead: Vec::new(), columns, rows, empty: None };
    let at = Cursor { chosen: 20, ..Cursor::default() };
    let buf = draw(&sheet, at, None, (COLOUR, Lang::Zh, Glyphs::Ascii), (80, 21));
    let all = lines(&buf);
    let l = layout(&sheet, Lang::Zh, 21, 80);
    let ruler = &all[usize::from(l.detail_at) - 1];
    assert!(ruler.contains("上面还有") && ruler.contains("下面还有"), "{ruler}");
    assert_eq!(ruler.matches("（失败 1）").count(), 2, "{ruler}");
    let y = all.iter().position(|l| l.starts_with('>')).unwrap();
    assert!(buf[(3, u16::try_from(y).unwrap())].modifier.contains(Modifier::REVERSED));
    assert_eq!(l.row_at(&sheet, 20, u16::try_from(y).unwrap()), Some(20));
}

#[test]
fn thirty_nights_fit_the_smallest_screen_and_half_of_a_large_one() {
    let night = |n: u8| Night {
        day: n + 1,
        mark: if n == 29 { Mark::Missing } else { Mark::There },
        full: n.is_multiple_of(7),
        bytes: Some(Bytes(100)),
    };
    let strip = Strip { nights: (0..30).map(night).collect(), legend: Text::same("说明") };
    let lead = vec![Lead::Strip(strip)];
    let sheet = Sheet { lead, columns: Vec::new(), rows: Vec::new(), empty: None };
    for width in [76, 79, 80, 160] {
        let buf = draw(&sheet, Cursor::default(), None, (COLOUR, Lang::Zh, Glyphs::Ascii), (width, 42));
        let all = lines(&buf);
        assert_eq!(all[0].matches('+').count(), 29, "{width}: {}", all[0]);
        assert!(all[0].ends_with('o') && all[3].ends_with("30"), "{width}: {all:#?}");
        assert_eq!(all[1].matches('全').count(), 1 + 5, "{width}: its title and the full ones");
        // the day of the last night stands under its sign
        assert_eq!(all[0].width(), all[3].width() - 1, "{width}");
    }
}

#[test]
fn a_cut_line_on_top_still_begins_where_the_line_above_it_ended() {
    let words = "一二三四五六七八九十".repeat(20);
    let lead = vec![Lead::Line { state: Some(State::Failed), text: Text::same(words.clone()) }];
    let sheet = Sheet { lead, columns: Vec::new(), rows: Vec::new(), empty: None };
    let all = lines(&draw(&sheet, Cursor::default(), None, (COLOUR, Lang::Zh, Glyphs::Ascii), (80, 21)));
    let shown = format!("{}{}", all[0].trim_start_matches(" [x] 失败  "), all[1].trim());
    assert!(words.starts_with(shown.trim_end_matches('.')) && shown.ends_with(".."), "{shown}");
}
