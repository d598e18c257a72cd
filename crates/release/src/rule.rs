//! The one function that rules: the floor, then the policies, then an answer with its reasons.
//!
//! *Absent:* facts of its own. Whatever may decide stands in the question, so that custody and an inspector
//! can ask the same again and get the same answer.

use crate::floor;
use crate::outcome::{Granted, Outcome, Refused};
use crate::pack::{Pack, sha256};
use crate::policies::Verdict;
use attache_accord::Digest;
use attache_accord::ruling::{Question, Reason, Ruling};

/// Domain of the question digest.
const QUESTION_TAG: &[u8] = b"attache/question/v1\n";
/// Bytes that most questions take at most.
const USUAL_QUESTION: usize = 1_024;

/// Rules on a question. Granted only where no rule of the floor refuses and the policies permit; a refusal
/// names every rule that refused, a grant the rules that permitted.
pub fn rule(question: &Question, pack: &Pack) -> Outcome {
    let floor = floor::refusals(pack.floor(), question, pack.terms());
    let mut refusals: Vec<String> = floor.into_iter().map(str::to_owned).collect();
    match pack.policies().decide(question, pack.terms()) {
        Verdict::Permitted(codes) if refusals.is_empty() => Outcome::Granted(Granted {
            ruling: ruling(question, pack, true, codes),
            item_digest: question.subject.item_digest,
            recipient: question.recipient.as_ref().map(|recipient| recipient.party),
            at: question.at,
        }),
        Verdict::Permitted(_) => refuse(question, pack, refusals),
        Verdict::Forbidden(codes) => {
            refusals.extend(codes);
            refuse(question, pack, refusals)
        }
    }
}

fn refuse(question: &Question, pack: &Pack, codes: Vec<String>) -> Outcome {
    Outcome::Refused(Refused { ruling: ruling(question, pack, false, codes) })
}

fn ruling(question: &Question, pack: &Pack, granted: bool, codes: Vec<String>) -> Ruling {
    // Codes are the same under every agreement; the article is the pack's.
    let cited = |code: String| {
        let article = pack.article_of_rule(&code).unwrap_or_default().to_owned();
        Reason { code, article }
    };
    Ruling {
        action: question.action,
        question: question_digest(question),
        granted,
        reasons: codes.into_iter().map(cited).collect(),
        pack: pack.digest(),
        pack_version: pack.version().to_owned(),
    }
}

/// SHA-256 over `"attache/question/v1\n"` and the question's deterministic CBOR.
#[expect(clippy::expect_used, reason = "encoding plain values into memory cannot fail")]
pub fn question_digest(question: &Question) -> Digest {
    let mut bytes = Vec::with_capacity(USUAL_QUESTION);
    minicbor::encode(question, &mut bytes).expect("a question encodes into memory");
    sha256(&[QUESTION_TAG, &bytes])
}
