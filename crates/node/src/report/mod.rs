//! Reports to oversight: what a mandate opens of the acts of some days, and what is counted of it. `docs/OVERSIGHT.md` has the form,
//! `attache verify report` counts everything again.
//!
//! The journal is read twice, leaf by leaf: first it is counted, the node signs what it counted and records that the inspector was
//! given it; then the leaves go out. So nothing is opened that is not on record, and memory stays that of one bundle of leaves:
//! what gives an act its context is looked up in the running folds.
//!
//! *Absent:* fields that the mandate does not name, and figures that were not counted from those that it does.

mod cosigned;
mod folder;
mod leaves;

use crate::desk::{Misuse, state};
use crate::engine::Plan;
use crate::fault::{Failure, Fault};
use crate::office::Office;
use attache_accord::act::Act;
use attache_accord::figures::Figures;
use attache_accord::mandate::{Given, Mandate, Outside};
use attache_accord::oversight::{FIELD_PAIR, FIELDS};
use attache_accord::view::View;
use attache_accord::{CivilDay, Digest, PersonId, Timestamp};
use attache_release::{Extent, FIGURES_FORM, Names, Sheet};
use attache_seal::digest::sha256;
use attache_seal::pair::VerifyingPair;
use attache_seal::papers::{PublicFigures, Report};
use attache_seal::statement::Signed;
use attache_store::Published;
use attache_tlog::{Checkpoint, OpenedField};
use std::ops::Range;

/// What an inspector asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wanted {
    /// The inspector.
    pub inspector: PersonId,
    /// Digest of the signed mandate.
    pub mandate: Digest,
    /// The first day.
    pub from: CivilDay,
    /// The last day.
    pub until: CivilDay,
    /// Whether the public is to be told of it, where the Parties agreed how.
    pub is_public: bool,
}

/// A report that was counted and signed. Its plan is committed before any of its leaves go out.
#[derive(Debug)]
pub struct Prepared {
    statement: Signed,
    sheet: Sheet,
    public: Option<(Sheet, Signed)>,
    extent: Extent,
    tree: Tree,
    wanted: Wanted,
    /// How many reports the public had been told of, none of which this one overlaps.
    told_before: usize,
}

/// The published tree that a report stands in.
#[derive(Debug)]
struct Tree {
    /// Its checkpoint, with cosignatures where there are any.
    published: Published,
    /// Whether any witness cosigned it.
    is_cosigned: bool,
    /// The newest cosigned checkpoint before the leaves of the report's days.
    before: Option<Published>,
}

/// What was counted on the way through the journal.
struct Counted {
    figures: Figures,
    unopened: u64,
    /// Index of the first leaf of the days, and behind the last.
    first: u64,
    end: u64,
    /// Index of the first leaf behind them that can be opened: it shows that they are over. None where the tree has none.
    after: Option<u64>,
    /// The key under which the mandate was signed.
    giver: Option<VerifyingPair>,
}

impl Counted {
    /// Index behind the leaf that shows the days to be over, or behind the one that follows on them.
    fn beyond(&self) -> u64 {
        self.after.unwrap_or(self.end) + 1
    }
}

impl Office {
    /// Counts and signs a report on the log as witnesses cosigned it last, or where none did as it was published last.
    ///
    /// # Errors
    /// [`Misuse`] where the mandate does not reach what is wanted, nothing is published yet, or the public is not to be told of these days,
    /// for they are not over or it was told of some with others; [`Fault`] when the journal cannot be
    /// read or signing fails.
    pub fn prepare_report(&self, now: Timestamp, wanted: Wanted) -> Result<Prepared, Failure> {
        let given = reached(&self.view.read(), &wanted)?;
        let newest = self.newest()?;
        let mandate = Signed::from_bytes(&self.papers.cited(&wanted.mandate, "mandate")?)
            .map_err(|_| Fault::Altered("mandate"))?;
        let counted = self.count(&wanted, &given, &mandate, newest.published.size)?;
        let tree = self.around(newest, &counted)?;
        let size = tree.published.size;
        let root = checkpoint_root(&tree.published).ok_or(Fault::Altered("published checkpoint"))?;
        let extent = self.extent(&given.mandate, &counted, &tree)?;
        let reaches = self.last_day(&extent)?;
        let public = self.pack.terms().suppress_below.filter(|_| wanted.is_public);
        let told_before = match public {
            // What they leave out could not be told later without the rest.
            Some(_) if reaches.is_none_or(|day| day <= wanted.until) => {
                return Err(Misuse::Open { reaches, until: wanted.until }.into());
            }
            Some(_) => self.told_apart(counted.first..counted.end)?,
            None => 0,
        };
        let sheet = self.sheet(&wanted, &given.mandate, (size, reaches), &counted);
        let public = public.map(|below| sheet.for_the_public(below));
        let digest =
            |sheet: &Sheet| sheet.to_json().map(|json| sha256(&[&json])).map_err(|_| Fault::Encoding);
        let body = Report {
            mandate: mandate.to_bytes(),
            giver: counted.giver.ok_or(Fault::Altered("mandate"))?,
            from: wanted.from,
            until: wanted.until,
            first: counted.first,
            end: counted.end,
            size,
            root: Digest(root),
            figures: digest(&sheet)?,
            public: public.as_ref().map(digest).transpose()?,
        };
        let statement = self.say(&self.keys.node, now, body)?;
        let public = public.map(|sheet| -> Result<_, Fault> {
            let figures = sheet.to_json().map_err(|_| Fault::Encoding)?;
            let body = PublicFigures { report: statement.digest(), root: Digest(root), figures };
            Ok((sheet, self.say(&self.keys.node, now, body)?))
        });
        let public = public.transpose()?;
        Ok(Prepared { statement, sheet, public, extent, tree, wanted, told_before })
    }

