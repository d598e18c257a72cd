//! Suppression: which small counts are left out of what the public sees, so that no single case is told by its number, and the total
//! with them, so that none can be worked out.
//!
//! *Absent:* a promise about readers who know some of the cases already.

/// What is said of one count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Told {
    /// The count.
    Count(u64),
    /// That there is something, and not how much.
    Suppressed,
}

/// The least number that hides anything: below 2 there is but one count, and whoever reads that it is left out knows it.
pub const LEAST_HIDING: u64 = 3;

/// What is said of the counts of one table and of their total. Counts below `below` are suppressed, and the total where there is one.
///
/// This rule is public, so a reader knows of each suppressed count that it is at least 1 and less than `below`. It says no more: which counts
/// are suppressed depends on no other count, and no sum of them is told. A rule that kept the total and chose further counts to go
/// with the small ones would tell by its very choice what they can be.
pub fn suppressed(counts: &[u64], below: u64) -> (Vec<Told>, Told) {
    let told = |count: &u64| if *count < below { Told::Suppressed } else { Told::Count(*count) };
    let told: Vec<Told> = counts.iter().map(told).collect();
    let total = match told.contains(&Told::Suppressed) {
        true => Told::Suppressed,
        false => Told::Count(counts.iter().sum()),
    };
    (told, total)
}
