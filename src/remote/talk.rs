//! One framed exchange over three pipes, the same for every way to a server: the parcel goes out, the marks and what
//! stands between them come back, and what is missing is never taken for a success.
use super::error::{LinkError, LinkErrorKind};
use super::frame::Frame;
use super::host::{Answer, Ask, Captured, End, Reply};
use super::wire::{self, Nonce};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::time::{Instant, sleep_until, timeout, timeout_at};

/// How long standard error may lag behind the end mark of standard output.
const STDERR_LAG: Duration = Duration::from_millis(500);
/// After this long the local end of the link is asked whether it still lives.
pub(super) const QUIET: Duration = Duration::from_secs(5);
/// Bytes read at a time.
pub(super) const PIECE: usize = 16 * 1024;

/// The far end of an exchange. Dropping it ends what still runs there.
pub(super) trait Far: Send {
    /// Why there is no end mark, now that the far side's standard output has ended.
    fn autopsy<'a>(&'a mut self, heard: &'a Heard) -> Reply<'a, LinkError>;
    /// Whether what carries the exchange on this machine still reacts. Takes at most a few seconds.
    fn pulse(&mut self) -> Reply<'_, Result<(), LinkError>>;
    /// The end marks were seen: lets go of the far side in order, without waiting long.
    fn finished(&mut self) -> Reply<'_, ()>;
}

/// An exchange that was opened and has not been spoken over yet.
pub(super) struct Talk {
    /// Takes the parcel, then stays open: its end tells the far side that nobody is there any more.
    pub(super) stdin: Box<dyn AsyncWrite + Send + Unpin>,
    pub(super) stdout: Box<dyn AsyncRead + Send + Unpin>,
    pub(super) stderr: Box<dyn AsyncRead + Send + Unpin>,
    pub(super) far: Box<dyn Far>,
}

/// What an exchange sends.
pub(super) struct Parcel {
    pub(super) nonce: Nonce,
    pub(super) bytes: Vec<u8>,
}

impl Parcel {
    /// Packs a script.
    pub(super) fn of(ask: &Ask<'_>) -> Result<Parcel, LinkError> {
        let other = |said: &str| LinkError::new(LinkErrorKind::Other, said);
        let nonce = Nonce::fresh().map_err(|e| other(&format!("no randomness: {e}")))?;
        let bytes = wire::parcel(&nonce, ask.script, ask.stdin)
            .map_err(|wire::Unsendable::Nul| other("a NUL byte in the script or in what it reads"))?;
        Ok(Parcel { nonce, bytes })
    }
}

/// What was heard so far.
pub(super) struct Heard {
    pub(super) out: Frame,
    pub(super) err: Frame,
    /// The whole parcel was handed over: from here on the script may run.
    pub(super) sent: bool,
}

impl Heard {
    pub(super) fn new(nonce: &Nonce) -> Heard {
        Heard { out: Frame::new(nonce), err: Frame::new(nonce), sent: false }
    }

    /// What the login shell said instead of running the script.
    pub(super) fn noise(&self) -> String {
        let said = [self.err.noise(), b"\n", self.out.noise()].concat();
        String::from_utf8_lossy(&said).trim().to_owned()
    }

    /// The error with what is known about the script: not begun, or begun with an unknown outcome.
    pub(super) fn judge(&self, error: LinkError) -> LinkError {
        let never = matches!(error.kind, LinkErrorKind::NoShell | LinkErrorKind::CutShort);
        match self.out.begun() || (self.sent && !never) {
            true => error.after_begin(),
            false => error,
        }
    }
}

/// Runs a script to its end. `until` is the deadline of the whole question, `since` its start.
pub(super) async fn run(
    talk: Talk,
    parcel: Parcel,
    cap: usize,
    until: Instant,
    since: Instant,
) -> Result<Answer, LinkError> {
    let mut heard = Heard::new(&parcel.nonce);
    let (mut stdout, mut stderr) = (Captured::default(), Captured::default());
    let Talk { mut stdin, stdout: mut far_out, stderr: mut far_err, mut far } = talk;
    let over = {
        let exchange = listen(
            (&mut stdin, &parcel.bytes),
            (&mut far_out, &mut far_err),
            &mut heard,
            (&mut stdout, &mut stderr, cap),
        );
        tokio::pin!(exchange);
        loop {
            let soon = until.min(crate::clock::timer() + QUIET);
            if timeout_at(soon, &mut exchange).await.is_ok() {
                break Ok(());
            }
            if let Err(stuck) = far.pulse().await {
                // what came before it was stuck is kept
                let _ = timeout(STDERR_LAG, &mut exchange).await;
                break Err(stuck);
            }
            if crate::clock::timer() >= until {
                break Err(LinkError::new(LinkErrorKind::Deadline, ""));
            }
        }
    };
    heard.out.finish(&mut |b| stdout.take(b, cap));
    heard.err.finish(&mut |b| stderr.take(b, cap));
    let end = match heard.out.exit() {
        Some(rc) => {
            far.finished().await;
            End::Exit(rc)
        }
        None => {
            let error = match over {
                Ok(()) => far.autopsy(&heard).await,
                Err(error) => error,
            };
            let error = heard.judge(error);
            if !error.begun {
                return Err(error);
            }
            End::Unknown(error)
        }
    };
    Ok(Answer { end, stdout, stderr, took: crate::clock::timer().saturating_duration_since(since) })
}

type Pipe<'a> = &'a mut Box<dyn AsyncRead + Send + Unpin>;

/// Sends the parcel and listens until both end marks are seen or standard output ends.
async fn listen(
    (stdin, parcel): (&mut Box<dyn AsyncWrite + Send + Unpin>, &[u8]),
    (far_out, far_err): (Pipe<'_>, Pipe<'_>),
    heard: &mut Heard,
    (stdout, stderr, cap): (&mut Captured, &mut Captured, usize),
) {
    let Heard { out, err, sent } = heard;
    let sending = async {
        stdin.write_all(parcel).await?;
        stdin.flush().await
    };
    tokio::pin!(sending);
    let (mut out_piece, mut err_piece) = (vec![0; PIECE], vec![0; PIECE]);
    let (mut is_sending, mut out_open, mut err_open) = (true, true, true);
    let mut patience: Option<Instant> = None;
    while out_open && out.exit().is_none() || err_open && err.exit().is_none() {
        if patience.is_none() && (!out_open || out.exit().is_some()) {
            patience = Some(crate::clock::timer() + STDERR_LAG);
        }
        tokio::select! {
            result = &mut sending, if is_sending => {
                is_sending = false;
                *sent = result.is_ok();
            }
            got = far_out.read(&mut out_piece), if out_open => {
                let bytes = got.ok().and_then(|n| out_piece.get(..n)).unwrap_or_default();
                out_open = !bytes.is_empty();
                out.push(bytes, &mut |b| stdout.take(b, cap));
            }
            got = far_err.read(&mut err_piece), if err_open => {
                let bytes = got.ok().and_then(|n| err_piece.get(..n)).unwrap_or_default();
                err_open = !bytes.is_empty();
                err.push(bytes, &mut |b| stderr.take(b, cap));
            }
            () = pause(patience), if patience.is_some() => return,
        }
    }
}

async fn pause(until: Option<Instant>) {
    match until {
        Some(until) => sleep_until(until).await,
        None => std::future::pending().await,
    }
}
