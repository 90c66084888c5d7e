//! The built-in server: `--demo[=SCENARIO]` runs everything against a server in a box.
//!
//! A box is one folder: for each environment a root folder that stands for `/` of that server, the content of the
//! Windows share, and a `bin` with the only tools that can be called. What shows or changes a server (`docker`,
//! `mount`, `stat -f` …) is this very program under that name ([`standin`]), answering from the box's state file;
//! the rest (`sed`, `awk` …) are links to the machine's own. So the very scripts that go to real servers run, and
//! what they find is a scenario: a data file in `assets/demo`.
//!
//! - [`scenario`]: the scenario files: which there are
//! - `spec`: what they may say
//! - `timeline`: moments relative to now, slots of the schedule
//! - `state`: what is true on a server of the box, kept in one file
//! - `history`, `packs`, `facts`, `mountinfo`: scenario and now → state and files
//! - `begin`, `work`: a backup that somebody asked for, or that the backend makes up for; how it advances with time
//! - `said`: what containers and the journal say
//! - `lay`: state → files under the root
//! - [`DemoBox`]: a box: made, kept, removed; `processes`: what still runs in one that is removed
//! - `tools`: the stand-ins
mod begin;
mod boxed;
mod facts;
mod history;
mod lay;
mod mountinfo;
mod packs;
mod processes;
mod said;
pub mod scenario;
mod spec;
mod state;
mod timeline;
mod tools;
mod work;

pub use boxed::{DemoBox, DemoError, Sandbox};
pub use scenario::{Named, names};
pub use tools::standin;
