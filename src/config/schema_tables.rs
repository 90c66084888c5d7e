//! `[paths]`, `[containers]`, `[thresholds]`.
use super::check;
use super::model::{Containers, Paths, Thresholds};
use super::reader::{At, Reader};
use super::rules;
use super::schema::over;
use super::section::Section;

/// `[paths]` as far as it was written.
#[derive(Clone, Default)]
pub(super) struct PathsLayer {
    mount_point: Option<At<String>>,
    pack_folder: Option<At<String>>,
    credentials_file: Option<At<String>>,
    app_folder: Option<At<String>>,
    database: Option<At<String>>,
    compose_file: Option<At<String>>,
    legacy_pack_folders: Option<At<Vec<String>>>,
}

/// `[containers]` as far as it was written.
#[derive(Clone, Default)]
pub(super) struct ContainersLayer([Option<At<String>>; 5]);

/// `[thresholds]` as far as it was written.
#[derive(Clone, Default)]
pub(super) struct ThresholdsLayer([Option<At<u64>>; 10]);

/// Reads `[paths]`.
pub(super) fn paths_layer(reader: &mut Reader, s: &Section) -> PathsLayer {
    let rule = rules::server_path;
    PathsLayer {
        mount_point: s.text(reader, "mount_point", rule),
        pack_folder: s.text(reader, "pack_folder", rule),
        credentials_file: s.text(reader, "credentials_file", rule),
        app_folder: s.text(reader, "app_folder", rule),
        database: s.text(reader, "database", rule),
        compose_file: s.text(reader, "compose_file", rule),
        legacy_pack_folders: s.texts(reader, "legacy_pack_folders", rule),
    }
}

/// Reads `[containers]`.
pub(super) fn containers_layer(reader: &mut Reader, s: &Section) -> ContainersLayer {
    ContainersLayer([
        s.text(reader, "backend", rules::container),
        s.text(reader, "frontend", rules::container),
        s.text(reader, "compose_project", rules::container),
        s.text(reader, "health_url", rules::url),
        s.text(reader, "database_inside", rules::server_path),
    ])
}

/// Reads `[thresholds]`.
pub(super) fn thresholds_layer(reader: &mut Reader, s: &Section) -> ThresholdsLayer {
    ThresholdsLayer([
        s.number(reader, "start_grace_min", 0..1441),
        s.number(reader, "finish_grace_min", 1..10081),
        s.number(reader, "stuck_after_min", 1..1441),
        s.number(reader, "disk_warn_percent", 1..101),
        s.number(reader, "disk_fail_percent", 1..101),
        s.number(reader, "room_percent", 10..1001),
        s.number(reader, "shrink_percent", 0..101),
        s.number(reader, "clock_skew_s", 1..86401),
        s.number(reader, "lock_ttl_h", 1..721),
        s.number(reader, "share_answer_s", 1..61),
    ])
}

/// Absent paths follow the folder that they lie in.
pub(super) fn paths(reader: &mut Reader, s: &Section, own: &PathsLayer, global: &PathsLayer) -> Paths {
    let base = Paths::default();
    let mount = over(&own.mount_point, &global.mount_point);
    let pack = over(&own.pack_folder, &global.pack_folder);
    check::pack_inside_mount(reader, &s.span, mount.as_ref(), pack.as_ref());
    let value = |found: Option<At<String>>| found.map(|v| v.value);
    let app = value(over(&own.app_folder, &global.app_folder)).unwrap_or(base.app_folder);
    let mount = value(mount).unwrap_or(base.mount_point);
    Paths {
        pack_folder: value(pack).unwrap_or_else(|| format!("{mount}/RagflowAuth")),
        credentials_file: value(over(&own.credentials_file, &global.credentials_file))
            .unwrap_or(base.credentials_file),
        database: value(over(&own.database, &global.database))
            .unwrap_or_else(|| format!("{app}/data/auth.db")),
        compose_file: value(over(&own.compose_file, &global.compose_file))
            .unwrap_or_else(|| format!("{app}/ragflow_compose/docker-compose.yml")),
        legacy_pack_folders: over(&own.legacy_pack_folders, &global.legacy_pack_folders)
            .map_or_else(|| vec![format!("{app}/backups"), format!("{app}/data/backups")], |l| l.value),
        app_folder: app,
        mount_point: mount,
    }
}

/// The values of an environment: its own, else those for all, else the defaults.
pub(super) fn containers(own: &ContainersLayer, global: &ContainersLayer) -> Containers {
    let base = Containers::default();
    let ContainersLayer(mine) = own;
    let ContainersLayer(all) = global;
    let mut found = mine.iter().zip(all).map(|(o, g)| over(o, g).map(|v| v.value));
    let mut next = |default: String| found.next().flatten().unwrap_or(default);
    Containers {
        backend: next(base.backend),
        frontend: next(base.frontend),
        compose_project: next(base.compose_project),
        health_url: next(base.health_url),
        database_inside: next(base.database_inside),
    }
}

/// The values of an environment: its own, else those for all, else the defaults.
pub(super) fn thresholds(
    reader: &mut Reader,
    s: &Section,
    own: &ThresholdsLayer,
    global: &ThresholdsLayer,
) -> Thresholds {
    let base = Thresholds::default();
    let ThresholdsLayer(mine) = own;
    let ThresholdsLayer(all) = global;
    // where a later check puts its finger: the last of the environment's own values, else the environment
    let span = mine
        .iter()
        .flatten()
        .next_back()
        .or(all.iter().flatten().next_back())
        .map_or(s.span.clone(), |v| v.span.clone());
    let mut found = mine.iter().zip(all).map(|(o, g)| over(o, g).map(|v| v.value));
    // the ranges above keep every number within its type
    let mut next =
        |default: u32| found.next().flatten().and_then(|n| u32::try_from(n).ok()).unwrap_or(default);
    let percent = |n: u32| u8::try_from(n).unwrap_or(100);
    let result = Thresholds {
        start_grace_min: next(base.start_grace_min),
        finish_grace_min: next(base.finish_grace_min),
        stuck_after_min: next(base.stuck_after_min),
        disk_warn_percent: percent(next(base.disk_warn_percent.into())),
        disk_fail_percent: percent(next(base.disk_fail_percent.into())),
        room_percent: next(base.room_percent),
        shrink_percent: next(base.shrink_percent),
        clock_skew_s: next(base.clock_skew_s),
        lock_ttl_h: next(base.lock_ttl_h),
        share_answer_s: next(base.share_answer_s),
    };
    check::thresholds_in_order(reader, &span, &result);
    result
}
