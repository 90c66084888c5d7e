//! The way to a server: one trait, three ways to meet it (ssh, this machine, a script of answers).
pub mod error;
pub mod frame;
pub mod host;
pub mod wire;
pub use error::LinkError;
pub use host::{Answer, Ask, Captured, End, Host, Reply};
