//! The opsdeck command: arguments, then one command, then an exit code.
use opsdeck::cli::{self, Exit, Parsed, out};
use opsdeck::i18n::Lang;
use opsdeck::logging;
use std::ffi::OsString;
use std::process::ExitCode;

fn main() -> ExitCode {
    // first of all: nothing that this program or its children write is for others, and no memory is dumped
    rustix::process::umask(rustix::fs::Mode::from_raw_mode(0o077));
    no_core_dumps();
    let words: Vec<OsString> = std::env::args_os().collect();
    // in the built-in server's box, this program stands in for the tools of a server, under their names
    if let Some(exit) =
        words.split_first().and_then(|(name, rest)| opsdeck::demo::standin(name, rest.to_vec()))
    {
        return exit;
    }
    let locale = ["LC_ALL", "LC_MESSAGES", "LANG"].into_iter().filter_map(std::env::var_os);
    let locale = locale.map(|v| v.to_string_lossy().into_owned()).find(|v| !v.is_empty());
    let context = match cli::parse(&words, &locale.unwrap_or_default()) {
        Parsed::Run(context) => context,
        Parsed::Print(text) => {
            return match out::line(&text) {
                Ok(()) => Exit::DONE.into(),
                Err(_) => Exit::Trouble.into(),
            };
        }
        Parsed::Wrong(text) => {
            out::complain(&text);
            return Exit::Trouble.into();
        }
    };
    // held to the end: dropping it writes out what is waiting
    let log = logging::start();
    if let Some(said) = log.as_ref().map_or_else(Some, |log| log.notice.as_ref()) {
        out::complain(said.get(context.lang));
    }
    logging::hook_panics(context.lang);
    let demo = context.cli.demo.is_some();
    tracing::info!(version = env!("CARGO_PKG_VERSION"), command = context.name(), demo, "started");
    let exit = cli::run(&context).unwrap_or_else(|error| {
        tracing::error!("{}", cli::explain(&error, Lang::En));
        out::complain(&cli::explain(&error, context.lang));
        Exit::Trouble
    });
    tracing::info!(exit = exit.code(), "ended");
    exit.into()
}

/// A core file would hold secrets. Where the limit cannot be set, the umask still keeps the file to ourselves.
fn no_core_dumps() {
    use rustix::process::{Resource, Rlimit, setrlimit};
    let none = Rlimit { current: Some(0), maximum: Some(0) };
    let _ = setrlimit(Resource::Core, none);
}
