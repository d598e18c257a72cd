//! Project Wycheproof's vectors for HKDF-SHA-256.
//!
//! Left out: outputs longer than HKDF can give, since ours has one length. What a vector wants beyond 32 bytes follows from
//! the same first block; a shorter output is the begin of ours.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on has failed")]

use super::*;
use ::wycheproof::TestResult;
use ::wycheproof::hkdf::{TestName, TestSet};

#[test]
fn each_vector_gives_the_key_that_it_says() {
    let mut derived = 0;
    for group in TestSet::load(TestName::HkdfSha256).unwrap().test_groups {
        for test in group.tests.into_iter().filter(|test| test.result == TestResult::Valid) {
            let key = hkdf(&test.salt, &test.ikm, &test.info).unwrap();
            let shared = test.size.min(key.len());
            assert_eq!(key[..shared], test.okm[..shared], "{}", test.tc_id);
            derived += 1;
        }
    }
    assert!(derived > 60, "{derived}");
}
