//! The scripts themselves.
use std::path::Path;
use std::process::Command;

#[test]
fn shellcheck_finds_nothing() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/remote/run");
    let scripts = std::fs::read_dir(folder).unwrap().flatten().map(|e| e.path());
    let scripts: Vec<_> = scripts.filter(|p| p.extension().is_some_and(|e| e == "sh")).collect();
    assert!(scripts.len() >= 6, "{scripts:?}");
    match Command::new("shellcheck").args(["--shell=sh", "--exclude=SC2154"]).args(scripts).output() {
        Ok(found) => assert!(found.status.success(), "{}", String::from_utf8_lossy(&found.stdout)),
        Err(_) => {
            assert!(std::env::var_os("OPSDECK_REQUIRE_SHELLS").is_none(), "shellcheck is required here")
        }
    }
}

/// What docker can do beside what we ask of it: nothing of this may ever be sent.
const NEVER: [&str; 41] = [
    "attach",
    "build",
    "builder",
    "buildx",
    "commit",
    "compose",
    "config",
    "container",
    "context",
    "cp",
    "create",
    "diff",
    "export",
    "image",
    "images",
    "import",
    "kill",
    "load",
    "login",
    "manifest",
    "network",
    "node",
    "pause",
    "plugin",
    "prune",
    "pull",
    "push",
    "rename",
    "rm",
    "rmi",
    "save",
    "secret",
    "service",
    "stack",
    "swarm",
    "system",
    "tag",
    "unpause",
    "update",
    "volume",
    "wait",
];
/// Words that have no business in a script for a server at all.
const NOWHERE: [&str; 10] = [
    "docker-compose",
    "podman",
    "prune",
    "rmi",
    "mkfs",
    "wipefs",
    "shred",
    "-delete",
    "rmtree",
    "removedirs",
];
/// What may be deleted with all that is in it: what a run, or a look, made itself.
const OURS: [&str; 5] = ["$work", "$new", "$memory", "$runs/.new-*", "${runs:?}/$each"];

/// What is wrong with a line of a script.
fn offences(line: &str) -> Vec<String> {
    let words: Vec<&str> = line
        .split(|c: char| c.is_whitespace() || "\"'`()[],;|&{}".contains(c))
        .filter(|w| !w.is_empty())
        .collect();
    let mut found: Vec<String> = words
        .iter()
        .filter(|w| w.split('.').any(|part| NOWHERE.contains(&part)))
        .map(ToString::to_string)
        .collect();
    for (n, word) in words.iter().enumerate() {
        let rest = &words[n + 1..];
        let skip = match word.rsplit('/').next() {
            Some("docker" | "ask_docker") => 0,
            // its limit
            Some("docker_within") => 1,
            _ => continue,
        };
        let command = rest.get(skip).copied().unwrap_or_default();
        let options = || rest.iter().filter(|w| w.starts_with('-'));
        let asks = matches!(rest.get(skip..skip + 2), Some(["image" | "volume", "inspect" | "ls"]));
        // an option before it would hide it
        if !asks && (NEVER.contains(&command) || command.starts_with('-')) {
            found.push(format!("docker {command}"));
        }
        // one that is made for a question goes with it, and can reach nothing of the network
        if command == "run"
            && !(options().any(|o| *o == "--rm") && rest.windows(2).any(|w| w == ["--network", "none"]))
        {
            found.push("docker run".into());
        }
        if options().any(|o| ["--privileged", "--volumes", "--force"].contains(o)) {
            found.push(format!("docker {command} with an option"));
        }
    }
    found.extend(recursive(line).into_iter().map(|what| format!("rm -r {what}")));
    found
}

