//! The certificates of the partner link. Each node is its own authority: one certificate that stands in its card, and
//! under it a short-lived one that it shows in the handshake. Both keys are the keyring's, P-256.
//!
//! *Absent:* whose certificate is believed; that is `tls`.

use crate::fault::Fault;
use attache_accord::{NodeName, Timestamp};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, KeyPair as _};
use rcgen::{
    BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, GeneralSubtree, IsCa, Issuer,
    KeyUsagePurpose, NameConstraints, PKCS_ECDSA_P256_SHA256, PublicKeyData, SanType, SerialNumber,
    SignatureAlgorithm, SigningKey,
};
use std::net::IpAddr;
use std::time::Duration;

/// How long a node's TLS certificate is valid from its making, in hours: 7 days.
pub const LEAF_LIFE_HOURS: u64 = 7 * 24;
/// After so many hours a running node makes a new one: two thirds of its life.
pub const LEAF_RENEW_HOURS: u64 = LEAF_LIFE_HOURS * 2 / 3;
/// How far before its making a TLS certificate is valid already, in hours. Clocks that differ bar releases, and the
/// greeting says so; a handshake that fails would not.
pub const LEAF_BACKDATE_HOURS: u64 = 24;

/// The organisation in an authority's subject; with it no subject of a node equals that of its authority.
const AUTHORITY: &str = "attache link authority";
/// 9999-12-31T23:59:59Z, the last moment that a certificate can name.
const LAST_MOMENT_MILLIS: u64 = 253_402_300_799_000;

/// A node's TLS certificate.
pub struct Leaf {
    /// DER.
    pub der: Vec<u8>,
    /// When it was made.
    pub made_at: Timestamp,
}

impl Leaf {
    /// Whether a running node should make a new one at `now`. A clock that was set back is a reason too.
    pub fn is_stale(&self, now: Timestamp) -> bool {
        now < self.made_at || now >= self.made_at.plus_hours(LEAF_RENEW_HOURS)
    }
}

/// The authority's certificate that goes into the card of `node`, self-signed, DER. It may vouch for that name only,
/// and for no further authority.
///
/// # Errors
/// [`Fault::Certificate`] for a key that is not P-256 in PKCS#8, a node name that is no DNS name, or dates past the year
/// 9999.
pub fn authority(
    tls_ca_pkcs8: &[u8],
    node: &NodeName,
    not_before: Timestamp,
    not_after: Timestamp,
) -> Result<Vec<u8>, Fault> {
    let mut params = authority_params(node)?;
    valid(&mut params, not_before, not_after)?;
    params.serial_number = Some(serial()?);
    let made = params.self_signed(&Key::read(tls_ca_pkcs8)?);
    made.map(|certificate| certificate.der().to_vec()).map_err(|_| Fault::Certificate("signing failed"))
}

/// The certificate that `node` shows from `now` on, signed by its authority.
///
/// # Errors
/// As [`authority`].
pub fn leaf(
    tls_ca_pkcs8: &[u8],
    tls_node_pkcs8: &[u8],
    node: &NodeName,
    now: Timestamp,
) -> Result<Leaf, Fault> {
    leaf_at(tls_ca_pkcs8, tls_node_pkcs8, node, None, now)
}

/// The same for a listener that its clients reach by `address` and not by the node's name.
///
/// # Errors
/// As [`authority`].
pub fn leaf_at(
    tls_ca_pkcs8: &[u8],
    tls_node_pkcs8: &[u8],
    node: &NodeName,
    address: Option<IpAddr>,
    now: Timestamp,
) -> Result<Leaf, Fault> {
    let issuer = Issuer::new(authority_params(node)?, Key::read(tls_ca_pkcs8)?);
    let mut params = params_for(node)?;
    params.subject_alt_names.extend(address.map(SanType::IpAddress));
    let since = Timestamp(now.0.saturating_sub(LEAF_BACKDATE_HOURS * 3_600_000));
    valid(&mut params, since, now.plus_hours(LEAF_LIFE_HOURS))?;
    params.serial_number = Some(serial()?);
    params.is_ca = IsCa::ExplicitNoCa;
    params.use_authority_key_identifier_extension = true;
    params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    params.extended_key_usages =
        vec![ExtendedKeyUsagePurpose::ServerAuth, ExtendedKeyUsagePurpose::ClientAuth];
    let made = params.signed_by(&Key::read(tls_node_pkcs8)?, &issuer);
    let der = made.map_err(|_| Fault::Certificate("signing failed"))?.der().to_vec();
    Ok(Leaf { der, made_at: now })
}

/// What is the same in an authority's certificate whenever it is made: its subject, and what it may vouch for.
fn authority_params(node: &NodeName) -> Result<CertificateParams, Fault> {
    let mut params = params_for(node)?;
    params.subject_alt_names.clear();
    params.distinguished_name.push(DnType::OrganizationName, AUTHORITY);
    params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign];
    params.name_constraints = Some(NameConstraints {
        permitted_subtrees: vec![GeneralSubtree::DnsName(node.to_string())],
        excluded_subtrees: Vec::new(),
    });
    Ok(params)
}

fn params_for(node: &NodeName) -> Result<CertificateParams, Fault> {
    super::tls::server_name(node)?;
    let named = CertificateParams::new(vec![node.to_string()]);
    let mut params = named.map_err(|_| Fault::Certificate("the node's name is no DNS name"))?;
    params.distinguished_name = rcgen::DistinguishedName::new();
    params.distinguished_name.push(DnType::CommonName, node.as_str());
    Ok(params)
}

/// 126 random bits: positive, and never the same twice under one authority.
fn serial() -> Result<SerialNumber, Fault> {
    let mut bytes = [0; 16];
    aws_lc_rs::rand::fill(&mut bytes).map_err(|_| Fault::Randomness)?;
    bytes[0] = bytes[0] & 0x3f | 0x40;
    Ok(SerialNumber::from_slice(&bytes))
}

/// Sets the dates. The library's own form of them ends with the year 9999, and it would panic beyond.
fn valid(params: &mut CertificateParams, since: Timestamp, until: Timestamp) -> Result<(), Fault> {
    if until.0 > LAST_MOMENT_MILLIS || since > until {
        return Err(Fault::Certificate("its dates are in the wrong order, or past the year 9999"));
    }
    let epoch = rcgen::date_time_ymd(1970, 1, 1);
    params.not_before = epoch + Duration::from_secs(since.seconds());
    params.not_after = epoch + Duration::from_secs(until.seconds());
    Ok(())
}

/// One of the keyring's P-256 keys. The bytes stay where they are wiped; the library's own key type would copy them.
struct Key(EcdsaKeyPair);

impl Key {
    fn read(pkcs8: &[u8]) -> Result<Self, Fault> {
        let read = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_ASN1_SIGNING, pkcs8);
        read.map(Self).map_err(|_| Fault::Certificate("the link's key is not P-256 in PKCS#8"))
    }
}

impl PublicKeyData for Key {
    fn der_bytes(&self) -> &[u8] {
        self.0.public_key().as_ref()
    }

    fn algorithm(&self) -> &'static SignatureAlgorithm {
        &PKCS_ECDSA_P256_SHA256
    }
}

impl SigningKey for Key {
    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, rcgen::Error> {
        let signed = self.0.sign(&SystemRandom::new(), message);
        signed.map(|signature| signature.as_ref().to_vec()).map_err(|_| rcgen::Error::RemoteKeyError)
    }
}
