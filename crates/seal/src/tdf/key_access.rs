//! Key access objects: for whom the content key, or a share of it, is wrapped, and how the policy is bound to it.
//!
//! *Absent:* the wrapping itself, which is [`crate::wrap`]'s, and whether anyone may unwrap.

use super::TdfError;
use crate::content_key::ContentKey;
use crate::wrap::{EcSecret, EcWrapped, RsaSecret, WrapError, unwrap_hybrid};
use crate::{KemSecret, binding};
use data_encoding::BASE64;
use serde::{Deserialize, Serialize};

/// Longest wrapped key, in bytes. RSA-4096 has 512, the composite KEM 1,735.
const MAX_WRAPPED_KEY_BYTES: usize = 4096;

/// Names the recipient's share of a key that opens with two.
pub const RECIPIENT_SHARE: &str = "a";
/// Names the originator's share of it.
pub const ORIGINATOR_SHARE: &str = "b";
/// Names the share of a blind hub, where it keeps one.
pub const HUB_SHARE: &str = "h";

/// How a key is wrapped. Others than these exist in TDF; we write none and open none of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum KeyAccessKind {
    /// RSA-OAEP with SHA-1.
    Wrapped,
    /// ECDH on P-256.
    EcWrapped,
    /// A composite KEM.
    HybridWrapped,
    /// A form that this node cannot open. Another key access object of the same share may do.
    #[serde(other)]
    Other,
}

/// The policy binding, see [`crate::binding`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PolicyBinding {
    /// `HS256`, nothing else.
    pub alg: String,
    /// Base64, in one of the two encodings in use.
    pub hash: String,
}

/// A key access object, the members as they stand in a manifest.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct KeyAccess {
    /// How the key is wrapped.
    #[serde(rename = "type")]
    pub kind: KeyAccessKind,
    /// The key access service.
    pub url: String,
    /// `kas`.
    pub protocol: String,
    /// The wrapped key, base64.
    pub wrapped_key: String,
    /// Binds the policy.
    pub policy_binding: PolicyBinding,
    /// Which key of the service.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kid: Option<String>,
    /// Which share. Objects with the same one are alternatives; objects with different ones hold XOR shares.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sid: Option<String>,
    /// Title, file name and media type, sealed; see [`super::Metadata`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub encrypted_metadata: Option<String>,
    /// `1.0`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub schema_version: Option<String>,
    /// The ephemeral key of `ec-wrapped`, PEM.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ephemeral_public_key: Option<String>,
}

impl KeyAccess {
    /// An object for `share`, wrapped as `hybrid-wrapped` or `wrapped`, with the policy bound to it.
    pub fn new(
        kind: KeyAccessKind,
        url: &str,
        kid: &str,
        wrapped_key: &[u8],
        share: &ContentKey,
        policy_base64: &str,
    ) -> Self {
        Self {
            kind,
            url: url.to_owned(),
            protocol: "kas".to_owned(),
            wrapped_key: BASE64.encode(wrapped_key),
            policy_binding: PolicyBinding {
                alg: "HS256".to_owned(),
                hash: binding::bind(share, policy_base64),
            },
            kid: Some(kid.to_owned()),
            sid: None,
            encrypted_metadata: None,
            schema_version: Some("1.0".to_owned()),
            ephemeral_public_key: None,
        }
    }

    /// An object wrapped as `ec-wrapped`.
    pub fn new_ec(
        url: &str,
        kid: &str,
        wrapped: &EcWrapped,
        share: &ContentKey,
        policy_base64: &str,
    ) -> Self {
        let mut object =
            Self::new(KeyAccessKind::EcWrapped, url, kid, &wrapped.wrapped_key, share, policy_base64);
        object.ephemeral_public_key = Some(wrapped.ephemeral_public_key.clone());
        object
    }

