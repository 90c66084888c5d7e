//! Writes the raw answer of one look at a server to standard output, for `tests/fixtures`:
//! `cargo run --example capture -- --config tests/lab/lab.toml prod > tests/fixtures/lab/NAME.txt`
use anyhow::{Context, bail};
use opsdeck::fleet::Fleet;
use opsdeck::look;
use opsdeck::remote::{Ask, End};
use std::io::Write;
use std::path::Path;

/// The mark of every fixture.
const MARK: &str = "00000000000000000000000000fixture";

fn main() -> anyhow::Result<()> {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let [option, config, key] = words.as_slice() else { bail!("usage: capture --config FILE ENV") };
    if option != "--config" {
        bail!("usage: capture --config FILE ENV");
    }
    let fleet = Fleet::real(opsdeck::config::load(Path::new(config))?);
    let env = fleet.environment(key)?;
    let host = fleet.host(env);
    let script = look::script(env, host.root(), MARK);
    let runtime = tokio::runtime::Runtime::new().context("tokio")?;
    let answer = runtime.block_on(async {
        let answer = host
            .run(Ask { name: "capture", script: &script, stdin: b"", deadline: look::DEADLINE, cap: 8 << 20 })
            .await;
        host.close().await;
        answer
    })?;
    if !matches!(answer.end, End::Exit(0)) {
        bail!("the answer is not whole: {:?}", answer.end);
    }
    std::io::stdout().write_all(&answer.stdout.bytes)?;
    Ok(())
}
