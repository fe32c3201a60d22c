//! Who is signed in: cookies that stand for tokens, each by its hash, so that who reads them here is let in nowhere.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use axum::http::StatusCode;
use tokio::time::Instant;

use crate::problem::Problem;
use crate::tokens::{fresh, hash_of};

/// How long a cookie counts.
pub(super) const LASTS: Duration = Duration::from_secs(12 * 60 * 60);
/// How many cookies count at once.
const MOST: usize = 1_000;
/// How many of them stand for one token.
const MOST_OF_ONE: usize = 20;
/// How many wrong tokens are looked at …
const MOST_WRONG: u32 = 10;
/// … within this time, from the first of them on.
const WINDOW: Duration = Duration::from_secs(60);

/// Who is signed in, and how many failed to be.
#[derive(Default)]
pub(crate) struct SignedIn {
    /// By the hash of the cookie. Nobody can choose a hash, so that the time it takes to find one tells nothing.
    sessions: Mutex<HashMap<[u8; 32], Session>>,
    wrong: Mutex<Wrong>,
}

/// What a cookie stands for.
struct Session {
    /// The hash of the token.
    token: [u8; 32],
    since: Instant,
}

impl Session {
    fn goes_on(&self) -> bool {
        self.since.elapsed() < LASTS
    }
}

/// How many tokens were wrong since the first that counts.
#[derive(Default)]
struct Wrong {
    since: Option<Instant>,
    count: u32,
}

impl SignedIn {
    /// Makes a cookie that stands for the token of a hash, and returns it. When there are too many, the oldest goes; when there are
    /// too many for this token, its oldest, so that nobody can sign others out.
    pub(super) fn begin(&self, token: [u8; 32]) -> String {
        let cookie = fresh();
        let mut sessions = held(&self.sessions);
        sessions.retain(|_, session| session.goes_on());
        let is_its = |session: &Session| session.token == token;
        let crowded = sessions.values().filter(|session| is_its(session)).count() >= MOST_OF_ONE;
        if crowded || sessions.len() >= MOST {
            let old = sessions.iter().filter(|(_, session)| !crowded || is_its(session));
            let oldest = old.min_by_key(|(_, session)| session.since).map(|(hash, _)| *hash);
            oldest.and_then(|oldest| sessions.remove(&oldest));
        }
        sessions.insert(hash_of(&cookie), Session { token, since: Instant::now() });
        cookie
    }

    /// Returns the hash of the token that a cookie of this hash stands for, as long as it does.
    pub(crate) fn token_of(&self, cookie: &[u8; 32]) -> Option<[u8; 32]> {
        held(&self.sessions).get(cookie).filter(|session| session.goes_on()).map(|session| session.token)
    }

    /// Has a cookie count no longer.
    pub(super) fn end(&self, cookie: &[u8; 32]) {
        held(&self.sessions).remove(cookie);
    }

    /// Counts a wrong token. Fails when so many were wrong that another one is not even told to be wrong for a while: that keeps
    /// noise away, for tokens are too random to be guessed.
    pub(super) fn was_wrong(&self) -> Result<(), Problem> {
        let mut wrong = held(&self.wrong);
        let left = wrong.since.map_or(Duration::ZERO, |since| WINDOW.saturating_sub(since.elapsed()));
        if left.is_zero() {
            *wrong = Wrong { since: Some(Instant::now()), count: 0 };
        }
        if wrong.count < MOST_WRONG {
            wrong.count += 1;
            return Ok(());
        }
        let why = "too many tokens were wrong: wait, or show a token with each call";
        let seconds = u32::try_from(left.as_millis().div_ceil(1_000)).expect("a window is short");
        Err(Problem::new(StatusCode::TOO_MANY_REQUESTS, "too_many_tries", why).retry_after(seconds))
    }
}

impl fmt::Debug for SignedIn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SignedIn")
    }
}

/// Locks. Whoever failed while holding it left nothing half done.
fn held<T>(lock: &Mutex<T>) -> MutexGuard<'_, T> {
    lock.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use axum::response::IntoResponse;
    use tokio::time::advance;

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_cookie_stands_for_its_token_until_it_ends_or_is_ended() {
        let signed_in = SignedIn::default();
        let (first, second) = (signed_in.begin([1; 32]), signed_in.begin([2; 32]));
        assert_ne!(first, second);
        let (first, second) = (hash_of(&first), hash_of(&second));
        assert_eq!((signed_in.token_of(&first), signed_in.token_of(&second)), (Some([1; 32]), Some([2; 32])));
        assert_eq!(signed_in.token_of(&[1; 32]), None, "the hash of the token is none of a cookie");
        signed_in.end(&first);
        advance(LASTS - Duration::from_secs(1)).await;
        assert_eq!((signed_in.token_of(&first), signed_in.token_of(&second)), (None, Some([2; 32])));
        advance(Duration::from_secs(1)).await;
        assert_eq!(signed_in.token_of(&second), None);
        signed_in.begin([3; 32]);
        assert_eq!(held(&signed_in.sessions).len(), 1, "what is over is kept");
        assert_eq!(format!("{signed_in:?}"), "SignedIn");
    }

    #[tokio::test(start_paused = true)]
    async fn of_too_many_the_oldest_goes() {
        let signed_in = SignedIn::default();
        let mut cookies = Vec::new();
        for number in 0..=MOST {
            let token = hash_of(number.to_string());
            cookies.push(hash_of(signed_in.begin(token)));
            advance(Duration::from_secs(1)).await;
        }
        assert_eq!(held(&signed_in.sessions).len(), MOST);
        assert_eq!(signed_in.token_of(&cookies[0]), None);
        assert!(cookies[1..].iter().all(|cookie| signed_in.token_of(cookie).is_some()));
    }

    #[tokio::test(start_paused = true)]
    async fn who_signs_in_often_signs_nobody_else_out() {
        let signed_in = SignedIn::default();
        let other = hash_of(signed_in.begin([1; 32]));
        let mut own = Vec::new();
        for _ in 0..=MOST_OF_ONE {
            advance(Duration::from_secs(1)).await;
            own.push(hash_of(signed_in.begin([2; 32])));
        }
        assert_eq!(signed_in.token_of(&other), Some([1; 32]));
        let kept = own.iter().map(|cookie| signed_in.token_of(cookie).is_some());
        assert_eq!(kept.collect::<Vec<_>>(), [vec![false], vec![true; MOST_OF_ONE]].concat());
    }

    #[tokio::test(start_paused = true)]
    async fn after_many_wrong_tokens_more_are_turned_away_until_the_minute_is_over() {
        let signed_in = SignedIn::default();
        for _ in 0..MOST_WRONG {
            assert!(signed_in.was_wrong().is_ok());
            advance(Duration::from_secs(2)).await;
        }
        let refused = signed_in.was_wrong().unwrap_err().into_response();
        assert_eq!((refused.status().as_u16(), &refused.headers()["retry-after"]), (429, &"40".parse().unwrap()));
        advance(Duration::from_secs(40)).await;
        assert!(signed_in.was_wrong().is_ok());
        assert!(signed_in.was_wrong().is_ok(), "the old ones count");
    }
}