    /// The same share, wrapped for the key `kid` of the service at `url` in the form `hybrid-wrapped`, whatever form it
    /// had. Policy binding and sealed metadata stay valid: both are made under the share itself and not under the key
    /// that wraps it, so they hold for as long as share and policy stay the same. That `wrapped_key` holds this very
    /// share is the caller's word; where it does not, the reader finds the binding broken.
    pub fn rewrapped(&self, kid: &str, url: &str, wrapped_key: &[u8]) -> Self {
        Self {
            kind: KeyAccessKind::HybridWrapped,
            url: url.to_owned(),
            kid: Some(kid.to_owned()),
            wrapped_key: BASE64.encode(wrapped_key),
            ephemeral_public_key: None,
            ..self.clone()
        }
    }

    /// The same object for the share named `sid`.
    pub fn with_sid(mut self, sid: &str) -> Self {
        self.sid = Some(sid.to_owned());
        self
    }

    /// The same object with the policy bound under another share of the key.
    pub fn with_binding(mut self, hash: String) -> Self {
        self.policy_binding.hash = hash;
        self
    }

    /// The same object with sealed metadata.
    pub fn with_encrypted_metadata(mut self, sealed: String) -> Self {
        self.encrypted_metadata = Some(sealed);
        self
    }

    /// The wrapped key's bytes.
    ///
    /// # Errors
    /// [`WrapError::Form`].
    pub fn wrapped_key_bytes(&self) -> Result<Vec<u8>, WrapError> {
        let form = WrapError::Form("base64");
        let bytes = BASE64.decode(self.wrapped_key.as_bytes()).map_err(|_| form)?;
        if bytes.len() > MAX_WRAPPED_KEY_BYTES { Err(form) } else { Ok(bytes) }
    }

    /// Opens a `hybrid-wrapped` object.
    ///
    /// # Errors
    /// As [`unwrap_hybrid`]; [`WrapError::Form`] for another kind.
    pub fn unwrap_with_kem(&self, secret: &KemSecret) -> Result<ContentKey, WrapError> {
        self.expect_kind(KeyAccessKind::HybridWrapped, "hybrid-wrapped")?;
        unwrap_hybrid(secret, &self.wrapped_key_bytes()?)
    }

    /// Opens a `wrapped` object.
    ///
    /// # Errors
    /// As [`RsaSecret::unwrap`]; [`WrapError::Form`] for another kind.
    pub fn unwrap_with_rsa(&self, secret: &RsaSecret) -> Result<ContentKey, WrapError> {
        self.expect_kind(KeyAccessKind::Wrapped, "wrapped")?;
        secret.unwrap(&self.wrapped_key_bytes()?)
    }

    /// Opens an `ec-wrapped` object.
    ///
    /// # Errors
    /// As [`EcSecret::unwrap`]; [`WrapError::Form`] for another kind.
    pub fn unwrap_with_ec(&self, secret: &EcSecret) -> Result<ContentKey, WrapError> {
        self.expect_kind(KeyAccessKind::EcWrapped, "ec-wrapped")?;
        let ephemeral = self.ephemeral_public_key.as_deref().ok_or(WrapError::Form("ec-wrapped"))?;
        secret.unwrap(&self.wrapped_key_bytes()?, ephemeral)
    }

    /// Whether the policy is bound to this share.
    ///
    /// # Errors
    /// [`TdfError::Binding`].
    pub fn check_binding(&self, share: &ContentKey, policy_base64: &str) -> Result<(), TdfError> {
        let holds = binding::verify(share, policy_base64, &self.policy_binding.hash);
        if holds { Ok(()) } else { Err(TdfError::Binding) }
    }

    pub(super) fn check(&self) -> Result<(), TdfError> {
        if self.protocol != "kas" {
            return Err(TdfError::Manifest("keyAccess.protocol is not kas"));
        }
        if self.policy_binding.alg != "HS256" {
            return Err(TdfError::Unfit("policyBinding.alg is not HS256"));
        }
        Ok(())
    }

    fn expect_kind(&self, kind: KeyAccessKind, name: &'static str) -> Result<(), WrapError> {
        if self.kind == kind { Ok(()) } else { Err(WrapError::Form(name)) }
    }
}
