//! Marking: a draft gets its originator's marking, and the label that carries it is bound to the sealed bytes.
//!
//! *Absent:* a second marking. What is marked stays marked as it is.

use crate::desk::{Misuse, Step, state};
use crate::engine::Plan;
use crate::fault::{Failure, Fault};
use crate::office::Office;
use crate::stocktaking::manifest_under;
use attache_accord::act::Act;
use attache_accord::derivative::{Derivative, Source, Wanted, derive};
use attache_accord::item::{Item, Stage};
use attache_accord::people::Role;
use attache_accord::{ItemId, Level, Marking, PersonId};
use attache_rewrap::Attributes;
use attache_seal::label::{self, Label};
use attache_seal::tdf::{Manifest, ManifestDraft, Policy};

/// Most sources of one derivative.
pub const MAX_SOURCES: usize = 64;

impl Office {
    /// Marks a draft of this Party's own.
    ///
    /// # Errors
    /// [`Misuse`] names the field; [`Fault`] when the manifest cannot be read or the label not be signed.
    pub fn mark(&self, by: &PersonId, item: ItemId, marking: Marking) -> Result<Step, Failure> {
        let draft = self.markable(by, item, &marking)?;
        let manifest = self.manifest_of(&draft)?;
        self.agrees(&manifest, &marking)?;
        let label = Label {
            policy: format!("urn:attache:{}:{}", self.identity.agreement, self.identity.party),
            classification: self.classification(&marking.level),
            marking: marking.clone(),
        };
        let unsigned = label.to_assertion().map_err(Fault::from)?;
        let (_, digest) = Label::from_assertion(&unsigned).map_err(Fault::from)?;
        let signed =
            label::sign(unsigned, &manifest.integrity, &self.keys.label_es256).map_err(Fault::from)?;
        let labelled = manifest
            .rewrapped(ManifestDraft {
                key_access: manifest.key_access.clone(),
                policy_base64: manifest.policy_base64.clone(),
                assertions: vec![signed],
            })
            .map_err(Fault::from)?;
        let json = labelled.to_json().map_err(Fault::from)?;
        let manifest = Manifest::digest(&json);
        let act = Act::ItemMarked { item, marking, label: digest, manifest, by: by.clone() };
        let mut plan = Plan::new(&self.view.read(), vec![act]);
        plan.paper(json);
        Ok(Step { plan, ruling: None })
    }

    /// Marks a draft of this Party's own that was made from items that are here: at least as high as each, for no one whom a
    /// source is not for (Art. 4.3). What it contains of others is kept with it.
    ///
    /// # Errors
    /// As [`Self::mark`], and where no marking follows from the sources.
    pub fn mark_derived(
        &self,
        by: &PersonId,
        item: ItemId,
        sources: &[ItemId],
        wanted: Wanted,
    ) -> Result<Step, Failure> {
        let derivative = self.derivative(item, sources, wanted)?;
        let mut step = self.mark(by, item, derivative.marking)?;
        // Before the marking, after which it is a draft no more. Both are of one stream.
        let (sources, contains) = (sources.to_vec(), derivative.contains);
        step.plan.acts.insert(0, Act::ItemDerived { item, sources, contains });
        Ok(step)
    }

    fn derivative(&self, item: ItemId, sources: &[ItemId], wanted: Wanted) -> Result<Derivative, Misuse> {
        if sources.len() > MAX_SOURCES || sources.contains(&item) {
            return Err(state("sources", "at most 64 other items"));
        }
        let view = self.view.read();
        let source = |id: &ItemId| {
            let found = view.live(id)?;
            match (found.marked(), found.own_level()) {
                (Some(marked), Some(own_level)) => Ok(Source {
                    marking: marked.marking.clone(),
                    own_level: own_level.clone(),
                    contains: found.derived.as_ref().map(|it| it.contains.clone()).unwrap_or_default(),
                }),
                _ => Err(state("sources", "each is marked, or admitted")),
            }
        };
        let sources: Vec<Source> = sources.iter().map(source).collect::<Result<_, Misuse>>()?;
        Ok(derive(self.identity.party, &sources, wanted, &self.pack.terms().equivalence)?)
    }

    fn markable(&self, by: &PersonId, item: ItemId, marking: &Marking) -> Result<Item, Misuse> {
        let view = self.view.read();
        if !view.person(by)?.has(Role::Analyst) {
            return Err(state("signer", "marking needs the role analyst"));
        }
        let found = view.item(&item)?;
        if found.stage != Stage::Draft {
            return Err(state("item", "it is marked already, and a marking is never changed in place"));
        }
        marking.check()?;
        if marking.originator() != self.identity.party
            || self.pack.terms().equivalence.name(&marking.level).is_none()
        {
            return Err(state("level", "a level of this Party's own scheme, such as KOR:II"));
        }
        if marking.releasable_to.contains(&self.identity.party) {
            return Err(state("releasable to", "other Parties than the originator"));
        }
        let own = self.identity.party;
        let mut far = marking.releasable_to.iter().filter(|to| !self.pack.terms().controls_at(own, **to));
        if let Some(far) = far.next().filter(|_| marking.control.is_some()) {
            return Err(Misuse::BeyondHub(*far));
        }
        if !marking.purposes.is_subset(&self.pack.terms().purposes) {
            return Err(state("purposes", "those that the rule pack names; see attache agreement show"));
        }
        // Above the tearline stands what protects the source: only the part below it may ever be released.
        let has_extract = view.items.has_extract(&item);
        if has_extract && !marking.releasable_to.is_empty() {
            return Err(state(
                "releasable to",
                "the item has a tearline; mark and release its extract instead",
            ));
        }
        Ok(found.clone())
    }

    /// Where a foreign client sealed the item, its policy has said the marking already, and readers rely on that.
    fn agrees(&self, manifest: &Manifest, marking: &Marking) -> Result<(), Failure> {
        let policy = Policy::from_base64(&manifest.policy_base64).map_err(Fault::from)?;
        if policy.attributes.is_empty() {
            return Ok(());
        }
        let names = policy.attributes.iter().map(String::as_str);
        let stated = Attributes::of(&self.identity.node).read(names);
        match stated {
            Ok(stated) if stated.is_of(marking) => Ok(()),
            _ => Err(state(
                "marking",
                "the policy that the item was sealed under names other attributes; mark it as that says",
            )
            .into()),
        }
    }

    /// The manifest of an item, as the journal cites it.
    pub(crate) fn manifest_of(&self, item: &Item) -> Result<Manifest, Fault> {
        manifest_under(&self.papers, &item.manifest)
    }

    /// What foreign clients call the level: the row of Art. 4.2, or its own name where it has none.
    fn classification(&self, level: &Level) -> String {
        let table = &self.pack.terms().equivalence;
        let row = table.row(level).map(|row| row.english.clone());
        row.or_else(|| table.name(level).map(|name| name.name.clone())).unwrap_or_else(|| level.to_string())
    }
}
