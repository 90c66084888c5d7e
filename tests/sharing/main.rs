//! Mounting and unmounting the share: the plans, made from what the lab's servers answered; and their very steps, run under
//! each shell that a server may have, on a server made of files with stand-ins for its tools.
// helpers of tests fail by panicking, as tests do
#![allow(unreachable_pub, clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod answers;
mod fstab;
mod mounting;
mod plans;
mod secrets;
mod unmounting;
mod world;
