//! The mouse as the console means it: a click, a step of the wheel. Nothing else of it comes here.

/// Something that the mouse did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mouse {
    /// What.
    pub what: What,
    /// Where: the column, from 0.
    pub column: u16,
    /// Where: the row, from 0.
    pub row: u16,
}

/// What the mouse did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum What {
    /// Its left button went down.
    Click,
    /// Its wheel turned one step up.
    ScrollUp,
    /// Its wheel turned one step down.
    ScrollDown,
}
