//! Project Wycheproof's vectors for HMAC-SHA-256, verified as policy bindings are.
//!
//! Left out: other key and tag lengths, and messages that are no text, since a policy is.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on has failed")]

use super::*;
use ::wycheproof::TestResult;
use ::wycheproof::mac::{TestName, TestSet};

#[test]
fn each_vector_binds_or_not_as_it_says() {
    let (mut valid, mut invalid) = (0, 0);
    for group in TestSet::load(TestName::HmacSha256).unwrap().test_groups {
        if (group.key_size, group.tag_size) != (256, 256) {
            continue;
        }
        for test in group.tests {
            let Ok(policy) = std::str::from_utf8(&test.msg) else { continue };
            let key = ContentKey::from_slice(&test.key).unwrap();
            let bound = verify(&key, policy, &BASE64.encode(&test.tag));
            assert_eq!(bound, test.result == TestResult::Valid, "{}", test.tc_id);
            *(if bound { &mut valid } else { &mut invalid }) += 1;
        }
    }
    assert!(valid > 1 && invalid > 10, "{valid} valid, {invalid} invalid");
}
