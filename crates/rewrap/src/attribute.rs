//! Attributes: what a policy of TDF calls a marking. A name is `{namespace}/attr/{attribute}/value/{value}`, compared
//! without regard to case; the namespace is this node's.
//!
//! A policy that this node is to keep must say a whole marking and nothing else: an attribute that the node does not know
//! would be a restriction that it does not keep.
//!
//! *Absent:* whether a level or a kind exists. The rule pack says that.

use crate::definition::{Definition, Rule};
use crate::limits::MAX_FQN_BYTES;
use attache_accord::particulars::Purpose;
use attache_accord::{Kind, Level, Marking, NodeName, Party};
use std::collections::BTreeSet;

const LEVEL: &str = "level";
const KIND: &str = "kind";
const RELEASABLE_TO: &str = "releasable-to";
const PURPOSE: &str = "purpose";
/// Of sealed copies only, as what follows: nobody seals an item of another here.
const ORIGINATOR: &str = "originator";
const ORIGINATOR_LEVEL: &str = "originator-level";
const TOPIC: &str = "topic";
const CONTROL: &str = "originator-control";
const CONTROL_UNTIL: &str = "originator-control-until";
const MARKED_AT: &str = "marked-at";
const CAVEAT: &str = "caveat";

/// What the attributes of a policy say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stated {
    /// The level.
    pub level: Level,
    /// The kind of information.
    pub kind: Kind,
    /// Parties beside the originator that may have it.
    pub releasable_to: BTreeSet<Party>,
    /// For what it is given.
    pub purposes: BTreeSet<Purpose>,
}

impl Stated {
    /// Whether a marking says the same. Caveats and topics have no attribute.
    pub fn is_of(&self, marking: &Marking) -> bool {
        self.level == marking.level
            && self.kind == marking.kind
            && self.releasable_to == marking.releasable_to
            && self.purposes == marking.purposes
    }
}

/// Why the attributes of a policy are no marking.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{}", self.as_str())]
pub enum Unstated {
    /// An attribute of another namespace, or one that does not exist.
    Foreign,
    /// Two levels, or two kinds.
    Twice,
    /// No level.
    NoLevel,
    /// No kind.
    NoKind,
}

impl Unstated {
    /// What is wrong, and what to do.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Foreign => "it has an attribute that this node does not know, and so could not keep",
            Self::Twice => "it has two levels or two kinds; name one of each",
            Self::NoLevel => "it has no level; seal the item again under a policy that names one",
            Self::NoKind => "it has no kind; seal the item again under a policy that names one",
        }
    }
}

/// The attributes of one node.
#[derive(Debug, Clone)]
pub struct Attributes {
    namespace: String,
}

/// The values that attributes have: what the rule pack names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Values {
    /// Levels of the node's Party, the strictest first.
    pub levels: Vec<Level>,
    /// Kinds of information.
    pub kinds: Vec<Kind>,
    /// The other Parties.
    pub parties: Vec<Party>,
    /// For what information is given; empty where the rule pack does not name it.
    pub purposes: Vec<Purpose>,
}

impl Attributes {
    /// The attributes of `node`.
    pub fn of(node: &NodeName) -> Self {
        Self { namespace: format!("https://{node}") }
    }

    /// The name of a level.
    pub fn level(&self, level: &Level) -> String {
        self.coded(LEVEL, level.as_str())
    }

    /// The name of a kind.
    pub fn kind(&self, kind: &Kind) -> String {
        self.name(KIND, kind.as_str())
    }

    /// The name of a Party that may have it.
    pub fn releasable_to(&self, party: Party) -> String {
        self.name(RELEASABLE_TO, &party.to_string())
    }

    /// The name of something that it is given for.
    pub fn purpose(&self, purpose: &Purpose) -> String {
        self.name(PURPOSE, purpose.as_str())
    }

    /// The name of whose information it is, where it is another Party's.
    pub fn originator(&self, party: Party) -> String {
        self.name(ORIGINATOR, &party.to_string())
    }

    /// What the policy of a copy says: a marking, at the level that it has here; of another Party's whose it is, and the level that its
    /// originator gave it. Caveats are free words, which stand there as clients write such values: in UTF-8, percent-encoded.
    pub fn of_copy(&self, marking: &Marking, own_level: &Level) -> Vec<String> {
        let Marking { level, releasable_to, kind, caveats, marked_at, topics, control, purposes } = marking;
        let originator = marking.originator();
        let foreign = (originator != own_level.party()).then(|| self.originator(originator));
        let original = (level != own_level).then(|| self.coded(ORIGINATOR_LEVEL, level.as_str()));
        let parties = releasable_to.iter().map(|party| self.releasable_to(*party));
        let purposes = purposes.iter().map(|purpose| self.purpose(purpose));
        let topics = topics.iter().map(|topic| self.name(TOPIC, topic.as_str()));
        let answerer = control.map(|control| self.name(CONTROL, control.answerer.as_str()));
        let until = control.and_then(|control| control.until);
        let until = until.map(|until| self.coded(CONTROL_UNTIL, &until.to_string()));
        let marked_at = self.coded(MARKED_AT, &marked_at.to_string());
        let first = [self.level(own_level), self.kind(kind)].into_iter();
        let caveats = caveats.iter().map(|caveat| self.name(CAVEAT, &percent_encoded(caveat)));
        let names = first.chain(parties).chain(purposes).chain(foreign).chain(original).chain(topics);
        names.chain(answerer).chain(until).chain(caveats).chain([marked_at]).collect()
    }

