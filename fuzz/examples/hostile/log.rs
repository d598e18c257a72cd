//! Notes, checkpoints, requests to a witness, proof files, keys and paths of the transparency log, and frames of the
//! partner protocol.

use super::{Made, Shelf};
use attache_tlog::{
    AddCheckpoint, Checkpoint, Hash, KeyKind, NoteSigner, Origin, ProofFile, empty_root, leaf_hash,
    node_hash, sign_checkpoint,
};
use data_encoding::HEXLOWER;
use std::error::Error;

const ORIGIN: &str = "node-a.example/log";

/// The two signers of a log whose seeds are 32 times `byte`.
fn signers(byte: u8) -> Result<[NoteSigner; 2], Box<dyn Error>> {
    Ok([
        NoteSigner::from_seed(ORIGIN, KeyKind::Ed25519, &[byte; 32])?,
        NoteSigner::from_seed(ORIGIN, KeyKind::MlDsa44, &[byte; 32])?,
    ])
}

fn checkpoint(size: u64, root: Hash) -> Result<Checkpoint, Box<dyn Error>> {
    Ok(Checkpoint { origin: Origin::new(ORIGIN)?, size, root, extensions: Vec::new() })
}

pub fn put(shelf: &mut Shelf) -> Made {
    let (first, second, other) = (leaf_hash(b"one"), leaf_hash(b"two"), leaf_hash(b"another"));
    let both = node_hash(&first, &second);
    let [ed25519, mldsa] = signers(1)?;
    let signed = |checkpoint: &Checkpoint| sign_checkpoint(checkpoint, &[&ed25519, &mldsa]);
    let good = signed(&checkpoint(2, both)?)?;
    let [stranger, strange] = signers(2)?;

    let mut put = |name: &str, outcome: &str, why: &str, note: &str| {
        shelf.put("checkpoint", &format!("{name}.note"), outcome, why, note.as_bytes())
    };
    put("control", "ok", "a checkpoint under both keys of its log", &good)?;
    put(
        "one-signature",
        "refused",
        "without the second key's signature",
        &sign_checkpoint(&checkpoint(2, both)?, &[&ed25519])?,
    )?;
    put(
        "stranger",
        "refused",
        "signed by other keys of the same name",
        &sign_checkpoint(&checkpoint(2, both)?, &[&stranger, &strange])?,
    )?;
    put(
        "size-changed",
        "refused",
        "another size under the same signatures",
        &good.replacen("\n2\n", "\n3\n", 1),
    )?;
    put("leading-zero", "refused", "a size with a leading zero", &good.replacen("\n2\n", "\n02\n", 1))?;
    put(
        "size-over",
        "refused",
        "a size over 64 bits",
        &good.replacen("\n2\n", "\n18446744073709551616\n", 1),
    )?;
    put("carriage-returns", "refused", "lines that end as Windows ends them", &good.replace('\n', "\r\n"))?;
    put("no-signature", "refused", "no signature at all", good.split("\n\n").next().unwrap_or_default())?;
    put("hyphen", "refused", "a hyphen for the dash before a signature", &good.replace('\u{2014}', "-"))?;
    put("line-behind", "refused", "a line behind the signatures", &format!("{good}more\n"))?;
    put("text-twice", "refused", "two notes, one behind the other", &format!("{good}{good}"))?;
    put("empty", "refused", "nothing", "")?;

    // What a witness is asked who last cosigned size 1 with the first leaf as its root.
    let ask = |old, proof, note: &str| -> Result<String, Box<dyn Error>> {
        Ok(AddCheckpoint::new(old, proof, note)?.to_string())
    };
    let mut put = |name: &str, outcome: &str, why: &str, asked: &str| {
        shelf.put("add-checkpoint", &format!("{name}.txt"), outcome, why, asked.as_bytes())
    };
    let asked = ask(1, vec![second], &good)?;
    put("control", "ok", "the tree grows by one entry", &asked)?;
    let forked = signed(&checkpoint(2, node_hash(&other, &second))?)?;
    put("fork", "422", "the same size with another first entry", &ask(1, vec![second], &forked)?)?;
    let split = signed(&checkpoint(1, other)?)?;
    put("fork-at-its-size", "422", "another root at the size last cosigned", &ask(1, vec![], &split)?)?;
    put("no-proof", "422", "grows without a proof", &ask(1, vec![], &good)?)?;
    put("proof-too-long", "422", "a hash more than the proof has", &ask(1, vec![second, second], &good)?)?;
    let nothing = signed(&checkpoint(0, empty_root())?)?;
    put("rollback", "400", "back to nothing", &ask(1, vec![], &nothing)?)?;
    put("another-size", "409", "from a size that the witness does not stand at", &ask(0, vec![], &good)?)?;
    let theirs = sign_checkpoint(&checkpoint(2, both)?, &[&stranger, &strange])?;
    put("stranger", "403", "signed by other keys of the same name", &ask(1, vec![second], &theirs)?)?;
    put("old-with-zero", "400", "an old size with a leading zero", &asked.replacen("old 1", "old 01", 1))?;
    put("old-negative", "400", "a negative old size", &asked.replacen("old 1", "old -1", 1))?;
    let hashes = format!("{}\n", second.to_base64()).repeat(64);
    let endless = asked.replacen(&format!("{}\n", second.to_base64()), &hashes, 1);
    put("too-many-hashes", "400", "64 hashes where 63 are the most", &endless)?;

    // What proves entry 0, the leaf of "one", under the log's keys.
    let mut put = |name: &str, outcome: &str, why: &str, file: &str| {
        shelf.put("proof-file", &format!("{name}.txt"), outcome, why, file.as_bytes())
    };
    let proof = ProofFile::new(0, vec![second], &good)?.to_string();
    put("control", "ok", "entry 0 of two", &proof)?;
    put(
        "another-index",
        "refused",
        "the proof of entry 0 as one of entry 1",
        &ProofFile::new(1, vec![second], &good)?.to_string(),
    )?;
    put(
        "outside",
        "refused",
        "an index outside the tree",
        &ProofFile::new(2, vec![second], &good)?.to_string(),
    )?;
    put("another-hash", "refused", "another sibling", &ProofFile::new(0, vec![other], &good)?.to_string())?;
    put("no-hash", "refused", "no sibling", &ProofFile::new(0, vec![], &good)?.to_string())?;
    put(
        "stranger",
        "refused",
        "under another log's checkpoint",
        &ProofFile::new(0, vec![second], &theirs)?.to_string(),
    )?;
    put("another-version", "refused", "a version that is not known", &proof.replacen("v1", "v2", 1))?;
    put("space-behind", "refused", "a space behind the index", &proof.replacen("index 0", "index 0 ", 1))?;

    let vkey = ed25519.verifier().to_string();
    let mut put = |entry: &str, name: &str, outcome: &str, why: &str, text: &str| {
        shelf.put(entry, &format!("{name}.txt"), outcome, why, text.as_bytes())
    };
    put("vkey", "control", "ok", "an Ed25519 key", &vkey)?;
    put("vkey", "control-ml-dsa", "ok", "an ML-DSA-44 key", &mldsa.verifier().to_string())?;
    put("vkey", "another-id", "refused", "an id that is not its key's", &vkey.replacen('+', "+0", 1))?;
    put(
        "vkey",
        "another-name",
        "refused",
        "another name with the same id",
        &vkey.replacen("node-a", "node-b", 1),
    )?;
    put("vkey", "capital-id", "refused", "an id in capitals", &capital_id(&vkey))?;
    put("vkey", "line-behind", "refused", "a line feed behind it", &format!("{vkey}\n"))?;
    put("vkey", "no-name", "refused", "no name", vkey.get(ORIGIN.len()..).unwrap_or_default())?;
    put(
        "vkey",
        "no-padding",
        "refused",
        "base64 without its padding",
        mldsa.verifier().to_string().trim_end_matches('='),
    )?;

    put("tile-path", "control", "ok", "a tile of a million", "tile/0/x003/906")?;
    put("tile-path", "control-part", "ok", "a part of a tile", "tile/1/000.p/7")?;
    put("tile-path", "climbs", "refused", "climbs out of the folder", "tile/0/../../etc/passwd")?;
    put("tile-path", "two-digits", "refused", "an index of two digits", "tile/0/06")?;
    put("tile-path", "no-width", "refused", "a part of nothing", "tile/0/000.p/0")?;
    put("tile-path", "whole-part", "refused", "a part that is the whole", "tile/0/000.p/256")?;
    put("tile-path", "level-over", "refused", "a level that no tree has", "tile/64/000")?;
    put("tile-path", "no-x", "refused", "a long index without its x", "tile/0/003/906")?;
    put("tile-path", "useless-x", "refused", "a short index made long", "tile/0/x000/906")?;
    put(
        "tile-path",
        "index-over",
        "refused",
        "an index over 64 bits",
        &format!("tile/0/{}999", "x999/".repeat(9)),
    )?;
    put("tile-path", "zero-byte", "refused", "a zero byte", "tile/0/000\0")?;
    frames(shelf)
}

