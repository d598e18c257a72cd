//! A site: one node with its people, its durable parts, and what a kill takes from it.
//!
//! *Absent:* choices. The world says what is done, and when.

use crate::watch::Secret;
use attache_accord::act::Act;
use attache_accord::agreement::Relay;
use attache_accord::consent::Consent;
use attache_accord::control::{Answerer, Control, Recall, Taken};
use attache_accord::dispatch::{Dispatch, Progress};
use attache_accord::item::Stage;
use attache_accord::lifecycle::{Holds, Instrument, Step as Done};
use attache_accord::mandate::Mandate;
use attache_accord::people::{Clearance, Person, Role};
use attache_accord::view::{Ask, Unknown};
use attache_accord::{
    CaseId, CivilDay, Digest, DispatchId, ItemId, Level, Marking, Network, NodeName, Party, PersonId,
    Timestamp,
};
use attache_custody::{Denied, Keyring};
use attache_node::chores::Chores;
use attache_node::desk::{self, Step};
use attache_node::engine::{Engine, Plan};
use attache_node::fault::{Failure, Fault};
use attache_node::founding::{self, Draft};
use attache_node::intake::{Described, Intake};
use attache_node::node::open_engine;
use attache_node::notices::{Noting, notice_id};
use attache_node::office::Office;
use attache_node::openings::{Place, Told};
use attache_node::papers::Papers;
use attache_node::reading::Stopped;
use attache_node::report::Wanted;
use attache_node::stocktaking::take_stock;
use attache_release::Pack;
use attache_seal::pair::{Sign as _, SigningPair};
use attache_seal::papers::{Admission, Answer, Decision, ReportCosignature, Request};
use attache_seal::statement::{Body, Head, Signed, Statement};
use attache_seal::tdf::{KeyAccess, Manifest, Metadata};
use attache_store::{Committed, Conflict, Journal, MemoryDisk, MemoryJournal, MemoryVault, Original};
use attache_tlog::Origin;
use std::collections::BTreeSet;
use std::sync::Arc;

/// Leaves in a block of padding.
const BLOCK: u64 = 4;
/// So much of an item's plaintext is searched for: the first time that its words stand there.
const PLAINTEXT_BYTES: usize = 41;
/// Most operations on the disk until its power goes out.
const MAX_OPERATIONS: usize = 100;

/// What is fixed about a site.
pub(crate) struct Nation {
    pub(crate) node: &'static str,
    pub(crate) party: &'static str,
    /// The level that its items bear, and the one that it gives to what it receives.
    pub(crate) level: &'static str,
    pub(crate) own_level: &'static str,
    pub(crate) kind: &'static str,
    /// The agreement under which it acts.
    pub(crate) pack: fn() -> Pack,
}

pub(crate) struct Site {
    pub(crate) name: NodeName,
    pub(crate) nation: &'static Nation,
    pub(crate) card: Signed,
    pack: Arc<Pack>,
    keys: Arc<Keyring>,
    people: Vec<(Role, PersonId, SigningPair)>,
    vault: MemoryVault,
    disk: MemoryDisk,
    /// What its journal holds, of which a twin takes a copy.
    original: Original,
    /// Whether the power of the disk may go out by itself.
    is_failing: bool,
    /// What outlives a kill, while the node is down.
    journal: Option<Box<dyn Journal>>,
    running: Option<Running>,
    /// A reader of an item under originator control, until it is answered or the node goes down.
    reader: Option<Reader>,
}

struct Reader {
    item: ItemId,
    ruling_index: u64,
    place: Place,
}

struct Running {
    engine: Engine,
    office: Arc<Office>,
    chores: Chores,
}

