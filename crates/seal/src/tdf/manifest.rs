//! The manifest: read strictly where a rule protects someone, leniently where real SDKs differ; written with no member
//! of our own at the root or in `payload`, because one SDK refuses files that have any.
//!
//! *Absent:* keys. Whether a manifest is the one that was sent is the package's word.

use super::segment::{Integrity, Segment};
use super::strict::Strict;
use super::{
    HUB_SHARE, KeyAccess, MAX_ASSERTIONS, MAX_ITEM_BYTES, MAX_KEY_ACCESS, MAX_MANIFEST_BYTES,
    MAX_SEGMENT_BYTES, ORIGINATOR_SHARE, TdfError,
};
use crate::content_key::ContentKey;
use crate::digest::sha256;
use crate::gcm;
use attache_accord::Digest;
use data_encoding::BASE64;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeMap;

/// The version that we write. A manifest without one is of 4.2.2 or before, with other encodings: we refuse those.
const SCHEMA_VERSION: &str = "4.3.0";
/// The media type that the manifest shows. The real one is sealed in [`super::Metadata`].
const OPAQUE_MEDIA_TYPE: &str = "application/octet-stream";

/// A manifest that has been read or is to be written.
#[derive(Debug, Clone, PartialEq)]
pub struct Manifest {
    /// For whom the key is wrapped.
    pub key_access: Vec<KeyAccess>,
    /// The policy, base64, byte for byte.
    pub policy_base64: String,
    /// Segment hashes, sizes and root signature.
    pub integrity: Integrity,
    /// Labels and other statements.
    pub assertions: Vec<Assertion>,
    /// The media type shown outside.
    pub media_type: String,
}

/// What goes into a manifest of ours beside the segments.
#[derive(Debug, Clone, PartialEq)]
pub struct ManifestDraft {
    /// For whom the key is wrapped.
    pub key_access: Vec<KeyAccess>,
    /// The policy, base64, as bound in each key access object.
    pub policy_base64: String,
    /// Labels; none on an outer envelope.
    pub assertions: Vec<Assertion>,
}

/// An assertion. Members that we do not know are kept, because the binding covers them.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Assertion {
    /// Unique within the manifest.
    pub id: String,
    /// `handling` for a label.
    #[serde(rename = "type")]
    pub kind: String,
    /// `tdo` or `payload`.
    pub scope: String,
    /// `encrypted` or `unencrypted`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub applies_to_state: Option<String>,
    /// What it says.
    pub statement: Statement,
    /// Its signature.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub binding: Option<AssertionBinding>,
    /// Members that we do not know.
    #[serde(flatten)]
    pub others: BTreeMap<String, Value>,
}

/// What an assertion says.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Statement {
    /// Such as `json+stanag5636`.
    pub format: String,
    /// Such as `urn:nato:stanag:5636:A:1:elements:json`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub schema: Option<String>,
    /// A string in most clients, an object in some.
    pub value: Value,
    /// Members that we do not know.
    #[serde(flatten)]
    pub others: BTreeMap<String, Value>,
}

