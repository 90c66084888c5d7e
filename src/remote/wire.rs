//! How a script travels to a server.
//!
//! The command line on the far side is one constant and a length: [`command`]. Everything else comes over standard
//! input as one parcel ([`parcel`]): the frame, the script and what the script is to read. The far side takes exactly
//! that many bytes, or runs nothing and leaves with [`CUT_SHORT`]: a parcel that was cut on the way cannot run half,
//! and a secret in it cannot arrive half. Nothing of the parcel is ever in an argument list.
//!
//! After the parcel standard input stays open for as long as the asking side is there. A watcher on the far side
//! reads it; when it ends before the script did (link lost, console killed, question dropped), the watcher ends the
//! script's whole process group: TERM, two seconds later KILL. What is to outlive the link must leave the group
//! (a systemd unit, `setsid`).
//!
//! The constant holds no single quote, backslash, exclamation mark or line break, so that it means the same to every
//! login shell (sh, bash, zsh, ksh, csh, tcsh, fish). Needed on the far side: a POSIX `sh` and a `dd` that knows
//! `iflag=fullblock` (GNU coreutils, busybox, FreeBSD); without it nothing runs.

/// Exit code of the far side when the parcel did not arrive whole: nothing of it ran.
pub const CUT_SHORT: i32 = 97;

/// Reads `$1` bytes and runs them. There may be a password among them: no shell that holds it, and nothing that it starts, leaves its
/// memory on a disk when it is killed. `LC_ALL=C`: a shell in a UTF-8 locale counts characters in `${#s}`, and messages of tools
/// must not be translated.
pub const BOOTSTRAP: &str = "ulimit -c 0 2>/dev/null; LC_ALL=C; LANG=C; export LC_ALL LANG; \
     s=$(dd bs=$1 count=1 iflag=fullblock 2>/dev/null); \
     [ ${#s} -eq $1 ] || { echo opsdeck: the script was cut short, nothing was run >&2; exit 97; }; \
     eval \"$s\"";

/// The command line for a login shell that is to receive a parcel of `len` bytes.
pub fn command(len: usize) -> String {
    format!("exec sh -c '{BOOTSTRAP}' opsdeck {len}")
}

/// What makes the marks of one exchange unlike anything that a script could print by chance or by malice:
/// 128 random bits, never in an argument list, so not even a list of processes shows them.
#[derive(Clone, PartialEq, Eq)]
pub struct Nonce(String);

impl Nonce {
    /// A fresh one.
    ///
    /// # Errors
    /// When the system has no randomness to give.
    pub fn fresh() -> Result<Nonce, getrandom::Error> {
        let mut bytes = [0_u8; 16];
        getrandom::fill(&mut bytes)?;
        Ok(Nonce(bytes.iter().map(|b| format!("{b:02x}")).collect()))
    }

    /// A known one, for tests.
    #[cfg(test)]
    pub(crate) fn known(hex: &str) -> Nonce {
        Nonce(hex.to_owned())
    }

    /// The line that starts an answer, with the line break before it that ends whatever was there.
    pub fn begin(&self) -> String {
        format!("\nopsdeck-begin {}\n", self.0)
    }

    /// The line that ends an answer, up to the exit code, with the line break before it.
    pub fn end(&self) -> String {
        format!("\nopsdeck-end {} rc=", self.0)
    }
}

/// Why something cannot travel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unsendable {
    /// A shell cannot hold a NUL byte: neither in a script nor in what it reads.
    Nul,
}

/// Everything that goes over standard input before it stays open: see the module's words.
///
/// # Errors
/// When `script` or `stdin` hold a NUL byte.
pub fn parcel(nonce: &Nonce, script: &str, stdin: &[u8]) -> Result<Vec<u8>, Unsendable> {
    if script.as_bytes().contains(&0) || stdin.contains(&0) {
        return Err(Unsendable::Nul);
    }
    let Nonce(nonce) = nonce;
    let mut out = Vec::with_capacity(script.len() + stdin.len() + 1024);
    // fd 3 is the link: a background job would otherwise get /dev/null for its standard input
    let head = format!(
        "printf '\\nopsdeck-begin {nonce}\\n'
printf '\\nopsdeck-begin {nonce}\\n' >&2
exec 3<&0
( trap '' TERM HUP; while read -r _; do :; done; kill -TERM 0; sleep 2; kill -KILL 0 ) <&3 >/dev/null 2>&1 &
opsdeck_watcher=$!
"
    );
    out.extend_from_slice(head.as_bytes());
    let from = if stdin.is_empty() {
        "</dev/null "
    } else {
        // a built-in of dash, bash and busybox: what it prints is in no argument list
        out.extend_from_slice(b"printf %s ");
        quote(stdin, &mut out);
        out.extend_from_slice(b" 3<&- | ");
        ""
    };
    out.extend_from_slice(b"( unset opsdeck_watcher s; eval ");
    quote(script.as_bytes(), &mut out);
    // bash reports a killed job on standard error, whenever it notices
    let tail = format!(
        " ) {from}3<&-
opsdeck_rc=$?
{{ kill -KILL $opsdeck_watcher; wait $opsdeck_watcher; }} 2>/dev/null
printf '\\nopsdeck-end {nonce} rc=%d\\n' $opsdeck_rc >&2
printf '\\nopsdeck-end {nonce} rc=%d\\n' $opsdeck_rc
exit $opsdeck_rc"
    );
    out.extend_from_slice(tail.as_bytes());
    Ok(out)
}

/// Single quotes around any bytes but NUL.
fn quote(bytes: &[u8], out: &mut Vec<u8>) {
    out.push(b'\'');
    for b in bytes {
        match b {
            b'\'' => out.extend_from_slice(b"'\\''"),
            b => out.push(*b),
        }
    }
    out.push(b'\'');
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_line_means_the_same_to_every_login_shell() {
        let line = command(4711);
        let inside =
            line.strip_prefix("exec sh -c '").and_then(|l| l.strip_suffix("' opsdeck 4711")).unwrap();
        assert!(!inside.contains(['\'', '\\', '!', '\n', '`']), "{inside}");
    }

    #[test]
    fn a_nonce_is_fresh_each_time() {
        let (a, b) = (Nonce::fresh().unwrap(), Nonce::fresh().unwrap());
        assert!(a != b);
        assert_eq!(a.begin().len(), "\nopsdeck-begin \n".len() + 32);
    }

    #[test]
    fn what_a_shell_cannot_hold_is_not_sent() {
        let nonce = Nonce::known("00");
        assert_eq!(parcel(&nonce, "a\0b", b""), Err(Unsendable::Nul));
        assert_eq!(parcel(&nonce, "cat", b"a\0b"), Err(Unsendable::Nul));
        assert!(parcel(&nonce, "it's", "密'码".as_bytes()).is_ok());
    }
}
