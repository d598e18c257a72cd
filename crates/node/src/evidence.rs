//! Evidence: what a node hands to its partner, to an inspector or to a court. Leaves, a published checkpoint, opened fields
//! and signed statements, and rulings where they are asked for; no content, no key, no title. `docs/EVIDENCE.md` has the form, `attache-verify` checks it.
//!
//! *Absent:* fields that name an item or a person; those stay committed to.

mod acts;
mod item;
mod rulings;

pub use item::ITEM_FORM;

use crate::engine::{decode_event, fields, open_committed, open_event, open_salt};
use crate::fault::Fault;
use crate::office::Office;
use crate::relay::Docket;
use acts::Acts;
use attache_accord::act::Act;
use attache_accord::oversight::{
    FIELD_ACT, FIELD_ARTICLE, FIELD_DAY, FIELD_DIRECTION, FIELD_DUE, FIELD_DURATION, FIELD_KIND, FIELD_LEVEL,
    FIELD_OUTCOME, FIELD_PAIR, FIELD_PARTNER,
};
use attache_accord::view::View;
use attache_accord::{Digest, Timestamp};
use attache_seal::digest::sha256;
use attache_store::Row;
use attache_tlog::{LeafDraft, Origin, VerifierKey, encode_bundle};
use data_encoding::HEXLOWER;
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};
use std::io;

/// The form of the folder.
pub const FORM: &str = "attache/evidence/v1";
/// Leaves in one bundle, as C2SP has it.
pub const BUNDLE_LEAVES: usize = 256;
/// Fields that are opened of every leaf that shows them: coarse, and naming neither item nor person.
const OPENED: [usize; 11] = [
    FIELD_ACT,
    FIELD_ARTICLE,
    FIELD_DIRECTION,
    FIELD_PARTNER,
    FIELD_KIND,
    FIELD_LEVEL,
    FIELD_DAY,
    FIELD_OUTCOME,
    FIELD_DURATION,
    FIELD_DUE,
    FIELD_PAIR,
];

/// What `evidence.json` says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Heading {
    /// [`FORM`].
    pub form: String,
    /// The network.
    pub network: String,
    /// The agreement.
    pub agreement: String,
    /// Folders of nodes in this evidence, ascending.
    pub nodes: Vec<String>,
}

#[derive(Serialize)]
struct OpenedLeaf {
    index: u64,
    fields: Vec<OpenedValue>,
}

#[derive(Serialize)]
struct OpenedValue {
    field: usize,
    salt: String,
    value: String,
}

/// How much is handed out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Extent {
    /// Leaves, what is coarse of them, and what was signed. Nothing that names an item or a person.
    Acts,
    /// The rulings as well, with the questions that they answer, and what was signed of destructions and passages: these name people by pseudonym.
    Rulings,
}

/// What was exported.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Summary {
    /// Leaves, as many as the published checkpoint counts.
    pub leaves: u64,
    /// Signed statements.
    pub statements: usize,
    /// Rulings with their questions.
    pub rulings: usize,
}

impl Office {
    /// Hands the evidence of this node to `write`, file by file, by path within the folder. Memory stays that of one bundle
    /// of leaves.
    ///
    /// # Errors
    /// [`Fault`] where nothing was published yet, the journal cannot be read, or `write` fails.
    pub fn evidence(
        &self,
        extent: Extent,
        write: &mut dyn FnMut(&str, &[u8]) -> io::Result<()>,
    ) -> Result<Summary, Fault> {
        let mut put = |path: &str, bytes: &[u8]| write(path, bytes).map_err(Fault::Export);
        let published = self.papers.published()?.ok_or(Fault::Missing("published checkpoint"))?;
        let node = self.identity.node.to_string();
        let heading = Heading {
            form: FORM.to_owned(),
            network: self.identity.network.as_str().to_owned(),
            agreement: self.identity.agreement.clone(),
            nodes: vec![node.clone()],
        };
        put("evidence.json", &json(&heading)?)?;
        self.put_cards(published.size, &mut put)?;
        put(&format!("{node}/checkpoint"), published.checkpoint.as_bytes())?;
        self.put_cosigned(published.size, &mut put)?;
        let mut cited = self.leaves(published.size, &mut put)?;
        if extent == Extent::Rulings {
            // What is signed about openings names who reads.
            cited.statements.append(&mut cited.openings);
        }
        for digest in &cited.statements {
            let paper = self.papers.cited(digest, "statement")?;
            put(&format!("{node}/statements/{digest}.cbor"), &paper)?;
        }
        let mut statements = cited.statements.len();
        for digest in &cited.dockets {
            let papers = self.papers.cited(digest, "papers of a letter")?;
            let docket = Docket::from_bytes(&papers).ok_or(Fault::Altered("papers of a letter"))?;
            let hops = docket.hops().ok_or(Fault::Altered("papers of a letter"))?;
            for signed in docket.waybill().into_iter().chain(hops) {
                put(&format!("{node}/statements/{}.cbor", signed.digest()), &signed.to_bytes())?;
                statements += 1;
            }
        }
        for digest in &cited.proofs {
            put(&format!("{node}/proofs/{digest}"), &self.papers.cited(digest, "proof")?)?;
        }
        for digest in &cited.forks {
            put(&format!("{node}/forks/{digest}"), &self.papers.cited(digest, "proof of a fork")?)?;
        }
        for (statement, notice) in &cited.successions {
            put(&format!("{node}/successions/{notice}.cbor"), &self.papers.cited(notice, "notice")?)?;
            if let Some(note) = self.last_cosigned_of(statement)? {
                put(&format!("{node}/lost/{statement}"), note.as_bytes())?;
            }
        }
        let rulings = match extent {
            Extent::Acts => 0,
            Extent::Rulings => {
                statements += self.acts(cited.acts, published.size, &mut put)?;
                self.adoptions(&cited.adoptions, &mut put)?;
                self.rulings(published.size, &mut put)?
            }
        };
        Ok(Summary { leaves: published.size, statements, rulings })
    }

