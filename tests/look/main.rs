//! The look itself: the very script, under the shells that servers have, and its answers broken on purpose.
mod database;
mod fixtures;
mod shells;
mod support;
