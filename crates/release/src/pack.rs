//! The rule pack: one agreement as data that a lawyer reads and a node loads, whole or not at all.
//!
//! *Absent:* trust. Who signed a pack is settled before it is loaded; here its form and completeness are.

use crate::faults::{Faults, PackError};
use crate::floor::{FLOOR, FloorRule};
use crate::language::Language;
use crate::policies::{OWN_CODES, POLICIES_FILE, Policies, SCHEMA_FILE};
use crate::terms::{self, Agreed, Cited, Named, Standing, TERMS_FILE};
use crate::texts::{
    self, ArticleText, Articles, REASONS_FILE, ReasonText, Reasons, article_of, articles_file,
};
use attache_accord::agreement::{AuthorityCode, GateCode, Terms};
use attache_accord::obligation::Obligation;
use attache_accord::{Digest, Party};
use aws_lc_rs::digest::{Context, SHA256};
use std::collections::BTreeMap;
use std::io::Read;
use std::path::Path;
use std::sync::{Arc, LazyLock};

/// The files of a pack, in the order of its digest. Other files in the folder belong to no pack.
pub const PACK_FILES: [&str; 7] = [
    "articles/en.md",
    "articles/ja.md",
    "articles/ko.md",
    POLICIES_FILE,
    REASONS_FILE,
    SCHEMA_FILE,
    TERMS_FILE,
];

/// Largest file of a pack, in bytes.
pub const MAX_PACK_FILE_BYTES: u64 = 1 << 20;

/// Domain of the pack digest.
const PACK_TAG: &[u8] = b"attache/pack-digest/v1\n";

/// Articles that an agreement pack must restate: 1 to this.
const LAST_ARTICLE: u8 = 21;

/// The article that stands for rules of this software.
const PRODUCT: &str = "product";

/// A loaded rule pack. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Pack {
    agreed: Arc<Agreed>,
    policies: Arc<Policies>,
    reasons: Arc<Reasons>,
    articles: Arc<BTreeMap<Language, Articles>>,
    floor: Arc<[&'static FloorRule]>,
    digest: Digest,
    version: String,
}

macro_rules! embedded {
    ($($path:literal),*) => {
        [$(($path, include_str!(concat!("../../../agreements/gsomia-2016/", $path)))),*]
    };
}

static GSOMIA_2016: LazyLock<Pack> = LazyLock::new(|| {
    let files = embedded!(
        "articles/en.md",
        "articles/ja.md",
        "articles/ko.md",
        "policies.cedar",
        "reasons.toml",
        "schema.cedarschema",
        "terms.toml"
    );
    let files = files.into_iter().map(|(path, text)| (path, text.to_owned())).collect();
    Pack::from_files(&files).unwrap_or_else(|fault| unreachable!("the embedded pack is tested: {fault}"))
});

impl Pack {
    /// The Korea–Japan agreement of 2016, as embedded in this build.
    pub fn gsomia_2016() -> Self {
        GSOMIA_2016.clone()
    }

    /// Reads and checks a pack from a folder.
    ///
    /// # Errors
    /// The first file that cannot be read or the first rule that the pack breaks.
    pub fn load(folder: &Path) -> Result<Self, PackError> {
        let mut files = BTreeMap::new();
        for path in PACK_FILES {
            files.insert(path, read_bounded(folder, path)?);
        }
        Self::from_files(&files)
    }

    fn from_files(files: &BTreeMap<&'static str, String>) -> Result<Self, PackError> {
        let text = |path: &str| files.get(path).map(String::as_str).unwrap_or_default();
        let mut articles = BTreeMap::new();
        for language in Language::ALL {
            let file = articles_file(language);
            articles.insert(language, texts::read_articles(&file, text(&file))?);
        }
        let mut faults = Faults::default();
        let agreed = terms::read(text(TERMS_FILE), &mut faults);
        let agreed = faults.first_or(agreed)?;
        let pack = Self {
            version: agreed.terms.version.clone(),
            agreed: Arc::new(agreed),
            policies: Arc::new(Policies::read(text(POLICIES_FILE), text(SCHEMA_FILE))?),
            reasons: Arc::new(texts::read_reasons(text(REASONS_FILE))?),
            articles: Arc::new(articles),
            floor: FLOOR.iter().collect(),
            digest: pack_digest(files),
        };
        pack.check_articles()?;
        pack.check_codes()?;
        Ok(pack)
    }

    /// Every language restates the same articles with the same standing.
    fn check_articles(&self) -> Result<(), PackError> {
        let wanted: Vec<String> =
            (1..=LAST_ARTICLE).map(|n| n.to_string()).chain([PRODUCT.to_owned()]).collect();
        for (language, articles) in self.articles.iter() {
            let wrong = |rule: String| PackError::of(&articles_file(*language), rule);
            if let Some(missing) = wanted.iter().find(|number| !articles.contains_key(*number)) {
                return Err(wrong(format!("article {missing} is missing")));
            }
            if let Some(extra) = articles.keys().find(|number| !wanted.contains(number)) {
                return Err(wrong(format!("article {extra} does not exist")));
            }
            let differs = |(number, article): &(&String, &ArticleText)| {
                self.article_text(number, Language::En)
                    .is_some_and(|other| other.standing != article.standing)
            };
            if let Some((number, _)) = articles.iter().find(differs) {
                return Err(wrong(format!("article {number} has another status than in English")));
            }
        }
        Ok(())
    }

