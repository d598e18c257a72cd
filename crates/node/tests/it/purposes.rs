//! Purposes between two real nodes under a pack that names some: the marking says what an item is given for, and it is opened for no
//! other one without its originator's written approval (Art. 6(c)).

use crate::consents::{given, said, stands, word};
use crate::crossing::{JAPAN, KOREA, admit, befriended, person, receipted, released};
use crate::nodes::{pack_with, site_under};
use attache_accord::act::Act;
use attache_accord::particulars::Approved;
use attache_accord::people::Role;
use attache_accord::view::{Ask, Asked};
use attache_accord::{Digest, ItemId};
use attache_node::desk::Misuse;
use attache_node::fault::Failure;
use attache_node::openings::NotOpened;
use attache_node::replay::replay;
use attache_release::Language;

/// Two purposes, of which the exercise marks its items with the second.
const PURPOSES: &str = r#"[[purpose]]
code = "early-warning"
name = { ko = "조기 경보", ja = "早期警戒", en = "Early warning" }
article = "6(c)"
status = "product"

[[purpose]]
code = "planning"
name = { ko = "작전 계획", ja = "作戦計画", en = "Planning" }
article = "6(c)"
status = "product"

[floor]"#;

#[tokio::test(flavor = "multi_thread")]
async fn what_was_given_for_a_purpose_is_opened_for_no_other_one_without_the_originators_approval() {
    let pack = || pack_with("[floor]", PURPOSES);
    let (seoul, tokyo) = (site_under("seoul.kor", "KOR", pack()), site_under("tokyo.jpn", "JPN", pack()));
    let (at_seoul, at_tokyo) = befriended(&seoul, &tokyo).await;
    released(&at_seoul, &KOREA, 1, 100, &tokyo.name).await;
    admit(&at_tokyo, &JAPAN, 1).await;
    receipted(&at_seoul, 1).await;
    let (item, item_digest, marking) = {
        let view = at_tokyo.node.office.view.read();
        let item = view.items.iter().next().unwrap();
        (item.id, item.item_digest, item.marked().unwrap().marking.clone())
    };
    assert_eq!(marking.purposes, ["planning".parse().unwrap()].into(), "its label says it");
    for (language, line) in
        [(Language::Ko, "목적: 작전 계획"), (Language::Ja, "目的: 作戦計画"), (Language::En, "For: Planning")]
    {
        let lines = attache_release::banner(&marking, None, &at_tokyo.node.office.pack, language).lines;
        assert!(lines.iter().any(|shown| shown == line), "{lines:?}");
    }
    let (officer, analyst) = (person(Role::DeskOfficer), person(Role::Analyst));
    let open = |purpose| at_tokyo.node.open_item(&officer, item, purpose);
    for purpose in ["", "planning"] {
        assert!(open(purpose).await.is_ok(), "{purpose}");
    }
    let other = open("early-warning").await;
    let Err(NotOpened::Ruled(refused)) = other else { panic!("a refusal is a ruling") };
    let recorded = at_tokyo.node.office.papers.entry(refused).unwrap().unwrap().act;
    let Act::Ruled { ruling, by, item: about, .. } = recorded else { panic!("it is on record") };
    assert_eq!((ruling.granted, &by, about), (false, &officer, Some(item)));
    assert!(ruling.reasons.iter().any(|reason| reason.code == "R-014"), "{:?}", ruling.reasons);
    let words = open("For the briefing on Monday").await;
    assert!(matches!(
        words,
        Err(NotOpened::Failure(Failure::Misuse(Misuse::State { field: "purpose", .. })))
    ));
    // Its originator approves in writing.
    let approved =
        word(item_digest, &at_tokyo, given(Approved::OtherPurpose("early-warning".parse().unwrap())));
    let statement = said(&at_seoul, Role::DisclosureOfficer, approved).await.unwrap();
    stands(&at_tokyo, &statement).await;
    assert!(open("early-warning").await.is_ok());
    let size = at_tokyo.node.office.view.read().size;
    let acts = (0..size).map(|index| at_tokyo.node.office.papers.entry(index).unwrap().unwrap().act);
    let purposes: Vec<_> = acts
        .filter_map(|act| match act {
            Act::Ruled { asked: Some(Asked { ask: Ask::Open { purpose, .. }, .. }), .. } => Some(purpose),
            _ => None,
        })
        .map(|purpose| purpose.map(|purpose| purpose.to_string()).unwrap_or_default())
        .collect();
    assert_eq!(purposes, ["", "planning", "early-warning"], "each is on record with what it was for");
    // Its originator uses its own as it likes.
    let own = at_seoul.node.open_item(&analyst, ItemId([1; 16]), "early-warning");
    assert!(own.await.is_ok());
    for running in [at_seoul, at_tokyo] {
        let (office, mut verdicts) = (&running.node.office, Vec::new());
        let pack_of = |_: &Digest| Some(pack());
        let offset = office.pack.terms().utc_offset_hours;
        replay(&office.papers, offset, &pack_of, &mut |one| verdicts.push(one.verdict)).unwrap();
        assert!(!verdicts.is_empty() && verdicts.iter().all(|verdict| verdict.is_same()), "{verdicts:?}");
        running.stop().await;
    }
}
