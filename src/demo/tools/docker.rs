//! `docker`: what the scripts ask of it.
use super::{Said, Server, UNKNOWN, change, container, inside, logs, rows, template, watch};
use crate::demo::mountinfo;
use crate::demo::state::{BACKEND, Container};
use serde_json::{Value, json};

/// `docker …`.
pub(super) fn docker(server: &Server, args: &[&str]) -> Said {
    if !server.state.docker.up {
        return Said::error(
            1,
            "Cannot connect to the Docker daemon at unix:///var/run/docker.sock. Is the docker daemon running?",
        );
    }
    match args {
        ["info", "--format", format] => print(format, &[json!({"DockerRootDir": "/var/lib/docker"})]),
        ["version", "--format", format] => {
            print(format, &[json!({"Client": {"Version": "20.10.7"}, "Server": {"Version": "20.10.7"}})])
        }
        ["ps", flags @ ..] => ps(server, args, flags),
        ["logs", rest @ ..] => logs::logs(server, rest),
        ["inspect", "--format", format, "--", names @ ..] | ["inspect", "--format", format, names @ ..]
            if !names.is_empty() =>
        {
            let find =
                |name: &str| server.state.container(name).map(|c| container::inspect(&server.state, c));
            each(format, names, find, "No such object")
        }
        ["image", "inspect", "--format", format, names @ ..] if !names.is_empty() => {
            let all = &server.state.docker.images;
            let find = |name: &str| all.iter().find(|i| i.name == name || i.id == name).map(container::image);
            each(format, names, find, "No such image")
        }
        ["volume", "ls", "--format", format] => {
            let rows: Vec<Value> =
                server.state.docker.volumes.iter().map(|v| json!({"Name": v, "Driver": "local"})).collect();
            print(format, &rows)
        }
        ["exec", name, "true"] => within(server, name, |_| Said::default()),
        ["exec", name, "cat", "/proc/mounts"] => within(server, name, |c| {
            Said::ok(mountinfo::mounts(&mountinfo::container(&server.state, c.sees.as_deref(), &c.mounts)))
        }),
        ["exec", "-i", BACKEND, "python", "-c", query, path] => {
            within(server, BACKEND, |_| rows::live_jobs(server, args, query, path))
        }
        ["exec", "-i", name, "python", "-c", _, size, path] => watch::exec(server, args, name, (size, path)),
        ["exec", "-i", BACKEND, "python", "-", path, run, operator, verb, asked] => {
            within(server, BACKEND, |_| rows::change(server, args, (path, run, operator), (verb, asked)))
        }
        ["exec", "-i", name, "python", "-", rest @ ..] => inside::exec(server, args, name, rest),
        [
            "run",
            "--rm",
            "-i",
            "--network",
            "none",
            "--entrypoint",
            "python",
            "-v",
            bind,
            image,
            "-",
            rest @ ..,
        ] => match rest {
            [path, run, operator, verb, asked] => {
                rows::one_off(server, args, (bind, image), (path, run, operator), (verb, asked))
            }
            _ => inside::one_off(server, args, bind, image, rest),
        },
        ["top", name, "-eo", "pid,args"] => within(server, name, |c| top(server, c)),
        [verb @ ("stop" | "restart"), "-t" | "--time", _, names @ ..]
        | [verb @ ("start" | "stop" | "restart"), names @ ..]
            if !names.is_empty() && !names.iter().any(|n| n.starts_with('-')) =>
        {
            change::lifecycle(server, verb, names)
        }
        _ => Said::unknown("docker", args),
    }
}

/// What is asked of a container that has to run.
fn within(server: &Server, name: &str, ask: impl FnOnce(&Container) -> Said) -> Said {
    match server.state.container(name) {
        None => Said::error(1, format!("Error: No such container: {name}")),
        Some(c) if !c.running => {
            Said::error(1, format!("Error response from daemon: container {} is not running", c.id))
        }
        Some(c) => ask(c),
    }
}

/// The processes of a container. A volume is packed by what the backend's worker started.
fn top(server: &Server, c: &Container) -> Said {
    let pid = container::pid(c);
    let mut text = format!("PID                 COMMAND\n{pid:<20}python -m uvicorn backend.app.main:app\n");
    let packs = server.state.work.as_ref().is_some_and(|w| w.at(server.now).volume.is_some());
    if packs && c.name == BACKEND {
        text.push_str(&format!(
            "{:<20}docker run --rm -v data:/data:ro ragflowauth-backend:local tar\n",
            pid + 211
        ));
    }
    Said::ok(text)
}

/// `docker ps [-a] [-q] [--no-trunc] [--format FORMAT]`.
fn ps(server: &Server, args: &[&str], flags: &[&str]) -> Said {
    let (mut all, mut format, mut whole) = (false, None, false);
    let mut flags = flags.iter();
    while let Some(flag) = flags.next() {
        match *flag {
            "-a" => all = true,
            "-q" => format = Some("{{.ID}}"),
            "-aq" => (all, format) = (true, Some("{{.ID}}")),
            "--no-trunc" => whole = true,
            "--format" => format = flags.next().copied(),
            _ => return Said::unknown("docker", args),
        }
    }
    // the table and the shortened columns are for people
    let (Some(format), true) = (format, whole) else {
        return Said::unknown("docker", args);
    };
    let shown = server.state.docker.containers.iter().filter(|c| all || c.running);
    print(format, &shown.map(container::row).collect::<Vec<_>>())
}

/// One line for each document.
fn print(format: &str, documents: &[Value]) -> Said {
    let mut text = String::new();
    for document in documents {
        match template::render(format, document) {
            Ok(line) => text.push_str(&(line + "\n")),
            Err(e) => {
                return Said::error(UNKNOWN, format!("docker: the demo server cannot fill in {format}: {e}"));
            }
        }
    }
    Said::ok(text)
}

/// One line for each name that is found; the others are said on the side, and the code is 1.
fn each(format: &str, names: &[&str], find: impl Fn(&str) -> Option<Value>, missing: &str) -> Said {
    let (mut found, mut err) = (Vec::new(), String::new());
    for name in names {
        match find(name) {
            Some(document) => found.push(document),
            None => err.push_str(&format!("Error: {missing}: {name}\n")),
        }
    }
    let mut said = print(format, &found);
    if said.code == 0 && !err.is_empty() {
        (said.err, said.code) = (err, 1);
    }
    said
}