    /// Writes the newest checkpoint that is cosigned, of at most `size` leaves, for the one published last may wait for its cosignatures;
    /// and of each witness that did not cosign that, the newest that it did. Gives their sizes.
    pub(crate) fn put_cosigned(
        &self,
        size: u64,
        put: &mut impl FnMut(&str, &[u8]) -> Result<(), Fault>,
    ) -> Result<BTreeSet<u64>, Fault> {
        let node = &self.identity.node;
        let Some(newest) = self.papers.cosigned()?.filter(|cosigned| cosigned.size <= size) else {
            return Ok(BTreeSet::new());
        };
        put(&format!("{node}/cosigned"), newest.checkpoint.as_bytes())?;
        let mut sizes = BTreeSet::new();
        for keys in self.all_witness_keys()? {
            sizes.extend(self.cosigned_by(&keys)?.map(|(size, _)| size));
        }
        sizes.retain(|size| *size < newest.size);
        for size in &sizes {
            if let Some(cosigned) = self.papers.cosigned_of(*size)? {
                put(&format!("{node}/witnessed/{size}"), cosigned.checkpoint.as_bytes())?;
            }
        }
        sizes.insert(newest.size);
        Ok(sizes)
    }

    /// The keys of each witness of this node's log.
    fn all_witness_keys(&self) -> Result<Vec<Vec<VerifierKey>>, Fault> {
        let partners: Vec<_> = self.view.read().peers.keys().cloned().collect();
        let mut all: Vec<_> = self.outside.iter().map(|outside| outside.keys().to_vec()).collect();
        for partner in partners {
            all.extend(self.card_of(&partner)?.map(|card| card.witness_keys()));
        }
        Ok(all)
    }

    /// Writes the node's card and those before it, and by what its log of `size` entries went on under another name.
    pub(crate) fn put_cards(
        &self,
        size: u64,
        put: &mut impl FnMut(&str, &[u8]) -> Result<(), Fault>,
    ) -> Result<(), Fault> {
        let node = &self.identity.node;
        let own = self.view.read().logs.own().to_vec();
        for statement in own.iter().filter(|stretch| stretch.from < size).filter_map(|own| own.statement) {
            // Signed anew by the node that vouches for whoever answers for it.
            let notice = self.notice(&statement, Timestamp::default())?;
            put(&format!("{node}/successions/{}.cbor", sha256(&[&notice])), &notice)?;
        }
        put(&format!("{node}/card.cbor"), &self.own_card().to_bytes())?;
        for earlier in self.earlier_cards()? {
            put(&format!("{node}/cards/{}.cbor", earlier.digest()), &earlier.to_bytes())?;
        }
        Ok(())
    }

