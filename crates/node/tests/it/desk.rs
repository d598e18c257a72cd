//! The release workflow: each command is a statement that its person signed.

use crate::world::{self, ITEM_DIGEST, LABEL, NOW, engine_on, keys, person};
use attache_accord::dispatch::CaseState;
use attache_accord::view::{Ask, Unknown, View};
use attache_accord::{CaseId, Digest, Network, Timestamp};
use attache_node::desk::{self, Misuse, Step};
use attache_node::engine::Engine;
use attache_release::Pack;
use attache_seal::pair::Sign as _;
use attache_seal::papers::{Answer, Decision, Request, Review};
use attache_seal::statement::{Body, Head, Signed, Statement};
use attache_store::MemoryJournal;

const CASE: CaseId = CaseId([7; 16]);

fn signed_at<B: Body>(id: &str, at: Timestamp, network: Network, body: B) -> Signed {
    let keys = keys(id);
    let head = Head {
        network,
        agreement: "gsomia-2016".into(),
        pack: Pack::gsomia_2016().digest(),
        signer: id.into(),
        key: keys.verifying().key_id(),
        at,
    };
    Signed::seal(&Statement { head, body }, &keys).unwrap()
}

fn signed<B: Body>(id: &str, body: B) -> Signed {
    signed_at(id, NOW, Network::Demo, body)
}

fn asked() -> Request {
    Request {
        case: CASE,
        item_digest: ITEM_DIGEST,
        label_digest: LABEL,
        recipient: "tokyo.jpn".parse().unwrap(),
        purpose: "early warning (fictitious)".into(),
    }
}

fn carry_out(engine: &mut Engine, step: Step) {
    engine.commit(NOW, &[step.plan]).unwrap().remove(0).unwrap();
}

/// A node with one case open, and the request that opened it.
fn requested() -> (Engine, Signed) {
    let mut engine = engine_on(Box::new(MemoryJournal::new(world::origin())), &world::custodian());
    world::found(&mut engine);
    let request = signed("analyst-1", asked());
    let step = desk::request(&engine.view().read(), &Pack::gsomia_2016(), NOW, &request).unwrap();
    assert!(step.ruling.as_ref().unwrap().granted, "{:?}", step.ruling);
    carry_out(&mut engine, step);
    (engine, request)
}

fn decision(view: &View, by: &str, request: &Signed, answer: Answer) -> Decision {
    let facts = view.question(&person(by), &Ask::Release { case: CASE }, NOW);
    Decision {
        case: CASE,
        request: request.digest(),
        item_digest: ITEM_DIGEST,
        label_digest: LABEL,
        recipient: "tokyo.jpn".parse().unwrap(),
        answer,
        reason: "it serves the purpose (fictitious)".into(),
        article: "6".into(),
        facts: desk::facts_digest(&facts.unwrap()),
    }
}

fn decided_by(by: &str, answer: Answer) -> (Engine, Option<attache_accord::ruling::Ruling>) {
    let (mut engine, request) = requested();
    let view = engine.view();
    let decision = signed(by, decision(&view.read(), by, &request, answer));
    let step = desk::decide(&view.read(), &Pack::gsomia_2016(), NOW, &decision).unwrap();
    let ruling = step.ruling.clone();
    carry_out(&mut engine, step);
    (engine, ruling)
}

fn case_state(engine: &Engine) -> CaseState {
    engine.view().read().dispatches.case(&CASE).unwrap().state.clone()
}

#[test]
fn a_second_person_approves_and_the_package_is_owed_under_a_control_number() {
    let (engine, ruling) = decided_by("fdo-1", Answer::Approve);
    assert!(ruling.unwrap().granted);
    assert_eq!(case_state(&engine), CaseState::Approved);
    let view = engine.view();
    let view = view.read();
    assert_eq!(view.register.control_number(&CASE), Some("KOR-C-2026-000001"));
    assert_eq!(view.dispatches.packages_owed().count(), 1);
    let ruled_at = view.dispatches.case(&CASE).unwrap().ruling_index.unwrap();
    assert_eq!(ruled_at, view.size - 2, "the ruling stands just before what it permits");
}

#[test]
fn a_second_person_refuses_and_nothing_is_owed() {
    let (engine, ruling) = decided_by("fdo-1", Answer::Refuse);
    assert!(ruling.is_none());
    assert_eq!(case_state(&engine), CaseState::Refused);
    assert_eq!(engine.view().read().dispatches.packages_owed().count(), 0);
}

