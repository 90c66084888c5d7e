//! Containers, images and volumes, as `docker inspect` and friends tell them, one JSON object a line.
use crate::core::gap::{Gap, Known};
use crate::core::probe::json::{at, docker_time, flag, number, some_text, text};
use crate::core::safetext::SafeText;
use crate::core::units::{Bytes, EpochMs};
use serde::Serialize;
use serde_json::Value;

/// One container.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Container {
    /// Full id.
    pub id: SafeText,
    /// Name without the leading slash.
    pub name: SafeText,
    /// Image id it was made from.
    pub image: SafeText,
    /// Image name it was made from.
    pub image_name: SafeText,
    /// Compose project, if compose made it.
    pub project: Option<SafeText>,
    /// `running`, `exited`, `restarting`, …
    pub status: SafeText,
    /// Docker's own word for it; a hung mount can make it lie, so health and an exec must agree.
    pub running: bool,
    /// Whether the kernel ended it for want of memory.
    pub oom_killed: bool,
    /// Exit code of its last end.
    pub exit_code: Option<i64>,
    /// Last start.
    pub started: Option<EpochMs>,
    /// Last end.
    pub finished: Option<EpochMs>,
    /// `healthy`, `unhealthy`, where the image has a health check.
    pub health: Option<SafeText>,
    /// Restarts by Docker itself.
    pub restarts: Option<i64>,
    /// `always`, `unless-stopped`, `no`.
    pub restart_policy: SafeText,
    /// What it sees of the host.
    pub mounts: Vec<Bind>,
}

/// A folder or volume of the host in a container.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Bind {
    /// Folder on the host.
    pub source: SafeText,
    /// Folder in the container.
    pub destination: SafeText,
    /// Volume name, for volumes.
    pub volume: Option<SafeText>,
    /// Writable.
    pub writable: bool,
    /// `rprivate`: a mount made later is not seen in the container; `rslave`: it is.
    pub propagation: SafeText,
}

/// One image.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Image {
    /// Full id.
    pub id: SafeText,
    /// Size unpacked: about what `docker save` writes.
    pub size: Bytes,
}

/// Reads the containers. No line at all is a server without containers.
pub fn containers(answer: &[u8]) -> Known<Vec<Container>> {
    objects(answer, "docker inspect", container)
}

/// Reads the images.
pub fn images(answer: &[u8]) -> Known<Vec<Image>> {
    objects(answer, "docker image inspect", |v| {
        let size = number(v, &["Size"]).and_then(|n| u64::try_from(n).ok())?;
        Some(Image { id: some_text(v, &["Id"])?, size: Bytes(size) })
    })
}

fn objects<T>(answer: &[u8], expected: &'static str, read: impl Fn(&Value) -> Option<T>) -> Known<Vec<T>> {
    // blanks are what a failed template prints; "there are none" is an empty answer
    if !answer.is_empty() && answer.trim_ascii().is_empty() {
        return Err(Gap::unreadable(expected, answer));
    }
    let lines = answer.split(|b| *b == b'\n').filter(|l| !l.trim_ascii().is_empty());
    let one = |line: &[u8]| serde_json::from_slice(line).ok().as_ref().and_then(&read);
    lines.map(|line| one(line).ok_or_else(|| Gap::unreadable(expected, line))).collect()
}

fn container(v: &Value) -> Option<Container> {
    let binds = at(v, &["Mounts"]).as_array().map(Vec::as_slice).unwrap_or_default();
    let name = some_text(v, &["Name"])?;
    Some(Container {
        id: some_text(v, &["Id"])?,
        name: SafeText::new(name.as_str().trim_start_matches('/')),
        image: text(v, &["Image"]),
        image_name: text(v, &["ImageName"]),
        project: some_text(v, &["Labels", "project"]),
        status: text(v, &["State", "Status"]),
        running: flag(v, &["State", "Running"])?,
        oom_killed: flag(v, &["State", "OOMKilled"]).unwrap_or(false),
        exit_code: number(v, &["State", "ExitCode"]),
        started: docker_time(v, &["State", "StartedAt"]),
        finished: docker_time(v, &["State", "FinishedAt"]),
        health: some_text(v, &["State", "Health", "Status"]),
        restarts: number(v, &["RestartCount"]),
        restart_policy: text(v, &["RestartPolicy"]),
        mounts: binds.iter().map(bind).collect(),
    })
}

