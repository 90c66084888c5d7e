//! The console: what is on the screen, what keys do, and what becomes of the terminal.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]
mod fake;
mod flow;
mod given;
mod golden;
mod panics;
mod pty;
mod size;
mod terminal;
