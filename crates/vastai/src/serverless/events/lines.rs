//! Lines of a stream, however its bytes come.

/// Splits bytes into lines, which end with CR, LF or both, as the standard of server-sent events says.
#[derive(Debug)]
pub(super) struct Lines {
    /// The line that has not ended yet.
    pending: Vec<u8>,
    /// The byte before was a CR: a LF that follows belongs to it.
    after_cr: bool,
    limit: usize,
}

/// A line that has ended, and the bytes after it.
pub(super) type Split<'bytes> = (Vec<u8>, &'bytes [u8]);

/// A line is longer than the limit.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct TooLong;

impl Lines {
    /// Lines of at most so many bytes.
    pub(super) fn new(limit: usize) -> Self {
        Self { pending: Vec::new(), after_cr: false, limit }
    }

    /// Takes bytes in and gives the first line that ends in them, with the bytes after it; `None` where none does.
    pub(super) fn split<'bytes>(&mut self, bytes: &'bytes [u8]) -> Result<Option<Split<'bytes>>, TooLong> {
        let bytes = match bytes {
            [] => return Ok(None),
            [b'\n', rest @ ..] if self.after_cr => rest,
            bytes => bytes,
        };
        self.after_cr = false;
        let end = bytes.iter().position(|byte| matches!(byte, b'\r' | b'\n'));
        let line = &bytes[..end.unwrap_or(bytes.len())];
        if self.pending.len() + line.len() > self.limit {
            return Err(TooLong);
        }
        self.pending.extend_from_slice(line);
        Ok(end.map(|end| {
            self.after_cr = bytes[end] == b'\r';
            (std::mem::take(&mut self.pending), &bytes[end + 1..])
        }))
    }

    /// The line that the end of the stream ends, if there is one.
    pub(super) fn last(&mut self) -> Option<Vec<u8>> {
        let last = std::mem::take(&mut self.pending);
        (!last.is_empty()).then_some(last)
    }
}
