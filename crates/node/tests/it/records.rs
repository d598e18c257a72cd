//! The agreement's histories replayed on two real nodes over real sockets: each instrument signed by its agreement office,
//! brought to the other node and mirrored there; and what is not the partner's, or not in its place, refused.

#[path = "../../../accord/tests/it/history.rs"]
mod history;

use crate::nodes::{PATIENCE_SECONDS, Running, Site, administrator, clock, is, site};
use attache_accord::act::Act;
use attache_accord::lifecycle::{Holds, Instrument, Step as Done};
use attache_accord::people::{Person, Role};
use attache_accord::{Digest, Network, NodeName, Party, PersonId, Timestamp};
use attache_node::desk::{self, Misuse};
use attache_node::link::State;
use attache_node::notices::{FALSE_NOTICE, MAX_CONTESTED, Noting, RECORD_CONTESTED, notice_id};
use attache_node::steward;
use attache_seal::pair::{Sign as _, SigningPair};
use attache_seal::papers::Notice;
use attache_seal::statement::{Body, Head, Signed, Statement};
use history::{History, Line, holds};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::{Instant, sleep};

fn officer() -> PersonId {
    "office-1".parse().unwrap()
}

fn pair(party: Party) -> SigningPair {
    SigningPair::from_seed_bytes(&[party.as_str().as_bytes()[0]; 64]).unwrap()
}

async fn staffed(running: &Running) {
    let party = running.node.office.identity.party;
    let roles = [Role::AgreementOffice].into();
    let member = Person { id: officer(), party, roles, clearance: None, duties: Default::default() };
    let key = pair(party);
    let enrol = |view: &_, _| steward::enrol(view, &administrator(), member.clone(), key.verifying());
    running.node.carry_out(enrol).await.unwrap();
}

fn signed<B: Body>(running: &Running, body: B, signer: &str, pair: &SigningPair) -> Signed {
    let head = Head {
        network: Network::Exercise,
        agreement: running.node.office.identity.agreement.clone(),
        pack: running.node.office.pack.digest(),
        signer: signer.to_owned(),
        key: pair.verifying().key_id(),
        at: clock(),
    };
    Signed::seal(&Statement { head, body }, pair).unwrap()
}

/// The agreement office of that node signs an instrument and hands it in.
async fn made(running: &Running, instrument: Instrument) -> Result<Digest, String> {
    let pack = Arc::clone(&running.node.office.pack);
    let signed = signed(running, instrument, "office-1", &pair(running.node.office.identity.party));
    let make = |view: &_, now| desk::instrument(view, &pack, now, &signed);
    running.node.carry_out(make).await.map(|_| signed.digest()).map_err(|failure| failure.to_string())
}

/// Waits until both nodes have the same records.
async fn alike(nodes: &BTreeMap<Party, Running>) {
    let until = Instant::now() + Duration::from_secs(PATIENCE_SECONDS);
    loop {
        let mut records =
            nodes.values().map(|running| running.node.office.view.read().lifecycle.records().clone());
        let first = records.next().unwrap();
        if records.all(|other| other == first) {
            return;
        }
        assert!(Instant::now() < until, "an instrument did not arrive");
        sleep(Duration::from_millis(10)).await;
    }
}

async fn two() -> (Site, Site) {
    (site("seoul.kor", "KOR").await, site("tokyo.jpn", "JPN").await)
}

async fn up(seoul: &Site, tokyo: &Site) -> BTreeMap<Party, Running> {
    let (at_seoul, at_tokyo) = (seoul.start().await, tokyo.start().await);
    at_seoul.accept(tokyo).await;
    at_tokyo.accept(seoul).await;
    for running in [&at_seoul, &at_tokyo] {
        staffed(running).await;
    }
    [at_seoul, at_tokyo].map(|running| (running.node.office.identity.party, running)).into()
}

async fn down(nodes: BTreeMap<Party, Running>) {
    for running in nodes.into_values() {
        running.stop().await;
    }
}