/// What a line deletes with all that is in it, and must not.
fn recursive(line: &str) -> Vec<String> {
    let mut found = Vec::new();
    let is_rm = |at: usize| {
        let before = line[..at].chars().next_back();
        before.is_none_or(|c| c.is_whitespace() || "\"'`(;|&{/".contains(c))
    };
    for (at, _) in line.match_indices("rm ").filter(|(at, _)| is_rm(*at)) {
        let all = line[at + 3..].split([';', '|', '&', '\'', '\n']).next().unwrap_or_default();
        let words: Vec<String> = all.split_whitespace().map(|w| w.replace('"', "")).collect();
        let deep = |w: &String| {
            w == "--recursive" || w.starts_with('-') && !w.starts_with("--") && w.contains(['r', 'R'])
        };
        if words.iter().any(deep) {
            let what = words.into_iter().filter(|w| !w.starts_with('-') && !w.contains('>') && w != "}");
            found.extend(what.filter(|w| !OURS.contains(&w.as_str()) && !w.starts_with("$run/")));
        }
    }
    found
}

/// Every line that goes to servers, those that go on on the next one as one, without comments: the scripts, and the words of
/// which plans make theirs.
fn sent() -> Vec<(String, String)> {
    fn walk(folder: &Path, found: &mut Vec<std::path::PathBuf>) {
        for path in std::fs::read_dir(folder).unwrap().flatten().map(|e| e.path()) {
            if path.is_dir() { walk(&path, found) } else { found.push(path) }
        }
    }
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut files = Vec::new();
    for folder in ["assets/remote", "src/core/plan"] {
        walk(&here.join(folder), &mut files);
    }
    files.push(here.join("src/remote/wire.rs"));
    let mut lines = Vec::new();
    for file in files {
        let text = std::fs::read_to_string(&file).unwrap().replace("\\\n", " ");
        let comment = if file.extension().is_some_and(|e| e == "rs") { "//" } else { "#" };
        let code = text.lines().filter(|l| !l.trim_start().starts_with(comment));
        lines.extend(code.map(|l| (file.display().to_string(), l.to_owned())));
    }
    lines
}

/// Nothing that is sent can take away a container, an image, a volume, or a folder that is not ours.
#[test]
fn no_script_destroys_what_is_not_its_own() {
    let all = sent();
    let scripts = all.iter().filter(|(file, _)| file.ends_with(".sh"));
    assert!(scripts.count() > 1000 && all.iter().any(|(_, l)| l.contains("docker stop -t")), "{}", all.len());
    let bad: Vec<String> = all
        .iter()
        .flat_map(|(file, line)| offences(line).into_iter().map(move |o| format!("{file}: {o}: {line}")))
        .collect();
    assert!(bad.is_empty(), "{bad:#?}");
}

#[test]
fn what_would_destroy_is_seen() {
    for bad in [
        "docker rm -f \"$backend\"",
        "within 90 docker rmi x",
        "ask_docker image rm x",
        "docker_within 60 kill \"$1\"",
        "timeout -k 1 5 /usr/bin/docker system prune -af",
        "docker compose -f x.yml down -v",
        "docker --host x volume rm y",
        "docker-compose down",
        "sh.push_str(&format!(\"docker rm {name}\\n\"));",
        "docker run -v /:/host x",
        "docker run --rm --network none --privileged x",
        "rm -rf \"$root/mnt/replica\"",
        "rm -fr /",
        "[ -e x ] && rm -r \"$runs\"",
        "sh -c 'rm -rf \"$1\"'",
        "rm --recursive $root$credentials_file",
        "rm -rf \"$new\" \"$point\"",
        "find \"$1\" -name '*.tmp' -delete",
        "    shutil.rmtree(path)",
    ] {
        assert!(!offences(bad).is_empty(), "{bad}");
    }
    for good in [
        "docker stop -t 30 \"$backend\"",
        "trap 'rm -rf \"$new\"; exit 143' HUP",
        "rm -rf \"$work\" 2>/dev/null || { sleep 1; rm -rf \"$work\"; }",
        "why=\"docker does not say\"",
        "ask_docker volume ls --format '{{.Name}}'",
        "rm -f \"$root/etc/fstab.$run_id\"",
        "docker run --rm -i --network none --entrypoint python x",
    ] {
        assert!(offences(good).is_empty(), "{good}: {:?}", offences(good));
    }
}
