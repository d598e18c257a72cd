//! What a witness refuses, and how it says so.

use crate::checkpoints::{Keys, ORIGIN};
use crate::naive::{self, Tiles, leaves};
use attache_tlog::*;

fn signed(keys: &Keys, size: u64, root: Hash) -> String {
    keys.sign(&Checkpoint { origin: Origin::new(ORIGIN).unwrap(), size, root, extensions: vec![] })
}

fn root(size: usize) -> Hash {
    naive::root(&leaves(300)[..size])
}

fn request(keys: &Keys, old: u64, new: u64) -> AddCheckpoint {
    let proof = prove_consistency(&Tiles::grown(&leaves(300), 300), old, new).unwrap();
    AddCheckpoint::new(old, proof, &signed(keys, new, root(new as usize))).unwrap()
}

#[test]
fn a_witness_goes_on_from_where_it_stands() {
    let keys = Keys::of_test();
    assert!(request(&keys, 0, 100).check(&keys.log(), None).is_ok());
    assert!(request(&keys, 100, 300).check(&keys.log(), Some((100, root(100)))).is_ok());
    assert!(request(&keys, 300, 300).check(&keys.log(), Some((300, root(300)))).is_ok());
}

#[test]
fn a_witness_tells_a_log_that_is_elsewhere_where_it_stands() {
    let keys = Keys::of_test();
    let refusal = request(&keys, 100, 300).check(&keys.log(), Some((200, root(200))));
    assert_eq!(refusal, Err(WitnessRefusal::OtherSize { size: 200 }));
    assert_eq!(request(&keys, 100, 300).check(&keys.log(), None), Err(WitnessRefusal::OtherSize { size: 0 }));
    assert_eq!(refusal.unwrap_err().http_status(), 409);
}

#[test]
fn a_witness_does_not_cosign_a_forked_log() {
    let keys = Keys::of_test();
    let forked = leaf_hash(b"another history");
    let refusal = request(&keys, 100, 300).check(&keys.log(), Some((100, forked)));
    assert_eq!(refusal, Err(WitnessRefusal::Inconsistent));
    let same_size = request(&keys, 300, 300).check(&keys.log(), Some((300, forked)));
    assert_eq!(same_size, Err(WitnessRefusal::Inconsistent));
    assert_eq!(refusal.unwrap_err().http_status(), 422);
}

#[test]
fn a_witness_cosigns_only_what_all_keys_of_the_log_signed() {
    let keys = Keys::of_test();
    let checkpoint = Checkpoint::parse(request(&keys, 0, 9).checkpoint().text()).unwrap();
    let half = sign_checkpoint(&checkpoint, &[&keys.ed25519]).unwrap();
    let refusal = AddCheckpoint::new(0, vec![], &half).unwrap().check(&keys.log(), None);
    assert_eq!(refusal, Err(WitnessRefusal::NotSignedByLog));
    assert_eq!(refusal.unwrap_err().http_status(), 403);
}

#[test]
fn an_old_size_over_the_new_one_is_a_bad_request() {
    let keys = Keys::of_test();
    let backwards = AddCheckpoint::new(300, vec![], &signed(&keys, 100, root(100))).unwrap();
    let refusal = backwards.check(&keys.log(), Some((300, root(300))));
    assert_eq!(refusal, Err(WitnessRefusal::OldOverNew));
    assert_eq!(refusal.unwrap_err().http_status(), 400);
}

#[test]
fn a_malformed_request_is_refused() {
    let body = request(&Keys::of_test(), 100, 300).to_string();
    assert!(body.parse::<AddCheckpoint>().is_ok());
    let hash_line = format!("{}\n", root(1).to_base64());
    let changed = [
        body.replacen("old 100", "old 0100", 1),
        body.replacen("old 100", "old +100", 1),
        body.replacen("old 100", "size 100", 1),
        body.replacen("old 100\n", "", 1),
        body.replacen("old 100\n", &format!("old 100\n{}", hash_line.repeat(64)), 1),
        body.replacen("old 100\n", "old 100\nnot a hash\n", 1),
        body.replacen("\n\n", "\n", 1),
        body.replace('\n', "\r\n"),
        body.trim_end().to_owned(),
        String::new(),
    ];
    for body in changed {
        assert_eq!(body.parse::<AddCheckpoint>(), Err(WitnessRefusal::Malformed), "{body}");
    }
}
