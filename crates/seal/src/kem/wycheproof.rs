//! Project Wycheproof's vectors for ML-KEM-1024 and for ECDH on P-384, each as one half of the composite; the other half
//! is a fresh key. Expected secrets go through the combiner, which has a vector of its own.
//!
//! Left out: vectors that begin with a seed, since the library imports none, and those of encapsulation with given
//! chance. Compressed points are refused here although the curve has them.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on has failed")]

use super::*;
use ::wycheproof::{TestResult, ecdh, mlkem};

/// The scalar half and the expanded ML-KEM half of a stored secret.
fn halves(secret: &KemSecret) -> (Vec<u8>, Vec<u8>) {
    let stored = secret.to_secret_bytes();
    let (expanded, scalar) = stored.split_at(MLKEM_SECRET_BYTES);
    (expanded.to_vec(), scalar.to_vec())
}

#[test]
fn each_p384_vector_agrees_or_not_as_it_says() {
    let other = KemSecret::generate().unwrap();
    let quantum = EncapsulationKey::new(&ML_KEM_1024, other.public().mlkem()).unwrap();
    let (mlkem_ct, mlkem_ss) = quantum.encapsulate().unwrap();
    let (mut agreed, mut refused) = (0, 0);
    for group in ecdh::TestSet::load(ecdh::TestName::EcdhSecp384r1Ecpoint).unwrap().test_groups {
        for test in group.tests {
            // Written as an integer: with a zero in front, or shorter than the field.
            let digits = test.private_key.iter().copied().skip_while(|byte| *byte == 0).collect::<Vec<_>>();
            let scalar = [vec![0; SCALAR_BYTES - digits.len()], digits].concat();
            let Ok(secret) = KemSecret::from_secret_bytes(&[halves(&other).0, scalar].concat()) else {
                panic!("{}: not a scalar", test.tc_id)
            };
            let point = test.public_key.as_slice();
            let shared = secret.decapsulate(&[mlkem_ct.as_ref(), point].concat());
            if test.result == TestResult::Valid {
                let expected =
                    combine(mlkem_ss.as_ref(), &test.shared_secret, point, secret.public().point());
                assert_eq!(*shared.unwrap(), *expected, "{}", test.tc_id);
                agreed += 1;
            } else {
                assert!(shared.is_err(), "{}", test.tc_id);
                refused += 1;
            }
        }
    }
    assert!(agreed > 700 && refused > 10, "{agreed} agreed, {refused} refused");
}

#[test]
fn each_expanded_mlkem_key_is_taken_or_not_as_it_says() {
    let (_, scalar) = halves(&KemSecret::generate().unwrap());
    let ephemeral = PrivateKey::generate(&ECDH_P384).unwrap();
    let point = ephemeral.compute_public_key().unwrap();
    let (mut taken, mut refused) = (0, 0);
    for group in mlkem::TestSet::load(mlkem::TestName::MlKem1024SemiExpandedDecaps).unwrap().test_groups {
        for test in group.tests {
            let expanded = test.decaps_key.as_ref().unwrap();
            let ciphertext = [test.ct.as_ref().unwrap().as_slice(), point.as_ref()].concat();
            let secret = KemSecret::from_secret_bytes(&[expanded.as_slice(), &scalar].concat());
            let shared = secret.and_then(|secret| Ok((secret.decapsulate(&ciphertext)?, secret)));
            if test.result == TestResult::Valid {
                let (shared, secret) = shared.unwrap();
                let own = UnparsedPublicKey::new(&ECDH_P384, secret.public().point());
                let expected = agreement::agree(&ephemeral, own, KemError::Library, |trad_ss| {
                    let mlkem_ss = test.shared_secret.as_ref().unwrap();
                    Ok(combine(mlkem_ss, trad_ss, point.as_ref(), secret.public().point()))
                });
                assert_eq!(*shared, *expected.unwrap(), "{}", test.tc_id);
                taken += 1;
            } else {
                assert!(shared.is_err(), "{}", test.tc_id);
                refused += 1;
            }
        }
    }
    assert!(taken >= 2 && refused >= 5, "{taken} taken, {refused} refused");
}

#[test]
fn each_mlkem_public_key_is_taken_or_not_as_it_says() {
    let other = KemSecret::generate().unwrap();
    let (mut taken, mut refused) = (0, 0);
    for group in mlkem::TestSet::load(mlkem::TestName::MlKem1024Encaps).unwrap().test_groups {
        for test in group.tests {
            let raw = [test.encaps_key.as_ref().unwrap().as_slice(), other.public().point()].concat();
            let public = KemPublic::from_raw(&raw).and_then(|public| public.encapsulate());
            assert_eq!(public.is_ok(), test.result == TestResult::Valid, "{}", test.tc_id);
            *(if public.is_ok() { &mut taken } else { &mut refused }) += 1;
        }
    }
    assert!(taken > 100 && refused > 100, "{taken} taken, {refused} refused");
}
