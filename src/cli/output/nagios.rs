//! For monitoring plugins (Nagios, Icinga): a first line of state, sentence and numbers, then one line a check.
use super::Report;
use crate::core::probe::share::ShareAnswer;
use crate::core::state::State;
use crate::i18n::Lang;

/// The reports of one run. The exit code is the caller's.
pub fn render(reports: &[Report], lang: Lang) -> String {
    let state = State::of_all(reports.iter().map(|r| r.verdict.state));
    let word = match state {
        State::Ok => "OK",
        State::Warning => "WARNING",
        State::Failed => "CRITICAL",
        State::Unknown => "UNKNOWN",
    };
    let heads: Vec<String> = reports
        .iter()
        .map(|r| format!("{} {}", r.verdict.env, plain(r.verdict.headline.get(lang))))
        .collect();
    let numbers: Vec<String> = reports.iter().flat_map(numbers).collect();
    let mut out = format!("OPSDECK {word} - {} | {}\n", heads.join(" / "), numbers.join(" "));
    for r in reports {
        for c in &r.verdict.checks {
            out.push_str(&format!(
                "{} {} {}: {}\n",
                r.verdict.env,
                c.state.word().get(Lang::En),
                c.id,
                plain(c.summary.get(lang))
            ));
        }
    }
    out
}

/// `'label'=value[unit];warn;crit;min;max`, the guidelines' form.
fn numbers(report: &Report) -> Vec<String> {
    let env = &report.verdict.env;
    let count = |state| report.verdict.checks.iter().filter(|c| c.state == state).count();
    let mut out = vec![
        format!("'{env}_failed'={};;;0", count(State::Failed)),
        format!("'{env}_warning'={};;;0", count(State::Warning)),
        format!("'{env}_unknown'={};;;0", count(State::Unknown)),
        format!("'{env}_took'={}ms;;;0", report.verdict.took_ms),
    ];
    if let Some(Ok(ShareAnswer::Answers { space, .. })) = report.snapshot.as_ref().map(|s| &s.share) {
        out.push(format!("'{env}_share_free'={}B;;;0;{}", space.available.0, space.total.0));
    }
    out
}

/// A bar starts the numbers and a line break ends the sentence: neither may come from a text.
fn plain(text: &str) -> String {
    text.replace(['|', '\n'], "/")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::output::samples;

    #[test]
    fn one_bar_on_the_first_line_and_none_after_it() {
        let mut report = samples::unreachable();
        report.verdict.headline = crate::text!("a|b", "a|b");
        let text = render(&[report], Lang::En);
        let mut lines = text.lines();
        let first = lines.next().unwrap();
        assert!(first.starts_with("OPSDECK UNKNOWN - prod a/b | 'prod_failed'=0;;;0"), "{first}");
        assert_eq!(first.matches('|').count(), 1);
        assert!(lines.all(|l| !l.contains('|')));
    }
}