impl Site {
    /// Founds a node with one person of each role but the inspector's.
    pub(crate) fn found(
        nation: &'static Nation,
        seed: u8,
        disk: MemoryDisk,
        now: Timestamp,
    ) -> Result<Self, Failure> {
        let name: NodeName = nation.node.parse().map_err(desk::Misuse::from)?;
        let pack = Arc::new((nation.pack)());
        let origin = founding::log_origin(&name);
        let keys = Keyring::generate(&origin).map_err(|_| Fault::Randomness)?;
        let root = SigningPair::generate().map_err(Fault::from)?;
        let log = Origin::new(&origin).map_err(|_| Fault::Altered("log origin"))?;
        let journal = MemoryJournal::on(disk.clone(), log);
        let mut people = Vec::new();
        let roles = Role::ALL.iter().filter(|(role, _)| *role != Role::Inspector);
        for (number, (role, word)) in roles.enumerate() {
            let id: PersonId =
                format!("{word}-{}", nation.party.to_lowercase()).parse().map_err(desk::Misuse::from)?;
            let pair = SigningPair::from_seed_bytes(&[seed ^ number as u8; 64]).map_err(Fault::from)?;
            people.push((*role, id, pair));
        }
        let mut site = Self {
            name: name.clone(),
            nation,
            // No socket is opened here, so the authority of the link is never asked for.
            card: founding::card(&draft(nation, &name, &people)?, &pack, &keys, &root, vec![0], now)?,
            pack,
            keys: Arc::new(keys),
            people,
            vault: MemoryVault::on(disk.clone()),
            disk,
            original: journal.original(),
            is_failing: false,
            journal: None,
            running: None,
            reader: None,
        };
        let mut engine = open_engine(Box::new(journal), &site.keys, &site.pack)?;
        founding::found(&mut engine, &draft(nation, &name, &site.people)?, &site.pack, now)?;
        site.journal = Some(engine.into_journal());
        site.start()?;
        site.enrol(now)?;
        Ok(site)
    }

    /// The same node once more, with its keys and a copy of its journal, as where somebody started it from a copied disk while the
    /// first goes on. Neither knows of the other, and both sign.
    pub(crate) fn dangerously_twinned(&self) -> Result<Self, Failure> {
        let mut people = Vec::new();
        for (role, id, pair) in &self.people {
            let pair = SigningPair::from_seed_bytes(&pair.to_seed_bytes()).map_err(Fault::from)?;
            people.push((*role, id.clone(), pair));
        }
        let disk = MemoryDisk::default();
        let journal = self.original.dangerously_copied(disk.clone());
        let mut twin = Self {
            name: self.name.clone(),
            nation: self.nation,
            card: self.card.clone(),
            pack: Arc::clone(&self.pack),
            keys: Arc::clone(&self.keys),
            people,
            vault: self.vault.clone(),
            disk,
            original: journal.original(),
            is_failing: false,
            journal: Some(Box::new(journal)),
            running: None,
            reader: None,
        };
        twin.start()?;
        Ok(twin)
    }

    fn party(&self) -> Result<Party, Failure> {
        Ok(self.nation.party.parse().map_err(desk::Misuse::from)?)
    }

    fn enrol(&mut self, now: Timestamp) -> Result<(), Failure> {
        let party = self.party()?;
        let level: Level = self.nation.own_level.parse().map_err(desk::Misuse::from)?;
        let admin = self.person(Role::Administrator)?;
        let mut acts = Vec::new();
        for (role, id, pair) in self.people.iter().filter(|(role, ..)| *role != Role::Administrator) {
            let cleared = Clearance { level: level.clone(), until: now.plus_hours(24 * 365) };
            let duties = self.pack.terms().kinds.clone();
            let person =
                Person { id: id.clone(), party, roles: [*role].into(), clearance: Some(cleared), duties };
            let verifying = minicbor::to_vec(pair.verifying()).map_err(|_| Fault::Encoding)?.into();
            acts.push(Act::PersonEnrolled { person, verifying, by: Some(admin.clone()) });
        }
        self.commit_acts(acts, now)?;
        self.declare(now)
    }

