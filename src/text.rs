//! Makes text from outside fit for a reader: an answer's JSON as every parser takes it, an integer in any form JSON has for it, and words for a
//! message. One bad text spoils that text alone, and nothing shown moves a terminal's cursor or begins another line of a log.

use std::borrow::Cow;
use std::fmt;

use serde::de::{IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde::Deserializer as _;
use serde_json::value::RawValue;

/// The same JSON with each text in UTF-8, U+FFFD where half a character or half a surrogate pair stood, no byte-order mark, no raw control
/// character inside a text, every whole number as plain digits, and a number beyond a double's as a text. `None` without memory for a copy.
/// What is no JSON stays none.
pub(crate) fn canonical(json: &[u8]) -> Option<Cow<'_, [u8]>> {
    if is_canonical(json) {
        return Some(Cow::Borrowed(json));
    }
    let (clean, has_halves) = rewritten(json, false)?;
    if has_halves && !is_json(&clean) {
        return rewritten(json, true).map(|(clean, _)| clean);
    }
    Some(clean)
}

pub(crate) fn is_json(text: &[u8]) -> bool {
    serde_json::from_slice::<IgnoredAny>(text).is_ok()
}

/// Whether nothing in it can need a change, as of nearly every answer: told without telling texts from numbers. No branch in the loops, so that
/// they take many bytes at a time.
fn is_canonical(json: &[u8]) -> bool {
    let odd = json
        .iter()
        .fold(false, |odd, byte| odd | (*byte < 0x20) | (*byte == b'\\'));
    // A number that may be spelled in another way: `7.0`, `7e0`, `-0`.
    let behind = json.get(1..).unwrap_or_default();
    let spelled = json.iter().zip(behind).fold(false, |spelled, (byte, next)| {
        let digit = byte.wrapping_sub(b'0') < 10;
        spelled | (digit & ((*next == b'.') | (*next | 0x20 == b'e'))) | ((*byte == b'-') & (*next == b'0'))
    });
    !odd && !spelled && std::str::from_utf8(json).is_ok() && !json.starts_with(b"\xef\xbb\xbf")
}

/// The second byte of a character of GBK, Big5 or Shift-JIS may be a backslash; `halves`: it is taken for that. Also tells whether one
/// could be.
fn rewritten(json: &[u8], halves: bool) -> Option<(Cow<'_, [u8]>, bool)> {
    let mut copy = Copy {
        from: json,
        done: 0,
        clean: Vec::new(),
        halves,
        has_halves: false,
    };
    let mut at = 0;
    if json.starts_with(b"\xef\xbb\xbf") {
        at = 3;
        copy.replace(0..3, b"")?;
    }
    while let Some(byte) = json.get(at) {
        at = match byte {
            b'"' => string(&mut copy, at + 1)?,
            b'-' | b'0'..=b'9' => number(&mut copy, at)?,
            _ => at + 1,
        };
    }
    let has_halves = copy.has_halves;
    Some((copy.finish(), has_halves))
}

/// Copies only from the first difference on.
struct Copy<'a> {
    from: &'a [u8],
    /// So much of `from` is in `clean`.
    done: usize,
    clean: Vec<u8>,
    halves: bool,
    has_halves: bool,
}

impl<'a> Copy<'a> {
    fn replace(&mut self, range: std::ops::Range<usize>, by: &[u8]) -> Option<()> {
        let kept = &self.from[self.done..range.start];
        // A refused allocation would end the process, and a peer chooses how much is bad.
        self.clean.try_reserve(kept.len() + by.len()).ok()?;
        self.clean.extend_from_slice(kept);
        self.clean.extend_from_slice(by);
        self.done = range.end;
        Some(())
    }

    fn finish(mut self) -> Cow<'a, [u8]> {
        if self.done == 0 {
            return Cow::Borrowed(self.from);
        }
        self.clean.extend_from_slice(&self.from[self.done..]);
        Cow::Owned(self.clean)
    }
}

const REPLACEMENT: &[u8] = "\u{fffd}".as_bytes();

