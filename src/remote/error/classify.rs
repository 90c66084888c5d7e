//! What ssh prints, read as a cause. One pure function, fed with captured texts by its test.
//!
//! The order of the questions matters: a changed host key also says "Host key verification failed", a key file
//! with a bad mode also says "Permission denied", a time-out during the banner also says "Connection timed out".
//! Texts as OpenSSH 8.0 to 9.9 print them with `LC_ALL=C`.
use super::{ChangedKey, LinkErrorKind as K};
use crate::core::safetext::SafeText;

/// The cause that `said` speaks of: the log of an ssh that ended before it was connected. `None` when it speaks of
/// none that is known. Lines that ssh prints for debugging are only looked at where nothing else tells.
pub fn classify(said: &str) -> Option<K> {
    let plain: Vec<&str> = said.lines().map(str::trim).filter(|l| !l.starts_with("debug")).collect();
    host_key(&plain, said)
        .or_else(|| login(&plain))
        .or_else(|| settings(&plain))
        .or_else(|| network(&plain))
        .or_else(|| handshake(&plain, said))
}

/// The line of an ssh log that tells an operator most, for the details.
pub fn telling_line(said: &str) -> &str {
    said.lines().map(str::trim).rfind(|l| !l.is_empty() && !l.starts_with("debug")).unwrap_or_default()
}

/// `type SHA256:…` of the key that the server showed, from the lines for debugging.
pub fn offered_key(said: &str) -> Option<SafeText> {
    let line = said.lines().rev().find_map(|l| l.trim().strip_prefix("debug1: Server host key: "))?;
    let mut words = line.split_whitespace();
    let (kind, print) = (words.next()?, words.next()?);
    print.starts_with("SHA256:").then(|| SafeText::new(&format!("{kind} {print}")))
}

fn host_key(plain: &[&str], said: &str) -> Option<K> {
    let revoked = plain.iter().find_map(|l| between(l, " host key for ", " is marked as revoked"));
    if let Some(host) = revoked {
        return Some(K::HostKeyRevoked { host: SafeText::new(host) });
    }
    if plain.iter().any(|l| l.contains("HOST IDENTIFICATION HAS CHANGED")) {
        let host = plain
            .iter()
            .find_map(|l| between(l, "ost key for ", " has changed and you have requested strict checking"));
        let place = plain
            .iter()
            .find_map(|l| l.strip_prefix("Offending ").and_then(|l| l.split_once(" key in ")))
            .map(|(_, place)| SafeText::new(place));
        let offered = plain
            .iter()
            .find_map(|l| l.strip_prefix("SHA256:"))
            .map(|print| SafeText::new(&format!("SHA256:{}", print.trim_end_matches('.'))))
            .or_else(|| offered_key(said));
        return Some(K::HostKeyChanged(Box::new(ChangedKey {
            host: SafeText::new(host.unwrap_or_default()),
            offered,
            recorded: None,
            place,
        })));
    }
    let unknown = plain
        .iter()
        .find_map(|l| between(l, " host key is known for ", " and you have requested strict checking"));
    let failed = || plain.iter().any(|l| l.contains("Host key verification failed"));
    (unknown.is_some() || failed()).then(|| K::HostKeyUnknown {
        host: SafeText::new(unknown.unwrap_or_default()),
        offered: offered_key(said),
    })
}

fn login(plain: &[&str]) -> Option<K> {
    let mode = plain
        .iter()
        .find_map(|l| between(l, "Permissions ", " are too open").and_then(|l| l.split_once(" for ")));
    if let Some((mode, file)) = mode {
        return Some(K::KeyFileMode {
            file: SafeText::new(file.trim_matches('\'')),
            mode: SafeText::new(mode),
        });
    }
    if plain.iter().any(|l| l.contains("Too many authentication failures")) {
        return Some(K::TooManyKeys);
    }
    let refused = plain.iter().find_map(|l| l.split_once(": Permission denied ("));
    refused.map(|(login, _)| K::KeyRefused { login: SafeText::new(login) })
}

