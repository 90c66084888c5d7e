//! The arguments, as types. What help says about each of them is in [`help`](super::help).
mod act;

pub use act::{
    ActArgs, ActFormat, AttachArgs, BackupArgs, CancelArgs, JournalArgs, LinesFormat, MountArgs,
    ServicesArgs, UnlockArgs, UnmountArgs,
};

use crate::i18n::Lang;
use clap::{Args, Parser, Subcommand, ValueEnum};
use std::ffi::OsString;
use std::path::PathBuf;

/// The whole command line.
#[derive(Clone, Debug, Parser)]
#[command(
    name = "opsdeck",
    version,
    disable_help_subcommand = true,
    disable_help_flag = true,
    disable_version_flag = true
)]
pub struct Cli {
    /// The configuration file.
    #[arg(long, global = true, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// The language of the output; the locale's when absent.
    #[arg(long, global = true, value_enum, value_name = "zh|en", hide_possible_values = true)]
    pub lang: Option<Lang>,
    /// The built-in server instead of real ones. `Some("")` without a name.
    #[arg(
        long,
        global = true,
        value_name = "SCENARIO",
        num_args = 0..=1,
        require_equals = true,
        default_missing_value = ""
    )]
    pub demo: Option<String>,
    /// Where the built-in server lives.
    #[arg(long, global = true, value_name = "DIR", requires = "demo")]
    pub demo_dir: Option<PathBuf>,
    /// The environment that the console opens at once, by its key.
    #[arg(id = "open", long = "env", value_name = "KEY")]
    pub open: Option<String>,
    /// What to do; the console when absent.
    #[command(subcommand)]
    pub command: Option<Command>,
}

/// What `--demo` asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Demo {
    /// `--demo`.
    Default,
    /// `--demo=list`: say which there are.
    List,
    /// `--demo=NAME`.
    Named(String),
}

impl Cli {
    /// What `--demo` asks for, if it is there.
    pub fn demo(&self) -> Option<Demo> {
        self.demo.as_deref().map(|name| match name {
            "" => Demo::Default,
            "list" => Demo::List,
            name => Demo::Named(name.to_owned()),
        })
    }
}

/// The commands without a screen.
#[derive(Clone, Debug, Subcommand)]
pub enum Command {
    /// Looks at servers and says how they are.
    Check(CheckArgs),
    /// Mounts the share.
    Mount(MountArgs),
    /// Takes the share off.
    Unmount(UnmountArgs),
    /// Starts a backup.
    Backup(BackupArgs),
    /// Stops a running backup.
    Cancel(CancelArgs),
    /// Clears the stale lock, or puts one back.
    Unlock(UnlockArgs),
    /// Closes a job whose worker is gone.
    CloseGhost(ActArgs),
    /// Restarts, stops, starts containers.
    Services(ServicesArgs),
    /// Follows an action on a server.
    Attach(AttachArgs),
    /// What was done to servers from this workstation.
    Journal(JournalArgs),
    /// Says why there is no new backup on Windows.
    Diagnose(DiagnoseArgs),
    /// What is to be known about every cause of a missing backup.
    Runbook(RunbookArgs),
    /// Gathers what whoever helps needs to see.
    Bundle(BundleArgs),
    /// Looks at this workstation.
    Doctor(DoctorArgs),
    /// The configuration file.
    #[command(subcommand, arg_required_else_help = true)]
    Config(ConfigCommand),
    /// Takes a server's host key into the list of known ones.
    Trust(TrustArgs),
    /// The diagnostic log.
    #[command(subcommand, arg_required_else_help = true)]
    Log(LogCommand),
}

