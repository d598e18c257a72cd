//! Lists in pieces: in the order of their ids, at most so many at a time, with where the next piece begins.
//!
//! *Absent:* counts of all that there is. Whoever wants all of it asks until there is no next piece.

use crate::problem::Problem;
use attache_accord::party::Malformed;
use axum::Json;
use axum::http::{HeaderMap, HeaderValue};
use serde::Deserialize;
use std::fmt::Display;
use std::str::FromStr;
use utoipa::IntoParams;

/// Most entries of one list.
pub const MAX_LIST: usize = 1_000;
/// The header that says after what the next piece begins; absent at the end.
pub(super) const NEXT: &str = "attache-next";

/// A list, or why there is none.
pub(super) type Listed<T> = Result<(HeaderMap, Json<Vec<T>>), Problem>;

/// Which piece of a list.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct Page {
    /// The `attache-next` of the piece before; absent for the first.
    pub(super) after: Option<String>,
    /// How many at most: 1 to 1,000, which is the default.
    limit: Option<usize>,
}

/// A piece of a list, and after what the next begins.
pub(super) struct Cut<T> {
    pub(super) found: Vec<T>,
    pub(super) next: Option<String>,
}

impl Page {
    /// The id after which the piece begins.
    pub(super) fn after<K: FromStr<Err = Malformed>>(&self) -> Result<Option<K>, Problem> {
        let after = self.after.as_deref().map(str::parse);
        after.transpose().map_err(|error| Problem::malformed("after", &error))
    }

    /// Cuts the piece out of `all`, which are in the order of their keys.
    pub(super) fn cut<T, K: Ord + Display>(
        &self,
        after: Option<K>,
        all: impl Iterator<Item = T>,
        key: impl Fn(&T) -> K,
    ) -> Cut<T> {
        let limit = self.limit.unwrap_or(MAX_LIST).clamp(1, MAX_LIST);
        let mut rest = all.skip_while(|one| after.as_ref().is_some_and(|after| key(one) <= *after));
        let found: Vec<T> = rest.by_ref().take(limit).collect();
        let next = rest.next().and(found.last()).map(|last| key(last).to_string());
        Cut { found, next }
    }
}

impl<T> Cut<T> {
    /// The piece with each of it made into something else.
    pub(super) fn map<S>(self, make: impl Fn(T) -> S) -> Cut<S> {
        Cut { found: self.found.into_iter().map(make).collect(), next: self.next }
    }

    /// The piece as it is answered.
    pub(super) fn shown<S>(self, show: impl Fn(T) -> Result<S, Problem>) -> Listed<S> {
        let mut headers = HeaderMap::new();
        if let Some(next) = self.next.and_then(|next| HeaderValue::from_str(&next).ok()) {
            headers.insert(NEXT, next);
        }
        let shown = self.found.into_iter().map(show).collect::<Result<_, _>>()?;
        Ok((headers, Json(shown)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_together_are_the_whole_list() {
        let (mut after, mut seen, mut pieces) = (None, Vec::new(), 0);
        loop {
            let page = Page { after: None, limit: Some(3) };
            let cut = page.cut(after, 0..10, |number| *number);
            seen.extend(cut.found);
            pieces += 1;
            let Some(next) = cut.next else { break };
            after = Some(next.parse().unwrap());
        }
        assert_eq!((seen, pieces), ((0..10).collect::<Vec<i32>>(), 4));
    }

    #[test]
    fn a_list_that_ends_with_its_piece_names_no_next() {
        let page = Page { after: None, limit: Some(10) };
        assert_eq!(page.cut(None, 0..10, |number| *number).next, None);
    }
}
