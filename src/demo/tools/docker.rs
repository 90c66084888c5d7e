//! `docker`: what the scripts ask of it.
use super::{Said, Server, UNKNOWN, change, container, inside, logs, template, watch};
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
        ["exec", "-i", name, "python", "-", rest @ ..] => inside::exec(server, args, name, rest),
        ["exec", "-i", name, "python", "-c", _, size, path] => watch::exec(server, args, name, (size, path)),
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
        ] => inside::one_off(server, args, bind, image, rest),
        [verb @ ("start" | "stop" | "restart"), name]
        | [verb @ ("stop" | "restart"), "-t" | "--time", _, name] => change::lifecycle(server, verb, name),
        _ => Said::unknown("docker", args),
    }
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
