//! What the built-in servers really answer, asked once a test run.
//!
//! An answer is a look at a box whose clock stands still, taken apart at that moment: the same every time. Two things
//! are not the box's and are set here: how long the look took, and when its answer came.
use crate::given::{PROD, TAKEN};
use opsdeck::config::model::Environment;
use opsdeck::core::console::{Answer, Outcome};
use opsdeck::core::log::line;
use opsdeck::core::log::note::Piece;
use opsdeck::core::probe::watch::Tick;
use opsdeck::core::snapshot::Snapshot;
use opsdeck::core::units::EpochMs;
use opsdeck::core::verdict::{self, Verdict};
use opsdeck::demo::DemoBox;
use opsdeck::remote::local::LocalHost;
use std::collections::HashMap;
use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::{Arc, Mutex, OnceLock};

/// The mark of every answer here.
pub(crate) const MARK: &str = "m4rk";
/// How long every look took.
const TOOK_MS: u64 = 1_234;

/// What both servers of a scenario answered.
pub(crate) struct Answered {
    pub(crate) environments: Vec<Environment>,
    /// The bytes, with the folder that stands for `/`.
    pub(crate) raw: Vec<(String, Vec<u8>)>,
    looks: Vec<Snapshot>,
}

/// The answers to a scenario. Each is asked for once in this process.
pub(crate) fn answered(scenario: &str) -> Arc<Answered> {
    type Cell = Arc<OnceLock<Arc<Answered>>>;
    static ALL: OnceLock<Mutex<HashMap<String, Cell>>> = OnceLock::new();
    let cell =
        Arc::clone(ALL.get_or_init(Mutex::default).lock().unwrap().entry(scenario.into()).or_default());
    Arc::clone(cell.get_or_init(|| Arc::new(ask(scenario))))
}

/// Every scenario, answered; several at a time, because one of them has a share that hangs for seconds.
pub(crate) fn all_answered() -> Vec<(&'static str, Arc<Answered>)> {
    let names: Vec<&'static str> = opsdeck::demo::names().iter().map(|n| n.name).collect();
    let next = std::sync::atomic::AtomicUsize::new(0);
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                while let Some(name) = names.get(next.fetch_add(1, std::sync::atomic::Ordering::Relaxed)) {
                    answered(name);
                }
            });
        }
    });
    names.into_iter().map(|name| (name, answered(name))).collect()
}

fn ask(scenario: &str) -> Answered {
    let program = Path::new(env!("CARGO_BIN_EXE_opsdeck"));
    let demo = DemoBox::create_with(program, scenario, TAKEN, None).unwrap();
    let environments = demo.config().environments;
    let raw: Vec<_> = environments.iter().map(|env| look(&demo, env)).collect();
    let read = |(env, (root, raw)): (&Environment, &(String, Vec<u8>))| {
        Snapshot::read(env, root, MARK, raw, TAKEN, TOOK_MS)
    };
    let looks = environments.iter().zip(&raw).map(read).collect();
    Answered { environments, raw, looks }
}

fn look(demo: &DemoBox, env: &Environment) -> (String, Vec<u8>) {
    let sandbox = demo.host(&env.key).unwrap().at(TAKEN);
    let root = sandbox.root.to_str().unwrap().to_owned();
    let mut child = Command::new(&sandbox.shell)
        .arg("-s")
        .env_clear()
        .env("PATH", &sandbox.path)
        .envs(sandbox.env.iter().map(|(k, v)| (k, v)))
        .current_dir(&sandbox.root)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::inherit())
        .spawn()
        .unwrap();
    let script = opsdeck::look::script(env, &root, MARK);
    let mut pipe = child.stdin.take().unwrap();
    let writer = std::thread::spawn(move || pipe.write_all(script.as_bytes()));
    let output = child.wait_with_output().unwrap();
    writer.join().unwrap().unwrap();
    assert!(output.status.success(), "{} {}", demo.scenario(), env.key);
    (root, output.stdout)
}

