//! opsdeck: a terminal console for RagflowAuth servers.
//!
//! The map, from the pure inside to the edge:
//! - [`i18n`]: every text a person sees, in Chinese and English
//! - [`core`]: pure: types, parsers, rules; no clock, disk, network or terminal
//! - [`config`]: `environments.toml`: types, checks with line and column, where secrets come from
//! - [`clock`]: the only place that asks for the time
//! - [`folders`]: where settings and state are kept on the workstation
//! - [`programs`]: programs of the workstation: where they are, one run with an end
//! - [`remote`]: the host trait: ssh, local, scripted; framing; errors told apart
//! - [`look`]: one read-only look at a server: one script, one exchange, one snapshot
//! - [`tail`]: one log of a server, followed
//! - [`watch`]: the backups of a server, watched: ticks as they come
//! - [`fleet`]: the servers of one run and the way to each
//! - [`act`]: an action carried out: checked again, run on the server, followed, proved, written down
//! - [`journal`]: what was done to servers from this workstation
//! - [`demo`]: the built-in server: scenarios as data, stand-ins for the tools of a server
//! - [`logging`]: the diagnostic log on the workstation
//! - [`remembered`], [`activity`]: what the console keeps on the disk, and its own log as a screen
//! - [`cli`]: the commands without a screen, and their output formats
//! - [`tui`]: the screen
pub mod act;
pub mod activity;
pub mod cli;
pub mod clock;
pub mod config;
pub mod core;
pub mod demo;
pub mod fleet;
pub mod folders;
pub mod i18n;
pub mod journal;
pub mod logging;
pub mod look;
pub mod programs;
pub mod remembered;
pub mod remote;
pub mod tail;
pub mod tui;
pub mod watch;
