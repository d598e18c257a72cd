//! Sign-in and sessions. A person signs a challenge with their own key; the session that follows names the person and
//! nothing more: roles are read from the roll at each request, so a removal takes effect at once.
//!
//! *Absent:* passwords, and any session that outlives the process.

use attache_accord::{Digest, PersonId, Timestamp};
use aws_lc_rs::digest::{SHA256, digest};
use std::collections::{BTreeMap, VecDeque};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// How long a challenge is good, in milliseconds.
pub const CHALLENGE_MILLIS: u64 = 60_000;
/// Longest session, in milliseconds: 8 hours.
pub const SESSION_MILLIS: u64 = 8 * 3_600_000;
/// A session that is not used ends after so long, in milliseconds: 15 minutes.
pub const IDLE_MILLIS: u64 = 15 * 60_000;
/// Most sessions at one time.
pub const MAX_SESSIONS: usize = 4_096;
/// Most sessions of one person; a further one ends the one that was not used for longest.
pub const MAX_SESSIONS_OF_ONE: usize = 16;
/// Most challenges that wait at one time; a further one ends the oldest. So many that a stranger who asks for
/// challenges cannot end one within the moment that signing takes.
pub const MAX_CHALLENGES: usize = 65_536;

/// A secret of 32 bytes and its hash; only the hash is kept.
type Hashed = [u8; 32];

struct Held {
    person: PersonId,
    key: Digest,
    ends_at: Timestamp,
    used_at: Timestamp,
}

#[derive(Default)]
struct State {
    challenges: BTreeMap<Hashed, Timestamp>,
    /// The challenges in the order in which they were given and lapse. Those answered are still among them.
    given: VecDeque<Hashed>,
    sessions: BTreeMap<Hashed, Held>,
}

/// All sessions of one node.
#[derive(Default)]
pub struct Sessions(Mutex<State>);

impl Sessions {
    /// A fresh challenge and when it lapses; `None` where the random generator fails.
    pub(crate) fn challenge(&self, now: Timestamp) -> Option<([u8; 32], Timestamp)> {
        let secret = fresh()?;
        let until = now.plus_millis(CHALLENGE_MILLIS);
        let mut state = self.state();
        let state = &mut *state;
        while let Some(oldest) = state.given.front() {
            let waits = state.challenges.get(oldest).is_some_and(|until| now < *until);
            if waits && state.given.len() < MAX_CHALLENGES {
                break;
            }
            state.challenges.remove(oldest);
            state.given.pop_front();
        }
        state.challenges.insert(hashed(&secret), until);
        state.given.push_back(hashed(&secret));
        Some((secret, until))
    }

    /// Uses a challenge up; whether it was good.
    pub(crate) fn answer(&self, challenge: &[u8; 32], now: Timestamp) -> bool {
        self.state().challenges.remove(&hashed(challenge)).is_some_and(|until| now < until)
    }

    /// Opens a session for a person and the key that they hold: its token in hexadecimal and when it ends; `None` where
    /// too many are open.
    pub(crate) fn open(&self, person: PersonId, key: Digest, now: Timestamp) -> Option<(String, Timestamp)> {
        let secret = fresh()?;
        let ends_at = now.plus_millis(SESSION_MILLIS);
        let mut state = self.state();
        state.sessions.retain(|_, held| is_live(held, now));
        let of_one = || state.sessions.iter().filter(|(_, held)| held.person == person);
        if of_one().count() >= MAX_SESSIONS_OF_ONE {
            let oldest = of_one().min_by_key(|(_, held)| held.used_at).map(|(hash, _)| *hash);
            oldest.map(|hash| state.sessions.remove(&hash));
        }
        if state.sessions.len() >= MAX_SESSIONS {
            return None;
        }
        state.sessions.insert(hashed(&secret), Held { person, key, ends_at, used_at: now });
        Some((secret.iter().map(|byte| format!("{byte:02x}")).collect(), ends_at))
    }

    /// Whose session a token is, and the key that opened it.
    pub(crate) fn person(&self, token: &str, now: Timestamp) -> Option<(PersonId, Digest)> {
        let secret = unhex(token)?;
        let mut state = self.state();
        let held = state.sessions.get_mut(&hashed(&secret)).filter(|held| is_live(held, now))?;
        held.used_at = now;
        Some((held.person.clone(), held.key))
    }

