//! The servers of one run and the way to each: those of `environments.toml` over ssh, or the two in the built-in box.
//!
//! Making a fleet opens no connection; asking a host the first question does.
use crate::clock;
use crate::config::model::{Config, Environment};
use crate::demo::{DemoBox, DemoError};
use crate::remote::Host;
use crate::remote::local::{LocalHost, LocalOptions};
use crate::remote::ssh::{Folders, SshHost};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// The state folder, where the console's own host keys are. Without a home there is none, and no key is known.
fn state() -> PathBuf {
    crate::folders::state().unwrap_or_else(|| PathBuf::from("/nonexistent"))
}

/// The servers of one run.
pub struct Fleet {
    config: Config,
    demo: Option<DemoBox>,
}

impl Fleet {
    /// The servers of the configuration.
    pub fn real(config: Config) -> Fleet {
        Fleet { config, demo: None }
    }

    /// The servers of the built-in box, in a fresh folder or in one that is kept.
    ///
    /// # Errors
    /// No such scenario, or its folder cannot be made.
    pub fn demo(scenario: &str, dir: Option<&Path>) -> Result<Fleet, DemoError> {
        let demo = DemoBox::create(scenario, clock::now(), dir)?;
        Ok(Fleet {
            config: demo.config(),
            demo: Some(demo),
        })
    }

    /// What is configured.
    pub fn config(&self) -> &Config {
        &self.config
    }

    /// The scenario, if these are the built-in servers.
    pub fn scenario(&self) -> Option<&str> {
        self.demo.as_ref().map(DemoBox::scenario)
    }

    /// The way to a server.
    pub fn host(&self, env: &Environment) -> Arc<dyn Host> {
        match self.demo.as_ref().and_then(|demo| demo.host(&env.key)) {
            Some(sandbox) => Arc::new(LocalHost::new(LocalOptions {
                shell: sandbox.shell,
                root: sandbox.root.to_string_lossy().into_owned(),
                path: Some(sandbox.path),
                env: sandbox.env,
            })),
            None => Arc::new(SshHost::new(env, &self.config.ssh, Folders::standard(&state()))),
        }
    }
}
