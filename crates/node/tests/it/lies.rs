//! What a hub that cannot read may say of letters, and what becomes of it when it drops one, refuses one, or gives one up.

use crate::crossing::{admit, controlled, person, receipted, released, signed, until};
use crate::nodes::{Running, clock};
use crate::relay::{
    HUB, JAPAN, KOREA, Three, altered, hop_receipt, letters, offer, signed_by, signed_with, three, weighed,
    written,
};
use attache_accord::act::Act;
use attache_accord::consent::{Consent, Step};
use attache_accord::dispatch::Progress;
use attache_accord::dispatch::RECEIPT_OVERDUE;
use attache_accord::letters::{HOP_REFUSED, Letter, Matter, Stand};
use attache_accord::particulars::Approved;
use attache_accord::people::Role;
use attache_accord::{Digest, DispatchId};
use attache_courier::Code;
use attache_node::chores::Chores;
use attache_node::engine::Plan;
use attache_node::notices::{FALSE_NOTICE, Noting, notice_id};
use attache_node::receipts::{FALSE_RECEIPT, Weighing};
use attache_node::relay::{Docket, LETTER_LATE, LETTER_REFUSED};
use attache_seal::digest::sha256;
use attache_seal::pair::{Sign as _, SigningPair};
use attache_seal::papers::{self, HopReceipt, Notice, Waybill};

/// The first letter of this node with a package, and of which dispatch.
fn package(running: &Running) -> Option<(Letter, DispatchId)> {
    letters(running).into_iter().find_map(|letter| match letter.matter {
        Some(Matter::Package(dispatch)) => Some((letter, dispatch)),
        _ => None,
    })
}

/// That this is a breach of the hub's, with its code.
fn is_breach(plan: &Plan, code: &str) -> bool {
    let [Act::BreachRecorded { node, code: found, .. }] = &plan.acts[..] else { return false };
    node.as_str() == "washington.usa" && found == code
}

