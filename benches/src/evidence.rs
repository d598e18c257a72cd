//! B10: the evidence of two nodes that exchanged for years, a million leaves and every package and receipt, verified offline as
//! `attache-verify` does it; against the least that this can take, the same hashes and signatures by the primitives alone.
//!
//! *Absent:* real years. Leaves and statements are made here in the form that nodes hand out; the verifier believes none of it
//! before it has checked it.

use crate::measure::{Report, target};
use crate::world::clock;
use attache_accord::{Digest, DispatchId, Network, NodeName, Timestamp};
use attache_custody::Keyring;
use attache_node::founding::{self, Draft};
use attache_node::link::certificate::authority;
use attache_release::Pack;
use attache_seal::digest::sha256;
use attache_seal::pair::{Sign as _, Signatures, SigningPair};
use attache_seal::papers::{Card, Outcome, Package, Receipt};
use attache_seal::statement::{Body, Head, Signed, Statement};
use attache_tlog::{
    Checkpoint, Frontier, LeafDraft, Origin, SignedNote, cosign, encode_bundle, leaf_hash, sign_checkpoint,
};
use attache_verify::{Trust, Verdict, verify};
use data_encoding::HEXLOWER;
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::hint::black_box;
use std::path::{Path, PathBuf};
use std::time::Instant;

/// Leaves of both logs together.
const LEAVES: u64 = 1_000_000;
/// Exchanges, each with a signed package and a signed receipt.
const EXCHANGES: u64 = 20_000;
/// Leaves of one log for each exchange; what they are not needed for shows other acts.
const LEAVES_EACH: u64 = LEAVES / 2 / EXCHANGES;
/// Leaves in a bundle.
const BUNDLE: usize = 256;
/// What is shown of an act beside what it is.
const SHOWN: [(u8, &str); 5] =
    [(2, "out"), (3, "tokyo.jpn"), (4, "imagery"), (5, "KOR:II"), (6, "2026-11-25")];
const FIELD_PAIR: u8 = 11;

/// One node, and what it hands out.
struct Site {
    name: NodeName,
    keys: Keyring,
    card: Signed,
    origin: Origin,
    folder: PathBuf,
    frontier: Frontier,
    bundle: Vec<Vec<u8>>,
    opened: String,
}

/// What the verifier cannot do without, counted while it is made.
#[derive(Default)]
struct Least {
    /// How many texts of each length are hashed.
    hashes: BTreeMap<usize, u64>,
    statements: u64,
}

impl Least {
    fn hash(&mut self, bytes: usize) {
        *self.hashes.entry(bytes).or_default() += 1;
    }

    /// All hashes and signatures, each made or verified by its primitive.
    fn pass(&self, pair: &SigningPair, bytes: &[u8], signatures: &Signatures) {
        let longest = self.hashes.keys().max().copied().unwrap_or_default();
        let text = vec![0x5a; longest];
        for (bytes, count) in &self.hashes {
            for _ in 0..*count {
                black_box(sha256(&[&text[..*bytes]]));
            }
        }
        for _ in 0..self.statements {
            pair.verifying().verify("receipt", bytes, signatures).expect("a good signature");
        }
    }
}

impl Site {
    fn new(base: &Path, pack: &Pack, name: &str, party: &str) -> Self {
        let name: NodeName = name.parse().expect("a name");
        let origin = founding::log_origin(&name);
        let keys = Keyring::generate(&origin).expect("keys");
        let root = SigningPair::generate().expect("a key");
        let draft = Draft {
            node: name.clone(),
            party: party.parse().expect("a Party"),
            network: Network::Exercise,
            endpoints: vec!["127.0.0.1:1".to_owned()],
            administrator: ("admin-1".parse().expect("a name"), root.verifying().clone()),
        };
        let now = clock();
        let ca = authority(&keys.tls_ca_pkcs8, &name, now, now.plus_hours(founding::CARD_HOURS));
        let card = founding::card(&draft, pack, &keys, &root, ca.expect("an authority"), now);
        let (card, folder) = (card.expect("a card"), base.join(name.as_str()));
        for part in ["entries", "opened", "statements"] {
            fs::create_dir_all(folder.join(part)).expect("a folder");
        }
        fs::write(folder.join("card.cbor"), card.to_bytes()).expect("a file");
        let origin = Origin::new(&origin).expect("an origin");
        let (frontier, bundle, opened) = (Frontier::new(), Vec::new(), String::new());
        Self { name, keys, card, origin, folder, frontier, bundle, opened }
    }

