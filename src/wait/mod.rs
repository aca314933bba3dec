//! How long a call may wait and who may end it: its deadline, its cancel token, its client's shutdown, its interrupt callback, a fork.
//! Promises: whoever ends a call is heard at once wherever it waits, reads, writes or polls; a socket is only ever cut while the call owns
//! it; the callback runs on the calling thread alone. Two halves: a [`Wait`] is the calling thread's, a [`Caller`] is what others see of it.

mod caller;
mod calls;
mod waker;

pub(crate) use self::caller::{Caller, Ended, Interrupt, Wait};
pub(crate) use self::calls::{Calls, Entered};
pub(crate) use self::waker::Waker;
