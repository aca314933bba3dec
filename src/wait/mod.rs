//! How long a call may wait and who may end it: its deadline, its cancel token, its client's shutdown, its interrupt callback, a fork. A stop is
//! heard at once wherever the call waits; a socket is only ever cut while the call owns it; the callback runs on the calling thread alone. A [`Wait`]
//! is the calling thread's half, a [`Caller`] what others see of it.

mod caller;
mod calls;
mod waker;

pub(crate) use self::caller::{Caller, Ended, Interrupt, Wait};
pub(crate) use self::calls::{Calls, Entered};
pub(crate) use self::waker::Waker;