    /// That the public was told nothing yet of some of these leaves without the others: two reports could be subtracted from each other,
    /// and the difference told what either leaves out. The same leaves again tell nothing new. How many reports it was told of.
    fn told_apart(&self, leaves: Range<u64>) -> Result<usize, Failure> {
        let told: Vec<Digest> = self.view.read().mandates.public().map(|(report, _)| *report).collect();
        for report in &told {
            let signed = Signed::from_bytes(&self.papers.cited(report, "report")?);
            let said = signed.and_then(|signed| signed.dangerously_unverified::<Report>());
            let Report { first, end, from, until, .. } = said.map_err(|_| Fault::Altered("report"))?.body;
            let is_apart = leaves.end <= first || end <= leaves.start;
            if !is_apart && leaves != (first..end) {
                return Err(Misuse::Told { from, until }.into());
            }
        }
        Ok(told.len())
    }

    /// The newest tree that witnesses cosigned; where none did, the one published last.
    fn newest(&self) -> Result<Tree, Failure> {
        if let Some(published) = self.papers.cosigned()? {
            return Ok(Tree { published, is_cosigned: true, before: None });
        }
        let published = self.papers.published()?;
        let published = published
            .ok_or_else(|| state("period", "no checkpoint is published yet; wait for the next beat"))?;
        Ok(Tree { published, is_cosigned: false, before: None })
    }

    /// The cosigned trees next to the leaves that were counted: nothing further from them is opened than must be.
    fn around(&self, newest: Tree, counted: &Counted) -> Result<Tree, Fault> {
        if !newest.is_cosigned {
            return Ok(newest);
        }
        let before = self.papers.cosigned_below(counted.first)?;
        let published = self.papers.cosigned_from(counted.beyond())?.unwrap_or(newest.published);
        Ok(Tree { published, is_cosigned: true, before })
    }

    fn count(&self, wanted: &Wanted, given: &Given, mandate: &Signed, size: u64) -> Result<Counted, Failure> {
        let key =
            mandate.dangerously_unverified::<Mandate>().map_err(|_| Fault::Altered("mandate"))?.head.key;
        let offset = self.pack.terms().utc_offset_hours;
        let fields = &given.mandate.fields;
        let opened: Vec<u8> = fields.iter().copied().collect();
        let origins = self.origins()?;
        let rest = self.papers.rest();
        let mut counted = Counted {
            figures: Figures::new(fields),
            unopened: 0,
            first: size,
            end: size,
            after: None,
            giver: None,
        };
        // The mandate may be newer than the published tree; whoever gave it was enrolled before.
        self.each_leaf(size.max(given.index), &mut |leaf| {
            if let Act::PersonEnrolled { person, verifying, .. } = &leaf.entry.act
                && person.id == given.by
            {
                let pair: Option<VerifyingPair> = minicbor::decode(verifying).ok();
                counted.giver = pair.filter(|pair| pair.key_id() == key).or(counted.giver.take());
            }
            if leaf.row.index >= size {
                return Ok(());
            }
            let day = CivilDay::of(leaf.entry.at, offset);
            // No entry is earlier than the one before it, so the days run in order.
            if day >= wanted.from {
                counted.first = counted.first.min(leaf.row.index);
            }
            if day > wanted.until {
                counted.end = counted.end.min(leaf.row.index);
                if leaf.row.sealed_salt.is_some() {
                    counted.after.get_or_insert(leaf.row.index);
                }
            } else if day >= wanted.from {
                match leaf.opened(rest, origins.at(leaf.row.index)?, &opened)? {
                    None => counted.unopened += 1,
                    Some(fields) => counted.figures.count(&shown(&fields)?)?,
                }
            }
            Ok(())
        })?;
        Ok(counted)
    }

