//! What comes in, and what is asked for.
use super::key::Key;
use crate::config::model::EnvKey;
use crate::core::verdict::{Check, Verdict};

/// Tells the answer to one question from the answer to another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct RunId(pub u64);

/// Something that happened.
#[derive(Clone, Debug)]
pub enum Msg {
    /// A key.
    Key(Key),
    /// Text was pasted. No screen takes any yet; above all, a pasted line break must open nothing.
    Pasted,
    /// The window has another size.
    Resized,
    /// The program runs again after it was stopped from outside: what is on the terminal is anyone's.
    Continued,
    /// The program was told to end, or its terminal is gone.
    Ended,
    /// A look came to something.
    Looked {
        /// Which question this answers.
        run: RunId,
        /// What it came to.
        outcome: Box<Outcome>,
    },
}

/// What a look came to.
#[derive(Clone, Debug)]
pub enum Outcome {
    /// The server answered.
    Answered(Answer),
    /// It could not be asked: a verdict whose only check is the link.
    Unreachable(Verdict),
}

/// What a server answered.
#[derive(Clone, Debug)]
pub struct Answer {
    /// What it means.
    pub verdict: Verdict,
    /// The trouble with the link, if the answer ended early. What came before that is in the verdict.
    pub link: Option<Check>,
}

/// Something to be done outside.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Effect {
    /// Look at a server; answer with this number.
    Look {
        /// The environment.
        env: EnvKey,
        /// The number.
        run: RunId,
    },
    /// Nobody waits for this answer any more.
    Abandon {
        /// Its number.
        run: RunId,
    },
    /// Draw everything anew.
    Redraw,
    /// Give the terminal back and stop, until the shell goes on with it.
    Suspend,
    /// Leave.
    Quit,
}
