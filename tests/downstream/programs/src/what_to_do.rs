//! Tells failures of a rental apart by what to do about them.

use std::time::Duration;

use vastai::{Error, ErrorKind};

/// What to do after a rental that failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Next {
    /// It may have been rented: look before anything else.
    FindOut,
    /// Add credit to the account.
    AddCredit,
    /// Take another offer.
    TakeAnotherOffer,
    /// Wait that long, and try again.
    Wait(Duration),
    /// Check the key.
    CheckKey,
    /// Give up, and read the message.
    GiveUp,
}

/// What to do after a rental that failed this way.
pub fn what_to_do(error: &Error) -> Next {
    // First of all: each kind but a few can be in doubt.
    if error.may_have_been_done() {
        return Next::FindOut;
    }
    match error.kind() {
        ErrorKind::NoCredit => Next::AddCredit,
        ErrorKind::OfferGone => Next::TakeAnotherOffer,
        ErrorKind::RateLimited => Next::Wait(error.retry_after().unwrap_or(Duration::from_secs(5))),
        ErrorKind::Unauthorized | ErrorKind::Forbidden => Next::CheckKey,
        _ => Next::GiveUp,
    }
}

#[cfg(test)]
mod tests {
    use vastai::Client;
    use vastai::retry::RetryPolicy;
    use vastai_mock::{AuthFailure, Fault, Offer, RateLimitForm, Simulator};

    use super::*;
    use crate::test_client::client_of;

    async fn market() -> (Simulator, Client) {
        let simulator = Simulator::builder().empty().offer(Offer::new(7)).start().await.unwrap();
        let client = client_of(&simulator).with_retry(RetryPolicy::never());
        (simulator, client)
    }

    async fn rent(client: &Client) -> vastai::Result<i64> {
        Ok(client.rent(7).image("ubuntu:24.04").label("mine").await?.id())
    }

    /// One's own error around the client's.
    #[derive(Debug, thiserror::Error)]
    enum Own {
        #[error("no machine: {0}")]
        Vast(#[from] Error),
    }

    async fn rent_for_anyhow(client: &Client) -> anyhow::Result<i64> {
        Ok(rent(client).await?)
    }

    async fn rent_for_own(client: &Client) -> Result<i64, Own> {
        Ok(rent(client).await?)
    }

    async fn rent_for_box(client: &Client) -> Result<i64, Box<dyn std::error::Error + Send + Sync>> {
        Ok(rent(client).await?)
    }

    #[tokio::test]
    async fn each_failure_has_its_own_advice_however_it_travels() {
        let limited = |form| Fault::too_many_requests(form);
        let cases = [
            (Fault::refusal(400, "insufficient_credit", "Your account lacks credit."), Next::AddCredit),
            (
                Fault::refusal(404, "no_such_ask", "Instance type by id 7 is not available."),
                Next::TakeAnotherOffer,
            ),
            (
                Fault::refusal(410, "no_such_ask", "Instance type by id 7 is not available."),
                Next::TakeAnotherOffer,
            ),
            (limited(RateLimitForm::Json { retry_after: 9 }), Next::Wait(Duration::from_secs(9))),
            (limited(RateLimitForm::PlainText), Next::Wait(Duration::from_secs(5))),
            (Fault::refusal(401, "auth_error", "Invalid user key"), Next::CheckKey),
            (Fault::status(403), Next::CheckKey),
            (Fault::refusal(400, "invalid_args", "disk is too large"), Next::GiveUp),
            (Fault::cut_before_effect(), Next::FindOut),
            (Fault::cut_after_effect(), Next::FindOut),
            (Fault::half_body(), Next::FindOut),
            (Fault::status(503), Next::FindOut),
            (Fault::html(504).after_effect(), Next::FindOut),
        ];
        for (fault, next) in cases {
            let failing = async || {
                let (simulator, client) = market().await;
                simulator.inject("createInstance", fault.clone()).unwrap();
                (simulator, client)
            };
            let (_simulator, client) = failing().await;
            let error = rent_for_anyhow(&client).await.unwrap_err().context("the nightly job");
            assert_eq!(what_to_do(error.downcast_ref().unwrap()), next, "{fault}: {error:?}");

            let (_simulator, client) = failing().await;
            let Own::Vast(error) = rent_for_own(&client).await.unwrap_err();
            assert_eq!(what_to_do(&error), next, "{fault}: {error}");
            let error = anyhow::Error::from(Own::from(error));
            let own: &Own = error.downcast_ref().unwrap();
            let Own::Vast(inner) = own;
            assert_eq!(what_to_do(inner), next, "{fault}: {error:?}");
            assert!(error.to_string().starts_with("no machine: createInstance"), "{error}");

            let (_simulator, client) = failing().await;
            let error = rent_for_box(&client).await.unwrap_err();
            assert_eq!(what_to_do(error.downcast_ref().unwrap()), next, "{fault}: {error}");
        }
    }

    #[tokio::test]
    async fn the_states_of_the_simulator_fail_in_the_same_way() {
        let (simulator, client) = market().await;
        simulator.take_offer(7).unwrap();
        assert_eq!(what_to_do(&rent(&client).await.unwrap_err()), Next::TakeAnotherOffer);
        for form in [
            AuthFailure::Unauthorized,
            AuthFailure::NotFound,
            AuthFailure::SessionExpired,
            AuthFailure::Forbidden,
        ] {
            let simulator = Simulator::builder().auth_failure(form).start().await.unwrap();
            let client = client_of(&simulator).with_api_key("0123456789abcdef").unwrap();
            assert_eq!(what_to_do(&rent(&client).await.unwrap_err()), Next::CheckKey);
        }
        // Nothing listens there any more: nothing was sent, so nothing was rented.
        let (simulator, client) = market().await;
        simulator.stop().await.unwrap();
        let error = rent(&client).await.unwrap_err();
        assert_eq!((what_to_do(&error), error.kind()), (Next::GiveUp, ErrorKind::Connection));
    }

    #[tokio::test]
    async fn what_was_rented_after_all_is_found() {
        let (simulator, client) = market().await;
        simulator.inject("createInstance", Fault::cut_after_effect()).unwrap();
        let error = rent(&client).await.unwrap_err();
        assert_eq!(what_to_do(&error), Next::FindOut);
        assert!(error.to_string().contains(r#"find_rented("mine")"#), "{error}");
        let found = client.find_rented("mine").await.unwrap().expect("it was rented");
        assert_eq!([found.id() as u64], *simulator.instance_ids());
    }
}
