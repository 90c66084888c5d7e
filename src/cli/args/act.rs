//! Arguments of the commands that change a server, and of those that look after what they did.
use crate::core::plan::{How, Service};
use clap::builder::PossibleValue;
use clap::{Args, ValueEnum};

/// What every command that changes a server takes.
#[derive(Clone, Debug, Default, Args)]
pub struct ActArgs {
    /// Key of the one environment.
    #[arg(id = "server", long = "env", value_name = "KEY")]
    pub env: Option<String>,
    /// Says what would be done, and does nothing.
    #[arg(long)]
    pub dry_run: bool,
    /// Does it without a question.
    #[arg(long, conflicts_with = "dry_run")]
    pub yes: bool,
    /// The environment's key once more: must be there on prod with `--yes`.
    #[arg(long, value_name = "KEY")]
    pub confirm: Option<String>,
    /// The form of the output.
    #[arg(
        id = "form",
        long = "format",
        value_enum,
        default_value = "text",
        hide_possible_values = true,
        hide_default_value = true,
        value_name = "FORMAT"
    )]
    pub format: ActFormat,
}

/// Forms of the output of a command that changes a server.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum ActFormat {
    /// For people.
    #[default]
    Text,
    /// One JSON object a line.
    Json,
    /// The steps as a shell script; only with `--dry-run`.
    Sh,
}

/// Arguments of `mount`.
#[derive(Clone, Debug, Args)]
pub struct MountArgs {
    /// What they all take.
    #[command(flatten)]
    pub act: ActArgs,
    /// Write a new credentials file first.
    #[arg(long)]
    pub new_password: bool,
}

/// Arguments of `unmount`.
#[derive(Clone, Debug, Args)]
pub struct UnmountArgs {
    /// What they all take.
    #[command(flatten)]
    pub act: ActArgs,
    /// Detach the name although somebody still uses it.
    #[arg(long)]
    pub lazy: bool,
}

/// Arguments of `backup`.
#[derive(Clone, Debug, Args)]
pub struct BackupArgs {
    /// What they all take.
    #[command(flatten)]
    pub act: ActArgs,
    /// With the images.
    #[arg(long)]
    pub full: bool,
    /// Stay until it has ended, and say how it goes.
    #[arg(long)]
    pub watch: bool,
}

/// Arguments of `cancel`.
#[derive(Clone, Debug, Args)]
pub struct CancelArgs {
    /// What they all take.
    #[command(flatten)]
    pub act: ActArgs,
    /// Do not wait for its worker to agree.
    #[arg(long)]
    pub force: bool,
}

/// Arguments of `unlock`.
#[derive(Clone, Debug, Args)]
pub struct UnlockArgs {
    /// What they all take.
    #[command(flatten)]
    pub act: ActArgs,
    /// Put back the row that this run deleted.
    #[arg(long, value_name = "RUN")]
    pub put_back: Option<String>,
}

/// Arguments of `services`.
#[derive(Clone, Debug, Args)]
pub struct ServicesArgs {
    /// What is done.
    #[arg(value_enum, value_name = "restart|stop|start", hide_possible_values = true)]
    pub how: How,
    /// To whose containers.
    #[arg(value_enum, value_name = "backend|frontend|ragflow", hide_possible_values = true)]
    pub which: Service,
    /// What they all take.
    #[command(flatten)]
    pub act: ActArgs,
}

/// Arguments of `attach`.
#[derive(Clone, Debug, Args)]
pub struct AttachArgs {
    /// Which run; the one at work, else the last unfinished one of the journal.
    #[arg(value_name = "RUN")]
    pub run: Option<String>,
    /// Key of the one environment.
    #[arg(id = "server", long = "env", value_name = "KEY")]
    pub env: Option<String>,
    /// The form of the output.
    #[arg(
        id = "lines",
        long = "format",
        value_enum,
        default_value = "text",
        hide_possible_values = true,
        hide_default_value = true,
        value_name = "FORMAT"
    )]
    pub format: LinesFormat,
}

/// Forms of the output of `attach`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum LinesFormat {
    /// For people.
    Text,
    /// One JSON object a line.
    Json,
}

/// Arguments of `journal`.
#[derive(Clone, Debug, Args)]
pub struct JournalArgs {
    /// Markdown, for whoever takes over.
    #[arg(long)]
    pub md: bool,
    /// Keys of environments; all when empty.
    #[arg(long = "env", value_name = "KEY")]
    pub env: Vec<String>,
    /// How many days back; what is unfinished is shown however old it is.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=3650))]
    pub days: Option<u32>,
}

impl ValueEnum for How {
    fn value_variants<'a>() -> &'a [How] {
        &[How::Restart, How::Stop, How::Start]
    }

    fn to_possible_value(&self) -> Option<PossibleValue> {
        Some(PossibleValue::new(match self {
            How::Restart => "restart",
            How::Stop => "stop",
            How::Start => "start",
        }))
    }
}

impl ValueEnum for Service {
    fn value_variants<'a>() -> &'a [Service] {
        &[Service::Backend, Service::Frontend, Service::Ragflow]
    }

    fn to_possible_value(&self) -> Option<PossibleValue> {
        Some(PossibleValue::new(match self {
            Service::Backend => "backend",
            Service::Frontend => "frontend",
            Service::Ragflow => "ragflow",
        }))
    }
}