fn capital_id(vkey: &str) -> String {
    let mut parts = vkey.splitn(3, '+').map(str::to_owned).collect::<Vec<_>>();
    if let Some(id) = parts.get_mut(1) {
        *id = id.to_uppercase();
    }
    parts.join("+")
}

/// What a listener hears first. It is node `tokyo.jpn`, as in `vectors/courier`.
fn frames(shelf: &mut Shelf) -> Made {
    let hello = "0000004f8201a7008101016973656f756c2e6b6f720202036b67736f6d69612d32303136045820010101010101010101\
        0101010101010101010101010101010101010101010101051b0000019e7044880006 08";
    let hello = HEXLOWER.decode(hello.replace(' ', "").as_bytes())?;
    let mut put = |name: &str, outcome: &str, why: &str, wire: &[u8]| {
        shelf.put("wire", &format!("{name}.bin"), outcome, why, wire)
    };
    let after = |more: &[u8]| [hello.as_slice(), more].concat();
    put("control", "ok", "a Hello", &hello)?;
    put("control-ping", "ok", "a Hello and a Ping", &after(&[0, 0, 0, 3, 0x82, 11, 0xa0]))?;
    put("http", "C-008", "a request of HTTP", b"GET / HTTP/1.1\r\nhost: tokyo.jpn\r\n\r\n")?;
    put("tls", "C-008", "a TLS record", &[22, 3, 1, 2, 0, 1, 0, 1, 252, 3, 3])?;
    put("no-length", "C-007", "a frame of no bytes", &[0, 0, 0, 0])?;
    put("longest", "C-008", "a frame of 4 GiB, it says", &[0xff; 64])?;
    put("data-first", "C-009", "content before Hello", &[&[0, 0, 0, 30, 0], [0; 64].as_slice()].concat())?;
    put("hello-twice", "C-009", "a second Hello", &after(&hello))?;
    put(
        "unoffered-data",
        "C-010",
        "content of what was not offered",
        &after(&[&[0, 0, 0, 30, 0], [0; 64].as_slice()].concat()),
    )?;
    put(
        "unknown-type",
        "C-007",
        "a frame of a type that is not known",
        &after(&[0, 0, 0, 3, 0x82, 200, 0xa0]),
    )
}
