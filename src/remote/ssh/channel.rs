//! One session on the connection, as the far end of a framed exchange.
use super::gate::Place;
use super::master::Master;
use crate::remote::error::{LinkError, LinkErrorKind};
use crate::remote::host::Reply;
use crate::remote::talk::{Far, Heard, Talk};
use crate::remote::wire;
use openssh::{Child, Error, Session, Stdio};
use std::sync::Arc;
use std::time::Duration;
use tokio::time::timeout;

/// How long a session whose output ended may take to say how it ended.
const ENDING: Duration = Duration::from_secs(1);
/// How long a session whose end mark was seen may take to close; a child that stays holds it open.
const CLOSING: Duration = Duration::from_millis(250);

/// What came of opening a session.
pub(super) enum Opened {
    /// It is open.
    Session(Box<Child<Arc<Session>>>),
    /// The server allows no further one.
    Refused(String),
    /// The connection is not there any more.
    Gone(String),
}

/// Asks for a session that is to receive a parcel of `len` bytes.
pub(super) async fn open(master: &Master, len: usize) -> Opened {
    let opened = Arc::clone(&master.session)
        .arc_raw_command(wire::command(len))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .await;
    match opened {
        Ok(child) => Opened::Session(Box::new(child)),
        Err(Error::SshMux(openssh_mux_client::Error::RequestFailure(said))) => Opened::Refused(said.into()),
        Err(other) => Opened::Gone(other.to_string()),
    }
}

/// Makes an open session the carrier of an exchange.
pub(super) fn talk(
    mut child: Child<Arc<Session>>,
    master: Arc<Master>,
    place: Place,
) -> Result<Talk, LinkError> {
    let pipes = (child.stdin().take(), child.stdout().take(), child.stderr().take());
    let (Some(stdin), Some(stdout), Some(stderr)) = pipes else {
        return Err(LinkError::new(LinkErrorKind::Other, "no pipes to the session"));
    };
    Ok(Talk {
        stdin: Box::new(stdin),
        stdout: Box::new(stdout),
        stderr: Box::new(stderr),
        far: Box::new(Channel { child: Some(child), master, _place: place }),
    })
}

/// The far end. Dropping it closes the session; the watcher there then ends the script.
struct Channel {
    child: Option<Child<Arc<Session>>>,
    master: Arc<Master>,
    /// After the child: the place is given back last.
    _place: Place,
}

enum Left {
    /// The login shell left with this code.
    Code(i32),
    /// A signal ended it, or the link is gone: the protocol does not tell which.
    Unsaid,
}

impl Far for Channel {
    fn autopsy<'a>(&'a mut self, heard: &'a Heard) -> Reply<'a, LinkError> {
        Box::pin(async {
            let left = match self.child.take() {
                None => Left::Unsaid,
                Some(child) => match timeout(ENDING, child.wait()).await {
                    Ok(Ok(status)) => status.code().map_or(Left::Unsaid, Left::Code),
                    // the crate hides the output of a 127, and says only this
                    Ok(Err(Error::Remote(_))) => Left::Code(127),
                    Ok(Err(_)) | Err(_) => Left::Unsaid,
                },
            };
            if let Left::Unsaid = left {
                // a connection that answers now was not what ended the session
                if let Err(lost) = self.master.pulse().await {
                    return lost;
                }
            }
            match (heard.out.begun(), left) {
                (true, _) => LinkError::new(LinkErrorKind::ScriptKilled, ""),
                (false, Left::Code(wire::CUT_SHORT)) => {
                    LinkError::new(LinkErrorKind::CutShort, &heard.noise())
                }
                (false, Left::Code(code)) => {
                    let said = format!("exit code {code}; {}", heard.noise());
                    LinkError::new(LinkErrorKind::NoShell, &said)
                }
                (false, Left::Unsaid) => LinkError::new(LinkErrorKind::ScriptKilled, &heard.noise()),
            }
        })
    }

    fn pulse(&mut self) -> Reply<'_, Result<(), LinkError>> {
        Box::pin(self.master.pulse())
    }

    fn finished(&mut self) -> Reply<'_, ()> {
        Box::pin(async {
            if let Some(child) = self.child.take() {
                // how it ended is known from its end mark
                let _ = timeout(CLOSING, child.wait()).await;
            }
        })
    }
}
