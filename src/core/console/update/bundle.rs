//! The box of a bundle: asked for, shown, written on a yes.
use super::super::bundle::{Bundle, Ready, Stage};
use super::super::model::{Model, Notice};
use super::super::msg::{Effect, RunId};
use super::super::overlay::Overlay;
use super::link::next_run;
use super::table::stepped;
use crate::core::console::keymap::Action;
use crate::core::units::EpochMs;
use crate::i18n::Text;
use crate::text;

fn boxed(model: &mut Model) -> Option<&mut Bundle> {
    match &mut model.overlay {
        Some(Overlay::Bundle(bundle)) => Some(bundle),
        _ => None,
    }
}

/// Gathers its parts.
pub(super) fn ask(model: &mut Model, now: EpochMs) -> Vec<Effect> {
    let Some(env) = model.open().map(|s| s.key.clone()) else { return Vec::new() };
    let run = next_run(model);
    model.overlay = Some(Overlay::Bundle(Box::new(Bundle::asked(run, now))));
    vec![Effect::Bundle { env, run }]
}

/// Takes in what was gathered, unless nobody waits for it any more.
pub(super) fn bundled(model: &mut Model, answer: RunId, came: Result<Ready, Text>) {
    let Some(bundle) = boxed(model) else { return };
    if !matches!(bundle.stage, Stage::Gathering { run, .. } if run == answer) {
        return;
    }
    bundle.chosen = 0;
    bundle.stage = match came {
        Ok(ready) => Stage::Ready(Box::new(ready)),
        Err(said) => Stage::Failed { said },
    };
}

/// Enter: the chosen answer. Nothing is written but on a yes.
pub(super) fn confirm(model: &mut Model) -> Vec<Effect> {
    let run = next_run(model);
    let Some(bundle) = boxed(model) else { return Vec::new() };
    match &bundle.stage {
        Stage::Gathering { .. } => Vec::new(),
        Stage::Ready(ready) if bundle.chosen == 1 => {
            let (path, file) = (ready.path.clone(), ready.file.clone());
            bundle.stage = Stage::Writing { run, path: path.clone() };
            bundle.page = 0;
            vec![Effect::WriteBundle { run, path, file }]
        }
        Stage::Ready(_) => {
            model.overlay = None;
            model.notice = Some(Notice::Said(text!("没有写诊断包", "no bundle was written")));
            Vec::new()
        }
        _ => close(model),
    }
}

/// Takes in that it was written, or why not. Where its box is closed it is said all the same.
pub(super) fn written(model: &mut Model, answer: RunId, path: String, came: Result<(), Text>) {
    let stage = match came {
        Ok(()) => Stage::Written { path },
        Err(said) => Stage::Failed { said },
    };
    if let Some(bundle) = boxed(model)
        && matches!(&bundle.stage, Stage::Writing { run, .. } if *run == answer)
    {
        bundle.stage = stage;
        return;
    }
    model.notice = Some(match stage {
        Stage::Written { path } => {
            Notice::Said(text!("诊断包写好了：{path}", "the bundle is written: {path}"))
        }
        Stage::Failed { said } => Notice::Refused(said),
        _ => return,
    });
}

/// Closes the box; what is gathered is given up.
pub(super) fn close(model: &mut Model) -> Vec<Effect> {
    match model.overlay.take_if(|o| matches!(o, Overlay::Bundle(_))) {
        Some(Overlay::Bundle(bundle)) => match bundle.stage {
            Stage::Gathering { run, .. } => vec![Effect::Abandon { run }],
            _ => Vec::new(),
        },
        _ => Vec::new(),
    }
}

/// Moves in the box: to the other answer, or to another page of the list.
pub(super) fn moved(bundle: &mut Bundle, action: Action) {
    match action {
        Action::NextPage => bundle.page = bundle.page.wrapping_add(1),
        Action::PreviousPage => bundle.page = bundle.page.wrapping_sub(1),
        _ => bundle.chosen = stepped(bundle.chosen, bundle.answers(), action, 1),
    }
}