    /// Ends a session.
    pub(crate) fn close(&self, token: &str) {
        if let Some(secret) = unhex(token) {
            self.state().sessions.remove(&hashed(&secret));
        }
    }

    /// Open sessions.
    pub(crate) fn count(&self, now: Timestamp) -> usize {
        self.state().sessions.values().filter(|held| is_live(held, now)).count()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // No code that holds the lock can panic half way through a change.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn is_live(held: &Held, now: Timestamp) -> bool {
    now < held.ends_at && now < held.used_at.plus_millis(IDLE_MILLIS)
}

fn fresh() -> Option<[u8; 32]> {
    let mut secret = [0; 32];
    aws_lc_rs::rand::fill(&mut secret).ok()?;
    Some(secret)
}

/// Looked up by hash, so that the time of a lookup tells nothing of a token.
fn hashed(secret: &[u8; 32]) -> Hashed {
    let mut out = [0; 32];
    out.copy_from_slice(digest(&SHA256, secret).as_ref());
    out
}

fn unhex(token: &str) -> Option<[u8; 32]> {
    data_encoding::HEXLOWER.decode(token.as_bytes()).ok()?.try_into().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp(1_780_000_000_000);

    const KEY: Digest = Digest([1; 32]);

    fn person() -> PersonId {
        "analyst-1".parse().unwrap()
    }

    #[test]
    fn a_challenge_is_good_once_and_for_a_minute() {
        let sessions = Sessions::default();
        let (challenge, _) = sessions.challenge(NOW).unwrap();
        assert!(sessions.answer(&challenge, NOW));
        assert!(!sessions.answer(&challenge, NOW));
        let (challenge, until) = sessions.challenge(NOW).unwrap();
        assert!(!sessions.answer(&challenge, until));
    }

    #[test]
    fn a_session_ends_when_it_is_idle_or_old_or_closed() {
        let sessions = Sessions::default();
        let (token, ends_at) = sessions.open(person(), KEY, NOW).unwrap();
        assert_eq!(sessions.person(&token, NOW), Some((person(), KEY)));
        assert_eq!(sessions.person(&token, NOW.plus_millis(IDLE_MILLIS)), None);
        let mut now = NOW;
        while now < ends_at {
            assert!(sessions.person(&token, now).is_some());
            now = now.plus_millis(IDLE_MILLIS - 1);
        }
        assert_eq!(sessions.person(&token, ends_at), None);
        let (token, _) = sessions.open(person(), KEY, NOW).unwrap();
        sessions.close(&token);
        assert_eq!(sessions.person(&token, NOW), None);
    }

    #[test]
    fn a_flood_of_challenges_ends_the_oldest_and_takes_no_more_memory() {
        let sessions = Sessions::default();
        let (first, _) = sessions.challenge(NOW).unwrap();
        let (second, _) = sessions.challenge(NOW).unwrap();
        for _ in 0..MAX_CHALLENGES - 1 {
            sessions.challenge(NOW).unwrap();
        }
        assert!(!sessions.answer(&first, NOW));
        assert!(sessions.answer(&second, NOW));
        assert_eq!(sessions.state().given.len(), MAX_CHALLENGES);
    }

    #[test]
    fn a_person_with_too_many_sessions_loses_the_one_not_used_for_longest() {
        let sessions = Sessions::default();
        let open = |at| sessions.open(person(), KEY, at).unwrap().0;
        let tokens: Vec<_> = (0..MAX_SESSIONS_OF_ONE as u64).map(|at| open(NOW.plus_millis(at))).collect();
        let now = NOW.plus_millis(1_000);
        assert!(sessions.person(&tokens[0], now).is_some());
        let further = open(now);
        assert_eq!(sessions.person(&tokens[1], now), None);
        assert!(sessions.person(&tokens[0], now).is_some() && sessions.person(&further, now).is_some());
    }

    #[test]
    fn another_token_is_nobodys() {
        let sessions = Sessions::default();
        let (token, _) = sessions.open(person(), KEY, NOW).unwrap();
        let other = if token.starts_with('0') { "1" } else { "0" };
        assert_eq!(sessions.person(&format!("{other}{}", &token[1..]), NOW), None);
        assert_eq!(sessions.person("", NOW), None);
    }
}
