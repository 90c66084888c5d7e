//! Actions on a server of the lab: the link, what was told, what became of it.
#![allow(dead_code, unreachable_pub, missing_docs)]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]
use opsdeck::act::{self, Order};
use opsdeck::config::Secret;
use opsdeck::config::model::Environment;
use opsdeck::core::plan::script::{self, RunName};
use opsdeck::core::plan::told::{Outcome, Told};
use opsdeck::core::plan::{Action, Made, Plan, Refusal};
use opsdeck::core::safetext::SafeText;
use opsdeck::journal::{Entry, Journal, What};
use opsdeck::remote::ssh::{Folders, SshHost};
use opsdeck::remote::{Ask, End, Host};
use std::path::Path;
use std::time::Duration;
use tokio::sync::mpsc;

/// A server of the lab, over a link of its own.
pub struct Server {
    pub env: Environment,
    pub host: SshHost,
    pub journal: Journal,
    pub operator: String,
    pub dir: tempfile::TempDir,
}

/// A new link to one of the lab's servers, as the console makes it. `config` is the lab's `environments.toml`.
pub fn server(config: &Path, key: &str) -> Server {
    let config = opsdeck::config::load(config).unwrap();
    let dir = tempfile::Builder::new().prefix("od").tempdir_in("/tmp").unwrap();
    std::fs::create_dir(dir.path().join("home")).unwrap();
    let folders = Folders {
        runtime: dir.path().join("run"),
        known_hosts: dir.path().join("known_hosts"),
        home: Some(dir.path().join("home")),
        system_config: dir.path().join("ssh_config"),
        path: None,
        secret_variables: Default::default(),
    };
    let env = config.environments.iter().find(|e| e.key.0 == key).unwrap().clone();
    let journal = Journal::below(&dir.path().join("state"));
    let host = SshHost::new(&env, &config.ssh, folders);
    Server { host, env, journal, operator: "tester@lab".into(), dir }
}

impl Server {
    /// The plan, which there must be.
    pub async fn plan(&self, action: &Action) -> Plan {
        match act::preview(&self.host, &self.env, action).await.unwrap().made {
            Ok(Made::Plan(plan)) => *plan,
            other => panic!("{action:?}: {other:?}"),
        }
    }

    /// The refusal, which there must be.
    pub async fn refusal(&self, action: &Action) -> Refusal {
        match act::preview(&self.host, &self.env, action).await.unwrap().made {
            Err(refusal) => refusal,
            other => panic!("{action:?}: {other:?}"),
        }
    }

    /// Starts a run as the console does, without the looks before it.
    pub async fn begin(&self, plan: &Plan, run: &RunName, password: Option<&Secret>) {
        let text = script::start(plan, &self.env, "", run, &SafeText::new(&self.operator));
        let deadline = Duration::from_secs(90);
        let stdin = password.map(Secret::bytes_for_stdin).unwrap_or_default();
        let ask = Ask { name: "start", script: &text, stdin, deadline, cap: 16384 };
        let answer = self.host.run(ask).await.unwrap();
        let said = String::from_utf8_lossy(&answer.stdout.bytes).into_owned();
        assert!(matches!(answer.end, End::Exit(0)) && said.starts_with("started"), "{said}");
    }

    /// Writes the intent down, as the console does before it starts a run.
    pub fn intend(&self, plan: &Plan, run: &RunName) {
        let entry = Entry {
            at_ms: 1,
            run: run.to_string(),
            env: self.env.key.to_string(),
            host: self.env.host.clone(),
            server: plan.target.hostname.clone(),
            operator: self.operator.clone(),
            action: plan.action.id().to_owned(),
            what: What::Intent { script: String::new(), kept: Vec::new() },
        };
        self.journal.add(&entry).unwrap();
    }

    /// Confirmed and carried out: what became of it, and what was told.
    pub async fn act(&self, action: &Action) -> (Outcome, Vec<Told>) {
        let plan = self.plan(action).await;
        self.carry_out(&plan, &act::fresh_name().unwrap(), None).await
    }

    /// The same, of this plan.
    pub async fn carry_out(
        &self,
        plan: &Plan,
        run: &RunName,
        password: Option<Secret>,
    ) -> (Outcome, Vec<Told>) {
        let (send, mut told) = mpsc::channel(64);
        let operator = SafeText::new(&self.operator);
        let order = Order {
            host: &self.host,
            env: &self.env,
            plan,
            run: run.clone(),
            password,
            operator,
            journal: &self.journal,
        };
        let gather = async {
            let mut all = Vec::new();
            while let Some(t) = told.recv().await {
                let over = matches!(t, Told::Ended(_));
                eprintln!("told: {t:?}");
                all.push(t);
                if over {
                    break;
                }
            }
            all
        };
        tokio::join!(act::carry_out(order, &send), gather)
    }
}
