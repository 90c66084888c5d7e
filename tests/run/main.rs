//! What carries a run on a server: started, left to itself, followed, ended, under the shells that servers have.
//! On a scratch root with a stand-in for docker, and for systemd.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]
mod carry;
mod credentials;
mod crowd;
mod disk;
mod docker;
mod following;
mod matrix;
mod server;
mod shells;
mod unit;
