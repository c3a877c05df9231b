//! How much of a log to fetch.

/// How much of the end of a log to fetch. Without it the engine gives as much as it sees fit: some 10,000 bytes of each level.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum LogTail {
    /// So many bytes of each level, 1 or more.
    Bytes(u32),
    /// All of it.
    All,
}

impl LogTail {
    /// The number on the wire.
    pub(super) fn to_wire(self) -> i64 {
        match self {
            Self::Bytes(bytes) => i64::from(bytes),
            Self::All => -1,
        }
    }
}
