//! What no other cause accounts for. These rules find nothing themselves: the net under the rules speaks in their name.
use crate::core::diagnose::fix::Whom;
use crate::core::diagnose::rule::{Rule, Ruling};
use crate::core::diagnose::runbook::{BACKUP, Family, Runbook};
use crate::text;

/// The night is lost, and nothing says why.
pub(in crate::core::diagnose) static UNKNOWN: Rule = Rule {
    id: "unknown",
    covers: &[],
    look: |_| Ruling::Open,
    runbook: || Runbook {
        family: Family::Other,
        title: text!("原因没有查到", "the reason was not found"),
        what: text!(
            "昨夜没有好的备份，但能查的都查了，没有一样说得通。",
            "There is no good backup of last night, and nothing that could be checked explains it."
        ),
        shows: text!(
            "「昨夜的备份」不正常，排查却没有找到说得通的原因。",
            "\"last night's backup\" is not OK, and nothing that was found explains it."
        ),
        how: text!(
            "多半是过去的情况现在看不到了（例如夜里短暂断过），或者有一项没能检查。",
            "Mostly what was wrong then is gone now (a short loss at night), or something could not be checked."
        ),
        mend: text!(
            "先补没能检查的那几项；再按 B 做一次，在任务画面（F6）看它停在哪一步。还不行，用 opsdeck bundle 打包发给后端负责人。",
            "See to what could not be checked; then press B and watch on the jobs screen (F6) where it stops. If that does not help, send what opsdeck bundle gathers to whoever runs the backend."
        ),
        acts: &[BACKUP],
        proof: text!("再检查一次，这一项变成正常", "check again: this one is OK"),
        call: &[Whom::Backend],
        dont: text!(
            "不要因为查不到就当作没事：明天看它会不会再来。",
            "Do not take it for nothing because it was not found: see whether it comes back."
        ),
    },
};

/// Something else is not as it should be.
pub(in crate::core::diagnose) static ELSE: Rule = Rule {
    id: "other-trouble",
    covers: &[],
    look: |_| Ruling::Open,
    runbook: || Runbook {
        family: Family::Other,
        title: text!("另外还有一处不正常", "something else is not as it should be"),
        what: text!(
            "检查里有一项不正常，不是已知的那些原因。",
            "A check is not OK, and it is none of the known causes."
        ),
        shows: text!(
            "总览里有一项不正常，排查里它单独列在最后。",
            "One check of the overview is not OK, and the diagnosis has it by itself, at the end."
        ),
        how: text!(
            "每一种情况不同：在总览选中那一行，下半屏是它的依据。",
            "That differs: choose its line in the overview, and the lower pane shows what it rests on."
        ),
        mend: text!(
            "按那一行的下一步做；看不懂就把 opsdeck bundle 的结果发给后端负责人。",
            "Do what the line gives as the next step; if that is not clear, send what opsdeck bundle gathers to whoever runs the backend."
        ),
        acts: &[],
        proof: text!("再检查一次，这一项变成正常", "check again: this one is OK"),
        call: &[Whom::You, Whom::Backend],
        dont: text!("不要因为它排在最后就一直放着。", "Do not leave it because it stands last."),
    },
};
