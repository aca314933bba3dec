//! UserSig (TLSSigAPIv2): caches and renews the signature that every call carries; making and opening one is `token`'s business. It is renewed
//! long before it expires, whatever a wall clock does meanwhile, and no two read the same. Neither key nor signature is ever printed, and both
//! are wiped when dropped.

mod token;
mod userbuf;

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant, SystemTime};

use zeroize::Zeroizing;

pub use self::token::{inspect, make, Inspected};
use self::token::{sign, unix_seconds, BACKDATE_S};
pub use self::userbuf::PrivateMap;
use crate::error::Error;
use crate::redact;

/// A signature as written in the URL.
pub(crate) struct UserSig {
    text: Zeroizing<String>,
}

impl UserSig {
    pub fn as_str(&self) -> &str {
        &self.text
    }
}

impl fmt::Debug for UserSig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("UserSig(redacted)")
    }
}

/// Where signatures come from: the console's secret key, or somebody else.
pub(crate) enum Credential {
    /// The key as text bytes, never hex-decoded.
    SecretKey(Zeroizing<String>),
    UserSig(Zeroizing<String>),
}

impl Credential {
    /// Checks a secret key. The message never holds a part of it.
    pub fn secret_key(key: &str) -> Result<Credential, Error> {
        token::check_key(key)?;
        Ok(Credential::SecretKey(Zeroizing::new(key.to_owned())))
    }

    /// Checks a ready signature, so that nothing but a signature ever enters the URL.
    pub fn user_sig(sig: &str) -> Result<Credential, Error> {
        let legal = |b: u8| b.is_ascii_alphanumeric() || b"*-_".contains(&b);
        if sig.is_empty() || sig.len() > 8_192 || !sig.bytes().all(legal) {
            return Err(Error::argument("user_sig: 1 to 8192 letters, digits, '*', '-' and '_'"));
        }
        Ok(Credential::UserSig(Zeroizing::new(sig.to_owned())))
    }
}

impl fmt::Debug for Credential {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Credential::SecretKey(_) => "SecretKey(redacted)",
            Credential::UserSig(_) => "UserSig(redacted)",
        })
    }
}

impl Clone for Credential {
    fn clone(&self) -> Self {
        match self {
            Credential::SecretKey(key) => Credential::SecretKey(key.clone()),
            Credential::UserSig(sig) => Credential::UserSig(sig.clone()),
        }
    }
}

/// Gives out the current signature and replaces it in time. Any number of threads.
#[derive(Debug)]
pub(crate) struct Signer {
    sdk_app_id: u32,
    identifier: String,
    lifetime_s: u32,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    credential: Credential,
    current: Option<Current>,
    /// `TLS.time` of the newest signature made, so that the next one differs even within the same second.
    last_time: u64,
    /// Every signature given out that the service may still take, with the Unix second of its end where that is known.
    valid: Vec<(Arc<UserSig>, Option<u64>)>,
}

/// So many signatures are remembered. A client makes one a day; somebody who sets a new one every minute stays within it for a day.
const MOST_VALID: usize = 2_000;

#[derive(Debug)]
struct Current {
    sig: Arc<UserSig>,
    /// Both clocks, because either may jump or stop while the host sleeps or is set right. `None`: not ours to renew.
    renew: Option<(Instant, SystemTime)>,
}

impl Current {
    fn is_due(&self) -> bool {
        self.renew
            .is_some_and(|(monotonic, wall)| Instant::now() >= monotonic || SystemTime::now() >= wall)
    }
}

impl State {
    fn remember(&mut self, sig: Arc<UserSig>, expires: Option<u64>) {
        let now = unix_seconds(SystemTime::now());
        self.valid
            .retain(|(_, expires)| expires.is_none_or(|expires| expires > now));
        if self.valid.len() == MOST_VALID {
            self.valid.remove(0);
        }
        self.valid.push((sig, expires));
    }
}

