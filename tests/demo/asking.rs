//! Runs the look on a server of a box, as the console's local host does, and takes the answer apart.
use opsdeck::config::model::{EnvKey, Environment};
use opsdeck::core::snapshot::Snapshot;
use opsdeck::core::units::EpochMs;
use opsdeck::core::verdict::Verdict;
use opsdeck::demo::{DemoBox, Sandbox};
use std::collections::BTreeMap;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

pub(crate) const ENVS: [&str; 2] = ["prod", "test"];
pub(crate) const MARK: &str = "m4rk";
/// Every question of the look.
pub(crate) const QUESTIONS: &str = "mounts host cifs inside containers share packs health port docker_root images \
    volumes disks fstab credentials kernel compose leftovers runs";

/// The program under test: the stand-ins of every box here.
pub(crate) fn program() -> &'static Path {
    Path::new(env!("CARGO_BIN_EXE_opsdeck"))
}

/// A box of this scenario, now.
pub(crate) fn a_box(scenario: &str) -> DemoBox {
    box_at(scenario, opsdeck::clock::now())
}

/// A box of this scenario, made at this moment.
pub(crate) fn box_at(scenario: &str, now: EpochMs) -> DemoBox {
    DemoBox::create_with(program(), scenario, now, None).unwrap()
}

/// One answer.
#[derive(Clone, Debug, Default)]
pub(crate) struct Said {
    pub(crate) out: String,
    pub(crate) err: String,
    pub(crate) code: i32,
}

/// Everything that a look said, by question.
pub(crate) type Answers = BTreeMap<String, Said>;

pub(crate) fn environment(demo: &DemoBox, env: &str) -> Environment {
    let all = demo.config().environments;
    all.into_iter().find(|e| e.key.0 == env).unwrap()
}

pub(crate) fn sandbox(demo: &DemoBox, env: &str) -> Sandbox {
    demo.host(&EnvKey(env.into())).unwrap()
}

/// A command on that server, which sees nothing else.
pub(crate) fn on(sandbox: &Sandbox, program: &Path) -> Command {
    let mut command = Command::new(program);
    command
        .env_clear()
        .env("PATH", &sandbox.path)
        .envs(sandbox.env.iter().map(|(k, v)| (k, v)))
        .current_dir(&sandbox.root)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    command
}

/// Runs a command to its end with this on its standard input.
pub(crate) fn finish(mut command: Command, stdin: &str) -> Said {
    let mut child = command.spawn().unwrap();
    let mut pipe = child.stdin.take().unwrap();
    let text = stdin.to_owned();
    let writer = std::thread::spawn(move || pipe.write_all(text.as_bytes()));
    let output = child.wait_with_output().unwrap();
    // a command that ends early leaves the rest unread
    let _ = writer.join().unwrap();
    Said {
        out: String::from_utf8(output.stdout).unwrap(),
        err: String::from_utf8(output.stderr).unwrap(),
        code: output.status.code().unwrap_or(-1),
    }
}

/// Runs a line of shell on that server.
pub(crate) fn sh(sandbox: &Sandbox, line: &str) -> Said {
    let mut command = on(sandbox, &sandbox.shell);
    command.args(["-c", line]);
    finish(command, "")
}

/// The whole text that a shell is given for a look.
pub(crate) fn script(demo: &DemoBox, env: &str) -> String {
    let root = sandbox(demo, env).root;
    opsdeck::look::script(&environment(demo, env), root.to_str().unwrap(), MARK)
}

/// The raw answer of a look at one server.
pub(crate) fn raw(demo: &DemoBox, env: &str, sandbox: &Sandbox) -> String {
    let mut command = on(sandbox, &sandbox.shell);
    command.arg("-s");
    let said = finish(command, &script(demo, env));
    assert_eq!((said.code, said.err.as_str()), (0, ""), "{} {env}", demo.scenario());
    said.out
}

/// A look at one server.
pub(crate) fn look(demo: &DemoBox, env: &str) -> Answers {
    take_apart(&raw(demo, env, &sandbox(demo, env)))
}

/// A look at one server that is taken at this moment, by the workstation's clock.
pub(crate) fn snapshot(demo: &DemoBox, env: &str, now: EpochMs) -> (Environment, Snapshot) {
    let environment = environment(demo, env);
    let sandbox = sandbox(demo, env).at(now);
    let text = raw(demo, env, &sandbox);
    let root = sandbox.root.to_str().unwrap();
    let snapshot = Snapshot::read(&environment, root, MARK, text.as_bytes(), now, 100);
    (environment, snapshot)
}

/// What the console makes of it.
pub(crate) fn verdict(demo: &DemoBox, env: &str, now: EpochMs) -> Verdict {
    let (environment, snapshot) = snapshot(demo, env, now);
    opsdeck::core::verdict::judge(&environment, &snapshot)
}

fn take_apart(text: &str) -> Answers {
    let mut answers = Answers::new();
    let mut rest = text;
    while let Some(begun) = rest.strip_prefix("@@m4rk begin ") {
        let (name, after) = begun.split_once('\n').unwrap();
        let (out, after) = after.split_once(&format!("\n@@m4rk said {name}\n")).unwrap();
        assert!(out.len() < 262_144, "{name} was cut");
        let (err, after) = after.split_once(&format!("\n@@m4rk end {name} ")).unwrap();
        let (code, after) = after.split_once('\n').unwrap();
        let said = Said {
            out: out.into(),
            err: err.into(),
            code: code.parse().unwrap_or_else(|_| panic!("{name} ended with the code {code:?}")),
        };
        assert!(answers.insert(name.into(), said).is_none(), "{name} twice");
        rest = after;
    }
    assert_eq!(rest, "", "something between the answers");
    answers
}

/// The backend's side of a look.
pub(crate) fn inside(answers: &Answers) -> serde_json::Value {
    let last = answers["inside"].out.lines().last().unwrap_or_default();
    serde_json::from_str(last).unwrap_or_else(|e| panic!("{e}: {last}"))
}

/// Shells of this machine that find their tools on the search path and nowhere else.
pub(crate) fn shells() -> Vec<PathBuf> {
    let all = ["dash", "bash", "ash", "mksh"].into_iter();
    let paths = all.flat_map(|name| ["/usr/bin", "/bin"].map(|dir| Path::new(dir).join(name)));
    let real = paths.filter(|p| p.exists()).map(|p| p.canonicalize().unwrap());
    real.filter(|p| !p.ends_with("busybox")).collect::<std::collections::BTreeSet<_>>().into_iter().collect()
}
