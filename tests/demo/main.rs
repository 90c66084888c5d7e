//! The built-in server, asked with the very script that goes to real servers.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]
mod acting;
mod asking;
mod changes;
mod contained;
mod kept;
mod pages;
mod replies;
mod scenarios;
mod shape;
mod time;
mod verdicts;
mod watching;