    /// The agreement office declares, once more, that the agreement is in force.
    pub(crate) fn declare(&mut self, now: Timestamp) -> Result<(), Failure> {
        let party = self.party()?;
        let office = Arc::clone(self.office()?);
        let instrument = {
            let view = office.view.read();
            let record = view.lifecycle.record(party);
            Instrument {
                party,
                number: record.map_or(0, |record| record.len()) + 1,
                previous: record.and_then(|record| record.head()),
                seen: Default::default(),
                step: Done::PositionTaken {},
                official: "Office of Treaties (fictitious)".into(),
                document: "note 1 (fictitious)".into(),
                dated: now,
                holds: Holds { from: Some(Timestamp(0)), until: None },
                remark: "in force".into(),
            }
        };
        let signed = self.signed(Role::AgreementOffice, instrument, now)?;
        let step = desk::instrument(&office.view.read(), &self.pack, now, &signed).map_err(Failure::from)?;
        self.must(step, now)
    }

    /// Accepts a partner's card and its assurance for one of its people.
    pub(crate) fn befriend(&mut self, other: &Self, now: Timestamp) -> Result<(), Failure> {
        let admin = self.person(Role::Administrator)?;
        let fingerprint = attache_seal::papers::Card::fingerprint(&other.card);
        let office = Arc::clone(self.office()?);
        let step =
            attache_node::steward::add_peer(&office.view.read(), now, &admin, &other.card, &fingerprint);
        self.must(step.map_err(Failure::from)?, now)?;
        self.mirror(other, now)?;
        let person = other.person(Role::DeskOfficer)?;
        let expires = now.plus_hours(24 * 300);
        let assurance = other.office()?.assure(now, &person, "early warning (fictitious)", expires)?;
        let card_of = |node: &NodeName| office.card_of(node).ok().flatten();
        let step =
            attache_node::steward::record_assurance(&office.view.read(), now, &admin, &assurance, card_of);
        self.must(step.map_err(Failure::from)?, now)
    }

    /// Takes the first of the partner's instruments as its notice brings it.
    fn mirror(&mut self, other: &Self, now: Timestamp) -> Result<(), Failure> {
        let theirs = other.office()?;
        let record = theirs.view.read().lifecycle.record(other.party()?).cloned();
        let first = record.and_then(|record| record.head()).ok_or(Fault::Missing("instrument"))?;
        let notice = theirs.notice(&first, now)?;
        let office = Arc::clone(self.office()?);
        match office.weigh_notice(&other.name, &notice_id(&first), &notice)? {
            Noting::Keep(plan) => self.must(Step { plan, ruling: None }, now),
            _ => Err(Fault::Missing("place for an instrument").into()),
        }
    }

    /// The office of the running node.
    pub(crate) fn office(&self) -> Result<&Arc<Office>, Failure> {
        Ok(self.running.as_ref().map(|running| &running.office).ok_or(Fault::Stopped)?)
    }

    /// Takes the node down and cuts its disk's power: what was not synced is lost, torn or kept.
    pub(crate) fn kill(&mut self) {
        self.reader = None;
        if let Some(running) = self.running.take() {
            self.journal = Some(running.engine.into_journal());
        }
        self.disk.restart();
        self.vault.lose_unsynced();
    }

    /// From now on the power of the disk may go out between any two of its operations, or no more.
    pub(crate) fn let_power_fail(&mut self, is_failing: bool) {
        self.is_failing = is_failing;
        if is_failing {
            self.disk.fails_within(MAX_OPERATIONS);
        } else {
            self.disk.fails_no_more();
        }
    }

    /// Whether the disk has no power.
    pub(crate) fn is_out(&self) -> bool {
        self.disk.is_out()
    }

    /// Writes not synced that its disk lost, tore and kept.
    pub(crate) fn settled(&self) -> [u64; 3] {
        self.disk.settled()
    }

    /// Reads everything that the journal says is here.
    pub(crate) fn take_stock(&self) -> Result<(), Failure> {
        let office = self.office()?;
        take_stock(&office.papers, office.vault.as_ref(), &self.pack)?;
        Ok(())
    }

    /// Starts the node from what is durable.
    pub(crate) fn start(&mut self) -> Result<(), Failure> {
        let Some(journal) = self.journal.take() else { return Ok(()) };
        let engine = open_engine(journal, &self.keys, &self.pack)?;
        let papers = Papers::new(engine.reader()?, engine.rest());
        let office = Office::new(
            (Arc::clone(&self.keys), Arc::clone(&self.pack)),
            engine.custodian(),
            Arc::new(self.vault.clone()),
            engine.view(),
            papers,
            self.card.clone(),
        )?;
        let office = Arc::new(office);
        self.running = Some(Running { engine, office: Arc::clone(&office), chores: Chores::default() });
        self.let_power_fail(self.is_failing);
        Ok(office.tidy()?)
    }

