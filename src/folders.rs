//! The folders of the workstation, after the XDG base directory specification: settings, state, home.
//!
//! A relative `$XDG_…` is ignored, as the specification asks; without one, `~/.config` and `~/.local/state`.
use etcetera::base_strategy::{BaseStrategy, Xdg};
use std::path::PathBuf;

/// The name of our folder in each of them.
const NAME: &str = "opsdeck";

/// What `~` means. Nothing when there is neither `HOME` nor an entry in the list of users.
pub fn home() -> Option<PathBuf> {
    etcetera::home_dir().ok().filter(|home| home.is_absolute())
}

/// Where settings are looked for: `~/.config/opsdeck`.
pub fn config() -> Option<PathBuf> {
    Some(Xdg::new().ok()?.config_dir().join(NAME)).filter(|p| p.is_absolute())
}

/// Where the diagnostic log, host keys and what was done are kept: `~/.local/state/opsdeck`.
pub fn state() -> Option<PathBuf> {
    Some(Xdg::new().ok()?.state_dir()?.join(NAME)).filter(|p| p.is_absolute())
}
