//! The language-neutral vectors in `vectors/tlog`: for other implementers, and checked here as they would check them.
//! Run the ignored test to write them anew after a change of format; ML-DSA signatures are random and then differ.

mod make;

use attache_tlog::*;
use data_encoding::HEXLOWER;
use serde_json::Value;
use std::fs;
use std::path::PathBuf;

fn path(name: &str) -> PathBuf {
    PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../vectors/tlog")).join(name)
}

/// Checks each case of a file and that refusals outnumber acceptances.
fn check(name: &str, accepts: fn(&Value) -> bool) {
    let file: Value = serde_json::from_str(&fs::read_to_string(path(name)).unwrap()).unwrap();
    let cases = file["cases"].as_array().unwrap();
    for case in cases {
        assert_eq!(accepts(case), valid(case), "{name}: {}", case["name"]);
    }
    let good = cases.iter().filter(|case| valid(case)).count();
    assert!(good > 0 && good < cases.len() - good, "{name}: {good} good of {}", cases.len());
}

fn valid(case: &Value) -> bool {
    case["valid"].as_bool().unwrap()
}

fn text<'c>(case: &'c Value, field: &str) -> &'c str {
    case[field].as_str().unwrap()
}

fn bytes(case: &Value, field: &str) -> Vec<u8> {
    HEXLOWER.decode(text(case, field).as_bytes()).unwrap()
}

fn hash(case: &Value, field: &str) -> Hash {
    Hash(bytes(case, field).try_into().unwrap())
}

fn number(case: &Value, field: &str) -> u64 {
    case[field].as_u64().unwrap()
}

fn hashes(case: &Value) -> Vec<Hash> {
    let hex = |hash: &Value| HEXLOWER.decode(hash.as_str().unwrap().as_bytes()).unwrap();
    case["proof"].as_array().unwrap().iter().map(|hash| Hash(self::array(hex(hash)))).collect()
}

fn array(bytes: Vec<u8>) -> [u8; 32] {
    bytes.try_into().unwrap()
}

fn keys(case: &Value) -> Vec<VerifierKey> {
    case["keys"].as_array().unwrap().iter().map(|key| key.as_str().unwrap().parse().unwrap()).collect()
}

#[test]
fn the_leaf_vectors_open_as_they_should() {
    check("leaf.json", |case| {
        let (origin, index) = (Origin::new(text(case, "origin")).unwrap(), number(case, "index"));
        let opened = OpenedField {
            field: u8::try_from(number(case, "field")).unwrap(),
            salt: array(bytes(case, "field_salt")),
            value: bytes(case, "value"),
        };
        opened.verify(&origin, index, &bytes(case, "entry")).is_ok()
    });
}

#[test]
fn the_draft_of_the_leaf_vectors_makes_their_entry() {
    let file: Value = serde_json::from_str(&fs::read_to_string(path("leaf.json")).unwrap()).unwrap();
    let draft = &file["draft"];
    let values = draft["fields"].as_array().unwrap();
    let fields =
        std::array::from_fn(|field| HEXLOWER.decode(values[field].as_str().unwrap().as_bytes()).unwrap());
    let made = LeafDraft { salt: array(bytes(draft, "entry_salt")), fields };
    let entry = made.entry(&Origin::new(text(draft, "origin")).unwrap(), number(draft, "index"));
    assert_eq!(entry.as_slice(), bytes(draft, "entry"));
    assert_eq!(leaf_hash(&entry), hash(draft, "leaf_hash"));
}

#[test]
fn the_inclusion_vectors_come_out_as_they_should() {
    check("inclusion.json", |case| {
        let (leaf, root) = (hash(case, "leaf_hash"), hash(case, "root"));
        verify_inclusion(&leaf, number(case, "index"), number(case, "size"), &hashes(case), &root).is_ok()
    });
}

#[test]
fn the_consistency_vectors_come_out_as_they_should() {
    check("consistency.json", |case| {
        let (old_root, new_root) = (hash(case, "old_root"), hash(case, "new_root"));
        let (old, new) = (number(case, "old"), number(case, "new"));
        verify_consistency(old, new, &old_root, &new_root, &hashes(case)).is_ok()
    });
}

#[test]
fn the_checkpoint_vectors_open_as_they_should() {
    check("checkpoint.json", |case| open_checkpoint(text(case, "note"), &keys(case)).is_ok());
}

#[test]
fn the_cosignature_vectors_verify_as_they_should() {
    check("cosignature.json", |case| {
        let Ok(note) = SignedNote::parse(text(case, "note")) else { return false };
        let keys = keys(case);
        note.verify(&keys).is_ok_and(|verified| verified[0].time == case["time"].as_u64())
    });
}

#[test]
fn the_tile_path_vectors_read_as_they_should() {
    check("tile_path.json", |case| {
        let path = text(case, "path");
        let tile = path.parse::<TileId>().map(|tile| (Some(u64::from(tile.level)), tile.index, tile.width));
        let bundle = path.parse::<BundleId>().map(|bundle| (None, bundle.index, bundle.width));
        let named = |(level, index, width): (Option<u64>, u64, u16)| {
            (level, Some(index), Some(u64::from(width)))
                == (case["level"].as_u64(), case["index"].as_u64(), case["width"].as_u64())
        };
        tile.or(bundle).is_ok_and(named)
    });
}

#[test]
fn the_fork_vectors_come_out_as_they_should() {
    check("fork.json", |case| {
        let Ok(file) = text(case, "file").parse::<ForkProof>() else { return false };
        assert_eq!(file.to_string(), text(case, "file"), "a proof of a fork has one form");
        match file.judge(&keys(case)) {
            Ok((fork, _)) => {
                let says = if matches!(fork, Fork::TwoRoots { .. }) { "two roots" } else { "not shown" };
                assert_eq!(case["says"], says, "{}", case["name"]);
                true
            }
            Err(_) => false,
        }
    });
}

#[test]
#[ignore = "writes the vectors"]
fn write_the_vectors() {
    for (name, file) in make::files() {
        let text = serde_json::to_string_pretty(&file).unwrap() + "\n";
        fs::write(path(name), text).unwrap();
    }
}
