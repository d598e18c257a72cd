//! An example down to what matters in it.
//!
//! *Absent:* taste. Whatever can go without the example ceasing to be one, goes.

use attache_accord::ruling::Question;

/// Takes away from a question what it is not about, one fact after the other, as long as `still` holds.
pub(crate) fn simplest(mut question: Question, still: impl Fn(&Question) -> bool) -> Question {
    loop {
        match simpler(&question).into_iter().find(|simpler| still(simpler)) {
            Some(simpler) => question = simpler,
            None => return question,
        }
    }
}

/// The same question with one fact less, in each way.
fn simpler(question: &Question) -> Vec<Question> {
    let mut all = Vec::new();
    let mut changed = |change: &dyn Fn(&mut Question)| {
        let mut other = question.clone();
        change(&mut other);
        if other != *question {
            all.push(other);
        }
    };
    changed(&|q| q.recipient = None);
    changed(&|q| q.requester = None);
    changed(&|q| q.chosen = None);
    changed(&|q| q.subject.own_level = None);
    changed(&|q| q.purpose = None);
    changed(&|q| q.copy = None);
    changed(&|q| q.copy.iter_mut().for_each(|copy| (copy.number, copy.needed) = (1, 1)));
    changed(&|q| q.translation = None);
    changed(&|q| q.contractor = None);
    changed(&|q| q.visit = None);
    changed(&|q| q.asker.clearance = None);
    for role in &question.asker.roles {
        changed(&|q| q.asker.roles.retain(|other| other != role));
    }
    for kind in &question.asker.duties {
        changed(&|q| q.asker.duties.retain(|other| other != kind));
    }
    for position in &question.positions {
        changed(&|q| q.positions.retain(|other| other != position));
    }
    for approval in &question.subject.approvals {
        changed(&|q| q.subject.approvals.retain(|other| other != approval));
    }
    for topic in question.subject.marking.iter().flat_map(|marking| &marking.topics) {
        changed(&|q| q.subject.marking.iter_mut().for_each(|m| m.topics.retain(|other| other != topic)));
    }
    for party in question.subject.marking.iter().flat_map(|marking| &marking.releasable_to) {
        changed(&|q| {
            q.subject.marking.iter_mut().for_each(|m| m.releasable_to.retain(|other| other != party))
        });
    }
    for assured in question.recipient.iter().flat_map(|to| &to.assurances) {
        changed(&|q| q.recipient.iter_mut().for_each(|to| to.assurances.retain(|other| other != assured)));
    }
    all
}
