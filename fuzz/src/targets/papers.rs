//! Signed statements and acts: the CBOR that nodes and people sign.

use super::needed;
use crate::Target;
use attache_accord::Network;
use attache_accord::act::ENTRY_VERSION;
use attache_accord::control::Recall;
use attache_accord::destruction::Destruction;
use attache_accord::lifecycle::Instrument;
use attache_accord::mandate::Mandate;
use attache_node::engine::decode_event;
use attache_seal::pair::{ED25519_SIGNATURE_BYTES, MLDSA65_SIGNATURE_BYTES};
use attache_seal::papers::{
    Admission, Assurance, Card, Ceremony, Consent, Decision, Hop, HopReceipt, LogSuccession, MandateEnd,
    Notice, Opening, OpeningAnswer, OpeningDecision, OpeningKey, Package, PermitNote, PublicFigures, Receipt,
    Report, ReportCosignature, Request, Review, RulingNote, SignIn, Succession, Waybill,
};
use attache_seal::statement::{Body, Expect, MAX_STATEMENT_BYTES, Signed};
use minicbor::Encoder;

pub const ENVELOPE: Target = Target {
    name: "envelope",
    reads: "seal::statement::Signed, seal::papers",
    run: envelope,
    rounds: 18_000,
    words: &["receipt", "card", "package"],
};

pub const PAPER: Target = Target {
    name: "paper",
    reads: "seal::statement::Statement, each paper of seal::papers",
    run: paper,
    rounds: 36_000,
    words: &["gsomia-2016", "seoul.kor", "JPN"],
};

pub const ACT: Target = Target {
    name: "act",
    reads: "accord::act::Entry, as node::engine reads a row",
    run: act,
    rounds: 60_000,
    words: &["seoul.kor", "KOR", "II"],
};

/// An envelope, and what stands in it under the name that it gives itself.
fn envelope(bytes: &[u8]) {
    let Ok(signed) = Signed::from_bytes(bytes) else { return };
    assert!(bytes.len() <= MAX_STATEMENT_BYTES);
    assert_eq!(signed.to_bytes(), bytes, "an envelope has one form");
    each_kind(&signed);
    let expect = Expect { network: Network::Exercise, agreement: "gsomia-2016", pack: None };
    if let Ok(card) = Card::dangerously_self_signed(&signed, &expect) {
        // Only bytes that hold a true signature come here, so these are a seed's.
        assert_eq!(card.head.key, card.body.root.key_id());
        assert_eq!(Card::fingerprint(&signed).len(), 39);
    }
}

/// A statement without signatures: the first byte is its kind.
fn paper(bytes: &[u8]) {
    let Some((kind, inner)) = bytes.split_first() else { return };
    let Some(name) = KINDS.get(usize::from(*kind) % KINDS.len()) else { return };
    let mut wrapped = Vec::new();
    let mut encoder = Encoder::new(&mut wrapped);
    let written = encoder
        .map(4)
        .and_then(|e| e.u8(0)?.str(name))
        .and_then(|e| e.u8(1)?.bytes(inner))
        .and_then(|e| e.u8(2)?.bytes(&[0; ED25519_SIGNATURE_BYTES]))
        .and_then(|e| e.u8(3)?.bytes(&[0; MLDSA65_SIGNATURE_BYTES]));
    needed(written.map(|_| ()));
    let Ok(signed) = Signed::from_bytes(&wrapped) else {
        assert!(wrapped.len() > MAX_STATEMENT_BYTES, "every envelope of this form is one");
        return;
    };
    let found = each_kind(&signed);
    assert!(found.is_none_or(|written| written == inner), "a statement has one form");
}

const KINDS: [&str; 31] = [
    Request::NAME,
    Review::NAME,
    Decision::NAME,
    RulingNote::NAME,
    PermitNote::NAME,
    Package::NAME,
    Admission::NAME,
    Receipt::NAME,
    SignIn::NAME,
    Assurance::NAME,
    Card::NAME,
    Succession::NAME,
    Ceremony::NAME,
    Instrument::NAME,
    Notice::NAME,
    Mandate::NAME,
    MandateEnd::NAME,
    Report::NAME,
    Consent::NAME,
    Destruction::NAME,
    PublicFigures::NAME,
    Hop::NAME,
    Recall::NAME,
    Opening::NAME,
    OpeningAnswer::NAME,
    OpeningDecision::NAME,
    LogSuccession::NAME,
    Waybill::NAME,
    HopReceipt::NAME,
    ReportCosignature::NAME,
    OpeningKey::NAME,
];

/// What is written for the statement in `signed`, by its name; `None` where it is refused.
fn each_kind(signed: &Signed) -> Option<Vec<u8>> {
    fn kind<B: Body>(signed: &Signed) -> Option<Vec<u8>> {
        let statement = signed.dangerously_unverified::<B>().ok()?;
        assert_eq!(signed.name(), B::NAME, "a statement is opened under its own name only");
        assert!(statement.body.check().is_ok(), "what is read keeps its limits");
        minicbor::to_vec(&statement).ok()
    }
    let read = [
        kind::<Request>(signed),
        kind::<Review>(signed),
        kind::<Decision>(signed),
        kind::<RulingNote>(signed),
        kind::<PermitNote>(signed),
        kind::<Package>(signed),
        kind::<Admission>(signed),
        kind::<Receipt>(signed),
        kind::<SignIn>(signed),
        kind::<Assurance>(signed),
        kind::<Card>(signed),
        kind::<Succession>(signed),
        kind::<Ceremony>(signed),
        kind::<Instrument>(signed),
        kind::<Notice>(signed),
        kind::<Mandate>(signed),
        kind::<MandateEnd>(signed),
        kind::<Report>(signed),
        kind::<Consent>(signed),
        kind::<Destruction>(signed),
        kind::<PublicFigures>(signed),
        kind::<Hop>(signed),
        kind::<Recall>(signed),
        kind::<Opening>(signed),
        kind::<OpeningAnswer>(signed),
        kind::<OpeningKey>(signed),
        kind::<OpeningDecision>(signed),
        kind::<LogSuccession>(signed),
        kind::<Waybill>(signed),
        kind::<HopReceipt>(signed),
        kind::<ReportCosignature>(signed),
    ];
    let mut read = read.into_iter().flatten();
    let first = read.next();
    assert!(read.next().is_none(), "one name, one kind");
    first
}

fn act(bytes: &[u8]) {
    let Ok(entry) = decode_event(0, bytes) else { return };
    assert_eq!(entry.version, ENTRY_VERSION);
    // An entry of an earlier version is lifted; the third byte of the map's start is where the version stands.
    let written = needed(minicbor::to_vec(&entry));
    assert_eq!((written.get(..2), written.get(3..)), (bytes.get(..2), bytes.get(3..)), "an act has one form");
    assert!(bytes.get(2) <= written.get(2), "no later version is read");
    assert!(!entry.act.stream().is_empty());
}