    /// Adds a leaf, and gives its hash.
    fn leaf(&mut self, act: &str, pair: Option<Digest>, least: &mut Least) -> Digest {
        let index = self.frontier.size();
        let mut draft = LeafDraft { salt: sha256(&[&index.to_be_bytes()]).0, fields: Default::default() };
        draft.fields[0] = act.into();
        for (field, value) in SHOWN {
            draft.fields[usize::from(field)] = value.into();
        }
        if let Some(pair) = pair {
            draft.fields[usize::from(FIELD_PAIR)] = pair.0.into();
        }
        let separator = if self.bundle.is_empty() { '[' } else { ',' };
        write!(self.opened, "{separator}{{\"index\":{index},\"fields\":[").expect("text");
        let mut separator = "";
        for field in (0..16_u8).filter(|field| !draft.fields[usize::from(*field)].is_empty()) {
            let opened = draft.open(field);
            let value = match field {
                FIELD_PAIR => HEXLOWER.encode(&opened.value),
                _ => String::from_utf8(opened.value.clone()).expect("text"),
            };
            let salt = HEXLOWER.encode(&opened.salt);
            write!(self.opened, "{separator}{{\"field\":{field},\"salt\":\"{salt}\",\"value\":\"{value}\"}}")
                .expect("text");
            separator = ",";
            // Domain, origin, index, field, salt, length and value.
            least.hash(17 + 32 + 8 + 1 + 32 + 4 + opened.value.len());
        }
        self.opened.push_str("]}");
        let entry = draft.entry(&self.origin, index).to_vec();
        let hash = leaf_hash(&entry);
        // The leaf, and a node of the tree for each leaf.
        least.hash(1 + entry.len());
        least.hash(65);
        self.frontier.append(hash);
        self.bundle.push(entry);
        if self.bundle.len() == BUNDLE {
            self.write_bundle();
        }
        Digest(hash.0)
    }

    fn write_bundle(&mut self) {
        if self.bundle.is_empty() {
            return;
        }
        let number = (self.frontier.size() - 1) / BUNDLE as u64;
        let entries = encode_bundle(&self.bundle).expect("a bundle");
        fs::write(self.folder.join(format!("entries/{number:06}")), entries).expect("a file");
        let opened = std::mem::take(&mut self.opened) + "]";
        fs::write(self.folder.join(format!("opened/{number:06}.json")), opened).expect("a file");
        self.bundle.clear();
    }

    fn signed<B: Body>(&self, pack: &Pack, body: B, pair: &SigningPair) -> Signed {
        let head = Head {
            network: Network::Exercise,
            agreement: pack.terms().agreement.clone(),
            pack: pack.digest(),
            signer: self.name.to_string(),
            key: pair.verifying().key_id(),
            at: clock(),
        };
        Signed::seal(&Statement { head, body }, pair).expect("it signs")
    }

    fn keep(&self, statement: &Signed, least: &mut Least) {
        let bytes = statement.to_bytes();
        least.hash(bytes.len());
        let place = self.folder.join(format!("statements/{}.cbor", statement.digest()));
        fs::write(place, bytes).expect("a file");
    }

    fn finish(&mut self) {
        self.write_bundle();
        let (size, root) = (self.frontier.size(), self.frontier.root());
        let checkpoint = Checkpoint { origin: self.origin.clone(), size, root, extensions: Vec::new() };
        let signers = [&self.keys.log_ed25519, &self.keys.log_mldsa44];
        let note = sign_checkpoint(&checkpoint, &signers).expect("it signs");
        fs::write(self.folder.join("checkpoint"), note).expect("a file");
    }
}

impl Site {
    /// Has the log cosigned by another's witness.
    fn cosigned(&self, by: &Keyring) {
        let note = fs::read_to_string(self.folder.join("checkpoint")).expect("a file");
        let note = SignedNote::parse(&note).expect("a note");
        let checkpoint = Checkpoint::parse(note.text()).expect("a checkpoint");
        let line = |signer| cosign(&checkpoint, signer, clock().0 / 1000).expect("it signs");
        let note = note.with(by.witness.iter().map(line).collect()).expect("a note");
        fs::write(self.folder.join("cosigned"), note.to_string()).expect("a file");
    }
}

