//! The box of a bundle: gathered, shown as a list, and written only on a yes.
use super::deed::{DeedPage, Line};
use super::freshness::spinner;
use super::model::Model;
use super::msg::RunId;
use super::overlay::Overlay;
use crate::core::state::State;
use crate::core::units::EpochMs;
use crate::i18n::Text;
use crate::text;
use std::sync::Arc;

/// The box.
#[derive(Clone, Debug)]
pub struct Bundle {
    /// How far it is.
    pub stage: Stage,
    /// Pages turned; only the drawing knows how many there are.
    pub page: i32,
    /// The chosen answer; the first is not to write.
    pub chosen: usize,
}

/// How far a bundle is.
#[derive(Clone, Debug)]
pub enum Stage {
    /// Its parts are gathered.
    Gathering {
        /// The question's number.
        run: RunId,
        /// Since when.
        since: EpochMs,
    },
    /// It is packed, and not written.
    Ready(Box<Ready>),
    /// It is being written.
    Writing {
        /// The question's number.
        run: RunId,
        /// Where to.
        path: String,
    },
    /// It is written.
    Written {
        /// Where it lies.
        path: String,
    },
    /// There is none.
    Failed {
        /// Why, and that nothing was written.
        said: Text,
    },
}

/// A bundle that is packed.
#[derive(Clone, Debug, PartialEq)]
pub struct Ready {
    /// What is in it, what is not, and what was taken out.
    pub list: Vec<Text>,
    /// Some of it is missing.
    pub lacks: bool,
    /// Where it would be written.
    pub path: String,
    /// The file.
    pub file: Packed,
}

/// The bytes of a bundle.
#[derive(Clone, PartialEq)]
pub struct Packed(pub Arc<[u8]>);

impl std::fmt::Debug for Packed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Packed({} bytes)", self.0.len())
    }
}

impl Bundle {
    /// One whose parts are being gathered.
    pub(super) fn asked(run: RunId, since: EpochMs) -> Bundle {
        Bundle { stage: Stage::Gathering { run, since }, page: 0, chosen: 0 }
    }

    /// Answers that can be chosen.
    pub(super) fn answers(&self) -> usize {
        if matches!(self.stage, Stage::Ready(_)) { 2 } else { 0 }
    }
}

/// The box as lines.
pub fn page(model: &Model, now: EpochMs) -> Option<DeedPage> {
    let Some(Overlay::Bundle(bundle)) = &model.overlay else { return None };
    let back = || vec![Line::Faint(text!("Esc 返回", "Esc goes back"))];
    let (lines, foot) = match &bundle.stage {
        Stage::Gathering { since, .. } => {
            let waited = now.since(*since).max(0);
            let (spin, s) = (spinner(waited), waited / 1000);
            let lines = vec![
                Line::Warn(text!(
                    "{spin} 正在收集，已 {s} 秒；只读，不改服务器",
                    "{spin} gathering, {s} s; this only reads"
                )),
                Line::Plain(text!(
                    "检查、诊断、日志摘录、版本、操作记录、配置；密码和地址按规则抹掉。先给你看清单，答应了才写文件。",
                    "Check, diagnosis, excerpts of logs, versions, journal, configuration; secrets and addresses are taken out by rule. You see the list first; a file is written on a yes."
                )),
            ];
            (
                lines,
                vec![Line::Faint(text!("Esc 不等了，什么也不写", "Esc stops waiting; nothing is written"))],
            )
        }
        Stage::Ready(ready) => {
            let mut lines = Vec::new();
            if ready.lacks {
                let said = text!("有的部分没有取到，见清单", "some parts could not be had: see the list");
                lines.push(Line::Sign(State::Unknown, said));
            }
            lines.extend(ready.list.iter().cloned().map(Line::Plain));
            let pick =
                |n: usize, what: Text| Line::Pick { n: n + 1, chosen: bundle.chosen == n, what, why: None };
            let foot = vec![
                pick(0, text!("不写", "do not write it")),
                pick(1, text!("写成文件", "write the file")),
                Line::Faint(text!(
                    "上下选择，Enter 确定；PgDn 看清单的下一页   Esc 不写",
                    "Up and Down choose, Enter takes it; PgDn turns the list   Esc writes nothing"
                )),
            ];
            (lines, foot)
        }
        Stage::Writing { path, .. } => (vec![Line::Plain(text!("正在写 {path}", "writing {path}"))], back()),
        Stage::Written { path } => {
            let lines = vec![
                Line::Sign(State::Ok, text!("写好了，只有自己能读：", "written, for its owner only:")),
                Line::Code(path.clone()),
                Line::Plain(text!(
                    "按规则抹掉的不一定全：发出去之前自己看一遍。",
                    "Rules do not see everything: look into it before you send it."
                )),
            ];
            (lines, back())
        }
        Stage::Failed { said } => (vec![Line::Sign(State::Unknown, said.clone())], back()),
    };
    Some(DeedPage {
        title: text!("诊断包：发给帮忙的人", "bundle: for whoever helps"),
        head: text!("诊断包", "bundle"),
        lines,
        foot,
        field: None,
    })
}
