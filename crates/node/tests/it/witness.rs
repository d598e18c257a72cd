//! Two nodes witness each other's logs, and one whose log shows two histories is found out.

use crate::crossing::{KOREA, befriended, released};
use crate::nodes::{PATIENCE_SECONDS, Running, Site, administrator, clock, pack_with, site, site_under};
use attache_accord::act::{Act, Answer};
use attache_accord::agreement::OnOverdue;
use attache_accord::people::{Person, Role};
use attache_accord::{Digest, DispatchId, PersonId, Timestamp};
use attache_courier::frame::{Offer, Witnessed};
use attache_courier::limits::VERSION;
use attache_courier::{Calling, Code, Event, Listener, Ours, Output};
use attache_node::arrival::Weighed;
use attache_node::engine::{Engine, Plan};
use attache_node::exchange::Conduct;
use attache_node::forks::LOG_FORKED;
use attache_node::logs::{COSIGNATURE_OVERDUE, START_GRACE_MILLIS, decide};
use attache_node::node::open_engine;
use attache_node::office::Office;
use attache_node::steward;
use attache_node::witness::{LOG_SHORT, Seen, WITNESS_FORGOT, Witnessing, log_keys};
use attache_release::Pack;
use attache_seal::pair::{Sign as _, SigningPair};
use attache_seal::papers::Card;
use attache_store::{LocalHead, SqliteJournal};
use attache_tlog::{AddCheckpoint, Fork, ForkProof, Hash, SignedNote};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;
use tokio::time::{Instant, sleep};

async fn until(what: &str, holds: impl Fn() -> bool) {
    let until = Instant::now() + Duration::from_secs(PATIENCE_SECONDS);
    while !holds() {
        assert!(Instant::now() < until, "{what} did not come");
        sleep(Duration::from_millis(10)).await;
    }
}

async fn met() -> (Site, Site, Running, Running) {
    let (seoul, tokyo) = (site("seoul.kor", "KOR").await, site("tokyo.jpn", "JPN").await);
    let (at_seoul, at_tokyo) = (seoul.start().await, tokyo.start().await);
    at_seoul.accept(&tokyo).await;
    at_tokyo.accept(&seoul).await;
    (seoul, tokyo, at_seoul, at_tokyo)
}

fn card(of: &Office) -> &Card {
    of.own()
}

/// Whether what `node` published last is cosigned by the witness of `other`.
fn is_cosigned(node: &Office, other: &Card) -> bool {
    let (Ok(Some(published)), Ok(Some(cosigned))) = (node.papers.published(), node.papers.cosigned()) else {
        return false;
    };
    let keys = other.witness_keys();
    let note = SignedNote::parse(&cosigned.checkpoint).unwrap();
    published.size == cosigned.size && note.verify(&keys).unwrap().len() == keys.len()
}

pub fn recorded(running: &Running, code: &str) -> usize {
    let entries = running.node.office.papers.entries(0, 4096).unwrap();
    let is_it = |act: &Act| matches!(act, Act::IncidentRaised { code: raised, .. } if raised == code);
    entries.iter().filter(|(_, entry)| is_it(&entry.act)).count()
}

async fn grow(running: &Running, acts: usize) {
    let plan = Plan { acts: vec![Act::Padded {}; acts], ..Plan::default() };
    running.node.commit(plan).await.unwrap().unwrap();
    running.node.publish().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn two_nodes_witness_each_other_and_go_on_after_an_absence_by_themselves() {
    let (seoul, tokyo, at_seoul, at_tokyo) = met().await;
    let (of_seoul, of_tokyo) = (card(&at_seoul.node.office).clone(), card(&at_tokyo.node.office).clone());
    assert_eq!(of_seoul.witness_keys().len(), 2, "Ed25519 and ML-DSA-44");
    grow(&at_seoul, 3).await;
    grow(&at_tokyo, 1).await;
    until("Tokyo's cosignature", || is_cosigned(&at_seoul.node.office, &of_tokyo)).await;
    until("Seoul's cosignature", || is_cosigned(&at_tokyo.node.office, &of_seoul)).await;

    // Three checkpoints while the witness is away, and a restart of both.
    at_tokyo.stop().await;
    for acts in [1, 2, 3] {
        grow(&at_seoul, acts).await;
    }
    at_seoul.stop().await;
    let (at_seoul, at_tokyo) = (seoul.start().await, tokyo.start().await);
    assert!(!is_cosigned(&at_seoul.node.office, &of_tokyo));
    until("the cosignature of the last one", || is_cosigned(&at_seoul.node.office, &of_tokyo)).await;
    grow(&at_seoul, 1).await;
    until("the next one", || is_cosigned(&at_seoul.node.office, &of_tokyo)).await;
    at_seoul.stop().await;
    at_tokyo.stop().await;
}

/// A log that shows what it is told to.
pub struct Showing<'a> {
    pub log: &'a Office,
    pub witness: &'a Running,
}

