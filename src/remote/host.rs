//! What can be asked of a server, whatever the way to it.
use super::error::LinkError;
use std::future::Future;
use std::pin::Pin;
use std::time::Duration;

/// A boxed future: keeps [`Host`] usable as `dyn Host`.
pub type Reply<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// One script to run.
///
/// When the asking side goes away (deadline, dropped future, lost link, killed console), the script's process group
/// is ended on the server: TERM, two seconds later KILL. What must outlive the link leaves that group: a systemd
/// unit, or `setsid`.
#[derive(Clone)]
pub struct Ask<'a> {
    /// What it is, for the log: `look`, `tail`. Never shown to a shell.
    pub name: &'static str,
    /// The body, POSIX sh. Runs all of it or nothing: a half-sent body is refused by the far end.
    pub script: &'a str,
    /// Bytes that the script reads on its standard input, all of them or none; no NUL bytes. Secrets travel here and
    /// nowhere else.
    pub stdin: &'a [u8],
    /// The longest that the whole exchange may take, connecting included. For a stream: until the script begins.
    pub deadline: Duration,
    /// Bytes of standard output kept; the same for standard error. What comes after is counted and dropped.
    pub cap: usize,
}

/// What came back.
#[derive(Clone, Debug)]
pub struct Answer {
    /// How it ended.
    pub end: End,
    /// What the script printed, without the frame and without what a login shell printed before it.
    pub stdout: Captured,
    /// What the script and its shell said on the side.
    pub stderr: Captured,
    /// From the question to the end of the answer.
    pub took: Duration,
}

/// How a script ended.
#[derive(Clone, Debug)]
pub enum End {
    /// The script ran to its end and left this exit code (signals count as 128+N, as sh says them).
    Exit(i32),
    /// The script began, and its end was not seen: it may have done all, some or nothing. Never a success.
    Unknown(LinkError),
}

/// Bytes, up to a cap.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Captured {
    /// The first bytes.
    pub bytes: Vec<u8>,
    /// How many more came and were dropped.
    pub dropped: u64,
}

/// One line of a stream, without its line break.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Line {
    /// A line of standard output, cut at the cap; the number says how many bytes were cut.
    Out(Vec<u8>, u64),
    /// A line of standard error.
    Err(Vec<u8>, u64),
}

/// A script that speaks for a long time (a log that is followed). Dropping it ends the script on the server.
pub trait Stream: Send {
    /// The next line; `None` after the end. Waits as long as the script is silent.
    fn next(&mut self) -> Reply<'_, Option<Line>>;
    /// How it ended; asked after [`Stream::next`] gave `None`. Never [`End::Exit`] unless the end mark was seen.
    fn end(&mut self) -> Reply<'_, End>;
}

/// A server, or something that stands for one.
pub trait Host: Send + Sync {
    /// Runs a script to its end. `Err` means that it did not begin.
    fn run<'a>(&'a self, ask: Ask<'a>) -> Reply<'a, Result<Answer, LinkError>>;
    /// Starts a script and hands on its lines as they come. `cap` of the ask is the longest line kept, in bytes.
    fn stream<'a>(&'a self, ask: Ask<'a>) -> Reply<'a, Result<Box<dyn Stream>, LinkError>>;
    /// Whether the link is alive, proved by a round trip, within 10 s.
    fn check(&self) -> Reply<'_, Result<(), LinkError>>;
    /// The folder that stands for `/` on this host: empty on a real server, the sandbox of the built-in one.
    fn root(&self) -> &str {
        ""
    }
    /// An operator asks to try again, after an error that is not tried again by itself. Does nothing by itself.
    fn retry_now(&self) {}
    /// Ends the link and what belongs to it.
    fn close(&self) -> Reply<'_, ()>;
}

/// The round trip of [`Host::check`]: an empty script, within 10 s.
pub(super) async fn round_trip(host: &dyn Host) -> Result<(), LinkError> {
    let ask = Ask { name: "check", script: ":", stdin: b"", deadline: Duration::from_secs(10), cap: 1024 };
    match host.run(ask).await?.end {
        End::Exit(0) => Ok(()),
        End::Exit(code) => {
            let said = format!("an empty script left with {code}");
            Err(LinkError::new(super::error::LinkErrorKind::Other, &said).after_begin())
        }
        End::Unknown(error) => Err(error),
    }
}
