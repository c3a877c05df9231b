//! Lists that come in pages, as streams: what all of them have in common.

use std::collections::{HashSet, VecDeque};
use std::fmt;
use std::future::poll_fn;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use futures_core::Stream;
use futures_core::future::BoxFuture;
use serde_json::Value;
use vastai_api::Operation;

use crate::client::{CallFuture, Client, Listable, Listed};
use crate::error::{Error, ErrorKind, Result};

/// The things on one page, and what asks for the next one.
pub(crate) struct Page<T> {
    pub(crate) items: Vec<T>,
    pub(crate) next_token: Option<String>,
    /// How many there are on all pages, where the service says so.
    pub(crate) total: Option<u64>,
}

/// How a page is fetched: the one after a token, or the first.
pub(crate) type Fetch<T> = Arc<dyn Fn(Option<String>) -> BoxFuture<'static, Result<Page<T>>> + Send + Sync>;

/// A list that comes in pages, item by item.
///
/// The next page is fetched only when the items of the one before are used up, and only when somebody asks. The first error ends the
/// list; what came before it has been given already. A page token that comes twice is such an error, as it would go on for ever.
///
/// It is a [`Stream`]; [`next`](Self::next) does without one. Both may be dropped while they wait: nothing is lost.
#[must_use = "nothing is fetched before the first item is asked for"]
pub struct Pages<T> {
    fetch: Fetch<T>,
    in_flight: Option<BoxFuture<'static, Result<Page<T>>>>,
    ready: VecDeque<T>,
    next: Next,
    /// The tokens that were followed.
    followed: HashSet<String>,
    /// How many more may be given.
    left: Option<u64>,
    total: Option<u64>,
}

/// Which page comes next.
enum Next {
    First,
    After(String),
    None,
    /// None, because of this error.
    Failed(Error),
}

impl<T> Pages<T> {
    /// A list that gives at most `limit` items.
    pub(crate) fn new(fetch: Fetch<T>, limit: Option<u64>) -> Self {
        Self {
            fetch,
            in_flight: None,
            ready: VecDeque::new(),
            next: Next::First,
            followed: HashSet::new(),
            left: limit,
            total: None,
        }
    }

    /// A list that is not fetched: its only item is this error.
    pub(crate) fn failed(error: Error) -> Self {
        let fetch: Fetch<T> =
            Arc::new(|_| Box::pin(async { Ok(Page { items: Vec::new(), next_token: None, total: None }) }));
        Self { next: Next::Failed(error), ..Self::new(fetch, None) }
    }

    /// How many items there are on all pages, as the last page said. `None` before the first.
    #[must_use]
    pub fn total(&self) -> Option<u64> {
        self.total
    }

    fn end(&mut self) {
        self.next = Next::None;
        self.in_flight = None;
        self.left = Some(0);
        self.ready.clear();
    }

    /// Takes a page in. An error about its token comes after its items.
    fn take(&mut self, page: Page<T>) {
        self.total = page.total.or(self.total);
        self.ready = page.items.into();
        self.next = match page.next_token.filter(|token| !token.is_empty()) {
            None => Next::None,
            Some(token) if self.followed.insert(token.clone()) => Next::After(token),
            Some(token) => {
                let message = format!(
                    "the service gave the page token `{token}` a second time after {} pages; to follow it would never end",
                    self.followed.len()
                );
                Next::Failed(Error::new(ErrorKind::Decode, message))
            }
        };
    }
}

impl<T: Unpin> Pages<T> {
    /// The next item; `None` at the end of the list, and after an error.
    ///
    /// # Errors
    ///
    /// Whatever fetching the page failed with, and [`ErrorKind::Decode`] where a page token comes twice.
    pub async fn next(&mut self) -> Option<Result<T>> {
        poll_fn(|context| Pin::new(&mut *self).poll_next(context)).await
    }
}

impl<T: Unpin + Send + 'static> Pages<T> {
    /// All items that are left, in memory. A list without a `limit` may be long: [`next`](Self::next) holds one page at a time.
    ///
    /// ```no_run
    /// # async fn example(client: vastai::Client) -> vastai::Result<()> {
    /// let instances = client.instances().pages().collect().await?;
    /// println!("{} instances", instances.len());
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// The first error of [`next`](Self::next). The items before it are dropped, so that a part is never taken for the whole.
    pub fn collect(mut self) -> CallFuture<Vec<T>> {
        Box::pin(async move {
            let mut items = Vec::new();
            while let Some(item) = self.next().await {
                items.push(item?);
            }
            Ok(items)
        })
    }
}