impl Showing<'_> {
    pub fn head(&self, size: u64) -> LocalHead {
        self.log.papers.head_at(size).unwrap()
    }

    pub fn note(&self, head: &LocalHead) -> String {
        self.log.checkpoint(head).unwrap()
    }

    /// Asks, and keeps what it leads to.
    pub async fn ask(&self, old: u64, proof: Vec<Hash>, note: &str) -> Witnessed {
        let request = AddCheckpoint::new(old, proof, note).unwrap().to_string();
        self.asked(request.as_bytes()).await
    }

    async fn asked(&self, request: &[u8]) -> Witnessed {
        let from = &self.log.identity.node;
        match self.witness.node.office.weigh_head(from, request, clock()).unwrap() {
            Witnessing::Answer(answer) => answer,
            Witnessing::Keep(plan, answer) => {
                self.witness.node.commit(plan).await.unwrap().unwrap();
                answer
            }
        }
    }
}

/// A second history of the same log, signed by the same keys: other acts after the founding.
fn rewritten(site: &Site, acts: usize) -> (tempfile::TempDir, Engine) {
    let folder = tempfile::tempdir().unwrap();
    let (keys, pack) = (Arc::new(site.keyring()), Arc::new(attache_release::Pack::gsomia_2016()));
    let journal = SqliteJournal::create(folder.path(), &site.origin()).unwrap();
    let mut engine = open_engine(Box::new(journal), &keys, &pack).unwrap();
    engine.commit(clock(), &[Plan { acts: vec![Act::Padded {}; acts], ..Plan::default() }]).unwrap();
    (folder, engine)
}

/// Seoul alone, and Tokyo, which runs and is asked by hand: no connection of Seoul's own comes between.
pub async fn scene() -> (Site, Site, Running, Running) {
    let (seoul, tokyo) = (site("seoul.kor", "KOR").await, site("tokyo.jpn", "JPN").await);
    let (at_seoul, at_tokyo) = (seoul.start().await, tokyo.start().await);
    at_tokyo.accept(&seoul).await;
    grow(&at_seoul, 20).await;
    (seoul, tokyo, at_seoul, at_tokyo)
}

