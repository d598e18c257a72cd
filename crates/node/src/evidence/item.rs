//! The evidence of one item: every act of its life here, opened, with its proof of inclusion, and what was signed and proved about
//! it. It is for whoever decides about this item, such as a judge: it names people by pseudonym, and nothing of any other item.
//!
//! *Absent:* title and content, and acts that are not about the item; that there are no others only the whole log shows.

use super::acts::{approval_of, papers_of};
use super::{Heading, json};
use crate::engine::decode_event;
use crate::fault::Fault;
use crate::office::Office;
use crate::replay::{question_of, walk};
use attache_accord::act::Act;
use attache_accord::life::Life;
use attache_accord::{Digest, ItemId, NodeName};
use attache_release::Pack;
use attache_seal::papers::{Hop, Notice, Package, Receipt};
use attache_seal::statement::{Body, Signed};
use data_encoding::HEXLOWER;
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::ops::ControlFlow::{Break, Continue};

/// The form of the folder.
pub const ITEM_FORM: &str = "attache/item-evidence/v1";

/// One act: its leaf, what opens field 15 of it, and where it stands in the tree.
#[derive(Serialize)]
struct OpenedAct {
    index: u64,
    leaf: String,
    proof: Vec<String>,
    salt: String,
    event: String,
    /// Of a ruling, the question's CBOR.
    question: Option<String>,
}

/// The act by which the log went on under another name, and the proof that what was left is the beginning of the tree.
#[derive(Serialize)]
struct OpenedSuccession {
    act: OpenedAct,
    consistency: Vec<String>,
}

/// What an item's acts cite.
#[derive(Default)]
struct Cited {
    statements: BTreeSet<Digest>,
    /// Approvals that passages rest on, to be joined by the notices in which they came.
    consents: BTreeSet<Digest>,
    proofs: BTreeSet<Digest>,
    packs: BTreeSet<Digest>,
    rulings: BTreeSet<u64>,
    /// Successions of partners' logs, by the notice that brought them, also where no act of the item cites one.
    shown: Vec<(NodeName, Digest)>,
}

/// A partner's card by its digest, and whose it is.
type Partners = BTreeMap<Digest, (NodeName, Vec<u8>)>;

impl Cited {
    fn note(&mut self, index: u64, act: &Act) {
        match act {
            Act::DispatchOwed { package: statement, .. }
            | Act::ArrivalVerified { package: statement, .. }
            | Act::ReceiptOwed { receipt: statement, .. }
            | Act::ReceiptKept { receipt: statement, .. } => {
                self.statements.insert(*statement);
            }
            Act::ProofKept { proof, .. } => {
                self.proofs.insert(*proof);
            }
            Act::Ruled { ruling, .. } => {
                self.packs.insert(ruling.pack);
                self.rulings.insert(index);
            }
            other => {
                self.statements.extend(papers_of(other));
                self.consents.extend(approval_of(other));
            }
        }
    }
}

impl Office {
    /// Hands the evidence of one item's life at this node to `write`, file by file; how many acts. `None` where there is no such
    /// item.
    ///
    /// # Errors
    /// [`Fault`] where nothing was published yet, the journal cannot be read, or `write` fails.
    pub fn item_evidence(
        &self,
        item: &ItemId,
        write: &mut dyn FnMut(&str, &[u8]) -> io::Result<()>,
    ) -> Result<Option<usize>, Fault> {
        if self.view.read().item(item).is_err() {
            return Ok(None);
        }
        let mut put = |path: &str, bytes: &[u8]| write(path, bytes).map_err(Fault::Export);
        let published = self.papers.published()?.ok_or(Fault::Missing("published checkpoint"))?;
        let node = self.identity.node.to_string();
        let heading = Heading {
            form: ITEM_FORM.to_owned(),
            network: self.identity.network.as_str().to_owned(),
            agreement: self.identity.agreement.clone(),
            nodes: vec![node.clone()],
        };
        put("item.json", &json(&heading)?)?;
        self.put_cards(published.size, &mut put)?;
        put(&format!("{node}/checkpoint"), published.checkpoint.as_bytes())?;
        for size in self.put_cosigned(published.size, &mut put)? {
            let grown = self.papers.prove_growth(size, published.size)?;
            let grown: Vec<String> = grown.iter().map(|hash| HEXLOWER.encode(&hash.0)).collect();
            put(&format!("{node}/grown/{size}.json"), &json(&grown)?)?;
        }
        let (indices, mut cited) = self.life_of(item, published.size)?;
        cited.statements.append(&mut self.approvals(&cited.consents));
        let questions = self.questions(&cited.rulings, published.size)?;
        for index in &indices {
            let opened = self.opened_act(*index, published.size, questions.get(index))?;
            put(&format!("{node}/acts/{index}.json"), &json(&opened)?)?;
        }
        let own = self.view.read().logs.own().to_vec();
        for one in own.iter().filter(|own| own.statement.is_some() && own.from < published.size) {
            let grown = self.papers.prove_growth(one.from, published.size)?;
            let opened = OpenedSuccession {
                act: self.opened_act(one.from, published.size, None)?,
                consistency: grown.iter().map(|hash| HEXLOWER.encode(&hash.0)).collect(),
            };
            put(&format!("{node}/succeeded/{}.json", one.from), &json(&opened)?)?;
        }
        let mut partners = Partners::new();
        for digest in &cited.statements {
            let paper = self.papers.cited(digest, "statement")?;
            self.note_signer(&paper, &mut partners)?;
            put(&format!("{node}/statements/{digest}.cbor"), &paper)?;
        }
        let signers: BTreeSet<NodeName> = partners.values().map(|(signer, _)| signer.clone()).collect();
        for (_, notice) in cited.shown.iter().filter(|(signer, _)| signers.contains(signer)) {
            let paper = self.papers.cited(notice, "notice")?;
            self.note_signer(&paper, &mut partners)?;
            put(&format!("{node}/successions/{notice}.cbor"), &paper)?;
        }
        for (digest, (_, card)) in &partners {
            put(&format!("{node}/partners/{digest}.cbor"), card)?;
        }
        for digest in &cited.proofs {
            put(&format!("{node}/proofs/{digest}"), &self.papers.cited(digest, "proof")?)?;
        }
        self.put_packs(&cited.packs, &mut put)?;
        Ok(Some(indices.len()))
    }

