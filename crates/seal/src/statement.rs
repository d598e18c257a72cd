//! Signed statements: deterministic CBOR (RFC 8949 §4.2.1), signed by a pair of keys, kept and verified as the
//! bytes that were received.
//!
//! *Absent:* whose key may say what. The caller brings the key that it trusts for the statement it expects.

use crate::digest::sha256;
use crate::pair::{
    BadSignature, ED25519_SIGNATURE_BYTES, KeyId, MLDSA65_SIGNATURE_BYTES, Sign, SignError, Signatures,
    VerifyingPair,
};
use attache_accord::form::is_written_as;
use attache_accord::party::Malformed;
use attache_accord::{Digest, Network, Timestamp};
use minicbor::{Decode, Encode};

/// Longest signed statement on the wire, in bytes.
pub const MAX_STATEMENT_BYTES: usize = 256 * 1024;
/// Longest name of a kind of statement, in bytes.
const MAX_NAME_BYTES: usize = 24;
/// Longest agreement id and signer, in bytes.
const MAX_HEAD_TEXT_BYTES: usize = 64;

/// What every statement says about itself.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct Head {
    /// The network; a statement of a drill is never one of the live exchange.
    #[n(0)]
    pub network: Network,
    /// The agreement's id, such as `gsomia-2016`: 1 to 64 bytes.
    #[n(1)]
    pub agreement: String,
    /// Digest of the rule pack that the signer held to be in force.
    #[n(2)]
    pub pack: Digest,
    /// Who signs: a node, a person's pseudonym, or a Party for its root. 1 to 64 bytes.
    #[n(3)]
    pub signer: String,
    /// The key that signs.
    #[n(4)]
    pub key: KeyId,
    /// When the signer says that it signed.
    #[n(5)]
    pub at: Timestamp,
}

/// What a kind of statement says.
pub trait Body: Encode<()> + for<'b> Decode<'b, ()> {
    /// The name in the signed domain line, lowercase, such as `receipt`.
    const NAME: &'static str;

    /// Checks the limits that no type carries.
    ///
    /// # Errors
    /// The first field that breaks one.
    fn check(&self) -> Result<(), Malformed> {
        Ok(())
    }
}

/// A statement: who says it, and what.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct Statement<B> {
    /// Network, agreement, signer, key and time.
    #[n(0)]
    pub head: Head,
    /// What is said.
    #[n(1)]
    pub body: B,
}

/// What the caller knows a statement must be about, apart from its key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Expect<'a> {
    /// The network that the caller is on.
    pub network: Network,
    /// The agreement under which it arrived.
    pub agreement: &'a str,
    /// The rule pack, where the caller insists on one.
    pub pack: Option<Digest>,
}

/// Why a statement is not believed. Every one of them is the signer's or the carrier's fault, never ours.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum StatementError {
    /// Longer than [`MAX_STATEMENT_BYTES`].
    #[error("a statement of {0} bytes is longer than 262144")]
    TooLong(usize),
    /// Not the CBOR of a signed statement, or of this kind of statement.
    #[error("the {part} is not the CBOR of its kind")]
    Malformed {
        /// `envelope` (name, bytes, signatures) or `statement` (head, body).
        part: &'static str,
    },
    /// CBOR that says the same in other bytes: unsorted or unknown keys, long integers, bytes after the end.
    #[error("the {part} is not deterministic CBOR (RFC 8949 §4.2.1)")]
    NotDeterministic {
        /// `envelope` or `statement`.
        part: &'static str,
    },
    /// Another kind of statement.
    #[error("a statement named {found:?} where {expected:?} was expected")]
    Name {
        /// The kind that the caller wants.
        expected: &'static str,
        /// The kind that it is.
        found: String,
    },
    /// `head.key` is not the key given.
    #[error("head.key is not the expected key")]
    Key,
    /// A signature is wrong.
    #[error(transparent)]
    Signature(#[from] BadSignature),
    /// `head.network` is another.
    #[error("head.network is {0:?}")]
    Network(Network),
    /// `head.agreement` is another.
    #[error("head.agreement is another")]
    Agreement,
    /// `head.pack` is another.
    #[error("head.pack is another rule pack")]
    Pack,
    /// A field breaks a limit.
    #[error(transparent)]
    Limit(#[from] Malformed),
}

impl StatementError {
    /// A stable code, the same in every implementation: vectors and records use it, never the text.
    pub fn code(&self) -> &'static str {
        match self {
            Self::TooLong(_) => "too-long",
            Self::Malformed { .. } => "malformed",
            Self::NotDeterministic { .. } => "not-deterministic",
            Self::Name { .. } => "name",
            Self::Key => "key",
            Self::Signature(BadSignature::Ed25519) => "ed25519",
            Self::Signature(BadSignature::MlDsa65) => "ml-dsa-65",
            Self::Network(_) => "network",
            Self::Agreement => "agreement",
            Self::Pack => "pack",
            Self::Limit(_) => "limit",
        }
    }
}

