//! How the vectors are made: good cases, and what an adversary or a careless implementer makes of them.

use crate::checkpoints::{Keys, ORIGIN, checkpoint};
use crate::naive::{self, leaves};
use attache_tlog::*;
use data_encoding::{BASE64, HEXLOWER};
use serde_json::{Value, json};

pub fn files() -> Vec<(&'static str, Value)> {
    vec![
        ("leaf.json", leaf()),
        ("inclusion.json", inclusion()),
        ("consistency.json", consistency()),
        ("checkpoint.json", checkpoints()),
        ("cosignature.json", cosignatures()),
        ("tile_path.json", tile_paths()),
        ("fork.json", forks()),
    ]
}

fn hex(bytes: impl AsRef<[u8]>) -> String {
    HEXLOWER.encode(bytes.as_ref())
}

fn hex_all(hashes: &[Hash]) -> Vec<String> {
    hashes.iter().map(|hash| hex(hash.0)).collect()
}

fn leaf() -> Value {
    let origin = Origin::new(ORIGIN).unwrap();
    let mut fields: [Vec<u8>; FIELDS] = Default::default();
    for (value, text) in
        fields.iter_mut().zip(["release", "7", "out", "JPN", "report", "II", "2026-11-24", "granted"])
    {
        *value = text.as_bytes().to_vec();
    }
    fields[15] = leaf_hash(b"the event bytes").0.to_vec();
    let draft = LeafDraft { salt: std::array::from_fn(|place| place as u8), fields };
    let entry = draft.entry(&origin, 5);
    let case = |name: &str, valid, origin: &str, index: u64, opened: &OpenedField, entry: &[u8]| {
        json!({"name": name, "valid": valid, "origin": origin, "index": index, "field": opened.field,
            "field_salt": hex(opened.salt), "value": hex(&opened.value), "entry": hex(entry)})
    };
    let good = |name, field| case(name, true, ORIGIN, 5, &draft.open(field), &entry);
    let bad = |name, opened: &OpenedField| case(name, false, ORIGIN, 5, opened, &entry);
    let first = draft.open(0);
    let with_value = |value: &[u8]| changed(&first, |opened| opened.value = value.to_vec());
    let mut version_2 = entry;
    version_2[14] = b'2';
    let mut bit_changed = entry;
    bit_changed[16] ^= 1;
    let cases = vec![
        good("the first field", 0),
        good("an absent field", 9),
        good("the last field", 15),
        case("another index", false, ORIGIN, 6, &first, &entry),
        case("another log", false, "node-b.example/log", 5, &first, &entry),
        bad("another value", &with_value(b"refuse")),
        bad("a value with a zero byte more", &with_value(b"release\0")),
        bad("a value cut short", &with_value(b"releas")),
        bad("a present field said to be absent", &with_value(b"")),
        bad("an absent field said to be present", &changed(&draft.open(9), |opened| opened.value = vec![0])),
        bad("the salt of another field", &changed(&first, |opened| opened.salt = draft.open(1).salt)),
        bad("the entry salt in place of the field's", &changed(&first, |opened| opened.salt = draft.salt)),
        bad("the field under another number", &changed(&first, |opened| opened.field = 1)),
        bad("a field that there is not", &draft.open(16)),
        bad("the highest number there is", &draft.open(255)),
        case("a leaf of another version", false, ORIGIN, 5, &first, &version_2),
        case("a bit changed in the commitment", false, ORIGIN, 5, &first, &bit_changed),
        case("an entry cut short", false, ORIGIN, 5, &first, &entry[..LEAF_BYTES - 1]),
        case("an entry with a byte more", false, ORIGIN, 5, &first, &[&entry[..], &[0]].concat()),
        case("no entry", false, ORIGIN, 5, &first, b""),
    ];
    let values: Vec<String> = draft.fields.iter().map(hex).collect();
    json!({
        "about": "Leaves of 16 commitments. Hexadecimal throughout. valid: the entry commits to this value of this field, in this log at this index.",
        "draft": {"origin": ORIGIN, "index": 5, "entry_salt": hex(draft.salt), "fields": values,
            "entry": hex(entry), "leaf_hash": hex(leaf_hash(&entry).0)},
        "cases": cases,
    })
}

/// The same opening, changed. Openings wipe themselves, so their parts cannot be moved to another one.
fn changed(opened: &OpenedField, change: impl FnOnce(&mut OpenedField)) -> OpenedField {
    let mut opened = opened.clone();
    change(&mut opened);
    opened
}

