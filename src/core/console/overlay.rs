//! What lies over a screen: help, the palette, the menu of actions, the box of one, the question at the way out, a line to
//! type in.
use super::bundle::Bundle;
use super::deed::Deed;
use super::runbook::Book;
use crate::core::diagnose::CauseId;
use tui_input::{Input, InputRequest};

/// What lies over the screen.
#[derive(Clone, Debug)]
pub enum Overlay {
    /// The keys of the screen below.
    Help {
        /// Pages turned.
        page: i32,
    },
    /// What is to be known about every cause.
    Runbook(Book),
    /// Everything that can be done here, by name.
    Palette {
        /// What was typed.
        input: Input,
        /// The chosen line.
        chosen: usize,
    },
    /// What changes a server, with the reason where it cannot be done.
    Actions {
        /// The chosen line.
        chosen: usize,
    },
    /// One action: what it would do, how it goes, what became of it.
    Deed(Box<Deed>),
    /// A cause in plain words.
    Explain {
        /// Which.
        cause: CauseId,
        /// Pages turned; only the drawing knows how many there are.
        page: i32,
    },
    /// A bundle: gathered, shown, written on a yes.
    Bundle(Box<Bundle>),
    /// The write mode of 正式 is opened by the name.
    Write {
        /// What was typed.
        input: Input,
    },
    /// Really leave?
    Leave {
        /// The chosen answer; the first is to stay.
        chosen: usize,
    },
    /// One line is typed.
    Ask {
        /// What for.
        what: Asked,
        /// What was typed.
        input: Input,
    },
}

/// What a typed line is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Asked {
    /// Rows that say this, of a table or of the list of environments.
    Filter,
    /// Lines of a log that match.
    Search,
    /// Only lines of a log that match.
    Only,
    /// No lines of a log that match.
    Without,
    /// Since when a log is shown.
    Since,
}

/// Longest line that can be typed or pasted, in characters.
const LONGEST: usize = 400;

/// Types one character. Control characters are no text.
pub(super) fn insert(input: &mut Input, c: char) {
    if !c.is_control() && input.value().chars().count() < LONGEST {
        input.handle(InputRequest::InsertChar(c));
    }
}

/// Pastes text: its first line, without control characters. A pasted line break confirms nothing.
pub(super) fn paste(input: &mut Input, text: &str) {
    let line = text.lines().next().unwrap_or_default();
    for c in line.chars() {
        insert(input, c);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_paste_is_one_line_of_plain_text_within_bounds() {
        let mut input = Input::default();
        paste(&mut input, "rm\u{1b}[31m -rf\t/\nEnter\n");
        assert_eq!(input.value(), "rm[31m -rf/");
        paste(&mut input, &"长".repeat(10_000));
        assert_eq!(input.value().chars().count(), LONGEST);
    }
}
