//! Values that are one of several types, distinguished by the kind of JSON; and newtypes.

/// Names the variants of a type, of which each is another kind of JSON: `union!(Type { Variant(Type), … })`.
#[allow(unused_macros, reason = "a document may have no union")]
macro_rules! union {
    ($name:ident { $first:ident($first_type:ty) $(, $variant:ident($type:ty))* $(,)? }) => {
        impl $crate::wire::FromWire for $name {
            const KIND: $crate::wire::Kind = $crate::wire::Kind::Any;

            fn empty() -> Self {
                Self::$first($crate::wire::FromWire::empty())
            }

            $crate::wire::union!(@scalar boolean(bool) Boolean; $first($first_type) $(, $variant($type))*);
            $crate::wire::union!(@scalar integer(i64) Number; $first($first_type) $(, $variant($type))*);
            $crate::wire::union!(@scalar unsigned(u64) Number; $first($first_type) $(, $variant($type))*);
            $crate::wire::union!(@scalar float(f64) Number; $first($first_type) $(, $variant($type))*);
            $crate::wire::union!(@scalar text(&str) Text; $first($first_type) $(, $variant($type))*);
            $crate::wire::union!(@nested list, any_list(SeqAccess) List; $first($first_type) $(, $variant($type))*);
            $crate::wire::union!(@nested whole_list, any_list(SeqAccess) List; $first($first_type) $(, $variant($type))*);
            $crate::wire::union!(@nested object, any_object(MapAccess) Object; $first($first_type) $(, $variant($type))*);
        }

        impl<'de> ::serde::Deserialize<'de> for $name {
            fn deserialize<D: ::serde::Deserializer<'de>>(
                deserializer: D,
            ) -> ::std::result::Result<Self, D::Error> {
                $crate::wire::whole(deserializer)
            }
        }
    };
    (@scalar $method:ident($value:ty) $kind:ident; $($variant:ident($type:ty)),*) => {
        fn $method(&mut self, value: $value) -> $crate::wire::Misfit {
            $(if <$type as $crate::wire::FromWire>::KIND == $crate::wire::Kind::$kind {
                let mut read: $type = $crate::wire::FromWire::empty();
                let odd = $crate::wire::FromWire::$method(&mut read, value);
                *self = Self::$variant(read);
                return odd;
            })*
            $crate::wire::odd(value)
        }
    };
    (@nested $method:ident, $any:ident($access:ident) $kind:ident; $($variant:ident($type:ty)),*) => {
        fn $method<'de, A: ::serde::de::$access<'de>>(
            &mut self,
            value: A,
        ) -> ::std::result::Result<$crate::wire::Misfit, A::Error> {
            $(if <$type as $crate::wire::FromWire>::KIND == $crate::wire::Kind::$kind {
                let mut read: $type = $crate::wire::FromWire::empty();
                let odd = $crate::wire::FromWire::$method(&mut read, value)?;
                *self = Self::$variant(read);
                return ::std::result::Result::Ok(odd);
            })*
            $crate::wire::$any(value).map($crate::wire::odd)
        }
    };
}

/// A type that only gives another one a name.
#[allow(unused_macros, reason = "few documents have one")]
macro_rules! newtype {
    ($name:ident($type:ty)) => {
        impl $crate::wire::FromWire for $name {
            const KIND: $crate::wire::Kind = <$type as $crate::wire::FromWire>::KIND;
            const FIELDS: &'static [&'static str] = <$type as $crate::wire::FromWire>::FIELDS;
            const REQUIRED: &'static [&'static str] = <$type as $crate::wire::FromWire>::REQUIRED;

            fn empty() -> Self {
                Self($crate::wire::FromWire::empty())
            }

            $crate::wire::newtype!(@scalars null(), boolean(bool), integer(i64), unsigned(u64), float(f64), text(&str));
            $crate::wire::newtype!(@nested list(SeqAccess), object(MapAccess), whole_list(SeqAccess), whole_object(MapAccess));
        }

        impl<'de> ::serde::Deserialize<'de> for $name {
            fn deserialize<D: ::serde::Deserializer<'de>>(
                deserializer: D,
            ) -> ::std::result::Result<Self, D::Error> {
                $crate::wire::whole(deserializer)
            }
        }
    };
    (@scalars null(), $($method:ident($value:ty)),*) => {
        fn null(&mut self) -> $crate::wire::Misfit {
            $crate::wire::FromWire::null(&mut self.0)
        }
        $(fn $method(&mut self, value: $value) -> $crate::wire::Misfit {
            $crate::wire::FromWire::$method(&mut self.0, value)
        })*
    };
    (@nested $($method:ident($access:ident)),*) => {
        $(fn $method<'de, A: ::serde::de::$access<'de>>(
            &mut self,
            value: A,
        ) -> ::std::result::Result<$crate::wire::Misfit, A::Error> {
            $crate::wire::FromWire::$method(&mut self.0, value)
        })*
    };
}

pub(crate) use {newtype, union};
