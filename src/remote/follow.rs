//! A script whose lines are handed on as they come.
//!
//! A task of its own reads and cuts; a bounded channel carries the lines. When nobody takes them, the task stops
//! reading, and the far side stops writing: no line is lost and no memory grows. When the stream is dropped, the
//! task lets go of the far side, whose watcher ends the script.
use super::capture::Splitter;
use super::error::{LinkError, LinkErrorKind};
use super::host::{Captured, End, Line, Reply, Stream};
use super::talk::{Far, Heard, PIECE, Parcel, QUIET, Talk};
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::sync::{mpsc, oneshot};
use tokio::time::{Instant, sleep, timeout_at};

/// Lines that wait for the reader.
const WAITING: usize = 256;
/// How long standard error may lag behind the end of standard output.
const STDERR_LAG: Duration = Duration::from_millis(500);

/// A running stream.
struct Follow {
    lines: mpsc::Receiver<Line>,
    ended: Ended,
}

enum Ended {
    NotYet(oneshot::Receiver<End>),
    As(End),
}

/// Starts a script and waits, until `until`, for it to begin.
pub(super) async fn stream(
    talk: Talk,
    parcel: Parcel,
    cap: usize,
    until: Instant,
) -> Result<Box<dyn Stream>, LinkError> {
    let (tell_line, lines) = mpsc::channel(WAITING);
    let (tell_begin, begin) = oneshot::channel();
    let (tell_end, end) = oneshot::channel();
    let pump = Pump {
        heard: Heard::new(&parcel.nonce),
        out: Splitter::new(cap),
        err: Splitter::new(cap),
        begun: Some(tell_begin),
        lines: tell_line,
    };
    tokio::spawn(async move {
        if let Some(how) = pump.work(talk, parcel.bytes).await {
            // nobody may be left to hear it
            let _ = tell_end.send(how);
        }
    });
    match timeout_at(until, begin).await {
        Ok(Ok(())) => Ok(Box::new(Follow { lines, ended: Ended::NotYet(end) })),
        Ok(Err(_)) => Err(match end.await {
            Ok(End::Unknown(error)) => error,
            Ok(End::Exit(_)) | Err(_) => {
                LinkError::new(LinkErrorKind::Other, "the stream ended before it began")
            }
        }),
        Err(_) => Err(LinkError::new(LinkErrorKind::Deadline, "")),
    }
}

impl Stream for Follow {
    fn next(&mut self) -> Reply<'_, Option<Line>> {
        Box::pin(self.lines.recv())
    }

    fn end(&mut self) -> Reply<'_, End> {
        Box::pin(async {
            if let Ended::NotYet(end) = &mut self.ended {
                let lost = || End::Unknown(LinkError::new(LinkErrorKind::Other, "").after_begin());
                self.ended = Ended::As(end.await.unwrap_or_else(|_| lost()));
            }
            match &self.ended {
                Ended::As(end) => end.clone(),
                Ended::NotYet(_) => End::Unknown(LinkError::new(LinkErrorKind::Other, "").after_begin()),
            }
        })
    }
}

/// The task's state.
struct Pump {
    heard: Heard,
    out: Splitter,
    err: Splitter,
    begun: Option<oneshot::Sender<()>>,
    lines: mpsc::Sender<Line>,
}

impl Pump {
    /// Pumps until the end; `None` when nobody listens any more.
    async fn work(mut self, talk: Talk, parcel: Vec<u8>) -> Option<End> {
        let Talk { mut stdin, stdout: mut far_out, stderr: mut far_err, mut far } = talk;
        let taker = self.lines.clone();
        let sending = async {
            stdin.write_all(&parcel).await?;
            stdin.flush().await
        };
        tokio::pin!(sending);
        let (mut out_piece, mut err_piece) = (vec![0; PIECE], vec![0; PIECE]);
        let (mut is_sending, mut out_open, mut err_open) = (true, true, true);
        while out_open && self.heard.out.exit().is_none() || err_open && self.heard.err.exit().is_none() {
            let last_words = !out_open || self.heard.out.exit().is_some();
            let quiet = if last_words { STDERR_LAG } else { QUIET };
            let came = tokio::select! {
                () = taker.closed() => return None,
                result = &mut sending, if is_sending => {
                    is_sending = false;
                    self.heard.sent = result.is_ok();
                    Vec::new()
                }
                got = far_out.read(&mut out_piece), if out_open => {
                    let bytes = got.ok().and_then(|n| out_piece.get(..n)).unwrap_or_default();
                    out_open = !bytes.is_empty();
                    self.out_came(bytes)
                }
                got = far_err.read(&mut err_piece), if err_open => {
                    let bytes = got.ok().and_then(|n| err_piece.get(..n)).unwrap_or_default();
                    err_open = !bytes.is_empty();
                    self.err_came(bytes)
                }
                () = sleep(quiet) => {
                    if last_words {
                        break;
                    }
                    if let Err(stuck) = far.pulse().await {
                        return Some(End::Unknown(self.heard.judge(stuck)));
                    }
                    Vec::new()
                }
            };
            for line in came {
                taker.send(line).await.ok()?;
            }
        }
        for line in self.rest() {
            taker.send(line).await.ok()?;
        }
        Some(self.close(far).await)
    }

    async fn close(self, mut far: Box<dyn Far>) -> End {
        match self.heard.out.exit() {
            Some(rc) => {
                far.finished().await;
                End::Exit(rc)
            }
            None => End::Unknown(self.heard.judge(far.autopsy(&self.heard).await)),
        }
    }

    fn out_came(&mut self, bytes: &[u8]) -> Vec<Line> {
        let mut lines = Vec::new();
        let (frame, splitter) = (&mut self.heard.out, &mut self.out);
        let mut each = |l: Captured| lines.push(Line::Out(l.bytes, l.dropped));
        frame.push(bytes, &mut |b| splitter.take(b, &mut each));
        if frame.holds_line_break() {
            splitter.line_is_over(&mut each);
        }
        if frame.begun()
            && let Some(begun) = self.begun.take()
        {
            // the asking side may have given up
            let _ = begun.send(());
        }
        lines
    }

    fn err_came(&mut self, bytes: &[u8]) -> Vec<Line> {
        let mut lines = Vec::new();
        let (frame, splitter) = (&mut self.heard.err, &mut self.err);
        let mut each = |l: Captured| lines.push(Line::Err(l.bytes, l.dropped));
        frame.push(bytes, &mut |b| splitter.take(b, &mut each));
        if frame.holds_line_break() {
            splitter.line_is_over(&mut each);
        }
        lines
    }

    fn rest(&mut self) -> Vec<Line> {
        let mut lines = Vec::new();
        let mut each = |l: Captured| lines.push(Line::Out(l.bytes, l.dropped));
        let splitter = &mut self.out;
        self.heard.out.finish(&mut |b| splitter.take(b, &mut each));
        splitter.finish(&mut each);
        let mut each = |l: Captured| lines.push(Line::Err(l.bytes, l.dropped));
        let splitter = &mut self.err;
        self.heard.err.finish(&mut |b| splitter.take(b, &mut each));
        splitter.finish(&mut each);
        lines
    }
}