/// How long after the first the server is watched a second time, for a speed.
pub(crate) const WATCHED_AGAIN_MS: i64 = 30_000;

/// What a watch of the production server of this scenario told first, at two moments: one tick of each kind.
pub(crate) fn watched(scenario: &str) -> [Vec<Tick>; 2] {
    static ALL: OnceLock<Mutex<HashMap<String, [Vec<Tick>; 2]>>> = OnceLock::new();
    let mut all = ALL.get_or_init(Mutex::default).lock().unwrap();
    let make = || [TAKEN, TAKEN.plus_ms(WATCHED_AGAIN_MS)].map(|now| watch(scenario, now));
    all.entry(scenario.into()).or_insert_with(make).clone()
}

fn watch(scenario: &str, now: EpochMs) -> Vec<Tick> {
    let program = Path::new(env!("CARGO_BIN_EXE_opsdeck"));
    let demo = DemoBox::create_with(program, scenario, TAKEN, None).unwrap();
    let env = demo.config().environments[PROD].clone();
    let host = LocalHost::new(demo.host(&env.key).unwrap().at(now).into());
    let kinds = |tick: &Tick| match tick {
        Tick::Backend(_) => Some(0),
        Tick::Jobs { .. } => Some(1),
        Tick::Packs(_) => Some(2),
        Tick::Helper(_) => Some(3),
        Tick::Beat(_) | Tick::Held { .. } => None,
    };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let (send, mut come) = tokio::sync::mpsc::channel(16);
        let mut first: [Option<Tick>; 4] = Default::default();
        let follow = opsdeck::watch::follow(&host, &env, &send);
        tokio::pin!(follow);
        while first.iter().any(Option::is_none) {
            tokio::select! {
                ended = &mut follow => panic!("{scenario}: {ended:?}"),
                came = come.recv() => {
                    let (_, tick) = came.unwrap();
                    if let Some(at) = kinds(&tick) {
                        first[at].get_or_insert(tick);
                    }
                }
            }
        }
        first.into_iter().flatten().collect()
    })
}

/// The last lines of the backend's log of this scenario.
pub(crate) fn logged(scenario: &str) -> Vec<Piece> {
    static ALL: OnceLock<Mutex<HashMap<String, Vec<Piece>>>> = OnceLock::new();
    let mut all = ALL.get_or_init(Mutex::default).lock().unwrap();
    all.entry(scenario.into()).or_insert_with(|| read_log(scenario)).clone()
}

fn read_log(scenario: &str) -> Vec<Piece> {
    let program = Path::new(env!("CARGO_BIN_EXE_opsdeck"));
    let demo = DemoBox::create_with(program, scenario, TAKEN, None).unwrap();
    let env = &demo.config().environments[PROD];
    let sandbox = demo.host(&env.key).unwrap().at(TAKEN);
    let args = ["logs", "--timestamps", "--tail", "8000", "--", &env.containers.backend];
    let docker = Path::new(&sandbox.path).join("docker");
    let output = Command::new(docker)
        .args(args)
        .env_clear()
        .env("PATH", &sandbox.path)
        .envs(sandbox.env.iter().map(|(k, v)| (k, v)))
        .output()
        .unwrap();
    let lines = output.stdout.split(|b| *b == b'\n').filter(|l| !l.is_empty());
    lines.map(|l| Piece::Line(line::docker(l, 0))).collect()
}

impl Answered {
    /// What this server's answer came to.
    pub(crate) fn outcome(&self, at: usize) -> Outcome {
        let look = self.looks[at].clone();
        let verdict = self.verdict(at);
        Outcome::Answered(Box::new(Answer { verdict, look, cut: None }))
    }

    pub(crate) fn verdict(&self, at: usize) -> Verdict {
        verdict::judge(&self.environments[at], &self.looks[at])
    }
}
