//! The commands without a screen, and their output formats.
pub mod trust;