async fn replayed(name: &str) {
    let (seoul, tokyo) = two().await;
    let nodes = up(&seoul, &tokyo).await;
    let history = History::read(name);
    for (text, line) in &history.lines {
        let wanted = |party: &Party, wanted: &history::Wanted| {
            wanted.instrument(*party, &nodes[party].node.office.view.read().lifecycle)
        };
        match line {
            Line::Made { party, wanted: told } => {
                let instrument = wanted(party, told);
                made(&nodes[party], instrument).await.unwrap_or_else(|why| panic!("{name}: {text}: {why}"));
                alike(&nodes).await;
            }
            Line::Refused { party, wanted: told, why } => {
                // What has no form at all is not even signed; the fold's own tests show that it is refused.
                let instrument = wanted(party, told);
                let refused = match instrument.check() {
                    Ok(()) => made(&nodes[party], instrument).await.expect_err(text),
                    Err(malformed) => malformed.to_string(),
                };
                assert!(refused.contains(why), "{name}: {text}: {refused}");
            }
            Line::Expect { at, about, value } => {
                for (party, running) in &nodes {
                    let view = running.node.office.view.read();
                    let terms = running.node.office.pack.terms();
                    assert_eq!(terms.agreement, history.pack);
                    let held = holds(&view.lifecycle, &view.positions, terms, *at, about, value);
                    assert_eq!(held, Ok(()), "{name}, at {party}: {text}");
                }
            }
        }
    }
    down(nodes).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn japan_authorised_and_korea_withdrew_on_both_nodes_in_2012() {
    replayed("2012").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_years_2016_to_2023_arrive_where_the_record_says_on_both_nodes() {
    replayed("2016").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_notice_one_day_late_ends_the_next_term_on_both_nodes() {
    replayed("2019-late").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_runs_beside_is_seen_on_both_nodes() {
    replayed("beside").await;
}

fn position(running: &Running, words: &str) -> Instrument {
    let party = running.node.office.identity.party;
    let view = running.node.office.view.read();
    let record = view.lifecycle.record(party);
    Instrument {
        party,
        number: record.map_or(0, |record| record.len()) + 1,
        previous: record.and_then(|record| record.head()),
        seen: BTreeMap::new(),
        step: Done::PositionTaken {},
        official: "Office of Treaties".into(),
        document: "note 1".into(),
        dated: Timestamp(1),
        holds: Holds { from: Some(Timestamp(0)), until: None },
        remark: words.into(),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn instruments_made_while_the_partner_is_down_arrive_in_order_when_it_is_back() {
    let (seoul, tokyo) = two().await;
    let mut nodes = up(&seoul, &tokyo).await;
    let jpn: Party = "JPN".parse().unwrap();
    let kor: Party = "KOR".parse().unwrap();
    nodes.remove(&jpn).unwrap().stop().await;
    for words in ["one", "two", "three"] {
        made(&nodes[&kor], position(&nodes[&kor], words)).await.unwrap();
    }
    // The node that made them goes down too: what it owes follows from its journal.
    nodes.remove(&kor).unwrap().stop().await;
    nodes.insert(kor, seoul.start().await);
    nodes.insert(jpn, tokyo.start().await);
    alike(&nodes).await;
    assert_eq!(nodes[&jpn].node.office.view.read().lifecycle.record(kor).unwrap().len(), 3);
    down(nodes).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_instrument_is_nobodys_but_the_agreement_offices() {
    let (seoul, tokyo) = two().await;
    let nodes = up(&seoul, &tokyo).await;
    let kor = &nodes[&"KOR".parse().unwrap()];
    let pack = Arc::clone(&kor.node.office.pack);
    let other = Instrument { party: "JPN".parse().unwrap(), ..position(kor, "not ours") };
    let refused = made(kor, other).await.unwrap_err();
    assert!(refused.starts_with("party:"), "{refused}");
    let analyst = Person {
        id: "analyst-1".parse().unwrap(),
        party: kor.node.office.identity.party,
        roles: [Role::Analyst].into(),
        clearance: None,
        duties: Default::default(),
    };
    let key = SigningPair::generate().unwrap();
    let enrol = |view: &_, _| steward::enrol(view, &administrator(), analyst.clone(), key.verifying());
    kor.node.carry_out(enrol).await.unwrap();
    let signed = signed(kor, position(kor, "no office"), "analyst-1", &key);
    let refused = desk::instrument(&kor.node.office.view.read(), &pack, clock(), &signed).err();
    assert!(matches!(refused, Some(Misuse::State { field: "signer", .. })), "{refused:?}");
    let late = Instrument { dated: clock().plus_hours(1), ..position(kor, "tomorrow") };
    let refused = made(kor, late).await.unwrap_err();
    assert!(refused.starts_with("dated:"), "{refused}");
    down(nodes).await;
}

/// What Tokyo makes of a notice that Seoul's node brings, with the instrument's id.
fn weighed(tokyo: &Running, from: &NodeName, notice: &Signed, instrument: &Signed) -> Noting {
    tokyo.node.office.weigh_notice(from, &notice_id(&instrument.digest()), &notice.to_bytes()).unwrap()
}

fn is_false(noting: &Noting) -> bool {
    let is_breach = |act: &Act| matches!(act, Act::BreachRecorded { code, .. } if code == FALSE_NOTICE);
    matches!(noting, Noting::False(plan) if plan.acts.iter().any(is_breach))
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_the_partners_or_not_in_its_place_is_refused_and_recorded() {
    let (seoul, tokyo) = two().await;
    let nodes = up(&seoul, &tokyo).await;
    let (kor, jpn) = (&nodes[&"KOR".parse().unwrap()], &nodes[&"JPN".parse().unwrap()]);
    kor.shows(is(State::Connected)).await;
    made(kor, position(kor, "the first")).await.unwrap();
    alike(&nodes).await;
    let (from, keys) = (seoul.name.clone(), seoul.keyring());
    let key = pair("KOR".parse().unwrap());
    let notice = |instrument: &Signed, node: &SigningPair| {
        let body = Notice { statement: instrument.to_bytes(), verifying: key.verifying().clone() };
        signed(kor, body, "seoul.kor", node)
    };
    let next = signed(kor, position(kor, "the second"), "office-1", &key);
    assert!(matches!(weighed(jpn, &from, &notice(&next, &keys.node), &next), Noting::Keep(_)), "the control");

    let stranger = SigningPair::generate().unwrap();
    // A key of no card that is accepted may be one of a card on its way.
    assert!(matches!(weighed(jpn, &from, &notice(&next, &stranger), &next), Noting::OtherCard));
    let forged = signed(kor, position(kor, "the second"), "office-1", &stranger);
    assert!(is_false(&weighed(jpn, &from, &notice(&forged, &keys.node), &forged)), "another person's key");
    let theirs = Instrument { party: "JPN".parse().unwrap(), ..position(kor, "yours") };
    let theirs = signed(kor, theirs, "office-1", &key);
    assert!(is_false(&weighed(jpn, &from, &notice(&theirs, &keys.node), &theirs)), "another Party's record");
    let loose = Instrument { previous: None, ..position(kor, "loose") };
    let loose = signed(kor, loose, "office-1", &key);
    assert!(is_false(&weighed(jpn, &from, &notice(&loose, &keys.node), &loose)), "a link that does not hold");
    let early = Instrument { number: 3, ..position(kor, "the third") };
    let early = signed(kor, early, "office-1", &key);
    assert!(matches!(weighed(jpn, &from, &notice(&early, &keys.node), &early), Noting::Early));

    let first = Instrument { number: 1, previous: None, ..position(kor, "another first") };
    let first = signed(kor, first, "office-1", &key);
    let Noting::Contested(plan) = weighed(jpn, &from, &notice(&first, &keys.node), &first) else {
        panic!("a second instrument for one place")
    };
    let raised = |act: &Act| matches!(act, Act::IncidentRaised { code, .. } if code == RECORD_CONTESTED);
    assert!(plan.acts.iter().any(raised));
    jpn.node.commit(plan).await.unwrap().unwrap();
    let again = weighed(jpn, &from, &notice(&first, &keys.node), &first);
    assert!(matches!(again, Noting::Refused), "recorded once");
    for number in 1..=MAX_CONTESTED {
        let other = Instrument { number: 1, previous: None, ..position(kor, &format!("first {number}")) };
        let other = signed(kor, other, "office-1", &key);
        match weighed(jpn, &from, &notice(&other, &keys.node), &other) {
            Noting::Contested(plan) if number < MAX_CONTESTED => {
                jpn.node.commit(plan).await.unwrap().unwrap();
            }
            Noting::Refused if number == MAX_CONTESTED => {}
            _ => panic!("number {number}"),
        }
    }
    let lifecycle = jpn.node.office.view.read().lifecycle.clone();
    assert_eq!(lifecycle.contested().len(), MAX_CONTESTED);
    let record = lifecycle.record("KOR".parse().unwrap()).unwrap();
    assert_eq!(record.kept()[0].instrument.remark, "the first");
    down(nodes).await;
}
