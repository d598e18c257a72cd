//! Sealed items to and from other implementations. What is checked is in `tests/` and `python/`; of the log, in `go/`.

use data_encoding::BASE64;
use opentdf::prelude::*;
use opentdf::{Segment, TdfArchiveMemoryBuilder, TdfEncryption, TdfManifest};
use std::error::Error;

/// Size of a segment, in bytes.
pub const SEGMENT_BYTES: usize = 1 << 20;

/// What the `opentdf` crate writes of `text` under the key of `encryption`, which is wrapped for the key named `kid` of the
/// service at `url`.
///
/// # Errors
/// The crate's own.
pub fn sealed_by_opentdf(
    encryption: &TdfEncryption,
    text: &[u8],
    url: &str,
    policy: &str,
    (wrapped_key, kid): (String, Option<String>),
) -> Result<Vec<u8>, Box<dyn Error>> {
    let sealed = encryption.encrypt_with_segments(text, SEGMENT_BYTES)?;
    let mut manifest = TdfManifest::new("0.payload".to_owned(), url.to_owned());
    let information = &mut manifest.encryption_information;
    information.policy = BASE64.encode(policy.as_bytes());
    information.method.algorithm = "AES-256-GCM".to_owned();
    let object = &mut information.key_access[0];
    (object.wrapped_key, object.kid) = (wrapped_key, kid);
    object.generate_policy_binding_raw(policy, encryption.payload_key())?;
    let integrity = &mut information.integrity_information;
    integrity.segments = sealed
        .segment_info
        .iter()
        .map(|info| Segment {
            hash: info.hash.clone(),
            segment_size: Some(info.plaintext_size),
            encrypted_segment_size: Some(info.encrypted_size),
        })
        .collect();
    integrity.segment_size_default = SEGMENT_BYTES as u64;
    integrity.encrypted_segment_size_default = SEGMENT_BYTES as u64 + 28;
    integrity.generate_root_signature(&sealed.gmac_tags, encryption.payload_key())?;
    let mut builder = TdfArchiveMemoryBuilder::new();
    builder.add_entry_with_segments(&manifest, &sealed.segments, 0)?;
    Ok(builder.finish()?)
}