    /// An act, with what shows it under the tree of `size` leaves.
    fn opened_act(&self, index: u64, size: u64, question: Option<&Vec<u8>>) -> Result<OpenedAct, Fault> {
        let logged = self.papers.logged(index)?;
        let proof = self.papers.prove(index, size).ok_or(Fault::Missing("proof of inclusion"))?;
        Ok(OpenedAct {
            index,
            leaf: HEXLOWER.encode(&logged.leaf),
            proof: proof.iter().map(|hash| HEXLOWER.encode(&hash.0)).collect(),
            salt: HEXLOWER.encode(&logged.opened.salt),
            event: HEXLOWER.encode(&logged.event),
            question: question.map(|question| HEXLOWER.encode(question)),
        })
    }

    /// The indices of the item's acts below `size`, in order, and what they cite.
    fn life_of(&self, item: &ItemId, size: u64) -> Result<(Vec<u64>, Cited), Fault> {
        let mut life = Life::new(*item);
        self.each_below(size, &mut |_, act| life.learn(act))?;
        let (mut indices, mut cited) = (Vec::new(), Cited::default());
        self.each_below(size, &mut |index, act| {
            if life.has(act) {
                indices.push(index);
                cited.note(index, act);
            }
            if let Act::SuccessionShown { node, notice, .. } = act {
                cited.shown.push((node.clone(), *notice));
            }
        })?;
        Ok((indices, cited))
    }

    pub(super) fn each_below(&self, size: u64, each: &mut dyn FnMut(u64, &Act)) -> Result<(), Fault> {
        let mut seen = 0;
        self.papers.look_through(0, |index, entry| {
            if index >= size {
                return Ok(Break(()));
            }
            seen += 1;
            each(index, &entry.act);
            Ok(Continue(()))
        })?;
        if seen == size { Ok(()) } else { Err(Fault::Missing("entry")) }
    }

    /// The questions of these rulings, as far as the journal gives them.
    fn questions(&self, rulings: &BTreeSet<u64>, size: u64) -> Result<BTreeMap<u64, Vec<u8>>, Fault> {
        let mut questions = BTreeMap::new();
        walk(&self.papers, self.pack.terms().utc_offset_hours, size, &mut |view, index| {
            if !rulings.contains(&index) {
                return Ok(());
            }
            let event = self.papers.logged(index)?.event;
            let Act::Ruled { ruling, by, asked, .. } = decode_event(index, &event)?.act else {
                return Err(Fault::Altered("ruling"));
            };
            if let Some(question) = question_of(&self.papers, view, &ruling, &by, asked.as_ref())? {
                let bytes = minicbor::to_vec(&question).map_err(|_| Fault::Encoding)?;
                questions.insert(index, bytes);
            }
            Ok(())
        })?;
        Ok(questions)
    }

    /// Notes the partner's card under which a package, a receipt or a notice was signed, unless it is our own.
    fn note_signer(&self, paper: &[u8], partners: &mut Partners) -> Result<(), Fault> {
        let signed = Signed::from_bytes(paper).map_err(|_| Fault::Altered("statement"))?;
        let head = match signed.name() {
            Receipt::NAME => signed.dangerously_unverified::<Receipt>().map(|statement| statement.head),
            Package::NAME => signed.dangerously_unverified::<Package>().map(|statement| statement.head),
            Notice::NAME => signed.dangerously_unverified::<Notice>().map(|statement| statement.head),
            Hop::NAME => {
                let told = signed.dangerously_unverified::<Hop>();
                if let Some(receipt) = told.as_ref().ok().and_then(|told| told.body.receipt.as_ref()) {
                    self.note_signer(receipt, partners)?;
                }
                told.map(|statement| statement.head)
            }
            // A person signed it.
            _ => return Ok(()),
        };
        let head = head.map_err(|_| Fault::Altered("statement"))?;
        let signer: NodeName = head.signer.parse().map_err(|_| Fault::Altered("statement"))?;
        if signer != self.identity.node
            && let Some(card) = self.signed_card_at(&signer, head.at)?
        {
            partners.insert(card.digest(), (signer, card.to_bytes()));
        }
        Ok(())
    }

    /// Those of these packs that are here: the one in force, those of before it, and the built-in ones.
    pub(super) fn put_packs(
        &self,
        wanted: &BTreeSet<Digest>,
        put: &mut impl FnMut(&str, &[u8]) -> Result<(), Fault>,
    ) -> Result<(), Fault> {
        let built_in = Pack::built_in();
        let here = built_in.iter().chain(&self.earlier_packs).chain([self.pack.as_ref()]);
        let packs: BTreeMap<Digest, &Pack> = here.map(|pack| (pack.digest(), pack)).collect();
        for (digest, pack) in packs.iter().filter(|(digest, _)| wanted.contains(digest)) {
            for (path, text) in pack.files() {
                put(&format!("{}/packs/{digest}/{path}", self.identity.node), text.as_bytes())?;
            }
        }
        Ok(())
    }
}