/// The signature of an assertion.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AssertionBinding {
    /// `jws`.
    pub method: String,
    /// Compact JWS.
    pub signature: String,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Wire {
    payload: Payload,
    encryption_information: EncryptionInformation,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    assertions: Option<Vec<Assertion>>,
    schema_version: Option<String>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Payload {
    #[serde(rename = "type")]
    kind: String,
    url: String,
    protocol: String,
    is_encrypted: bool,
    mime_type: Option<String>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct EncryptionInformation {
    #[serde(rename = "type")]
    kind: String,
    key_access: Vec<KeyAccess>,
    method: Method,
    integrity_information: WireIntegrity,
    policy: String,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Method {
    algorithm: String,
    #[serde(default)]
    is_streamable: bool,
    // Means nothing, but one SDK refuses a manifest without it.
    #[serde(default)]
    iv: String,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct WireIntegrity {
    root_signature: RootSignature,
    segment_hash_alg: String,
    segment_size_default: u64,
    encrypted_segment_size_default: u64,
    segments: Vec<WireSegment>,
}

#[derive(Serialize, Deserialize)]
struct RootSignature {
    alg: String,
    sig: String,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct WireSegment {
    hash: String,
    segment_size: Option<u64>,
    encrypted_segment_size: Option<u64>,
}

impl Manifest {
    /// A manifest of ours.
    ///
    /// # Errors
    /// [`TdfError::TooLarge`].
    pub fn new(draft: ManifestDraft, integrity: Integrity) -> Result<Self, TdfError> {
        let ManifestDraft { key_access, policy_base64, assertions } = draft;
        let media_type = OPAQUE_MEDIA_TYPE.to_owned();
        let manifest = Self { key_access, policy_base64, integrity, assertions, media_type };
        manifest.check()?;
        Ok(manifest)
    }

    /// The same sealed segments for other readers: new key access, policy and assertions.
    ///
    /// # Errors
    /// [`TdfError::TooLarge`].
    pub fn rewrapped(&self, draft: ManifestDraft) -> Result<Self, TdfError> {
        Self::new(draft, self.integrity.clone())
    }

    /// The bytes of `0.manifest.json`.
    ///
    /// # Errors
    /// [`TdfError::TooLarge`] over [`MAX_MANIFEST_BYTES`].
    pub fn to_json(&self) -> Result<Vec<u8>, TdfError> {
        let bytes = serde_json::to_vec(&self.to_wire())?;
        if bytes.len() > MAX_MANIFEST_BYTES { Err(too_long()) } else { Ok(bytes) }
    }

    /// Reads the bytes of a manifest.
    ///
    /// # Errors
    /// The first rule broken.
    pub fn from_json(bytes: &[u8]) -> Result<Self, TdfError> {
        if bytes.len() > MAX_MANIFEST_BYTES {
            return Err(too_long());
        }
        let _: Strict = serde_json::from_slice(bytes)?;
        let wire: Wire = serde_json::from_slice(bytes)?;
        check_version(wire.schema_version.as_deref())?;
        check_payload(&wire.payload)?;
        let information = wire.encryption_information;
        check_method(&information)?;
        let manifest = Self {
            key_access: information.key_access,
            policy_base64: information.policy,
            integrity: read_integrity(information.integrity_information)?,
            assertions: wire.assertions.unwrap_or_default(),
            media_type: wire.payload.mime_type.unwrap_or_else(|| OPAQUE_MEDIA_TYPE.to_owned()),
        };
        manifest.check()?;
        Ok(manifest)
    }

    /// SHA-256 of the bytes of a manifest, as the package names it.
    pub fn digest(bytes: &[u8]) -> Digest {
        sha256(&[bytes])
    }

    /// The content key. `open` is asked for each key access object until it opens one of every share; each share's
    /// policy binding must hold.
    ///
    /// # Errors
    /// [`TdfError::NoKey`] or [`TdfError::Binding`].
    pub fn content_key(
        &self,
        mut open: impl FnMut(&KeyAccess) -> Option<ContentKey>,
    ) -> Result<ContentKey, TdfError> {
        let mut shares: BTreeMap<&str, Option<ContentKey>> = BTreeMap::new();
        for object in &self.key_access {
            let share = shares.entry(object.sid.as_deref().unwrap_or_default()).or_default();
            if share.is_some() {
                continue;
            }
            if let Some(opened) = open(object) {
                object.check_binding(&opened, &self.policy_base64)?;
                *share = Some(opened);
            }
        }
        let mut found = shares.into_values().collect::<Option<Vec<_>>>().ok_or(TdfError::NoKey)?.into_iter();
        let first = found.next().ok_or(TdfError::NoKey)?;
        Ok(found.fold(first, |key, share| key.xor(&share)))
    }

    /// The object of the share that the originator keeps, where the key opens with two shares only.
    pub fn originator_share(&self) -> Option<&KeyAccess> {
        self.share(ORIGINATOR_SHARE)
    }

    /// The object of the share that a blind hub keeps, where the key opens with two shares only.
    pub fn hub_share(&self) -> Option<&KeyAccess> {
        self.share(HUB_SHARE)
    }

    /// The object of the share that another than the recipient keeps.
    pub fn other_share(&self) -> Option<&KeyAccess> {
        self.originator_share().or_else(|| self.hub_share())
    }

    fn share(&self, sid: &str) -> Option<&KeyAccess> {
        self.key_access.iter().find(|access| access.sid.as_deref() == Some(sid))
    }

    fn check(&self) -> Result<(), TdfError> {
        if self.key_access.is_empty() {
            return Err(TdfError::Manifest("keyAccess is empty"));
        }
        if self.key_access.len() > MAX_KEY_ACCESS {
            return Err(TdfError::TooLarge { what: "keyAccess", limit: MAX_KEY_ACCESS as u64 });
        }
        if self.assertions.len() > MAX_ASSERTIONS {
            return Err(TdfError::TooLarge { what: "assertions", limit: MAX_ASSERTIONS as u64 });
        }
        let ids: std::collections::BTreeSet<_> = self.assertions.iter().map(|a| a.id.as_str()).collect();
        if ids.len() != self.assertions.len() {
            return Err(TdfError::Manifest("two assertions with one id"));
        }
        if self.integrity.item_bytes() > MAX_ITEM_BYTES {
            return Err(TdfError::TooLarge { what: "item", limit: MAX_ITEM_BYTES });
        }
        self.key_access.iter().try_for_each(KeyAccess::check)
    }

    fn to_wire(&self) -> Wire {
        let media_type = self.media_type.clone();
        Wire {
            payload: Payload {
                kind: "reference".to_owned(),
                url: "0.payload".to_owned(),
                protocol: "zip".to_owned(),
                is_encrypted: true,
                mime_type: Some(media_type),
            },
            encryption_information: EncryptionInformation {
                kind: "split".to_owned(),
                key_access: self.key_access.clone(),
                method: Method {
                    algorithm: "AES-256-GCM".to_owned(),
                    is_streamable: true,
                    iv: String::new(),
                },
                integrity_information: write_integrity(&self.integrity),
                policy: self.policy_base64.clone(),
            },
            assertions: Some(self.assertions.clone()),
            schema_version: Some(SCHEMA_VERSION.to_owned()),
        }
    }
}

fn too_long() -> TdfError {
    TdfError::TooLarge { what: "manifest", limit: MAX_MANIFEST_BYTES as u64 }
}

fn check_version(version: Option<&str>) -> Result<(), TdfError> {
    let minor = version.and_then(|text| text.strip_prefix("4.")).and_then(|rest| rest.split('.').next());
    match minor.and_then(|minor| minor.parse::<u16>().ok()) {
        Some(3..) => Ok(()),
        _ => Err(TdfError::Unfit("schemaVersion is absent or not 4.3 or later")),
    }
}

fn check_payload(payload: &Payload) -> Result<(), TdfError> {
    if payload.kind != "reference" || payload.protocol != "zip" || payload.url != "0.payload" {
        return Err(TdfError::Manifest("payload is not a reference to 0.payload in this zip"));
    }
    if payload.is_encrypted { Ok(()) } else { Err(TdfError::Manifest("payload.isEncrypted is false")) }
}

fn check_method(information: &EncryptionInformation) -> Result<(), TdfError> {
    if information.kind != "split" {
        return Err(TdfError::Unfit("encryptionInformation.type is not split"));
    }
    if information.method.algorithm != "AES-256-GCM" {
        return Err(TdfError::Unfit("method.algorithm is not AES-256-GCM"));
    }
    Ok(())
}

fn read_integrity(wire: WireIntegrity) -> Result<Integrity, TdfError> {
    let is_gmac = match wire.segment_hash_alg.as_str() {
        "GMAC" => true,
        "HS256" => false,
        _ => return Err(TdfError::Unfit("segmentHashAlg is neither GMAC nor HS256")),
    };
    if wire.root_signature.alg != "HS256" {
        return Err(TdfError::Unfit("rootSignature.alg is not HS256"));
    }
    let defaults = (wire.segment_size_default, wire.encrypted_segment_size_default);
    let segments = wire.segments.into_iter().map(|segment| read_segment(&segment, defaults, is_gmac));
    Ok(Integrity {
        segments: segments.collect::<Result<_, _>>()?,
        is_gmac,
        root_signature: base64(&wire.root_signature.sig, 32, "rootSignature.sig is not base64 of 32 bytes")?,
    })
}

fn read_segment(wire: &WireSegment, defaults: (u64, u64), is_gmac: bool) -> Result<Segment, TdfError> {
    let plain_bytes = wire.segment_size.unwrap_or(defaults.0);
    let sealed_bytes = wire.encrypted_segment_size.unwrap_or(defaults.1);
    if plain_bytes > u64::from(MAX_SEGMENT_BYTES) {
        return Err(TdfError::TooLarge { what: "segment", limit: u64::from(MAX_SEGMENT_BYTES) });
    }
    if sealed_bytes != plain_bytes + gcm::OVERHEAD_BYTES as u64 {
        return Err(TdfError::Manifest("encryptedSegmentSize is not segmentSize + 28"));
    }
    let hash_bytes = if is_gmac { gcm::TAG_BYTES } else { 32 };
    let hash = base64(&wire.hash, hash_bytes, "segments.hash is not base64 of its length")?;
    let plain_bytes = u32::try_from(plain_bytes).map_err(|_| TdfError::Manifest("segmentSize"))?;
    Ok(Segment { hash, plain_bytes })
}

fn write_integrity(integrity: &Integrity) -> WireIntegrity {
    let default = integrity.segments.first().map_or(0, |segment| u64::from(segment.plain_bytes));
    let segments = integrity.segments.iter().map(|segment| WireSegment {
        hash: BASE64.encode(&segment.hash),
        segment_size: Some(u64::from(segment.plain_bytes)),
        encrypted_segment_size: Some(segment.sealed_bytes()),
    });
    WireIntegrity {
        root_signature: RootSignature {
            alg: "HS256".to_owned(),
            sig: BASE64.encode(&integrity.root_signature),
        },
        segment_hash_alg: if integrity.is_gmac { "GMAC" } else { "HS256" }.to_owned(),
        segment_size_default: default,
        encrypted_segment_size_default: default + gcm::OVERHEAD_BYTES as u64,
        segments: segments.collect(),
    }
}

fn base64(text: &str, length: usize, complaint: &'static str) -> Result<Vec<u8>, TdfError> {
    match BASE64.decode(text.as_bytes()) {
        Ok(bytes) if bytes.len() == length => Ok(bytes),
        _ => Err(TdfError::Manifest(complaint)),
    }
}
