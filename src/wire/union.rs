//! Values that are one of several types, distinguished by the kind of JSON; and newtypes.

/// Names the variants of a type, of which each is another kind of JSON: `union!(Type { Variant(Type), … })`.
#[allow(unused_macros, reason = "a document may have no union")]
macro_rules! union {
    ($name:ident { $first:ident($first_type:ty) $(, $variant:ident($type:ty))* $(,)? }) => {
        impl $crate::wire::FromWire for $name {
            const KIND: $crate::wire::Kind = $crate::wire::Kind::Any;

            #[inline]
            fn empty() -> Self {
                Self::$first($crate::wire::FromWire::empty())
            }
        }

        impl $crate::wire::Read for $name {
            $crate::wire::union!(@scalar boolean(bool) Boolean; $first($first_type) $(, $variant($type))*);
            $crate::wire::union!(@scalar integer(i64) Number; $first($first_type) $(, $variant($type))*);
            $crate::wire::union!(@scalar unsigned(u64) Number; $first($first_type) $(, $variant($type))*);
            $crate::wire::union!(@scalar float(f64) Number; $first($first_type) $(, $variant($type))*);
            $crate::wire::union!(@scalar text(&str) Text; $first($first_type) $(, $variant($type))*);
            $crate::wire::union!(@nested list, any_list(&mut dyn $crate::wire::Elements) List; $first($first_type) $(, $variant($type))*);
            $crate::wire::union!(@nested whole_list, any_list(&mut dyn $crate::wire::Elements) List; $first($first_type) $(, $variant($type))*);
            $crate::wire::union!(@nested object, any_object(&mut dyn $crate::wire::Fields<'_>) Object; $first($first_type) $(, $variant($type))*);
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
        #[inline]
        fn $method(&mut self, value: $value) -> $crate::wire::Misfit {
            $(if <$type as $crate::wire::FromWire>::KIND == $crate::wire::Kind::$kind {
                let mut read: $type = $crate::wire::FromWire::empty();
                let odd = $crate::wire::Read::$method(&mut read, value);
                *self = Self::$variant(read);
                return odd;
            })*
            $crate::wire::odd(value)
        }
    };
    (@nested $method:ident, $any:ident($source:ty) $kind:ident; $($variant:ident($type:ty)),*) => {
        #[inline]
        fn $method(&mut self, value: $source) -> $crate::wire::Result {
            $(if <$type as $crate::wire::FromWire>::KIND == $crate::wire::Kind::$kind {
                let mut read: $type = $crate::wire::FromWire::empty();
                let odd = $crate::wire::Read::$method(&mut read, value)?;
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

            #[inline]
            fn empty() -> Self {
                Self($crate::wire::FromWire::empty())
            }
        }

        impl $crate::wire::Read for $name {
            $crate::wire::newtype!(@scalars null(), boolean(bool), integer(i64), unsigned(u64), float(f64), text(&str));
            $crate::wire::newtype!(@nested list(&mut dyn $crate::wire::Elements), whole_list(&mut dyn $crate::wire::Elements));
            $crate::wire::newtype!(@nested object(&mut dyn $crate::wire::Fields<'_>), whole_object(&mut dyn $crate::wire::Fields<'_>));
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
        #[inline]
        fn null(&mut self) -> $crate::wire::Misfit {
            $crate::wire::Read::null(&mut self.0)
        }
        $(#[inline]
        fn $method(&mut self, value: $value) -> $crate::wire::Misfit {
            $crate::wire::Read::$method(&mut self.0, value)
        })*
    };
    (@nested $($method:ident($source:ty)),*) => {
        $(#[inline]
        fn $method(&mut self, value: $source) -> $crate::wire::Result {
            $crate::wire::Read::$method(&mut self.0, value)
        })*
    };
}

pub(crate) use {newtype, union};
