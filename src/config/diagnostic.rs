//! What is wrong with the file, and how it is shown.
use crate::core::safetext::SafeText;
use crate::i18n::{Lang, Text};
use std::fmt::Write;
use std::ops::Range;
use std::path::Path;

/// A place in the file. Counting starts at 1, columns of the file are characters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// Line.
    pub line: usize,
    /// Character of that line.
    pub column: usize,
    /// The line, safe to print; values that may be a secret are masked.
    pub source_line: String,
    /// What of `source_line` is meant, in columns of a terminal from 0. May be empty: then one column is marked.
    pub mark: Range<usize>,
}

/// One thing that is wrong, or needs a person soon.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// Where; nothing when it concerns the whole file.
    pub place: Option<Place>,
    /// What is wrong. Never holds a value of the file.
    pub message: Text,
    /// What to do.
    pub hint: Text,
}

/// The problems in the order of the file, each once; what concerns the whole file comes first.
pub(super) fn in_order(mut problems: Vec<Problem>) -> Vec<Problem> {
    problems.sort_by_key(|p| p.place.as_ref().map(|at| (at.line, at.column)));
    // what is wrong with a table for all shows again in every environment
    let mut once: Vec<Problem> = Vec::with_capacity(problems.len());
    for problem in problems {
        if !once.contains(&problem) {
            once.push(problem);
        }
    }
    once
}

/// Every problem as `file:line:column: message`, the line with a caret under the place, and the hint.
pub fn render(path: &Path, problems: &[Problem], lang: Lang) -> String {
    let file = SafeText::new(&path.to_string_lossy());
    let gutter = problems.iter().filter_map(|p| p.place.as_ref()).map(|at| at.line.to_string().len());
    let gutter = gutter.max().unwrap_or(1);
    let mut out = String::new();
    for problem in problems {
        render_one(&mut out, &file, gutter, problem, lang);
    }
    out
}

fn render_one(out: &mut String, file: &SafeText, gutter: usize, problem: &Problem, lang: Lang) {
    let message = problem.message.get(lang);
    // writing into a String cannot fail
    let _ = match &problem.place {
        None => writeln!(out, "{file}: {message}"),
        Some(at) => {
            let _ = writeln!(out, "{file}:{}:{}: {message}", at.line, at.column);
            let _ = writeln!(out, "  {:>gutter$} | {}", at.line, at.source_line);
            let carets = "^".repeat(at.mark.len().max(1));
            let indent = " ".repeat(at.mark.start);
            writeln!(out, "  {:>gutter$} | {indent}{carets}", "")
        }
    };
    let label = match lang {
        Lang::Zh => "办法：",
        Lang::En => "hint: ",
    };
    let _ = writeln!(out, "  {label}{}", problem.hint.get(lang));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text;

    #[test]
    fn the_caret_stands_right_under_chinese() {
        let place =
            Place { line: 7, column: 12, source_line: "name = \"正式\"  prot = 22".into(), mark: 15..19 };
        let problem = Problem {
            place: Some(place),
            message: text!("不认识的键", "unknown key"),
            hint: text!("是不是 port", "did you mean port"),
        };
        let shown = render(Path::new("e.toml"), &[problem], Lang::Zh);
        let lines: Vec<&str> = shown.lines().collect();
        assert_eq!(lines[0], "e.toml:7:12: 不认识的键");
        assert_eq!(lines[1], "  7 | name = \"正式\"  prot = 22");
        assert_eq!(lines[2], "    |                ^^^^");
        assert_eq!(lines[3], "  办法：是不是 port");
    }
}