pub fn forks(running: &Running) -> Vec<ForkProof> {
    let entries = running.node.office.papers.entries(0, 4096).unwrap();
    let proofs = entries.iter().filter_map(|(_, entry)| match &entry.act {
        Act::LogForked { proof, .. } => Some(running.node.office.papers.cited(proof, "fork").unwrap()),
        _ => None,
    });
    proofs.map(|bytes| String::from_utf8(bytes).unwrap().parse().unwrap()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_witness_answers_as_tlog_witness_says() {
    let (_seoul, _tokyo, at_seoul, at_tokyo) = scene().await;
    let log = Showing { log: &at_seoul.node.office, witness: &at_tokyo };
    let (four, nine) = (log.head(4), log.head(9));
    let grown = |old, new| log.log.papers.prove_growth(old, new).unwrap();
    assert_eq!(log.asked(b"old 0").await.status, 400);
    assert_eq!(log.ask(5, vec![], &log.note(&four)).await.status, 400);
    // Under other keys, and under one of the two.
    let note = log.note(&four);
    let stranger = at_tokyo.node.office.checkpoint(&four).unwrap();
    assert_eq!(log.ask(0, vec![], &stranger).await.status, 404, "another log");
    let one_key = note.rsplit_once("\u{2014} ").unwrap().0.to_owned();
    assert_eq!(log.ask(0, vec![], &one_key).await.status, 403);
    assert_eq!(log.ask(2, vec![], &note).await, Witnessed::stands_at(0));
    let first = log.ask(0, vec![], &note).await;
    assert_eq!(first.status, 200);
    // The same again is cosigned again; another size is told where the witness stands.
    assert_eq!(log.ask(4, vec![], &note).await.status, 200);
    assert_eq!(log.ask(0, vec![], &log.note(&nine)).await, Witnessed::stands_at(4));
    assert_eq!(log.ask(4, grown(4, 9), &log.note(&nine)).await.status, 200);
    assert_eq!(log.ask(4, grown(4, 9), &log.note(&nine)).await, Witnessed::stands_at(9));
    assert!(forks(&at_tokyo).is_empty());
    // And its lines are good for the owner, who keeps none that are not the witness's.
    let keys = card(&at_tokyo.node.office).witness_keys();
    let lines = first.lines.unwrap();
    assert!(log.log.weigh_cosignatures(&keys, &lines, &note, 4).is_some());
    assert!(log.log.weigh_cosignatures(&keys, &lines, &log.note(&nine), 9).is_none());
    assert!(log.log.weigh_cosignatures(&card(log.log).witness_keys(), &lines, &note, 4).is_none());
    at_seoul.stop().await;
    at_tokyo.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_tree_of_any_size_that_was_cosigned_is_a_fork_that_anyone_can_check() {
    for shown_at in [4, 9] {
        let (seoul, _tokyo, at_seoul, at_tokyo) = scene().await;
        let log = Showing { log: &at_seoul.node.office, witness: &at_tokyo };
        log.ask(0, vec![], &log.note(&log.head(4))).await;
        let proof = log.log.papers.prove_growth(4, 9).unwrap();
        log.ask(4, proof, &log.note(&log.head(9))).await;
        let (_folder, other) = rewritten(&seoul, 12);
        let journal = other.into_journal();
        let root = attache_tlog::root_at(&attache_store::Tiles(journal.as_ref()), shown_at).unwrap();
        let second = log.note(&LocalHead { size: shown_at, root });
        // Said to follow nothing at all, as a log would that shows another history to another.
        assert_eq!(log.ask(0, vec![], &second).await, Witnessed::refused(422));
        let proofs = forks(&at_tokyo);
        assert_eq!((proofs.len(), recorded(&at_tokyo, LOG_FORKED)), (1, 1));
        let keys = log_keys(card(log.log)).unwrap();
        assert_eq!(proofs[0].judge(&keys).unwrap().0, Fork::TwoRoots { size: shown_at });
        // Nothing more of it is believed, not even what was cosigned before; and once is enough.
        assert_eq!(log.ask(9, vec![], &log.note(&log.head(9))).await, Witnessed::refused(422));
        assert_eq!(log.ask(0, vec![], &second).await, Witnessed::refused(422));
        assert_eq!(recorded(&at_tokyo, LOG_FORKED), 1);
        at_seoul.stop().await;
        at_tokyo.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_proof_that_does_not_lead_on_is_kept_and_said_to_be_refutable() {
    let (seoul, _tokyo, at_seoul, at_tokyo) = scene().await;
    let log = Showing { log: &at_seoul.node.office, witness: &at_tokyo };
    log.ask(0, vec![], &log.note(&log.head(4))).await;
    let (_folder, other) = rewritten(&seoul, 12);
    let journal = other.into_journal();
    let tiles = attache_store::Tiles(journal.as_ref());
    let second = log.note(&LocalHead { size: 11, root: attache_tlog::root_at(&tiles, 11).unwrap() });
    // Its own proof, which is sound within the other history.
    let proof = attache_tlog::prove_consistency(&tiles, 4, 11).unwrap();
    assert_eq!(log.ask(4, proof, &second).await, Witnessed::refused(422));
    let keys = log_keys(card(log.log)).unwrap();
    assert_eq!(forks(&at_tokyo)[0].judge(&keys).unwrap().0, Fork::NotShown { old: 4, new: 11 });
    at_seoul.stop().await;
    at_tokyo.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_checkpoint_that_comes_another_way_is_compared_too() {
    let (_seoul, _tokyo, at_seoul, at_tokyo) = scene().await;
    let log = Showing { log: &at_seoul.node.office, witness: &at_tokyo };
    let four = log.head(4);
    log.ask(0, vec![], &log.note(&four)).await;
    let (from, office) = (&log.log.identity.node, &at_tokyo.node.office);
    let seen = |note: &str| office.compare_head(from, note).unwrap();
    assert!(matches!(seen(&log.note(&four)), Seen::Same));
    assert!(matches!(seen(&log.note(&log.head(7))), Seen::Consistent));
    assert!(matches!(seen(&office.checkpoint(&four).unwrap()), Seen::NotTheirs));
    let mut other = four;
    other.root.0[0] ^= 1;
    let Seen::Forked(plan) = seen(&log.note(&other)) else { panic!("a second root went unseen") };
    at_tokyo.node.commit(plan).await.unwrap().unwrap();
    assert_eq!(forks(&at_tokyo).len(), 1);
    assert!(matches!(seen(&log.note(&other)), Seen::Stopped), "it is on record once");
    at_seoul.stop().await;
    at_tokyo.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_witness_cosigned_outlives_it() {
    let (_seoul, tokyo, at_seoul, at_tokyo) = scene().await;
    let log = Showing { log: &at_seoul.node.office, witness: &at_tokyo };
    // With lines of others and each line twice, which are not kept: they would fill the witness's journal.
    let note = SignedNote::parse(&log.note(&log.head(4))).unwrap();
    let others = SignedNote::parse(&at_tokyo.node.office.checkpoint(&log.head(4)).unwrap()).unwrap();
    let more = [note.signatures(), others.signatures()].concat();
    let full = note.clone().with(more).unwrap().to_string();
    assert_eq!(log.ask(0, vec![], &full).await.status, 200);
    at_tokyo.stop().await;
    let at_tokyo = tokyo.start().await;
    let log = Showing { log: &at_seoul.node.office, witness: &at_tokyo };
    assert_eq!(log.ask(0, vec![], &log.note(&log.head(9))).await, Witnessed::stands_at(4));
    let mut other = log.head(4);
    other.root.0[0] ^= 1;
    assert_eq!(log.ask(0, vec![], &log.note(&other)).await, Witnessed::refused(422));
    let proofs = forks(&at_tokyo);
    assert_eq!((proofs.len(), proofs[0].notes()[0]), (1, &note));
    at_seoul.stop().await;
    at_tokyo.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stopped_log_takes_and_gives_nothing_new_until_the_agreement_office_decides() {
    let (seoul, _tokyo, at_seoul, at_tokyo) = scene().await;
    let log = Showing { log: &at_seoul.node.office, witness: &at_tokyo };
    let name = log.log.identity.node.clone();
    let answer_to = |dispatch: u8| {
        let offer = Offer {
            dispatch: DispatchId([dispatch; 16]),
            package: b"not looked at".to_vec(),
            package_digest: Digest([dispatch; 32]),
            size: 1,
            due: clock().plus_hours(1),
        };
        match at_tokyo.node.office.weigh(&name, &offer, clock()).unwrap() {
            Weighed::Declined(code) => code,
            _ => panic!("a package of nothing was taken"),
        }
    };
    assert_eq!(answer_to(1), Code::Refused);
    log.ask(0, vec![], &log.note(&log.head(4))).await;
    let mut other = log.head(4);
    other.root.0[0] ^= 1;
    log.ask(0, vec![], &log.note(&other)).await;
    assert_eq!(answer_to(2), Code::LogStopped);

    // An administrator cannot; the office can, and must say on what it rests.
    let officer: PersonId = "office-1".parse().unwrap();
    let roles = [Role::AgreementOffice].into();
    let party = at_tokyo.node.office.identity.party;
    let person = Person { id: officer.clone(), party, roles, clearance: None, duties: Default::default() };
    let key = SigningPair::generate().unwrap();
    let enrol = |view: &_, _| steward::enrol(view, &administrator(), person.clone(), key.verifying());
    at_tokyo.node.carry_out(enrol).await.unwrap();
    let decided = async |by: PersonId, answer, basis: &str| {
        let office = &at_tokyo.node.office;
        let grounds =
            office.grounds(&name, answer, basis, None).unwrap().map_err(|misuse| misuse.to_string())?;
        let make = |view: &_, _| decide(view, &by, &name, answer, &grounds);
        at_tokyo.node.carry_out(make).await.map(drop).map_err(|failure| failure.to_string())
    };
    assert!(
        decided(administrator(), Answer::Approve, "note 17").await.unwrap_err().contains("agreement-office")
    );
    assert!(decided(officer.clone(), Answer::Approve, "").await.unwrap_err().starts_with("basis"));
    decided(officer.clone(), Answer::Refuse, "no explanation").await.unwrap();
    assert!(decided(officer.clone(), Answer::Refuse, "no explanation").await.is_err());
    assert_eq!(answer_to(3), Code::LogStopped, "it stays stopped");
    assert_eq!(log.ask(4, vec![], &log.note(&log.head(4))).await, Witnessed::refused(422));
    decided(officer.clone(), Answer::Approve, "note 17").await.unwrap();
    assert!(decided(officer, Answer::Approve, "note 17").await.is_err());

    // From whatever it shows next, and no other history after that.
    assert_eq!(answer_to(4), Code::Refused);
    let (_folder, engine) = rewritten(&seoul, 12);
    let journal = engine.into_journal();
    let tiles = attache_store::Tiles(journal.as_ref());
    let head = LocalHead { size: 7, root: attache_tlog::root_at(&tiles, 7).unwrap() };
    assert_eq!(log.ask(4, vec![], &log.note(&head)).await, Witnessed::stands_at(0));
    assert_eq!(log.ask(0, vec![], &log.note(&head)).await.status, 200);
    assert_eq!(log.ask(0, vec![], &log.note(&log.head(7))).await, Witnessed::refused(422));
    assert_eq!((forks(&at_tokyo).len(), answer_to(5)), (2, Code::LogStopped));
    at_seoul.stop().await;
    at_tokyo.stop().await;
}

/// How far both clocks are ahead in the exercise of holding, in milliseconds.
static AHEAD: AtomicU64 = AtomicU64::new(0);

fn ahead() -> Timestamp {
    clock().plus_millis(AHEAD.load(Ordering::Relaxed))
}

/// The agreement as it would be if it said to hold.
pub fn holding() -> Pack {
    let pack = pack_with("[on_overdue]\nvalue = \"alarm\"", "[on_overdue]\nvalue = \"hold\"");
    assert_eq!(pack.terms().on_overdue, OnOverdue::Hold);
    pack
}

/// How far the clock is ahead in the exercise of a long absence, in milliseconds.
static ABSENT: AtomicU64 = AtomicU64::new(0);

fn absent() -> Timestamp {
    clock().plus_millis(ABSENT.load(Ordering::Relaxed))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_node_that_was_down_for_longer_than_agreed_asks_its_witness_before_it_raises() {
    let (mut seoul, tokyo) = (site_under("seoul.kor", "KOR", holding()), site("tokyo.jpn", "JPN").await);
    seoul.clock = absent;
    let at_seoul = seoul.start().await;
    at_seoul.accept(&tokyo).await;
    grow(&at_seoul, 1).await;
    at_seoul.stop().await;
    ABSENT.store(72 * 3_600_000, Ordering::Relaxed);
    let at_seoul = seoul.start().await;
    let office = &at_seoul.node.office;
    assert!(office.watch_witnesses(absent()).unwrap().is_none() && !office.is_held());
    let later = absent().plus_millis(START_GRACE_MILLIS);
    let overdue = office.watch_witnesses(later).unwrap().expect("the witness had its time");
    assert_eq!(overdue.witnesses, ["tokyo.jpn"]);
    at_seoul.node.commit(overdue.plan).await.unwrap().unwrap();
    at_seoul.stop().await;
    // A hold that is on record does not end by a restart.
    let at_seoul = seoul.start().await;
    at_seoul.node.office.watch_witnesses(absent()).unwrap();
    assert!(at_seoul.node.office.is_held());
    at_seoul.stop().await;
}

/// A connection of a node to a partner that is played by hand.
fn ends(running: &Running, to: &Site) -> (Listener, Conduct<Calling>) {
    let office = &running.node.office;
    let ours = Ours {
        node: to.name.clone(),
        network: office.identity.network,
        agreement: office.identity.agreement.clone(),
        pack: office.pack.digest(),
        window: 8,
        peer: office.identity.node.clone(),
        highest: VERSION,
    };
    let calling = Conduct::calling(Arc::clone(office), to.name.clone(), ahead()).unwrap();
    (Listener::new(ours, ahead()).unwrap(), calling)
}

/// What a node brings on a connection of its own to a partner that answers nothing.
fn brought(running: &Running, to: &Site) -> Vec<&'static str> {
    let (mut listener, mut calling) = ends(running, to);
    let mut came = Vec::new();
    for _ in 0..4 {
        while let Some(Output::Control(bytes)) = listener.poll_output() {
            calling.received(ahead(), &bytes);
        }
        calling.tick(ahead());
        while let Some(Output::Control(bytes)) = calling.poll_output(ahead()) {
            let mut input = bytes.as_slice();
            while let Some(event) = listener.receive(ahead(), &mut input).unwrap() {
                came.push(event.name());
            }
        }
    }
    came.retain(|name| *name != "Greeted");
    came
}

#[tokio::test(flavor = "multi_thread")]
async fn where_the_agreement_says_hold_nothing_new_goes_out_until_the_witness_is_back_and_then_by_itself() {
    let (mut seoul, mut tokyo) =
        (site_under("seoul.kor", "KOR", holding()), site_under("tokyo.jpn", "JPN", holding()));
    (seoul.clock, tokyo.clock) = (ahead, ahead);
    let (at_seoul, at_tokyo) = befriended(&seoul, &tokyo).await;
    let of_tokyo = card(&at_tokyo.node.office).clone();
    grow(&at_seoul, 1).await;
    until("Tokyo's cosignature", || is_cosigned(&at_seoul.node.office, &of_tokyo)).await;
    at_tokyo.stop().await;
    released(&at_seoul, &KOREA, 1, 1_000, &tokyo.name).await;
    let owed = || at_seoul.node.office.view.read().dispatches.owed_to(&tokyo.name).count() == 1;
    until("the package", owed).await;
    grow(&at_seoul, 1).await;
    assert_eq!(brought(&at_seoul, &tokyo), ["Witness", "Offered"]);
    // By hand, so that nothing but the hold has changed; the node itself finds soon that it is none.
    let held = loop {
        at_seoul.node.office.watch_witnesses(clock().plus_hours(49)).unwrap();
        let brought = brought(&at_seoul, &tokyo);
        if at_seoul.node.office.is_held() {
            break brought;
        }
    };
    assert_eq!(held, ["Witness"]);
    AHEAD.store(49 * 3_600_000, Ordering::Relaxed);
    until("the incident", || recorded(&at_seoul, COSIGNATURE_OVERDUE) == 1).await;
    assert!(at_seoul.node.office.is_held());
    // It ends by the cosignature.
    let at_tokyo = tokyo.start().await;
    until("the end of the hold", || !at_seoul.node.office.is_held()).await;
    assert!(is_cosigned(&at_seoul.node.office, &of_tokyo));
    assert_eq!(recorded(&at_seoul, COSIGNATURE_OVERDUE), 1);
    at_seoul.stop().await;
    at_tokyo.stop().await;
}

/// Asks a partner, played by hand on two connections and for minutes, that says to each request that it stands at `size`.
async fn told(at_seoul: &Running, tokyo: &Site, size: u64) {
    for _ in 0..2 {
        let (mut listener, mut calling) = ends(at_seoul, tokyo);
        for minute in 0..4 {
            // Whoever asks is told the same, however often.
            let now = clock().plus_millis(minute * 61_000);
            while let Some(Output::Control(bytes)) = listener.poll_output() {
                calling.received(now, &bytes);
            }
            calling.tick(now);
            while let Some(Output::Control(bytes)) = calling.poll_output(now) {
                let mut input = bytes.as_slice();
                while let Some(event) = listener.receive(now, &mut input).unwrap() {
                    if matches!(event, Event::Witness { .. }) {
                        listener.witnessed(Witnessed::stands_at(size)).unwrap();
                    }
                }
            }
            while let Some(errand) = calling.next_errand() {
                let outcome = at_seoul.node.commit(errand.plan).await.unwrap();
                calling.done(errand.then, &outcome);
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_witness_that_stands_elsewhere_than_it_signed_is_raised_once_and_not_each_minute() {
    // More than there is, and less than it signed, which it had on disk before.
    for (size, raised) in [(1 << 40, [1, 0]), (0, [0, 1])] {
        let (_seoul, tokyo, at_seoul, at_tokyo) = met().await;
        let of_tokyo = card(&at_tokyo.node.office).clone();
        until("Tokyo's cosignature", || is_cosigned(&at_seoul.node.office, &of_tokyo)).await;
        at_tokyo.stop().await;
        grow(&at_seoul, 1).await;
        told(&at_seoul, &tokyo, size).await;
        assert_eq!([LOG_SHORT, WITNESS_FORGOT].map(|code| recorded(&at_seoul, code)), raised);
        at_seoul.stop().await;
    }
}