    /// Every code has texts, every citation an article, and no policy takes a code of the floor.
    fn check_codes(&self) -> Result<(), PackError> {
        let reserved = |code: &str| {
            FLOOR.iter().any(|rule| rule.code == code) || OWN_CODES.iter().any(|(own, ..)| *own == code)
        };
        let mut cited: Vec<(&str, &str)> = self.cited().iter().map(|c| ("", c.article.as_str())).collect();
        cited.extend(FLOOR.iter().map(|rule| (rule.code, rule.article)));
        cited.extend(OWN_CODES.iter().map(|(code, article, _)| (*code, *article)));
        for (code, notes) in self.policies.annotated() {
            if reserved(code) {
                return Err(PackError::of(POLICIES_FILE, format!("{code} belongs to the floor")));
            }
            cited.push((code, &notes.article));
        }
        for (code, article) in cited {
            if self.article_text(article, Language::En).is_none() {
                return Err(PackError::of(
                    POLICIES_FILE,
                    format!("{code} cites article {article:?}, which does not exist"),
                ));
            }
            if !code.is_empty() && !self.reasons.contains_key(code) {
                return Err(PackError::of(REASONS_FILE, format!("{code} has no text")));
            }
        }
        Ok(())
    }

    /// What the Parties agreed.
    pub fn terms(&self) -> &Terms {
        &self.agreed.terms
    }

    /// Where each term comes from.
    pub fn cited(&self) -> &[Cited] {
        &self.agreed.cited
    }

    /// The pack's digest: SHA-256 over `"attache/pack-digest/v1\n"` and, for each file of [`PACK_FILES`] in
    /// that order (ascending by path bytes), the path's length (u32, big-endian), the path, the content's
    /// length (u64, big-endian) and the content.
    pub fn digest(&self) -> Digest {
        self.digest
    }

    /// The pack's version, such as `1.0.0`.
    pub fn version(&self) -> &str {
        &self.version
    }

    /// What a code says; none for a code that the pack does not know.
    pub fn reason_text(&self, code: &str, language: Language) -> Option<&ReasonText> {
        self.reasons.get(code).map(|texts| texts.get(language))
    }

    /// The article that a citation such as `6(a)`, `4.2` or `product` belongs to.
    pub fn article_text(&self, citation: &str, language: Language) -> Option<&ArticleText> {
        self.articles.get(&language)?.get(article_of(citation))
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

    fn name(&self, named: Named, language: Language) -> Option<&str> {
        self.agreed.names.get(&(named, language)).map(String::as_str)
    }

    /// How well the source of a rule is known.
    pub fn standing(&self, code: &str) -> Option<Standing> {
        let floor = FLOOR.iter().find(|rule| rule.code == code).map(|rule| rule.standing);
        let own = || OWN_CODES.iter().find(|(own, ..)| *own == code).map(|(_, _, standing)| *standing);
        floor.or_else(own).or_else(|| self.policies.annotated().get(code).map(|notes| notes.standing))
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

fn read_bounded(folder: &Path, path: &'static str) -> Result<String, PackError> {
    let file = std::fs::File::open(folder.join(path)).map_err(|e| PackError::of(path, e))?;
    let mut text = String::new();
    let read =
        file.take(MAX_PACK_FILE_BYTES + 1).read_to_string(&mut text).map_err(|e| PackError::of(path, e))?;
    if read as u64 > MAX_PACK_FILE_BYTES {
        return Err(PackError::of(path, format!("larger than {MAX_PACK_FILE_BYTES} bytes")));
    }
    Ok(text)
}

fn pack_digest(files: &BTreeMap<&'static str, String>) -> Digest {
    let mut bytes = Vec::new();
    for (path, text) in files {
        // Bounded far below by MAX_PACK_FILE_BYTES and the fixed paths.
        bytes.extend_from_slice(&u32::try_from(path.len()).unwrap_or(u32::MAX).to_be_bytes());
        bytes.extend_from_slice(path.as_bytes());
        bytes.extend_from_slice(&(text.len() as u64).to_be_bytes());
        bytes.extend_from_slice(text.as_bytes());
    }
    sha256(&[PACK_TAG, &bytes])
}

/// SHA-256 (FIPS 180-4) over the parts, one after the other.
pub(crate) fn sha256(parts: &[&[u8]]) -> Digest {
    let mut context = Context::new(&SHA256);
    parts.iter().for_each(|part| context.update(part));
    let mut out = [0; 32];
    out.copy_from_slice(context.finish().as_ref());
    Digest(out)
}
