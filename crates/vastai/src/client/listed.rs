//! A response that is a list, or an object with a list in it: read straight into its items.

use std::fmt;
use std::marker::PhantomData;

use serde::de::value::MapAccessDeserializer;
use serde::de::{Deserialize, DeserializeOwned, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value};

/// What such lists are of.
pub(crate) trait Listable: DeserializeOwned + Send + Sync + 'static {
    /// The field of the response that holds the items.
    const LIST: &'static str;
}

/// The items, and what is beside them in the response.
pub(crate) struct Listed<T> {
    pub(crate) items: Vec<T>,
    pub(crate) beside: Map<String, Value>,
}

/// It takes what [`CallResponse::list`](super::CallResponse::list) takes. What does not fit is read by that then, whose errors name the item.
impl<'de, T: Listable> Deserialize<'de> for Listed<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Response(PhantomData))
    }
}

struct Response<T>(PhantomData<T>);

impl<'de, T: Listable> Visitor<'de> for Response<T> {
    type Value = Listed<T>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "a list `{}`", T::LIST)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, list: A) -> Result<Self::Value, A::Error> {
        Ok(Listed { items: OfItems(PhantomData).visit_seq(list)?, beside: Map::new() })
    }

    fn visit_map<A: MapAccess<'de>>(self, mut fields: A) -> Result<Self::Value, A::Error> {
        let (mut items, mut beside) = (None, Map::new());
        while let Some(name) = fields.next_key::<String>()? {
            if name == T::LIST {
                items = Some(fields.next_value::<Items<T>>()?.0);
            } else {
                beside.insert(name, fields.next_value()?);
            }
        }
        let items = items.ok_or_else(|| serde::de::Error::missing_field(T::LIST))?;
        Ok(Listed { items, beside })
    }
}

/// A list, one item in its place, or null.
struct Items<T>(Vec<T>);

impl<'de, T: DeserializeOwned> Deserialize<'de> for Items<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(OfItems(PhantomData)).map(Self)
    }
}

struct OfItems<T>(PhantomData<T>);

impl<'de, T: DeserializeOwned> Visitor<'de> for OfItems<T> {
    type Value = Vec<T>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a list")
    }

    fn visit_unit<E>(self) -> Result<Vec<T>, E> {
        Ok(Vec::new())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Vec<T>, A::Error> {
        let mut items = Vec::new();
        while let Some(item) = list.next_element()? {
            items.push(item);
        }
        Ok(items)
    }

    fn visit_map<A: MapAccess<'de>>(self, one: A) -> Result<Vec<T>, A::Error> {
        Ok(vec![T::deserialize(MapAccessDeserializer::new(one))?])
    }
}
