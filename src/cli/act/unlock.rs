//! `opsdeck unlock`: clears the stale lock, or puts back the row that an earlier run cleared.
use crate::cli::args::UnlockArgs;
use crate::cli::{Context, Exit, Said};
use crate::core::plan::{Action, LockRow};
use crate::core::safetext::SafeText;
use crate::i18n::Text;
use crate::journal::Kept;
use crate::text;

/// Does it.
///
/// # Errors
/// As [`super::run`]; or the journal has no such row.
pub fn run(context: &Context, args: &UnlockArgs) -> anyhow::Result<Exit> {
    let Some(run) = &args.put_back else {
        return super::run(context, &args.act, Action::ClearLock);
    };
    let session = super::Session::open(context, &args.act)?;
    let kept = match &session.place.journal {
        Some(journal) => journal.kept().map_err(|e| Said(e.text()))?,
        None => Kept::default(),
    };
    let row = row(&kept, run, &session.place.env.key.0).map_err(Said)?;
    session.carry(&Action::PutLockBack(row))
}

/// The row that a run kept, if it was a lock's of this environment.
fn row(kept: &Kept, run: &str, env: &str) -> Result<LockRow, Text> {
    let shown = SafeText::new(run);
    let Some(intent) = kept.intent(run) else {
        return Err(text!(
            "操作记录里没有 {shown} 这次操作，什么也没做。办法：opsdeck journal 里找",
            "the journal has no run {shown}; nothing was done. Mend: look it up in opsdeck journal"
        ));
    };
    if intent.env != env {
        let other = SafeText::new(&intent.env);
        return Err(text!(
            "{shown} 是在 {other} 上做的，不是 {env}。什么也没做",
            "{shown} was done on {other}, not on {env}; nothing was done"
        ));
    }
    intent.kept().iter().find_map(|row| LockRow::read(row)).ok_or_else(|| {
        text!("{shown} 没有清除过备份锁，什么也没做", "{shown} cleared no backup lock; nothing was done")
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::journal::tests::intent;
    use crate::journal::{Entry, What};

    #[test]
    fn only_the_row_of_that_run_and_environment_is_put_back() {
        let lock = LockRow { name: SafeText::new("backup"), owner: SafeText::new("x"), acquired: None };
        let what = What::Intent { script: String::new(), kept: vec!["{\"id\":3}".into(), lock.kept()] };
        let cleared = Entry { what, action: "clear-lock".into(), ..intent("1-a") };
        let kept = Kept { entries: vec![cleared, intent("2-b")], torn: Vec::new() };
        assert_eq!(row(&kept, "1-a", "test"), Ok(lock));
        for (run, env, why) in
            [("1-a", "prod", "not on prod"), ("2-b", "test", "cleared no"), ("3", "test", "no run")]
        {
            assert!(row(&kept, run, env).unwrap_err().en.contains(why), "{run}");
        }
    }
}