fn inclusion() -> Value {
    let mut cases = Vec::new();
    for (index, size) in [(0, 1), (0, 2), (2, 3), (6, 7), (5, 8), (0, 256), (256, 257), (260, 300)] {
        let all = leaves(size);
        let (leaf, root) = (all[index], naive::root(&all));
        let proof = naive::path(index, &all);
        let mut add = |name: &str, valid, leaf: &Hash, index: u64, size: u64, proof: &[Hash], root: &Hash| {
            cases.push(json!({"name": format!("{name} ({index} of {size})"), "valid": valid, "leaf_hash": hex(leaf.0),
                "index": index, "size": size, "proof": hex_all(proof), "root": hex(root.0)}));
        };
        let index = index as u64;
        add("a true proof", true, &leaf, index, size, &proof, &root);
        add("another leaf", false, &leaf_hash(b"another"), index, size, &proof, &root);
        add("another root", false, &leaf, index, size, &proof, &leaf_hash(b"another"));
        add("a hash too many", false, &leaf, index, size, &[&proof[..], &[root]].concat(), &root);
        add("an index past the tree", false, &leaf, size, size, &proof, &root);
        if let Some((_, rest)) = proof.split_first() {
            add("a hash too few", false, &leaf, index, size, rest, &root);
            add("the sibling's index", false, &leaf, index ^ 1, size, &proof, &root);
            add("an inner node passed off as the tree", false, &leaf, index, size, &[], &leaf);
        }
    }
    json!({"about": "Inclusion proofs, RFC 6962 section 2.1.1. Hexadecimal hashes.", "cases": cases})
}

fn consistency() -> Value {
    let mut cases = Vec::new();
    for (old, new) in
        [(0, 5), (1, 2), (2, 5), (3, 7), (4, 8), (6, 8), (255, 257), (256, 300), (100, 300), (9, 9)]
    {
        let all = leaves(new);
        let (old_root, new_root) = (naive::root(&all[..old]), naive::root(&all));
        let proof = if old == 0 { vec![] } else { naive::subproof(old, &all, true) };
        let mut add = |name: &str, valid, sizes: (u64, u64), roots: (&Hash, &Hash), proof: &[Hash]| {
            cases.push(json!({"name": format!("{name} ({} to {})", sizes.0, sizes.1), "valid": valid,
                "old": sizes.0, "new": sizes.1, "old_root": hex(roots.0.0), "new_root": hex(roots.1.0),
                "proof": hex_all(proof)}));
        };
        let (old, other) = (old as u64, leaf_hash(b"another"));
        add("a true proof", true, (old, new), (&old_root, &new_root), &proof);
        add("another old root", false, (old, new), (&other, &new_root), &proof);
        add("a hash too many", false, (old, new), (&old_root, &new_root), &[&proof[..], &[other]].concat());
        if let Some((_, rest)) = proof.split_first() {
            add("another new root", false, (old, new), (&old_root, &other), &proof);
            add("a hash too few", false, (old, new), (&old_root, &new_root), rest);
            add("a tree that shrank", false, (new, old), (&new_root, &old_root), &proof);
            add("no growth said", false, (old, old), (&old_root, &new_root), &[]);
        }
    }
    json!({"about": "Consistency proofs, RFC 6962 section 2.1.2. Hexadecimal hashes.", "cases": cases})
}

fn note_case(name: &str, valid: bool, note: &str, keys: &[&NoteSigner]) -> Value {
    let keys: Vec<String> = keys.iter().map(|key| key.verifier().to_string()).collect();
    json!({"name": name, "valid": valid, "note": note, "keys": keys})
}

/// A text signed as it stands by the log's Ed25519 key, well formed or not.
fn signed_text(keys: &Keys, text: &str) -> String {
    format!("{text}\n{}", keys.ed25519.sign(text, 0).unwrap())
}

/// The last character but the padding carries two bits that no byte has.
fn with_unused_bits_set(root: &str) -> String {
    let alphabet = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let last = root.as_bytes()[42];
    let place = alphabet.iter().position(|letter| *letter == last).unwrap();
    format!("{}{}=", &root[..42], char::from(alphabet[place + 1]))
}

