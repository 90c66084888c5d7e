//! The backup that is at work, in a few lines: what it does, how much of it is written, how long it still takes, and how
//! far all that can be relied on.
use super::span;
use crate::core::console::freshness::SILENT_MS;
use crate::core::console::sheet::{Gauge, Lead};
use crate::core::derive::job::Worker;
use crate::core::derive::progress::{Left, Progress, Standing};
use crate::core::probe::database::Status;
use crate::core::state::State;
use crate::core::units::{Bytes, EpochMs};
use crate::core::verdict::{Facts, kind_word, proof, state_of_worker};
use crate::i18n::Text;
use crate::text;

/// The lines above the table, the most important first.
pub(super) fn lead(f: &Facts, p: &Progress, now: EpochMs) -> Vec<Lead> {
    let mut all = Vec::new();
    let standing = p.standing(now);
    match &standing {
        Some(s) => {
            let state = state(f, p, s, now);
            all.push(Lead::Line { state, text: headline(f, s) });
            all.extend(gauge(s, state));
            all.extend(slow(s).map(|text| Lead::Line { state: None, text }));
            all.extend(pack_unseen(s));
        }
        None if p.rows().is_some() => {
            let text = text!("没有进行中的备份", "no backup is at work");
            all.push(Lead::Line { state: None, text });
        }
        None => {}
    }
    if let Some(gap) = p.rows_gap() {
        let why = gap.text();
        let text = Text {
            zh: format!("读不到最新的任务记录：{}", why.zh),
            en: format!("the newest rows of jobs cannot be read: {}", why.en),
        };
        all.push(Lead::Line { state: Some(State::Unknown), text });
    }
    all.push(signs(p, standing.as_ref(), now));
    all
}

fn silent(p: &Progress, now: EpochMs) -> bool {
    p.silent_ms(now).is_none_or(|ms| ms > SILENT_MS)
}

/// Whether the watch still stands for what it says of a job. A dead worker stays dead, whether its row is read or not.
pub(super) fn stands(p: &Progress, s: &Standing, now: EpochMs) -> bool {
    !silent(p, now) && (p.rows_gap().is_none() || s.worker.as_ref().is_some_and(Worker::is_gone))
}

/// Nothing for what is neither good nor bad: a job that has ended is judged by the next look.
fn state(f: &Facts, p: &Progress, s: &Standing, now: EpochMs) -> Option<State> {
    if silent(p, now) {
        return Some(State::Unknown);
    }
    match (&s.worker, &s.job.status) {
        (Some(worker), _) => match state_of_worker(s.job, worker, p.server(now), &f.env.thresholds) {
            // its row cannot be read any more: it may have failed since
            State::Ok if p.rows_gap().is_some() => Some(State::Unknown),
            state => Some(state),
        },
        (None, Status::Failed) => Some(State::Failed),
        (None, Status::Canceled) => Some(State::Warning),
        (None, Status::Completed) => None,
        (None, _) => Some(State::Unknown),
    }
}

fn headline(f: &Facts, s: &Standing) -> Text {
    let (id, kind) = (s.job.id, kind_word(&s.job.kind));
    let took = s.elapsed_ms.map(span).unwrap_or_default();
    let Some(step) = &s.step else {
        return ended(s, &kind, &took);
    };
    let doing = match s.copying {
        true => text!("正在复制到共享", "copying to the share"),
        false => step.text(),
    };
    match &s.worker {
        Some(worker) if worker.is_gone() => {
            let proof = proof(f, s.job, worker);
            Text {
                zh: format!("任务 {id}（{}）是幽灵：写着“{}”，其实已经死了。{}", kind.zh, doing.zh, proof.zh),
                en: format!(
                    "job {id} ({}) is a ghost: it says \"{}\" and is dead. {}",
                    kind.en, doing.en, proof.en
                ),
            }
        }
        Some(Worker::Still { .. }) => {
            let still = s.still_ms.map(span).unwrap_or_default();
            Text {
                zh: format!("任务 {id}（{}）可能卡住了：{}，已 {} 没有动静", kind.zh, doing.zh, still.zh),
                en: format!(
                    "job {id} ({}) may be stuck: {}, nothing moves for {}",
                    kind.en, doing.en, still.en
                ),
            }
        }
        _ => {
            let left = s.left.map(left).unwrap_or_default();
            Text {
                zh: format!("任务 {id}（{}）：{}，已 {}{}", kind.zh, doing.zh, took.zh, left.zh),
                en: format!("job {id} ({}): {}, for {}{}", kind.en, doing.en, took.en, left.en),
            }
        }
    }
}