    /// Commits one plan.
    pub(crate) fn commit(
        &mut self,
        plan: Plan,
        now: Timestamp,
    ) -> Result<Result<Committed, Conflict>, Failure> {
        plan.check()?;
        let running = self.running.as_mut().ok_or(Fault::Stopped)?;
        let mut outcomes = running.engine.commit(now, &[plan])?;
        Ok(outcomes.pop().ok_or(Fault::Stopped)?)
    }

    /// The beat: publishes a checkpoint of the log as it is, padded.
    pub(crate) fn publish(&mut self, now: Timestamp) -> Result<(), Failure> {
        let running = self.running.as_mut().ok_or(Fault::Stopped)?;
        let Some(due) = running.office.due(BLOCK, now)? else { return Ok(()) };
        running.engine.commit(now, &due.padding)?;
        let note = running.office.checkpoint(&running.office.papers.head_at(due.size)?)?;
        running.engine.put_published(due.size, &note)?;
        running.office.has_published(due.size, now);
        Ok(())
    }

    /// Whether a receipt that the other has is still to be proved to it.
    pub(crate) fn owes_proof_to(&self, other: &NodeName) -> Result<bool, Failure> {
        Ok(self.office()?.view.read().dispatches.owes_proof_to(other))
    }

    fn must(&mut self, step: Step, now: Timestamp) -> Result<(), Failure> {
        match self.commit(step.plan, now)? {
            Ok(_) => Ok(()),
            Err(_) => Err(Fault::Busy("the same thing").into()),
        }
    }

    fn commit_acts(&mut self, acts: Vec<Act>, now: Timestamp) -> Result<(), Failure> {
        let plan = Plan::new(&self.office()?.view.read(), acts);
        self.must(Step { plan, ruling: None }, now)
    }

    /// The node's keys.
    pub(crate) fn keys(&self) -> Arc<Keyring> {
        Arc::clone(&self.keys)
    }

    /// Who inspects here.
    pub(crate) fn inspector(&self) -> Result<PersonId, Failure> {
        Ok(format!("inspector-{}", self.nation.party.to_lowercase()).parse().map_err(desk::Misuse::from)?)
    }

    /// Enrols the inspector whom a mandate names, and gives the mandate: the inspector's keys, and which it is.
    pub(crate) fn begin_oversight(
        &mut self,
        mandate: Mandate,
        now: Timestamp,
    ) -> Result<(SigningPair, Digest), Failure> {
        let (party, id) = (self.party()?, self.inspector()?);
        let person = Person {
            id,
            party,
            roles: [Role::Inspector].into(),
            clearance: None,
            duties: Default::default(),
        };
        let pair = SigningPair::generate().map_err(Fault::from)?;
        let verifying = minicbor::to_vec(pair.verifying()).map_err(|_| Fault::Encoding)?.into();
        let by = Some(self.person(Role::Administrator)?);
        self.commit_acts(vec![Act::PersonEnrolled { person, verifying, by }], now)?;
        let signed = self.signed(Role::AgreementOffice, mandate, now)?;
        let step = desk::give_mandate(&self.office()?.view.read(), now, &signed).map_err(Failure::from)?;
        self.must(step, now)?;
        Ok((pair, signed.digest()))
    }

