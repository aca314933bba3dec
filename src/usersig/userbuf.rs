//! The userbuf of a UserSig for a room of TRTC, which the vendor calls a PrivateMapKey: who may do what in which room until when. Its lengths
//! count bytes, whatever the script of an id. Format: the vendor's reference code.

use serde_json::{json, Value};

use crate::error::Error;

/// What a UserSig is to allow in one room. The room is a number or has a name, never both.
#[derive(Clone, Copy, Debug)]
pub struct PrivateMap<'a> {
    room_id: u32,
    string_room_id: Option<&'a str>,
    privilege_map: u32,
}

/// Bits of a privilege map; 255 is all of them.
const PRIVILEGES: u32 = 255;

impl<'a> PrivateMap<'a> {
    pub fn new(room_id: u32, string_room_id: Option<&'a str>, privilege_map: u32) -> Result<Self, Error> {
        const LONGEST: usize = 64;
        match (room_id, string_room_id) {
            (0, None) => Err("room_id: 0, and no string_room_id; which room is meant?".into()),
            (1.., Some(_)) => Err("room_id and string_room_id are both given; a room has one of them".into()),
            (_, Some("")) => Err("string_room_id is empty; a room with a number has none".into()),
            (_, Some(name)) if name.len() > LONGEST => Err(format!(
                "string_room_id has {} bytes of UTF-8; the limit is {LONGEST}",
                name.len()
            )),
            _ if privilege_map > PRIVILEGES => Err(format!(
                "privilege_map: {privilege_map}; its bits lie between 0 and {PRIVILEGES}"
            )),
            _ => Ok(PrivateMap {
                room_id,
                string_room_id,
                privilege_map,
            }),
        }
        .map_err(Error::argument)
    }

    /// `expires` in Unix seconds. The texts were checked: each fits its length of 16 bits.
    pub(super) fn bytes(&self, sdk_app_id: u32, identifier: &str, expires: u64) -> Vec<u8> {
        let mut bytes = vec![u8::from(self.string_room_id.is_some())];
        put_text(&mut bytes, identifier);
        let expires = u32::try_from(expires).unwrap_or(u32::MAX);
        for number in [sdk_app_id, self.room_id, expires, self.privilege_map, ACCOUNT_TYPE] {
            bytes.extend_from_slice(&number.to_be_bytes());
        }
        if let Some(name) = self.string_room_id {
            put_text(&mut bytes, name);
        }
        bytes
    }
}

const ACCOUNT_TYPE: u32 = 0;

fn put_text(bytes: &mut Vec<u8>, text: &str) {
    let length = u16::try_from(text.len()).unwrap_or(u16::MAX);
    bytes.extend_from_slice(&length.to_be_bytes());
    bytes.extend_from_slice(text.as_bytes());
}

/// What a userbuf says; `null` where it is no PrivateMapKey: the bytes are its maker's.
pub(super) fn read(bytes: &[u8]) -> Value {
    let mut rest = bytes;
    read_map(&mut rest).filter(|_| rest.is_empty()).unwrap_or(Value::Null)
}

fn read_map(rest: &mut &[u8]) -> Option<Value> {
    let version = take(rest, 1)?[0];
    let identifier = take_text(rest)?;
    let mut numbers = [0_u32; 5];
    for number in &mut numbers {
        *number = u32::from_be_bytes(take(rest, 4)?.try_into().ok()?);
    }
    let [sdk_app_id, room_id, expires, privilege_map, _] = numbers;
    let (room_id, string_room_id) = match version {
        0 => (Value::from(room_id), Value::Null),
        1 => (Value::Null, Value::from(take_text(rest)?)),
        _ => return None,
    };
    Some(
        json!({"identifier": identifier, "sdk_app_id": sdk_app_id, "room_id": room_id, "string_room_id": string_room_id,
        "expires": expires, "privilege_map": privilege_map}),
    )
}

fn take<'a>(rest: &mut &'a [u8], length: usize) -> Option<&'a [u8]> {
    let (taken, left) = rest.split_at_checked(length)?;
    *rest = left;
    Some(taken)
}

fn take_text<'a>(rest: &mut &'a [u8]) -> Option<&'a str> {
    let length = u16::from_be_bytes(take(rest, 2)?.try_into().ok()?);
    std::str::from_utf8(take(rest, length.into())?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hex(bytes: &[u8]) -> String {
        bytes.iter().map(|byte| format!("{byte:02x}")).collect()
    }

    #[test]
    fn both_forms_are_the_vendors_byte_for_byte() {
        let expires = 1_700_000_000 + 15_552_000;
        let made = |map: PrivateMap| hex(&map.bytes(1_400_000_000, "xiaojun", expires));
        assert_eq!(
            made(PrivateMap::new(10_000, None, 255).unwrap()),
            "0000077869616f6a756e53724e000000271066413f00000000ff00000000"
        );
        assert_eq!(
            made(PrivateMap::new(0, Some("adbjkl"), 255).unwrap()),
            "0100077869616f6a756e53724e000000000066413f00000000ff0000000000066164626a6b6c"
        );
    }

    #[test]
    fn lengths_count_bytes_and_not_characters() {
        let map = PrivateMap::new(0, Some("会議室"), 3).unwrap();
        let bytes = map.bytes(1, "ユーザー", 7);
        assert_eq!(bytes[1..3], [0, 12]);
        assert_eq!(bytes[3..15], *"ユーザー".as_bytes());
        assert_eq!(bytes[35..37], [0, 9]);
        assert_eq!(
            read(&bytes),
            json!({"identifier": "ユーザー", "sdk_app_id": 1, "room_id": null, "string_room_id": "会議室", "expires": 7, "privilege_map": 3})
        );
    }

    #[test]
    fn bytes_of_another_kind_are_told_as_such() {
        let bytes = PrivateMap::new(1, None, 255).unwrap().bytes(1, "u", 7);
        for other in [
            &b""[..],
            b"\x02",
            &bytes[..bytes.len() - 1],
            &[&bytes[..], b"x"].concat(),
        ] {
            assert_eq!(read(other), Value::Null, "{other:?}");
        }
    }

    #[test]
    fn a_room_that_cannot_be_is_refused_with_the_rule() {
        let long = "x".repeat(65);
        for (room_id, name, privileges, says) in [
            (0, None, 255, "which room"),
            (1, Some("a"), 255, "both given"),
            (0, Some(""), 255, "string_room_id is empty"),
            (0, Some(&*long), 255, "65 bytes"),
            (1, None, 256, "privilege_map: 256"),
        ] {
            let error = PrivateMap::new(room_id, name, privileges).unwrap_err();
            assert!(error.message.contains(says), "{error}");
        }
    }
}
