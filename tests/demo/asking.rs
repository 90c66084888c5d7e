//! Runs the look on a server of a box, as the console's local host does, and takes the answer apart.
use opsdeck::config::model::{EnvKey, Environment};
use opsdeck::demo::{DemoBox, Sandbox};
use std::collections::BTreeMap;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

pub(crate) const LOOK: &str = include_str!("../../assets/remote/look.sh");
pub(crate) const INSIDE: &str = include_str!("../../assets/remote/inside.py");
pub(crate) const ENVS: [&str; 2] = ["prod", "test"];
/// Every question of the look.
pub(crate) const QUESTIONS: &str = "mounts host cifs inside containers share packs health port docker_root images volumes \
    disks fstab kernel compose leftovers";

pub(crate) fn program() -> &'static Path {
    Path::new(env!("CARGO_BIN_EXE_opsdeck"))
}

/// A box of this scenario, now.
pub(crate) fn a_box(scenario: &str) -> DemoBox {
    DemoBox::create_with(program(), scenario, opsdeck::clock::now(), None).unwrap()
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

/// The whole text that a shell is given.
pub(crate) fn script(environment: &Environment, root: &Path) -> String {
    let (paths, names) = (&environment.paths, &environment.containers);
    let legacy = paths.legacy_pack_folders.join(" ");
    let variables = [
        ("mark", "m4rk"),
        ("root", root.to_str().unwrap()),
        ("mount_point", &paths.mount_point),
        ("pack_folder", &paths.pack_folder),
        ("share_host", &environment.share.host),
        ("share_port", "445"),
        ("share_answer_s", "3"),
        ("app_folder", &paths.app_folder),
        ("database", &paths.database),
        ("database_inside", &names.database_inside),
        ("compose_file", &paths.compose_file),
        ("backend", &names.backend),
        ("compose_project", &names.compose_project),
        ("health_url", &names.health_url),
        ("job_limit", "60"),
        ("legacy_folders", &legacy),
    ];
    let mut text = String::from("LC_ALL=C\n");
    for (name, value) in variables {
        text.push_str(&format!("{name}='{value}'\n"));
    }
    text + "inside_py() {\ncat <<'OPSDECK_PY'\n" + INSIDE + "\nOPSDECK_PY\n}\n" + LOOK
}

/// A command that runs a shell on that server and sees nothing else.
pub(crate) fn on(sandbox: &Sandbox, shell: &Path) -> Command {
    let mut command = Command::new(shell);
    command
        .env_clear()
        .env("PATH", &sandbox.path)
        .envs(sandbox.env.iter().map(|(k, v)| (k, v)));
    command.current_dir(&sandbox.root);
    command
}

/// Runs a script there: what it printed, what it said on the side, and its code.
pub(crate) fn run(sandbox: &Sandbox, shell: &Path, script: &str) -> Said {
    let mut child = on(sandbox, shell)
        .args(["-s"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let text = script.to_owned();
    let writer = std::thread::spawn(move || stdin.write_all(text.as_bytes()));
    let output = child.wait_with_output().unwrap();
    // a script that ends early leaves the rest unread
    let _ = writer.join().unwrap();
    Said {
        out: String::from_utf8(output.stdout).unwrap(),
        err: String::from_utf8(output.stderr).unwrap(),
        code: output.status.code().unwrap_or(-1),
    }
}

pub(crate) fn sandbox(demo: &DemoBox, env: &str) -> Sandbox {
    demo.host(&EnvKey(env.into())).unwrap()
}

/// A look at one server, with this shell or the box's own.
pub(crate) fn look(demo: &DemoBox, env: &str, shell: Option<&Path>) -> Answers {
    let sandbox = sandbox(demo, env);
    let shell = shell.map_or(sandbox.shell.clone(), Path::to_owned);
    let said = run(&sandbox, &shell, &script(&environment(demo, env), &sandbox.root));
    assert_eq!(
        (said.code, said.err.as_str()),
        (0, ""),
        "{} {env}",
        demo.scenario()
    );
    take_apart(&said.out)
}

fn take_apart(text: &str) -> Answers {
    let mut answers = Answers::new();
    let mut rest = text;
    while let Some(begun) = rest.strip_prefix("@@m4rk begin ") {
        let (name, after) = begun.split_once('\n').unwrap();
        let (out, after) = after.split_once(&format!("\n@@m4rk said {name} ")).unwrap();
        let (bytes, after) = after.split_once('\n').unwrap();
        assert_eq!(bytes.parse::<usize>().unwrap(), out.len(), "{name} was cut");
        let (err, after) = after.split_once(&format!("\n@@m4rk end {name} ")).unwrap();
        let (code, after) = after.split_once('\n').unwrap();
        let said = Said {
            out: out.into(),
            err: err.into(),
            code: code.parse().unwrap(),
        };
        assert!(answers.insert(name.into(), said).is_none(), "{name} twice");
        rest = after;
    }
    assert_eq!(rest, "", "something between the answers");
    answers
}

/// Shells of this machine that a box can be run with, each once.
pub(crate) fn shells() -> Vec<PathBuf> {
    ["dash", "bash", "busybox"]
        .into_iter()
        .flat_map(|name| ["/usr/bin", "/bin"].map(|dir| Path::new(dir).join(name)))
        .filter(|path| path.exists())
        .map(|path| path.canonicalize().unwrap())
        .collect::<std::collections::BTreeSet<_>>()
        .into_iter()
        .collect()
}
