//! Scratch ssh servers and what a client of them needs.
pub use crate::processes::{alive, descendants, name_of, signal_to, until, with_argument};
use opsdeck::config::model::{Containers, EnvKey, Environment, Paths, Role, Share, SshSettings, Thresholds};
use opsdeck::remote::ssh::{Folders, Limits, SshHost};
use opsdeck::remote::{Answer, Ask, End, Host, LinkError};
use rustix::process::Signal;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tempfile::TempDir;

/// A short path: sockets have no room for long ones.
pub fn scratch() -> TempDir {
    tempfile::Builder::new().prefix("od").tempdir_in("/tmp").unwrap()
}

pub fn sh(program: &str, arguments: &[&str]) -> String {
    let output = Command::new(program).args(arguments).stdin(Stdio::null()).output().unwrap();
    assert!(output.status.success(), "{program} {arguments:?}: {output:?}");
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}

pub fn user() -> String {
    sh("id", &["-un"])
}

/// Makes a key pair.
pub fn keygen(file: &Path, kind: &str, passphrase: &str) {
    sh("ssh-keygen", &["-q", "-t", kind, "-N", passphrase, "-C", "scratch", "-f", file.to_str().unwrap()]);
}

/// `SHA256:…` of a public key file.
pub fn fingerprint(public: &Path) -> String {
    let line = sh("ssh-keygen", &["-lf", public.to_str().unwrap()]);
    line.split_whitespace().nth(1).unwrap().to_owned()
}

/// A scratch server. Dropping it ends it and every session on it.
pub struct Sshd {
    pub dir: TempDir,
    pub port: u16,
    child: Child,
    log: Arc<Mutex<String>>,
}

/// Whether scratch servers can be had here.
pub fn sshd_program() -> Option<PathBuf> {
    let found = ["/usr/sbin/sshd", "/usr/local/sbin/sshd", "/sbin/sshd"]
        .map(PathBuf::from)
        .into_iter()
        .find(|p| p.exists());
    if found.is_none() {
        let required = std::env::var_os("OPSDECK_REQUIRE_SSHD").is_some();
        assert!(!required, "sshd is required and not installed");
        eprintln!("SKIPPED: sshd is not installed, nothing was tested");
    }
    found
}

/// Starts a server, or ends the test in peace.
#[macro_export]
macro_rules! sshd {
    ($($extra:expr),*) => {
        match $crate::fixture::Sshd::start(&[$($extra),*]) {
            Some(server) => server,
            None => return,
        }
    };
}

impl Sshd {
    pub fn start(extra: &[&str]) -> Option<Sshd> {
        let program = sshd_program()?;
        if rustix::process::getuid().is_root() {
            // where sshd locks its unprivileged half in
            std::fs::create_dir_all("/run/sshd").unwrap();
        }
        let dir = scratch();
        let at = |name: &str| dir.path().join(name);
        keygen(&at("host_key"), "ed25519", "");
        keygen(&at("id"), "ed25519", "");
        std::fs::copy(at("id.pub"), at("authorized")).unwrap();
        for _ in 0..20 {
            let port = free_port();
            let mut config = format!(
                "Port {port}\nListenAddress 127.0.0.1\nPidFile none\nUsePAM no\nStrictModes no\n\
                 PermitRootLogin yes\nPasswordAuthentication no\nKbdInteractiveAuthentication no\n\
                 LogLevel VERBOSE\nAuthorizedKeysFile {}\n",
                at("authorized").display()
            );
            if !extra.iter().any(|l| l.starts_with("HostKey ")) {
                config.push_str(&format!("HostKey {}\n", at("host_key").display()));
            }
            for line in extra {
                config.push_str(&line.replace("DIR", dir.path().to_str().unwrap()));
                config.push('\n');
            }
            std::fs::write(at("sshd_config"), config).unwrap();
            if let Some((child, log)) = launch(&program, &at("sshd_config")) {
                return Some(Sshd { dir, port, child, log });
            }
        }
        panic!("sshd does not start");
    }

    pub fn at(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    /// The line for a list of known keys.
    pub fn known_line(&self) -> String {
        let key = std::fs::read_to_string(self.at("host_key.pub")).unwrap();
        format!("[127.0.0.1]:{} {key}", self.port)
    }

    pub fn log(&self) -> String {
        self.log.lock().unwrap().clone()
    }

    /// How many connections came so far.
    pub fn connections(&self) -> usize {
        self.log().matches("Connection from ").count()
    }

    /// The processes of its sessions.
    pub fn sessions(&self) -> Vec<i32> {
        let mut all = descendants(self.child.id() as i32);
        all.retain(|p| name_of(*p).starts_with("sshd"));
        all
    }

    pub fn kill_sessions(&self, signal: Signal) {
        for pid in self.sessions() {
            signal_to(pid, signal);
        }
    }
}

impl Drop for Sshd {
    fn drop(&mut self) {
        for pid in descendants(self.child.id() as i32) {
            signal_to(pid, Signal::KILL);
        }
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

fn launch(program: &Path, config: &Path) -> Option<(Child, Arc<Mutex<String>>)> {
    let mut child = Command::new(program)
        .args(["-D", "-e", "-f", config.to_str().unwrap()])
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stderr.take().unwrap());
    let mut said = String::new();
    loop {
        let mut line = String::new();
        if lines.read_line(&mut line).unwrap() == 0 {
            child.wait().unwrap();
            assert!(said.contains("Address already in use"), "{said}");
            return None;
        }
        said.push_str(&line);
        if line.contains("Server listening on") {
            break;
        }
    }
    let log = Arc::new(Mutex::new(said));
    let keep = Arc::clone(&log);
    std::thread::spawn(move || {
        let mut line = Vec::new();
        while lines.read_until(b'\n', &mut line).unwrap_or(0) > 0 {
            keep.lock().unwrap().push_str(&String::from_utf8_lossy(&line));
            line.clear();
        }
    });
    Some((child, log))
}

fn free_port() -> u16 {
    std::net::TcpListener::bind(("127.0.0.1", 0)).unwrap().local_addr().unwrap().port()
}

/// A workstation: a home, a state folder, an environment that leads to a server.
pub struct Client {
    pub dir: TempDir,
    pub environment: Environment,
    pub settings: SshSettings,
    pub folders: Folders,
    pub limits: Limits,
}

impl Client {
    /// One that knows the server and may log in.
    pub fn of(server: &Sshd) -> Client {
        let client = Client::stranger(server);
        client.knows(&server.known_line());
        client
    }

