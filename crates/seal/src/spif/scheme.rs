//! The national scheme of a Party as a SPIF: a view of the agreement's table, not the table.
//!
//! A SPIF gives each classification a value of its own. Two levels of one rank, such as 極秘 and 特定秘密, therefore have two
//! values here and one place in the hierarchy, since neither is above the other under the agreement; a table row with two
//! levels becomes two equivalents between which a person still chooses. Read back, a SPIF never becomes terms.
//!
//! *Absent:* third parties, which no policy of the agreement lists.

use super::{
    Applied, Classification, Equivalent, EquivalentPolicy, Heading, Phrase, PolicyId, Spif, Tag, TagCategory,
    TagSet, TagType,
};
use crate::label::stanag::{
    CATEGORIES, CAVEAT, CONTROL, KIND, National, PURPOSE, StanagError, TOPIC, policy_name, policy_oid,
};
use attache_accord::equivalence::{Equivalents, LevelName};
use attache_accord::{Level, Party, Timestamp};

/// Values set aside for the levels of one rank.
const LEVELS_OF_A_RANK: i64 = 10;
/// The syntaxes of privileges and roles that NATO's own SPIFs name.
const SYNTAX: &str = "1.3.26.0.4774.5.24.1";

impl Spif {
    /// The scheme of `party` under `national`. `names` are the Party's name by language, such as (`ko`, `대한민국`).
    ///
    /// # Errors
    /// [`StanagError::Unknown`] for one that is not a Party, [`StanagError::Twice`] for levels of one name.
    pub fn of_scheme(
        national: &National,
        party: Party,
        names: &[(&str, &str)],
        created_at: Timestamp,
    ) -> Result<Self, StanagError> {
        let scheme = national.equivalence.schemes.get(&party);
        let scheme = scheme.ok_or_else(|| StanagError::unknown("Party", party.as_str()))?;
        let mut classifications: Vec<Classification> = Vec::new();
        for named in scheme.levels() {
            if classifications.iter().any(|class| class.name == named.name) {
                return Err(StanagError::Twice(format!("the level name {}", named.name)));
            }
            classifications.push(classification(national, named, party));
        }
        let oid = policy_oid(national.agreement, party);
        // An agreement on any topic has no list of topics, and a label of it names none. So it is with purposes.
        let has_words = |tag: &str| match tag {
            TOPIC => !national.topics.is_empty(),
            PURPOSE => !national.purposes.is_empty(),
            _ => true,
        };
        let tag_sets = CATEGORIES.iter().filter(|(_, tag, _)| has_words(tag)).map(|(_, tag, arc)| TagSet {
            name: (*tag).to_owned(),
            oid: format!("{oid}.{arc}"),
            tags: vec![tag_of(national, party, tag)],
        });
        let others = national.equivalence.schemes.keys().filter(|other| **other != party);
        let originator_words = names.iter().map(|(language, name)| Phrase {
            text: Some((*name).to_owned()),
            language: Some((*language).to_owned()),
            codes: vec!["replacePolicy".to_owned()],
        });
        Ok(Self {
            heading: heading(national, created_at),
            policy: PolicyId { name: policy_name(national.agreement, party), oid: oid.clone() },
            classifications,
            tag_sets: tag_sets.collect(),
            equivalent_policies: others.map(|other| equivalent_policy(national, *other)).collect(),
            phrases: originator_words.collect(),
            qualifiers: Vec::new(),
        })
    }
}

fn rank(national: &National, level: &Level) -> i64 {
    let scheme = national.equivalence.schemes.get(&level.party());
    scheme.and_then(|scheme| scheme.rank(level)).map_or(0, i64::from)
}

/// The value of a level: its rank, and within the rank its place in the scheme.
fn value(national: &National, level: &Level) -> i64 {
    let Some(scheme) = national.equivalence.schemes.get(&level.party()) else { return 0 };
    let same = scheme.levels().filter(|other| scheme.rank(&other.level) == scheme.rank(level));
    let place = same.take_while(|other| other.level != *level).count();
    rank(national, level) * LEVELS_OF_A_RANK + i64::try_from(place).unwrap_or_default()
}

