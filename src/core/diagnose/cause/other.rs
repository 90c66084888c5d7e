//! What no other cause accounts for. These rules find nothing themselves: the net under the rules speaks in their name.
use crate::core::diagnose::rule::{Rule, Ruling, Runbook};
use crate::text;

/// The night is lost, and nothing says why.
pub(in crate::core::diagnose) static UNKNOWN: Rule = Rule {
    id: "unknown",
    covers: &[],
    look: |_| Ruling::Open,
    runbook: || Runbook {
        title: text!("原因没有查到", "the reason was not found"),
        what: text!(
            "昨夜没有好的备份，但能查的都查了，没有一样说得通。",
            "There is no good backup of last night, and nothing that could be checked explains it."
        ),
        how: text!(
            "多半是过去的情况现在看不到了（例如夜里短暂断过），或者有一项没能检查。",
            "Mostly what was wrong then is gone now (a short loss at night), or something could not be checked."
        ),
        mend: text!(
            "先补“没能检查”的那几项；再按 B 做一次，看它停在哪一步。",
            "See to what could not be checked; then press B and watch where it stops."
        ),
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
        title: text!("另外还有一处不正常", "something else is not as it should be"),
        what: text!(
            "检查里有一项不正常，不是已知的那些原因。",
            "A check is not OK, and it is none of the known causes."
        ),
        how: text!("每一种情况不同，看它的依据。", "That differs: see what it rests on."),
        mend: text!("按那一项给的下一步做。", "Do what the check says."),
        dont: text!("不要因为它排在最后就一直放着。", "Do not leave it because it stands last."),
    },
};
