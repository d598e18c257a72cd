//! Project Wycheproof's vectors for Ed25519 and ML-DSA-65, verified as statements are, each half by itself.
//!
//! Left out: ML-DSA with a context; ours is empty, and the domain stands in the message.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on has failed")]

use super::*;
use ::wycheproof::{TestResult, eddsa, mldsa_verify};

#[test]
fn each_ed25519_vector_verifies_or_not_as_it_says() {
    let (mut valid, mut invalid) = (0, 0);
    for group in eddsa::TestSet::load(eddsa::TestName::Ed25519).unwrap().test_groups {
        for test in group.tests {
            let verified = ed25519_verifies(&group.key.pk, &test.msg, &test.sig).is_ok();
            assert_eq!(verified, test.result == TestResult::Valid, "{}", test.tc_id);
            *(if verified { &mut valid } else { &mut invalid }) += 1;
        }
    }
    assert!(valid > 80 && invalid > 60, "{valid} valid, {invalid} invalid");
}

#[test]
fn each_mldsa65_vector_verifies_or_not_as_it_says() {
    let (mut valid, mut invalid) = (0, 0);
    for group in mldsa_verify::TestSet::load(mldsa_verify::TestName::MlDsa65Verify).unwrap().test_groups {
        for test in group.tests.iter().filter(|test| test.ctx.as_ref().is_none_or(|ctx| ctx.is_empty())) {
            let verified = mldsa65_verifies(&group.pubkey, &test.msg, &test.sig).is_ok();
            assert_eq!(verified, test.result == TestResult::Valid, "{}", test.tc_id);
            *(if verified { &mut valid } else { &mut invalid }) += 1;
        }
    }
    assert!(valid > 60 && invalid > 80, "{valid} valid, {invalid} invalid");
}
