//! `opsdeck bundle`: what an operator sends to somebody who helps: what is known about one server, without secrets, in one file.
//!
//! `collect` gathers the parts, each bounded, and says of each that could not be had why; `redacted` takes secrets and
//! addresses out; `pack` makes one archive of them; `list` says what is in it. Nothing is written to a server, and nothing to the workstation but
//! that one file.
mod collect;
mod command;
mod excerpt;
pub mod list;
mod pack;
mod redacted;
mod versions;

pub use collect::{Asked, collect};
pub use command::run;
pub use excerpt::script;
pub use pack::{archive, write_new};
pub use redacted::{Bundle, File, redact};

use crate::core::redact::Given;
use crate::i18n::Text;

/// How a part is read when it is redacted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// Lines.
    Text,
    /// One JSON document.
    Json,
    /// One JSON document a line.
    JsonLines,
}

/// One part, as it was gathered. It may hold secrets: it goes nowhere but into [`redact`].
pub struct Part {
    /// The file's name in the bundle.
    pub name: &'static str,
    /// How to read it.
    pub form: Form,
    /// What it says.
    pub text: String,
}

/// A part that is not there, or not whole.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Missing {
    /// The file's name in the bundle.
    pub name: &'static str,
    /// Why, in words.
    pub why: Text,
}

/// Everything that was gathered.
#[derive(Default)]
pub struct Gathered {
    /// What there is.
    pub parts: Vec<Part>,
    /// What there is not.
    pub missing: Vec<Missing>,
    /// What is known beforehand about secrets and names.
    pub given: Given,
}

impl Gathered {
    fn add(&mut self, name: &'static str, form: Form, text: String) {
        self.parts.push(Part { name, form, text });
    }

    fn lacks(&mut self, name: &'static str, why: Text) {
        self.missing.push(Missing { name, why });
    }
}