    fn sheet(
        &self,
        wanted: &Wanted,
        mandate: &Mandate,
        (size, reaches): (u64, Option<CivilDay>),
        counted: &Counted,
    ) -> Sheet {
        let named = |name: &Option<String>| name.clone().unwrap_or_else(|| mandate.body.clone());
        let about = Sheet {
            form: FIGURES_FORM.to_owned(),
            network: self.identity.network.as_str().to_owned(),
            agreement: self.identity.agreement.clone(),
            node: self.identity.node.to_string(),
            body: Names {
                ko: named(&mandate.body_ko),
                ja: named(&mandate.body_ja),
                en: mandate.body.clone(),
            },
            mandate: Some(wanted.mandate.to_string()),
            basis: Some(mandate.basis.clone()),
            from: wanted.from.to_string(),
            until: wanted.until.to_string(),
            size,
            reaches: reaches.map(|day| day.to_string()),
            leaves: None,
            unopened: Some(counted.unopened),
            suppress_below: None,
            tables: Vec::new(),
        };
        about.counted(&counted.figures)
    }
}

impl Prepared {
    /// Records that the inspector is given this report, as long as its mandate lasts.
    ///
    /// # Errors
    /// As [`Office::prepare_report`], where the mandate has ended meanwhile.
    pub fn plan(&self, view: &View) -> Result<Plan, Failure> {
        reached(view, &self.wanted)?;
        let report = self.statement.digest();
        let act = Act::ReportMade {
            mandate: self.wanted.mandate,
            from: self.wanted.from,
            until: self.wanted.until,
            report,
            public: self.public.as_ref().map(|(_, signed)| signed.digest()),
            by: self.wanted.inspector.clone(),
        };
        let mut plan = Plan::new(view, vec![act]);
        let stream = format!("mandate/{}", self.wanted.mandate);
        let version = view.version(&stream);
        plan.expect.push((stream, version));
        plan.paper(self.statement.to_bytes());
        if let Some((_, signed)) = &self.public {
            plan.paper(signed.to_bytes());
            if view.mandates.public().count() != self.told_before {
                return Err(state(
                    "period",
                    "another report was told to the public meanwhile; make it again",
                )
                .into());
            }
            // The other report's act would stand in this stream.
            let record = Act::Padded {}.stream();
            let version = view.version(&record);
            plan.expect.push((record, version));
        }
        Ok(plan)
    }

    /// The figures.
    pub fn sheet(&self) -> &Sheet {
        &self.sheet
    }
}

/// The mandate, where it reaches what is wanted.
fn reached(view: &View, wanted: &Wanted) -> Result<Given, Misuse> {
    let given = view.mandates.get(&wanted.mandate);
    // One answer for both: an inspector learns nothing of others' mandates.
    let mine = given.filter(|given| given.mandate.inspectors.contains(&wanted.inspector));
    let given = mine.ok_or_else(|| state("mandate", "no such mandate names this inspector"))?;
    match given.reaches(&wanted.inspector, wanted.from, wanted.until) {
        Ok(()) => Ok(given.clone()),
        Err(Outside::Ended) => Err(state("mandate", "it has ended")),
        Err(Outside::Inspector) => Err(state("mandate", "no such mandate names this inspector")),
        Err(Outside::Period) => {
            Err(state("period", "the days from first to last must lie within those of the mandate"))
        }
    }
}

/// What the mandate opens of a leaf. The pair tag is counted by nothing and stays out, for it is no text.
fn shown(opened: &[OpenedField]) -> Result<[&str; FIELDS], Fault> {
    let mut shown = [""; FIELDS];
    for field in opened.iter().filter(|field| usize::from(field.field) != FIELD_PAIR) {
        if let Some(slot) = shown.get_mut(usize::from(field.field)) {
            *slot = std::str::from_utf8(&field.value).map_err(|_| Fault::Encoding)?;
        }
    }
    Ok(shown)
}

/// The root that a published checkpoint signs.
fn checkpoint_root(published: &Published) -> Option<[u8; 32]> {
    let note = attache_tlog::SignedNote::parse(&published.checkpoint).ok()?;
    Checkpoint::parse(note.text()).ok().map(|checkpoint| checkpoint.root.0)
}