    /// Hands a report on these days to `write`, and has the inspector cosign what the public is told of it, if it is told anything.
    pub(crate) fn report(
        &mut self,
        (inspector, mandate): &(SigningPair, Digest),
        ((from, until), is_public): ((CivilDay, CivilDay), bool),
        now: Timestamp,
        write: &mut dyn FnMut(&str, &[u8]) -> std::io::Result<()>,
    ) -> Result<(), Failure> {
        let id = self.inspector()?;
        let office = Arc::clone(self.office()?);
        let wanted = Wanted { inspector: id.clone(), mandate: *mandate, from, until, is_public };
        let prepared = office.prepare_report(now, wanted)?;
        let plan = prepared.plan(&office.view.read())?;
        self.must(Step { plan, ruling: None }, now)?;
        office.write_report(&prepared, write)?;
        let public = office.view.read().mandates.public().find_map(|(_, made)| made.public);
        if let Some(public) = public {
            let notice = self.cosign(inspector, &id, public, now)?;
            let path = format!("{}/cosignatures/{}.cbor", self.name, notice.digest());
            write(&path, &notice.to_bytes()).map_err(Fault::Export)?;
        }
        Ok(())
    }

    /// The inspector signs what the public is told of a report; the notice in which the node vouches for that key.
    fn cosign(
        &mut self,
        pair: &SigningPair,
        inspector: &PersonId,
        public: Digest,
        now: Timestamp,
    ) -> Result<Signed, Failure> {
        let signed = self.signed_by(inspector, pair, ReportCosignature { public }, now)?;
        let office = Arc::clone(self.office()?);
        let notice = office.vouch(&signed, now)?;
        let step = desk::cosign_report(&office.view.read(), now, &signed, &notice).map_err(Failure::from)?;
        self.must(step, now)?;
        Ok(notice)
    }

    /// Does the next chore, if there is one.
    pub(crate) fn chore(&mut self, fresh: [u8; 16], now: Timestamp) -> Result<bool, Failure> {
        let running = self.running.as_mut().ok_or(Fault::Stopped)?;
        let Some(plan) = running.chores.next(&running.office, &[DispatchId(fresh)], now).pop() else {
            return Ok(false);
        };
        Ok(self.commit(plan, now)?.is_ok())
    }

    /// The analyst adds and marks an item of `size` bytes, and asks for its release to `to`.
    pub(crate) fn offer_item(
        &mut self,
        (item, spare, case): ([u8; 16], [u8; 16], [u8; 16]),
        size: usize,
        to: &NodeName,
        now: Timestamp,
    ) -> Result<(), Failure> {
        let analyst = self.person(Role::Analyst)?;
        let metadata = self.metadata(&item);
        let described = Described { metadata, tearline: false, item_bytes: Some(size as u64) };
        let office = Arc::clone(self.office()?);
        let mut intake = Intake::begin(Arc::clone(&office), analyst.clone(), described)?;
        intake.push(&plaintext(&item, size))?;
        let added = intake.finish([ItemId(item), ItemId(spare)], now)?;
        self.must(Step { plan: added.plan, ruling: None }, now)?;
        let terms = self.pack.terms();
        let others = terms.parties.iter().filter(|party| party.as_str() != self.nation.party);
        let marking = Marking {
            level: self.nation.level.parse().map_err(desk::Misuse::from)?,
            releasable_to: others.copied().collect(),
            kind: self.nation.kind.parse().map_err(desk::Misuse::from)?,
            caveats: Vec::new(),
            marked_at: now,
            topics: terms.topics.clone(),
            purposes: terms.purposes.clone(),
            // By no choice of the world's, which would change every seed. What is passed on bears none.
            control: (terms.hub.is_none() && item[0].is_multiple_of(2))
                .then_some(Control { answerer: Answerer::Rule, until: None }),
        };
        let step = office.mark(&analyst, ItemId(item), marking)?;
        self.must(step, now)?;
        self.ask_release((item, case), to, now)
    }

    /// Title and media type of an item: its own, where a hub is searched for them.
    fn metadata(&self, item: &[u8; 16]) -> Metadata {
        if self.pack.terms().hub.is_none() {
            return Metadata { title: "exercise".into(), ..Metadata::default() };
        }
        let id = DispatchId(*item);
        let (title, media_type) = (format!("title {id}"), format!("application/x.{id}"));
        Metadata { title, media_type, ..Metadata::default() }
    }

