//! The console without its terminal: what is on the screen, what a key or an answer does to it.
//!
//! One owner: only [`update`] changes the [`Model`]. It is synchronous and total, is told the time, and asks for
//! everything else by returning an [`Effect`]. An answer carries the [`RunId`] of its question, so that a late one
//! (another environment was opened, the question was given up) is told apart and dropped.
//!
//! A screen is a [`Tab`] and a function from what is known to a [`sheet`]; [`page`] puts the filter and the choice to
//! it, and both the view and `update` use that. Only the logs have a screen of their own. Keys are one table:
//! [`keymap`]; the palette, help and the footer are made from it.
//!
//! What changes a server has one box for all actions: [`deed`]. The diagnosis is a screen like the others, and is what
//! keeps something between two looks: [`walk`].
pub mod activity;
mod activity_page;
mod age;
pub mod bundle;
pub mod deed;
pub mod explain;
pub mod frame;
mod freshness;
pub mod gauges;
#[cfg(test)]
mod given;
pub mod glyphs;
mod inventory;
pub mod jobs;
pub mod key;
pub mod keymap;
pub mod layout;
pub mod logs;
pub mod menu;
mod model;
pub mod mount;
pub mod mouse;
mod msg;
mod overlay;
mod overview;
pub mod packs;
mod page;
pub mod palette;
pub mod remembered;
pub mod runbook;
mod screen;
pub mod sheet;
pub mod strip;
pub mod theme;
mod update;
mod wake;
pub mod walk;

pub use age::ago;
pub use freshness::{Freshness, STALE_MS, freshness, status};
pub use key::{Code, Key};
pub use keymap::{Action, Place};
pub use model::{Asking, Known, Lost, Model, Notice, Picker, Server, Unfinished, WIDE, Watch};
pub use msg::{Answer, Broken, Cut, Effect, Msg, Outcome, Preview, RunId};
pub use overlay::{Asked, Overlay};
pub use overview::overview;
pub use page::{Page, page};
pub use screen::{Screen, Tab};
pub use update::{unseen, update};
pub use wake::{SPIN_MS, next_wake};
