//! What a file is called: title, file name and media type, sealed under the content key inside a key access object, so
//! that no relay reads them. The form is that of the TDF SDKs: base64 of JSON with `ciphertext` and `iv`.
//!
//! *Absent:* the marking, which is the label's.

use super::TdfError;
use crate::content_key::ContentKey;
use crate::gcm;
use data_encoding::BASE64;
use serde::{Deserialize, Serialize};

/// Longest sealed metadata, in bytes of base64.
const MAX_METADATA_BYTES: usize = 64 * 1024;

/// Title, file name and media type. Classified like the item; `Debug` shows nothing.
#[derive(Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Metadata {
    /// The title.
    pub title: String,
    /// The file name, without a path.
    pub file_name: String,
    /// The media type (RFC 6838).
    pub media_type: String,
}

impl std::fmt::Debug for Metadata {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Metadata(..)")
    }
}

#[derive(Serialize, Deserialize)]
struct Sealed {
    ciphertext: String,
    iv: String,
}

impl Metadata {
    /// The member `encryptedMetadata` of a key access object that wraps `share`.
    ///
    /// # Errors
    /// [`TdfError::TooLarge`] or [`TdfError::Library`].
    pub fn seal(&self, share: &ContentKey) -> Result<String, TdfError> {
        let plain = zeroize::Zeroizing::new(serde_json::to_vec(self)?);
        let key = gcm::key(share.dangerously_expose()).ok_or(TdfError::Library)?;
        let sealed = gcm::seal(&key, &plain).ok_or(TdfError::Library)?;
        let (iv, _) = sealed.split_at(gcm::IV_BYTES);
        let wire = Sealed { ciphertext: BASE64.encode(&sealed), iv: BASE64.encode(iv) };
        let text = BASE64.encode(&serde_json::to_vec(&wire)?);
        if text.len() > MAX_METADATA_BYTES { Err(too_large()) } else { Ok(text) }
    }

    /// Opens what [`Metadata::seal`] or an SDK sealed. The SDKs leave the content free: members that are not ours are
    /// passed over, absent ones are empty.
    ///
    /// # Errors
    /// [`TdfError::Manifest`] where it is not of this form or does not open.
    pub fn open(text: &str, share: &ContentKey) -> Result<Self, TdfError> {
        if text.len() > MAX_METADATA_BYTES {
            return Err(too_large());
        }
        let form = TdfError::Manifest("encryptedMetadata is not of its form");
        let Ok(json) = BASE64.decode(text.as_bytes()) else { return Err(form) };
        let wire: Sealed = serde_json::from_slice(&json)?;
        let Ok(sealed) = BASE64.decode(wire.ciphertext.as_bytes()) else { return Err(form) };
        let key = gcm::key(share.dangerously_expose()).ok_or(TdfError::Library)?;
        let plain = gcm::open(&key, &sealed)
            .ok_or(TdfError::Manifest("encryptedMetadata does not open with this key"))?;
        if plain.is_empty() { Ok(Self::default()) } else { Ok(serde_json::from_slice(&plain)?) }
    }
}

fn too_large() -> TdfError {
    TdfError::TooLarge { what: "encryptedMetadata", limit: MAX_METADATA_BYTES as u64 }
}
