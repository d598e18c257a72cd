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

/// Rules on a question. Granted only where no rule of the floor refuses and the policies permit; a refusal
/// names every rule that refused, a grant the rules that permitted.
pub fn rule(question: &Question, pack: &Pack) -> Outcome {
    let mut refusals = floor::refusals(pack.floor(), question, pack.terms());
    match pack.policies().decide(question, pack.terms()) {
        Verdict::Permitted(reasons) if refusals.is_empty() => Outcome::Granted(Granted {
            ruling: ruling(question, pack, true, reasons),
            item_digest: question.subject.item_digest,
            recipient: question.recipient.as_ref().map(|recipient| recipient.party),
            at: question.at,
        }),
        Verdict::Permitted(_) => refuse(question, pack, refusals),
        Verdict::Forbidden(reasons) => {
            refusals.extend(reasons);
            refuse(question, pack, refusals)
        }
    }
}

fn refuse(question: &Question, pack: &Pack, reasons: Vec<Reason>) -> Outcome {
    Outcome::Refused(Refused { ruling: ruling(question, pack, false, reasons) })
}

fn ruling(question: &Question, pack: &Pack, granted: bool, reasons: Vec<Reason>) -> Ruling {
    Ruling {
        action: question.action,
        question: question_digest(question),
        granted,
        reasons: reasons.into_iter().map(|reason| cited(reason, pack)).collect(),
        pack: pack.digest(),
        pack_version: pack.version().to_owned(),
    }
}

/// A reason with the article that this agreement rests the rule on: the floor is code, and its codes are the same under
/// every agreement.
fn cited(reason: Reason, pack: &Pack) -> Reason {
    let article = pack.article_of_rule(&reason.code).unwrap_or(&reason.article).to_owned();
    Reason { article, ..reason }
}

/// SHA-256 over `"attache/question/v1\n"` and the question's deterministic CBOR.
#[expect(clippy::expect_used, reason = "encoding plain values into memory cannot fail")]
pub fn question_digest(question: &Question) -> Digest {
    let bytes = minicbor::to_vec(question).expect("a question encodes into memory");
    sha256(&[QUESTION_TAG, &bytes])
}
