//! Evidence that was taken of running nodes, each at a moment of its own, in the midst of what they exchange.

use crate::folder::{Evidence, failed};
use attache_exercise::{Extent, Scene, evidence_amid};
use attache_verify::Outcome;
use std::collections::{BTreeMap, BTreeSet};

/// What is said of what lies behind the other's checkpoint.
const MOMENTS: [&str; 2] = ["does not reach so far", "past the checkpoint"];

/// The parts of the nodes, each of one of these moments, in every order of them. None fails; the checks that say of what a node has from
/// another one that the other's evidence may be of before it, and whether acts were handed out at the last moment.
fn in_every_order(
    scene: Scene,
    seed: u64,
    often: (usize, usize),
    extent: Extent,
) -> (BTreeSet<&'static str>, bool) {
    let moments = evidence_amid(scene, seed, often, extent).unwrap();
    let trust = moments[0].fingerprints.clone();
    let all: Vec<Evidence> = moments
        .into_iter()
        .map(|played| Evidence { files: played.files, fingerprints: played.fingerprints })
        .collect();
    let names: BTreeSet<String> =
        all[0].files.keys().filter_map(|path| Some(path.split_once('/')?.0.to_owned())).collect();
    let has_acts = all.last().is_some_and(|moment| moment.files.keys().any(|path| path.contains("/acts/")));
    let mut before = BTreeSet::new();
    for order in 0..all.len().pow(names.len() as u32) {
        let mut files: BTreeMap<String, Vec<u8>> = BTreeMap::new();
        files.insert("evidence.json".into(), all[0].files["evidence.json"].clone());
        let mut taken = order;
        for name in &names {
            let moment = &all[taken % all.len()];
            taken /= all.len();
            let part = moment.files.iter().filter(|(path, _)| path.starts_with(&format!("{name}/")));
            files.extend(part.map(|(path, bytes)| (path.clone(), bytes.clone())));
        }
        if scene == Scene::Hub {
            // Asking each ruling again takes longest, and no moment changes what comes of it.
            files.retain(|path, _| !path.contains("/rulings/") && !path.contains("/packs/"));
        }
        let told = Evidence { files: BTreeMap::new(), fingerprints: trust.clone() }.report(&files);
        assert_eq!(failed(&told), [""; 0], "order {order} of seed {seed}: {}", told.plain());
        before.extend(told.findings.iter().filter_map(|found| match &found.outcome {
            Outcome::NotShown(why) if MOMENTS.iter().any(|words| why.contains(words)) => Some(found.check),
            _ => None,
        }));
    }
    (before, has_acts)
}

#[test]
fn two_nodes_amid_their_exchanges_are_never_accused_whichever_is_taken_first() {
    let (before, _) = in_every_order(Scene::Two, 7, (5, 25), Extent::Acts);
    assert!(before.is_superset(&["V-007", "V-008"].into()), "{before:?}");
}

#[test]
fn openings_amid_their_answers_are_nobodys_fault_whichever_node_is_taken_first() {
    let (before, _) = in_every_order(Scene::Openings, 1, (5, 12), Extent::Rulings);
    assert!(before.is_superset(&["V-070", "V-071"].into()), "{before:?}");
}

#[test]
fn passages_on_their_way_are_nobodys_fault_whichever_of_three_nodes_is_taken_first() {
    let (before, has_acts) = in_every_order(Scene::Hub, 9, (3, 120), Extent::Rulings);
    assert!(has_acts, "nothing was passed on");
    assert!(before.is_superset(&["V-007", "V-008"].into()), "{before:?}");
}

#[test]
fn letters_on_their_way_are_nobodys_fault_whichever_of_three_nodes_is_taken_first() {
    let (before, _) = in_every_order(Scene::BlindHub, 2, (3, 60), Extent::Acts);
    assert!(before.is_superset(&["V-063", "V-064"].into()), "{before:?}");
}

#[test]
#[ignore = "long: every order of many moments of many runs"]
fn nodes_amid_whatever_they_do_are_never_accused() {
    for seed in 0..4 {
        in_every_order(Scene::Two, seed, (10, 12), Extent::Rulings);
        in_every_order(Scene::Openings, seed, (10, 8), Extent::Rulings);
        in_every_order(Scene::Hub, seed, (5, 30), Extent::Rulings);
        in_every_order(Scene::BlindHub, seed, (5, 30), Extent::Acts);
    }
}
