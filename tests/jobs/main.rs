//! Actions on backups: what is planned for which server, what is changed in a real database and only by comparison, and the
//! steps under the shells that servers have.
// helpers of tests fail by panicking, as tests do
#![allow(unreachable_pub, clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod change;
mod made;
mod proved;
mod race;
mod shells;
mod start;
mod support;
