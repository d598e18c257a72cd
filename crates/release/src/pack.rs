//! The rule pack: one agreement as data that a lawyer reads and a node loads, whole or not at all.
//!
//! *Absent:* trust. Who signed a pack is settled before it is loaded; here its form and completeness are.

use crate::check::{check_articles, check_citations, check_codes};
use crate::faults::{Faults, PackError};
use crate::files::Files;
use crate::floor::{FLOOR, FloorRule};
use crate::language::Language;
use crate::policies::{POLICIES_FILE, Policies, SCHEMA_FILE};
use crate::terms::{self, Agreed, Cited, Named, Standing, TERMS_FILE};
use crate::texts::{
    self, ArticleText, Articles, REASONS_FILE, ReasonText, Reasons, article_of, articles_file,
};
use attache_accord::agreement::{AuthorityCode, GateCode, Terms};
use attache_accord::obligation::Obligation;
use attache_accord::particulars::Purpose;
use attache_accord::{Digest, Party};
use aws_lc_rs::digest::{Context, SHA256};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::{Arc, LazyLock};

/// A loaded rule pack. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Pack {
    agreed: Arc<Agreed>,
    policies: Arc<Policies>,
    reasons: Arc<Reasons>,
    articles: Arc<BTreeMap<Language, Articles>>,
    floor: Arc<[&'static FloorRule]>,
    files: Arc<Files>,
    digest: Digest,
    version: String,
}

macro_rules! embedded {
    ($name:literal) => {
        embedded!(
            $name,
            "articles/en.md",
            "articles/ja.md",
            "articles/ko.md",
            "policies.cedar",
            "reasons.toml",
            "schema.cedarschema",
            "terms.toml"
        )
    };
    ($name:literal, $($path:literal),*) => {
        LazyLock::new(|| {
            let files = [
                $(($path, include_str!(concat!("../../../agreements/", $name, "/", $path)))),*
            ];
            Pack::from_files(Files::of(files), Faults::default())
                .unwrap_or_else(|faults| unreachable!("the embedded packs are tested: {faults:?}"))
        })
    };
}

static GSOMIA_2016: LazyLock<Pack> = embedded!("gsomia-2016");
static TISA_2014: LazyLock<Pack> = embedded!("tisa-2014");

#[cfg(feature = "mutants")]
static TISA_2014_BLIND: LazyLock<Pack> = LazyLock::new(|| blind(""));

#[cfg(feature = "mutants")]
static TISA_2014_SHARE: LazyLock<Pack> =
    LazyLock::new(|| blind("[hub_share_days]\nvalue = 365\narticle = \"product\"\nstatus = \"product\"\n\n"));

#[cfg(feature = "mutants")]
fn blind(terms: &str) -> Pack {
    // Paragraphs of these files have a blank line behind them.
    let without = |text: &str, paragraph: &str| {
        let (before, rest) = text.split_once(paragraph).unwrap_or((text, ""));
        [before, rest.split_once("\n\n").map_or("", |(_, after)| after)].concat()
    };
    let relay = format!(
        "[relay]\nvalue = \"blind\"\narticle = \"product\"\nstatus = \"product\"\n\n{terms}[utc_offset_hours]"
    );
    let files = TISA_2014.files.amended(|path, text| match path {
        TERMS_FILE => text.replace("[utc_offset_hours]", &relay),
        POLICIES_FILE => without(text, "@id(\"R-024\")"),
        REASONS_FILE => without(text, "[R-024.ko]"),
        _ => text.to_owned(),
    });
    Pack::from_files(files, Faults::default())
        .unwrap_or_else(|faults| unreachable!("this pack is tested: {faults:?}"))
}

impl Pack {
    /// The Korea–Japan agreement of 2016, as embedded in this build.
    pub fn gsomia_2016() -> Self {
        GSOMIA_2016.clone()
    }

    /// The arrangement of 2014 among the defence ministries of Korea, Japan and the United States, as embedded in this
    /// build.
    pub fn tisa_2014() -> Self {
        TISA_2014.clone()
    }

    /// The arrangement of 2014 as it would be if its hub carried without reading; no agreement that is shipped says so. The rule that
    /// nothing goes from one to the other directly is left out, since letters see to that.
    #[cfg(feature = "mutants")]
    pub fn tisa_2014_blind() -> Self {
        TISA_2014_BLIND.clone()
    }

