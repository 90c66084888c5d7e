//! The link against real ssh servers: scratch ones of this machine, on 127.0.0.1 and free ports, started and ended
//! here. `~/.ssh` of whoever runs the tests is neither read nor written.
//!
//! Without sshd the tests say so and pass; with `OPSDECK_REQUIRE_SSHD=1` they fail instead.
// helpers of tests fail by panicking, as tests do
#![allow(
    unreachable_pub,
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::expect_used,
    clippy::disallowed_methods
)]

mod fake;
mod fixture;
#[path = "../tail/kept.rs"]
mod kept;
mod processes;
#[path = "../common/pty.rs"]
mod pty;

mod cuts;
mod exchange;
mod faults;
mod hostkeys;
mod jump;
mod lifetime;
mod link;
mod login;
mod look;
mod sessions;
mod tail;
mod watch;
