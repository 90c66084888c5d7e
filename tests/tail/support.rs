//! A server whose docker and journalctl are scripts with a state that the test writes, and what is followed on it.
use opsdeck::core::log::note::{Note, Piece};
use opsdeck::core::log::{From, Source};
use opsdeck::remote::Host;
use opsdeck::remote::local::{LocalHost, LocalOptions};
use opsdeck::tail::{self, Ended};
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;
use tempfile::TempDir;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;

/// Longer than anything here takes on a busy machine.
const LIMIT: Duration = Duration::from_secs(60);

/// The shells that servers have; all of them where CI requires them.
pub fn shells() -> Vec<&'static str> {
    let there: Vec<_> =
        ["dash", "bash", "busybox"].into_iter().filter(|s| Path::new("/bin").join(s).exists()).collect();
    let required = std::env::var_os("OPSDECK_REQUIRE_SHELLS").is_some();
    assert!(!there.is_empty() && (!required || there.len() == 3), "only {there:?}");
    there
}

/// A server with a container `web`, which runs, and a journal.
pub struct Server {
    pub dir: TempDir,
    shell: PathBuf,
}

impl Server {
    pub fn with(shell: &str) -> Server {
        let dir = tempfile::tempdir().unwrap();
        let server = Server { shell: dir.path().join("sh"), dir };
        symlink(Path::new("/bin").join(shell), &server.shell).unwrap();
        for tool in ["docker", "journalctl"] {
            let text =
                std::fs::read_to_string(format!("{}/tests/tail/{tool}.sh", env!("CARGO_MANIFEST_DIR")));
            server.tool(tool, &text.unwrap());
        }
        server.put("log", "");
        server.put("journal", "");
        server.container("one", true, 1);
        server
    }

    pub fn at(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    /// A program that stands before the real one of that name.
    pub fn tool(&self, name: &str, script: &str) {
        std::fs::write(self.at(name), format!("#!/bin/sh\n{script}")).unwrap();
        std::fs::set_permissions(self.at(name), std::fs::Permissions::from_mode(0o755)).unwrap();
    }

    /// Replaces a file: all of it or nothing, because a tool may be reading it.
    pub fn put(&self, name: &str, text: &str) {
        std::fs::write(self.at("new"), text).unwrap();
        std::fs::rename(self.at("new"), self.at(name)).unwrap();
    }

    pub fn container(&self, id: &str, runs: bool, run: u32) {
        let (start, end) = (stamp(run * 1000), stamp(run * 1000 + 500));
        let end = if runs { "0001-01-01T00:00:00Z".to_owned() } else { end };
        self.put("state", &format!("{id} {runs} false {start} {end} 137 json-file\n"));
    }

    pub fn append(&self, name: &str, bytes: &[u8]) {
        use std::io::Write;
        let mut file = std::fs::OpenOptions::new().append(true).open(self.at(name)).unwrap();
        file.write_all(bytes).unwrap();
    }

    /// The container prints `line N` for each of these, at a time of its own.
    pub fn lines(&self, numbers: std::ops::Range<u32>) {
        let text: String = numbers.map(|n| format!("{} line {n}\n", stamp(n))).collect();
        self.append("log", text.as_bytes());
    }

    pub fn host(&self) -> LocalHost {
        let path = format!("{}:/usr/bin:/bin", self.dir.path().display()).into();
        LocalHost::new(LocalOptions {
            shell: self.shell.clone(),
            path: Some(path),
            ..LocalOptions::default()
        })
    }

    /// The same server with nothing but what a shell needs. This machine may have the real tools: a root of its own
    /// keeps the script from the usual places.
    pub fn bare_host(&self) -> LocalHost {
        let bare = self.at("bare");
        std::fs::create_dir_all(&bare).unwrap();
        for plain in ["timeout", "sleep", "dd"] {
            // it is there from the last time
            let _ = symlink(Path::new("/usr/bin").join(plain), bare.join(plain));
        }
        LocalHost::new(LocalOptions {
            shell: self.shell.clone(),
            root: "/nowhere".into(),
            path: Some(bare.into()),
            env: Vec::new(),
        })
    }

    pub fn follow(&self, from: From) -> Followed {
        Followed::of(Arc::new(self.host()), Source::Container("web".into()), from)
    }
}

/// The `n`th millisecond of a day.
pub fn stamp(n: u32) -> String {
    let (s, ms) = (n / 1000, n % 1000);
    format!("2026-01-31T{:02}:{:02}:{:02}.{ms:03}000001Z", s / 3600, s / 60 % 60, s % 60)
}

/// A log that is followed. Dropping it ends it.
pub struct Followed {
    batches: mpsc::Receiver<Vec<Piece>>,
    task: JoinHandle<Ended>,
    waiting: std::collections::VecDeque<Piece>,
}

impl Followed {
    pub fn of(host: Arc<dyn Host>, source: Source, from: From) -> Followed {
        let (to, batches) = mpsc::channel(4);
        let task = tokio::spawn(async move { tail::follow(&*host, &source, &from, &to).await });
        Followed { batches, task, waiting: Default::default() }
    }

    /// The next piece; nothing when it has ended.
    pub async fn next(&mut self) -> Option<Piece> {
        while self.waiting.is_empty() {
            let batch = tokio::time::timeout(LIMIT, self.batches.recv()).await.expect("nothing comes")?;
            // an empty one is the word that it is being followed
            assert!(batch.len() <= 1000);
            self.waiting.extend(batch);
        }
        self.waiting.pop_front()
    }

    pub async fn line(&mut self) -> String {
        match self.next().await {
            Some(Piece::Line(line)) => line.text.to_string(),
            other => panic!("no line: {other:?}"),
        }
    }

    pub async fn note(&mut self) -> Note {
        match self.next().await {
            Some(Piece::Note(note)) => note,
            other => panic!("no note: {other:?}"),
        }
    }

    /// The lines with these numbers come next, in order, each once.
    pub async fn numbers(&mut self, expected: std::ops::Range<u32>) {
        for n in expected {
            assert_eq!(self.line().await, format!("line {n}"));
        }
    }

    pub async fn ended(mut self) -> Ended {
        let rest = self.next().await;
        assert_eq!(rest, None);
        (&mut self.task).await.unwrap()
    }
}

impl Drop for Followed {
    fn drop(&mut self) {
        self.task.abort();
    }
}
