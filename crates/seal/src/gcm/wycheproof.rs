//! Project Wycheproof's vectors for AES-256-GCM, opened as segments and wrapped keys are.
//!
//! Left out: other key and nonce lengths, and associated data, which TDF has not. Sealing draws its own nonce, so it has
//! no vectors; what it sealed is opened in the tests of each form.
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
        for test in group.tests.into_iter().filter(|test| test.aad.is_empty()) {
            let bytes: [u8; 32] = test.key.as_slice().try_into().unwrap();
            let sealed = [test.nonce.as_slice(), &test.ct, &test.tag].concat();
            let plain = open(&key(&bytes).unwrap(), &sealed).map(|plain| plain.to_vec());
            match test.result {
                TestResult::Valid => {
                    assert_eq!(plain.as_deref(), Some(test.pt.as_slice()), "{}", test.tc_id);
                    opened += 1;
                }
                _ => {
                    assert_eq!(plain, None, "{}", test.tc_id);
                    refused += 1;
                }
            }
        }
    }
    assert!(opened > 20 && refused > 5, "{opened} opened, {refused} refused");
}
