//! Signed statements: what is believed, what is not, and that nothing makes the reader fall over.

use crate::samples::{EXPECT, head, pair, receipt};
use attache_accord::{Digest, Network, Timestamp};
use attache_seal::papers::{Admission, Assurance, Card, Outcome, Receipt, Request};
use attache_seal::{Expect, Sign, SignError, Signed, SigningPair, Statement, StatementError};
use proptest::prelude::*;

fn signed() -> Signed {
    let pair = pair(1);
    Signed::seal(&receipt(&pair), &pair).unwrap()
}

fn open(signed: &Signed) -> Result<Statement<Receipt>, StatementError> {
    signed.open(pair(1).verifying(), &EXPECT)
}

#[test]
fn a_receipt_says_after_the_journey_what_it_said_before() {
    let read = Signed::from_bytes(&signed().to_bytes()).unwrap();
    assert_eq!(open(&read).unwrap(), receipt(&pair(1)));
}

#[test]
fn a_statement_signed_by_another_key_is_not_believed() {
    let result: Result<Statement<Receipt>, _> = signed().open(pair(2).verifying(), &EXPECT);
    assert_eq!(result.unwrap_err().code(), "ed25519");
}

#[test]
fn a_receipt_is_no_admission() {
    let result: Result<Statement<Admission>, _> = signed().open(pair(1).verifying(), &EXPECT);
    assert_eq!(result.unwrap_err().code(), "name");
}

#[test]
fn a_statement_of_a_drill_is_not_believed_in_earnest() {
    let live = Expect { network: Network::Live, ..EXPECT };
    let result: Result<Statement<Receipt>, _> = signed().open(pair(1).verifying(), &live);
    assert_eq!(result.unwrap_err().code(), "network");
}

#[test]
fn a_statement_under_another_agreement_is_not_believed() {
    let other = Expect { agreement: "tisa-2014", ..EXPECT };
    let result: Result<Statement<Receipt>, _> = signed().open(pair(1).verifying(), &other);
    assert_eq!(result.unwrap_err().code(), "agreement");
}

#[test]
fn a_statement_under_another_rule_pack_is_not_believed_where_one_is_asked_for() {
    let other = Expect { pack: Some(Digest([8; 32])), ..EXPECT };
    let result: Result<Statement<Receipt>, _> = signed().open(pair(1).verifying(), &other);
    assert_eq!(result.unwrap_err().code(), "pack");
    let same = Expect { pack: Some(Digest([7; 32])), ..EXPECT };
    assert!(signed().open::<Receipt>(pair(1).verifying(), &same).is_ok());
}

#[test]
fn no_key_signs_under_the_name_of_another() {
    let result = Signed::seal(&receipt(&pair(1)), &pair(2));
    assert_eq!(result, Err(SignError::OtherKey));
}

#[test]
fn a_refused_dispatch_has_no_admission() {
    let pair = pair(1);
    let mut statement = receipt(&pair);
    statement.body.outcome = Outcome::Refused;
    assert!(matches!(Signed::seal(&statement, &pair), Err(SignError::Limit(_))));
}

#[test]
fn a_purpose_longer_than_a_page_is_not_signed() {
    let pair = pair(1);
    let body = Request {
        case: attache_accord::CaseId([1; 16]),
        item_digest: Digest([2; 32]),
        label_digest: Digest([3; 32]),
        recipient: "tokyo.jpn".parse().unwrap(),
        purpose: "x".repeat(4097),
    };
    assert!(matches!(Signed::seal(&Statement { head: head(&pair), body }, &pair), Err(SignError::Limit(_))));
}

#[test]
fn seeds_bring_back_the_same_pair_and_debug_shows_none_of_them() {
    let fresh = SigningPair::generate().unwrap();
    let seeds = fresh.to_seed_bytes();
    let again = SigningPair::from_seed_bytes(&seeds).unwrap();
    assert_eq!(again.verifying(), fresh.verifying());
    assert_eq!(format!("{fresh:?}"), format!("SigningPair({})", fresh.verifying().key_id()));
}

