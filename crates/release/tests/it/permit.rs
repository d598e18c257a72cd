//! What an outcome lets its caller do.

use crate::questions::{ACTIONS, NOW, granted};
use attache_accord::particulars::Approved;
use attache_accord::ruling::Action;
use attache_accord::{Digest, Timestamp};
use attache_release::{Granted, MAX_PERMIT_HOURS, Outcome, Pack, Permit, question_digest, rule};

fn grant(action: Action) -> Granted {
    match rule(&granted(action), &Pack::gsomia_2016()) {
        Outcome::Granted(granted) => granted,
        Outcome::Refused(refused) => panic!("{action:?} refused: {:?}", refused.ruling().reasons),
    }
}

fn permit(action: Action, expires: Timestamp) -> Option<Permit> {
    Permit::new(grant(action), 17, Digest([9; 32]), expires)
}

#[test]
fn a_permit_is_for_the_item_that_was_asked_about() {
    let permit = permit(Action::Release, NOW.plus_hours(1)).unwrap();
    assert_eq!(permit.item_digest(), granted(Action::Release).subject.item_digest);
}

#[test]
fn a_permit_names_its_entry_and_its_key() {
    let permit = permit(Action::Release, NOW.plus_hours(1)).unwrap();
    assert_eq!((permit.entry_index(), permit.recipient_key()), (17, Digest([9; 32])));
}

#[test]
fn a_permit_lapses_at_its_end() {
    let permit = permit(Action::Open, NOW.plus_hours(1)).unwrap();
    assert!(permit.is_live(Timestamp(permit.expires().0 - 1)));
    assert!(!permit.is_live(permit.expires()));
}

#[test]
fn no_permit_outlives_the_limit() {
    let permit = permit(Action::Open, Timestamp(u64::MAX)).unwrap();
    assert_eq!(permit.expires(), NOW.plus_hours(MAX_PERMIT_HOURS));
}

#[test]
fn only_a_release_an_admission_an_opening_and_a_passing_on_move_a_key() {
    let moving: Vec<Action> =
        ACTIONS.into_iter().filter(|action| permit(*action, NOW.plus_hours(1)).is_some()).collect();
    assert_eq!(moving, [Action::Release, Action::Admit, Action::Open, Action::PassOn]);
}

#[test]
fn a_grant_names_the_article_under_which_it_was_given() {
    for (action, code, article) in [
        (Action::Request, "R-101", "1"),
        (Action::Release, "R-102", "1"),
        (Action::Admit, "R-103", "4.2"),
        (Action::Open, "R-104", "7"),
        (Action::PassOn, "R-105", "6(a)"),
        (Action::Dispatch, "R-106", "9"),
        (Action::OtherPurpose, "R-107", "6(c)"),
        (Action::Downgrade, "R-108", "6(g)"),
        (Action::Copy, "R-109", "14"),
        (Action::Translate, "R-110", "15"),
        (Action::GiveToContractor, "R-111", "16"),
        (Action::Visit, "R-112", "8"),
    ] {
        let granted = grant(action);
        let [reason] = granted.ruling().reasons.as_slice() else { panic!("{action:?}") };
        assert_eq!((reason.code.as_str(), reason.article.as_str()), (code, article));
    }
}

#[test]
fn a_ruling_names_its_question_and_its_pack() {
    let pack = Pack::gsomia_2016();
    for action in ACTIONS {
        let (question, granted) = (granted(action), grant(action));
        assert_eq!(granted.ruling().question, question_digest(&question));
        assert_eq!((granted.ruling().pack, granted.ruling().pack_version.as_str()), (pack.digest(), "1.0.0"));
    }
}

#[test]
fn the_golden_question_has_its_digest() {
    let read = |file: &str| {
        std::fs::read_to_string(format!("{}/../../vectors/act/{file}", env!("CARGO_MANIFEST_DIR"))).unwrap()
    };
    let hex = read("question.cbor.hex").trim().to_owned();
    let bytes: Vec<u8> =
        (0..hex.len()).step_by(2).map(|at| u8::from_str_radix(&hex[at..at + 2], 16).unwrap()).collect();
    let digest = question_digest(&minicbor::decode(&bytes).unwrap());
    assert_eq!(digest.to_string(), read("question.digest.hex").trim());
}

#[test]
fn two_questions_that_differ_in_one_fact_have_different_digests() {
    let mut other = granted(Action::Open);
    other.subject.approvals =
        vec![crate::questions::approval(Approved::ThirdParty(crate::questions::party("USA")))];
    assert_ne!(question_digest(&granted(Action::Open)), question_digest(&other));
}

/// The shipped pack with one more policy, under a code that readers have a text for.
pub fn pack_with(policy: &str) -> Pack {
    let text = policy.to_owned();
    let code = if text.trim_start().starts_with("permit") { "R-150" } else { "R-024" };
    let header = format!("@id(\"{code}\") @article(\"1\") @status(\"product\")\n");
    let folder = tempfile::tempdir().unwrap();
    crate::pack::write_changed(folder.path(), |file, shipped| match file {
        "policies.cedar" => format!("{shipped}\n{header}{text}\n"),
        "reasons.toml" => {
            let mut more = shipped;
            for language in ["ko", "ja", "en"] {
                more += &format!("[{code}.{language}]\ntitle = \"t\"\nreason = \"r\"\nremedy = \"m\"\n");
            }
            more
        }
        _ => shipped,
    });
    Pack::load(folder.path()).unwrap()
}

#[test]
fn a_policy_about_a_group_of_actions_is_about_each_of_them() {
    let folder = tempfile::tempdir().unwrap();
    crate::pack::write_changed(folder.path(), |file, shipped| match file {
        "schema.cedarschema" => {
            let grouped = shipped.replace("\"visit\" appliesTo", "\"visit\" in [\"anything\"] appliesTo");
            assert_ne!(grouped, shipped);
            format!("{grouped}\naction \"anything\";\n")
        }
        "policies.cedar" => shipped.replace(
            "forbid (principal is Person, action, resource is Item)",
            "forbid (principal is Person, action in Action::\"anything\", resource is Item)",
        ),
        _ => shipped,
    });
    let pack = Pack::load(folder.path()).unwrap();
    let mut question = granted(Action::Open);
    assert!(rule(&question, &pack).is_granted());
    question.asker.clearance = None;
    let outcome = rule(&question, &pack);
    let codes: Vec<_> = outcome.ruling().reasons.iter().map(|reason| reason.code.as_str()).collect();
    assert_eq!(codes, ["R-020"]);
}

#[test]
fn a_forbid_that_cannot_be_evaluated_refuses() {
    let pack = pack_with("forbid (principal, action, resource) when { 9223372036854775807 + 1 > 0 };");
    let outcome = rule(&granted(Action::Open), &pack);
    assert_eq!(outcome.ruling().reasons.iter().map(|r| r.code.as_str()).collect::<Vec<_>>(), ["R-090"]);
}

#[test]
fn a_permit_that_cannot_be_evaluated_refuses_what_another_permits() {
    let pack = pack_with("permit (principal, action, resource) when { 9223372036854775807 + 1 > 0 };");
    assert!(!rule(&granted(Action::Open), &pack).is_granted());
}

#[test]
fn a_further_forbid_is_named_when_it_refuses() {
    let pack = pack_with(
        "forbid (principal, action == Action::\"open\", resource) when { resource.kind == \"humint\" };",
    );
    let outcome = rule(&granted(Action::Open), &pack);
    assert_eq!(outcome.ruling().reasons.iter().map(|r| r.code.as_str()).collect::<Vec<_>>(), ["R-024"]);
}
