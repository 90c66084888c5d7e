//! The command: gathers, shows what there is, asks, writes.
use super::{Asked, archive, collect, list, redact, write_new};
use crate::cli::args::BundleArgs;
use crate::cli::check::GOODBYE;
use crate::cli::{Context, Exit, Said, out};
use crate::clock;
use crate::core::safetext::SafeText;
use crate::core::state::State;
use crate::i18n::Lang;
use crate::logging;
use crate::text;
use anyhow::Context as _;
use serde_json::json;
use std::io::{BufRead, IsTerminal, Write};
use std::path::PathBuf;

/// Gathers, shows, asks, writes.
///
/// # Errors
/// It could not be done: no configuration, an unknown environment, nobody said yes, a file that is there or cannot be
/// written. Then nothing was written.
pub fn run(context: &Context, args: &BundleArgs) -> anyhow::Result<Exit> {
    let fleet = context.fleet()?;
    let env = fleet.environment(&args.env)?.clone();
    let now = clock::now();
    let name = list::name(&env.key, now);
    let path = args.output.clone().unwrap_or_else(|| PathBuf::from(format!("{name}.tar.gz")));
    let terminal = std::io::stdin().is_terminal() && std::io::stdout().is_terminal();
    if !args.dry_run {
        // before anything is asked of a server
        if path.symlink_metadata().is_ok() {
            let shown = SafeText::new(&path.to_string_lossy());
            return Err(Said(list::there_is_one(&shown)).into());
        }
        if !args.yes && !terminal {
            return Err(nobody_to_ask().into());
        }
    }
    let demo = fleet.scenario().is_some();
    let asked = Asked {
        env: &env,
        config: fleet.config(),
        file: (!demo).then(|| fleet.config().source.clone()),
        state: fleet.state(),
        // what this console did on real servers does not belong beside a built-in one
        log: logging::folder().filter(|_| !demo),
        raw_addresses: args.raw_addresses,
    };
    let host = fleet.host(&env);
    let runtime = tokio::runtime::Runtime::new().context("tokio runtime")?;
    let gathered = runtime.block_on(async {
        let gathered = collect(host.as_ref(), &asked).await;
        let _closed = tokio::time::timeout(GOODBYE, host.close()).await;
        gathered
    });
    let head = json!({
        "environment": env.key, "role": env.role, "generated_ms": now, "demo": fleet.scenario(),
    });
    let bundle = redact(gathered, head).context("a rule of the redaction")?;
    let bytes = archive(&bundle, &name, now)?;
    let about = list::About {
        env: &args.env,
        demo: fleet.scenario(),
        path: &path,
        packed: bytes.len(),
        raw_addresses: args.raw_addresses,
    };
    let shown: Vec<String> =
        list::list(&bundle, &about).iter().map(|t| format!("{}\n", t.get(context.lang))).collect();
    out::line(&shown.concat())?;
    let came = if bundle.missing.is_empty() { State::Ok } else { State::Unknown };
    if args.dry_run {
        out::line(
            text!("只是看看（--dry-run），什么也没写", "a dry run: nothing was written").get(context.lang),
        )?;
        return Ok(Exit::Found(came));
    }
    if !args.yes && !agreed(context.lang)? {
        return Err(Said(text!("没有答应，什么也没写", "nobody said yes; nothing was written")).into());
    }
    write_new(&path, &bytes).map_err(|e| Said(list::not_written(&path, &e)))?;
    tracing::info!(env = %env.key, files = bundle.files.len(), missing = bundle.missing.len(), "bundle");
    let shown = SafeText::new(&path.to_string_lossy());
    out::line(
        text!("已写好：{shown}（只有自己能读）", "written: {shown} (for its owner only)").get(context.lang),
    )?;
    Ok(Exit::Found(came))
}

/// Asks on the terminal.
fn agreed(lang: Lang) -> std::io::Result<bool> {
    let mut stdout = std::io::stdout();
    let question = text!("写吗？输入 yes 或 是，别的都算不写：", "Write it? Type yes; anything else is no: ");
    write!(stdout, "{}", question.get(lang))?;
    stdout.flush()?;
    let mut line = String::new();
    std::io::stdin().lock().read_line(&mut line)?;
    let said = line.trim();
    Ok(said.eq_ignore_ascii_case("yes") || said == "是")
}

fn nobody_to_ask() -> Said {
    Said(text!(
        "这里没有终端可以问，什么也没做。办法：先用 --dry-run 看里面有什么，再加 --yes",
        "there is no terminal to ask on, nothing was done. Mend: see what is in it with --dry-run, then add --yes"
    ))
}
