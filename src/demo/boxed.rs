//! A box: a folder with two servers, their share, and the only tools that can be called there.
use super::facts;
use super::lay;
use super::packs::{Pack, kept};
use super::processes;
use super::spec::Spec;
use super::state::State;
use super::tools;
use crate::config::model::{
    Config, Containers, EnvKey, Environment, Paths, Role, SecretSource, Share, SshSettings, Thresholds,
};
use crate::core::units::EpochMs;
use crate::i18n::Text;
use crate::remote::local::LocalOptions;
use crate::text;
use std::ffi::OsString;
use std::fmt;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

/// Why there is no box, for the operator.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DemoError(pub Text);

impl fmt::Display for DemoError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.en)
    }
}

impl std::error::Error for DemoError {}

/// What runs scripts on a server of the box.
#[derive(Clone, Debug)]
pub struct Sandbox {
    /// The shell.
    pub shell: PathBuf,
    /// What stands for `/`: the `root` of the scripts.
    pub root: PathBuf,
    /// The whole search path: one folder.
    pub path: OsString,
    /// The whole rest of the environment; nothing else is handed on.
    pub env: Vec<(String, String)>,
}

impl Sandbox {
    /// The same server with its clock held still, so that what it says does not depend on when it is asked.
    #[must_use]
    pub fn at(mut self, now: EpochMs) -> Sandbox {
        self.env.push((NOW.into(), now.0.to_string()));
        self
    }
}

impl From<Sandbox> for LocalOptions {
    fn from(sandbox: Sandbox) -> LocalOptions {
        LocalOptions {
            shell: sandbox.shell,
            root: sandbox.root.to_string_lossy().into_owned(),
            path: Some(sandbox.path),
            env: sandbox.env,
        }
    }
}

/// The servers of a box.
pub(super) const ENVS: [&str; 2] = ["prod", "test"];
/// Tells a folder that is a box, and holds its scenario's name.
const MARK: &str = ".opsdeck-demo";
/// The variable that tells a stand-in which server it is on.
pub(super) const BOX: &str = "OPSDECK_BOX";
/// The variable that holds a stand-in's clock still: milliseconds since 1970.
pub(super) const NOW: &str = "OPSDECK_BOX_NOW";

/// A box. Dropping it removes its folder, unless it was given one to keep, and ends whatever still runs there: a run of a box
/// that is kept goes on.
#[derive(Debug)]
pub struct DemoBox {
    dir: PathBuf,
    shell: PathBuf,
    scenario: String,
    /// Removes the folder.
    fresh: Option<tempfile::TempDir>,
}

impl Drop for DemoBox {
    fn drop(&mut self) {
        if self.fresh.is_some() {
            processes::end(&self.dir);
        }
    }
}

impl DemoBox {
    /// Makes the servers of a scenario as they are at `now`, in a fresh folder, or in `dir`, which is kept and used
    /// again the next time. The stand-ins are the running program.
    pub fn create(scenario: &str, now: EpochMs, dir: Option<&Path>) -> Result<DemoBox, DemoError> {
        let program = std::env::current_exe().map_err(|e| failed("", &e))?;
        DemoBox::create_with(&program, scenario, now, dir)
    }

    /// As [`DemoBox::create`], with another program for the stand-ins (a test is not opsdeck).
    pub fn create_with(
        program: &Path,
        scenario: &str,
        now: EpochMs,
        dir: Option<&Path>,
    ) -> Result<DemoBox, DemoError> {
        Spec::read(scenario, "prod")?;
        let shell = tools::shell()?;
        let (dir, fresh) = match dir {
            Some(dir) => (kept_folder(dir, scenario)?, None),
            None => {
                let fresh = fresh_folder()?;
                (fresh.path().to_owned(), Some(fresh))
            }
        };
        let dir = dir.canonicalize().map_err(|e| failed(&dir.to_string_lossy(), &e))?;
        plain(&dir)?;
        let said = |e: std::io::Error| failed(&dir.to_string_lossy(), &e);
        if !dir.join(MARK).exists() {
            fill(&dir, scenario, now)?;
            std::fs::write(dir.join(MARK), scenario).map_err(said)?;
        }
        tools::link(&dir.join("bin"), program, &shell).map_err(said)?;
        Ok(DemoBox { shell: dir.join("bin/sh"), dir, scenario: scenario.into(), fresh })
    }

    /// The box's folder.
    pub fn dir(&self) -> &Path {
        &self.dir
    }

    /// The scenario's name.
    pub fn scenario(&self) -> &str {
        &self.scenario
    }

    /// What runs scripts on the server of this environment; nothing when the box has no such server.
    pub fn host(&self, env: &EnvKey) -> Option<Sandbox> {
        let name = ENVS.iter().find(|name| **name == env.0)?;
        let root = self.dir.join(name);
        let at = |path: PathBuf| path.to_string_lossy().into_owned();
        Some(Sandbox {
            shell: self.shell.clone(),
            path: self.dir.join("bin").into_os_string(),
            env: vec![
                (BOX.into(), at(root.clone())),
                ("HOME".into(), at(root.join("root"))),
                ("TMPDIR".into(), at(root.join("tmp"))),
                ("LC_ALL".into(), "C".into()),
            ],
            root,
        })
    }

