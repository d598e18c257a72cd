//! Written approvals between two real nodes: asked for, given, relied on, withdrawn, and what nobody may say refused.

use crate::crossing::{JAPAN, KOREA, admit, pair, person, receipted, released, signed, two, until};
use crate::nodes::{Running, clock};
use attache_accord::act::Act;
use attache_accord::consent::{Consent, Step};
use attache_accord::particulars::{Approval, Approved};
use attache_accord::people::Role;
use attache_accord::view::Ask;
use attache_accord::{Digest, ItemId, NodeName, Party};
use attache_node::desk;
use attache_node::notices::{FALSE_NOTICE, Noting, notice_id};
use attache_node::replay::replay;
use attache_release::{Pack, rule};
use attache_seal::pair::{Sign as _, SigningPair};
use attache_seal::papers::{self, Notice};
use attache_seal::statement::{Head, Signed, Statement};
use std::sync::Arc;

fn usa() -> Party {
    "USA".parse().unwrap()
}

pub fn word(item_digest: Digest, to: &Running, step: Step) -> Consent {
    let to = to.node.office.identity.node.clone();
    Consent { item_digest, to, step, document: "letter 7 (fictitious)".to_owned() }
}

pub fn given(what: Approved) -> Step {
    Step::Given { what, until: None }
}

/// Signs a word at that node and hands it in.
pub async fn said(running: &Running, role: Role, consent: Consent) -> Result<Digest, String> {
    let pack = Arc::clone(&running.node.office.pack);
    let signed = signed(running, role, papers::Consent { consent, words: "one course only".into() });
    let make = |view: &_, now| desk::consent(view, &pack, now, &signed);
    running.node.carry_out(make).await.map(|_| signed.digest()).map_err(|failure| failure.to_string())
}

/// Waits until the word stands at that node.
pub async fn stands(running: &Running, statement: &Digest) {
    until(|| running.node.office.view.read().consents.get(statement).map(|_| ())).await;
}

/// Asks to pass the item on to the USA; whether it may be, and the first code.
async fn passed_on(running: &Running, item: ItemId) -> (bool, String) {
    let pack = Arc::clone(&running.node.office.pack);
    let by = person(Role::DisclosureOfficer);
    let make = |view: &_, now| desk::handle(view, &pack, now, &by, Ask::PassOn { item, to: usa() });
    let ruling = running.node.carry_out(make).await.unwrap().ruling.unwrap();
    (ruling.granted, ruling.reasons[0].code.clone())
}

/// What the rules would say to that, on the facts of the node.
fn would(running: &Running, ask: &Ask) -> bool {
    let view = running.node.office.view.read();
    let question = view.question(&person(Role::DisclosureOfficer), ask, clock()).unwrap();
    rule(&question, &running.node.office.pack).is_granted()
}

fn held_at(running: &Running) -> (ItemId, Digest) {
    let view = running.node.office.view.read();
    let item = view.items.iter().next().unwrap();
    (item.id, item.item_digest)
}

