//! Offers that are refused: each is on record before the partner is told, and there is an end to them.

use crate::crossing::{JAPAN, KOREA, admit, receipted, released, two};
use crate::nodes::clock;
use attache_accord::act::Act;
use attache_accord::dispatch::Progress;
use attache_accord::{Digest, DispatchId, Network, NodeName};
use attache_courier::frame::Offer;
use attache_courier::limits::VERSION;
use attache_courier::{Calling, Code, Event, Listening, Ours, Output, Session};
use attache_node::exchange::{Conduct, MAX_REFUSED_OFFERS, Then};
use attache_node::office::Office;
use attache_node::receipts::FALSE_RECEIPT;
use attache_node::witness::{TOO_OFTEN, WITNESS_PACE};
use std::sync::Arc;

/// A caller that holds the partner's place but not its keys, against Tokyo's end.
struct Impostor {
    session: Session<Calling>,
    tokyo: Conduct<Listening>,
    /// What was answered to each request to be witnessed.
    witnessed: Vec<u16>,
}

impl Impostor {
    fn new(office: &Arc<Office>, name: &NodeName) -> Self {
        Self::saying(office, name, Self::hello(office, name))
    }

    /// What the partner itself would say.
    fn hello(office: &Office, name: &NodeName) -> Ours {
        Ours {
            node: name.clone(),
            network: Network::Exercise,
            agreement: office.identity.agreement.clone(),
            pack: office.pack.digest(),
            window: 64,
            peer: office.identity.node.clone(),
            highest: VERSION,
        }
    }

    /// In the partner's place, but with another Hello.
    fn saying(office: &Arc<Office>, name: &NodeName, ours: Ours) -> Self {
        let session = Session::new(ours, clock()).unwrap();
        let tokyo = Conduct::listening(office.clone(), name.clone(), clock()).unwrap();
        Self { session, tokyo, witnessed: Vec::new() }
    }

    /// Everything moves that can; what the impostor is told.
    fn pump(&mut self) -> Vec<(DispatchId, Code)> {
        let mut told = Vec::new();
        loop {
            let said: Vec<u8> = std::iter::from_fn(|| self.session.poll_output()).flat_map(bytes).collect();
            self.tokyo.received(clock(), &said);
            let answered: Vec<u8> =
                std::iter::from_fn(|| self.tokyo.poll_output(clock())).flat_map(bytes).collect();
            if said.is_empty() && answered.is_empty() {
                return told;
            }
            let mut left = answered.as_slice();
            while let Ok(Some(event)) = self.session.receive(clock(), &mut left) {
                match event {
                    Event::Declined { dispatch, code } => told.push((dispatch, code)),
                    Event::Witnessed(answer) => self.witnessed.push(answer.status),
                    _ => {}
                }
            }
        }
    }

    fn offer(&mut self, number: u8) {
        let dispatch = DispatchId([number; 16]);
        let package = vec![number; 200];
        let offer = Offer { dispatch, package, package_digest: Digest([1; 32]), size: 100, due: clock() };
        self.session.offer(offer, clock()).unwrap();
    }
}

