//! What an answer says of its items: which of them failed, though the call as a whole succeeded. Walks the answer wherever an item may
//! stand; knows nothing of the three members that speak of the whole.

use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};

use super::scalar::Scalar;

/// Batch answers carry a `ResultCode` per item, older ones a list `FailAccounts`; new pages name only `ErrorCode`, so both levels are read.
#[derive(Default)]
pub(super) struct Failed {
    count: usize,
    first: Option<String>,
    /// What is wrong with the member at which the reading ended.
    pub unreadable: Option<String>,
}

impl Failed {
    fn add(&mut self, what: impl FnOnce() -> String) {
        self.count += 1;
        self.first.get_or_insert_with(what);
    }

    /// How many failed, and the first of them; `None` when none did.
    pub fn text(&self) -> Option<String> {
        let first = self.first.as_ref()?;
        Some(format!("{} failed, first {first}", self.count))
    }
}

/// Where a walk is. Written out, as a JSON Pointer, only when an item failed.
#[derive(Clone, Copy)]
enum Pointer<'a> {
    Top,
    Member(&'a Pointer<'a>, &'a str),
    Item(&'a Pointer<'a>, usize),
}

impl fmt::Display for Pointer<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Pointer::Top => Ok(()),
            Pointer::Member(above, name) => write!(f, "{above}/{name}"),
            Pointer::Item(above, number) => write!(f, "{above}/{number}"),
        }
    }
}

/// Walks an answer without building it: a small answer can make a large tree.
pub(super) struct Look<'a> {
    failed: &'a mut Failed,
    pointer: Pointer<'a>,
}

impl<'a> Look<'a> {
    pub fn top(failed: &'a mut Failed) -> Self {
        let pointer = Pointer::Top;
        Look { failed, pointer }
    }

    pub fn member<'de, A: MapAccess<'de>>(&mut self, name: &str, members: &mut A) -> Result<(), A::Error> {
        match name {
            "ResultCode" => {
                let code = members.next_value::<Scalar>()?;
                match (code.integer(), code) {
                    (Some(0), _) | (_, Scalar::Missing) => {}
                    (Some(code), _) => self.failed.add(|| format!("{} with ResultCode {code}", self.pointer)),
                    (None, _) => self
                        .failed
                        .add(|| format!("{} with a ResultCode that is no integer", self.pointer)),
                }
                Ok(())
            }
            "FailAccounts" => members.next_value_seed(FailAccounts(self)),
            _ => members.next_value_seed(Look {
                failed: self.failed,
                pointer: Pointer::Member(&self.pointer, name),
            }),
        }
    }
}

impl<'de> DeserializeSeed<'de> for Look<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, json: D) -> Result<(), D::Error> {
        json.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Look<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any JSON")
    }

    fn visit_map<A: MapAccess<'de>>(mut self, mut members: A) -> Result<(), A::Error> {
        while let Some(name) = members.next_key::<Scalar>()? {
            self.member(name.text().unwrap_or_default(), &mut members)?;
        }
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<(), A::Error> {
        let mut number = 0;
        while items
            .next_element_seed(Look {
                failed: self.failed,
                pointer: Pointer::Item(&self.pointer, number),
            })?
            .is_some()
        {
            number += 1;
        }
        Ok(())
    }

    fn visit_bool<E>(self, _: bool) -> Result<(), E> {
        Ok(())
    }

    fn visit_i64<E>(self, _: i64) -> Result<(), E> {
        Ok(())
    }

    fn visit_u64<E>(self, _: u64) -> Result<(), E> {
        Ok(())
    }

    fn visit_f64<E>(self, _: f64) -> Result<(), E> {
        Ok(())
    }

    fn visit_str<E>(self, _: &str) -> Result<(), E> {
        Ok(())
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }
}

/// The accounts that an older answer lists as failed; null is none.
struct FailAccounts<'a, 'b>(&'a mut Look<'b>);

impl<'de> DeserializeSeed<'de> for FailAccounts<'_, '_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, json: D) -> Result<(), D::Error> {
        let read = json.deserialize_option(FailAccounts(self.0));
        let Look { failed, pointer } = self.0;
        read.inspect_err(|_| failed.unreadable = Some(format!("{pointer}/FailAccounts is no list")))
    }
}

impl<'de> Visitor<'de> for FailAccounts<'_, '_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list of accounts")
    }

    fn visit_none<E>(self) -> Result<(), E> {
        Ok(())
    }

    fn visit_some<D: Deserializer<'de>>(self, json: D) -> Result<(), D::Error> {
        json.deserialize_seq(self)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut accounts: A) -> Result<(), A::Error> {
        let Look { failed, pointer } = self.0;
        while let Some(account) = accounts.next_element::<Scalar>()? {
            failed.add(|| format!("{pointer}/FailAccounts: \"{}\"", account.text().unwrap_or("no text")));
        }
        Ok(())
    }
}
