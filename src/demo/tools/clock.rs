//! `date`: the server's clock and zone, which are not this machine's.
use super::{Said, Server};
use crate::demo::timeline::wall;

/// `date [-u] [+FORMAT]`.
pub(super) fn date(server: &Server, args: &[&str]) -> Said {
    let (east_min, rest) = match args {
        ["-u", rest @ ..] => (0, rest),
        rest => (server.state.host.zone_min, rest),
    };
    let format = match rest {
        [] => "%a %b %e %H:%M:%S %z %Y",
        [format] => match format.strip_prefix('+') {
            Some(format) => format,
            None => return Said::unknown("date", args),
        },
        _ => return Said::unknown("date", args),
    };
    match jiff::fmt::strtime::format(format, &wall(server.now, east_min)) {
        Ok(text) => Said::ok(text + "\n"),
        Err(_) => Said::unknown("date", args),
    }
}
