//! What changes a server: an action becomes a [`Plan`](plan::Plan), which is data, and only a plan that a person
//! confirmed is run.
pub mod action;

pub use action::{Action, How, LockRow, Service};
