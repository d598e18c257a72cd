//! Project Wycheproof's vectors for AES-256-GCM, for whatever opens with a key, a nonce and associated data.
//!
//! Left out: other key and nonce lengths.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on has failed")]

use ::wycheproof::TestResult;
use ::wycheproof::aead::{TestName, TestSet};
use aws_lc_rs::aead::NONCE_LEN;
use zeroize::Zeroizing;

/// Opens each vector by `open`, which is given key, nonce, associated data, and ciphertext with tag.
pub(crate) fn each_vector_opens_or_not_as_it_says(
    open: impl Fn(&[u8; 32], [u8; NONCE_LEN], &[u8], Vec<u8>) -> Option<Zeroizing<Vec<u8>>>,
) {
    let (mut opened, mut refused) = (0, 0);
    for group in TestSet::load(TestName::AesGcm).unwrap().test_groups {
        if (group.key_size, group.nonce_size, group.tag_size) != (256, 96, 128) {
            continue;
        }
        for test in group.tests {
            let key = test.key.as_slice().try_into().unwrap();
            let nonce = test.nonce.as_slice().try_into().unwrap();
            let plain = open(key, nonce, &test.aad, [test.ct.as_slice(), &test.tag].concat());
            if test.result == TestResult::Valid {
                assert_eq!(plain.unwrap().as_slice(), test.pt.as_slice(), "{}", test.tc_id);
                opened += 1;
            } else {
                assert_eq!(plain, None, "{}", test.tc_id);
                refused += 1;
            }
        }
    }
    assert!(opened > 30 && refused > 20, "{opened} opened, {refused} refused");
}