fn ended(s: &Standing, kind: &Text, took: &Text) -> Text {
    let (id, bytes) = (s.job.id, s.bytes.unwrap_or_default());
    let why = s.job.detail.as_str();
    match &s.job.status {
        Status::Completed => Text {
            zh: format!(
                "任务 {id}（{}）刚刚结束，用时 {}，包 {bytes}；是否完整，以检查为准",
                kind.zh, took.zh
            ),
            en: format!(
                "job {id} ({}) has just ended after {}, its pack has {bytes}; whether it is whole, the check decides",
                kind.en, took.en
            ),
        },
        Status::Failed => Text {
            zh: format!("任务 {id}（{}）失败了，用时 {}：{why}", kind.zh, took.zh),
            en: format!("job {id} ({}) has failed after {}: {why}", kind.en, took.en),
        },
        Status::Canceled => Text {
            zh: format!("任务 {id}（{}）已被取消，写了 {bytes}", kind.zh),
            en: format!("job {id} ({}) was canceled, {bytes} were written", kind.en),
        },
        _ => Text {
            zh: format!("任务 {id}（{}）不再进行，状态不认识：{}", kind.zh, s.job.message),
            en: format!(
                "job {id} ({}) is not at work any more, in a state that is not known: {}",
                kind.en, s.job.message
            ),
        },
    }
}

fn left(left: Left) -> Text {
    match left {
        Left::TooFew => {
            text!(
                "；还要多久：不足 3 次，无法估计",
                "; how much longer: fewer than 3 earlier ones, no estimate"
            )
        }
        Left::About(ms) if ms < 10_000 => text!("，快要完成", ", about to end"),
        Left::About(ms) => {
            let ms = span(ms);
            Text { zh: format!("，预计还要 {}", ms.zh), en: format!(", about {} to go", ms.en) }
        }
        Left::Over => text!("，已超过平时的用时", ", longer than it usually takes"),
    }
}

/// What is written of what it usually is. The percentage of the row is not used: it goes back and forth.
fn gauge(s: &Standing, state: Option<State>) -> Option<Lead> {
    let bytes = s.bytes.filter(|_| s.step.is_some())?;
    let of_usual = |usual: Bytes| {
        let percent = u128::from(bytes.0) * 100 / u128::from(usual.0.max(1));
        u8::try_from(percent.min(99)).unwrap_or(99)
    };
    let mut words = match s.usual {
        Some(usual) => text!("{bytes}，平时约 {usual}", "{bytes}, usually about {usual}"),
        None => text!(
            "{bytes}，平时多大：不足 3 次，不知道",
            "{bytes}; fewer than 3 earlier packs, the usual size is not known"
        ),
    };
    if let Some(rate) = s.rate {
        words = Text { zh: format!("{}，{rate}/秒", words.zh), en: format!("{}, {rate}/s", words.en) };
    }
    let label = match s.copying {
        true => text!("已复制", "copied"),
        false => text!("已写入", "written"),
    };
    let state = state.unwrap_or(State::Unknown);
    Some(Lead::Gauges(vec![Gauge { label, percent: s.usual.map(of_usual), state, words }]))
}

fn slow(s: &Standing) -> Option<Text> {
    let (took, usual) = s.slow.map(|(took, usual)| (span(took), span(usual)))?;
    let step = s.step.as_ref()?.text();
    Some(Text {
        zh: format!("“{}”这一步比通常慢：已 {}，通常 {}", step.zh, took.zh, usual.zh),
        en: format!("\"{}\" is slower than usual: {} so far, usually {}", step.en, took.en, usual.en),
    })
}

fn pack_unseen(s: &Standing) -> Option<Lead> {
    let text = match (s.held, s.pack_gap) {
        (Some(pid), _) => text!(
            "共享没有响应，读取它的进程 {pid} 被卡住：看不到备份包，也不会再去读",
            "the share does not answer and holds the process {pid} that read it: the pack cannot be seen, and it is not asked again"
        ),
        (None, Some(gap)) => {
            let why = gap.text();
            Text {
                zh: format!("看不到它的备份包：{}", why.zh),
                en: format!("its pack cannot be seen: {}", why.en),
            }
        }
        (None, None) => return None,
    };
    Some(Lead::Line { state: Some(State::Unknown), text })
}

/// How old all this is.
fn signs(p: &Progress, s: Option<&Standing>, now: EpochMs) -> Lead {
    let Some(silent) = p.silent_ms(now) else {
        let text = text!("等待服务器的第一句话", "waiting for the server's first word");
        return Lead::Line { state: None, text };
    };
    let ago = span(silent);
    let mut text = match silent > SILENT_MS {
        true => Text {
            zh: format!("服务器已 {} 没有回话，以上可能已过时", ago.zh),
            en: format!("the server has said nothing for {}: what stands above may be outdated", ago.en),
        },
        false => Text {
            zh: format!("服务器 {}前还在回话", ago.zh),
            en: format!("the server spoke {} ago", ago.en),
        },
    };
    if let Some(still) = s.and_then(|s| s.still_ms).map(span) {
        text.zh.push_str(&format!("；最近一次变化在 {}前", still.zh));
        text.en.push_str(&format!("; the last change was {} ago", still.en));
    }
    if let Some(helper) = s.and_then(|s| s.helper) {
        text.zh.push_str(&format!("；打包容器 {helper} 在运行"));
        text.en.push_str(&format!("; the packing container {helper} runs"));
    }
    let others: Vec<String> = s.iter().flat_map(|s| &s.others).map(ToString::to_string).collect();
    if !others.is_empty() {
        text.zh.push_str(&format!("；还有任务 {}", others.join("、")));
        text.en.push_str(&format!("; there are more jobs: {}", others.join(", ")));
    }
    Lead::Line { state: (silent > SILENT_MS).then_some(State::Unknown), text }
}
