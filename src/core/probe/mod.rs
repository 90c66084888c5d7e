//! The questions of a look, one file each: what the answer means, and the parser that reads it.
//!
//! Every parser is total: any bytes give a value or a [`Gap`](crate::core::gap::Gap), never a panic and never a guess.
pub mod containers;
pub mod credentials;
pub mod database;
pub mod fstab;
pub mod health;
pub mod identity;
pub mod inside;
pub mod json;
pub mod kernel;
pub mod leftovers;
pub mod mountinfo;
pub mod packs;
pub mod port;
pub mod runs;
pub mod share;
pub mod space;
pub mod watch;
