//! The leaf of an act: alike from outside, opened field by field.

use attache_tlog::*;
use proptest::prelude::*;

fn origin() -> Origin {
    Origin::new("node-a.example/log").unwrap()
}

fn draft(salt: u8) -> LeafDraft {
    let mut fields: [Vec<u8>; FIELDS] = Default::default();
    for (value, text) in fields.iter_mut().zip(["release", "7", "out", "JPN", "report", "II"]) {
        *value = text.as_bytes().to_vec();
    }
    LeafDraft { salt: [salt; 32], fields }
}

#[test]
fn every_field_opens_where_it_was_committed_to() {
    let (draft, entry) = (draft(1), draft(1).entry(&origin(), 5));
    for field in 0..FIELDS as u8 {
        assert_eq!(draft.open(field).verify(&origin(), 5, &entry), Ok(()), "field {field}");
    }
}

#[test]
fn all_leaves_have_one_length_and_equal_acts_look_different() {
    let (one, other) = (draft(1).entry(&origin(), 5), draft(2).entry(&origin(), 5));
    let empty = LeafDraft { salt: [1; 32], fields: Default::default() }.entry(&origin(), 5);
    assert_eq!((one.len(), LEAF_BYTES, empty.len()), (528, 528, 528));
    let commitments =
        |entry: [u8; LEAF_BYTES]| -> Vec<Vec<u8>> { entry[16..].chunks(32).map(Vec::from).collect() };
    let mut all = [commitments(one), commitments(other), commitments(empty)].concat();
    let count = all.len();
    all.sort();
    all.dedup();
    // Of fields 6 to 15, the first and the third leaf hold the same: the same salt, nothing, at one index.
    assert_eq!((count, all.len()), (48, 38));
}

#[test]
fn a_leaf_does_not_open_at_another_index_or_in_another_log() {
    let (opened, entry) = (draft(1).open(0), draft(1).entry(&origin(), 5));
    let elsewhere = Origin::new("node-b.example/log").unwrap();
    assert_eq!(opened.verify(&origin(), 6, &entry), Err(LeafError::Commitment { field: 0 }));
    assert_eq!(opened.verify(&elsewhere, 5, &entry), Err(LeafError::Commitment { field: 0 }));
}

#[test]
fn a_value_of_any_length_opens_and_one_byte_more_or_less_does_not() {
    for bytes in (0..400).chain([65_535, 70_000]) {
        let mut draft = draft(1);
        draft.fields[3] = vec![b'x'; bytes];
        let (entry, mut opened) = (draft.entry(&origin(), 7), draft.open(3));
        assert_eq!(opened.verify(&origin(), 7, &entry), Ok(()), "{bytes}");
        opened.value.push(0);
        assert!(opened.verify(&origin(), 7, &entry).is_err(), "{bytes}");
        opened.value.truncate(bytes.saturating_sub(1));
        assert_eq!(opened.verify(&origin(), 7, &entry).is_ok(), bytes == 0, "{bytes}");
    }
}

#[test]
fn an_opened_field_does_not_help_to_open_another() {
    let entry = draft(1).entry(&origin(), 5);
    let moved = OpenedField { field: 1, salt: draft(1).open(0).salt, value: b"7".to_vec() };
    assert_eq!(moved.verify(&origin(), 5, &entry), Err(LeafError::Commitment { field: 1 }));
    let with_entry_salt = OpenedField { field: 0, salt: [1; 32], value: b"release".to_vec() };
    assert_eq!(with_entry_salt.verify(&origin(), 5, &entry), Err(LeafError::Commitment { field: 0 }));
}

#[test]
fn an_entry_of_another_form_opens_nothing() {
    let (opened, entry) = (draft(1).open(15), draft(1).entry(&origin(), 5));
    let mut version_2 = entry;
    version_2[14] = b'2';
    let longer = [&entry[..], &[0; 32]].concat();
    assert_eq!(opened.verify(&origin(), 5, &version_2), Err(LeafError::Heading));
    assert_eq!(opened.verify(&origin(), 5, &entry[..527]), Err(LeafError::Length { found: 527 }));
    assert_eq!(opened.verify(&origin(), 5, &longer), Err(LeafError::Length { found: 560 }));
    assert_eq!(opened.verify(&origin(), 5, b""), Err(LeafError::Heading));
    let none = draft(1).open(16).verify(&origin(), 5, &entry);
    assert_eq!(none, Err(LeafError::NoSuchField { field: 16 }));
}

#[test]
fn a_leaf_does_not_show_its_salt_or_values_to_a_log_line() {
    assert_eq!(format!("{:?} {:?}", draft(1), draft(1).open(3)), "LeafDraft(sealed) OpenedField(3, sealed)");
}

proptest! {
    #[test]
    fn a_field_opens_to_one_value_only(
        value in prop::collection::vec(any::<u8>(), 0..40),
        other in prop::collection::vec(any::<u8>(), 0..40),
        field in 0..FIELDS as u8, index in any::<u64>(), salt in any::<[u8; 32]>(),
    ) {
        let mut draft = LeafDraft { salt, fields: Default::default() };
        draft.fields[usize::from(field)] = value.clone();
        let entry = draft.entry(&origin(), index);
        let mut opened = draft.open(field);
        prop_assert_eq!(opened.verify(&origin(), index, &entry), Ok(()));
        opened.value = other.clone();
        prop_assert_eq!(opened.verify(&origin(), index, &entry).is_ok(), other == value);
    }

    #[test]
    fn a_bit_changed_anywhere_in_the_entry_closes_its_field(at in 16usize..LEAF_BYTES, bit in 0u8..8) {
        let mut entry = draft(1).entry(&origin(), 5);
        entry[at] ^= 1 << bit;
        let field = ((at - 16) / 32) as u8;
        prop_assert_eq!(draft(1).open(field).verify(&origin(), 5, &entry), Err(LeafError::Commitment { field }));
    }
}
