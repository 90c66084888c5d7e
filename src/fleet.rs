//! The servers of one run and the way to each: those of `environments.toml` over ssh, or the two in the built-in box.
//!
//! Making a fleet opens no connection; asking a host the first question does.
use crate::clock;
use crate::config::model::{Config, Environment};
use crate::core::safetext::SafeText;
use crate::demo::{DemoBox, DemoError};
use crate::i18n::Text;
use crate::remote::Host;
use crate::remote::local::{LocalHost, LocalOptions};
use crate::remote::ssh::{Folders, SshHost};
use crate::text;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Where the link keeps things. Without a home there is no state folder, and then no host key is known.
pub fn folders(config: &Config) -> Folders {
    let state = crate::folders::state().unwrap_or_else(|| PathBuf::from("/nonexistent"));
    Folders { secret_variables: config.secret_variables(), ..Folders::standard(&state) }
}

/// An environment was named that is not configured.
#[derive(Clone, Debug, thiserror::Error)]
#[error("no environment {asked}")]
pub struct NoSuchEnvironment {
    /// What was named.
    pub asked: SafeText,
    /// What there is.
    pub known: Vec<String>,
}

impl NoSuchEnvironment {
    /// What happened, and what to do.
    pub fn text(&self) -> Text {
        let known = self.known.join(" ");
        text!(
            "没有叫 {} 的环境，什么也没做。办法：用其中之一：{known}",
            "there is no environment {}, nothing was done. Mend: use one of: {known}",
            self.asked
        )
    }
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
        Ok(Fleet { config: demo.config(), demo: Some(demo) })
    }

    /// What is configured.
    pub fn config(&self) -> &Config {
        &self.config
    }

    /// An environment by its key.
    ///
    /// # Errors
    /// There is none of that name; the error names those that there are.
    pub fn environment(&self, key: &str) -> Result<&Environment, NoSuchEnvironment> {
        let all = &self.config.environments;
        all.iter().find(|e| e.key.0 == key).ok_or_else(|| NoSuchEnvironment {
            asked: SafeText::new(key),
            known: all.iter().map(|e| e.key.0.clone()).collect(),
        })
    }

    /// The scenario, if these are the built-in servers.
    pub fn scenario(&self) -> Option<&str> {
        self.demo.as_ref().map(DemoBox::scenario)
    }

    /// Where what was done to these servers is written down: the state folder, or a folder of the box for the built-in ones.
    /// Nothing without a home.
    pub fn state(&self) -> Option<PathBuf> {
        match &self.demo {
            Some(demo) => Some(demo.dir().join("opsdeck")),
            None => crate::folders::state(),
        }
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
            None => Arc::new(SshHost::new(env, &self.config.ssh, folders(&self.config))),
        }
    }
}
