//! What the system tells the program: to end, or that it goes on after it was stopped.
use crate::core::console::Msg;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::mpsc::Sender;

/// Listens from now on. TERM, HUP (the terminal is gone), INT and QUIT end the console as its own key does: the
/// terminal is given back, links are closed.
pub(super) fn listen(inbox: &Sender<Msg>) -> std::io::Result<()> {
    // also by the terminal's own events, but those miss a change that comes before the first of them is read
    let mut resized = signal(SignalKind::window_change())?;
    let told = inbox.clone();
    tokio::spawn(async move {
        while resized.recv().await.is_some() {
            if let Ok((columns, rows)) = crossterm::terminal::size()
                && told.send(Msg::Resized(columns, rows)).await.is_err()
            {
                return;
            }
        }
    });
    for (kind, msg) in [
        (SignalKind::terminate(), Msg::Ended),
        (SignalKind::hangup(), Msg::Ended),
        (SignalKind::interrupt(), Msg::Ended),
        (SignalKind::quit(), Msg::Ended),
        // SIGCONT has no name of its own there; its number is the same on every Linux but a few old machines
        (SignalKind::from_raw(rustix::process::Signal::CONT.as_raw()), Msg::Continued),
    ] {
        let mut signals = signal(kind)?;
        let inbox = inbox.clone();
        tokio::spawn(async move {
            while signals.recv().await.is_some() {
                if inbox.send(msg.clone()).await.is_err() {
                    return;
                }
            }
        });
    }
    Ok(())
}
