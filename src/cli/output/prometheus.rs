//! For Prometheus' node exporter (textfile collector): numbers, and none that outlives its look.
//!
//! A look that failed still writes the file, with `opsdeck_up 0` and without the numbers that were not learned, so that
//! yesterday's good number never stands for today.
use super::Report;
use crate::core::probe::share::ShareAnswer;
use crate::core::units::EpochMs;
use std::io::Write;
use std::path::Path;

/// The metrics of one run.
pub fn render(reports: &[Report], now: EpochMs) -> String {
    let mut out = String::new();
    let mut family = |name: &str, help: &str, samples: Vec<(String, String)>| {
        if samples.is_empty() {
            return;
        }
        out.push_str(&format!("# HELP {name} {help}\n# TYPE {name} gauge\n"));
        for (labels, value) in samples {
            out.push_str(&format!("{name}{{{labels}}} {value}\n"));
        }
    };
    let env = |r: &Report| format!("env=\"{}\"", escaped(&r.verdict.env.0));
    let each = |value: &dyn Fn(&Report) -> Option<String>| {
        reports.iter().filter_map(|r| Some((env(r), value(r)?))).collect()
    };
    family(
        "opsdeck_up",
        "1 if the server could be asked and answered.",
        each(&|r| Some(u8::from(r.snapshot.is_some() && r.link_error.is_none()).to_string())),
    );
    family(
        "opsdeck_state",
        "Worst state: 0 ok, 1 warning, 2 failed, 3 unknown.",
        each(&|r| Some(r.verdict.state.exit_code().to_string())),
    );
    let checks = reports.iter().flat_map(|r| {
        let label = |id: &str| format!("{},check=\"{}\"", env(r), escaped(id));
        r.verdict.checks.iter().map(move |c| (label(c.id), c.state.exit_code().to_string()))
    });
    family(
        "opsdeck_check_state",
        "State of one check: 0 ok, 1 warning, 2 failed, 3 unknown.",
        checks.collect(),
    );
    family(
        "opsdeck_look_seconds",
        "How long the look took.",
        each(&|r| Some(format!("{:.3}", r.verdict.took_ms as f64 / 1000.0))),
    );
    let space = |r: &Report| match r.snapshot.as_ref().map(|s| &s.share) {
        Some(Ok(ShareAnswer::Answers { space, .. })) => Some(space.clone()),
        _ => None,
    };
    family(
        "opsdeck_share_free_bytes",
        "Free on the share.",
        each(&|r| Some(space(r)?.available.0.to_string())),
    );
    family("opsdeck_share_size_bytes", "Size of the share.", each(&|r| Some(space(r)?.total.0.to_string())));
    family(
        "opsdeck_run_timestamp_seconds",
        "When this file was written.",
        vec![(String::new(), (now.0 / 1000).to_string())],
    );
    out.replace("{} ", " ")
}

/// Writes the file so that a reader sees the old one or the new one, never half of it: written beside it, then renamed.
/// Readable by all, because the collector is another user.
pub fn write(path: &Path, text: &str) -> std::io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    let folder = path.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let mut file = tempfile::Builder::new()
        .prefix(".opsdeck.")
        .permissions(std::fs::Permissions::from_mode(0o644))
        .tempfile_in(folder)?;
    file.write_all(text.as_bytes())?;
    // the umask of this program is for secrets; this file is none
    file.as_file().set_permissions(std::fs::Permissions::from_mode(0o644))?;
    file.as_file().sync_all()?;
    file.persist(path).map_err(|e| e.error)?;
    Ok(())
}

fn escaped(label: &str) -> String {
    label.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::output::samples;

    #[test]
    fn a_failed_look_lowers_the_metric_and_leaves_no_number_of_yesterday() {
        let text = render(&[samples::unreachable()], EpochMs(7000));
        assert!(text.contains("opsdeck_up{env=\"prod\"} 0\n"), "{text}");
        assert!(text.contains("opsdeck_state{env=\"prod\"} 3\n"));
        assert!(text.contains("opsdeck_run_timestamp_seconds 7\n"));
        assert!(!text.contains("opsdeck_share_free_bytes"));
    }

    #[test]
    fn every_family_is_declared_once_and_every_line_is_a_sample() {
        let text = render(&[samples::unreachable(), samples::noise()], EpochMs(7000));
        let mut families: Vec<&str> = text.lines().filter(|l| l.starts_with("# TYPE")).collect();
        let all = families.len();
        families.dedup();
        assert_eq!(families.len(), all);
        for line in text.lines().filter(|l| !l.starts_with('#')) {
            assert!(line.rsplit(' ').next().unwrap().parse::<f64>().is_ok(), "{line}");
        }
    }

    #[test]
    fn the_file_is_replaced_whole() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("opsdeck.prom");
        write(&path, "old\n").unwrap();
        let old = std::fs::File::open(&path).unwrap();
        write(&path, "new\n").unwrap();
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "new\n");
        // whoever had the old file open still has all of it: it was not written over
        assert_eq!(std::io::read_to_string(old).unwrap(), "old\n");
        assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 1);
        use std::os::unix::fs::PermissionsExt;
        assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o644);
    }
}
