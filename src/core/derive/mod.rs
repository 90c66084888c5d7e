//! What follows from the answers of a look, each with the evidence it came from. Pure; `now` is an argument.
pub mod job;
pub mod kernel;
pub mod mount;
pub mod night;
pub mod pack;
pub mod progress;
pub mod room;
pub mod schedule;