#[tokio::test(flavor = "multi_thread")]
async fn an_approval_crosses_permits_what_it_says_and_nothing_once_it_is_withdrawn() {
    let (_seoul, tokyo, at_seoul, at_tokyo) = two().await;
    released(&at_seoul, &KOREA, 1, 100, &tokyo.name).await;
    admit(&at_tokyo, &JAPAN, 1).await;
    receipted(&at_seoul, 1).await;
    let (item, digest) = held_at(&at_tokyo);
    assert_eq!(passed_on(&at_tokyo, item).await, (false, "R-005".to_owned()), "before");

    let ask = word(digest, &at_seoul, Step::Asked { what: Approved::ThirdParty(usa()) });
    let asked = said(&at_tokyo, Role::DeskOfficer, ask).await.unwrap();
    stands(&at_seoul, &asked).await;
    let give = word(digest, &at_tokyo, given(Approved::ThirdParty(usa())));
    let approval = said(&at_seoul, Role::DisclosureOfficer, give).await.unwrap();
    stands(&at_tokyo, &approval).await;
    assert!(passed_on(&at_tokyo, item).await.0, "approved");
    let to: Party = "GBR".parse().unwrap();
    assert!(!would(&at_tokyo, &Ask::PassOn { item, to }), "another third party");
    let purpose = "training".parse().unwrap();
    assert!(!would(&at_tokyo, &Ask::OtherPurpose { item, purpose }), "another thing than was approved");

    let withdraw = word(digest, &at_tokyo, Step::Withdrawn { approval });
    let withdrawn = said(&at_seoul, Role::DisclosureOfficer, withdraw).await.unwrap();
    stands(&at_tokyo, &withdrawn).await;
    assert_eq!(passed_on(&at_tokyo, item).await, (false, "R-005".to_owned()), "withdrawn");
    let owed = || at_seoul.node.office.view.read().correspondence.owed_to(&tokyo.name).len();
    until(|| (owed() == 0).then_some(())).await;

    let mut verdicts = Vec::new();
    let office = &at_tokyo.node.office;
    let pack_of = |_: &Digest| Some(Pack::gsomia_2016());
    let offset = office.pack.terms().utc_offset_hours;
    replay(&office.papers, offset, &pack_of, &mut |one| verdicts.push(one.verdict)).unwrap();
    assert!(verdicts.len() >= 4 && verdicts.iter().all(|verdict| verdict.is_same()), "{verdicts:?}");
    at_seoul.stop().await;
    at_tokyo.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn no_withdrawal_overtakes_its_approval_while_that_is_held_back() {
    let (_seoul, tokyo, at_seoul, at_tokyo) = two().await;
    released(&at_seoul, &KOREA, 1, 100, &tokyo.name).await;
    admit(&at_tokyo, &JAPAN, 1).await;
    receipted(&at_seoul, 1).await;
    let give = word(held_at(&at_tokyo).1, &at_tokyo, given(Approved::ThirdParty(usa())));
    let withdraw = |approval| Consent { step: Step::Withdrawn { approval }, ..give.clone() };
    at_tokyo.stop().await;
    let approval = said(&at_seoul, Role::DisclosureOfficer, give.clone()).await.unwrap();
    let withdrawal = said(&at_seoul, Role::DisclosureOfficer, withdraw(approval)).await.unwrap();
    let next = |refused: &[Digest], held_back: &[Digest]| {
        let (is_refused, is_held_back) =
            (|it: &Digest| refused.contains(it), |it: &Digest| held_back.contains(it));
        at_seoul.node.office.owed_word(&tokyo.name, is_refused, is_held_back).map(|noted| noted.digest())
    };
    assert_eq!(next(&[], &[]), Some(approval));
    assert_eq!(next(&[], &[approval]), None, "it waits behind what is held back");
    assert_eq!(next(&[approval], &[approval]), Some(withdrawal), "and not behind what is refused for good");
    at_seoul.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn each_written_approval_permits_its_own_question() {
    let (_seoul, tokyo, at_seoul, at_tokyo) = two().await;
    released(&at_seoul, &KOREA, 1, 100, &tokyo.name).await;
    admit(&at_tokyo, &JAPAN, 1).await;
    receipted(&at_seoul, 1).await;
    let (item, digest) = held_at(&at_tokyo);
    let to = "JPN:HI".parse().unwrap();
    let questions = [
        (Ask::OtherPurpose { item, purpose: "training".parse().unwrap() }, "purpose=training"),
        (Ask::Downgrade { item, to }, "downgrade=KOR:III"),
        (Ask::PassOn { item, to: usa() }, "third-party=USA"),
    ];
    for (at, (_, what)) in questions.iter().enumerate() {
        let answers: Vec<bool> = questions.iter().map(|(ask, _)| would(&at_tokyo, ask)).collect();
        assert_eq!(answers, [0, 1, 2].map(|number| number < at), "before {what}");
        let give = word(digest, &at_tokyo, given(what.parse().unwrap()));
        let approval = said(&at_seoul, Role::DisclosureOfficer, give).await.unwrap();
        stands(&at_tokyo, &approval).await;
    }
    assert!(questions.iter().all(|(ask, _)| would(&at_tokyo, ask)));
    // Its giver holds no approval of its own.
    let view = at_seoul.node.office.view.read();
    let (at_home, _) = view.items.iter().next().map(|item| (item.id, ())).unwrap();
    let by = person(Role::DisclosureOfficer);
    let question = view.question(&by, &Ask::Open { item: at_home, purpose: None }, clock()).unwrap();
    assert_eq!(question.subject.approvals, Vec::<Approval>::new());
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_approves_what_is_not_theirs_or_not_with_the_partner() {
    let (seoul, tokyo, at_seoul, at_tokyo) = two().await;
    let give = |digest, to: &Running, what: &str| word(digest, to, given(what.parse().unwrap()));
    released(&at_seoul, &KOREA, 1, 100, &tokyo.name).await;
    admit(&at_tokyo, &JAPAN, 1).await;
    receipted(&at_seoul, 1).await;
    let (_, digest) = held_at(&at_tokyo);
    let officer = Role::DisclosureOfficer;
    let training = "purpose=training";
    let lapsed = Step::Given { what: training.parse().unwrap(), until: Some(clock()) };
    let nobody: NodeName = "osaka.jpn".parse().unwrap();
    let refused = [
        (&at_seoul, Role::Analyst, give(digest, &at_tokyo, training), "signer"),
        (&at_seoul, officer, give(Digest([7; 32]), &at_tokyo, training), "item digest"),
        (&at_seoul, officer, give(digest, &at_tokyo, "third-party=JPN"), "third party"),
        (&at_seoul, officer, give(digest, &at_tokyo, "downgrade=KOR:II"), "downgrade"),
        (&at_seoul, officer, give(digest, &at_tokyo, "downgrade=JPN:HI"), "downgrade"),
        (&at_seoul, officer, word(digest, &at_tokyo, lapsed), "until"),
        (&at_seoul, officer, Consent { to: nobody, ..give(digest, &at_tokyo, training) }, "recipient"),
        (&at_seoul, officer, word(digest, &at_tokyo, Step::Withdrawn { approval: digest }), "approval"),
        (&at_seoul, officer, word(digest, &at_tokyo, Step::Declined { request: digest }), "request"),
        (&at_tokyo, officer, give(digest, &at_seoul, training), "item digest"),
        (
            &at_seoul,
            officer,
            word(digest, &at_tokyo, Step::Asked { what: training.parse().unwrap() }),
            "item digest",
        ),
        (
            &at_tokyo,
            Role::Analyst,
            word(digest, &at_seoul, Step::Asked { what: training.parse().unwrap() }),
            "signer",
        ),
    ];
    for (running, role, consent, field) in refused {
        let shown = format!("{consent:?}");
        let why = said(running, role, consent).await.expect_err(&shown);
        assert!(why.starts_with(field), "{field}: {why}: {shown}");
    }

    // What a partner that is not honest brings.
    let (from, keys, key) = (seoul.name.clone(), seoul.keyring(), pair(officer));
    let weighed = |consent: Consent, signer: &SigningPair| {
        let words = String::new();
        let inner = signed(&at_seoul, officer, papers::Consent { consent, words });
        let head = Head {
            signer: from.to_string(),
            key: keys.node.verifying().key_id(),
            ..inner.dangerously_unverified::<papers::Consent>().unwrap().head
        };
        let body = Notice { statement: inner.to_bytes(), verifying: signer.verifying().clone() };
        let notice = Signed::seal(&Statement { head, body }, &keys.node).unwrap().to_bytes();
        at_tokyo.node.office.weigh_notice(&from, &notice_id(&inner.digest()), &notice).unwrap()
    };
    let is_false = |noting: Noting| {
        let breach = |act: &Act| matches!(act, Act::BreachRecorded { code, .. } if code == FALSE_NOTICE);
        matches!(noting, Noting::False(plan) if plan.acts.iter().any(breach))
    };
    let control = give(digest, &at_tokyo, training);
    assert!(matches!(weighed(control.clone(), &key), Noting::Keep(_)), "the control");
    assert!(
        is_false(weighed(control.clone(), &pair(Role::Analyst))),
        "another key than the notice vouches for"
    );
    assert!(is_false(weighed(Consent { to: from.clone(), ..control.clone() }, &key)), "for another node");
    let unknown = give(Digest([7; 32]), &at_tokyo, training);
    assert!(matches!(weighed(unknown, &key), Noting::Refused), "an item that is not here");
    let withdrawn = word(digest, &at_tokyo, Step::Withdrawn { approval: digest });
    assert!(matches!(weighed(withdrawn, &key), Noting::Refused), "an approval that was never given");
    // Of an item that Japan made, Korea approves nothing; and of its own it asks nothing.
    released(&at_tokyo, &JAPAN, 2, 100, &seoul.name).await;
    let theirs = {
        let view = at_tokyo.node.office.view.read();
        view.item(&ItemId([2; 16])).unwrap().item_digest
    };
    assert!(is_false(weighed(give(theirs, &at_tokyo, training), &key)), "by another than the originator");
    let asked = word(digest, &at_tokyo, Step::Asked { what: training.parse().unwrap() });
    assert!(is_false(weighed(asked, &key)), "asked of who is not the originator");
    at_seoul.stop().await;
    at_tokyo.stop().await;
}
