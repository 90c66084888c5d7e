//! A bundle for whoever helps, made by the code of `opsdeck bundle`: gathered and packed in a task of its own, kept in
//! memory while it is shown, written when somebody says yes.
use super::Executor;
use crate::cli::bundle::list::{self, About};
use crate::cli::bundle::{Asked, archive, collect, redact, write_new};
use crate::clock;
use crate::config::model::{Config, EnvKey, Environment};
use crate::core::console::bundle::{Packed, Ready};
use crate::core::console::{Msg, RunId};
use crate::core::safetext::SafeText;
use crate::i18n::Text;
use crate::logging::file::own_folder;
use crate::remote::Host;
use crate::text;
use serde_json::json;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// What a bundle says beside what the server says.
#[derive(Clone, Debug)]
pub struct Around {
    /// What is configured.
    pub config: Config,
    /// The scenario, if these are the built-in servers.
    pub demo: Option<String>,
    /// Where the journal is.
    pub journal: Option<PathBuf>,
    /// Where the diagnostic log is.
    pub log: Option<PathBuf>,
}

impl Executor {
    /// Bundles can be made: this goes along.
    pub fn bundling(mut self, around: Around) -> Executor {
        self.around = Some(Arc::new(around));
        self
    }

    pub(super) fn bundle(&mut self, key: &EnvKey, run: RunId) {
        let Some((env, host)) = self.way(key) else { return };
        let folder = self.state.as_ref().map(|state| state.join("saved"));
        let around = self.around.clone();
        // an operator's wish
        host.retry_now();
        self.guarded(
            run,
            async move {
                let came = match around {
                    Some(around) => packed(&env, host, &around, folder).await,
                    None => Err(text!("这里做不了诊断包", "no bundle can be made here")),
                };
                Msg::Bundled { run, came: Box::new(came) }
            },
            move |why| {
                tracing::error!(why, "bundle died");
                Msg::Bundled { run, came: Box::new(Err(failed(why))) }
            },
        );
    }

    /// Written to its end, whatever becomes of the console.
    pub(super) fn write_bundle(&mut self, run: RunId, path: String, file: Packed) {
        let inbox = self.inbox.clone();
        self.files.spawn(async move {
            let at = PathBuf::from(&path);
            let written = tokio::task::spawn_blocking(move || write(&at, &file)).await;
            let came = written.unwrap_or_else(|died| Err(failed(&died.to_string())));
            let _ = inbox.send(Msg::BundleWritten { run, path, came }).await;
        });
    }
}

fn failed(why: &str) -> Text {
    let why = SafeText::new(why);
    text!("诊断包没有做成：{why}。什么也没写", "there is no bundle: {why}. Nothing was written")
}

async fn packed(
    env: &Environment,
    host: Arc<dyn Host>,
    around: &Around,
    folder: Option<PathBuf>,
) -> Result<Ready, Text> {
    let now = clock::now();
    let asked = Asked {
        env,
        config: &around.config,
        file: around.demo.is_none().then(|| around.config.source.clone()),
        state: around.journal.clone(),
        // what this console did on real servers does not belong beside a built-in one
        log: around.log.clone().filter(|_| around.demo.is_none()),
        raw_addresses: false,
    };
    let gathered = collect(host.as_ref(), &asked).await;
    let head = json!({
        "environment": env.key, "role": env.role, "generated_ms": now, "demo": around.demo,
    });
    let (key, demo) = (env.key.clone(), around.demo.clone());
    let packing = tokio::task::spawn_blocking(move || {
        let name = list::name(&key, now);
        // as the command: where one is, if there is no home
        let folder = folder.or_else(|| std::env::current_dir().ok()).unwrap_or_default();
        let path = folder.join(format!("{name}.tar.gz"));
        let bundle = redact(gathered, head).map_err(|e| failed(&e.to_string()))?;
        let bytes = archive(&bundle, &name, now).map_err(|e| failed(&e.to_string()))?;
        let about = About {
            env: &key.0,
            demo: demo.as_deref(),
            path: &path,
            packed: bytes.len(),
            raw_addresses: false,
        };
        Ok(Ready {
            list: list::list(&bundle, &about),
            lacks: !bundle.missing.is_empty(),
            path: path.to_string_lossy().into_owned(),
            file: Packed(bytes.into()),
        })
    });
    packing.await.unwrap_or_else(|died| Err(failed(&died.to_string())))
}

fn write(path: &Path, file: &Packed) -> Result<(), Text> {
    if let Some(folder) = path.parent()
        && let Err(error) = own_folder(folder)
    {
        return Err(not_there(folder, &error));
    }
    let written = write_new(path, &file.0);
    tracing::info!(bytes = file.0.len(), well = written.is_ok(), "bundle");
    written.map_err(|error| match error.kind() {
        ErrorKind::AlreadyExists => {
            let path = SafeText::new(&path.to_string_lossy());
            text!(
                "已经有 {path}，不会覆盖，什么也没写。再按一次 b，名字就不同",
                "{path} is there already and is not written over; nothing was written. Press b again for another name"
            )
        }
        _ => list::not_written(path, &error),
    })
}

/// Why there is no folder for it.
fn not_there(folder: &Path, error: &std::io::Error) -> Text {
    let (folder, why) = (SafeText::new(&folder.to_string_lossy()), SafeText::new(&error.to_string()));
    text!(
        "写不进 {folder}：{why}。什么也没留下。看它是不是你自己的文件夹",
        "cannot write to {folder}: {why}. Nothing was left behind. See whether it is a folder of your own"
    )
}
