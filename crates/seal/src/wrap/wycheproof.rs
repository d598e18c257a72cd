//! Project Wycheproof's vectors for ECDH on P-256, agreed as keys of the form `ec-wrapped` are, and for RSA-OAEP with SHA-1,
//! opened as keys of the form `wrapped` are.
//!
//! Left out: OAEP with a label or another hash, which TDF has not. Compressed points are refused.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on has failed")]

use super::*;
use ::wycheproof::ecdh::{TestName, TestSet};
use ::wycheproof::{TestResult, rsa_oaep};

#[test]
fn each_vector_agrees_or_not_as_it_says() {
    let (mut agreed, mut refused) = (0, 0);
    let content = ContentKey::from_bytes(&[7; 32]);
    for group in TestSet::load(TestName::EcdhSecp256r1Ecpoint).unwrap().test_groups {
        for test in group.tests {
            let digits = test.private_key.iter().copied().skip_while(|byte| *byte == 0).collect::<Vec<_>>();
            let scalar = [vec![0; 32 - digits.len()], digits].concat();
            let secret = EcSecret(PrivateKey::from_private_key(&ECDH_P256, &scalar).unwrap());
            let key = hkdf(&sha256(&[b"TDF"]).0, &test.shared_secret, &[]).unwrap();
            let wrapped = seal_key(&key, &content).unwrap();
            let spki = [P256_SPKI_PREFIX.as_slice(), &test.public_key].concat();
            let opened = secret.unwrap(&wrapped, &pem::encode(&spki, PUBLIC_PEM));
            if test.result == TestResult::Valid {
                assert!(opened.is_ok(), "{}", test.tc_id);
                agreed += 1;
            } else {
                assert!(opened.is_err(), "{}", test.tc_id);
                refused += 1;
            }
        }
    }
    assert!(agreed > 200 && refused > 10, "{agreed} agreed, {refused} refused");
}

#[test]
fn each_rsa_vector_opens_or_not_as_it_says() {
    let (mut opened, mut refused) = (0, 0);
    let set = rsa_oaep::TestSet::load(rsa_oaep::TestName::Rsa2048Sha1Mgf1Sha1).unwrap();
    for group in set.test_groups {
        let secret = RsaSecret::from_pkcs8_der(&group.pkcs8).unwrap();
        for test in group.tests {
            let plain = secret.open(&test.ct);
            if test.result == TestResult::Valid && test.label.is_empty() {
                assert_eq!(plain.unwrap().as_slice(), test.pt.as_slice(), "{}", test.tc_id);
                opened += 1;
            } else {
                assert_eq!(plain, None, "{}", test.tc_id);
                refused += 1;
            }
        }
    }
    assert!(opened >= 10 && refused > 20, "{opened} opened, {refused} refused");
}
