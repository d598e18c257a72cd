//! Suppression: which small counts are left out of what the public sees, so that no single case is told by its number, and which
//! further ones, so that none can be worked out from a total.
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

/// What is said of the counts of one table and of their total. Counts below `below` are suppressed, and where those could be worked out
/// from the total, the smallest others with them; where that is of no avail, the total too.
///
/// From the total and the counts that are told, a reader knows the sum of the suppressed ones, and that each is at least 1. So there
/// must be two or more of them, their sum must leave a choice, and must not be small itself.
pub fn suppressed(counts: &[u64], below: u64) -> (Vec<Told>, Told) {
    let mut order: Vec<usize> = (0..counts.len()).collect();
    order.sort_by_key(|place| (counts.get(*place).copied().unwrap_or_default(), *place));
    let small = counts.iter().filter(|count| **count < below).count();
    let hidden = (small..=counts.len()).find(|hidden| is_safe(&order, counts, *hidden, below));
    let total = match hidden {
        Some(_) => Told::Count(counts.iter().sum()),
        None => Told::Suppressed,
    };
    // Where nothing helps, only the small ones are left out, and the total with them: no sum is known then.
    let hidden = order.get(..hidden.unwrap_or(small)).unwrap_or_default();
    let told = counts.iter().enumerate().map(|(place, count)| match hidden.contains(&place) {
        true => Told::Suppressed,
        false => Told::Count(*count),
    });
    (told.collect(), total)
}

/// Whether the smallest `hidden` counts stay unknown to whoever knows their sum.
fn is_safe(order: &[usize], counts: &[u64], hidden: usize, below: u64) -> bool {
    let sum: u64 = order.iter().take(hidden).filter_map(|place| counts.get(*place)).sum();
    hidden == 0 || (hidden >= 2 && sum > hidden as u64 && sum >= below)
}
