//! Offers that are refused: each is on record before the partner is told, and there is an end to them.

use crate::crossing::two;
use crate::nodes::clock;
use attache_accord::act::Act;
use attache_accord::{Digest, DispatchId, Network, NodeName};
use attache_courier::frame::Offer;
use attache_courier::{Calling, Code, Event, Listening, Ours, Output, Session};
use attache_node::exchange::{Conduct, MAX_REFUSED_OFFERS, Then};
use attache_node::office::Office;

/// A caller that holds the partner's place but not its keys, against Tokyo's end.
struct Impostor {
    session: Session<Calling>,
    tokyo: Conduct<Listening>,
}

impl Impostor {
    fn new(office: &std::sync::Arc<Office>, name: &NodeName) -> Self {
        let ours = Ours {
            node: name.clone(),
            network: Network::Exercise,
            agreement: office.identity.agreement.clone(),
            pack: office.pack.digest(),
            window: 64,
            peer: office.identity.node.clone(),
        };
        let session = Session::new(ours, clock()).unwrap();
        Self { session, tokyo: Conduct::listening(office.clone(), name.clone(), clock()).unwrap() }
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
                if let Event::Declined { dispatch, code } = event {
                    told.push((dispatch, code));
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