fn checkpoints() -> Value {
    let keys = Keys::of_test();
    let (ed, pq) = (&keys.ed25519, &keys.ml_dsa);
    let both = keys.sign(&checkpoint(9));
    let one = sign_checkpoint(&checkpoint(9), &[ed]).unwrap();
    let only_pq = sign_checkpoint(&checkpoint(9), &[pq]).unwrap();
    let cosigner = NoteSigner::from_seed(ORIGIN, KeyKind::Ed25519Cosigner, &[1; 32]).unwrap();
    let stranger = NoteSigner::from_seed(ORIGIN, KeyKind::Ed25519, &[9; 32]).unwrap();
    let root = checkpoint(9).root.to_base64();
    let second_of = |note: &str| SignedNote::parse(note).unwrap().signatures()[1].to_string();
    let mut cases = vec![
        note_case("signed with Ed25519 and ML-DSA-44", true, &both, &[ed, pq]),
        note_case("a signature by an unknown key is passed over", true, &both, &[pq]),
        note_case("one key asked, one signature", true, &one, &[ed]),
        note_case(
            "the empty tree",
            true,
            &signed_text(&keys, &format!("{ORIGIN}\n0\n{}\n", empty_root().to_base64())),
            &[ed],
        ),
        note_case(
            "an extension line under Ed25519",
            true,
            &signed_text(&keys, &format!("{ORIGIN}\n9\n{root}\nline\n")),
            &[ed],
        ),
        note_case("ML-DSA-44 missing", false, &one, &[ed, pq]),
        note_case("Ed25519 missing", false, &only_pq, &[ed, pq]),
        note_case("no known key", false, &both, &[&stranger]),
        note_case("no keys", false, &both, &[]),
        note_case("a witness's key as the log's", false, &both, &[ed, &keys.witness]),
        note_case("a key of a cosigner's kind under the log's name", false, &both, &[ed, &cosigner]),
        note_case(
            "a false signature beside true ones",
            false,
            &format!("{both}{}", second_of(&keys.sign(&checkpoint(10)))),
            &[ed, pq],
        ),
        note_case("another size than was signed", false, &both.replacen("\n9\n", "\n10\n", 1), &[ed, pq]),
        note_case(
            "an extension line that only ML-DSA-44 would cover",
            false,
            &only_pq.replacen("\n\n", "\nline\n\n", 1),
            &[pq],
        ),
        note_case(
            "signed for another log",
            false,
            &signed_text(&keys, &format!("node-b.example/log\n9\n{root}\n")),
            &[ed],
        ),
        note_case("a hyphen for the em dash", false, &one.replace('\u{2014}', "-"), &[ed]),
        note_case("no final newline", false, one.trim_end(), &[ed]),
        note_case("no empty line", false, &one.replacen("\n\n", "\n", 1), &[ed]),
        note_case("words after the signatures", false, &format!("{one}words\n"), &[ed]),
        note_case("base64 without padding", false, &one.replace("=\n\n", "\n\n"), &[ed]),
    ];
    let malformed = [
        ("a size with a leading zero", format!("{ORIGIN}\n09\n{root}\n")),
        ("a size with a sign", format!("{ORIGIN}\n+9\n{root}\n")),
        ("a negative size", format!("{ORIGIN}\n-9\n{root}\n")),
        ("a size in hexadecimal", format!("{ORIGIN}\n0x9\n{root}\n")),
        ("a size past 2^62", format!("{ORIGIN}\n{}\n{root}\n", MAX_TREE_SIZE + 1)),
        ("a size past 2^64", format!("{ORIGIN}\n18446744073709551625\n{root}\n")),
        ("a size followed by a space", format!("{ORIGIN}\n9 \n{root}\n")),
        ("no size", format!("{ORIGIN}\n{root}\n")),
        ("no root", format!("{ORIGIN}\n9\n")),
        ("no origin", format!("\n9\n{root}\n")),
        ("a root of 31 bytes", format!("{ORIGIN}\n9\n{}\n", BASE64.encode(&[7; 31]))),
        ("a root with unused bits set", format!("{ORIGIN}\n9\n{}\n", with_unused_bits_set(&root))),
        ("a root in hexadecimal", format!("{ORIGIN}\n9\n{}\n", checkpoint(9).root)),
        ("an empty tree with another root", format!("{ORIGIN}\n0\n{root}\n")),
        ("an empty extension line", format!("{ORIGIN}\n9\n{root}\n\nline\n")),
        ("carriage returns", format!("{ORIGIN}\r\n9\r\n{root}\r\n")),
        ("a tab", format!("{ORIGIN}\n9\n{root}\na\tline\n")),
        ("seventeen extension lines", format!("{ORIGIN}\n9\n{root}\n{}", "line\n".repeat(17))),
    ];
    for (name, text) in malformed {
        cases.push(note_case(name, false, &signed_text(&keys, &text), &[ed]));
    }
    json!({"about": "Checkpoints. valid: well formed, and signed by every one of the keys, which bear the origin as their name. Malformed texts are truly signed with Ed25519. Test keys: seeds 01…01 (Ed25519) and 02…02 (ML-DSA-44).",
        "cases": cases})
}

