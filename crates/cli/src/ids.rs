//! A number that a person gives by its first digits.
//!
//! *Absent:* what it is the number of; the node lists those that there are.

use crate::agreement::texts::Three;
use crate::found::{EXIT_MISUSE, Failed};

/// Fewest digits by which an id may be shortened.
const MIN_PREFIX: usize = 6;

const TOO_SHORT: Three = [
    "{what}: 적어도 {digits}자리를 준다",
    "{what}: 少なくとも{digits}桁を与えること",
    "{what}: give at least {digits} digits",
];
const NONE_BEGINS: Three = [
    "{what}: {given}(으)로 시작하는 것이 여기에 없다. 목록을 본다",
    "{what}: {given} で始まるものはここにない。一覧を見ること",
    "{what}: none here begins with {given}; see the list",
];
const SEVERAL_BEGIN: Three = [
    "{what}: {given}(으)로 시작하는 것이 여럿이다. 더 많은 자리를 준다",
    "{what}: {given} で始まるものが複数ある。桁を増やすこと",
    "{what}: several begin with {given}; give more digits",
];

/// The one id that begins with what was given.
pub(crate) fn whole_id<'a>(
    what: &str,
    given: &str,
    ids: impl Iterator<Item = &'a str>,
) -> Result<String, Failed> {
    let places = || {
        let digits = MIN_PREFIX.to_string();
        [("what", what.to_owned()), ("given", given.to_owned()), ("digits", digits)]
    };
    if given.len() < MIN_PREFIX {
        return Err(Failed::in_three(EXIT_MISUSE, &TOO_SHORT, &places()));
    }
    let mut found = ids.filter(|id| id.starts_with(given));
    match (found.next(), found.next()) {
        (Some(only), None) => Ok(only.to_owned()),
        (None, _) => Err(Failed::in_three(EXIT_MISUSE, &NONE_BEGINS, &places())),
        _ => Err(Failed::in_three(EXIT_MISUSE, &SEVERAL_BEGIN, &places())),
    }
}
