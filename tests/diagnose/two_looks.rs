//! An earlier look makes sure of what one look can only suppose.
use super::*;
use opsdeck::core::diagnose::Certainty;
use opsdeck::core::safetext::SafeText;

fn again(env: &Environment, look: &Snapshot, earlier: &Snapshot) -> Diagnosis {
    diagnose(env, look, Some(earlier), look.taken)
}

#[test]
fn a_backup_that_grew_between_two_looks_is_alive_for_sure() {
    let demo = asking::box_at("backup-running", MORNING);
    let (env, first) = asking::snapshot(&demo, "prod", MORNING.plus_ms(30_000));
    let (_, second) = asking::snapshot(&demo, "prod", MORNING.plus_ms(90_000));
    let d = again(&env, &second, &first);
    assert_eq!((roots(&d), d.findings[0].certainty), (vec!["running"], Certainty::Proved));
    assert!(
        d.findings[0].evidence.iter().any(|e| e.says.en.contains("grew")),
        "{:?}",
        d.findings[0].evidence
    );
    let alone = explained(&env, &second);
    assert_eq!(alone.findings[0].certainty, Certainty::Likely);
}

#[test]
fn a_stuck_job_that_was_as_it_is_says_so_with_the_age_of_both_looks() {
    let (env, second) = scene("stuck-job");
    let mut first = second.clone();
    first.taken = first.taken.plus_ms(-600_000);
    let d = diagnose(&env, &second, Some(&first), second.taken.plus_ms(5_000));
    let ages: Vec<i64> = d.findings[0].evidence.iter().map(|e| e.age_ms).collect();
    assert!(ages.contains(&605_000) && ages.contains(&5_000), "{ages:?}");
    assert_eq!(d.findings[0].certainty, Certainty::Likely);
}

#[test]
fn another_machine_that_answers_is_noticed() {
    let (env, second) = scene("healthy");
    let mut first = second.clone();
    first.identity.as_mut().unwrap().machine_id = SafeText::new("0123456789abcdef0123456789abcdef");
    let d = again(&env, &second, &first);
    assert_eq!((roots(&d), d.state), (vec!["wrong-server"], State::Failed));
    assert!(is_healthy(&again(&env, &second, &second)));
}
