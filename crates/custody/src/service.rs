//! The keys of the key access service: RSA and P-256 for clients that know nothing else. They open what a foreign client
//! wrapped for this node, and what this node sealed as a copy for machine clients.
//!
//! *Absent:* the key under access tokens, which opens nothing, and any use without custody's demands; see
//! [`crate::keyrelease`].

use attache_accord::Digest;
use attache_seal::content_key::ContentKey;
use attache_seal::digest::sha256;
use attache_seal::pem;
use attache_seal::tdf::{KeyAccess, KeyAccessKind};
use attache_seal::wrap::{EcSecret, RsaSecret, WrapError, wrap_ec, wrap_rsa};
use data_encoding::HEXLOWER;

/// Bytes of a key's digest that are its name.
const KID_BYTES: usize = 8;

/// A public key as clients are given it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServicePublic {
    /// By what name a key access object names it.
    pub kid: String,
    /// SubjectPublicKeyInfo in PEM.
    pub pem: String,
    /// SHA-256 of the SubjectPublicKeyInfo in DER: by what name a permit names it.
    pub digest: Digest,
}

impl ServicePublic {
    fn of(letter: char, spki_der: &[u8]) -> Self {
        let digest = sha256(&[spki_der]);
        let name = digest.0.get(..KID_BYTES).unwrap_or_default();
        Self {
            kid: format!("{letter}-{}", HEXLOWER.encode(name)),
            pem: pem::encode(spki_der, "PUBLIC KEY").to_string(),
            digest,
        }
    }
}

/// Which of the service's two keys.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ServiceKind {
    /// RSA of 2048 bits, which every client reads.
    #[default]
    Rsa,
    /// P-256.
    Ec,
}

/// One generation of the service's keys.
#[derive(Debug)]
pub struct ServiceKeys {
    rsa: RsaSecret,
    ec: EcSecret,
    /// The public half of the RSA key, of 2048 bits.
    pub rsa_public: ServicePublic,
    /// The public half of the P-256 key.
    pub ec_public: ServicePublic,
}

impl ServiceKeys {
    /// Reads both keys from PKCS#8.
    ///
    /// # Errors
    /// [`WrapError`] where one is none.
    pub fn from_pkcs8_der(rsa: &[u8], ec: &[u8]) -> Result<Self, WrapError> {
        let (rsa, ec) = (RsaSecret::from_pkcs8_der(rsa)?, EcSecret::from_der(ec)?);
        let rsa_public = ServicePublic::of('r', rsa.public_spki_der());
        let ec_public = ServicePublic::of('e', &ec.public_spki_der()?);
        Ok(Self { rsa, ec, rsa_public, ec_public })
    }

    /// The public half of one of them.
    pub fn public(&self, kind: ServiceKind) -> &ServicePublic {
        match kind {
            ServiceKind::Rsa => &self.rsa_public,
            ServiceKind::Ec => &self.ec_public,
        }
    }

    /// A content key, or a share of one, wrapped for one of these keys of the service at `url`, with the policy bound to it.
    pub(crate) fn wrap(
        &self,
        kind: ServiceKind,
        url: &str,
        content: &ContentKey,
        policy_base64: &str,
    ) -> Result<KeyAccess, WrapError> {
        let kid = &self.public(kind).kid;
        Ok(match kind {
            ServiceKind::Rsa => {
                let wrapped = wrap_rsa(self.rsa.public_spki_der(), content)?;
                KeyAccess::new(KeyAccessKind::Wrapped, url, kid, &wrapped, content, policy_base64)
            }
            ServiceKind::Ec => {
                let wrapped = wrap_ec(&self.ec.public_spki_der()?, content)?;
                KeyAccess::new_ec(url, kid, &wrapped, content, policy_base64)
            }
        })
    }

    /// Opens what was wrapped for the key named `kid`; `None` where that is neither of these.
    pub(crate) fn open(
        &self,
        kid: &str,
        wrapped: &[u8],
        ephemeral: Option<&str>,
    ) -> Option<Result<ContentKey, WrapError>> {
        if kid == self.rsa_public.kid {
            Some(self.rsa.unwrap(wrapped))
        } else if kid == self.ec_public.kid {
            Some(self.ec.unwrap(wrapped, ephemeral.unwrap_or_default()))
        } else {
            None
        }
    }
}
