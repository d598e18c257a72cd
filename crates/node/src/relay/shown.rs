//! Letters as a person is shown them: what stands outside on each, what became of it here, the hubs' receipts, and at its ends what it
//! is about.
//!
//! *Absent:* at a hub, what is inside. It is not on record there.

use super::Docket;
use crate::fault::Fault;
use crate::office::Office;
use attache_accord::act::Act;
use attache_accord::letters::{Letter, Matter};
use attache_accord::{Digest, NodeName};
use attache_courier::frame::{About, Decline, Frame, Slip};
use attache_seal::papers::{HopReceipt, OpeningKey, Waybill};
use attache_seal::statement::Signed;

/// What one letter is beside its place in the folds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shown {
    /// The length of its container in bytes, which is padded.
    pub size: u64,
    /// What the hubs signed of it, in order.
    pub hops: Vec<(Digest, NodeName, HopReceipt)>,
    /// `package`, `receipt`, `proof`, `notice`, `opening`, `answer` or `declined`, and which: a dispatch, a statement, a request or a
    /// letter. None at a hub, and for an answer that came.
    pub about: Option<(&'static str, String)>,
    /// Whether this hub's people stopped the openings of what is in it.
    pub is_stopped: bool,
}

impl Office {
    /// A letter as it is shown.
    ///
    /// # Errors
    /// When the store fails, or what it says of the letter is damaged.
    pub fn letter_shown(&self, letter: &Letter) -> Result<Shown, Fault> {
        let damaged = || Fault::Altered("papers of a letter");
        let papers = self.papers.cited(&letter.papers, "papers of a letter")?;
        let docket = Docket::from_bytes(&papers).ok_or_else(damaged)?;
        let waybill = docket.waybill().and_then(|it| it.dangerously_unverified::<Waybill>().ok());
        let mut signed = docket.hops().ok_or_else(damaged)?;
        // A sender has it beside what it shows, and so has a hub its word that it gave the letter up.
        if let Some(hop) = letter.hop.filter(|hop| signed.iter().all(|it| it.digest() != *hop)) {
            let hop = self.papers.cited(&hop, "hop receipt")?;
            signed.push(Signed::from_bytes(&hop).map_err(|_| damaged())?);
        }
        let hop = |signed: Signed| {
            let said = signed.dangerously_unverified::<HopReceipt>().ok()?;
            Some((signed.digest(), said.head.signer.parse().ok()?, said.body))
        };
        let hops = signed.into_iter().map(hop).collect::<Option<_>>().ok_or_else(damaged)?;
        let about = match &letter.matter {
            Some(matter) => Some(written(matter)),
            None if letter.to == self.identity.node => self.came(letter)?,
            None => None,
        };
        let is_stopped = self.view.read().letters.is_stopped(letter);
        Ok(Shown { size: waybill.ok_or_else(damaged)?.body.size, hops, about, is_stopped })
    }

    /// What a letter that came was about, as its answer says.
    fn came(&self, letter: &Letter) -> Result<Option<(&'static str, String)>, Fault> {
        let entry = self.papers.entry(letter.index)?.map(|entry| entry.act);
        let Some(Act::LetterTaken { answer: Some(answer), .. }) = entry else { return Ok(None) };
        let bytes = self.papers.cited(&answer, "answer to a letter")?;
        // What is to be answered by custody stands under the request that it is about.
        if let Ok(signed) = Signed::from_bytes(&bytes) {
            let key = signed.dangerously_unverified::<OpeningKey>();
            let request = key.map_or_else(|_| signed.digest(), |key| key.body.request);
            return Ok(Some(("opening", request.to_string())));
        }
        let frame = bytes.get(4..).and_then(|frame| Frame::from_bytes(frame).ok());
        Ok(match frame.ok_or(Fault::Altered("answer to a letter"))? {
            Frame::Stored(About { dispatch })
            | Frame::Held(About { dispatch })
            | Frame::Receipted(Slip { dispatch, .. }) => Some(("package", dispatch.to_string())),
            Frame::ReceiptKept(About { dispatch }) => Some(("receipt", dispatch.to_string())),
            Frame::ProofKept(About { dispatch }) => Some(("proof", dispatch.to_string())),
            Frame::NoticeKept(About { dispatch }) => Some(("notice", dispatch.to_string())),
            Frame::OpeningAnswer(answer) => Some(("opening", answer.id.to_string())),
            Frame::Decline(Decline { dispatch, .. }) => Some(("declined", dispatch.to_string())),
            _ => None,
        })
    }
}

fn written(matter: &Matter) -> (&'static str, String) {
    match matter {
        Matter::Package(dispatch) => ("package", dispatch.to_string()),
        Matter::Receipt(dispatch) => ("receipt", dispatch.to_string()),
        Matter::Proof(dispatch) => ("proof", dispatch.to_string()),
        Matter::Notice(statement) => ("notice", statement.to_string()),
        Matter::Opening(request) => ("opening", request.to_string()),
        Matter::Answer(letter) => ("answer", letter.to_string()),
    }
}
