//! Project Wycheproof's vectors for AES-256-GCM, opened as rows and papers are: with what they are about as associated data.
//!
//! Left out: other key and nonce lengths.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on has failed")]

use super::*;
use ::wycheproof::TestResult;
use ::wycheproof::aead::{TestName, TestSet};

#[test]
fn each_vector_opens_or_not_as_it_says() {
    let (mut opened, mut refused) = (0, 0);
    for group in TestSet::load(TestName::AesGcm).unwrap().test_groups {
        if (group.key_size, group.nonce_size, group.tag_size) != (256, 96, 128) {
            continue;
        }
        for test in group.tests {
            let paper = LessSafeKey::new(UnboundKey::new(&AES_256_GCM, &test.key).unwrap());
            let key = RestKey { paper, ..RestKey::new(&[1; 32]).unwrap() };
            let sealed = [test.nonce.as_slice(), &test.ct, &test.tag].concat();
            let plain = key.open(Purpose::Paper, &test.aad, &sealed);
            if test.result == TestResult::Valid {
                assert_eq!(plain.unwrap().as_slice(), test.pt.as_slice(), "{}", test.tc_id);
                opened += 1;
            } else {
                assert_eq!(plain.unwrap_err(), RestError::Altered, "{}", test.tc_id);
                refused += 1;
            }
        }
    }
    assert!(opened > 30 && refused > 20, "{opened} opened, {refused} refused");
}