    /// What nobody but those who may read them should learn of the items of this site.
    pub(crate) fn secrets(&self) -> Result<BTreeSet<Secret>, Failure> {
        let view = self.office()?.view.read();
        let mut secrets = BTreeSet::new();
        let mut add = |what, bytes: &[u8]| {
            secrets.insert(Secret { what, bytes: bytes.to_vec() });
        };
        for item in view.items.iter() {
            let Stage::Marked(marked) = &item.stage else { continue };
            let Metadata { title, media_type, .. } = self.metadata(&item.id.0);
            add("title", title.as_bytes());
            add("media type", media_type.as_bytes());
            add("level", marked.marking.level.to_string().as_bytes());
            add("kind", marked.marking.kind.as_str().as_bytes());
            add("label", marked.label.as_bytes());
            add("item digest", item.item_digest.as_bytes());
            let text = plaintext(&item.id.0, usize::try_from(item.size).unwrap_or_default());
            // What is shorter stands everywhere.
            add("plaintext", text.get(..PLAINTEXT_BYTES).unwrap_or_default());
        }
        view.dispatches.all_sent().for_each(|sent| add("dispatch", &sent.id.0));
        view.register.iter().for_each(|entered| add("number", entered.number.as_bytes()));
        Ok(secrets)
    }

    /// Opens everything that is here as its desk officer may, and gives it all, with titles and media types.
    pub(crate) fn open_all(&mut self, now: Timestamp) -> Result<Vec<u8>, Failure> {
        let (office, by) = (Arc::clone(self.office()?), self.person(Role::DeskOfficer)?);
        let items: Vec<ItemId> = office.view.read().items.iter().map(|item| item.id).collect();
        let mut all = Vec::new();
        for item in items {
            let Ok(step) = desk::open(&office.view.read(), &self.pack, now, &by, item, "") else { continue };
            let is_granted = step.ruling.as_ref().is_some_and(|ruling| ruling.granted);
            let Ok(committed) = self.commit(step.plan, now)? else { continue };
            if !is_granted {
                continue;
            }
            let reading = office.reading(now, &by, item, committed.first_index)?;
            let Metadata { title, media_type, .. } = reading.metadata();
            all.extend([title.as_bytes(), media_type.as_bytes()].concat());
            let take = |plain: &[u8]| {
                all.extend_from_slice(plain);
                true
            };
            reading.each_segment(take).map_err(|_| Fault::Missing("sealed bytes"))?;
        }
        Ok(all)
    }

    /// Whether its agreement has a hub that carries without reading.
    pub(crate) fn is_blind(&self) -> bool {
        self.pack.terms().relay == Relay::Blind
    }