fn card(root: &SigningPair) -> Statement<Card> {
    let mut card_head = head(root);
    card_head.signer = "JPN".to_owned();
    let body = Card {
        node: "tokyo.jpn".parse().unwrap(),
        party: "JPN".parse().unwrap(),
        endpoints: vec!["tokyo.example:7443".to_owned()],
        root: root.verifying().clone(),
        node_key: pair(2).verifying().clone(),
        label_key: pair(3).verifying().clone(),
        label_es256: [vec![4], vec![9; 64]].concat(),
        log_origin: "tokyo.jpn/log".to_owned(),
        log_vkeys: vec!["tokyo.jpn/log+00000000+AQ==".to_owned()],
        kem_key: vec![1; 1686],
        tls_ca: vec![2; 500],
        not_before: Timestamp(1_000),
        not_after: Timestamp(2_000),
        previous: None,
        witness_vkeys: None,
    };
    Statement { head: card_head, body }
}

#[test]
fn a_card_is_read_aloud_as_eight_groups_of_four_digits_that_differ_from_card_to_card() {
    let first = Signed::seal(&card(&pair(1)), &pair(1)).unwrap();
    let second = Signed::seal(&card(&pair(4)), &pair(4)).unwrap();
    let aloud = Card::fingerprint(&first);
    let groups: Vec<u16> = aloud.split(' ').map(|group| group.parse().unwrap()).collect();
    assert_eq!(groups.len(), 8);
    assert!(aloud.len() == 39 && groups.iter().all(|group| *group < 8192));
    assert_ne!(aloud, Card::fingerprint(&second));
}

#[test]
fn a_card_opens_with_the_root_inside_only_if_that_root_signed_it() {
    let signed = Signed::seal(&card(&pair(1)), &pair(1)).unwrap();
    assert_eq!(Card::dangerously_self_signed(&signed, &EXPECT).unwrap(), card(&pair(1)));
    let mut foreign = card(&pair(1));
    foreign.head.key = pair(4).verifying().key_id();
    let signed = Signed::seal(&foreign, &pair(4)).unwrap();
    assert_eq!(Card::dangerously_self_signed(&signed, &EXPECT).unwrap_err().code(), "ed25519");
}

#[test]
fn an_assurance_names_a_person_by_pseudonym_and_a_level_of_its_own_party() {
    let pair = pair(1);
    let body = Assurance {
        person: "fdo-2".parse().unwrap(),
        level: "JPN:TOKUTEI".parse().unwrap(),
        purpose: "planning".to_owned(),
        expires: Timestamp(9),
    };
    let statement = Statement { head: head(&pair), body };
    let signed = Signed::seal(&statement, &pair).unwrap();
    assert_eq!(signed.open::<Assurance>(pair.verifying(), &EXPECT).unwrap(), statement);
}

#[test]
fn every_truncation_of_a_statement_is_refused() {
    let bytes = signed().to_bytes();
    let believed = (0..bytes.len()).filter(|end| Signed::from_bytes(&bytes[..*end]).is_ok()).count();
    assert_eq!(believed, 0);
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(2000) })]

    #[test]
    fn a_statement_with_any_byte_changed_is_not_believed(at in 0usize..4000, flip in 1u8..=255) {
        let mut bytes = signed_once().to_vec();
        let at = at % bytes.len();
        bytes[at] ^= flip;
        let believed = Signed::from_bytes(&bytes).and_then(|signed| open_once(&signed));
        prop_assert!(believed.is_err());
    }

    #[test]
    fn arbitrary_bytes_are_refused_in_good_order(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
        prop_assert!(Signed::from_bytes(&bytes).is_err());
    }
}

fn signed_once() -> &'static [u8] {
    static BYTES: std::sync::OnceLock<Vec<u8>> = std::sync::OnceLock::new();
    BYTES.get_or_init(|| signed().to_bytes())
}

fn open_once(signed: &Signed) -> Result<Statement<Receipt>, StatementError> {
    static PAIR: std::sync::OnceLock<SigningPair> = std::sync::OnceLock::new();
    signed.open(PAIR.get_or_init(|| pair(1)).verifying(), &EXPECT)
}