    /// The same where the hub also keeps a share of each key for a year.
    #[cfg(feature = "mutants")]
    pub fn tisa_2014_share() -> Self {
        TISA_2014_SHARE.clone()
    }

    /// Every pack that is embedded in this build.
    pub fn built_in() -> [Self; 2] {
        [Self::gsomia_2016(), Self::tisa_2014()]
    }

    /// Reads and checks a pack from a folder.
    ///
    /// # Errors
    /// The first fault that [`check`](Self::check) tells.
    pub fn load(folder: &Path) -> Result<Self, PackError> {
        let first = |faults: Vec<PackError>| faults.into_iter().next();
        Self::check(folder).map_err(|faults| {
            first(faults).unwrap_or_else(|| unreachable!("a pack without a fault is loaded"))
        })
    }

    /// Reads a pack from a folder and checks all of it.
    ///
    /// # Errors
    /// Every fault that can be told, at most [`MAX_FAULTS`](crate::MAX_FAULTS), in order of file and line; at least one.
    pub fn check(folder: &Path) -> Result<Self, Vec<PackError>> {
        let mut faults = Faults::default();
        let files = Files::read(folder, &mut faults);
        Self::from_files(files, faults)
    }

    fn from_files(files: Files, mut faults: Faults) -> Result<Self, Vec<PackError>> {
        let text = |path: &str| files.text(path);
        let agreed = text(TERMS_FILE).and_then(|text| terms::read(text, &mut faults));
        let present = Language::ALL.into_iter().filter(|language| text(articles_file(*language)).is_some());
        let languages = agreed.as_ref().map_or_else(|| present.collect(), |agreed| agreed.languages.clone());
        let articles = files.articles(&languages, &mut faults);
        let policies = match (text(POLICIES_FILE), text(SCHEMA_FILE)) {
            (Some(policies), Some(schema)) => Policies::read(policies, schema, &mut faults),
            _ => None,
        };
        let reasons = text(REASONS_FILE).and_then(|text| texts::read_reasons(text, &languages, &mut faults));
        check_articles(&articles, &mut faults);
        check_citations(agreed.as_ref(), policies.as_ref(), &articles, &mut faults);
        if let (Some(policies), Some(agreed), Some(schema)) = (&policies, &agreed, text(SCHEMA_FILE)) {
            policies.check_vocabulary(schema, &agreed.terms, &mut faults);
        }
        if let (Some(policies), Some(reasons)) = (&policies, &reasons) {
            check_codes(policies, reasons, &mut faults);
        }
        faults.into_result()?;
        let (Some(agreed), Some(policies), Some(reasons)) = (agreed, policies, reasons) else {
            unreachable!("what could not be read is a fault")
        };
        Ok(Self {
            version: agreed.terms.version.clone(),
            agreed: Arc::new(agreed),
            policies: Arc::new(policies),
            reasons: Arc::new(reasons),
            articles: Arc::new(articles),
            floor: FLOOR.iter().collect(),
            digest: files.digest(),
            files: Arc::new(files),
        })
    }

    /// The pack's files, by their paths in its folder: written there, they are this pack again.
    pub fn files(&self) -> impl Iterator<Item = (&'static str, &str)> {
        self.files.iter()
    }

    /// What the Parties agreed.
    pub fn terms(&self) -> &Terms {
        &self.agreed.terms
    }

    /// Where each term comes from.
    pub fn cited(&self) -> &[Cited] {
        &self.agreed.cited
    }

    /// The languages that the pack is written in, English among them.
    pub fn languages(&self) -> &BTreeSet<Language> {
        &self.agreed.languages
    }

    /// The pack's digest: SHA-256 over `"attache/pack-digest/v1\n"` and, for each file that it has of [`PACK_FILES`](crate::PACK_FILES) in
    /// that order (ascending by path bytes), the path's length (u32, big-endian), the path, the content's
    /// length (u64, big-endian) and the content.
    pub fn digest(&self) -> Digest {
        self.digest
    }

    /// The pack's version, such as `1.0.0`.
    pub fn version(&self) -> &str {
        &self.version
    }

    /// What a code says; none for a code that the pack does not know. In English where the pack is not written in
    /// that language.
    pub fn reason_text(&self, code: &str, language: Language) -> Option<&ReasonText> {
        let said = self.reasons.get(code)?;
        said.get(language).or_else(|| said.get(Language::En))
    }

