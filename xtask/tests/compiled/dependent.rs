//! A program that uses every item of the client that `base.yaml` makes, in the ways that a release must not break.

use std::fmt::Display;
use std::hash::Hash;
use std::str::FromStr;

use vastai_api::{Client, Error, ResponseValue, builder, types};

/// A number of the program's own, which converts into what the setter takes.
pub struct Count(i64);

impl From<Count> for i64 {
    fn from(Count(count): Count) -> Self {
        count
    }
}

pub async fn list(client: &Client) -> Result<Vec<types::Parcel>, Error> {
    let call: builder::ListParcels<'_> = client.list_parcels();
    let call = call.limit(Count(7)).order(types::ListParcelsOrder::Newest);
    let response: ResponseValue<Vec<types::Parcel>> = call.order(types::ListParcelsOrder::Oldest).send().await?;
    Ok(response.into_inner())
}

pub async fn send(client: &Client, tags: Vec<String>, weight: f64) -> Result<types::Parcel, Error> {
    let call: builder::SendParcel<'_> = client.send_parcel().id(Count(7));
    let call = call.body_map(|body: types::builder::SendParcelRequest| {
        let body = body.to("Ada".to_owned()).note("careful".to_owned()).weight(weight).tags(tags);
        body.speed(types::SendParcelRequestSpeed::Slow)
    });
    let response: ResponseValue<types::Parcel> = call.send().await?;
    Ok(response.into_inner())
}

pub async fn send_made(client: &Client, body: types::SendParcelRequest) -> Result<(), Error> {
    let (to, note, weight): (&String, &Option<String>, Option<f64>) = (&body.to, &body.note, body.weight);
    let (speed, tags): (Option<types::SendParcelRequestSpeed>, &Option<Vec<String>>) = (body.speed, &body.tags);
    let _ = (to, note, weight, speed, tags);
    client.send_parcel().id(7).body(body).send().await?;
    Ok(())
}

pub async fn take_back(client: &Client) -> Result<(), Error> {
    let mut body = types::ReturnParcelRequest::default();
    body.reason = Some("broken".to_owned());
    let call: builder::ReturnParcel<'_> = client.return_parcel().id(7).body(body);
    let call = call.body_map(|body: types::builder::ReturnParcelRequest| body.reason("broken".to_owned()));
    let response: ResponseValue<()> = call.send().await?;
    let () = response.into_inner();
    Ok(())
}

/// The type of every field, and a pattern that has room for more.
pub fn read(parcel: &types::Parcel) -> (Option<i64>, Option<f64>, Option<f64>) {
    let types::Parcel { id, to, weight, state, size, .. } = parcel;
    let strings: (&Option<String>, &Option<String>) = (to, state);
    let _ = strings;
    let size: &Option<types::Size> = size;
    let types::Size { width, height, .. } = size.as_ref().unwrap();
    let height: &Option<f64> = height;
    let _ = (weight, height);
    let weight: &Option<f64> = weight;
    (*id, *weight, *width)
}

pub fn speed(speed: types::SendParcelRequestSpeed) -> u8 {
    match speed {
        types::SendParcelRequestSpeed::Slow => 0,
        types::SendParcelRequestSpeed::Fast => 1,
        _ => 2,
    }
}

fn has_traits<T: Copy + Display + Eq + FromStr + Hash + Ord + for<'text> TryFrom<&'text str> + TryFrom<String>>() {}

pub fn traits() {
    has_traits::<types::SendParcelRequestSpeed>();
    has_traits::<types::ListParcelsOrder>();
}