/// Arguments of `check`.
#[derive(Clone, Debug, Args)]
pub struct CheckArgs {
    /// Keys of environments; all when empty.
    #[arg(long = "env", value_name = "KEY")]
    pub env: Vec<String>,
    /// The form of the output.
    #[arg(
        long,
        value_enum,
        default_value = "text",
        hide_possible_values = true,
        hide_default_value = true,
        value_name = "FORMAT"
    )]
    pub format: CheckFormat,
    /// A file that gets the output, replaced at once.
    #[arg(long, value_name = "FILE")]
    pub output: Option<PathBuf>,
    /// Shows what a check rests on also where all is well.
    #[arg(long, short)]
    pub verbose: bool,
    /// A program and its arguments, run when the state of an environment is another than the last time. All words behind it
    /// are its own.
    #[arg(long, value_name = "COMMAND", num_args = 1.., allow_hyphen_values = true)]
    pub on_change: Vec<OsString>,
}

/// Arguments of `bundle`.
#[derive(Clone, Debug, Args)]
pub struct BundleArgs {
    /// Key of the environment.
    #[arg(id = "of_env", long = "env", value_name = "KEY")]
    pub env: String,
    /// The file that is written; a name of its own when absent.
    #[arg(id = "archive", long = "output", value_name = "FILE.tar.gz")]
    pub output: Option<PathBuf>,
    /// Writes without a question.
    #[arg(id = "write", long = "yes")]
    pub yes: bool,
    /// Only shows what would be written.
    #[arg(id = "list", long = "dry-run")]
    pub dry_run: bool,
    /// Leaves addresses and host names as they are.
    #[arg(long)]
    pub raw_addresses: bool,
}

/// Forms of the output of `check`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum CheckFormat {
    /// For people.
    Text,
    /// For programs.
    Json,
    /// One line for a monitoring plugin.
    Nagios,
    /// Metrics for the textfile collector.
    Prometheus,
}

/// Arguments of `runbook`.
#[derive(Clone, Debug, Args)]
pub struct RunbookArgs {
    /// The id of a cause, or a word that causes say; all when absent.
    #[arg(value_name = "CAUSE")]
    pub cause: Option<String>,
}

/// Arguments of `diagnose`.
#[derive(Clone, Debug, Args)]
pub struct DiagnoseArgs {
    /// Keys of environments; all when empty.
    #[arg(long = "env", value_name = "KEY")]
    pub env: Vec<String>,
    /// The form of the output.
    #[arg(
        long,
        value_enum,
        default_value = "text",
        hide_possible_values = true,
        hide_default_value = true,
        value_name = "FORMAT"
    )]
    pub format: DiagnoseFormat,
    /// A night that is over, by its date in the backend's calendar.
    #[arg(long, value_name = "YYYY-MM-DD")]
    pub at: Option<String>,
}

/// Forms of the output of `diagnose`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum DiagnoseFormat {
    /// For people.
    Text,
    /// For programs.
    Json,
    /// Markdown, for a ticket or a chat.
    Md,
}

/// Arguments of `doctor`.
#[derive(Clone, Debug, Args)]
pub struct DoctorArgs {
    /// The form of the output.
    #[arg(
        long,
        value_enum,
        default_value = "text",
        hide_possible_values = true,
        hide_default_value = true,
        value_name = "FORMAT"
    )]
    pub format: DoctorFormat,
}

/// Forms of the output of `doctor`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum DoctorFormat {
    /// For people.
    Text,
    /// For programs.
    Json,
}

/// `opsdeck config …`
#[derive(Clone, Copy, Debug, PartialEq, Eq, Subcommand)]
pub enum ConfigCommand {
    /// Prints the path of the file that is used.
    Path,
    /// Checks the file.
    Check,
    /// Prints what it comes to, with every default.
    Show,
}

/// Arguments of `trust`.
#[derive(Clone, Debug, Args)]
pub struct TrustArgs {
    /// Key of the environment.
    #[arg(id = "environment", value_name = "ENV")]
    pub env: String,
    /// The fingerprint that was read from the server by another way: trust it without a question.
    #[arg(long, value_name = "SHA256:…")]
    pub fingerprint: Option<String>,
    /// Put the new key in place of another one that is known.
    #[arg(long)]
    pub replace: bool,
}

/// `opsdeck log …`
#[derive(Clone, Copy, Debug, PartialEq, Eq, Subcommand)]
pub enum LogCommand {
    /// Prints the path of today's file.
    Path,
}