    /// Writes the leaves below `size` with their opened fields, and gives the papers that their acts cite.
    fn leaves(
        &self,
        size: u64,
        put: &mut impl FnMut(&str, &[u8]) -> Result<(), Fault>,
    ) -> Result<Cited, Fault> {
        let (reader, origins) = (self.papers.another_reader()?, self.origins()?);
        // Folded anew, since a field shows an act as it stood before it.
        let mut view = View::new(self.pack.terms().utc_offset_hours);
        let mut cited = Cited::default();
        let (mut bundle, mut opened) = (Vec::new(), Vec::new());
        let mut next = 0;
        while next < size {
            let rows = reader.rows(next, BUNDLE_LEAVES)?;
            if rows.is_empty() {
                return Err(Fault::Missing("entry"));
            }
            for row in rows.into_iter().take_while(|row| row.index < size) {
                next = row.index + 1;
                opened.push(self.opened(&row, origins.at(row.index)?, &mut view, &mut cited)?);
                bundle.push(row.entry);
                if bundle.len() == BUNDLE_LEAVES || next == size {
                    let number = (next - 1) / BUNDLE_LEAVES as u64;
                    let leaves = encode_bundle(&bundle).map_err(|_| Fault::Encoding)?;
                    put(&format!("{}/entries/{number:06}", self.identity.node), &leaves)?;
                    put(&format!("{}/opened/{number:06}.json", self.identity.node), &json(&opened)?)?;
                    bundle.clear();
                    opened.clear();
                }
            }
        }
        Ok(cited)
    }

    fn opened(
        &self,
        row: &Row,
        origin: &Origin,
        view: &mut View,
        cited: &mut Cited,
    ) -> Result<OpenedLeaf, Fault> {
        let rest = self.papers.rest();
        let event = open_event(rest, row)?;
        let entry = decode_event(row.index, &event)?;
        let terms = self.pack.terms();
        let values = fields(entry.at, &entry.act, &event, view, &terms.agreement, terms.utc_offset_hours);
        let draft = LeafDraft { salt: open_salt(rest, row)?, fields: values };
        let mut shown = Vec::new();
        // Numbers of fields are below 16.
        let numbers = OPENED.map(|field| field as u8);
        let all = open_committed(&draft, &numbers, origin, row)?;
        for (field, opened) in OPENED.into_iter().zip(all) {
            if field == FIELD_ACT || !opened.value.is_empty() {
                let value = match field {
                    FIELD_PAIR => HEXLOWER.encode(&opened.value),
                    _ => String::from_utf8(opened.value.clone()).map_err(|_| Fault::Encoding)?,
                };
                shown.push(OpenedValue { field, salt: HEXLOWER.encode(&opened.salt), value });
            }
        }
        cited.note(row.index, &entry.act);
        view.apply(&entry);
        Ok(OpenedLeaf { index: row.index, fields: shown })
    }
}

/// The papers that acts cite and evidence brings along.
#[derive(Default)]
struct Cited {
    /// Packages, receipts and hop receipts.
    statements: BTreeSet<Digest>,
    /// What was shown with letters: waybills, and the hop receipts that came with them.
    dockets: BTreeSet<Digest>,
    /// Requests to open and their answers, on either side.
    openings: BTreeSet<Digest>,
    /// Proofs of receipts' leaves.
    proofs: BTreeSet<Digest>,
    /// Entries by which another rule pack came into force.
    adoptions: Vec<u64>,
    /// Proofs that a partner's log showed two histories.
    forks: BTreeSet<Digest>,
    /// Successions of partners' logs, with the notices that brought them.
    successions: BTreeMap<Digest, Digest>,
    /// What it says of destructions and passages.
    acts: Acts,
}

impl Cited {
    fn note(&mut self, index: u64, act: &Act) {
        self.acts.note(index, act);
        match act {
            Act::PackAdopted { .. } => self.adoptions.push(index),
            Act::DispatchOwed { package, .. } | Act::ArrivalVerified { package, .. } => {
                self.statements.insert(*package);
            }
            Act::ReceiptOwed { receipt, .. } | Act::ReceiptKept { receipt, .. } => {
                self.statements.insert(*receipt);
            }
            Act::OpeningAsked { request, .. } | Act::OpeningReceived { request, .. } => {
                self.openings.insert(*request);
            }
            Act::OpeningAnswered { answer, .. } | Act::OpeningDecided { answer, .. } => {
                self.openings.insert(*answer);
            }
            Act::HopSigned { hop, .. }
            | Act::HopKept { hop, .. }
            | Act::LossSigned { hop, .. }
            | Act::LossKept { hop, .. } => {
                self.statements.insert(*hop);
            }
            Act::LetterOwed { papers, .. } | Act::LetterTaken { papers, .. } => {
                self.dockets.insert(*papers);
            }
            Act::ProofKept { proof, .. } => {
                self.proofs.insert(*proof);
            }
            Act::SuccessionShown { statement, notice, .. } => {
                self.successions.insert(*statement, *notice);
            }
            Act::LogForked { proof, .. } => {
                self.forks.insert(*proof);
            }
            _ => {}
        }
    }
}

pub(crate) fn json(value: &impl Serialize) -> Result<Vec<u8>, Fault> {
    serde_json::to_vec(value).map_err(|_| Fault::Encoding)
}
