//! `opsdeck runbook`: what is to be known about every cause, or about one.
use super::args::RunbookArgs;
use super::{Context, Exit, Said, out};
use crate::core::console::runbook::no_env;
use crate::core::diagnose::{render, runbook, runbooks};
use crate::core::safetext::SafeText;
use crate::i18n::Lang;
use crate::text;

/// Prints the page of a cause, or the list of those that say a word. Asks nobody.
///
/// # Errors
/// No cause says the word, or standard output cannot be written.
pub fn run(context: &Context, args: &RunbookArgs) -> anyhow::Result<Exit> {
    out::line(&said(args.cause.as_deref(), context.lang)?)?;
    Ok(Exit::DONE)
}

fn said(wanted: Option<&str>, lang: Lang) -> Result<String, Said> {
    let mut books = runbooks();
    if let Some(word) = wanted {
        let id = word.trim().to_lowercase();
        if let Some(((id, _), book)) = books.iter().find(|(of, _)| *of == id).zip(runbook(&id)) {
            return Ok(render::book(id, &book, &no_env(lang), lang));
        }
        books.retain(|(id, book)| book.says(id, word));
        let word = SafeText::new(word);
        if books.is_empty() {
            return Err(Said(text!(
                "故障手册里没有说到 {word} 的原因。办法：运行 opsdeck runbook，列出全部",
                "no cause of the runbook says {word}. Mend: opsdeck runbook lists them all"
            )));
        }
    }
    let more = text!("一条的全文：opsdeck runbook 代号", "the page of one: opsdeck runbook ID");
    Ok(format!("{}\n\n{}", render::causes(&books, lang), more.get(lang)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_its_page_a_word_is_a_list_and_anything_else_is_refused() {
        let page = said(Some("Ghost-Job"), Lang::Zh).unwrap();
        assert!(page.starts_with("幽灵任务占着位置  (ghost-job)\n"), "{page}");
        assert!(page.contains("按 X 关闭幽灵任务（opsdeck close-ghost --env 环境）"), "{page}");
        let list = said(Some("409"), Lang::En).unwrap();
        assert!(list.contains("  stale-lock ") && !list.contains("share-full"), "{list}");
        let all = said(None, Lang::En).unwrap();
        assert!(runbooks().iter().all(|(id, _)| all.contains(&format!("  {id} "))), "{all}");
        let Err(Said(refused)) = said(Some("没有的词\u{1b}"), Lang::Zh) else { panic!("found") };
        assert!(refused.zh.contains("没有的词") && !refused.zh.contains('\u{1b}'), "{}", refused.zh);
    }
}
