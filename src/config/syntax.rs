//! The syntax of the file: TOML, with what the parser says put into the operator's words.
use super::diagnostic::{Problem, in_order};
use super::reader::Fault;
use super::source::Source;
use super::unknown::secret_in_plain;
use super::{keys, mask, rules};
use crate::text;
use toml::Spanned;
use toml::de::DeTable;

/// After so many mistakes of syntax the rest follows from the first ones.
const MAX_SHOWN: usize = 8;

/// The tree, what is wrong with the syntax, and whether the tree can be trusted (repeated keys leave it so).
pub(super) fn parse<'s>(source: &Source<'s>) -> (Spanned<DeTable<'s>>, Vec<Problem>, bool) {
    let (table, errors) = DeTable::parse_recoverable(source.text());
    let whole = errors.iter().all(|e| is_repeated(e.message()));
    let end = source.text().len();
    let problems = errors.iter().map(|error| {
        let span = error.span().unwrap_or(end..end);
        let better = because_of_the_line(source, span.start);
        let (message, hint) = better.unwrap_or_else(|| explain(error.message()));
        Problem { place: Some(source.place(span)), message, hint }
    });
    let mut problems = in_order(problems.collect());
    // one mistake is often reported by several rules of the grammar
    problems.dedup_by_key(|p| p.place.as_ref().map(|at| at.line));
    problems.truncate(MAX_SHOWN);
    (table, problems, whole)
}

/// What the line itself says better than the parser: it holds a secret, or signs of a Chinese input method.
fn because_of_the_line(source: &Source, at: usize) -> Option<Fault> {
    let (line, offset) = source.line(at);
    if keys::names_a_secret(mask::key_of(line)) {
        return Some(secret_in_plain());
    }
    let from_here = line.get(offset..).unwrap_or_default();
    let value = line.split_once('=').map_or("", |(_, value)| value);
    let typed_wide = |text: &str| text.trim_start().starts_with(rules::is_full_width);
    (typed_wide(from_here) || typed_wide(value)).then(|| {
        (
            text!("这一行有全角符号", "this line has full-width signs"),
            text!(
                "等号、引号、括号、逗号都要用半角：= \" [ ] {{ }} ,",
                "equals sign, quotes, brackets and commas must be half-width: = \" [ ] {{ }} ,"
            ),
        )
    })
}

fn is_repeated(said: &str) -> bool {
    said.starts_with("duplicate key")
}

/// The parser's words (toml 1.x) and what to do about them. The parser's own text is never passed on: it is
/// English only, and what it quotes might be a secret.
fn explain(said: &str) -> Fault {
    let about = |words: &[&str]| words.iter().any(|w| said.contains(w));
    if is_repeated(said) {
        return (
            text!("这个键（或表）写了两次", "this key (or table) is there twice"),
            text!("只留一个，删掉另一个", "keep one, delete the other"),
        );
    }
    if about(&["string values must be quoted", "invalid value"]) {
        return (
            text!("等号后面的值看不懂", "the value after the equals sign is not understood"),
            text!(
                "文字要放在半角双引号里：host = \"…\"；是与否写 true、false；数字不加引号",
                "put text in double quotes: host = \"…\"; yes and no are true and false; numbers have no quotes"
            ),
        );
    }
    if about(&["missing value", "key with no value", "missing assignment"]) {
        return (
            text!("这一行不完整：要写成 键 = 值", "this line is not complete: it must read key = value"),
            text!("补上等号和值，或删掉这一行", "add the equals sign and a value, or delete the line"),
        );
    }
    if about(&["unclosed table", "unclosed array table", "missing table open", "unclosed"]) {
        return (
            text!("括号没有配对", "a bracket is not closed"),
            text!(
                "补上缺的 ] 或 }}，表名写成 [share]、[[environment]]",
                "add the missing ] or }}; tables read [share], [[environment]]"
            ),
        );
    }
    if about(&["missing comma", "extra comma"]) {
        return (
            text!("逗号多了或少了", "a comma is missing, or one too many"),
            text!("各项之间正好一个半角逗号", "exactly one comma between two items"),
        );
    }
    if about(&["basic string", "literal string", "invalid string", "opening quote", "escape", "unicode"]) {
        return (
            text!("这段文字的引号或反斜杠有误", "the quotes or a backslash of this text are wrong"),
            text!(
                "引号要成对、用半角；带反斜杠的 Windows 路径用单引号：'D:\\datas'",
                "quotes come in pairs; put a Windows path with backslashes in single quotes: 'D:\\datas'"
            ),
        );
    }
    if about(&["carriage return"]) {
        return (
            text!("行尾是单独的回车符（CR）", "a line ends in a lone carriage return (CR)"),
            text!("用 UTF-8、LF 换行重新保存这个文件", "save the file again as UTF-8 with LF line ends"),
        );
    }
    if about(&["unquoted key", "invalid key", "keys cannot"]) {
        return (
            text!("键名看不懂", "the name before the equals sign is not understood"),
            text!("键名只用半角字母、数字、_ 和 -", "use letters, digits, _ and - only"),
        );
    }
    if about(&["comment"]) {
        return (
            text!("注释里有看不见的控制字符", "a comment holds a control character"),
            text!("删掉这一行的注释，重新输入", "delete the comment of this line and type it again"),
        );
    }
    if about(&[
        "integer",
        "number",
        "float",
        "sign",
        "radix",
        "zero",
        "boolean",
        "date-time",
        "invalid hex",
        "invalid oct",
        "invalid bin",
    ]) {
        return (
            text!("这个数字看不懂", "this number is not understood"),
            text!("数字写成 22 这样；文字要加半角双引号", "write numbers like 22; put text in double quotes"),
        );
    }
    if about(&["dotted key", "extend value"]) {
        return (
            text!("这个名字前面已经有了别的值", "this name already has another value above"),
            text!("同一个名字不能又是值又是表，只留一个", "one name cannot be a value and a table, keep one"),
        );
    }
    if about(&["recursion", "recurse"]) {
        return (
            text!("括号套得太深", "brackets are nested too deep"),
            text!(
                "对照自带的 environments.toml 重写这一段",
                "write this part again after the environments.toml that comes with opsdeck"
            ),
        );
    }
    (
        text!("这里的写法不对", "this is not written as it must be"),
        text!(
            "看看有没有全角符号、少了的引号或换行；可对照自带的 environments.toml",
            "look for full-width signs, a missing quote or line break; compare with the environments.toml that comes with opsdeck"
        ),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_repeated_key_leaves_the_rest_readable() {
        let source = Source::new("schema = 1\nschema = 1\n[share]\nport = 0\n");
        let (_, problems, whole) = parse(&source);
        assert!(whole);
        let at = problems[0].place.clone().unwrap();
        assert_eq!((at.line, at.column), (2, 1));
    }

    #[test]
    fn what_the_parser_quotes_is_not_passed_on() {
        for text in
            ["password = hunter2", "password = \"hunter2\\q\"", "hunter2", "password = [\n\"hunter2\"\n"]
        {
            let source = Source::new(text);
            let (_, problems, whole) = parse(&source);
            assert!(!whole && !problems.is_empty(), "{text}");
            let all: String =
                problems.iter().map(|p| format!("{p:?} {} {}", p.message.zh, p.hint.zh)).collect();
            assert!(!all.contains("hunter2"), "{text}: {all}");
        }
    }
}
