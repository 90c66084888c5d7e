//! Servers with which nothing is wrong, in every shape: never a finding.
use crate::desk::{Desk, Said};
use crate::hands;
use crate::lab::lab;
use crate::report::Line;
use std::time::Instant;

/// A healthy shape: its name (without a comma, which parts names), the server, the workstation's zone, what makes it.
pub(crate) type Calm = (&'static str, &'static str, Option<&'static str>, fn());

pub(crate) const CALM: [Calm; 8] = [
    ("healthy prod", "prod", None, hands::healthy),
    ("healthy test with its own hour and no sqlite3", "test", None, hands::healthy),
    ("healthy prod seen from another zone", "prod", Some("XST9"), hands::healthy),
    ("healthy prod with the server in another zone", "prod", None, || {
        hands::healthy();
        hands::other_zone();
    }),
    ("healthy prod when a full backup was due", "prod", None, || {
        hands::healthy();
        hands::full_night();
    }),
    ("replicated-layout", "prod", None, || hands::lay(&["replicated-layout"])),
    ("old-schema", "prod", None, || hands::lay(&["old-schema"])),
    ("backup-running", "prod", None, || hands::lay(&["backup-running"])),
];

/// Nothing is found, by JSON and in both languages.
pub(crate) fn stays(calm: &Calm) -> Line {
    let (name, env, zone, make) = calm;
    make();
    let began = Instant::now();
    let desk = zone.map_or_else(Desk::new, |zone| Desk::new().in_zone(zone));
    let said = desk.look_until(env, Said::is_clean);
    let mut line = Line::of((*name).to_owned(), said.roots().join(" + "), said.sure());
    line.clean = said.is_clean();
    if !said.is_clean() {
        line.wrong.push(said.to_string());
    }
    for (lang, word) in [("zh", "[+] 正常"), ("en", "[+] OK")] {
        let ran = desk.text(env, lang);
        let first = ran.out.lines().next().unwrap_or_default();
        let found =
            ran.out.lines().any(|l| ["1. ", "  [!]", "  [x]", "  [?]"].iter().any(|m| l.starts_with(m)));
        if ran.code != 0 || !first.contains(word) || found {
            line.wrong.push(format!("{lang}: exit {}: {}{}", ran.code, ran.out, ran.err));
        }
    }
    line.seconds = began.elapsed().as_secs();
    line
}

/// The name of the row of a server that lost its power.
pub(crate) const REBOOT: &str = "the first minutes after a reboot";

/// From the power that is lost until all is well again: what is not known is said, and nothing false.
pub(crate) fn reboots(desk: &Desk) -> Line {
    hands::healthy();
    let began = Instant::now();
    let crash = std::thread::spawn(|| lab(&["crash", "prod"]).status.success());
    let mut line = Line::of(REBOOT.to_owned(), String::new(), "-");
    let mut unknown = 0;
    loop {
        let said = desk.look("prod");
        for cause in said.roots().into_iter().filter(|c| *c != "just-started") {
            line.wrong.push(format!("{cause} after {} s", began.elapsed().as_secs()));
        }
        unknown += usize::from(said.code == 3);
        if crash.is_finished() && said.is_clean() {
            break;
        }
        if began.elapsed().as_secs() > 900 {
            line.wrong.push(format!("never up again: {said}"));
            break;
        }
    }
    line.clean = true;
    if !crash.join().unwrap() || unknown == 0 {
        line.wrong.push(format!("it was never away, or never came back: {unknown} looks of it were unknown"));
    }
    line.seconds = began.elapsed().as_secs();
    line
}
