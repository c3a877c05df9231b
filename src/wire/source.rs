//! Where values come from: serde's deserializers, as the types of responses see them.

use std::borrow::Cow;
use std::fmt;

use serde::Deserialize;
use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};

use super::notes::{through_element, through_field};
use super::{Misfit, Read};

/// The read has failed; its source knows why.
#[derive(Debug)]
pub(crate) struct Broken;

/// The elements of a list that is being read.
pub(crate) trait Elements {
    /// Reads the next element into a new place at the end of what grows. `None` at the end of the list.
    fn next(&mut self, list: &mut dyn Grow) -> Result<Option<Misfit>, Broken>;

    /// Fails the read at the element that has begun last.
    fn refuse(&mut self, why: String) -> Broken;
}

/// A list that takes one more place.
pub(crate) trait Grow {
    fn grow(&mut self) -> &mut dyn Read;
}

/// The fields of an object that is being read.
pub(crate) trait Fields<'de> {
    /// The name of the next field, borrowed from the response where it has no escapes.
    fn name(&mut self) -> Result<Option<Cow<'de, str>>, Broken>;

    /// Reads the value of the field of this name, which was the last.
    fn value(&mut self, name: &str, place: &mut dyn Read) -> super::Result;
}

/// A place in a response, as serde's deserializers see it.
pub(super) struct Place<'place> {
    place: &'place mut dyn Read,
    is_whole: bool,
}

impl<'place> Place<'place> {
    pub(super) fn of(place: &'place mut dyn Read) -> Self {
        Self { place, is_whole: false }
    }

    /// The place of the whole response.
    pub(super) fn whole(place: &'place mut dyn Read) -> Self {
        Self { place, is_whole: true }
    }
}

impl<'de> DeserializeSeed<'de> for Place<'_> {
    type Value = Misfit;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Misfit, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Place<'_> {
    type Value = Misfit;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a value of JSON")
    }

    fn visit_unit<E: Error>(self) -> Result<Misfit, E> {
        Ok(self.place.null())
    }

    fn visit_none<E: Error>(self) -> Result<Misfit, E> {
        Ok(self.place.null())
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Misfit, D::Error> {
        self.deserialize(deserializer)
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<Misfit, E> {
        Ok(self.place.boolean(value))
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<Misfit, E> {
        Ok(self.place.integer(value))
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<Misfit, E> {
        Ok(match i64::try_from(value) {
            Ok(value) => self.place.integer(value),
            Err(_) => self.place.unsigned(value),
        })
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<Misfit, E> {
        Ok(self.place.float(value))
    }

    fn visit_str<E: Error>(self, value: &str) -> Result<Misfit, E> {
        Ok(self.place.text(value))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, list: A) -> Result<Misfit, A::Error> {
        let mut list = Source { access: list, error: None, begun: 0 };
        let read = match self.is_whole {
            true => self.place.whole_list(&mut list),
            false => self.place.list(&mut list),
        };
        list.outcome(read)
    }

    fn visit_map<A: MapAccess<'de>>(self, object: A) -> Result<Misfit, A::Error> {
        let mut object = Source { access: object, error: None, begun: 0 };
        let read = match self.is_whole {
            true => self.place.whole_object(&mut object),
            false => self.place.object(&mut object),
        };
        object.outcome(read)
    }
}

/// One of serde's lists or objects, with the error that it failed with: a type that reads knows nothing of errors.
struct Source<A, E> {
    access: A,
    error: Option<E>,
    /// How many elements have begun.
    begun: usize,
}

impl<A, E: Error> Source<A, E> {
    fn broken(&mut self, error: E) -> Broken {
        self.error = Some(error);
        Broken
    }

    fn outcome(self, read: super::Result) -> Result<Misfit, E> {
        match read {
            Ok(misfit) => Ok(misfit),
            Err(Broken) => Err(self.error.unwrap_or_else(|| E::custom("the response cannot be read"))),
        }
    }
}

impl<'de, A: SeqAccess<'de>> Elements for Source<A, A::Error> {
    fn next(&mut self, list: &mut dyn Grow) -> Result<Option<Misfit>, Broken> {
        match self.access.next_element_seed(Next { list, begun: &mut self.begun }) {
            Ok(read) => Ok(read),
            Err(error) => {
                through_element(self.begun.saturating_sub(1));
                Err(self.broken(error))
            }
        }
    }

    fn refuse(&mut self, why: String) -> Broken {
        through_element(self.begun.saturating_sub(1));
        self.broken(A::Error::custom(why))
    }
}

/// A place that is made when there is something to read into it.
struct Next<'list> {
    list: &'list mut dyn Grow,
    begun: &'list mut usize,
}

impl<'de> DeserializeSeed<'de> for Next<'_> {
    type Value = Misfit;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Misfit, D::Error> {
        *self.begun += 1;
        Place::of(self.list.grow()).deserialize(deserializer)
    }
}

impl<'de, A: MapAccess<'de>> Fields<'de> for Source<A, A::Error> {
    fn name(&mut self) -> Result<Option<Cow<'de, str>>, Broken> {
        match self.access.next_key::<Name<'de>>() {
            Ok(name) => Ok(name.map(|Name(name)| name)),
            Err(error) => Err(self.broken(error)),
        }
    }

    fn value(&mut self, name: &str, place: &mut dyn Read) -> super::Result {
        match self.access.next_value_seed(Place::of(place)) {
            Ok(misfit) => Ok(misfit),
            Err(error) => {
                through_field(name);
                Err(self.broken(error))
            }
        }
    }
}

/// The name of a field.
struct Name<'de>(Cow<'de, str>);

impl<'de> Deserialize<'de> for Name<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct AsName;

        impl<'de> Visitor<'de> for AsName {
            type Value = Name<'de>;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("the name of a field")
            }

            fn visit_borrowed_str<E: Error>(self, name: &'de str) -> Result<Name<'de>, E> {
                Ok(Name(Cow::Borrowed(name)))
            }

            fn visit_str<E: Error>(self, name: &str) -> Result<Name<'de>, E> {
                Ok(Name(Cow::Owned(name.to_owned())))
            }

            fn visit_string<E: Error>(self, name: String) -> Result<Name<'de>, E> {
                Ok(Name(Cow::Owned(name)))
            }
        }

        deserializer.deserialize_str(AsName)
    }
}
