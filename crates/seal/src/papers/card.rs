//! The card of a node: the one paper that is trusted before any other, by comparing its fingerprint.
//!
//! *Absent:* whether a card is trusted, and the succession of cards. People and the register of partners say that.

use super::{MAX_DER_BYTES, MAX_LIST, term, terms};
use crate::pair::{VerifyingPair, aloud};
use crate::statement::{Body, Expect, Signed, Statement, StatementError};
use attache_accord::party::Malformed;
use attache_accord::{Digest, NodeName, Party, Timestamp};
use attache_tlog::{KeyKind, VerifierKey};
use minicbor::{Decode, Encode};

/// Longest verifier key of a log, in bytes: one of ML-DSA-44 has 1,312 bytes before base64.
const MAX_VKEY_BYTES: usize = 4096;

/// A node's card, signed by its Party's root: where it is and which keys speak for it.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct Card {
    /// The node.
    #[n(0)]
    pub node: NodeName,
    /// The Party that it serves.
    #[n(1)]
    pub party: Party,
    /// Where its partner listener is reached, `host:port`, in order of preference.
    #[n(2)]
    pub endpoints: Vec<String>,
    /// The Party root, which signs this card.
    #[n(3)]
    pub root: VerifyingPair,
    /// Signs rulings, permits, receipts.
    #[n(4)]
    pub node_key: VerifyingPair,
    /// Signs packages.
    #[n(5)]
    pub label_key: VerifyingPair,
    /// Signs labels inside containers for foreign clients (ES256): P-256, uncompressed point, 65 bytes.
    #[cbor(n(6), with = "minicbor::bytes")]
    pub label_es256: Vec<u8>,
    /// The C2SP origin of its log.
    #[n(7)]
    pub log_origin: String,
    /// The log's C2SP verifier keys: Ed25519 and ML-DSA-44.
    #[n(8)]
    pub log_vkeys: Vec<String>,
    /// The key to wrap content keys for: SubjectPublicKeyInfo of the composite KEM, DER.
    #[cbor(n(9), with = "minicbor::bytes")]
    pub kem_key: Vec<u8>,
    /// The authority of its partner link's certificates, DER.
    #[cbor(n(10), with = "minicbor::bytes")]
    pub tls_ca: Vec<u8>,
    /// Valid from.
    #[n(11)]
    pub not_before: Timestamp,
    /// Valid until, exclusive.
    #[n(12)]
    pub not_after: Timestamp,
    /// Digest of the card that this one replaces.
    #[n(13)]
    pub previous: Option<Digest>,
    /// The C2SP verifier keys under which the node cosigns other logs. Absent from cards of builds that were no witness.
    #[n(14)]
    pub witness_vkeys: Option<Vec<String>>,
}

impl Card {
    /// The keys under which the node cosigns other logs; none for one that is no witness. Keys of a log are not among them.
    pub fn witness_keys(&self) -> Vec<VerifierKey> {
        let named = self.witness_vkeys.iter().flatten().filter(|text| !self.log_vkeys.contains(text));
        let keys = named.filter_map(|text| text.parse::<VerifierKey>().ok());
        keys.filter(|key| key.kind() != KeyKind::Ed25519 && key.name() != self.log_origin).collect()
    }

    /// What two people read to each other before a card is trusted: 8 groups of 4 decimal digits, 13 bits each
    /// (`0000` to `8191`), together the first 104 bits of the statement digest. Making a second card with the same
    /// fingerprint is a second-preimage search over those 104 bits.
    pub fn fingerprint(signed: &Signed) -> String {
        aloud(&signed.digest().0)
    }

    /// Opens a card with the root that it names itself. That proves only that whoever holds that root made it: the
    /// caller compares the fingerprint by another way, or knows the root already.
    ///
    /// # Errors
    /// As [`Signed::open`].
    pub fn dangerously_self_signed(
        signed: &Signed,
        expect: &Expect<'_>,
    ) -> Result<Statement<Self>, StatementError> {
        let root = signed.dangerously_unverified::<Self>()?.body.root;
        signed.open(&root, expect)
    }

    /// When a new card is due: after two thirds of this one's life.
    pub fn renewal_due(&self) -> Timestamp {
        let life = self.not_after.0.saturating_sub(self.not_before.0);
        self.not_before.plus_millis(life / 3 * 2)
    }

    /// Whether the card is in force at `now`.
    pub fn in_force(&self, now: Timestamp) -> bool {
        self.not_before <= now && now < self.not_after
    }
}

/// What a node says, under the key of the card that partners hold, when a new card takes that one's place. With the
/// root's signature on the new card it spares the two people the comparison of fingerprints.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct Succession {
    /// Digest of the signed card that partners hold.
    #[n(0)]
    pub previous: Digest,
    /// Digest of the signed card that takes its place.
    #[n(1)]
    pub next: Digest,
}

impl Body for Succession {
    const NAME: &'static str = "succession";

    fn check(&self) -> Result<(), Malformed> {
        if self.previous == self.next {
            return Err(Malformed::new("next", "another card than the previous one", &self.next.to_string()));
        }
        Ok(())
    }
}

/// What a Party root says of the ceremony in which it went into the hands of several custodians.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct Ceremony {
    /// The root.
    #[n(0)]
    pub root: VerifyingPair,
    /// How many custodians together are the root.
    #[n(1)]
    pub threshold: u8,
    /// The custodians, by pseudonym, in the order of their shares.
    #[n(2)]
    pub custodians: Vec<String>,
    /// SHA-256 of each custodian's sealed share.
    #[n(3)]
    pub shares: Vec<Digest>,
}

impl Body for Ceremony {
    const NAME: &'static str = "ceremony";

    fn check(&self) -> Result<(), Malformed> {
        terms("custodian", &self.custodians)?;
        let count = self.custodians.len();
        if self.shares.len() != count || !(2..=count).contains(&usize::from(self.threshold)) {
            let found = self.threshold.to_string();
            return Err(Malformed::new(
                "threshold",
                "2 to the number of custodians, each with a share",
                &found,
            ));
        }
        Ok(())
    }
}

impl Body for Card {
    const NAME: &'static str = "card";

    fn check(&self) -> Result<(), Malformed> {
        terms("endpoint", &self.endpoints)?;
        let is_vkey = |text: &String| (1..=MAX_VKEY_BYTES).contains(&text.len()) && text.is_ascii();
        let none = Vec::new();
        let witness_vkeys = self.witness_vkeys.as_ref().unwrap_or(&none);
        for (what, vkeys) in [("log verifier key", &self.log_vkeys), ("witness verifier key", witness_vkeys)]
        {
            if vkeys.len() > MAX_LIST || !vkeys.iter().all(is_vkey) {
                return Err(Malformed::new(what, "at most 32, each 1 to 4096 bytes of ASCII", ""));
            }
        }
        term("log origin", &self.log_origin)?;
        match self.label_es256.as_slice() {
            [4, xy @ ..] if xy.len() == 64 => {}
            _ => return Err(Malformed::new("label_es256", "an uncompressed P-256 point, 65 bytes", "")),
        }
        for (what, der) in [("kem_key", &self.kem_key), ("tls_ca", &self.tls_ca)] {
            if der.is_empty() || der.len() > MAX_DER_BYTES {
                return Err(Malformed::new(what, "1 to 16384 bytes of DER", ""));
            }
        }
        if self.not_before >= self.not_after {
            return Err(Malformed::new("not_after", "later than not_before", &self.not_after.to_string()));
        }
        Ok(())
    }
}