impl<T: Unpin> Stream for Pages<T> {
    type Item = Result<T>;

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Result<T>>> {
        let pages = self.get_mut();
        loop {
            if pages.left == Some(0) {
                pages.end();
                return Poll::Ready(None);
            }
            if let Some(item) = pages.ready.pop_front() {
                pages.left = pages.left.map(|left| left - 1);
                return Poll::Ready(Some(Ok(item)));
            }
            let fetching = match &mut pages.in_flight {
                Some(fetching) => fetching,
                None => {
                    let after = match &pages.next {
                        Next::First => None,
                        Next::After(token) => Some(token.clone()),
                        Next::None => return Poll::Ready(None),
                        Next::Failed(error) => {
                            let error = error.clone();
                            pages.end();
                            return Poll::Ready(Some(Err(error)));
                        }
                    };
                    pages.in_flight.insert((pages.fetch)(after))
                }
            };
            let fetched = ready!(fetching.as_mut().poll(context));
            pages.in_flight = None;
            match fetched {
                Ok(page) => pages.take(page),
                Err(error) => {
                    pages.end();
                    return Poll::Ready(Some(Err(error)));
                }
            }
        }
    }
}

impl<T> fmt::Debug for Pages<T> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Pages")
            .field("ready", &self.ready.len())
            .field("pages", &self.followed.len())
            .field("left", &self.left)
            .field("total", &self.total)
            .finish_non_exhaustive()
    }
}

/// Which way a list is ordered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Direction {
    /// The least first.
    Ascending,
    /// The most first.
    Descending,
}

impl Direction {
    /// The direction as the service writes it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Ascending => "asc",
            Self::Descending => "desc",
        }
    }
}

/// A list that comes in pages.
#[derive(Debug, Clone)]
pub(crate) struct Listing {
    client: Client,
    /// The operation whose response is a page.
    operation: &'static Operation,
    /// How many items a page holds at most.
    most_per_page: u64,
    per_page: Option<u64>,
    limit: Option<u64>,
    /// What every page is asked for with.
    values: Vec<(&'static str, Value)>,
}

impl Listing {
    pub(crate) fn new(client: &Client, operation: &'static Operation, most_per_page: u64) -> Self {
        let client = client.clone();
        Self { client, operation, most_per_page, per_page: None, limit: None, values: Vec::new() }
    }

    /// How many items a page may hold, from 1 to what the service allows.
    pub(crate) fn per_page(&mut self, items: u64) {
        self.per_page = Some(items.clamp(1, self.most_per_page));
    }

    /// How many items to give altogether.
    pub(crate) fn limit(&mut self, items: u64) {
        self.limit = Some(items);
    }

    /// A value of the query. One that was given before is replaced.
    pub(crate) fn set(&mut self, name: &'static str, value: impl Into<Value>) {
        self.values.retain(|(present, _)| *present != name);
        self.values.push((name, value.into()));
    }

    /// The list.
    pub(crate) fn pages<T: Listable>(mut self) -> Pages<T> {
        // A page that is larger than all that is wanted would be fetched in vain.
        let wanted = self.limit.unwrap_or(u64::MAX).clamp(1, self.most_per_page);
        let per_page = self.per_page.unwrap_or(self.most_per_page).min(wanted);
        self.set("limit", per_page);
        let limit = self.limit;
        let listing = Arc::new(self);
        let fetch: Fetch<T> = Arc::new(move |after| {
            let listing = Arc::clone(&listing);
            Box::pin(async move { listing.page(after).await })
        });
        Pages::new(fetch, limit)
    }

    async fn page<T: Listable>(&self, after: Option<String>) -> Result<Page<T>> {
        let mut call = self.client.call(self.operation);
        for (name, value) in &self.values {
            call = call.set(name, value.clone())?;
        }
        if let Some(token) = after {
            call = call.set("after_token", token)?;
        }
        let (Listed { items, mut beside }, response) = call.send_for_list().await?;
        let next_token = match beside.remove("next_token") {
            None | Some(Value::Null) => None,
            Some(Value::String(token)) => Some(token),
            Some(_) => return Err(response.undecodable("`next_token` is not a string")),
        };
        let total = ["total", "total_instances"].iter().find_map(|name| beside.get(*name)?.as_u64());
        Ok(Page { items, next_token, total })
    }
}

/// An order as these lists take it: `[{"col":"id","dir":"asc"}]`.
pub(crate) fn order(column: &str, direction: Direction) -> String {
    serde_json::json!([{ "col": column, "dir": direction.as_str() }]).to_string()
}

/// The settings that every list has: how much to fetch at once, and how much altogether.
macro_rules! page_settings {
    ($list:ident, $things:literal, at most $most:literal a page) => {
        impl $list {
            #[doc = concat!("How many ", $things, " to fetch at once: from 1 to ", $most, ", which is also what it is unless set.")]
            pub fn per_page(mut self, number: u64) -> Self {
                self.listing.per_page(number);
                self
            }

            #[doc = concat!("How many ", $things, " to give at most. All unless set.")]
            pub fn limit(mut self, number: u64) -> Self {
                self.listing.limit(number);
                self
            }
        }
    };
}

pub(crate) use page_settings;
