//! The corpus and its mutations. What fails is printed with its number and kept as a file for `cargo xtask fuzz`.

use attache_fuzz::{Mutator, TARGETS, Target, corpus, folder, target};
use std::collections::BTreeSet;
use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::time::{Duration, Instant};

/// The first number of the ordinary run.
const NUMBER: u64 = 1;
/// How long each target is mutated in the long run.
const LONG_SECONDS: u64 = 60;

/// Gives the target one input; where a promise breaks, says how to come back to it.
fn give(target: &Target, what: &str, bytes: &[u8]) {
    let Err(panic) = catch_unwind(AssertUnwindSafe(|| (target.run)(bytes))) else { return };
    let kept = std::env::temp_dir().join(format!("attache-fuzz-{}", target.name));
    fs::write(&kept, bytes).unwrap();
    eprintln!(
        "{}: {what} breaks a promise; the {} bytes are in {}",
        target.name,
        bytes.len(),
        kept.display()
    );
    resume_unwind(panic);
}

/// One mutation, which follows from its number alone.
fn mutate(target: &Target, seeds: &[attache_fuzz::Seed], number: u64) {
    let mut mutator = Mutator::new(number);
    let seed = &seeds[mutator.place(seeds.len())];
    let other = &seeds[mutator.place(seeds.len())];
    let bytes = mutator.change(&seed.bytes, &other.bytes, target.words);
    give(target, &format!("mutation {number} (of {})", seed.name), &bytes);
}

fn replay_and_mutate(name: &str) {
    let target = target(name).unwrap();
    let seeds = corpus(target).unwrap();
    for seed in &seeds {
        give(target, &format!("seed {}", seed.name), &seed.bytes);
        give(target, "the empty input", &[]);
    }
    for number in NUMBER..NUMBER + u64::from(target.rounds) {
        mutate(target, &seeds, number);
    }
}

macro_rules! targets {
    ($($test:ident: $name:literal),* $(,)?) => {
        $(#[test]
        fn $test() {
            replay_and_mutate($name);
        })*

        const TESTED: &[&str] = &[$($name),*];
    };
}

targets! {
    envelopes_keep_their_promises: "envelope",
    papers_keep_their_promises: "paper",
    acts_keep_their_promises: "act",
    containers_keep_their_promises: "container",
    manifests_keep_their_promises: "manifest",
    policies_keep_their_promises: "policy",
    key_access_objects_keep_their_promises: "key-access",
    labels_keep_their_promises: "label",
    assertions_keep_their_promises: "assertion",
    chains_of_passages_keep_their_promises: "passage",
    public_keys_keep_their_promises: "keys",
    frames_keep_their_promises: "frame",
    sessions_keep_their_promises: "session",
    dockets_have_one_form: "docket",
    notes_keep_their_promises: "note",
    proof_files_keep_their_promises: "proof-file",
    requests_to_a_witness_keep_their_promises: "witness",
    proofs_of_a_fork_keep_their_promises: "fork",
    verifier_keys_keep_their_promises: "vkey",
    tile_paths_keep_their_promises: "path",
    bundles_keep_their_promises: "bundle",
    opened_fields_keep_their_promises: "opened",
    proofs_keep_their_promises: "proof",
    key_files_keep_their_promises: "key-file",
    archives_keep_their_promises: "archive",
    shares_of_a_root_keep_their_promises: "shares",
    keyrings_keep_their_promises: "keyring",
    rule_packs_keep_their_promises: "pack",
    certificates_keep_their_promises: "certificate",
    handshakes_keep_their_promises: "handshake",
    requests_keep_their_promises: "request",
    uploads_keep_their_promises: "upload",
    evidence_folders_keep_their_promises: "evidence",
    folders_about_one_item_keep_their_promises: "item",
    confidentiality_labels_keep_their_promises: "stanag",
    sidecars_keep_their_promises: "sidecar",
    security_policies_keep_their_promises: "spif",
    requests_for_keys_keep_their_promises: "rewrap",
    proofs_of_possession_keep_their_promises: "possession",
    what_a_provider_outside_says_keeps_its_promises: "provider",
}

#[test]
fn every_target_is_tested_and_has_seeds_that_are_read() {
    let tested: BTreeSet<&str> = TESTED.iter().copied().collect();
    let all: BTreeSet<&str> = TARGETS.iter().map(|target| target.name).collect();
    assert_eq!(tested, all);
    for target in TARGETS {
        let seeds = corpus(target).unwrap();
        assert!(!seeds.is_empty(), "{} has no seeds", target.name);
        assert!(seeds.iter().all(|seed| seed.bytes.len() <= 512 * 1024), "{}", folder(target).display());
    }
    let folders = fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/corpus")).unwrap().count();
    assert_eq!(folders, TARGETS.len(), "a folder without a target");
}

#[test]
fn the_same_number_gives_the_same_mutation() {
    let change = || Mutator::new(7).change(b"a seed of some length", b"another", &["word"]);
    assert_eq!(change(), change());
    assert_ne!(change(), Mutator::new(8).change(b"a seed of some length", b"another", &["word"]));
}

mod long {
    use super::*;

    #[test]
    #[ignore = "a minute for each target; the number is printed, so that a failure can be come back to"]
    fn every_target_keeps_its_promises_for_a_minute() {
        for target in TARGETS {
            let seeds = corpus(target).unwrap();
            let begun = Instant::now();
            let first = u64::from(std::process::id()) << 32;
            let mut number = first;
            while begun.elapsed() < Duration::from_secs(LONG_SECONDS) {
                mutate(target, &seeds, number);
                number += 1;
            }
            println!("{}: {} mutations from number {first}", target.name, number - first);
        }
    }
}