fn settings(plain: &[&str]) -> Option<K> {
    let owner = plain.iter().find_map(|l| l.split_once("Bad owner or permissions on "));
    if let Some((_, file)) = owner {
        return Some(K::BadConfig { place: SafeText::new(file) });
    }
    if let Some(path) = plain
        .iter()
        .find(|l| l.contains("too long for Unix domain socket") || l.contains("ControlPath too long"))
    {
        return Some(K::ControlFolder { folder: SafeText::new(path) });
    }
    plain.iter().find_map(|l| line_of_config(l)).map(|place| K::BadConfig { place: SafeText::new(&place) })
}

/// `file:line` of a message about a configuration file: `F: line 3: Bad …`, `F line 3: …`.
fn line_of_config(line: &str) -> Option<String> {
    let (file, rest) = line.split_once(" line ")?;
    let digits: String = rest.chars().take_while(char::is_ascii_digit).collect();
    let after = rest.get(digits.len()..)?;
    let named = file.contains('/') && !file.trim_end_matches(':').contains(' ');
    (named && !digits.is_empty() && (after.starts_with(':') || after.is_empty()))
        .then(|| format!("{}:{digits}", file.trim_end_matches(':')))
}

fn network(plain: &[&str]) -> Option<K> {
    let says = |text: &str| plain.iter().any(|l| l.contains(text));
    let host = plain
        .iter()
        .find_map(|l| l.split_once("Could not resolve hostname "))
        .and_then(|(_, l)| l.split_once(':'));
    if let Some((host, _)) = host {
        return Some(K::NameNotFound { host: SafeText::new(host) });
    }
    let connect = |text: &str| plain.iter().any(|l| l.contains("connect to host ") && l.ends_with(text));
    if connect(": Connection refused") {
        Some(K::Refused)
    } else if [": No route to host", ": Network is unreachable", ": Host is down", ": Permission denied"]
        .into_iter()
        .any(connect)
    {
        Some(K::Unreachable)
    } else if connect("imed out") {
        Some(K::NoAnswer)
    } else if says("timed out") || says("not responding") {
        // during the banner, or during the key exchange when a keep-alive question got no answer
        Some(K::Silent)
    } else {
        None
    }
}

fn handshake(plain: &[&str], said: &str) -> Option<K> {
    let negotiate =
        plain.iter().find_map(|l| l.split_once("no matching ").filter(|_| l.contains("Unable to negotiate")));
    if let Some((_, rest)) = negotiate {
        let (what, theirs) = rest.split_once(" found. Their offer: ").unwrap_or((rest, ""));
        return Some(K::NoCommonAlgorithm { what: SafeText::new(what), theirs: SafeText::new(theirs) });
    }
    let says = |text: &str| plain.iter().any(|l| l.contains(text));
    // what came instead of the banner; an overloaded sshd says so there
    let instead = said
        .lines()
        .find_map(|l| l.split_once("kex_exchange_identification: banner line 0: "))
        .map(|(_, line)| line);
    match instead {
        Some(line) if line.contains("MaxStartups") || line.contains("Not allowed at this time") => {
            return Some(K::HungUp);
        }
        Some(_) => return Some(K::NotSsh),
        None => {}
    }
    let wrong = [
        "banner line contains invalid characters",
        "No banner received",
        "rotocol mismatch",
        "Bad remote protocol version",
        "Bad packet length",
        "invalid format",
        "differ: ",
        "banner line too long",
    ];
    if wrong.into_iter().any(says) {
        return Some(K::NotSsh);
    }
    let gone = [
        "Connection closed by",
        "Connection reset by",
        "closed by remote host",
        "Connection to ",
        "Broken pipe",
        "Software caused connection abort",
    ];
    gone.into_iter().any(says).then_some(K::HungUp)
}

fn between<'a>(line: &'a str, before: &str, after: &str) -> Option<&'a str> {
    let (_, rest) = line.split_once(before)?;
    rest.split_once(after).map(|(middle, _)| middle)
}

#[cfg(test)]
#[path = "classify_tests.rs"]
mod tests;
