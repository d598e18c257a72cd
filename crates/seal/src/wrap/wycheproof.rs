//! Project Wycheproof's vectors for ECDH on P-256, agreed as keys of the form `ec-wrapped` are.
//!
//! Left out: RSA-OAEP, whose vectors carry other lengths than a content key. Compressed points are refused.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on has failed")]

use super::*;
use ::wycheproof::TestResult;
use ::wycheproof::ecdh::{TestName, TestSet};

#[test]
fn each_vector_agrees_or_not_as_it_says() {
    let (mut agreed, mut refused) = (0, 0);
    let content = ContentKey::from_bytes(&[7; 32]);
    for group in TestSet::load(TestName::EcdhSecp256r1Ecpoint).unwrap().test_groups {
        for test in group.tests {
            let digits = test.private_key.iter().copied().skip_while(|byte| *byte == 0).collect::<Vec<_>>();
            let scalar = [vec![0; 32 - digits.len()], digits].concat();
            let secret = EcSecret(PrivateKey::from_private_key(&ECDH_P256, &scalar).unwrap());
            let salt = crate::digest::sha256(&[b"TDF"]);
            let mut key = [0; 32];
            let extracted = Salt::new(HKDF_SHA256, &salt.0).extract(&test.shared_secret);
            extracted.expand(&[], HKDF_SHA256).and_then(|okm| okm.fill(&mut key)).unwrap();
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