#[test]
fn the_requester_cannot_approve_and_the_refusal_is_recorded() {
    let (engine, ruling) = decided_by("analyst-1", Answer::Approve);
    let ruling = ruling.unwrap();
    assert!(!ruling.granted && ruling.reasons.iter().any(|reason| reason.code == "R-009"), "{ruling:?}");
    assert_eq!(case_state(&engine), CaseState::Requested);
}

#[test]
fn a_decision_on_facts_that_changed_is_sent_back() {
    let (mut engine, request) = requested();
    let stale = signed("fdo-1", decision(&engine.view().read(), "fdo-1", &request, Answer::Approve));
    let basis =
        attache_accord::agreement::Position { party: world::party("KOR"), from: Some(NOW), until: None };
    let act = attache_accord::act::Act::PositionRecorded {
        position: basis,
        basis: "note 3 (fictitious)".into(),
        by: person("admin-1"),
    };
    world::commit(&mut engine, vec![act]);
    let refused = desk::decide(&engine.view().read(), &Pack::gsomia_2016(), NOW, &stale).unwrap_err();
    assert!(matches!(refused, Misuse::State { field: "facts", .. }));
}

#[test]
fn a_statement_signed_by_another_key_is_nobodys() {
    let (engine, _) = requested();
    let keys = keys("somebody");
    let head = Head {
        network: Network::Demo,
        agreement: "gsomia-2016".into(),
        pack: Pack::gsomia_2016().digest(),
        signer: "analyst-1".into(),
        key: keys.verifying().key_id(),
        at: NOW,
    };
    let body = Request { case: CaseId([8; 16]), ..asked() };
    let forged = Signed::seal(&Statement { head, body }, &keys).unwrap();
    let refused = desk::request(&engine.view().read(), &Pack::gsomia_2016(), NOW, &forged).unwrap_err();
    assert!(matches!(refused, Misuse::Statement(_)), "{refused}");
}

#[test]
fn a_statement_of_another_time_or_network_is_refused() {
    let (engine, _) = requested();
    let fresh = || Request { case: CaseId([8; 16]), ..asked() };
    let old =
        signed_at("analyst-1", Timestamp(NOW.0 - desk::MAX_STATEMENT_AGE_MILLIS - 1), Network::Demo, fresh());
    let live = signed_at("analyst-1", NOW, Network::Live, fresh());
    let ask =
        |statement| desk::request(&engine.view().read(), &Pack::gsomia_2016(), NOW, statement).map(|_| ());
    assert_eq!(ask(&old).unwrap_err(), Misuse::Stale);
    assert!(matches!(ask(&live).unwrap_err(), Misuse::Statement(_)));
}

#[test]
fn a_request_about_another_item_label_or_partner_names_the_field() {
    let (engine, _) = requested();
    let ask = |body| {
        let statement = signed("analyst-1", body);
        desk::request(&engine.view().read(), &Pack::gsomia_2016(), NOW, &statement).map(|_| ()).unwrap_err()
    };
    let case = CaseId([8; 16]);
    let item = ask(Request { case, item_digest: Digest([0; 32]), ..asked() });
    let label = ask(Request { case, label_digest: Digest([0; 32]), ..asked() });
    let partner = ask(Request { case, recipient: "nowhere.xxx".parse().unwrap(), ..asked() });
    assert!(matches!(item, Misuse::State { field: "item digest", .. }));
    assert!(matches!(label, Misuse::State { field: "label digest", .. }));
    assert!(matches!(partner, Misuse::Unknown(Unknown::Peer(_))));
    assert!(matches!(ask(asked()), Misuse::State { field: "case", .. }));
}

#[test]
fn a_review_is_another_persons_and_permits_nothing() {
    let (mut engine, request) = requested();
    let review = |id| signed(id, Review { case: CASE, request: request.digest(), remark: "seen".into() });
    let own = desk::review(&engine.view().read(), NOW, &review("analyst-1")).unwrap_err();
    assert!(matches!(own, Misuse::State { field: "signer", .. }));
    let step = desk::review(&engine.view().read(), NOW, &review("fdo-1")).unwrap();
    carry_out(&mut engine, step);
    assert_eq!(case_state(&engine), CaseState::Requested);
    assert_eq!(engine.view().read().dispatches.case(&CASE).unwrap().reviews.len(), 1);
}
