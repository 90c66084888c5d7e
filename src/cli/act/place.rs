//! Which server is meant, and where what is done there is written down.
use crate::cli::{Context, Said};
use crate::config::model::Environment;
use crate::fleet::Fleet;
use crate::journal::Journal;
use crate::remote::Host;
use crate::text;
use std::sync::Arc;
use std::time::Duration;

/// A link that does not close by itself is left behind after this long; its master leaves on its own.
const GOODBYE: Duration = Duration::from_secs(3);

/// One server.
pub(super) struct Place {
    /// Holds the built-in servers while they are used.
    _fleet: Fleet,
    /// What is configured.
    pub(super) env: Environment,
    /// The way to it. Nothing is connected yet.
    pub(super) host: Arc<dyn Host>,
    /// Nothing without a home folder.
    pub(super) journal: Option<Journal>,
}

/// The one environment that is meant.
///
/// # Errors
/// No configuration, an unknown key, or none where there is more than one.
pub(super) fn of(context: &Context, key: Option<&str>) -> anyhow::Result<Place> {
    let fleet = context.fleet()?;
    let env = match (key, fleet.config().environments.as_slice()) {
        (Some(key), _) => fleet.environment(key)?.clone(),
        (None, [only]) => only.clone(),
        (None, all) => {
            let keys = all.iter().map(|e| e.key.0.as_str()).collect::<Vec<_>>().join(" ");
            return Err(Said(text!(
                "要说明是哪一台服务器，什么也没做。办法：加上 --env 和其中之一：{keys}",
                "it must be said which server, nothing was done. Mend: add --env and one of: {keys}"
            ))
            .into());
        }
    };
    let host = fleet.host(&env);
    let journal = fleet.state().map(|state| Journal::below(&state));
    Ok(Place { env, host, journal, _fleet: fleet })
}

impl Place {
    /// Closes the link; what does not close in time closes by itself.
    pub(super) async fn leave(&self) {
        let _closed = tokio::time::timeout(GOODBYE, self.host.close()).await;
    }
}