/// The folder of evidence, and what it takes at least.
fn make(base: &Path, pack: &Pack) -> (Trust, Least, Keyring) {
    let mut giver = Site::new(base, pack, "seoul.kor", "KOR");
    let mut receiver = Site::new(base, pack, "tokyo.jpn", "JPN");
    let heading = format!(
        "{{\"form\":\"attache/evidence/v1\",\"network\":\"exercise\",\"agreement\":\"{}\",\"nodes\":[\"{}\",\"{}\"]}}",
        pack.terms().agreement,
        giver.name,
        receiver.name
    );
    fs::write(base.join("evidence.json"), heading).expect("a file");
    let mut least = Least::default();
    for number in 0..EXCHANGES {
        let part = |what: &str| sha256(&[what.as_bytes(), &number.to_be_bytes()]);
        let mut dispatch = [0; 16];
        dispatch.copy_from_slice(&part("dispatch").0[..16]);
        let dispatch = DispatchId(dispatch);
        let package = Package {
            dispatch,
            control_commitment: part("control"),
            item_digest: part("item"),
            size: 4_096,
            manifest_digest: part("manifest"),
            label_digest: part("label"),
            sender: giver.name.clone(),
            recipient: receiver.name.clone(),
            decision_index: number * LEAVES_EACH,
            in_reply_to: None,
        };
        let package = giver.signed(pack, package, &giver.keys.label);
        let pair = sha256(&[b"attache/pair/v1\n", package.digest().as_bytes()]);
        giver.leaf("dispatch owed", Some(pair), &mut least);
        receiver.leaf("arrival verified", Some(pair), &mut least);
        let leaf_index = receiver.frontier.size();
        let leaf_hash = receiver.leaf("admitted", Some(pair), &mut least);
        let receipt = Receipt {
            dispatch,
            package: package.digest(),
            register_commitment: part("register"),
            outcome: Outcome::Admitted,
            leaf_hash,
            leaf_index,
            log_origin: receiver.origin.as_str().to_owned(),
            proof_due: Timestamp(clock().0 + 1),
            admission: Some(part("admission")),
            origin: None,
            own_level: None,
        };
        let receipt = receiver.signed(pack, receipt, &receiver.keys.node);
        receiver.leaf("receipt owed", Some(pair), &mut least);
        giver.leaf("receipt kept", Some(pair), &mut least);
        for site in [&mut giver, &mut receiver] {
            while site.frontier.size() < (number + 1) * LEAVES_EACH {
                site.leaf("item opened", None, &mut least);
            }
            site.keep(&package, &mut least);
            site.keep(&receipt, &mut least);
        }
        least.statements += 2;
    }
    giver.finish();
    receiver.finish();
    giver.cosigned(&receiver.keys);
    receiver.cosigned(&giver.keys);
    let fingerprints = [&giver.card, &receiver.card].map(Card::fingerprint).into();
    (Trust { fingerprints, ..Trust::default() }, least, receiver.keys)
}

pub fn run(report: &mut Report) {
    let folder = tempfile::tempdir_in(target()).expect("a folder");
    let (trust, least, keys) = make(folder.path(), &Pack::gsomia_2016());
    // As long as a receipt.
    let bytes = [0x5a; 512];
    let signatures = keys.node.sign("receipt", &bytes).expect("it signs");
    let rate = |pass: &dyn Fn()| {
        let began = Instant::now();
        pass();
        LEAVES as f64 / began.elapsed().as_secs_f64()
    };
    let own = || {
        let said = verify(folder.path(), &trust);
        let first = said.findings.iter().find(|finding| finding.outcome != attache_verify::Outcome::Proved);
        assert!(said.verdict == Verdict::Proved, "{first:?}");
        assert_eq!((said.counts.leaves, said.counts.receipts), (LEAVES, EXCHANGES));
    };
    report.pairs(
        "B10 verify-log",
        ("leaf/s", 1.0 / 1.5),
        || rate(&own),
        || rate(&|| least.pass(&keys.node, &bytes, &signatures)),
    );
}
