//! (args come with the configuration)
pub mod output;