    /// Every article by its number, in the text's order; in English where the pack is not written in that language.
    pub fn articles(&self, language: Language) -> Vec<(&str, &ArticleText)> {
        let articles = self.articles.get(&language).or_else(|| self.articles.get(&Language::En));
        let mut listed: Vec<_> =
            articles.into_iter().flatten().map(|(name, text)| (name.as_str(), text)).collect();
        // Numbers as numbers; what has none stands last.
        listed.sort_by_key(|(name, text)| (name.parse::<u64>().unwrap_or(u64::MAX), text.line));
        listed
    }

    /// The article that a citation such as `6(a)`, `4.2` or `product` belongs to, in English where the pack is not
    /// written in that language.
    pub fn article_text(&self, citation: &str, language: Language) -> Option<&ArticleText> {
        let articles = self.articles.get(&language).or_else(|| self.articles.get(&Language::En))?;
        articles.get(article_of(citation))
    }

    /// A Party's name; none for a third party, which the pack does not name.
    pub fn party_name(&self, party: Party, language: Language) -> Option<&str> {
        self.name(Named::Party(party), language)
    }

    /// What people call a domestic gate.
    pub fn gate_name(&self, party: Party, gate: &GateCode, language: Language) -> Option<&str> {
        self.name(Named::Gate(party, gate.clone()), language)
    }

    /// How it is known that a Party has this gate.
    pub fn gate_source(&self, party: Party, gate: &GateCode) -> Option<&str> {
        self.agreed.sources.get(&(party, gate.clone())).map(String::as_str)
    }

    /// What people call a competent authority.
    pub fn authority_name(
        &self,
        party: Party,
        authority: &AuthorityCode,
        language: Language,
    ) -> Option<&str> {
        self.name(Named::Authority(party, authority.clone()), language)
    }

    /// What people call a duty.
    pub fn obligation_name(&self, duty: Obligation, language: Language) -> Option<&str> {
        self.name(Named::Obligation(duty), language)
    }

    /// What a purpose of the agreement is called, in the language or else in English.
    pub fn purpose_name(&self, purpose: &Purpose, language: Language) -> Option<&str> {
        self.name(Named::Purpose(purpose.clone()), language)
    }

    fn name(&self, named: Named, language: Language) -> Option<&str> {
        let name = |language| self.agreed.names.get(&(named.clone(), language)).map(String::as_str);
        name(language).or_else(|| name(Language::En))
    }

    /// How well the source of a rule is known.
    pub fn standing(&self, code: &str) -> Option<Standing> {
        let policy = || self.policies.annotated().get(code).map(|notes| notes.standing);
        self.agreed.floor.get(code).map(|citation| citation.standing).or_else(policy)
    }

    /// The article that a rule rests on in this agreement; none for a code that the pack does not know.
    pub fn article_of_rule(&self, code: &str) -> Option<&str> {
        let policy = || self.policies.annotated().get(code).map(|notes| notes.article.as_str());
        self.agreed.floor.get(code).map(|citation| citation.article.as_str()).or_else(policy)
    }

    pub(crate) fn floor(&self) -> &[&'static FloorRule] {
        &self.floor
    }

    pub(crate) fn policies(&self) -> &Policies {
        &self.policies
    }

    /// This pack without the rule `code`, of the floor or of the policies, under another version and digest,
    /// so that no ruling by it can pass for one by the true pack.
    #[cfg(feature = "mutants")]
    pub fn dangerously_without(&self, code: &str) -> Self {
        Self {
            floor: self.floor.iter().copied().filter(|rule| rule.code != code).collect(),
            policies: Arc::new(self.policies.without(code)),
            digest: sha256(&[b"attache/pack-mutant/v1\n", self.digest.as_bytes(), code.as_bytes()]),
            version: format!("{}-without-{code}", self.version),
            ..self.clone()
        }
    }
}

/// SHA-256 (FIPS 180-4) over the parts, one after the other.
pub(crate) fn sha256(parts: &[&[u8]]) -> Digest {
    let mut context = Context::new(&SHA256);
    parts.iter().for_each(|part| context.update(part));
    let mut out = [0; 32];
    out.copy_from_slice(context.finish().as_ref());
    Digest(out)
}