/// A statement with its signatures, as it travels and is kept. CBOR: a map of 0 name, 1 statement bytes,
/// 2 Ed25519 signature, 3 ML-DSA-65 signature.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct Signed {
    #[n(0)]
    name: String,
    #[cbor(n(1), with = "minicbor::bytes")]
    bytes: Vec<u8>,
    #[cbor(n(2), with = "minicbor::bytes")]
    ed25519: [u8; ED25519_SIGNATURE_BYTES],
    #[cbor(n(3), with = "minicbor::bytes")]
    mldsa65: [u8; MLDSA65_SIGNATURE_BYTES],
}

impl Signed {
    /// Signs a statement.
    ///
    /// # Errors
    /// When the head names another key, a limit is broken, or the key store fails.
    pub fn seal<B: Body>(statement: &Statement<B>, signer: &dyn Sign) -> Result<Self, SignError> {
        if statement.head.key != signer.verifying().key_id() {
            return Err(SignError::OtherKey);
        }
        check_head(&statement.head)?;
        statement.body.check()?;
        let bytes = encode(statement);
        let Signatures { ed25519, mldsa65 } = signer.sign(B::NAME, &bytes)?;
        let signed = Self { name: B::NAME.to_owned(), bytes, ed25519, mldsa65 };
        let total_bytes = signed.to_bytes().len();
        if total_bytes > MAX_STATEMENT_BYTES { Err(SignError::TooLong(total_bytes)) } else { Ok(signed) }
    }

    /// Reads the envelope: bounded, deterministic, nothing after it. Proves nothing; [`Signed::open`] does.
    ///
    /// # Errors
    /// [`StatementError::TooLong`], [`StatementError::Malformed`] or [`StatementError::NotDeterministic`].
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, StatementError> {
        if bytes.len() > MAX_STATEMENT_BYTES {
            return Err(StatementError::TooLong(bytes.len()));
        }
        let signed: Self = decode(bytes, "envelope")?;
        let plain = (1..=MAX_NAME_BYTES).contains(&signed.name.len())
            && signed.name.bytes().all(|b| b.is_ascii_lowercase() || b == b'-');
        if plain { Ok(signed) } else { Err(StatementError::Malformed { part: "envelope" }) }
    }

    /// The bytes that travel and are kept.
    pub fn to_bytes(&self) -> Vec<u8> {
        encode(self)
    }

    /// SHA-256 over [`Signed::to_bytes`]: how other statements point at this one. It covers the signatures, so
    /// signing the same words again gives another digest.
    pub fn digest(&self) -> Digest {
        sha256(&[&self.to_bytes()])
    }

    /// The kind of statement that it says it is. Unverified until opened.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Verifies against the key and the surroundings that the caller expects, and returns what is said.
    ///
    /// # Errors
    /// The first rule broken. The signatures are checked before the statement is parsed.
    pub fn open<B: Body>(
        &self,
        key: &VerifyingPair,
        expect: &Expect<'_>,
    ) -> Result<Statement<B>, StatementError> {
        self.check_signatures::<B>(key)?;
        let statement: Statement<B> = self.dangerously_unverified()?;
        check_expected(&statement.head, key, expect)?;
        Ok(statement)
    }