impl Signer {
    pub fn new(sdk_app_id: u32, identifier: String, lifetime_s: u32, credential: Credential) -> Self {
        let state = State {
            credential,
            current: None,
            last_time: 0,
            valid: Vec::new(),
        };
        Signer {
            sdk_app_id,
            identifier,
            lifetime_s,
            state: Mutex::new(state),
        }
    }

    /// The signature to use now. Makes one when there is none or a quarter of its lifetime is all that is left.
    pub fn current(&self) -> Arc<UserSig> {
        let mut state = self.lock();
        if let Some(current) = state.current.as_ref().filter(|current| !current.is_due()) {
            return current.sig.clone();
        }
        self.make(&mut state)
    }

    /// After the service refused `used` as expired or revoked: a different signature, or `None` when there is no other.
    /// Of many threads refused at once, the first makes the new one and the others get the same.
    pub fn replacement_for(&self, used: &Arc<UserSig>) -> Option<Arc<UserSig>> {
        let mut state = self.lock();
        match &state.current {
            Some(current) if !Arc::ptr_eq(&current.sig, used) => Some(current.sig.clone()),
            _ if matches!(state.credential, Credential::UserSig(_)) => None,
            // A service that refuses every signature must not push TLS.time into the future, one second a refusal.
            _ if state.last_time == unix_seconds(SystemTime::now()) => None,
            _ => Some(self.make(&mut state)),
        }
    }

    /// Takes every signature of this client that has not expired out of what a server sent back.
    pub fn redact(&self, bytes: &mut Vec<u8>) {
        if redact::is_suspect(bytes) {
            let valid: Vec<_> = self.lock().valid.iter().map(|(sig, _)| sig.clone()).collect();
            redact::redact(bytes, valid.iter().map(|sig| sig.as_str()), redact::SIGNATURE);
        }
    }

    /// Puts another key or signature in place for every call that begins after this one returns.
    pub fn set_credential(&self, credential: Credential) {
        let mut state = self.lock();
        state.credential = credential;
        state.current = None;
    }

