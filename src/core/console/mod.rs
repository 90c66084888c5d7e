//! The console without its terminal: what is on the screen, what a key or an answer does to it.
//!
//! One owner: only [`update`] changes the [`Model`]. It is synchronous and total, is told the time, and asks for
//! everything else by returning an [`Effect`]. An answer carries the [`RunId`] of its question, so that a late one
//! (another environment was opened, the question was given up) is told apart and dropped.
//!
//! A new screen is one [`Screen`] variant, one [`Place`] with its lines in the table of `keymap`, and one file in
//! `tui::view`.
mod age;
pub mod key;
pub mod keymap;
mod model;
mod msg;
mod overview;
mod update;
mod wake;

pub use age::ago;
pub use key::{Code, Key};
pub use keymap::{Action, Place};
pub use model::{Asking, Known, Model, Notice, Screen, Server};
pub use msg::{Answer, Effect, Msg, Outcome, RunId};
pub use overview::{Freshness, Overview, Row, STALE_MS, overview};
pub use update::update;
pub use wake::{SPIN_MS, next_wake};