fn cosignatures() -> Value {
    let keys = Keys::of_test();
    let log_note = sign_checkpoint(&checkpoint(9), &[&keys.ed25519]).unwrap();
    let mut cases = Vec::new();
    for (kind, signer) in [("Ed25519", &keys.witness), ("ML-DSA-44", &keys.witness_ml_dsa)] {
        let time = 1_795_000_000;
        let line = cosign(&checkpoint(9), signer, time).unwrap().to_string();
        let (start, blob) = line.trim_end().rsplit_once(' ').unwrap();
        let with_blob = |change: &dyn Fn(&mut Vec<u8>)| {
            let mut bytes = BASE64.decode(blob.as_bytes()).unwrap();
            change(&mut bytes);
            format!("{log_note}{start} {}\n", BASE64.encode(&bytes))
        };
        let mut add = |name: &str, valid, note: String| {
            let mut case = note_case(&format!("{name} ({kind})"), valid, &note, &[signer]);
            case["time"] = json!(time);
            cases.push(case);
        };
        add("a true cosignature", true, format!("{log_note}{line}"));
        add("no cosignature", false, log_note.clone());
        add("another second", false, with_blob(&|bytes| bytes[11] ^= 1));
        add("a time past 2^63", false, with_blob(&|bytes| bytes[4] |= 0x80));
        add("a bit changed in the signature", false, with_blob(&|bytes| bytes[40] ^= 1));
        add("a byte more", false, with_blob(&|bytes| bytes.push(0)));
        add("a byte less", false, with_blob(&|bytes| bytes.truncate(bytes.len() - 1)));
        add("the time left out", false, with_blob(&|bytes| drop(bytes.drain(4..12))));
        add(
            "under another name",
            false,
            format!("{log_note}{}", line.replace("witness.example", "other.example")),
        );
        add("under another key id", false, with_blob(&|bytes| bytes[0] ^= 1));
        let other = cosign(&checkpoint(10), signer, time).unwrap();
        add("of another checkpoint", false, format!("{log_note}{other}"));
    }
    json!({"about": "Cosignatures. valid: the key has truly cosigned the checkpoint, at that time in seconds since 1970. Test keys: seeds 03…03 (Ed25519, type 0x04) and 04…04 (ML-DSA-44, type 0x06).",
        "cases": cases})
}

fn tile_paths() -> Value {
    let tile = |path: &str, level: u8, index: u64, width: u16| json!({"name": path, "valid": true, "path": path, "level": level, "index": index, "width": width});
    let mut cases = vec![
        tile("tile/0/000", 0, 0, 256),
        tile("tile/0/x001/234.p/44", 0, 1234, 44),
        tile("tile/63/x001/x234/067", 63, 1_234_067, 256),
        json!({"name": "tile/entries/255.p/255", "valid": true, "path": "tile/entries/255.p/255", "index": 255, "width": 255}),
    ];
    let bad = [
        "",
        "tile",
        "tile/",
        "tile/0",
        "tile/0/",
        "/tile/0/000",
        "tile/0/000/",
        "tile//000",
        "tile/00/000",
        "tile/64/000",
        "tile/-1/000",
        "tile/a/000",
        "tile/0/0",
        "tile/0/0000",
        "tile/0/x000/001",
        "tile/0/001/234",
        "tile/0/x001/x234",
        "tile/0/X001/234",
        "tile/0/x01/234",
        "tile/0/000.p",
        "tile/0/000.p/",
        "tile/0/000.p/0",
        "tile/0/000.p/256",
        "tile/0/000.p/044",
        "tile/0/000.p/+4",
        "tile/0/000.p/4/",
        "tile/0/000.P/4",
        "tile/0/../000",
        "tile/entry/000",
        "tile/entries/",
        "tile/entries/0/000",
        "tile/0/x018/x446/x744/x073/x709/x551/616",
        "tile/0/٠٠٠",
    ];
    cases.extend(bad.map(|path| json!({"name": path, "valid": false, "path": path})));
    json!({"about": "Paths of tiles and entry bundles. valid: the path names this tile, or, where there is no level, this bundle.",
        "cases": cases})
}