fn classification(national: &National, named: &LevelName, party: Party) -> Classification {
    let table = national.equivalence;
    let mut equivalents = Vec::new();
    for other in table.schemes.keys().filter(|other| **other != party) {
        let levels = match table.equivalents(&named.level, *other) {
            Equivalents::None => Vec::new(),
            Equivalents::One(only) => vec![only],
            Equivalents::Choice(several) => several,
        };
        equivalents.extend(levels.iter().map(|level| Equivalent {
            policy: policy_name(national.agreement, *other),
            lacv: value(national, level),
            applied: Applied::Both,
            required: Vec::new(),
        }));
    }
    // Names of levels are never translated: the one phrase is for every language.
    let phrase = |text: &str, code: &str| Phrase {
        text: Some(text.to_owned()),
        language: None,
        codes: vec![code.to_owned()],
    };
    Classification {
        name: named.name.clone(),
        lacv: value(national, &named.level),
        hierarchy: rank(national, &named.level),
        colour: None,
        is_obsolete: false,
        equivalents,
        phrases: vec![phrase(&named.name, "pageTopBottom"), phrase(&named.name, "portionMarking")],
        qualifiers: Vec::new(),
        required: Vec::new(),
    }
}

fn tag_of(national: &National, party: Party, tag: &str) -> Tag {
    let categories = match tag {
        KIND => numbered(national.kinds.iter().map(|kind| category(kind.as_str(), None, Vec::new()))),
        TOPIC => numbered(national.topics.iter().map(|topic| category(topic.as_str(), None, Vec::new()))),
        PURPOSE => numbered(national.purposes.iter().map(|it| category(it.as_str(), None, Vec::new()))),
        CAVEAT | CONTROL => numbered([category(tag, Some("string"), Vec::new())].into_iter()),
        _ => numbered(
            national
                .equivalence
                .schemes
                .keys()
                .map(|nation| category(nation.as_str(), None, never_shared(national, party, *nation))),
        ),
    };
    let informative = TagType { tag: "tagType7".to_owned(), enumerated: None };
    let (tag_type, encoding, most) = match tag {
        KIND | CONTROL => (informative, Some("securityAttributes".to_owned()), Some(1)),
        CAVEAT | TOPIC | PURPOSE => (informative, Some("securityAttributes".to_owned()), None),
        _ => {
            (TagType { tag: "enumerated".to_owned(), enumerated: Some("permissive".to_owned()) }, None, None)
        }
    };
    Tag {
        name: Some(tag.to_owned()),
        tag_type,
        encoding,
        most,
        fewest: None,
        categories,
        qualifiers: Vec::new(),
    }
}

/// Levels of `party` that `nation` never gets, since they stand in no row.
fn never_shared(national: &National, party: Party, nation: Party) -> Vec<String> {
    let table = national.equivalence;
    let own = table.schemes.get(&party).into_iter().flat_map(|scheme| scheme.levels());
    own.filter(|named| table.equivalents(&named.level, nation) == Equivalents::None)
        .map(|named| named.name.clone())
        .collect()
}

fn category(name: &str, user_input: Option<&str>, excluded_classes: Vec<String>) -> TagCategory {
    TagCategory {
        name: name.to_owned(),
        lacv: String::new(),
        user_input: user_input.map(str::to_owned),
        required_class: None,
        is_obsolete: false,
        equivalents: Vec::new(),
        phrases: Vec::new(),
        qualifiers: Vec::new(),
        excluded_classes,
        required: Vec::new(),
        excluded: Vec::new(),
    }
}

fn numbered(categories: impl Iterator<Item = TagCategory>) -> Vec<TagCategory> {
    categories
        .zip(1_u32..)
        .map(|(category, lacv)| TagCategory { lacv: lacv.to_string(), ..category })
        .collect()
}

fn equivalent_policy(national: &National, other: Party) -> EquivalentPolicy {
    let id =
        PolicyId { name: policy_name(national.agreement, other), oid: policy_oid(national.agreement, other) };
    EquivalentPolicy { id, required: Vec::new() }
}

fn heading(national: &National, created_at: Timestamp) -> Heading {
    let major = national.version.split('.').next().and_then(|major| major.parse().ok());
    let digits: String = created_at.to_string().chars().filter(char::is_ascii_digit).take(14).collect();
    Heading {
        version: major.unwrap_or(1),
        created: format!("{digits}Z"),
        originator: format!("CN={} {}", national.agreement, national.version),
        key: "00".to_owned(),
        privilege: SYNTAX.to_owned(),
        roles: SYNTAX.to_owned(),
    }
}
