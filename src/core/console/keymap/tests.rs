use super::*;
use crate::core::console::Code;

#[test]
fn at_one_place_a_key_means_one_thing() {
    for place in Place::ALL {
        let keys: Vec<Key> = at(place).flat_map(|b| b.keys.iter().copied()).collect();
        for (n, key) in keys.iter().enumerate() {
            assert!(!keys[..n].contains(key), "{place:?}: {key:?} twice");
        }
    }
}

#[test]
fn a_footer_has_at_most_five_hints() {
    for place in Place::ALL {
        let hints = at(place).filter(|b| b.footer.is_some()).count();
        assert!((1..=5).contains(&hints), "{place:?}: {hints}");
    }
}

#[test]
fn help_the_palette_and_the_way_back_need_no_letter() {
    for place in [Place::Picker, Place::Overview, Place::Table, Place::Diagnosis, Place::Logs] {
        for wanted in [Action::Help, Action::Palette, Action::Language] {
            let found = at(place).find(|b| b.action == wanted).unwrap();
            assert!(matches!(found.keys[0].code, Code::F(_)), "{place:?} {wanted:?}");
        }
    }
    for place in Place::ALL {
        assert_eq!(action(place, Key::of(Code::Esc)), Some(Action::Back), "{place:?}");
        assert_eq!(action(place, Key::ctrl('c')), Some(Action::Cancel), "{place:?}");
    }
}

/// Whatever has only a letter is found in the palette, which opens with an F-key and is used with arrows.
#[test]
fn every_action_is_reached_with_f_keys_and_arrows() {
    let plain = |key: &Key| !matches!(key.code, Code::Char(_)) && !key.ctrl;
    for place in [Place::Picker, Place::Overview, Place::Table, Place::Diagnosis, Place::Logs] {
        for binding in at(place) {
            let reached = binding.found_by.is_some() || binding.keys.iter().any(plain);
            // a digit opens what the arrows and Enter open
            let digits = binding.action == Action::OpenNth;
            // these belong to the terminal and its shell
            let shell = matches!(binding.action, Action::Suspend | Action::Cancel | Action::Redraw);
            assert!(reached || digits || shell, "{place:?}: {:?}", binding.action);
        }
    }
}

#[test]
fn no_small_letter_and_no_f_key_changes_a_server() {
    for binding in BINDINGS {
        if let Action::Change(_) = binding.action {
            assert!(
                binding.keys.iter().all(|k| matches!(k.code, Code::Char('A'..='Z'))),
                "{:?}",
                binding.action
            );
        }
    }
}