/// Forks of a log, signed with Ed25519 alone to keep them short.
fn forks() -> Value {
    let keys = Keys::of_test();
    let key = [keys.ed25519.verifier().to_string()];
    let tree = |seed: &[u8], size: usize| {
        let mut leaves = leaves(size as u64);
        leaves[0] = leaf_hash(seed);
        leaves
    };
    let note = |leaves: &[Hash]| {
        let (size, root) = (leaves.len() as u64, naive::root(leaves));
        let checkpoint = Checkpoint { origin: Origin::new(ORIGIN).unwrap(), size, root, extensions: vec![] };
        sign_checkpoint(&checkpoint, &[&keys.ed25519]).unwrap()
    };
    let (ours, theirs) = (tree(b"one history", 9), tree(b"another history", 9));
    let [five, nine] = [5, 9].map(|size| note(&ours[..size]));
    let other_nine = note(&theirs);
    let grown = |leaves: &[Hash]| {
        prove_consistency(&naive::Tiles::grown(leaves, leaves.len()), 5, leaves.len() as u64).unwrap()
    };
    let file = |kept: &str, shown: &str, proof: Option<Vec<Hash>>| {
        let note = |text: &str| SignedNote::parse(text).unwrap();
        ForkProof::new(note(kept), note(shown), proof).unwrap().to_string()
    };
    let stranger = NoteSigner::from_seed(ORIGIN, KeyKind::Ed25519, &[7; 32]).unwrap();
    let by_stranger = {
        let root = naive::root(&theirs);
        let checkpoint =
            Checkpoint { origin: Origin::new(ORIGIN).unwrap(), size: 9, root, extensions: vec![] };
        sign_checkpoint(&checkpoint, &[&stranger]).unwrap()
    };
    let case = |name: &str, says: Option<&str>, file: String| json!({"name": name, "valid": says.is_some(), "says": says, "keys": key, "file": file});
    let good = |name: &str, says: &str, file: String| case(name, Some(says), file);
    let bad = |name: &str, file: String| case(name, None, file);
    let two_roots = file(&nine, &other_nine, None);
    let with_proof = file(&five, &other_nine, Some(grown(&theirs)));
    let cases = vec![
        good("two roots of one size", "two roots", two_roots.clone()),
        good(
            "two roots of one size and a proof that says nothing",
            "two roots",
            file(&nine, &other_nine, Some(vec![])),
        ),
        good("a proof that leads from another history", "not shown", with_proof.clone()),
        good("no proof from the smaller to the larger", "not shown", file(&five, &nine, None)),
        good("the older one shown last", "not shown", file(&other_nine, &five, None)),
        good("an empty proof between two sizes", "not shown", file(&five, &nine, Some(vec![]))),
        bad("one history with its proof", file(&five, &nine, Some(grown(&ours)))),
        bad("one history with its proof, the older one shown last", file(&nine, &five, Some(grown(&ours)))),
        bad("the same checkpoint twice", file(&nine, &nine, None)),
        bad("a second checkpoint by another signer", file(&nine, &by_stranger, None)),
        bad("a first checkpoint by another signer", file(&by_stranger, &nine, None)),
        bad("a byte of a root changed", two_roots.replacen("9\n", "8\n", 1)),
        bad("another heading", two_roots.replacen("/v1", "/v2", 1)),
        bad("no heading", two_roots.replacen("attache/fork/v1\n", "", 1)),
        bad("cut by a byte", two_roots[..two_roots.len() - 1].to_owned()),
        bad("a byte more", format!("{two_roots}\n")),
        bad(
            "a length too great by one",
            two_roots.replacen(&format!("kept {}", nine.len()), &format!("kept {}", nine.len() + 1), 1),
        ),
        bad("a length with a leading zero", two_roots.replacen("kept ", "kept 0", 1)),
        bad("a count without its hashes", two_roots.replacen("proof none", "proof 2", 1)),
        bad(
            "hashes without their count",
            with_proof.replacen(&format!("proof {}", grown(&theirs).len()), "proof none", 1),
        ),
        bad(
            "the lines in another order",
            format!(
                "attache/fork/v1\nshown {}\nkept {}\nproof none\n\n{nine}{other_nine}",
                other_nine.len(),
                nine.len()
            ),
        ),
        bad("nothing", String::new()),
        bad("a signature line with a space more", two_roots.replacen("\u{2014} ", "\u{2014}  ", 1)),
    ];
    json!({"about": "Proofs of a fork, attache/fork/v1. valid: every one of the keys signed both checkpoints, and they do not belong to one history; says: two roots of one size, or that no consistent proof is shown. Test key: seed 01…01 (Ed25519).",
        "cases": cases})
}
