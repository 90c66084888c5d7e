//! How much a look costs, beside the same reads typed by hand as one script over the same open link.
//!
//! Needs the lab (`tests/lab/lab up`). Prints medians and the ratio of the pairs; asserts nothing.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used)]

use opsdeck::config;
use opsdeck::core::snapshot::QUESTIONS;
use opsdeck::fleet::Fleet;
use opsdeck::look;
use opsdeck::remote::{Ask, End, Host};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// Pairs that are measured, after one of each that is not.
const PAIRS: usize = 9;

/// What a person would type to learn the same: every read of the look, one after the other, with time limits where the
/// share may hang, and the same question to the database.
const BY_HAND: &str = r#"
hostname; cat /etc/machine-id; uname -r; head -n 1 /etc/os-release; id -u; cat /proc/uptime; ip -o addr show; date +%z; date +%s
cat /proc/self/mountinfo
cat /proc/fs/cifs/DebugData
timeout -k 1 3 stat -f /mnt/replica
timeout -k 1 3 stat /mnt/replica/RagflowAuth
timeout -k 1 15 find /mnt/replica/RagflowAuth -mindepth 1 -maxdepth 6 -exec stat -c '%F|%s|%Y|%n' '{}' +
cat /etc/fstab
dmesg | grep -i cifs | tail -n 40
timeout 3 bash -c 'exec 3<>/dev/tcp/10.0.2.2/4455'
stat -f / /opt/ragflowauth
ls -l /opt/ragflowauth/ragflow_compose/docker-compose.yml /opt/ragflowauth/backups /opt/ragflowauth/data/backups
docker info --format '{{.DockerRootDir}}'
stat -f /var/lib/docker
docker inspect $(docker ps -aq)
docker image inspect $(docker ps -a --format '{{.Image}}' | sort -u)
docker volume ls --format '{{.Name}}'
curl -sS -m 4 http://127.0.0.1:8001/health
docker exec -i ragflowauth-backend python - /app/data/auth.db 30 <<'OPSDECK_PY'
@INSIDE@
OPSDECK_PY
exit 0
"#;

fn main() {
    // `cargo test --benches` only builds this
    if std::env::args().any(|a| a == "--test") {
        return;
    }
    let lab: PathBuf = match std::env::var_os("OPSDECK_LAB_DIR") {
        Some(dir) => PathBuf::from(dir).join("lab.toml"),
        None => Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/lab/lab.toml"),
    };
    let fleet = Fleet::real(config::load(&lab).expect("the lab's configuration"));
    let runtime = tokio::runtime::Runtime::new().expect("tokio");
    runtime.block_on(measure(&fleet));
}

async fn measure(fleet: &Fleet) {
    let env = fleet.environment("prod").expect("prod");
    let host = fleet.host(env);
    let by_hand = BY_HAND.replace(
        "@INSIDE@",
        concat!(include_str!("../assets/remote/database.py"), include_str!("../assets/remote/inside.py")),
    );
    let mut pairs = Vec::new();
    for n in 0..=PAIRS {
        let (look, hand) = (one_look(host.as_ref(), env).await, one_by_hand(host.as_ref(), &by_hand).await);
        if n > 0 {
            println!("pair {n}: look {} ms, by hand {} ms", look.as_millis(), hand.as_millis());
            pairs.push((look, hand));
        }
    }
    host.close().await;
    let ratios = pairs.iter().map(|(l, h)| l.as_secs_f64() / h.as_secs_f64());
    let ms = |d: Duration| d.as_secs_f64() * 1000.0;
    println!("look    {:7.0} ms (median of {PAIRS})", median(pairs.iter().map(|p| ms(p.0))));
    println!("by hand {:7.0} ms", median(pairs.iter().map(|p| ms(p.1))));
    println!("ratio   {:7.2}    (median of the pairs; meant to stay at or below 1.2)", median(ratios));
}

async fn one_look(host: &dyn Host, env: &opsdeck::config::model::Environment) -> Duration {
    let began = opsdeck::clock::tick();
    let look = look::take(host, env).await.expect("a look");
    assert_eq!(look.snapshot.answered, QUESTIONS, "the look was not whole");
    opsdeck::clock::tick().duration_since(began)
}

async fn one_by_hand(host: &dyn Host, script: &str) -> Duration {
    let began = opsdeck::clock::tick();
    let ask = Ask { name: "by hand", script, stdin: b"", deadline: look::DEADLINE, cap: 8 << 20 };
    let answer = host.run(ask).await.expect("an answer");
    assert!(matches!(answer.end, End::Exit(0)), "{:?}", answer.end);
    opsdeck::clock::tick().duration_since(began)
}

fn median(values: impl Iterator<Item = f64>) -> f64 {
    let mut all: Vec<f64> = values.collect();
    all.sort_by(f64::total_cmp);
    all.get(all.len() / 2).copied().unwrap_or(f64::NAN)
}