    /// One that may log in, and does not know the server yet.
    pub fn stranger(server: &Sshd) -> Client {
        let mut client = Client::to("127.0.0.1", server.port);
        client.environment.identity_file = Some(server.at("id"));
        client
    }

    /// One that goes to any address.
    pub fn to(host: &str, port: u16) -> Client {
        Client::within(Path::new("/tmp"), host, port)
    }

    /// The same, with its folder in another: for a client that is to be killed.
    pub fn within(parent: &Path, host: &str, port: u16) -> Client {
        let dir = tempfile::Builder::new().prefix("od").tempdir_in(parent).unwrap();
        std::fs::create_dir_all(dir.path().join("home/.ssh")).unwrap();
        let folders = Folders {
            runtime: dir.path().join("run"),
            known_hosts: dir.path().join("known_hosts"),
            home: Some(dir.path().join("home")),
            system_config: dir.path().join("ssh_config"),
            path: None,
            secret_variables: Default::default(),
        };
        Client {
            environment: environment(host, port),
            settings: SshSettings {
                known_hosts: None,
                config_file: None,
                connect_timeout_s: 10,
                keepalive_s: 5,
            },
            folders,
            limits: Limits::default(),
            dir,
        }
    }

    /// Adds to the console's own list.
    pub fn knows(&self, line: &str) {
        let mut list = std::fs::read_to_string(&self.folders.known_hosts).unwrap_or_default();
        list.push_str(line);
        std::fs::write(&self.folders.known_hosts, list).unwrap();
    }

    /// Writes the user's own configuration.
    pub fn user_config(&self, text: &str) -> PathBuf {
        let file = self.dir.path().join("home/.ssh/config");
        std::fs::write(&file, text).unwrap();
        file
    }

    pub fn host(&self) -> SshHost {
        SshHost::with_limits(&self.environment, &self.settings, self.folders.clone(), self.limits)
    }

    /// Why this client gets no answer.
    pub async fn refusal(&self) -> LinkError {
        let host = self.host();
        let error = host.run(ask(":")).await.expect_err("it was let in");
        host.close().await;
        error
    }
}

fn environment(host: &str, port: u16) -> Environment {
    Environment {
        key: EnvKey("test".into()),
        name: "测试".into(),
        role: Role::Test,
        host: host.into(),
        port: Some(port),
        user: Some(user()),
        identity_file: None,
        jump: None,
        host_key: None,
        read_only: false,
        share: Share {
            host: "nas".into(),
            aliases: Vec::new(),
            name: "backup".into(),
            port: 445,
            domain: None,
            user: None,
            options: String::new(),
            persist: true,
            windows_path: None,
            secret: None,
        },
        paths: Paths::default(),
        containers: Containers::default(),
        thresholds: Thresholds::default(),
    }
}

pub fn ask(script: &str) -> Ask<'_> {
    Ask { name: "test", script, stdin: b"", deadline: Duration::from_secs(40), cap: 1 << 20 }
}

/// Runs a script that must end: its exit code and both outputs.
pub async fn run(host: &dyn Host, script: &str) -> (i32, String, String) {
    ended(host.run(ask(script)).await.unwrap())
}

pub fn ended(answer: Answer) -> (i32, String, String) {
    let End::Exit(code) = answer.end else { panic!("{answer:?}") };
    let text = |b: Vec<u8>| String::from_utf8(b).unwrap();
    (code, text(answer.stdout.bytes), text(answer.stderr.bytes))
}

/// The error of an answer whose end was not seen.
pub fn unknown(answer: &Answer) -> &LinkError {
    match &answer.end {
        End::Unknown(error) => error,
        End::Exit(code) => panic!("it ended with {code}"),
    }
}

/// Waits for all of them at once; the outputs in the order in which they came.
pub async fn join_all<F: Future>(futures: impl Iterator<Item = F>) -> Vec<F::Output> {
    let mut pinned: Vec<_> = futures.map(Box::pin).collect();
    let mut done = Vec::new();
    std::future::poll_fn(|cx| {
        pinned.retain_mut(|f| match f.as_mut().poll(cx) {
            std::task::Poll::Ready(out) => {
                done.push(out);
                false
            }
            std::task::Poll::Pending => true,
        });
        match pinned.is_empty() {
            true => std::task::Poll::Ready(()),
            false => std::task::Poll::Pending,
        }
    })
    .await;
    done
}

/// What an operator is told about a login that failed.
pub fn nothing_was_done(error: &LinkError) {
    assert!(!error.begun && error.hint().zh.contains("没有"), "{error:?}");
}