    /// A panic while the lock was held leaves no half-made state behind: `current` is written last.
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn make(&self, state: &mut State) -> Arc<UserSig> {
        let (text, renew, expires) = match &state.credential {
            Credential::UserSig(sig) => (sig.clone(), None, inspect(sig, None, None).ok().map(|sig| sig.expires)),
            Credential::SecretKey(key) => {
                let wall = SystemTime::now();
                let now = unix_seconds(wall);
                // One more than the last while that is in the back-dated minute; a clock that was set back begins anew.
                let time = match now.saturating_sub(BACKDATE_S) {
                    oldest if (oldest..now).contains(&state.last_time) => state.last_time + 1,
                    oldest => oldest,
                };
                let expire = u64::from(self.lifetime_s) + BACKDATE_S;
                state.last_time = time;
                let renew_in = Duration::from_millis(u64::from(self.lifetime_s) * 750);
                let text = sign(key, self.sdk_app_id, &self.identifier, time, expire, None);
                (
                    text,
                    Some((Instant::now() + renew_in, wall + renew_in)),
                    Some(time + expire),
                )
            }
        };
        let sig = Arc::new(UserSig { text });
        state.remember(sig.clone(), expires);
        state.current = Some(Current {
            sig: sig.clone(),
            renew,
        });
        sig
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The public demo values of the vendor's README files; they open nothing.
    const APP: u32 = 1_400_000_000;
    const KEY: &str = "5bd2850fff3ecb11d7c805251c51ee463a25727bddc2385f3fa8bfee1bb93b5e";

    fn signer(credential: Credential) -> Signer {
        Signer::new(APP, "administrator".into(), 86_400, credential)
    }

    fn secret(key: &str) -> Credential {
        Credential::SecretKey(Zeroizing::new(key.to_owned()))
    }

    #[test]
    fn a_signature_is_backdated_and_lives_as_long_as_asked() {
        let signer = signer(secret(KEY));
        let opened = inspect(signer.current().as_str(), Some(KEY), Some(APP)).unwrap();
        let now = unix_seconds(SystemTime::now());
        assert!((now - 70..=now - BACKDATE_S).contains(&opened.made));
        assert_eq!(opened.expires - opened.made, 86_400 + BACKDATE_S);
    }

    #[test]
    fn one_signature_serves_until_a_quarter_of_its_life_is_left() {
        let signer = signer(secret(KEY));
        let first = signer.current();
        assert!(Arc::ptr_eq(&first, &signer.current()));
        let (past, due) = (Instant::now(), SystemTime::now() + Duration::from_secs(64_000));
        for renew in [
            (past, due),
            (past + Duration::from_secs(64_000), SystemTime::UNIX_EPOCH),
        ] {
            let before = signer.current();
            signer.lock().current.as_mut().unwrap().renew = Some(renew);
            assert!(
                !Arc::ptr_eq(&before, &signer.current()),
                "either clock may call for a new one"
            );
        }
    }

    #[test]
    fn a_renewed_signature_differs_even_within_the_same_second() {
        let signer = signer(secret(KEY));
        let first = signer.current();
        let second = signer.replacement_for(&first).unwrap();
        assert_ne!(first.as_str(), second.as_str());
        assert!(
            Arc::ptr_eq(&second, &signer.replacement_for(&first).unwrap()),
            "late threads share the renewal"
        );
    }

    #[test]
    fn a_service_that_refuses_everything_cannot_push_signatures_into_the_future() {
        let signer = signer(secret(KEY));
        let mut used = signer.current();
        let mut made = 0;
        while let Some(next) = signer.replacement_for(&used) {
            assert_ne!(next.as_str(), used.as_str());
            let time = inspect(next.as_str(), None, None).unwrap().made;
            assert!(time <= unix_seconds(SystemTime::now()));
            (used, made) = (next, made + 1);
            assert!(made < 1_000);
        }
        assert!(made >= 59);
    }

    #[test]
    fn a_given_signature_has_no_replacement_until_another_is_set() {
        let given = |text: &str| Credential::UserSig(Zeroizing::new(text.to_owned()));
        let signer = signer(given("eJxabc"));
        let used = signer.current();
        assert_eq!(used.as_str(), "eJxabc");
        assert!(signer.replacement_for(&used).is_none());
        signer.set_credential(given("eJxdef"));
        assert_eq!(signer.current().as_str(), "eJxdef");
        assert_eq!(signer.replacement_for(&used).unwrap().as_str(), "eJxdef");
    }

    #[test]
    fn what_a_server_sends_back_is_free_of_every_signature_that_still_counts() {
        let signer = signer(secret(KEY));
        let first = signer.current();
        let second = signer.replacement_for(&first).unwrap();
        let given = make(KEY, APP, "administrator", 3_600, None).unwrap();
        signer.set_credential(Credential::UserSig(given.clone()));
        signer.current();
        let mut echo = format!("{} {} {}", first.as_str(), second.as_str(), *given).into_bytes();
        signer.redact(&mut echo);
        assert_eq!(String::from_utf8(echo).unwrap(), ["(redacted UserSig)"; 3].join(" "));
    }

    #[test]
    fn an_expired_signature_is_forgotten() {
        let signer = signer(secret(KEY));
        let first = signer.current();
        signer.lock().valid[0].1 = Some(1);
        signer.replacement_for(&first).unwrap();
        assert_eq!(signer.lock().valid.len(), 1);
    }

    #[test]
    fn debug_shows_neither_key_nor_signature() {
        let signer = signer(secret(KEY));
        let sig = signer.current();
        let shown = format!("{signer:?} {sig:?} {:?}", secret(KEY));
        assert!(!shown.contains(KEY) && !shown.contains(sig.as_str()));
    }
}
