//! An event of a stream, and how events are decoded, whatever the pieces its bytes come in: server-sent events and JSON lines.

use std::collections::VecDeque;
use std::sync::Arc;

use serde::de::DeserializeOwned;
use vastai_api::ResponseLimit;

use crate::error::{Delivery, Error, ErrorKind, Result, without_quoted_values};

/// What servers of language models send after the last event.
const DONE: &str = "[DONE]";
const BYTE_ORDER_MARK: &[u8] = b"\xEF\xBB\xBF";

/// One event of a streamed response: a server-sent event, or a line of JSON.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Event {
    /// The name of a server-sent event, where it has one.
    pub event: Option<String>,
    /// The id of the last server-sent event that had one. Events share it.
    pub id: Option<Arc<str>>,
    /// The data: the line of JSON, or the data of the server-sent event, several lines joined by `\n`.
    pub data: String,
}

impl Event {
    /// The data as JSON.
    ///
    /// ```no_run
    /// # async fn example(mut events: vastai::serverless::Events) -> vastai::Result<()> {
    /// while let Some(event) = events.next().await {
    ///     let chunk: serde_json::Value = event?.json()?;
    ///     print!("{}", chunk["choices"][0]["text"].as_str().unwrap_or_default());
    /// }
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Decode`] where the data is not JSON, not a `T`, or larger as a [`serde_json::Value`] than a response
    /// [may be](vastai_api::ResponseLimit) by default. It does not repeat the data, which the caller has.
    pub fn json<T: DeserializeOwned>(&self) -> Result<T> {
        ResponseLimit::default().check(self.data.as_bytes(), &[]).map_err(Error::too_large)?;
        serde_json::from_str(&self.data).map_err(|error| {
            let (why, bytes) = (without_quoted_values(&error.to_string()), self.data.len());
            Error::new(ErrorKind::Decode, format!("an event of {bytes} bytes is not what is expected: {why}"))
                .with_delivery(Delivery::Answered)
        })
    }
}

/// How events are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Format {
    /// Server-sent events, as the HTML standard has them.
    ServerSentEvents,
    /// A JSON value on each line.
    JsonLines,
}

impl Format {
    /// The format that a content type names. Others leave it to the first line.
    pub(super) fn of_content_type(content_type: &str) -> Option<Self> {
        let media_type = content_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
        match media_type.as_str() {
            "text/event-stream" => Some(Self::ServerSentEvents),
            "application/x-ndjson"
            | "application/ndjson"
            | "application/jsonl"
            | "application/x-jsonlines"
            | "application/json-lines"
            | "application/json" => Some(Self::JsonLines),
            _ => None,
        }
    }

    /// The format that a line looks like which is the first that is not empty.
    fn of_first_line(line: &[u8]) -> Self {
        let fields: [&[u8]; 5] = [b":", b"data", b"event", b"id", b"retry"];
        let is_field = |field: &&[u8]| {
            line.strip_prefix(*field)
                .is_some_and(|rest| field.len() == 1 || rest.is_empty() || rest.starts_with(b":"))
        };
        if fields.iter().any(is_field) { Self::ServerSentEvents } else { Self::JsonLines }
    }
}

/// Why bytes cannot be decoded.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Undecodable {
    TooLong,
    NotUtf8,
}

impl From<TooLong> for Undecodable {
    fn from(TooLong: TooLong) -> Self {
        Self::TooLong
    }
}

/// Makes events of bytes, whatever the pieces they come in.
#[derive(Debug)]
pub(super) struct Decoder {
    format: Option<Format>,
    lines: Lines,
    limit: usize,
    at_begin: bool,
    done: bool,
    /// The server-sent event whose end has not come yet.
    data: Option<String>,
    event: Option<String>,
    id: Option<Arc<str>>,
}

impl Decoder {
    /// Without a format, the first line decides. An event is at most `limit` bytes long.
    pub(super) fn new(format: Option<Format>, limit: usize) -> Self {
        Self {
            format,
            lines: Lines::new(limit),
            limit,
            at_begin: true,
            done: false,
            data: None,
            event: None,
            id: None,
        }
    }

    /// Whether the end was announced. What comes after it does not count.
    pub(super) fn is_done(&self) -> bool {
        self.done
    }

    /// Takes bytes in, and gives the events that they complete.
    pub(super) fn push(
        &mut self,
        mut bytes: &[u8],
        events: &mut VecDeque<Event>,
    ) -> std::result::Result<(), Undecodable> {
        while !self.done {
            let Some((line, rest)) = self.lines.split(bytes)? else { break };
            bytes = rest;
            self.line(&line, events)?;
        }
        Ok(())
    }

    /// Takes the end of the stream in. An event that only lacks the empty line after it is one: servers leave it out.
    pub(super) fn finish(&mut self, events: &mut VecDeque<Event>) -> std::result::Result<(), Undecodable> {
        if self.done {
            return Ok(());
        }
        if let Some(line) = self.lines.last() {
            self.line(&line, events)?;
        }
        self.dispatch(events);
        Ok(())
    }

    fn line(&mut self, line: &[u8], events: &mut VecDeque<Event>) -> std::result::Result<(), Undecodable> {
        let is_first = std::mem::replace(&mut self.at_begin, false);
        let line = if is_first { line.strip_prefix(BYTE_ORDER_MARK).unwrap_or(line) } else { line };
        let format = match self.format {
            Some(format) => format,
            None if line.iter().all(u8::is_ascii_whitespace) => return Ok(()),
            None => *self.format.insert(Format::of_first_line(line)),
        };
        match format {
            Format::ServerSentEvents => self.field(line, events),
            Format::JsonLines => {
                let line = std::str::from_utf8(line).map_err(|_| Undecodable::NotUtf8)?.trim();
                if !line.is_empty() {
                    self.give(Event { data: line.to_owned(), ..Event::default() }, events);
                }
                Ok(())
            }
        }
    }

    /// A line of server-sent events. As the standard says, what is not UTF-8 is replaced.
    fn field(&mut self, line: &[u8], events: &mut VecDeque<Event>) -> std::result::Result<(), Undecodable> {
        let line = String::from_utf8_lossy(line);
        let (field, value) = line.split_once(':').unwrap_or((&line, ""));
        let value = value.strip_prefix(' ').unwrap_or(value);
        match field {
            // A comment has nothing before its colon, and an empty line not even that.
            "" if line.is_empty() => self.dispatch(events),
            "data" => {
                self.room_for(value, &["event", "id"], self.data.as_ref().map_or(0, |data| data.len() + 1))?;
                match &mut self.data {
                    Some(data) => {
                        data.push('\n');
                        data.push_str(value);
                    }
                    None => self.data = Some(value.to_owned()),
                }
            }
            "event" => {
                self.room_for(value, &["data", "id"], 0)?;
                self.event = Some(value.to_owned()).filter(|event| !event.is_empty());
            }
            "id" if !value.contains('\0') => {
                self.room_for(value, &["data", "event"], 0)?;
                self.id = Some(value).filter(|id| !id.is_empty()).map(Arc::from);
            }
            _ => {}
        }
        Ok(())
    }

    /// Whether a part of an event has room beside its other parts, and `before` bytes of its own. An id that is kept from an event before counts, too:
    /// each event holds on to it.
    fn room_for(&self, part: &str, others: &[&str], before: usize) -> std::result::Result<(), Undecodable> {
        let length = |other: &&str| match *other {
            "data" => self.data.as_ref().map_or(0, String::len),
            "event" => self.event.as_ref().map_or(0, String::len),
            _ => self.id.as_ref().map_or(0, |id| id.len()),
        };
        match before + part.len() + others.iter().map(length).sum::<usize>() > self.limit {
            true => Err(Undecodable::TooLong),
            false => Ok(()),
        }
    }

    /// The end of a server-sent event. One without data is not given.
    fn dispatch(&mut self, events: &mut VecDeque<Event>) {
        let event = self.event.take();
        if let Some(data) = self.data.take() {
            self.give(Event { event, id: self.id.clone(), data }, events);
        }
    }

    fn give(&mut self, event: Event, events: &mut VecDeque<Event>) {
        match event.data.trim() == DONE {
            true => self.done = true,
            false => events.push_back(event),
        }
    }
}

/// Splits bytes into lines, which end with CR, LF or both, as the standard of server-sent events says.
#[derive(Debug)]
struct Lines {
    /// The line that has not ended yet.
    pending: Vec<u8>,
    /// The byte before was a CR: a LF that follows belongs to it.
    after_cr: bool,
    limit: usize,
}

/// A line that has ended, and the bytes after it.
type Split<'bytes> = (Vec<u8>, &'bytes [u8]);

/// A line is longer than the limit.
#[derive(Debug, PartialEq, Eq)]
struct TooLong;

impl Lines {
    /// Lines of at most so many bytes.
    fn new(limit: usize) -> Self {
        Self { pending: Vec::new(), after_cr: false, limit }
    }

    /// Takes bytes in and gives the first line that ends in them, with the bytes after it; `None` where none does.
    fn split<'bytes>(&mut self, bytes: &'bytes [u8]) -> std::result::Result<Option<Split<'bytes>>, TooLong> {
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
    fn last(&mut self) -> Option<Vec<u8>> {
        let last = std::mem::take(&mut self.pending);
        (!last.is_empty()).then_some(last)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const LIMIT: usize = 64;

    /// The events of a stream that comes in these pieces.
    fn decoded<'a>(
        format: Option<Format>,
        pieces: impl IntoIterator<Item = &'a [u8]>,
    ) -> (Vec<Event>, std::result::Result<(), Undecodable>) {
        let (mut decoder, mut events) = (Decoder::new(format, LIMIT), VecDeque::new());
        let pushed = pieces.into_iter().try_for_each(|piece| decoder.push(piece, &mut events));
        let end = pushed.and_then(|()| decoder.finish(&mut events));
        (events.into(), end)
    }

    fn data(text: &str) -> Vec<String> {
        let (events, end) = decoded(None, [text.as_bytes()]);
        assert_eq!(end, Ok(()), "{text}");
        events.into_iter().map(|event| event.data).collect()
    }

    #[test]
    fn server_sent_events_as_the_standard_has_them() {
        for (text, expected) in [
            ("data: a\n\ndata: b\n\n", &["a", "b"][..]),
            ("data: a\r\n\r\ndata: b\r\n\r\n", &["a", "b"]),
            ("data: a\r\rdata: b\r\r", &["a", "b"]),
            ("data:a\ndata: b\ndata:  c\n\n", &["a\nb\n c"]),
            ("data\n\ndata\ndata\n\n", &["", "\n"]),
            (": a comment\n\n:\n\ndata: a\n\n", &["a"]),
            ("\u{feff}data: a\n\n", &["a"]),
            ("event: x\nid: 1\nretry: 9\nunheard: of\n\ndata: a\n\n", &["a"]),
            ("data: {\"a\": \"b: c\"}\n\n", &["{\"a\": \"b: c\"}"]),
            ("data: a\n\ndata: [DONE]\n\ndata: b\n\n", &["a"]),
            ("data: a\n\ndata: [DONE]", &["a"]),
            ("data: a\n\ndata: b", &["a", "b"]),
            ("data: ü→€\n\n", &["ü→€"]),
            ("", &[]),
            ("\n\n\n", &[]),
        ] {
            assert_eq!(data(text), expected, "{text:?}");
        }
    }

    #[test]
    fn an_event_has_a_name_and_the_last_id() {
        let text = "event: delta\nid: 7\ndata: a\n\ndata: b\n\nid\nevent\ndata: c\n\nid: \0\ndata: d\n\n";
        let (events, _) = decoded(Some(Format::ServerSentEvents), [text.as_bytes()]);
        let parts: Vec<_> =
            events.iter().map(|event| (event.event.as_deref(), event.id.as_deref())).collect();
        assert_eq!(parts, [(Some("delta"), Some("7")), (None, Some("7")), (None, None), (None, None)]);
    }

    #[test]
    fn json_lines() {
        for (text, expected) in [
            ("{\"a\":1}\n{\"a\":2}\n", &["{\"a\":1}", "{\"a\":2}"][..]),
            ("\r\n {\"a\":1} \r\n\r\n[2]", &["{\"a\":1}", "[2]"]),
            ("{\"a\":1}\n[DONE]\n{\"a\":2}\n", &["{\"a\":1}"]),
            ("\"data: no field\"\n", &["\"data: no field\""]),
            ("datum\n", &["datum"]),
        ] {
            assert_eq!(data(text), expected, "{text:?}");
        }
        let (events, end) = decoded(Some(Format::JsonLines), [&b"{}\n\"\xff\"\n"[..]]);
        assert_eq!((events.len(), end), (1, Err(Undecodable::NotUtf8)), "JSON is UTF-8");
    }

    #[test]
    fn what_is_not_utf8_in_server_sent_events_is_replaced() {
        let (events, end) = decoded(None, [&b"data: \xff\n\n"[..]]);
        assert_eq!((events[0].data.as_str(), end), ("\u{fffd}", Ok(())));
    }

    #[test]
    fn no_event_is_longer_than_the_limit() {
        let long = "x".repeat(LIMIT);
        let (events, end) = decoded(Some(Format::JsonLines), [format!("{long}\n{long}y\n").as_bytes()]);
        assert_eq!((events.len(), end), (1, Err(Undecodable::TooLong)));
        // Nor is one of many lines, or one that never ends.
        let many = "data: 0123456789\n".repeat(9);
        assert_eq!(decoded(None, [many.as_bytes()]).1, Err(Undecodable::TooLong));
        // Its name and its id are parts of it, the id also where it is that of an event before.
        let id = "i".repeat(LIMIT / 2);
        for beside in [
            format!("event: {id}\nid: {id}\ndata: 1\n\n"),
            format!("data: {id}\nid: {id}x\n"),
            format!("data: {id}\nevent: {id}x\n"),
        ] {
            assert_eq!(decoded(None, [beside.as_bytes()]).1, Err(Undecodable::TooLong), "{beside}");
        }
        let kept = format!("id: {id}\n\ndata: 1\n\ndata: {id}\n\ndata: {id}1\n\n");
        let (events, end) = decoded(None, [kept.as_bytes()]);
        assert_eq!((events.len(), end), (2, Err(Undecodable::TooLong)));
        assert!(
            Arc::ptr_eq(events[0].id.as_ref().unwrap(), events[1].id.as_ref().unwrap()),
            "events share it"
        );
        let pieces = std::iter::repeat_n(&b"xxxxxxxx"[..], 9);
        assert_eq!(decoded(None, pieces).1, Err(Undecodable::TooLong));
    }

    #[test]
    fn the_content_type_names_the_format() {
        for (content_type, format) in [
            ("text/event-stream; charset=utf-8", Some(Format::ServerSentEvents)),
            ("Text/Event-Stream", Some(Format::ServerSentEvents)),
            ("application/x-ndjson", Some(Format::JsonLines)),
            ("application/json", Some(Format::JsonLines)),
            ("text/plain", None),
            ("", None),
        ] {
            assert_eq!(Format::of_content_type(content_type), format);
        }
    }

    /// A stream that may be one of events, with everything in it that could be split wrongly.
    fn stream() -> impl Strategy<Value = Vec<u8>> {
        let part = prop_oneof![
            Just(b"data: ".to_vec()),
            Just(b"event: x".to_vec()),
            Just(b"id: 1".to_vec()),
            Just(b": comment".to_vec()),
            Just(b"\n".to_vec()),
            Just(b"\r\n".to_vec()),
            Just(b"\r".to_vec()),
            Just(b"\n\n".to_vec()),
            Just(BYTE_ORDER_MARK.to_vec()),
            Just("{\"text\":\"ü€𝄞\"}".as_bytes().to_vec()),
            Just(DONE.as_bytes().to_vec()),
            prop::collection::vec(any::<u8>(), 0..6),
        ];
        prop::collection::vec(part, 0..30).prop_map(|parts| parts.concat())
    }

    proptest! {
        #[test]
        fn pieces_make_no_difference(
            stream in stream(),
            cuts in prop::collection::vec(any::<prop::sample::Index>(), 0..12),
            format in prop::sample::select(vec![None, Some(Format::ServerSentEvents), Some(Format::JsonLines)]),
        ) {
            let mut cuts: Vec<usize> = cuts.iter().map(|cut| cut.index(stream.len() + 1)).collect();
            cuts.extend([0, stream.len()]);
            cuts.sort_unstable();
            let pieces = cuts.windows(2).map(|cut| &stream[cut[0]..cut[1]]);
            let whole = decoded(format, [stream.as_slice()]);
            prop_assert_eq!(&decoded(format, pieces), &whole);
            prop_assert_eq!(decoded(format, stream.chunks(1)), whole);
        }
    }
}
