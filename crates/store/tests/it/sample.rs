//! Rows, appends and checkpoints to try a journal with.

use attache_accord::Digest;
use attache_store::{
    Append, Committed, Conflict, Cosignature, Fence, Journal, NewHead, NewRow, Paper, Reader, Row, Stream,
};
use attache_tlog::{
    Checkpoint, FIELDS, Frontier, Hash, KeyKind, LeafDraft, NoteSigner, Origin, empty_root, leaf_hash,
    node_hash, sign_checkpoint,
};

/// The log of all samples.
pub fn origin() -> Origin {
    Origin::new("log.example/seoul/1").unwrap()
}

pub fn stream(name: &str) -> Stream {
    Stream::new(name).unwrap()
}

/// A leaf that differs with `seed`.
pub fn leaf(seed: u64) -> LeafDraft {
    let mut salt = [7; 32];
    salt[..8].copy_from_slice(&seed.to_be_bytes());
    let mut fields: [Vec<u8>; FIELDS] = Default::default();
    fields[0] = b"dispatched".to_vec();
    fields[15] = seed.to_be_bytes().to_vec();
    LeafDraft { salt, fields }
}

pub fn row(name: &str, seed: u64) -> NewRow {
    let body = format!("sealed event {seed}").into_bytes();
    NewRow {
        stream: stream(name),
        body,
        sealed_salt: format!("sealed salt {seed}").into_bytes(),
        leaf: leaf(seed),
    }
}

/// One row in stream `name`, whatever the stream holds.
pub fn single(name: &str, seed: u64) -> Append {
    Append { rows: vec![row(name, seed)], ..Append::default() }
}

/// One row in stream `name`, which must hold `expected` rows.
pub fn expecting(name: &str, expected: u64, seed: u64) -> Append {
    Append { expectations: vec![(stream(name), expected)], ..single(name, seed) }
}

/// `count` appends of one row each, with seeds from `first` on, over a few streams.
pub fn singles(first: u64, count: u64) -> Vec<Append> {
    (first..first + count).map(|seed| single(&format!("case-{}", seed % 7), seed)).collect()
}

pub fn paper(byte: u8, bytes: &[u8]) -> Paper {
    Paper { digest: Digest([byte; 32]), bytes: bytes.to_vec() }
}

/// A head of log `name`, of which `expected` must be kept already.
pub fn heading(name: &str, expected: u64, size: u64) -> Append {
    let sealed = format!("sealed head {expected} of {size}").into_bytes();
    Append { heads: vec![NewHead { log: stream(name), expected, size, sealed }], ..Append::default() }
}

/// The first or a later cosignature of a key on the checkpoint of that size.
pub fn cosigned(size: u64, by: &str, which: u64) -> Cosignature {
    Cosignature { size, by: stream(by), sealed: format!("sealed cosignature {which}").into_bytes() }
}

/// Appends one append by itself.
pub fn put(journal: &mut dyn Journal, fence: Fence, append: Append) -> Result<Committed, Conflict> {
    journal.append(fence, vec![append]).unwrap().remove(0)
}

/// Grows the journal to `size` rows in groups of uneven length, so that tile borders fall inside groups.
pub fn grow(journal: &mut dyn Journal, fence: Fence, size: u64) {
    let mut at = journal.head().unwrap().size;
    while at < size {
        let count = (size - at).min(97);
        journal.append(fence, singles(at, count)).unwrap();
        at += count;
    }
}

/// All rows, however many reads that takes.
pub fn all_rows(reader: &dyn Reader) -> Vec<Row> {
    let mut rows = Vec::new();
    loop {
        let more = reader.rows(rows.len() as u64, 100).unwrap();
        if more.is_empty() {
            return rows;
        }
        rows.extend(more);
    }
}

/// The root as RFC 6962 section 2.1 defines it, by recursion.
pub fn naive_root(leaves: &[Hash]) -> Hash {
    match leaves {
        [] => empty_root(),
        [leaf] => *leaf,
        _ => {
            let (left, right) = leaves.split_at(leaves.len().next_power_of_two() / 2);
            node_hash(&naive_root(left), &naive_root(right))
        }
    }
}

pub fn leaf_hashes(rows: &[Row]) -> Vec<Hash> {
    rows.iter().map(|row| leaf_hash(&row.entry)).collect()
}

fn signed(checkpoint: &Checkpoint) -> String {
    let signer = NoteSigner::from_seed(checkpoint.origin.as_str(), KeyKind::Ed25519, &[9; 32]).unwrap();
    sign_checkpoint(checkpoint, &[&signer]).unwrap()
}

/// A signed checkpoint over the first `size` rows.
pub fn checkpoint(reader: &dyn Reader, size: u64) -> String {
    let mut frontier = Frontier::new();
    leaf_hashes(&all_rows(reader)).into_iter().take(size as usize).for_each(|leaf| frontier.append(leaf));
    signed(&Checkpoint { origin: origin(), size, root: frontier.root(), extensions: vec![] })
}

/// A well-signed checkpoint over another tree of the same size.
pub fn forked_checkpoint(size: u64) -> String {
    signed(&Checkpoint { origin: origin(), size, root: Hash([5; 32]), extensions: vec![] })
}