fn bind(v: &Value) -> Bind {
    Bind {
        source: text(v, &["Source"]),
        destination: text(v, &["Destination"]),
        volume: some_text(v, &["Name"]),
        writable: flag(v, &["RW"]).unwrap_or(false),
        propagation: text(v, &["Propagation"]),
    }
}

impl Container {
    /// Where a path of the container lies on the host: through the longest bind that holds it.
    pub fn host_path(&self, inside: &str) -> Option<String> {
        let holds = |b: &&Bind| under(inside, b.destination.as_str()).is_some();
        let bind = self.mounts.iter().filter(holds).max_by_key(|b| b.destination.as_str().len())?;
        let rest = under(inside, bind.destination.as_str())?;
        Some(format!("{}{rest}", bind.source.as_str().trim_end_matches('/')))
    }
}

/// What of a path lies under a folder, with its leading slash; empty for the folder itself.
pub fn under<'a>(path: &'a str, folder: &str) -> Option<&'a str> {
    let rest = path.strip_prefix(folder.trim_end_matches('/'))?;
    (rest.is_empty() || rest.starts_with('/')).then_some(rest)
}

#[cfg(test)]
mod tests {
    use super::*;

    const BACKEND: &str = r#"{"Id":"abc","Name":"/ragflowauth-backend","Image":"sha256:1","ImageName":"ragflowauth-backend:local","Created":"x","Labels":{"project":null},"State":{"Status":"running","Running":true,"OOMKilled":false,"ExitCode":0,"StartedAt":"2026-02-01T00:00:00.5Z","FinishedAt":"0001-01-01T00:00:00Z"},"RestartCount":2,"RestartPolicy":"unless-stopped","Mounts":[{"Type":"bind","Source":"/mnt/replica","Destination":"/replica","RW":true,"Propagation":"rprivate"},{"Type":"bind","Source":"/opt/ragflowauth/data","Destination":"/app/data","RW":true,"Propagation":"rprivate"}],"LogDriver":"json-file","Tty":false}"#;

    #[test]
    fn a_container_is_read() {
        let all = containers(format!("{BACKEND}\n").as_bytes()).unwrap();
        let c = &all[0];
        assert_eq!(
            (c.name.as_str(), c.running, c.restarts, c.finished),
            ("ragflowauth-backend", true, Some(2), None)
        );
        assert_eq!(c.started, Some(EpochMs(1_769_904_000_500)));
    }

    #[test]
    fn a_path_of_the_container_is_found_on_the_host() {
        let all = containers(BACKEND.as_bytes()).unwrap();
        let path = |p: &str| all[0].host_path(p);
        assert_eq!(path("/replica/RagflowAuth/p").as_deref(), Some("/mnt/replica/RagflowAuth/p"));
        assert_eq!(path("/app/data/backups/p").as_deref(), Some("/opt/ragflowauth/data/backups/p"));
        assert_eq!((path("/replica2/p"), path("/tmp/p")), (None, None));
    }

    #[test]
    fn one_bad_line_spoils_the_answer_for_it_may_be_the_backend() {
        assert!(containers(format!("{BACKEND}\ntemplate: :1:2: error\n").as_bytes()).is_err());
        assert!(containers(br#"{"Id":"a"}"#).is_err());
        assert_eq!(containers(b""), Ok(vec![]));
        assert!(containers(b"\n\n").is_err(), "a template that failed is not a server without containers");
        assert!(images(br#"{"Id":"a","Size":-1}"#).is_err());
    }
}