/// A text from behind its opening quote; where it ends.
fn string(copy: &mut Copy<'_>, mut at: usize) -> Option<usize> {
    let json = copy.from;
    loop {
        let plain = json[at..]
            .iter()
            .position(|byte| matches!(byte, b'"' | b'\\' | 0..=0x1f));
        let end = plain.map_or(json.len(), |length| at + length);
        utf8(copy, at..end)?;
        at = match json.get(end) {
            None => return Some(end),
            Some(b'"') => return Some(end + 1),
            Some(b'\\') if end > at && copy.done == end && json[end - 1] > 0x80 => {
                copy.has_halves = true;
                match copy.halves {
                    true => copy.replace(end..end + 1, b"").map(|()| end + 1)?,
                    false => escape(copy, end)?,
                }
            }
            Some(b'\\') => escape(copy, end)?,
            Some(control) => {
                copy.replace(end..end + 1, format!("\\u{control:04x}").as_bytes())?;
                end + 1
            }
        };
    }
}

fn utf8(copy: &mut Copy<'_>, range: std::ops::Range<usize>) -> Option<()> {
    let json = copy.from;
    if std::str::from_utf8(&json[range.clone()]).is_ok() {
        return Some(());
    }
    let mut at = range.start;
    for chunk in json[range].utf8_chunks() {
        at += chunk.valid().len();
        let bad = chunk.invalid().len();
        if bad > 0 {
            copy.replace(at..at + bad, REPLACEMENT)?;
            at += bad;
        }
    }
    Some(())
}

/// An escape from its backslash; where it ends.
fn escape(copy: &mut Copy<'_>, at: usize) -> Option<usize> {
    let json = copy.from;
    match json.get(at + 1) {
        Some(b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't') => Some(at + 2),
        Some(b'u') => {
            let end = at + 6;
            let fine = match hex4(json, at + 2) {
                Some(0xd800..=0xdbff) => {
                    let pair = json[end..].starts_with(b"\\u") && matches!(hex4(json, end + 2), Some(0xdc00..=0xdfff));
                    if pair {
                        return Some(end + 6);
                    }
                    false
                }
                Some(0xdc00..=0xdfff) => false,
                Some(_) => true,
                None => {
                    let digits = json[at + 2..]
                        .iter()
                        .take(3)
                        .take_while(|byte| byte.is_ascii_hexdigit())
                        .count();
                    copy.replace(at..at + 2 + digits, REPLACEMENT)?;
                    return Some(at + 2 + digits);
                }
            };
            if !fine {
                copy.replace(at..end, REPLACEMENT)?;
            }
            Some(end)
        }
        // No escape of JSON's.
        _ => {
            copy.replace(at..at + 1, REPLACEMENT)?;
            Some(at + 1)
        }
    }
}

fn hex4(json: &[u8], at: usize) -> Option<u32> {
    let digits = json.get(at..at + 4)?;
    let digits = std::str::from_utf8(digits)
        .ok()
        .filter(|text| text.bytes().all(|byte| byte.is_ascii_hexdigit()))?;
    u32::from_str_radix(digits, 16).ok()
}

fn number(copy: &mut Copy<'_>, at: usize) -> Option<usize> {
    let json = copy.from;
    let length = json[at..]
        .iter()
        .position(|byte| !matches!(byte, b'0'..=b'9' | b'+' | b'-' | b'.' | b'e' | b'E'));
    let end = length.map_or(json.len(), |length| at + length);
    let text = &json[at..end];
    // A parser may take `-0` for a double.
    if text == b"-0" || text.iter().any(|byte| matches!(byte, b'.' | b'e' | b'E')) {
        let text = std::str::from_utf8(text).unwrap_or_default();
        match whole_number(text) {
            Some(whole) => copy.replace(at..end, whole.as_bytes())?,
            // Beyond what any reader takes, which is no reason to lose what stands beside it: as a text it is still what it is.
            None if is_json(text.as_bytes()) && text.parse().is_ok_and(f64::is_infinite) => {
                copy.replace(at..end, format!("\"{text}\"").as_bytes())?;
            }
            None => {}
        }
    }
    Some(end)
}

