//! Reading the members of a JSON object as the service does: names are case-sensitive, types are exact, numbers are not
//! accepted as strings.

use serde_json::{Map, Value};

use crate::service::answer::Refusal;

/// One JSON object of a request, with the place it was found (for the reason) and the code its faults are refused with.
pub(crate) struct Fields<'a> {
    members: &'a Map<String, Value>,
    place: String,
    code: i64,
}

impl<'a> Fields<'a> {
    /// `known` are the member names of this object. One that differs in case only is refused; names that
    /// are nothing like a known one are ignored, as JSON services do.
    pub(crate) fn of(members: &'a Map<String, Value>, place: &str, code: i64, known: &[&str]) -> Result<Self, Refusal> {
        let fields = Self {
            members,
            place: place.to_owned(),
            code,
        };
        for name in members.keys() {
            if let Some(right) = known.iter().find(|k| k.eq_ignore_ascii_case(name) && *k != name) {
                return Err(fields.wrong(right, "is spelled in another case"));
            }
        }
        Ok(fields)
    }

    /// The same for a value that has to be an object.
    pub(crate) fn of_value(value: &'a Value, place: &str, code: i64, known: &[&str]) -> Result<Self, Refusal> {
        match value {
            Value::Object(members) => Self::of(members, place, code, known),
            _ => Err(Refusal::new(code, format!("{place} has to be an object"))),
        }
    }

    pub(crate) fn wrong(&self, name: &str, what: &str) -> Refusal {
        Refusal::new(self.code, format!("{} {what}", self.place_of(name)))
    }

    /// A string that has to be there and may not be empty.
    pub(crate) fn text(&self, name: &str) -> Result<&'a str, Refusal> {
        match self.optional_text(name)? {
            Some("") => Err(self.wrong(name, "is empty")),
            Some(text) => Ok(text),
            None => Err(self.wrong(name, "is missing")),
        }
    }

    pub(crate) fn optional_text(&self, name: &str) -> Result<Option<&'a str>, Refusal> {
        match self.members.get(name) {
            None => Ok(None),
            Some(Value::String(text)) => Ok(Some(text)),
            Some(_) => Err(self.wrong(name, "has to be a string")),
        }
    }

    pub(crate) fn integer(&self, name: &str) -> Result<i64, Refusal> {
        self.optional_integer(name)?
            .ok_or_else(|| self.wrong(name, "is missing"))
    }

    pub(crate) fn optional_integer(&self, name: &str) -> Result<Option<i64>, Refusal> {
        match self.members.get(name) {
            None => Ok(None),
            Some(value) => match value.as_i64() {
                None => Err(self.wrong(name, "has to be an integer")),
                number => Ok(number),
            },
        }
    }

    /// An integer of 0 or more that has to be there.
    pub(crate) fn position(&self, name: &str) -> Result<usize, Refusal> {
        usize::try_from(self.integer(name)?).map_err(|_| self.wrong(name, "has to be 0 or more"))
    }

    /// An array that has to be there and may not be empty.
    pub(crate) fn filled_array(&self, name: &str) -> Result<&'a [Value], Refusal> {
        match self.array(name)? {
            [] => Err(self.wrong(name, "is empty")),
            items => Ok(items),
        }
    }

    /// A value of any type that has to be there; it is read on by who knows its shape.
    pub(crate) fn value(&self, name: &str) -> Result<&'a Value, Refusal> {
        self.members.get(name).ok_or_else(|| self.wrong(name, "is missing"))
    }

    /// Where a member of this object stands, for reasons given about what is in it.
    pub(crate) fn place_of(&self, name: &str) -> String {
        let dot = if self.place.is_empty() { "" } else { "." };
        format!("{}{dot}{name}", self.place)
    }

    pub(crate) fn array(&self, name: &str) -> Result<&'a [Value], Refusal> {
        self.optional_array(name)?.ok_or_else(|| self.wrong(name, "is missing"))
    }

    pub(crate) fn optional_array(&self, name: &str) -> Result<Option<&'a [Value]>, Refusal> {
        match self.members.get(name) {
            None => Ok(None),
            Some(Value::Array(items)) => Ok(Some(items)),
            Some(_) => Err(self.wrong(name, "has to be an array")),
        }
    }
}

/// The members that name an account. Whatever the call, a value that is no string is refused with 60015 (1047/34620).
const ACCOUNT_MEMBERS: [&str; 3] = ["From_Account", "To_Account", "UserID"];

/// Refuses a body in which an account is given as anything but a string.
pub(crate) fn accounts_are_text(members: &Map<String, Value>) -> Result<(), Refusal> {
    for (name, value) in members {
        if ACCOUNT_MEMBERS.contains(&name.as_str()) && !value.is_string() {
            return Err(not_text(name));
        }
        if name == "Accounts" && value.as_array().is_some_and(|list| list.iter().any(|v| !v.is_string())) {
            return Err(not_text("Accounts"));
        }
        below_are_text(value)?;
    }
    Ok(())
}

fn below_are_text(value: &Value) -> Result<(), Refusal> {
    match value {
        Value::Object(members) => accounts_are_text(members),
        Value::Array(items) => items.iter().try_for_each(below_are_text),
        _ => Ok(()),
    }
}

fn not_text(name: &str) -> Refusal {
    Refusal::new(60015, format!("{name} has to be a string"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn object(value: &Value) -> &Map<String, Value> {
        value.as_object().unwrap()
    }

    #[test]
    fn a_name_in_another_case_is_refused_and_an_unknown_name_is_not() {
        let body = json!({"type": 1});
        let refused = Fields::of(object(&body), "", 50002, &["Type"]).err().unwrap();
        assert_eq!(refused.code, 50002);
        let body = json!({"Type": 1, "Extra": true});
        assert!(Fields::of(object(&body), "", 50002, &["Type"]).is_ok());
    }

    #[test]
    fn a_number_in_quotes_and_a_fraction_are_no_integers() {
        let body = json!({"A": "1", "B": 1.5, "C": 7});
        let fields = Fields::of(object(&body), "", 50002, &[]).unwrap();
        assert!(fields.integer("A").is_err());
        assert!(fields.integer("B").is_err());
        assert_eq!(fields.integer("C").unwrap(), 7);
    }

    #[test]
    fn an_account_that_is_no_string_is_refused_wherever_it_stands() {
        for body in [
            json!({"From_Account": 1}),
            json!({"X": [{"Y": {"To_Account": null}}]}),
            json!({"CheckItem": [{"UserID": "a"}, {"UserID": 7}]}),
            json!({"Accounts": ["a", 2]}),
        ] {
            assert_eq!(accounts_are_text(object(&body)).unwrap_err().code, 60015, "{body}");
        }
        assert!(accounts_are_text(object(&json!({"From_Account": "a", "N": 1}))).is_ok());
    }
}