    /// The name of an obligation's value.
    pub fn obligation(&self, obligation: &str, value: &str) -> String {
        format!("{}/obl/{obligation}/value/{value}", self.namespace).to_lowercase()
    }

    /// A name whose value has signs that not every client lets stand in one.
    fn coded(&self, attribute: &str, value: &str) -> String {
        self.name(attribute, &value.replace([':', '.'], "-"))
    }

    fn name(&self, attribute: &str, value: &str) -> String {
        format!("{}/attr/{attribute}/value/{value}", self.namespace).to_lowercase()
    }

    /// What a policy with these attributes says.
    ///
    /// # Errors
    /// [`Unstated`].
    pub fn read<'a>(&self, names: impl IntoIterator<Item = &'a str>) -> Result<Stated, Unstated> {
        let (mut level, mut kind) = (None, None);
        let (mut releasable_to, mut purposes) = (BTreeSet::new(), BTreeSet::new());
        for name in names {
            let (attribute, value) = self.parts(name).ok_or(Unstated::Foreign)?;
            match attribute.as_str() {
                LEVEL => once(&mut level, level_of(&value))?,
                KIND => once(&mut kind, value.parse().ok())?,
                RELEASABLE_TO => {
                    let party = value.to_uppercase().parse().map_err(|_| Unstated::Foreign)?;
                    releasable_to.insert(party);
                }
                PURPOSE => {
                    purposes.insert(value.parse().map_err(|_| Unstated::Foreign)?);
                }
                _ => return Err(Unstated::Foreign),
            }
        }
        let level = level.ok_or(Unstated::NoLevel)?;
        Ok(Stated { level, kind: kind.ok_or(Unstated::NoKind)?, releasable_to, purposes })
    }

    /// Attribute and value of a name in this namespace, in lower case.
    fn parts(&self, name: &str) -> Option<(String, String)> {
        if name.len() > MAX_FQN_BYTES {
            return None;
        }
        let name = name.to_ascii_lowercase();
        let rest = name.strip_prefix(&self.namespace.to_ascii_lowercase())?.strip_prefix("/attr/")?;
        let (attribute, value) = rest.split_once("/value/")?;
        Some((attribute.to_owned(), value.to_owned()))
    }

    /// The namespace, an address without a path.
    pub(crate) fn namespace(&self) -> &str {
        &self.namespace
    }

    /// What the rule pack has about the value of this name.
    pub(crate) fn definition(&self, values: &Values, name: &str) -> Option<Definition> {
        let (attribute, _) = self.parts(name)?;
        let (rule, names): (Rule, Vec<String>) = match attribute.as_str() {
            LEVEL => (Rule::Hierarchy, values.levels.iter().map(|level| self.level(level)).collect()),
            KIND => (Rule::AnyOf, values.kinds.iter().map(|kind| self.kind(kind)).collect()),
            RELEASABLE_TO => {
                let names = values.parties.iter().map(|party| self.releasable_to(*party));
                (Rule::AnyOf, names.collect())
            }
            PURPOSE => {
                let names = values.purposes.iter().map(|purpose| self.purpose(purpose));
                (Rule::AnyOf, names.collect())
            }
            ORIGINATOR => {
                let names = values.parties.iter().map(|party| self.originator(*party));
                (Rule::AnyOf, names.collect())
            }
            _ => return None,
        };
        let wanted = names.iter().find(|fqn| fqn.eq_ignore_ascii_case(name))?.clone();
        Some(Definition { attribute, rule, names, wanted })
    }
}

/// The words with every byte as `%` and two digits (RFC 3986) that is no letter, digit, hyphen or underscore.
fn percent_encoded(words: &str) -> String {
    let one = |byte: u8| match byte {
        b'-' | b'_' | b'0'..=b'9' | b'a'..=b'z' | b'A'..=b'Z' => char::from(byte).to_string(),
        _ => format!("%{byte:02x}"),
    };
    words.bytes().map(one).collect()
}

/// `kor-ii` for KOR:II.
fn level_of(value: &str) -> Option<Level> {
    let (party, code) = value.split_once('-')?;
    format!("{party}:{code}").to_uppercase().parse().ok()
}

fn once<T>(place: &mut Option<T>, found: Option<T>) -> Result<(), Unstated> {
    let found = found.ok_or(Unstated::Foreign)?;
    if place.replace(found).is_some() { Err(Unstated::Twice) } else { Ok(()) }
}
