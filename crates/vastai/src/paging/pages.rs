//! Lists that come in pages, as streams.

use std::collections::{HashSet, VecDeque};
use std::fmt;
use std::future::poll_fn;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use futures_core::Stream;
use futures_core::future::BoxFuture;

use crate::client::CallFuture;
use crate::error::{Error, ErrorKind, Result};

/// The things on one page, and what asks for the next one.
pub(crate) struct Page<T> {
    pub(crate) items: Vec<T>,
    pub(crate) next_token: Option<String>,
    /// How many there are on all pages, where the service tells.
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
    /// None, and that is no end.
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

    /// How many items there are on all pages, as the service told with the last page. `None` before the first.
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

    /// Takes a page in. What is wrong with its token is told after its items.
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
