//! Project Wycheproof's vectors for ECDSA on P-256 with SHA-256 in the fixed form, verified as labels are.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on has failed")]

use super::*;
use ::wycheproof::TestResult;
use ::wycheproof::ecdsa::{TestName, TestSet};

#[test]
fn each_vector_verifies_or_not_as_it_says() {
    let (mut valid, mut invalid) = (0, 0);
    for group in TestSet::load(TestName::EcdsaSecp256r1Sha256P1363).unwrap().test_groups {
        for test in group.tests {
            let verified = es256_verifies(&group.key.key, &test.msg, &test.sig);
            assert_eq!(verified, test.result == TestResult::Valid, "{}", test.tc_id);
            *(if verified { &mut valid } else { &mut invalid }) += 1;
        }
    }
    assert!(valid > 150 && invalid > 80, "{valid} valid, {invalid} invalid");
}
