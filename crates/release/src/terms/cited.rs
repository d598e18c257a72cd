//! Where each term of `terms.toml` comes from.
//!
//! *Absent:* whether the article exists; the articles say.

use super::file::TermsFile;
use super::reader::Reader;

/// Notes where each term comes from.
pub(super) fn note(file: &TermsFile, reader: &mut Reader<'_>) {
    reader.cite("kinds", &file.kinds.article, &file.kinds.status);
    reader.cite("topics", &file.topics.article, &file.topics.status);
    reader.cite("binding", &file.binding.article, &file.binding.status);
    reader.cite("effect", &file.effect.article, &file.effect.status);
    reader.cite("hub", &file.hub.article, &file.hub.status);
    for (term, amount) in [
        ("term_years", &file.term_years),
        ("notice_days", &file.notice_days),
        ("utc_offset_hours", &file.utc_offset_hours),
    ] {
        reader.cite(term, &amount.article, &amount.status);
    }
    if let Some(amount) = &file.suppress_below {
        reader.cite("suppress_below", &amount.article, &amount.status);
    }
    if let Some(amount) = &file.cosignature_hours {
        reader.cite("cosignature_hours", &amount.article, &amount.status);
    }
    if let Some(word) = &file.relay {
        reader.cite("relay", &word.article, &word.status);
    }
    if let Some(word) = &file.on_overdue {
        reader.cite("on_overdue", &word.article, &word.status);
    }
    if let Some(amount) = &file.offline_grace_hours {
        reader.cite("offline_grace_hours", &amount.article, &amount.status);
    }
    if let Some(amount) = &file.hub_share_days {
        reader.cite("hub_share_days", &amount.article, &amount.status);
    }
    for party in &file.party {
        let code = party.code.get_ref();
        reader.cite(format!("party {code}"), &party.article, &party.status);
        for authority in &party.authority {
            let term = format!("authority {code} {}", authority.code.get_ref());
            reader.cite(term, &authority.article, &authority.status);
        }
        for gate in &party.gate {
            reader.cite(format!("gate {code} {}", gate.code.get_ref()), &gate.article, &gate.status);
        }
    }
    for row in &file.equivalence {
        reader.cite(format!("equivalence {}", row.english.get_ref()), &row.article, &row.status);
    }
    for leg in &file.leg {
        reader.cite(format!("leg {}", leg.basis.get_ref()), &leg.article, &leg.status);
    }
    for purpose in &file.purpose {
        reader.cite(format!("purpose {}", purpose.code.get_ref()), &purpose.article, &purpose.status);
    }
    for owed in &file.obligation {
        reader.cite(format!("obligation {}", owed.duty.get_ref()), &owed.article, &owed.status);
    }
}
