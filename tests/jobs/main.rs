//! Actions on backups: what is planned for which server, what is changed in a real database and only by comparison, and the
//! steps under the shells that servers have.
// helpers of tests fail by panicking, as tests do
#![allow(unreachable_pub, clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod change;
// what the stories of the lab name, and nothing of it is called
#[path = "../lab_kill/stories.rs"]
#[allow(dead_code)]
mod kill;
#[path = "../common/lab.rs"]
mod lab;
mod made;
mod proved;
mod race;
mod shells;
mod start;
#[path = "../lab_kill/state.rs"]
#[allow(dead_code)]
mod state;
mod stories;
mod support;