    /// What the statement says with its signatures, of which none is checked yet.
    ///
    /// # Errors
    /// As of [`Signed::dangerously_unverified`].
    pub fn claimed<B: Body>(self) -> Result<Claimed<B>, StatementError> {
        let statement = self.dangerously_unverified()?;
        Ok(Claimed { signed: self, statement })
    }

    /// What the statement says, signatures unchecked: to find out whose key to open it with, and for nothing else.
    ///
    /// # Errors
    /// When it is of another kind, is not deterministic CBOR, or breaks a limit.
    pub fn dangerously_unverified<B: Body>(&self) -> Result<Statement<B>, StatementError> {
        self.check_name::<B>()?;
        let statement: Statement<B> = decode(&self.bytes, "statement")?;
        check_head(&statement.head)?;
        statement.body.check()?;
        Ok(statement)
    }

    fn check_signatures<B: Body>(&self, key: &VerifyingPair) -> Result<(), StatementError> {
        self.check_name::<B>()?;
        let signatures = Signatures { ed25519: self.ed25519, mldsa65: self.mldsa65 };
        Ok(key.verify(B::NAME, &self.bytes, &signatures)?)
    }

    fn check_name<B: Body>(&self) -> Result<(), StatementError> {
        if self.name == B::NAME {
            return Ok(());
        }
        Err(StatementError::Name { expected: B::NAME, found: self.name.clone() })
    }
}

/// A signed statement that was read once, for whoever needs what it says to find the key to open it with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claimed<B> {
    signed: Signed,
    statement: Statement<B>,
}

impl<B: Body> Claimed<B> {
    /// As [`Signed::dangerously_unverified`].
    pub fn dangerously_unverified(&self) -> &Statement<B> {
        &self.statement
    }

    /// As [`Signed::open`], without reading it once more.
    ///
    /// # Errors
    /// As [`Signed::open`].
    pub fn open(&self, key: &VerifyingPair, expect: &Expect<'_>) -> Result<&Statement<B>, StatementError> {
        self.signed.check_signatures::<B>(key)?;
        check_expected(&self.statement.head, key, expect)?;
        Ok(&self.statement)
    }
}

/// That a head names this key and these surroundings.
fn check_expected(head: &Head, key: &VerifyingPair, expect: &Expect<'_>) -> Result<(), StatementError> {
    if head.key != key.key_id() {
        return Err(StatementError::Key);
    }
    if head.network != expect.network {
        return Err(StatementError::Network(head.network));
    }
    if head.agreement != expect.agreement {
        return Err(StatementError::Agreement);
    }
    if expect.pack.is_some_and(|pack| pack != head.pack) {
        return Err(StatementError::Pack);
    }
    Ok(())
}

fn check_head(head: &Head) -> Result<(), Malformed> {
    for (what, text) in [("agreement", &head.agreement), ("signer", &head.signer)] {
        if text.is_empty() || text.len() > MAX_HEAD_TEXT_BYTES || text.chars().any(char::is_control) {
            return Err(Malformed::new(what, "1 to 64 bytes without control characters", text));
        }
    }
    Ok(())
}

/// Our types write their keys in ascending order and their integers in the shortest form, which is all that
/// RFC 8949 §4.2.1 asks of maps with small integer keys.
fn encode<T: Encode<()>>(value: &T) -> Vec<u8> {
    let mut out = Vec::new();
    match minicbor::encode(value, &mut out) {
        Ok(()) => out,
        // Writing to memory cannot fail, and no type of ours refuses to be encoded.
        Err(_) => unreachable!("CBOR into memory"),
    }
}

/// Decodes and holds the bytes against what we would write: one comparison refuses every other form.
fn decode<T: Encode<()> + for<'b> Decode<'b, ()>>(
    bytes: &[u8],
    part: &'static str,
) -> Result<T, StatementError> {
    let value: T = minicbor::decode(bytes).map_err(|_| StatementError::Malformed { part })?;
    if is_written_as(&value, bytes) { Ok(value) } else { Err(StatementError::NotDeterministic { part }) }
}
