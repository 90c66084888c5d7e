//! Pure: what is known about a server and what follows from it. No clock, disk, network or terminal here;
//! `tests/architecture.rs` fails when a file of this folder names tokio, ratatui, openssh or `std::fs`.
pub mod console;
pub mod derive;
pub mod diagnose;
pub mod gap;
pub mod log;
pub mod plan;
pub mod probe;
pub mod redact;
pub mod safetext;
pub mod segments;
pub mod snapshot;
pub mod state;
pub mod units;
pub mod verdict;
