//! What went wrong on the way to a server, in the words of the screen.
use crate::clock;
use crate::config::model::Environment;
use crate::core::console::{Broken, Cut, Outcome};
use crate::core::safetext::SafeText;
use crate::core::verdict::{self, Verdict};
use crate::i18n::Text;
use crate::remote::{LinkError, LinkErrorKind, Retry};
use crate::{tail, text, watch};

/// A server that could not be asked.
pub(super) fn unreachable(env: &Environment, error: &LinkError, took_ms: u64) -> Verdict {
    let detail = Text::same(error.detail.as_str());
    verdict::unreachable(env, error.summary(), error.hint(), detail, clock::now(), took_ms)
}

/// After how many milliseconds at least it may be tried again without a person.
pub(super) fn again_ms(error: &LinkError) -> Option<i64> {
    match error.retry() {
        Retry::Never => None,
        Retry::Later(wait) => i64::try_from(wait.as_millis()).ok(),
        Retry::Now => Some(0),
    }
}

/// A stream whose link did not come about or was lost.
pub(super) fn broken(error: &LinkError) -> Broken {
    Broken { said: error.summary(), hint: error.hint(), link: true, again_ms: again_ms(error) }
}

/// An answer that ended early: because the link was lost, or because it took too long or could not begin.
pub(super) fn cut(env: &Environment, error: &LinkError, took_ms: u64) -> Cut {
    let gone = !matches!(error.kind, LinkErrorKind::Deadline | LinkErrorKind::Other);
    Cut { verdict: unreachable(env, error, took_ms), gone, again_ms: again_ms(error) }
}

/// What was asked came to grief here: nothing is known.
pub(super) fn died(env: &Environment, why: &str) -> Outcome {
    tracing::error!(env = %env.key, why, "look died");
    let summary = text!("检查过程本身出错", "the look itself failed");
    let hint =
        text!("再检查一次；把诊断日志发给开发者", "check again; send the diagnostic log to the developers");
    let detail = Text::same(SafeText::new(why).as_str());
    let verdict = Box::new(verdict::unreachable(env, summary, hint, detail, clock::now(), 0));
    Outcome::Unreachable { verdict, again_ms: None }
}

/// Why the jobs are not followed any more.
pub(super) fn watch_ended(env: &Environment, ended: watch::Ended) -> Broken {
    tracing::warn!(env = %env.key, ?ended, "watch ended");
    match ended {
        watch::Ended::Lost(error) => broken(&error),
        watch::Ended::Silent => Broken {
            said: text!("服务器一分钟没有动静", "the server said nothing for a minute"),
            hint: text!("自动再连；也可以按 Ctrl-R", "connected again by itself; or press Ctrl-R"),
            link: true,
            again_ms: Some(0),
        },
        watch::Ended::Failed { code, said } => Broken {
            said: text!(
                "跟踪任务的脚本结束了（{code}）：{said}",
                "the script that follows jobs ended ({code}): {said}"
            ),
            hint: text!("自动再试；也可以按 Ctrl-R", "tried again by itself; or press Ctrl-R"),
            link: false,
            again_ms: Some(5_000),
        },
        watch::Ended::Unheard => stream_died(env, "nobody listens"),
    }
}

/// Why a log is not followed any more.
pub(super) fn tail_ended(env: &Environment, ended: tail::Ended) -> Broken {
    tracing::warn!(env = %env.key, ?ended, "tail ended");
    match ended {
        tail::Ended::Lost(error) => broken(&error),
        tail::Ended::NoWay => Broken {
            said: text!("这个日志没有办法跟踪", "there is no way to follow this log"),
            hint: text!("原因见上面一行", "the line above says why"),
            link: false,
            again_ms: None,
        },
        tail::Ended::Failed { code, said } => Broken {
            said: text!(
                "服务器上的命令失败了（{code}）：{said}",
                "the command on the server failed ({code}): {said}"
            ),
            hint: text!("自动再试；也可以按 Ctrl-R", "tried again by itself; or press Ctrl-R"),
            link: false,
            again_ms: Some(5_000),
        },
        tail::Ended::Unheard => stream_died(env, "nobody listens"),
    }
}

/// A stream that came to grief here.
pub(super) fn stream_died(env: &Environment, why: &str) -> Broken {
    tracing::error!(env = %env.key, why, "stream died");
    Broken {
        said: text!("跟踪过程本身出错", "following itself failed"),
        hint: text!(
            "按 Ctrl-R 再试；把诊断日志发给开发者",
            "Ctrl-R; send the diagnostic log to the developers"
        ),
        link: false,
        again_ms: None,
    }
}
