//! Since when each key is in use, and until when the retired ones were, as the node's cards tell it.
//!
//! *Absent:* secrets. The cards are public, so nothing has to be unlocked to look.

use crate::found::Failed;
use crate::home::Home;
use attache_accord::Timestamp;
use attache_seal::kem::KemPublic;
use attache_seal::pair::VerifyingPair;
use attache_seal::papers::Card;
use attache_seal::statement::Signed;
use data_encoding::HEXLOWER;
use serde_json::{Value, json};

/// After so many days the key that items are wrapped for is to be made anew.
pub(crate) const KEM_DAYS: u64 = 90;

const DAY_MILLIS: u64 = 86_400_000;
/// The names of keys, and what each is for.
const PURPOSES: [(&str, &str); 4] = [
    ("Party root", "signs this node's cards; offline"),
    ("node", "signs rulings, permits and receipts"),
    ("label", "signs packages"),
    (KEM, "opens what is wrapped for this node"),
];
const KEM: &str = "kem";

/// One key of this node.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Aged {
    name: &'static str,
    purpose: &'static str,
    id: String,
    since: Timestamp,
    /// When another took its place.
    until: Option<Timestamp>,
}

impl Aged {
    fn days(&self, now: Timestamp) -> u64 {
        self.until.unwrap_or(now).0.saturating_sub(self.since.0) / DAY_MILLIS
    }

    /// As people read it.
    pub(super) fn line(&self, now: Timestamp) -> String {
        let (name, id, days) = (self.name, &self.id, self.days(now));
        match self.until {
            None => format!("{name:<11} {id}  {}; since {}, {days} days", self.purpose, self.since),
            Some(until) => format!("{name:<11} {id}  retired {until}, after {days} days"),
        }
    }

    pub(super) fn document(&self, now: Timestamp) -> Value {
        json!({
            "name": self.name,
            "id": self.id,
            "purpose": self.purpose,
            "since": self.since.to_string(),
            "days": self.days(now),
            "retired_at": self.until.map(|until| until.to_string()),
        })
    }
}

/// The keys of a node: those in use first, then the retired ones, youngest first.
pub(crate) fn of(home: &Home) -> Result<Vec<Aged>, Failed> {
    let card = |signed: &Signed| Ok(signed.dangerously_unverified::<Card>().map_err(Failed::misuse)?.body);
    let mut cards = vec![card(&home.card()?)?];
    for signed in home.earlier()? {
        cards.push(card(&signed)?);
    }
    Ok(told(&cards))
}

/// What cards tell, newest first.
fn told(cards: &[Card]) -> Vec<Aged> {
    let mut current = Vec::new();
    let mut retired = Vec::new();
    for (place, (name, purpose)) in PURPOSES.into_iter().enumerate() {
        let mut until = None;
        let mut keys: Vec<Aged> = Vec::new();
        for card in cards {
            let Some(id) = ids(card).into_iter().nth(place) else { continue };
            match keys.last_mut().filter(|key| key.id == id) {
                Some(key) => key.since = card.not_before,
                None => keys.push(Aged { name, purpose, id, since: card.not_before, until }),
            }
            until = Some(card.not_before);
        }
        let mut keys = keys.into_iter();
        current.extend(keys.next());
        retired.extend(keys);
    }
    current.into_iter().chain(retired).collect()
}

/// In the order of [`PURPOSES`].
fn ids(card: &Card) -> [String; 4] {
    let pair = |key: &VerifyingPair| HEXLOWER.encode(&key.key_id().0);
    let kem = KemPublic::from_spki_der(&card.kem_key).map(|key| key.key_id().to_string());
    [pair(&card.root), pair(&card.node_key), pair(&card.label_key), kem.unwrap_or_default()]
}

/// What is to be said about the age of the key that items are wrapped for.
pub(crate) fn warning(keys: &[Aged], now: Timestamp) -> Option<String> {
    let kem = keys.iter().find(|key| key.name == KEM && key.until.is_none())?;
    let days = kem.days(now);
    (days > KEM_DAYS)
        .then(|| format!("the kem key is {days} days old, more than {KEM_DAYS}; attache key rotate"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use attache_accord::Digest;
    use attache_custody::Keyring;
    use attache_custody::keyring::Which;
    use attache_seal::pair::Sign as _;

    fn card(keys: &Keyring, day: u64, previous: Option<Digest>) -> Card {
        let not_before = Timestamp(day * DAY_MILLIS);
        Card {
            node: "seoul.kor".parse().unwrap(),
            party: "KOR".parse().unwrap(),
            endpoints: vec![],
            root: keys.label.verifying().clone(),
            node_key: keys.node.verifying().clone(),
            label_key: keys.label.verifying().clone(),
            label_es256: keys.label_es256_public(),
            log_origin: "seoul.kor/log/1".to_owned(),
            log_vkeys: vec![],
            kem_key: keys.kem.public().to_spki_der(),
            tls_ca: vec![0],
            not_before,
            not_after: not_before.plus_hours(365 * 24),
            previous,
            witness_vkeys: None,
        }
    }

    #[test]
    fn a_renewed_key_keeps_its_age_and_a_rotated_one_begins_anew() {
        let first = Keyring::generate("seoul.kor/log/1").unwrap();
        let which = Which { kem: true, ..Which::default() };
        let second = first.prepared(which).unwrap().advanced().unwrap().unwrap();
        let cards = [card(&second, 300, None), card(&first, 200, None), card(&first, 100, None)];
        let now = Timestamp(330 * DAY_MILLIS);
        let keys = told(&cards);
        let seen: Vec<_> = keys.iter().map(|key| (key.name, key.days(now), key.until.is_some())).collect();
        let expected = [
            ("Party root", 230, false),
            ("node", 230, false),
            ("label", 230, false),
            ("kem", 30, false),
            ("kem", 200, true),
        ];
        assert_eq!(seen, expected);
        assert_eq!(warning(&keys, now), None);
        let said = warning(&keys, Timestamp(391 * DAY_MILLIS)).unwrap();
        assert!(said.contains("91 days old"), "{said}");
        assert_eq!(warning(&keys, Timestamp(390 * DAY_MILLIS)), None);
    }
}