fn bytes(output: Output) -> Vec<u8> {
    match output {
        Output::Control(bytes) => bytes,
        Output::Data { head, content } => [head.as_slice(), &content].concat(),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refused_offer_is_recorded_before_it_is_answered_and_a_flood_of_them_is_cut_off() {
    let (seoul, _tokyo, at_seoul, at_tokyo) = two().await;
    at_seoul.stop().await;
    let mut impostor = Impostor::new(&at_tokyo.node.office, &seoul.name);
    impostor.pump();
    for number in 0..MAX_REFUSED_OFFERS {
        impostor.offer(number as u8);
        assert_eq!(impostor.pump(), [], "answered before it was recorded");
        let errand = impostor.tokyo.next_errand().unwrap();
        let dispatch = DispatchId([number as u8; 16]);
        assert_eq!(errand.then, Then::Decline(dispatch, Code::Refused));
        let code = Code::Refused.to_string();
        assert_eq!(errand.plan.acts, [Act::ArrivalDeclined { dispatch, from: seoul.name.clone(), code }]);
        let outcome = at_tokyo.node.commit(errand.plan).await.unwrap();
        impostor.tokyo.done(errand.then, &outcome);
        assert_eq!(impostor.pump(), [(dispatch, Code::Refused)]);
    }
    impostor.offer(0xff);
    impostor.pump();
    assert!(impostor.tokyo.next_errand().is_none() && impostor.tokyo.is_over());
    at_tokyo.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_partner_that_asks_to_be_witnessed_without_end_is_told_so_on_whatever_connection_it_asks() {
    let (seoul, _tokyo, at_seoul, at_tokyo) = two().await;
    at_seoul.stop().await;
    let mut asked = 0;
    // More than it may in a row, and what the time meanwhile allows.
    while asked < WITNESS_PACE.in_a_row * 20 {
        let mut impostor = Impostor::new(&at_tokyo.node.office, &seoul.name);
        impostor.pump();
        for _ in 0..7 {
            impostor.session.witness(b"no request".to_vec(), clock()).unwrap();
            impostor.pump();
            asked += 1;
        }
        assert!(
            impostor.tokyo.next_errand().is_none() && !impostor.tokyo.is_over(),
            "nothing is recorded of it"
        );
        assert_eq!(impostor.witnessed.len(), 7, "each is answered");
        if impostor.witnessed.contains(&TOO_OFTEN) {
            assert!(asked > WITNESS_PACE.in_a_row, "the first {} are looked at", WITNESS_PACE.in_a_row);
            break;
        }
        assert_eq!(impostor.witnessed, [400; 7]);
    }
    assert!(asked < WITNESS_PACE.in_a_row * 20, "it may ask for ever");
    at_tokyo.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hello_of_another_network_agreement_or_node_is_a_breach_on_record_and_nothing_follows_it() {
    let (seoul, _tokyo, at_seoul, at_tokyo) = two().await;
    at_seoul.stop().await;
    let office = &at_tokyo.node.office;
    let right = || Impostor::hello(office, &seoul.name);
    for (wrong, code) in [
        (Ours { network: Network::Live, ..right() }, Code::OtherNetwork),
        (Ours { network: Network::Demo, ..right() }, Code::OtherNetwork),
        (Ours { agreement: "tisa-2014".to_owned(), ..right() }, Code::OtherAgreement),
        (Ours { node: "busan.kor".parse().unwrap(), ..right() }, Code::OtherNode),
    ] {
        let mut impostor = Impostor::saying(office, &seoul.name, wrong);
        impostor.pump();
        // It says more, in spite of the Close: nobody listens.
        let _ = impostor.session.close(Code::GoingAway);
        impostor.pump();
        let errand = impostor.tokyo.next_errand().unwrap();
        let breach = Act::BreachRecorded { node: seoul.name.clone(), code: code.to_string(), dispatch: None };
        assert_eq!(errand.plan.acts, [breach]);
        let outcome = at_tokyo.node.commit(errand.plan).await.unwrap();
        impostor.tokyo.done(errand.then, &outcome);
        assert!(impostor.tokyo.next_errand().is_none() && impostor.tokyo.is_over(), "{code}");
    }
    at_tokyo.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_foreign_or_altered_receipt_is_a_breach_on_record_before_it_is_declined_and_changes_nothing() {
    let (_seoul, tokyo, at_seoul, at_tokyo) = two().await;
    for id in 1..=2 {
        released(&at_seoul, &KOREA, id, 100, &tokyo.name).await;
    }
    admit(&at_tokyo, &JAPAN, 2).await;
    receipted(&at_seoul, 2).await;
    at_tokyo.stop().await;
    let office = &at_seoul.node.office;
    let sent: Vec<_> = office.view.read().dispatches.all_sent().cloned().collect();
    let Progress::Receipted { receipt, .. } = sent[1].progress else { panic!("not receipted") };
    let other = office.papers.cited(&receipt, "receipt").unwrap();
    let mut altered = other.clone();
    altered[100] ^= 1;
    let unknown = DispatchId([9; 16]);
    let mut impostor = Impostor::new(office, &tokyo.name);
    impostor.pump();
    for (dispatch, bytes, named) in [
        (sent[0].id, other.clone(), Some(sent[0].id)),
        (sent[1].id, altered, Some(sent[1].id)),
        (unknown, other.clone(), None),
    ] {
        impostor.session.receipt(dispatch, bytes, clock()).unwrap();
        assert_eq!(impostor.pump(), [], "answered before it was recorded");
        let errand = impostor.tokyo.next_errand().unwrap();
        let code = FALSE_RECEIPT.to_owned();
        assert_eq!(
            errand.plan.acts,
            [Act::BreachRecorded { node: tokyo.name.clone(), code, dispatch: named }]
        );
        let outcome = at_seoul.node.commit(errand.plan).await.unwrap();
        impostor.tokyo.done(errand.then, &outcome);
        assert_eq!(impostor.pump(), [(dispatch, Code::Refused)]);
    }
    // The true one again is kept already, and nothing is recorded a second time.
    impostor.session.receipt(sent[1].id, other, clock()).unwrap();
    assert_eq!(impostor.pump(), []);
    assert!(impostor.tokyo.next_errand().is_none());
    let still: Vec<_> = office.view.read().dispatches.all_sent().cloned().collect();
    assert_eq!(still, sent);
    at_seoul.stop().await;
}
