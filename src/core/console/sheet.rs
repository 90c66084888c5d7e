//! A screen as data: lines and pictures on top, a table, and what is to be said about each of its rows.
//!
//! Every screen but the logs is a function from what is known to a [`Sheet`]; one view draws them all, one update
//! moves in them, filters, copies and saves them. A new screen needs nothing but its function.
use super::strip::Strip;
use crate::core::state::State;
use crate::i18n::{Lang, Text};

/// A screen.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Sheet {
    /// Above the table, the most important first: a low screen shows only the first of them.
    pub lead: Vec<Lead>,
    /// The columns of the table.
    pub columns: Vec<Column>,
    /// Its rows.
    pub rows: Vec<Row>,
    /// Why there are no rows.
    pub empty: Option<Text>,
}

/// How old what a sheet says is. Only what is new has the colours of the states.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Age {
    /// All of it is of a moment ago.
    #[default]
    New,
    /// New rows stand beside older ones: the link's trouble beside what was found before.
    Mixed,
    /// All of it is older.
    Old,
}

/// One line, or one picture, above the table.
#[derive(Clone, Debug, PartialEq)]
pub enum Lead {
    /// A line, with the sign of its state where it has one.
    Line {
        /// The state.
        state: Option<State>,
        /// What it says.
        text: Text,
    },
    /// How full things are, as bars.
    Gauges(Vec<Gauge>),
    /// The last nights.
    Strip(Strip),
}

/// A bar: how much of a whole.
#[derive(Clone, Debug, PartialEq)]
pub struct Gauge {
    /// Of what.
    pub label: Text,
    /// Full at 100; nothing if it is not known, and then no bar is drawn.
    pub percent: Option<u8>,
    /// Whether that is good.
    pub state: State,
    /// The figures.
    pub words: Text,
}

/// A column of the table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Column {
    /// Its title; no title row is drawn when all are empty.
    pub title: Text,
    /// How wide it is.
    pub width: Width,
    /// Numbers stand at the right end.
    pub right: bool,
}

/// How wide a column is, in cells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Width {
    /// As its widest cell, and at most this.
    Fit(u16),
    /// What the others leave; only one column has it.
    Rest,
}

/// A row of the table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// Tells it from the others, also after the next look.
    pub id: String,
    /// Its state, drawn as sign and word in front of the cells.
    pub state: Option<State>,
    /// What came with an older answer than the one before: grey, no colour of a state.
    pub old: bool,
    /// What it says stands in another row's detail, too: in a text of the whole screen it is said once.
    pub inner: bool,
    /// One for each column.
    pub cells: Vec<Text>,
    /// All that there is to say about it.
    pub detail: Vec<Detail>,
}

/// One paragraph about a row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Detail {
    /// What kind.
    pub kind: Kind,
    /// What it says.
    pub text: Text,
}

/// What a paragraph is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// The whole answer; one, first.
    Title,
    /// What it rests on.
    Evidence,
    /// The next step.
    Next,
    /// A raw line of the server, as it is.
    Raw,
}

impl Sheet {
    /// How old it is, by its rows.
    pub fn age(&self) -> Age {
        let old = self.rows.iter().filter(|r| r.old).count();
        match old {
            0 => Age::New,
            _ if old == self.rows.len() => Age::Old,
            _ => Age::Mixed,
        }
    }
}

impl Column {
    /// A column as wide as its widest cell, and at most so many cells.
    pub fn fit(title: Text, most: u16) -> Column {
        Column { title, width: Width::Fit(most), right: false }
    }

    /// A column of numbers.
    pub fn number(title: Text, most: u16) -> Column {
        Column { title, width: Width::Fit(most), right: true }
    }

    /// The column that takes what is left.
    pub fn rest(title: Text) -> Column {
        Column { title, width: Width::Rest, right: false }
    }
}

impl Detail {
    /// The whole answer.
    pub fn title(text: Text) -> Detail {
        Detail { kind: Kind::Title, text }
    }

    /// What it rests on.
    pub fn evidence(text: Text) -> Detail {
        Detail { kind: Kind::Evidence, text }
    }

    /// The next step.
    pub fn next(text: Text) -> Detail {
        Detail { kind: Kind::Next, text }
    }

    /// A raw line of the server.
    pub fn raw(text: Text) -> Detail {
        Detail { kind: Kind::Raw, text }
    }
}

impl Row {
    /// Whether the row says this somewhere, in the cells or in what is said about it. Upper and lower case are one.
    pub fn says(&self, needle: &str, lang: Lang) -> bool {
        let needle = needle.to_lowercase();
        let word = self.state.map(State::word);
        let cells = self.cells.iter().chain(word.as_ref());
        let all = cells.chain(self.detail.iter().map(|d| &d.text));
        all.into_iter().any(|t| t.get(lang).to_lowercase().contains(&needle))
    }
}