    /// The configuration of the box's servers. Addresses are those reserved for documentation.
    pub fn config(&self) -> Config {
        let known: [(&str, &str, Role); 2] = [("prod", "正式", Role::Prod), ("test", "测试", Role::Test)];
        let environment = |(key, name, role): (&str, &str, Role)| Environment {
            key: EnvKey(key.into()),
            name: name.into(),
            role,
            host: format!("demo-{key}"),
            port: None,
            user: Some("root".into()),
            identity_file: None,
            jump: None,
            host_key: None,
            read_only: false,
            share: Share {
                host: "192.0.2.72".into(),
                aliases: vec!["WIN-DEMO".into()],
                name: "backup".into(),
                port: 445,
                domain: None,
                user: Some("backup".into()),
                options: "iocharset=utf8,uid=0,gid=0,file_mode=0660,dir_mode=0770,vers=3.0,_netdev".into(),
                persist: true,
                windows_path: Some("D:\\datas".into()),
                secret: Some(SecretSource::File(self.dir.join(lay::PASSWORD))),
            },
            paths: Paths::default(),
            containers: Containers::default(),
            thresholds: Thresholds::default(),
        };
        Config {
            source: self.dir.join(MARK),
            ssh: SshSettings { known_hosts: None, config_file: None, connect_timeout_s: 10, keepalive_s: 5 },
            environments: known.map(environment).into(),
        }
    }
}

/// Lays both servers and the share into an empty folder.
fn fill(dir: &Path, scenario: &str, now: EpochMs) -> Result<(), DemoError> {
    let said = |e: std::io::Error| failed(&dir.to_string_lossy(), &e);
    let mut all: Vec<Pack> = Vec::new();
    let mut servers: Vec<(&str, Spec, State)> = Vec::new();
    for env in ENVS {
        let (state, packs) = facts::make(scenario, env, now)?;
        all.extend(packs.into_iter().filter(|p| !p.growing));
        servers.push((env, Spec::read(scenario, env)?, state));
    }
    let left = kept(all);
    lay::shares(dir, &left).map_err(said)?;
    for (env, spec, state) in servers {
        let root = dir.join(env);
        let own: Vec<Pack> = left.iter().filter(|p| p.env == env).cloned().collect();
        state.save(&root).map_err(said)?;
        let clock = state.clock(now);
        lay::server(&root, &state, &own, spec.history.legacy_packs, spec.mount.in_fstab, clock)
            .map_err(said)?;
    }
    Ok(())
}

/// A private folder of its own for one run, in memory where the system has such a place.
fn fresh_folder() -> Result<tempfile::TempDir, DemoError> {
    let runtime = std::env::var_os("XDG_RUNTIME_DIR").map(PathBuf::from);
    let parent = runtime.filter(|p| p.is_absolute() && p.is_dir()).unwrap_or_else(|| "/tmp".into());
    tempfile::Builder::new()
        .prefix("opsdeck-demo.")
        .permissions(std::fs::Permissions::from_mode(0o700))
        .tempdir_in(&parent)
        .map_err(|e| failed(&parent.to_string_lossy(), &e))
}

/// The folder that the operator named: new, empty, or a box of this very scenario.
fn kept_folder(dir: &Path, scenario: &str) -> Result<PathBuf, DemoError> {
    let shown = dir.to_string_lossy().into_owned();
    let said = |e: std::io::Error| failed(&shown, &e);
    plain(&std::path::absolute(dir).map_err(said)?)?;
    if !dir.exists() {
        lay::private_folder(dir).map_err(said)?;
        return Ok(dir.to_owned());
    }
    let mark = dir.join(MARK);
    if mark.exists() {
        let there = std::fs::read_to_string(mark).map_err(said)?;
        if there == scenario {
            return Ok(dir.to_owned());
        }
        return Err(DemoError(text!(
            "{shown} 里已经是演示场景 {there}，不能用作 {scenario}：请换一个文件夹，或先删除它",
            "{shown} already holds the demo scenario {there}, not {scenario}: name another folder, or remove it first"
        )));
    }
    if std::fs::read_dir(dir).map_err(said)?.next().is_some() {
        return Err(DemoError(text!(
            "{shown} 不是空文件夹，也不是演示文件夹：不会动它",
            "{shown} is neither empty nor a demo folder: it is left alone"
        )));
    }
    Ok(dir.to_owned())
}

/// Refuses a path that a script would have to quote: on a real server the root is empty.
fn plain(dir: &Path) -> Result<(), DemoError> {
    let shown = dir.to_string_lossy();
    let fine = |c: char| c.is_alphanumeric() || "/._-+@,".contains(c);
    if shown.chars().all(fine) {
        return Ok(());
    }
    Err(DemoError(text!(
        "演示文件夹的路径 {shown} 含有空格或特殊字符，请换一个",
        "the demo folder's path {shown} has blanks or special characters: name another"
    )))
}

fn failed(path: &str, error: &std::io::Error) -> DemoError {
    DemoError(text!(
        "无法建立演示服务器 {path}：{error}",
        "the demo servers cannot be made in {path}: {error}"
    ))
}