/// The incidents that a node's chores would raise at that time.
fn raised(running: &Running, at: attache_accord::Timestamp) -> Vec<(String, Option<DispatchId>)> {
    let fresh: Vec<_> = (1..9).map(|id| DispatchId([id; 16])).collect();
    let plans = Chores::default().next(&running.node.office, &fresh, at);
    let incidents = plans.into_iter().flat_map(|plan| plan.acts).filter_map(|act| match act {
        Act::IncidentRaised { code, dispatch } => Some((code, dispatch)),
        _ => None,
    });
    incidents.collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_hub_takes_and_drops_is_raised_at_its_sender_when_the_receipt_is_due() {
    let Three { sites, seoul, hub, tokyo } = three().await;
    tokyo.stop().await;
    released(&seoul, &KOREA, 1, 700, &sites[2].name).await;
    let dispatch = until(|| {
        let (letter, dispatch) = package(&seoul)?;
        (letter.hop.is_some() && letter.stand == Stand::Passed).then_some(dispatch)
    })
    .await;
    // The hub says that it has the letter, and keeps it.
    hub.stop().await;
    let terms = seoul.node.office.pack.terms();
    assert_eq!(raised(&seoul, clock()), []);
    let late = raised(&seoul, clock().plus_hours(terms.receipt_due_hours + 1));
    assert_eq!(late, [(RECEIPT_OVERDUE.to_owned(), Some(dispatch))]);
    seoul.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hop_receipt_counts_from_the_hub_and_for_its_own_letter_only() {
    let Three { sites, seoul, hub, tokyo } = three().await;
    hub.stop().await;
    let written = written(&seoul, &sites[2].name, 2).await;
    let office = &seoul.node.office;
    let says = |bytes: &[u8]| office.weigh_receipt(&sites[1].name, &written[0].id, bytes).unwrap();
    let by = |keys: &SigningPair, hop: HopReceipt| signed_with(keys, office, &sites[1], hop).to_bytes();
    let keys = sites[1].keyring().node;
    let honest = hop_receipt(&sites[1], written[0].waybill, None);
    assert!(matches!(says(&by(&keys, honest.clone())), Weighing::Keep(_)), "the control");

    for (what, hop) in [
        ("of another letter", HopReceipt { waybill: written[1].waybill, ..honest.clone() }),
        ("behind another", HopReceipt { previous: Some(Digest([9; 32])), ..honest.clone() }),
        (
            "in a log of another",
            HopReceipt { log_origin: sites[2].origin().as_str().to_owned(), ..honest.clone() },
        ),
    ] {
        let Weighing::False(plan) = says(&by(&keys, hop)) else { panic!("{what}") };
        assert!(is_breach(&plan, FALSE_RECEIPT), "{what}");
    }
    // From whoever is not the hub it is none, and under keys that no card names it waits for a card that would.
    assert!(matches!(
        office.weigh_receipt(&sites[2].name, &written[0].id, &by(&keys, honest.clone())).unwrap(),
        Weighing::False(_)
    ));
    assert!(matches!(says(&by(&sites[2].keyring().node, honest.clone())), Weighing::OtherCard));
    for bytes in altered(&by(&keys, honest)) {
        match says(&bytes) {
            Weighing::False(plan) => assert!(is_breach(&plan, FALSE_RECEIPT)),
            Weighing::OtherCard => {}
            Weighing::Keep(_) | Weighing::Kept | Weighing::OtherLog => panic!("one bit of it"),
        }
    }
    let hub = sites[1].start().await;
    Three { sites, seoul, hub, tokyo }.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_hub_refuses_is_an_incident_at_its_sender_with_the_reason() {
    let Three { sites, seoul, hub, tokyo } = three().await;
    hub.stop().await;
    released(&seoul, &KOREA, 1, 700, &sites[2].name).await;
    let (letter, dispatch) = until(|| package(&seoul)).await;
    let hop = hop_receipt(&sites[1], letter.waybill, Some(LETTER_REFUSED));
    let office = &seoul.node.office;
    let refusal = signed_with(&sites[1].keyring().node, office, &sites[1], hop).to_bytes();
    let Weighing::Keep(plan) = office.weigh_receipt(&sites[1].name, &letter.id, &refusal).unwrap() else {
        panic!("the refusal is not kept")
    };
    let told = [
        Act::DispatchDeclined { dispatch, code: LETTER_REFUSED.to_owned() },
        Act::IncidentRaised { code: HOP_REFUSED.to_owned(), dispatch: Some(dispatch) },
    ];
    assert_eq!(plan.acts[1..], told);
    // What was late may go in another letter, and the dispatch stays owed.
    let late = hop_receipt(&sites[1], letter.waybill, Some(LETTER_LATE));
    let late = signed_with(&sites[1].keyring().node, office, &sites[1], late).to_bytes();
    let Weighing::Keep(late) = office.weigh_receipt(&sites[1].name, &letter.id, &late).unwrap() else {
        panic!("that it is late is not kept")
    };
    assert_eq!(late.acts[1..], told[1..]);
    seoul.node.commit(plan).await.unwrap().unwrap();
    let [letter] = &letters(&seoul)[..] else { panic!("there is one") };
    assert_eq!(letter.stand, Stand::Refused(LETTER_REFUSED.to_owned()));
    let hub = sites[1].start().await;
    Three { sites, seoul, hub, tokyo }.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hub_that_gives_a_letter_up_says_why_once_and_nothing_else_after_that() {
    let Three { sites, seoul, hub, tokyo } = three().await;
    tokyo.stop().await;
    released(&seoul, &KOREA, 1, 700, &sites[2].name).await;
    let (taken, dispatch) = until(|| package(&seoul).filter(|(letter, _)| letter.hop.is_some())).await;
    until(|| package(&seoul).filter(|(letter, _)| letter.stand == Stand::Passed)).await;
    // The hub's connection with Tokyo does this when the letter's time is over.
    let given_up = Act::LetterPassed { letter: taken.id, given_up: Some(LETTER_LATE.to_owned()) };
    let plan = Plan::new(&hub.node.office.view.read(), vec![given_up]);
    hub.node.commit(plan).await.unwrap().unwrap();
    // On this connection it would wait a minute behind the receipt that it brought.
    hub.stop().await;
    let hub = sites[1].start().await;
    let lost = until(|| {
        let found = letters(&seoul).into_iter().find(|letter| letter.id == taken.id)?;
        (found.stand == Stand::Refused(LETTER_LATE.to_owned())).then_some(found)
    })
    .await;
    let office = &seoul.node.office;
    let shown = office.letter_shown(&lost).unwrap();
    let [(_, by, said)] = &shown.hops[..] else { panic!("{shown:?}") };
    assert_eq!((by, said.refused.as_deref(), said.previous), (&sites[1].name, Some(LETTER_LATE), taken.hop));
    // An incident names the dispatch, which stays owed: another letter may follow.
    let entries = office.papers.entries(0, 10_000).unwrap().into_iter().map(|(_, entry)| entry.act);
    let incident = Act::IncidentRaised { code: HOP_REFUSED.to_owned(), dispatch: Some(dispatch) };
    assert_eq!(entries.filter(|act| *act == incident).count(), 1);
    assert_eq!(office.view.read().dispatches.sent(&dispatch).unwrap().progress, Progress::Owed);
    let seen: Vec<_> =
        office.hops_of(&dispatch).unwrap().into_iter().map(|hop| (hop.state, hop.code)).collect();
    assert_eq!(seen, [("taken", None), ("given-up", Some(LETTER_LATE.to_owned()))]);
    // The hub has nothing more to say of it, and nothing that it could say is believed.
    until(|| Chores::owed(&hub.node.office, clock()).is_none().then_some(())).await;
    let keys = sites[1].keyring().node;
    for (previous, refused) in [(taken.hop, None), (taken.hop, Some("C-032")), (lost.hop, Some("C-032"))] {
        let hop = HopReceipt { previous, ..hop_receipt(&sites[1], lost.waybill, refused) };
        let bytes = signed_with(&keys, office, &sites[1], hop).to_bytes();
        let Weighing::False(plan) = office.weigh_receipt(&sites[1].name, &lost.id, &bytes).unwrap() else {
            panic!("{refused:?} is believed")
        };
        assert!(is_breach(&plan, FALSE_RECEIPT));
    }
    let tokyo = sites[2].start().await;
    Three { sites, seoul, hub, tokyo }.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hub_that_tells_a_loss_of_what_its_sender_gave_up_as_well_is_no_liar() {
    let Three { sites, seoul, hub, tokyo } = three().await;
    hub.stop().await;
    released(&seoul, &KOREA, 1, 700, &sites[2].name).await;
    let (letter, dispatch) = until(|| package(&seoul)).await;
    let office = &seoul.node.office;
    let says = |previous, refused| {
        let hop = HopReceipt { previous, ..hop_receipt(&sites[1], letter.waybill, refused) };
        let signed = signed_with(&sites[1].keyring().node, office, &sites[1], hop);
        let now = office.view.read().letters.get(&letter.id).unwrap().clone();
        (signed.digest(), office.weigh_receipt(&sites[1].name, &now.id, &signed.to_bytes()).unwrap())
    };
    let (taken, Weighing::Keep(plan)) = says(None, None) else { panic!("the first is not kept") };
    seoul.node.commit(plan).await.unwrap().unwrap();
    // The hub declines what is offered again of a letter that it gave up.
    let given_up = Act::LetterPassed { letter: letter.id, given_up: Some(Code::Refused.to_string()) };
    let plan = Plan::new(&office.view.read(), vec![given_up]);
    seoul.node.commit(plan).await.unwrap().unwrap();
    let (loss, Weighing::Keep(plan)) = says(Some(taken), Some(LETTER_REFUSED)) else {
        panic!("the loss is not kept")
    };
    assert_eq!(
        plan.acts[1..],
        [Act::IncidentRaised { code: HOP_REFUSED.to_owned(), dispatch: Some(dispatch) }]
    );
    seoul.node.commit(plan).await.unwrap().unwrap();
    let [lost] = &letters(&seoul)[..] else { panic!("there is one") };
    assert_eq!((lost.hop, &lost.stand), (Some(loss), &Stand::Refused(LETTER_REFUSED.to_owned())));
    // Behind that there is nothing more to say.
    for previous in [taken, loss] {
        let (_, Weighing::False(plan)) = says(Some(previous), Some("C-032")) else {
            panic!("it is believed")
        };
        assert!(is_breach(&plan, FALSE_RECEIPT));
    }
    let hub = sites[1].start().await;
    Three { sites, seoul, hub, tokyo }.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_letter_that_is_an_item_of_the_hub_once_more_takes_nothing_along_when_it_goes_on() {
    let Three { sites, seoul, hub, tokyo } = three().await;
    seoul.stop().await;
    tokyo.stop().await;
    controlled(&hub, &HUB, 1, 700).await;
    let office = &hub.node.office;
    let item = office.view.read().items.iter().next().unwrap().clone();
    let paper = |byte: u8| (sha256(&[&[byte]]), vec![byte]);
    let (alone, shared) = (paper(1), paper(2));
    let taken = |number: u8, outer_digest, manifest| Act::LetterTaken {
        letter: DispatchId([number; 16]),
        from: sites[0].name.clone(),
        to: sites[2].name.clone(),
        previous: sites[0].name.clone(),
        papers: Digest([number; 32]),
        waybill: Digest([number; 32]),
        outer_digest,
        manifest,
        due: clock().plus_hours(1),
        next: Some(sites[2].name.clone()),
        refused: None,
        answer: None,
        declines: None,
        share: None,
    };
    let passed = |number: u8| Act::LetterPassed { letter: DispatchId([number; 16]), given_up: None };
    // The item's very container, a container that is nothing else, and one that two letters have, of which the other waits.
    let acts = vec![
        taken(1, item.item_digest, item.manifest),
        taken(2, alone.0, alone.0),
        taken(3, shared.0, shared.0),
        taken(4, shared.0, shared.0),
        passed(1),
        passed(3),
        passed(2),
    ];
    let mut plan = Plan::new(&office.view.read(), acts);
    plan.papers.extend([alone.clone(), shared.clone()]);
    hub.node.commit(plan).await.unwrap().unwrap();
    until(|| (!office.papers.has(&alone.0).unwrap()).then_some(())).await;
    assert!(office.papers.has(&item.manifest).unwrap() && office.sealed(&item.item_digest).is_ok());
    assert!(office.papers.has(&shared.0).unwrap());
    // Once both went on it is needed no longer.
    let plan = Plan::new(&office.view.read(), vec![passed(4)]);
    hub.node.commit(plan).await.unwrap().unwrap();
    until(|| (!office.papers.has(&shared.0).unwrap()).then_some(())).await;
    hub.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hub_that_cannot_read_invents_nobodys_approval_and_no_letter() {
    let Three { sites, seoul, hub, tokyo } = three().await;
    released(&seoul, &KOREA, 1, 700, &sites[2].name).await;
    admit(&tokyo, &JAPAN, 1).await;
    receipted(&seoul, 1).await;
    let item_digest = tokyo.node.office.view.read().items.iter().next().unwrap().item_digest;
    let consent = Consent {
        item_digest,
        to: sites[2].name.clone(),
        step: Step::Given { what: Approved::ThirdParty("USA".parse().unwrap()), until: None },
        document: "letter 7 (fictitious)".to_owned(),
    };
    let inner = signed(&hub, Role::DisclosureOfficer, papers::Consent { consent, words: String::new() });
    let keys = crate::crossing::pair(Role::DisclosureOfficer);
    let notice = || Notice { statement: inner.to_bytes(), verifying: keys.verifying().clone() };
    // In its own name, and in that of the originator's node.
    for site in [&sites[1], &sites[0]] {
        let signed = signed_by(&hub, site, notice()).to_bytes();
        let weighed =
            tokyo.node.office.weigh_notice(&sites[1].name, &notice_id(&inner.digest()), &signed).unwrap();
        let Noting::False(plan) = weighed else { panic!("{} is believed", person(Role::DisclosureOfficer)) };
        assert!(is_breach(&plan, FALSE_NOTICE));
    }
    // A letter of its own to one of those between whom it carries: nobody carries it, and it is none.
    let carried = letters(&hub).into_iter().find(|letter| letter.from == sites[0].name).unwrap();
    let docket = hub.node.office.papers.cited(&carried.papers, "papers").unwrap();
    let waybill = Docket::from_bytes(&docket).unwrap().waybill().unwrap();
    let waybill = waybill.dangerously_unverified::<Waybill>().unwrap().body;
    let own = Waybill { letter: DispatchId([7; 16]), from: sites[1].name.clone(), ..waybill };
    let signed = signed_by(&hub, &sites[1], own.clone());
    let hop = hop_receipt(&sites[1], signed.digest(), None);
    for docket in [Docket::new(&signed), Docket::new(&signed).with_hop(&signed_by(&hub, &sites[1], hop))] {
        let letter = Letter { id: own.letter, ..carried.clone() };
        let offer = offer(&letter, docket.to_bytes(), own.size as usize);
        let answer = weighed(&tokyo.node, &sites[1], &offer, &[]).unwrap_err();
        assert_eq!(answer, Some(Code::Refused));
    }
    Three { sites, seoul, hub, tokyo }.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn while_the_hub_is_away_letters_wait_and_no_other_way_is_taken() {
    let Three { sites, seoul, hub, tokyo } = three().await;
    hub.stop().await;
    released(&seoul, &KOREA, 1, 700, &sites[2].name).await;
    let (letter, dispatch) = until(|| package(&seoul)).await;
    assert_eq!((&letter.stand, letter.next.as_ref()), (&Stand::Owed, Some(&sites[1].name)));
    // The two know each other's cards and addresses, and neither dials the other.
    for running in [&seoul, &tokyo] {
        let dialled: Vec<_> = running.link.status().into_iter().map(|status| status.node).collect();
        assert_eq!(dialled, [sites[1].name.clone()]);
    }
    assert!(tokyo.node.office.view.read().items.arrivals().next().is_none());
    assert_eq!(seoul.node.office.view.read().dispatches.sent(&dispatch).unwrap().progress, Progress::Owed);
    let hub = sites[1].start().await;
    admit(&tokyo, &JAPAN, 1).await;
    receipted(&seoul, 1).await;
    Three { sites, seoul, hub, tokyo }.stop().await;
}
