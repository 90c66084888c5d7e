//! Containers and images as `docker inspect` and `docker ps` show them.
use crate::core::units::EpochMs;
use crate::demo::state::{Container, Image, State};
use crate::demo::timeline::docker_time;
use serde_json::{Value, json};

/// What docker says of a moment that never was.
const NEVER: &str = "0001-01-01T00:00:00Z";

/// The document that `docker inspect` shows. No environment and no arguments: there are none.
pub(super) fn inspect(state: &State, c: &Container) -> Value {
    let image = state.docker.images.iter().find(|i| i.name == c.image);
    let time = |ms: i64| docker_time(EpochMs(ms));
    let mut labels = serde_json::Map::new();
    if let Some(project) = &c.project {
        labels.insert("com.docker.compose.project".into(), project.as_str().into());
    }
    let mut run = json!({
        "Status": if c.running { "running" } else { "exited" },
        "Running": c.running,
        "Paused": false,
        "Restarting": false,
        "OOMKilled": false,
        "Dead": false,
        "Pid": if c.running { pid(c) } else { 0 },
        "ExitCode": c.exit_code,
        "Error": "",
        "StartedAt": time(c.started_ms),
        "FinishedAt": c.finished_ms.map_or(NEVER.to_owned(), time),
    });
    if let (true, Some(run)) = (c.checked, run.as_object_mut()) {
        let status = if c.running { "healthy" } else { "unhealthy" };
        run.insert("Health".into(), json!({"Status": status, "FailingStreak": 0, "Log": []}));
    }
    json!({
        "Id": c.id,
        "Name": format!("/{}", c.name),
        "Image": image.map(|i| i.id.as_str()).unwrap_or_default(),
        "Created": time(c.created_ms),
        "Config": {"Image": c.image, "Labels": labels, "Tty": false},
        "State": run,
        "RestartCount": 0,
        "HostConfig": {
            "RestartPolicy": {"Name": c.restart_policy, "MaximumRetryCount": 0},
            "LogConfig": {"Type": "json-file", "Config": {}},
        },
        "Mounts": c.mounts.iter().map(mount).collect::<Vec<_>>(),
    })
}

/// The number of its first process on the host.
pub(in crate::demo) fn pid(c: &Container) -> i64 {
    2000 + c.id.bytes().map(i64::from).sum::<i64>() % 9000
}

fn mount((from, to, write): &(String, String, bool)) -> Value {
    if from.starts_with('/') {
        let mode = if *write { "" } else { "ro" };
        json!({"Type": "bind", "Source": from, "Destination": to, "Mode": mode, "RW": write, "Propagation": "rprivate"})
    } else {
        let source = format!("/var/lib/docker/volumes/{from}/_data");
        json!({"Type": "volume", "Name": from, "Source": source, "Destination": to, "Driver": "local", "Mode": "z",
               "RW": write, "Propagation": ""})
    }
}

/// A row of `docker ps`.
pub(super) fn row(c: &Container) -> Value {
    json!({
        "ID": c.id,
        "Image": c.image,
        "Names": c.name,
        "State": if c.running { "running" } else { "exited" },
        "Mounts": c.mounts.iter().map(|m| m.0.as_str()).collect::<Vec<_>>().join(","),
    })
}

/// The document that `docker image inspect` shows.
pub(super) fn image(i: &Image) -> Value {
    json!({"Id": i.id, "Size": i.size, "RepoTags": [i.name]})
}
