//! Nights of backups: what the scenario says, from now backwards, as rows of the jobs table and packs on the share.
use super::packs::{Pack, Place, parts, scaled_parts};
use super::spec::{JobSpec, PackKind, Spec};
use super::state::Job;
use super::timeline::{Anchors, DAY, HOUR, MINUTE, nightly, pack_name};
use crate::core::units::EpochMs;

/// What the past left.
#[derive(Clone, Debug)]
pub(super) struct History {
    /// Oldest first.
    pub(super) jobs: Vec<Job>,
    pub(super) packs: Vec<Pack>,
}

/// Time from a day's full backup to its incremental one.
const FULL_BEFORE: i64 = 2 * HOUR;

/// The moments of a scenario on one server, `now` being the server's clock.
pub(super) fn anchors(spec: &Spec, now: EpochMs) -> Result<Anchors, super::DemoError> {
    let mut anchors = Anchors { now, slot: now, boot: now, job: now };
    anchors.slot = if spec.slot == "nightly" {
        nightly(now).plus_ms(spec.slot_offset_min * MINUTE)
    } else {
        let at = anchors.at(&spec.slot)?;
        at.plus_ms(-at.0.rem_euclid(MINUTE))
    };
    anchors.boot = anchors.at(&spec.host.boot)?;
    anchors.job = start(spec, anchors.slot, 0);
    Ok(anchors)
}

/// The newest slot of the weekly full schedule.
pub(super) fn full_slot(spec: &Spec, anchors: &Anchors) -> EpochMs {
    anchors.slot.plus_ms(-spec.history.full_nights_ago * DAY - FULL_BEFORE)
}

/// The history of one server.
pub(super) fn make(spec: &Spec, env: &str, anchors: &Anchors) -> History {
    let mut made = History { jobs: Vec::new(), packs: Vec::new() };
    let h = &spec.history;
    for night in (h.missing_nights..h.nights).rev() {
        let slot = anchors.slot.plus_ms(-night * DAY);
        if (night - h.full_nights_ago).rem_euclid(7) == 0 {
            let own =
                (night - h.full_nights_ago < 7 && night >= h.full_nights_ago).then_some(&spec.last_full);
            add(&mut made, spec, env, "full", slot.plus_ms(-FULL_BEFORE), night, own);
        }
        let own = (night == h.missing_nights).then_some(&spec.last);
        add(&mut made, spec, env, "incremental", slot, night, own);
    }
    made
}

/// When the scheduler started the job of a slot.
fn start(spec: &Spec, slot: EpochMs, night: i64) -> EpochMs {
    let late = if night == 0 { 0 } else { noise(night + spec.history.first_id, 40_000) };
    slot.plus_ms(spec.history.start_after_s * 1000 + late + noise(night - spec.history.first_id, 900))
}

/// One job of a slot and its pack; as in a good night, unless the scenario has its `own` say.
fn add(
    made: &mut History,
    spec: &Spec,
    env: &str,
    kind: &str,
    slot: EpochMs,
    night: i64,
    own: Option<&JobSpec>,
) {
    let begun = start(spec, slot, night);
    let good = if spec.history.replicated {
        "备份完成（已同步）"
    } else {
        "备份完成（已在共享目录）"
    };
    let pack_kind = own.map_or(PackKind::Complete, |o| o.pack);
    let whole = scaled_parts(spec, kind, night);
    let bytes: u64 = whole.iter().map(|p| p.1).sum();
    let usual_s = 20 + i64::try_from(bytes / 1024 / spec.sizes.written_each_s.max(1)).unwrap_or_default();
    let took_s = own.and_then(|o| o.took_s).unwrap_or(usual_s);
    let status = own.map_or("completed", |o| o.status.as_str());
    let live = matches!(status, "queued" | "running" | "canceling");
    let ended = begun.plus_ms(took_s * 1000 + noise(night + 5, 900));

    let name = pack_name(begun.plus_ms(1830));
    let place = place(spec, night, pack_kind);
    let files = parts(&whole, pack_kind);
    // the message of a half-written volume tells how much of it is there
    let half_mb = files.iter().map(|f| f.1).nth(1).unwrap_or_default() >> 20;
    made.jobs.push(Job {
        id: spec.history.first_id + made.jobs.len() as i64,
        kind: kind.into(),
        status: status.into(),
        progress: own.map_or(100, |o| o.progress),
        message: own.map_or(good, |o| &o.message).replace("{mb}", &half_mb.to_string()),
        detail: own.map(|o| o.detail.clone()).unwrap_or_default(),
        output_dir: (pack_kind != PackKind::None).then(|| match &place {
            Place::Share(_) => format!("/mnt/replica/RagflowAuth/{name}"),
            // as the backend's container names it
            Place::Local => format!("/app/data/backups/{name}"),
        }),
        created_at_ms: begun.0 - 40,
        started_at_ms: Some(begun.0),
        finished_at_ms: (!live).then_some(ended.0),
        cancel_requested_at_ms: None,
        cancel_reason: None,
        canceled_at_ms: None,
    });
    if pack_kind == PackKind::None {
        return;
    }
    let written: u64 = files.iter().map(|f| f.1).sum();
    let partial_end = begun.plus_ms(scale_ms(written, bytes, usual_s * 1000));
    made.packs.push(Pack {
        env: env.into(),
        job: made.jobs.last().map_or(0, |j| j.id),
        place,
        name,
        begun,
        ended: if pack_kind == PackKind::Partial { partial_end } else { ended },
        completed: status == "completed",
        growing: pack_kind == PackKind::Growing,
        keeps: spec.settings.get("backup_retention_max").and_then(|v| v.as_u64()),
        replicated: spec.history.replicated && pack_kind == PackKind::Complete,
        files,
    });
}

/// Which folder of the box a night's pack went to.
fn place(spec: &Spec, night: i64, kind: PackKind) -> Place {
    if kind == PackKind::Local {
        Place::Local
    } else if night < spec.history.wrong_share_nights {
        Place::Share(super::facts::OTHER.into())
    } else {
        Place::Share(super::facts::SHARE.into())
    }
}

fn scale_ms(part: u64, whole: u64, ms: i64) -> i64 {
    let scaled = i128::from(part) * i128::from(ms) / i128::from(whole.max(1));
    i64::try_from(scaled).unwrap_or_default()
}

/// A number below `below` that looks random and is always the same for the same `n`.
pub(super) fn noise(n: i64, below: i64) -> i64 {
    let mut x = n.unsigned_abs().wrapping_add(0x9e37_79b9_7f4a_7c15);
    for shift in [30, 27, 31] {
        x = (x ^ (x >> shift)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    }
    i64::try_from(x >> 1).unwrap_or_default().rem_euclid(below.max(1))
}
