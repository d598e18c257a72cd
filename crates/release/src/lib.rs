//! The release question: what may be asked for, released, admitted, opened and passed on under one agreement.
//!
//! [`rule`] answers a [`Question`](attache_accord::ruling::Question) in two steps. The floor (`floor.rs`) is
//! code and holds what no policy may overrule; the rule pack's policies (`agreements/`) decide the rest. The
//! answer is an [`Outcome`], never an `Err`: a refusal is a ruling, is recorded, and is shown with its
//! reasons. Only a [`Granted`] makes a [`Permit`], and only a permit moves a key.
//!
//! *Absent:* I/O except reading a pack from a folder, clocks, keys, the journal. The same question under the
//! same pack gets the same answer.

mod banner;
#[cfg(feature = "mutants")]
pub mod chance;
mod check;
mod compiled;
mod cover;
mod explain;
mod facts;
mod faults;
mod files;
mod floor;
mod generated;
mod language;
mod markup;
mod nearest;
mod outcome;
mod pack;
mod pages;
mod policies;
mod report;
mod rule;
mod script;
mod terms;
mod texts;
mod transparency;
mod visible;

pub use banner::{Banner, banner, banner_via, contains, portion};
pub use compiled::{Compiled, Decision, Situation};
pub use cover::{Cover, CoverError, MAX_REFERENCES, Reference};
pub use explain::{Explained, explain, explain_reason};
pub use facts::{Fact, Matter, described, facts};
pub use faults::{MAX_FAULTS, PackError};
pub use files::{MAX_PACK_FILE_BYTES, PACK_FILES};
pub use floor::{FLOOR, FloorRule};
pub use generated::{Answer, Generated, NotGenerated};
pub use language::Language;
pub use markup::escape;
pub use nearest::{Change, nearest};
pub use outcome::{Granted, MAX_PERMIT_HOURS, Outcome, Permit, Refused};
pub use pack::Pack;
pub use policies::{CODE_NOT_EVALUATED, CODE_NOTHING_PERMITS};
pub use report::{BESIDE, Counts, Extent, FIGURES_FORM, Names, REPORT_FORM, Row, Sheet};
pub use rule::{question_digest, rule};
pub use terms::{Cited, Standing};
pub use texts::{ArticleText, MAX_ARTICLE_BYTES, ReasonText};
pub use transparency::{Cosigner, PAGE_STYLE, ToldReport, Transparency};
pub use visible::visible;
