//! One attempt of a call: how far it got on the wire, and what came of it.
//! Promises that [`Progress`] never says less was sent than the kernel took: whether a call is in doubt rests on it.

/// How far an attempt got.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Progress {
    /// No byte of the request was handed to the kernel.
    #[default]
    NothingWritten,
    /// At least one byte of the request was; none of the answer came.
    Written,
    /// At least one byte of the answer came.
    AnswerBegun,
}

/// What one attempt came to, for the trace.
#[derive(Clone, Debug)]
pub(crate) struct Attempt {
    pub code: i32,
    pub http_status: u16,
    pub random: u32,
    pub ms: u64,
    pub progress: Progress,
    /// Made to the data centre's standby host.
    pub standby: bool,
    /// Under which limit, where the client shares one.
    pub limit: Option<&'static str>,
}