/// The integer that JSON's text for a number means, however it is written: `7`, `7.0`, `7e0`, `70.0E-1`.
pub(crate) fn integer(text: &str) -> Option<i64> {
    text.parse().ok().or_else(|| whole_number(text)?.parse().ok())
}

/// The same without a sign, up to 64 bits.
pub(crate) fn unsigned(text: &str) -> Option<u64> {
    text.parse().ok().or_else(|| whole_number(text)?.parse().ok())
}

/// The steps of a JSON Pointer (RFC 6901); `None` when it is none.
pub(crate) fn tokens(pointer: &str) -> Option<impl Iterator<Item = String> + '_> {
    let is_pointer = pointer.is_empty() || pointer.starts_with('/');
    let steps = pointer.split('/').skip(1);
    is_pointer.then(|| steps.map(|step| step.replace("~1", "/").replace("~0", "~")))
}

/// The place in a list that a step names.
pub(crate) fn place(step: &str) -> Option<usize> {
    let is_plain = step == "0" || !step.starts_with(['0', '+']);
    is_plain.then(|| step.parse().ok())?
}

/// The text of a member as it stands in a JSON text.
pub(crate) fn member_text<'a>(json: &'a str, pointer: &str) -> Option<&'a str> {
    let whole: &RawValue = serde_json::from_str(json).ok()?;
    let member = tokens(pointer)?.try_fold(whole, |value, step| {
        let mut json = serde_json::Deserializer::from_str(value.get());
        json.deserialize_any(Step(&step)).ok()?
    });
    member.map(RawValue::get)
}

/// Finds what one step leads to; of members with one name the last, as every parser does.
struct Step<'a>(&'a str);

impl<'de> Visitor<'de> for Step<'_> {
    type Value = Option<&'de RawValue>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object or a list")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Self::Value, A::Error> {
        let mut found = None;
        while let Some(name) = members.next_key::<String>()? {
            let value = members.next_value()?;
            if name == self.0 {
                found = Some(value);
            }
        }
        Ok(found)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Self::Value, A::Error> {
        let (mut found, mut at, wanted) = (None, 0, place(self.0));
        while let Some(item) = items.next_element()? {
            if Some(at) == wanted {
                found = Some(item);
            }
            at += 1;
        }
        Ok(found)
    }
}

/// The marks that are set in the service's text for them, a bit each: the last character is mark 0, as the vendor's own SDK reads it.
/// `None` when it is no such text.
pub(crate) fn marks(text: &str) -> Option<u64> {
    let marks = text.trim_start_matches('0');
    match marks {
        "" => Some(0),
        _ if marks.bytes().all(|byte| matches!(byte, b'0' | b'1')) => u64::from_str_radix(marks, 2).ok(),
        _ => None,
    }
}

/// The digits of a number of JSON's that is whole and has at most twenty.
fn whole_number(text: &str) -> Option<String> {
    let (sign, rest) = text.strip_prefix('-').map_or(("", text), |rest| ("-", rest));
    let (mantissa, exponent) = rest.split_once(['e', 'E']).unwrap_or((rest, "0"));
    let (whole, fraction) = match mantissa.split_once('.') {
        Some((_, "")) => return None,
        Some(parts) => parts,
        None => (mantissa, ""),
    };
    let is_digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if whole.is_empty() || !is_digits(whole) || !is_digits(fraction) {
        return None;
    }
    let all = format!("{whole}{fraction}");
    let digits = all.trim_start_matches('0');
    if digits.is_empty() {
        return Some("0".into());
    }
    let behind_the_point = i64::try_from(fraction.len()).ok()? - exponent.parse::<i64>().ok()?;
    let digits = match usize::try_from(behind_the_point) {
        Ok(cut) if cut >= digits.len() => return None,
        Ok(cut) => {
            let (digits, zeros) = digits.split_at(digits.len() - cut);
            zeros.bytes().all(|byte| byte == b'0').then(|| digits.to_owned())?
        }
        Err(_) => {
            let more = usize::try_from(behind_the_point.unsigned_abs())
                .ok()
                .filter(|more| *more <= 20)?;
            format!("{digits}{}", "0".repeat(more))
        }
    };
    (digits.len() <= 20).then(|| format!("{sign}{digits}"))
}