    /// Whether this node's keys open any letter that it carries.
    pub(crate) fn opens_a_letter(&self) -> Result<bool, Failure> {
        let office = self.office()?;
        for letter in office.view.read().letters.all().filter(|letter| letter.to != self.name) {
            let Some(json) = office.papers.get(&letter.manifest)? else { continue };
            let manifest = Manifest::from_json(&json).map_err(Fault::from)?;
            let opens = |access: &KeyAccess| {
                let kid = access.kid.as_deref().unwrap_or_default();
                let wrapped = access.wrapped_key_bytes().unwrap_or_default();
                office.custodian.open_letter(&letter.id, kid, &wrapped).is_ok()
            };
            if manifest.key_access.iter().any(opens) {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// The analyst asks for the release of an item that is here.
    pub(crate) fn ask_release(
        &mut self,
        (item, case): ([u8; 16], [u8; 16]),
        to: &NodeName,
        now: Timestamp,
    ) -> Result<(), Failure> {
        let office = Arc::clone(self.office()?);
        let (item_digest, label_digest) = {
            let view = office.view.read();
            let found = view.item(&ItemId(item)).map_err(desk::Misuse::from)?;
            (found.item_digest, found.marked().ok_or(Fault::Missing("label"))?.label)
        };
        let purpose = "early warning (fictitious)".to_owned();
        let asked = Request { case: CaseId(case), item_digest, label_digest, recipient: to.clone(), purpose };
        let signed = self.signed(Role::Analyst, asked, now)?;
        let step = desk::request(&office.view.read(), &self.pack, now, &signed).map_err(Failure::from)?;
        self.must(step, now)
    }

    /// The disclosure officer says something to another node about what may be done with an item.
    pub(crate) fn say(&mut self, consent: Consent, now: Timestamp) -> Result<(), Failure> {
        let office = Arc::clone(self.office()?);
        let consent = attache_seal::papers::Consent { consent, words: String::new() };
        let signed = self.signed(Role::DisclosureOfficer, consent, now)?;
        let step = desk::consent(&office.view.read(), &self.pack, now, &signed).map_err(Failure::from)?;
        self.must(step, now)
    }

    /// The disclosure officer decides a case.
    pub(crate) fn decide(&mut self, case: CaseId, answer: Answer, now: Timestamp) -> Result<(), Failure> {
        let officer = self.person(Role::DisclosureOfficer)?;
        let office = Arc::clone(self.office()?);
        let decision = {
            let view = office.view.read();
            let found = view.dispatches.case(&case).ok_or(Fault::Missing("case"))?;
            let item = view.item(&found.item).map_err(desk::Misuse::from)?;
            let ask = Ask::Release { case };
            let question = view.question(&officer, &ask, now).map_err(desk::Misuse::from)?;
            Decision {
                case,
                request: found.request,
                item_digest: item.item_digest,
                label_digest: item.marked().ok_or(Fault::Missing("label"))?.label,
                recipient: found.recipient.clone(),
                answer,
                reason: "as agreed".into(),
                article: "1".into(),
                facts: desk::facts_digest(&question),
            }
        };
        let signed = self.signed(Role::DisclosureOfficer, decision, now)?;
        let step = desk::decide(&office.view.read(), &self.pack, now, &signed).map_err(Failure::from)?;
        self.must(step, now)
    }

    /// The desk officer admits an arrival.
    pub(crate) fn admit(
        &mut self,
        dispatch: DispatchId,
        item: [u8; 16],
        now: Timestamp,
    ) -> Result<(), Failure> {
        let office = Arc::clone(self.office()?);
        let package = office.view.read().items.arrival(&dispatch).map(|arrival| arrival.package);
        let package = package.ok_or(Fault::Missing("arrival"))?;
        let own_level = self.nation.own_level.parse().map_err(desk::Misuse::from)?;
        let signed = self.signed(Role::DeskOfficer, Admission { dispatch, package, own_level }, now)?;
        let view = office.view.read();
        let step = desk::admit(&view, &self.pack, now, &signed, ItemId(item)).map_err(Failure::from)?;
        drop(view);
        self.must(step, now)
    }

    /// The desk officer opens an item that its originator controls, of those here the one whose turn it is by `turn`: asks, or reads
    /// what is answered. The size of what was read, once something was.
    pub(crate) fn read_controlled(&mut self, turn: usize, now: Timestamp) -> Result<Option<u64>, Failure> {
        let (office, by) = (Arc::clone(self.office()?), self.person(Role::DeskOfficer)?);
        if let Some(reader) = &mut self.reader {
            let Some(told) = reader.place.told_already() else { return Ok(None) };
            let (item, index) = (reader.item, reader.ruling_index);
            self.reader = None;
            let Told::Lent(share) = told else { return Ok(None) };
            let reading = match office.reading_lent(now, &by, item, index, &share) {
                // It took days to read, or a recall came first.
                Err(Failure::Fault(Fault::Custody(
                    Denied::Lapsed | Denied::Unknown(Unknown::Recalled(_)),
                ))) => {
                    return Ok(None);
                }
                reading => reading?,
            };
            return match reading.each_segment(|_| true) {
                Ok(bytes) => Ok(Some(bytes)),
                Err(Stopped::Fault(fault)) => Err(fault.into()),
                Err(Stopped::Reader) => Err(Fault::Missing("reader").into()),
            };
        }
        let controlled: Vec<ItemId> = {
            let view = office.view.read();
            view.items.iter().filter(|item| item.controlled().is_some()).map(|item| item.id).collect()
        };
        if controlled.is_empty() {
            return Ok(None);
        }
        let item = controlled[turn % controlled.len()];
        // What is recalled is no question any more.
        let asked = desk::ask_to_open(&office.view.read(), &self.pack, now, &by, item, "");
        let Ok(step) = asked else { return Ok(None) };
        let Ok(committed) = self.commit(step.plan, now)? else { return Ok(None) };
        let ruling_index = committed.first_index;
        let reader = office.reader(&by, item, "exercise", ruling_index)?;
        let request = match office.pending(&reader, now).first() {
            Some(request) => *request,
            None => {
                let (plan, request) = office.request_opening(&reader, None, now)?;
                if self.commit(plan, now)?.is_err() {
                    return Ok(None);
                }
                request
            }
        };
        self.reader = office.await_answer(request, &reader).map(|place| Reader { item, ruling_index, place });
        Ok(None)
    }

    /// Whether a reader waits for an answer, or has one.
    pub(crate) fn is_reading(&self) -> bool {
        self.reader.is_some()
    }

    /// The disclosure officer takes back the first item under control that the partner stored and that was not taken back.
    pub(crate) fn recall(&mut self, now: Timestamp) -> Result<(), Failure> {
        let office = Arc::clone(self.office()?);
        let recall = {
            let view = office.view.read();
            let is_there =
                |sent: &&Dispatch| matches!(sent.progress, Progress::Stored | Progress::Receipted { .. });
            let stands = |sent: &&Dispatch| view.controls.recalled(&sent.id).is_none();
            let mut sent = view.dispatches.all_sent().filter(is_there).filter(stands);
            sent.find_map(|sent| {
                let item = view.items.get(&sent.item)?;
                item.marked()?.marking.control?;
                Some(Recall {
                    item_digest: item.item_digest,
                    dispatch: sent.id,
                    to: sent.recipient.clone(),
                    taken: Taken::Back {},
                    document: "letter 9 (fictitious)".into(),
                })
            })
        };
        let Some(recall) = recall else { return Ok(()) };
        let signed = self.signed(Role::DisclosureOfficer, recall, now)?;
        let step = desk::recall(&office.view.read(), &self.pack, now, &signed).map_err(Failure::from)?;
        self.must(step, now)
    }

    fn person(&self, role: Role) -> Result<PersonId, Failure> {
        let found = self.people.iter().find(|(held, ..)| *held == role).map(|(_, id, _)| id.clone());
        Ok(found.ok_or(Fault::Missing("person"))?)
    }

    fn signed<B: Body>(&self, role: Role, body: B, now: Timestamp) -> Result<Signed, Failure> {
        let found = self.people.iter().find(|(held, ..)| *held == role);
        let (_, id, pair) = found.ok_or(Fault::Missing("person"))?;
        self.signed_by(id, pair, body, now)
    }

    fn signed_by<B: Body>(
        &self,
        id: &PersonId,
        pair: &SigningPair,
        body: B,
        now: Timestamp,
    ) -> Result<Signed, Failure> {
        let head = Head {
            network: Network::Exercise,
            agreement: self.pack.terms().agreement.clone(),
            pack: self.pack.digest(),
            signer: id.to_string(),
            key: pair.verifying().key_id(),
            at: now,
        };
        Ok(Signed::seal(&Statement { head, body }, pair).map_err(Fault::from)?)
    }
}

/// The bytes of an item: words of its own, again and again.
fn plaintext(item: &[u8; 16], size: usize) -> Vec<u8> {
    let words = format!("words of {}; ", DispatchId(*item));
    words.bytes().cycle().take(size).collect()
}

fn draft(nation: &Nation, name: &NodeName, people: &[(Role, PersonId, SigningPair)]) -> Result<Draft, Fault> {
    let administrator = people.iter().find(|(role, ..)| *role == Role::Administrator);
    let (_, id, pair) = administrator.ok_or(Fault::Missing("person"))?;
    Ok(Draft {
        node: name.clone(),
        party: nation.party.parse().map_err(|_| Fault::Altered("party"))?,
        network: Network::Exercise,
        endpoints: vec![format!("{name}:7443")],
        administrator: (id.clone(), pair.verifying().clone()),
    })
}
