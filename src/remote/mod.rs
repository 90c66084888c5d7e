//! The way to a server: one trait, three ways to meet it (ssh, this machine, a script of answers).
//!
//! - [`host`]: the trait and the types of a question and its answer
//! - [`wire`], [`frame`]: how a script travels, how its answer is told from what stands around it
//! - `talk`, `follow`: one framed exchange over three pipes, to the end or line by line
//! - [`local`], [`scripted`]: this machine; answers given as data, for tests
//! - [`ssh`], [`known_hosts`]: a server over ssh; whom it is known by
//! - [`error`]: why a server could not be asked, in words
mod capture;
pub mod error;
mod follow;
pub mod frame;
pub mod host;
pub mod known_hosts;
pub mod local;
mod scan;
pub mod scripted;
pub mod ssh;
mod talk;
pub mod wire;
pub use error::{LinkError, LinkErrorKind, Retry};
pub use host::{Answer, Ask, Captured, End, Host, Line, Reply, Stream};