/// Text from anywhere, made safe for a message: characters that act on a terminal, on a log or on the order of the text are escaped.
pub(crate) fn shown(text: String) -> String {
    let acts = |c: char| {
        c.is_control()
            || matches!(c, '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
            || matches!(c, '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
    };
    if !text.contains(acts) {
        return text;
    }
    let mut clean = String::with_capacity(text.len() + 16);
    for c in text.chars() {
        match c {
            '\n' => clean.push_str("\\n"),
            '\r' => clean.push_str("\\r"),
            '\t' => clean.push_str("\\t"),
            c if acts(c) => clean.push_str(&format!("\\u{:04x}", u32::from(c))),
            c => clean.push(c),
        }
    }
    clean
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn clean(json: &[u8]) -> String {
        String::from_utf8(canonical(json).unwrap().into_owned()).unwrap()
    }

    #[test]
    fn a_bad_text_is_bad_alone() {
        for (text, expected) in [
            (&b"party \\ud83c"[..], "party \u{fffd}"),
            (b"\\ud83c\\ud83c\\udf89", "\u{fffd}🎉"),
            (b"\\udf89x", "\u{fffd}x"),
            (b"\\ud83cx", "\u{fffd}x"),
            (b"party \xf0\x9f\x8e", "party \u{fffd}"),
            (b"\xc8\xba\xd7\xe9", "\u{23a}\u{fffd}\u{fffd}"),
            (b"\xff\\u00e9\xfe", "\u{fffd}é\u{fffd}"),
            (b"a\nb\x1b", "a\nb\u{1b}"),
            (b"\\u12", "\u{fffd}"),
            (b"\\q", "\u{fffd}q"),
            (b"\xed\xa0\xbc", "\u{fffd}\u{fffd}\u{fffd}"),
        ] {
            let json = [b"{\"A\":\"", text, b"\",\"B\":[1,\"ok\"]}"].concat();
            let value: serde_json::Value =
                serde_json::from_str(&clean(&json)).unwrap_or_else(|_| panic!("{}", clean(&json)));
            assert_eq!(value["A"], expected);
            assert_eq!(value["B"][1], "ok");
        }
    }

    #[test]
    fn a_character_whose_second_byte_is_a_backslash_ends_no_text() {
        for (json, expected) in [
            (&b"{\"A\":\"\x81\x5c\",\"B\":1}"[..], "\u{fffd}"),
            (b"{\"A\":\"\xc4\xe3\x95\x5c\",\"B\":1}", "\u{fffd}\u{fffd}"),
            (b"{\"A\":\"\x95\\n\",\"B\":1}", "\u{fffd}\n"),
            ("{\"A\":\"会\\n\",\"B\":1}".as_bytes(), "会\n"),
        ] {
            let value: serde_json::Value =
                serde_json::from_str(&clean(json)).unwrap_or_else(|_| panic!("{}", clean(json)));
            assert_eq!((&value["A"], &value["B"]), (&expected.into(), &1.into()));
        }
    }

    #[test]
    fn a_number_beyond_all_numbers_costs_no_member_beside_it() {
        for number in ["1e999", "-1e999", "123456789012345678901234567890", "1.5"] {
            let json = format!("{{\"A\":{number},\"B\":1.0}}");
            let value: serde_json::Value = serde_json::from_str(&clean(json.as_bytes())).unwrap();
            assert_eq!((value["A"].as_i64(), value["B"].as_i64()), (None, Some(1)), "{number}");
        }
    }

    #[test]
    fn good_json_is_not_even_copied() {
        let json = "{\"a\":[-1,2.5,1e-3,\"\\ud83c\\udf89\\\"\\u00e9 1.0 漢字\"],\"b\":null}".as_bytes();
        assert!(matches!(canonical(json), Some(Cow::Borrowed(same)) if same == json));
    }

    #[test]
    fn a_mark_before_the_answer_is_skipped() {
        assert_eq!(clean(b"\xef\xbb\xbf{\"a\":1}"), "{\"a\":1}");
    }

    #[test]
    fn an_integer_is_read_in_every_form_json_has_for_it() {
        for (text, expected) in [
            ("7", Some(7)),
            ("7.0", Some(7)),
            ("-7.000", Some(-7)),
            ("1.4e+09", Some(1_400_000_000)),
            ("1.4E9", Some(1_400_000_000)),
            ("70e-1", Some(7)),
            ("0e5", Some(0)),
            ("-0.0", Some(0)),
            ("0.7e1", Some(7)),
            ("9007199254740993.0", Some(9_007_199_254_740_993)),
            ("9223372036854775807.0", Some(i64::MAX)),
            ("-9.223372036854775808e18", Some(i64::MIN)),
            ("9223372036854775808", None),
            ("7.5", None),
            ("7e-1", None),
            ("1e999", None),
            ("1e99999999999999999999", None),
            ("7.", None),
            (".7e1", None),
            ("0x7", None),
            ("", None),
            ("-", None),
            ("1 ", None),
        ] {
            assert_eq!(integer(text), expected, "{text}");
        }
        assert_eq!(
            clean(b"{\"a\":[1.0,-2.5,1.4e+09,-0],\"b\":\"1.0\"}"),
            "{\"a\":[1,-2.5,1400000000,0],\"b\":\"1.0\"}"
        );
    }

    #[test]
    fn marks_are_read_from_the_right() {
        for (text, expected) in [
            ("", Some(0)),
            ("0", Some(0)),
            ("1", Some(1)),
            ("111001", Some(0b111001)),
            ("011111110", Some(0b1111_1110)),
            (&"1".repeat(64), Some(u64::MAX)),
            (&("0".repeat(9) + &"1".repeat(64)), Some(u64::MAX)),
            (&"1".repeat(65), None),
            ("12", None),
            ("+1", None),
            ("1 ", None),
            ("１", None),
        ] {
            assert_eq!(marks(text), expected, "{text}");
        }
    }

    #[test]
    fn words_that_act_on_a_terminal_are_shown_as_what_they_are() {
        assert_eq!(
            shown("a\x1b[2Jb\r\nc\u{9b}\u{202e}d\0".into()),
            "a\\u001b[2Jb\\r\\nc\\u009b\\u202ed\\u0000"
        );
        assert_eq!(shown("グループ é \\".into()), "グループ é \\");
    }

    proptest! {
        #[test]
        fn whatever_stands_in_a_text_the_members_beside_it_are_read(bytes in proptest::collection::vec(any::<u8>(), 0..40)) {
            // A quote of its own, or a backslash before ours, ends the text elsewhere: that is other JSON, not a bad text.
            let text: Vec<u8> = bytes.into_iter().filter(|byte| !matches!(byte, b'"' | b'\\')).collect();
            let json = [b"{\"ErrorInfo\":\"", &text[..], b"\",\"ErrorCode\":51009}"].concat();
            let value: serde_json::Value = serde_json::from_slice(&canonical(&json).unwrap()).unwrap();
            prop_assert_eq!(&value["ErrorCode"], 51009);
            let lossy = String::from_utf8_lossy(&text);
            prop_assert_eq!(value["ErrorInfo"].as_str().unwrap(), &*lossy);
        }

        #[test]
        fn an_integer_survives_every_way_to_write_it(value in any::<i64>(), zeros in 0usize..5) {
            let text = format!("{value}.{}", "0".repeat(zeros + 1));
            prop_assert_eq!(integer(&text), Some(value));
            let shifted = format!("{value}{}e-{zeros}", "0".repeat(zeros));
            prop_assert_eq!(integer(&shifted), Some(value));
        }
    }
}
