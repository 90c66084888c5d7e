//! The command: gathers, shows what there is, asks, writes.
use super::redacted::words;
use super::{Asked, Bundle, archive, collect, redact, write_new};
use crate::cli::args::BundleArgs;
use crate::cli::check::GOODBYE;
use crate::cli::{Context, Exit, Said, out};
use crate::clock;
use crate::core::safetext::SafeText;
use crate::core::state::State;
use crate::core::units::{Bytes, EpochMs};
use crate::fleet::Fleet;
use crate::i18n::{Lang, Text};
use crate::logging;
use crate::text;
use anyhow::Context as _;
use jiff::tz::TimeZone;
use serde_json::json;
use std::io::{BufRead, IsTerminal, Write};
use std::path::{Path, PathBuf};
use unicode_width::UnicodeWidthStr;

/// Gathers, shows, asks, writes.
///
/// # Errors
/// It could not be done: no configuration, an unknown environment, nobody said yes, a file that is there or cannot be
/// written. Then nothing was written.
pub fn run(context: &Context, args: &BundleArgs) -> anyhow::Result<Exit> {
    let fleet = context.fleet()?;
    let env = fleet.environment(&args.env)?.clone();
    let now = clock::now();
    let name = format!("opsdeck-{}-{}", env.key, stamp(now));
    let path = args.output.clone().unwrap_or_else(|| PathBuf::from(format!("{name}.tar.gz")));
    let terminal = std::io::stdin().is_terminal() && std::io::stdout().is_terminal();
    if !args.dry_run {
        // before anything is asked of a server
        if path.symlink_metadata().is_ok() {
            return Err(there_is_one(&path).into());
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
    out::line(&preview(&bundle, &fleet, &path, bytes.len(), args, context.lang))?;
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
    write_new(&path, &bytes).map_err(|e| not_written(&path, &e))?;
    tracing::info!(env = %env.key, files = bundle.files.len(), missing = bundle.missing.len(), "bundle");
    let shown = SafeText::new(&path.to_string_lossy());
    out::line(
        text!("已写好：{shown}（只有自己能读）", "written: {shown} (for its owner only)").get(context.lang),
    )?;
    Ok(Exit::Found(came))
}

/// `20260201-065100`, by the workstation's calendar.
fn stamp(now: EpochMs) -> String {
    let at = jiff::Timestamp::from_millisecond(now.0).unwrap_or_default();
    at.to_zoned(TimeZone::system()).strftime("%Y%m%d-%H%M%S").to_string()
}

/// What would leave: each file with its size and what was taken out, what there is not, and where it goes.
fn preview(
    bundle: &Bundle,
    fleet: &Fleet,
    path: &Path,
    packed: usize,
    args: &BundleArgs,
    lang: Lang,
) -> String {
    let mut shown = String::new();
    let mut line = |text: Text| {
        shown.push_str(text.get(lang));
        shown.push('\n');
    };
    if let Some(name) = fleet.scenario() {
        line(text!("【演示：内置服务器，场景 {name}】", "[demo: built-in servers, scenario {name}]"));
    }
    line(text!("诊断包 {}，里面有：", "bundle of {}, in it:", args.env));
    let pad = |text: &str, width: usize| format!("{text}{}", " ".repeat(width.saturating_sub(text.width())));
    let missing = bundle.missing.iter().map(|(name, _)| *name);
    let width = bundle.files.iter().map(|f| f.name).chain(missing).map(str::len).max().unwrap_or(0);
    for file in &bundle.files {
        let size = Bytes(u64::try_from(file.bytes.len()).unwrap_or(u64::MAX)).to_string();
        let (secrets, addresses, emails) = words(&file.redacted);
        let taken = Text {
            zh: taken(&[("密码类", secrets), ("地址", addresses), ("邮箱", emails)], "抹掉：", "，"),
            en: taken(
                &[("secrets", secrets), ("addresses", addresses), ("e-mails", emails)],
                "taken out: ",
                ", ",
            ),
        };
        let head = format!("  {}  {size:>10}", pad(file.name, width));
        let shown = |taken: &str| format!("{head}  {taken}").trim_end().to_owned();
        line(Text { zh: shown(&taken.zh), en: shown(&taken.en) });
    }
    if !bundle.missing.is_empty() {
        line(text!("缺少或不全：", "missing, or not whole:"));
    }
    for (name, why) in &bundle.missing {
        let head = format!("  {}  ", pad(name, width));
        line(Text { zh: format!("{head}{}", why.zh), en: format!("{head}{}", why.en) });
    }
    line(match args.raw_addresses {
        true => text!(
            "地址和主机名原样保留（--raw-addresses）",
            "addresses and host names are left as they are (--raw-addresses)"
        ),
        false => text!(
            "地址和主机名换成了 addr-1 这样的代号；--raw-addresses 原样保留",
            "addresses and host names became placeholders as addr-1; --raw-addresses keeps them"
        ),
    });
    line(text!(
        "按规则抹掉的不一定全：发出去之前自己看一遍",
        "rules do not see everything: look into it before you send it"
    ));
    let path = SafeText::new(&path.to_string_lossy());
    let packed = Bytes(u64::try_from(packed).unwrap_or(u64::MAX));
    line(text!("写到：{path}（{packed}）", "goes to: {path} ({packed})"));
    shown
}

/// `抹掉：密码类 2，地址 9`; nothing where nothing was.
fn taken(counts: &[(&str, u64)], head: &str, between: &str) -> String {
    let some: Vec<String> =
        counts.iter().filter(|c| c.1 > 0).map(|(word, n)| format!("{word} {n}")).collect();
    if some.is_empty() { String::new() } else { format!("{head}{}", some.join(between)) }
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

fn there_is_one(path: &Path) -> Said {
    let path = SafeText::new(&path.to_string_lossy());
    Said(text!(
        "已经有 {path}，不会覆盖，什么也没写。办法：用 --output 换一个名字",
        "{path} is there already and is not written over; nothing was written. Mend: another name with --output"
    ))
}

fn not_written(path: &Path, error: &std::io::Error) -> Said {
    if error.kind() == std::io::ErrorKind::AlreadyExists {
        return there_is_one(path);
    }
    let path = SafeText::new(&path.to_string_lossy());
    let why = SafeText::new(&error.to_string());
    Said(text!(
        "写不了 {path}：{why}。什么也没留下。办法：检查文件夹是否存在、可写、有空间",
        "cannot write {path}: {why}. Nothing was left behind. Mend: see whether the folder is there, writable and has room"
    ))
}
