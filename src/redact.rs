//! Takes secrets out of what a server sent back: signatures, as gateways show them with a URL that they did not understand, and a proxy's login. No
//! piece of 24 characters of one stays, in whatever form a text can carry it: escaped for JSON, percent-encoded once or more often, as HTML entities,
//! in another base64 alphabet, over several lines, without head or tail. All other bytes stay as they came. Costs one look at an ordinary answer;
//! linear in a hostile one.

use std::fmt;

use zeroize::{Zeroize, Zeroizing};

/// The shortest piece that is taken out, in characters. A shorter one says little that every signature does not.
const SHORTEST: usize = 24;
/// What stands in a signature's place.
pub(crate) const SIGNATURE: &str = "(redacted UserSig)";
/// What stands in a login's place.
const LOGIN: &str = "(redacted)";
/// A shorter part of a login is in many a text by chance.
const SHORTEST_OF_A_LOGIN: usize = 8;

/// The parts of a login that must not be shown when somebody sends them back. Prints as none.
#[derive(Default)]
pub(crate) struct LoginParts(Vec<Zeroizing<String>>);

impl LoginParts {
    pub fn of<'a>(parts: impl IntoIterator<Item = &'a str>) -> LoginParts {
        let long = parts.into_iter().filter(|part| part.len() >= SHORTEST_OF_A_LOGIN);
        LoginParts(long.map(|part| Zeroizing::new(part.to_owned())).collect())
    }

    pub fn redact(&self, bytes: &mut Vec<u8>) {
        if !self.0.is_empty() && !bytes.is_empty() {
            redact(bytes, self.0.iter().map(|part| part.as_str()), LOGIN);
        }
    }
}

impl fmt::Debug for LoginParts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("LoginParts(redacted)")
    }
}

/// How much is decoded at a time, which bounds the memory; and how far two blocks overlap, which is the longest a piece may be encoded.
const BLOCK: usize = 64 * 1_024;
const OVERLAP: usize = 4 * 1_024;
/// How often a text may be encoded over and over.
const LAYERS: usize = 5;

/// Whether a piece of a signature could stand in these bytes, in any form. One cheap look, for the answers in which none can: of so many bytes in
/// a row one stands at every place that is a multiple of [`SHORTEST`], so most others need not be read.
pub(crate) fn is_suspect(bytes: &[u8]) -> bool {
    let mut at = SHORTEST - 1;
    while let Some(byte) = bytes.get(at) {
        if may_be_part(*byte) {
            let before = bytes[..at].iter().rposition(|byte| !may_be_part(*byte));
            let length = bytes[at..].iter().position(|byte| !may_be_part(*byte));
            let end = length.map_or(bytes.len(), |length| at + length);
            if holds_enough(&bytes[before.map_or(0, |before| before + 1)..end]) {
                return true;
            }
            at = end;
        }
        at += SHORTEST;
    }
    false
}

/// Of a signature in one of its alphabets, of an escape, or of what divides a text into lines.
fn may_be_part(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte <= b' ' || b"*+/=_-%&#;\\".contains(&byte)
}

/// Whether a piece could stand in bytes that may all be part of one.
fn holds_enough(bytes: &[u8]) -> bool {
    let mut run = 0;
    let mut at = 0;
    while run < SHORTEST {
        let Some(byte) = bytes.get(at) else { return false };
        at += 1;
        match byte {
            // Another character than a signature's.
            b'\\' if bytes[at..].starts_with(b"u") && !bytes[at..].starts_with(b"u00") => run = 0,
            0..=b' ' => {}
            _ => run += 1,
        }
    }
    true
}

/// Cuts every piece of these secrets out of `bytes`.
pub(crate) fn redact<'a>(bytes: &mut Vec<u8>, secrets: impl Iterator<Item = &'a str>, instead: &str) {
    let signatures: Vec<Vec<u8>> = secrets.map(|text| text.bytes().map(symbol).collect()).collect();
    let mut pieces: Vec<&[u8]> = signatures
        .iter()
        .flat_map(|text| text.windows(SHORTEST.min(text.len())))
        .collect();
    pieces.sort_unstable();
    pieces.dedup();
    let shortest = pieces.iter().map(|piece| piece.len()).min().unwrap_or(SHORTEST);
    let mut found: Vec<(usize, usize)> = Vec::new();
    let mut from = 0;
    loop {
        let to = bytes.len().min(from + BLOCK);
        search(&bytes[from..to], &pieces, shortest, |start, end| {
            match found.last_mut() {
                Some(last) if from + start <= last.1 => last.1 = last.1.max(from + end),
                _ => found.push((from + start, from + end)),
            }
        });
        if to == bytes.len() {
            break;
        }
        from = to - OVERLAP;
    }
    drop(pieces);
    signatures.into_iter().for_each(|mut text| text.zeroize());
    cut(bytes, &found, instead.as_bytes());
}

/// The letters and digits count as they are; the marks as one, since each alphabet has others and puts others in their place.
fn symbol(byte: u8) -> u8 {
    match byte {
        b'*' | b'+' | b'/' | b'=' | b'_' | b'-' => b'*',
        other => other,
    }
}

/// A character and the bytes it stands for.
#[derive(Clone, Copy)]
struct Unit {
    byte: u8,
    start: u32,
    end: u32,
}

fn search(block: &[u8], pieces: &[&[u8]], shortest: usize, mut found: impl FnMut(usize, usize)) {
    let unit = |(at, byte): (usize, &u8)| Unit {
        byte: *byte,
        start: at as u32,
        end: at as u32 + 1,
    };
    let mut units: Vec<Unit> = block.iter().enumerate().map(unit).collect();
    for _ in 0..LAYERS {
        let before = units.len();
        // A line break, or whatever else stands between the lines of a text, is no part of it, nor of an escape that it divides.
        units.retain(|unit| unit.byte > b' ');
        units = decoded(&units);
        if units.len() == before {
            break;
        }
    }
    units.retain(|unit| unit.byte > b' ');
    let mut text: Vec<u8> = units.iter().map(|unit| symbol(unit.byte)).collect();
    for at in 0..text.len() {
        let longest = text.len().min(at + SHORTEST);
        for end in (at + shortest)..=longest {
            if pieces.binary_search(&&text[at..end]).is_ok() {
                found(units[at].start as usize, units[end - 1].end as usize);
            }
        }
    }
    text.zeroize();
    units.iter_mut().for_each(|unit| unit.byte.zeroize());
}

/// One layer of escapes less.
fn decoded(units: &[Unit]) -> Vec<Unit> {
    let mut out = Vec::with_capacity(units.len());
    let mut at = 0;
    while let Some(unit) = units.get(at) {
        let (byte, length) = match unit.byte {
            b'%' => hex(units, at + 1, 2).map(|byte| (byte, 3)),
            b'\\' => backslash(units, at),
            b'&' => entity(&units[at..units.len().min(at + 32)]),
            _ => None,
        }
        .unwrap_or((unit.byte, 1));
        out.push(Unit {
            byte,
            start: unit.start,
            end: units[at + length - 1].end,
        });
        at += length;
    }
    out
}

/// An ASCII character written with this many hexadecimal digits; 255 for any other character.
fn hex(units: &[Unit], at: usize, digits: usize) -> Option<u8> {
    let mut value = 0;
    for unit in units.get(at..at + digits)? {
        value = value * 16 + char::from(unit.byte).to_digit(16)?;
    }
    Some(u8::try_from(value).unwrap_or(u8::MAX))
}

fn backslash(units: &[Unit], at: usize) -> Option<(u8, usize)> {
    match units.get(at + 1)?.byte {
        b'u' => hex(units, at + 2, 4).map(|byte| (byte, 6)),
        b'x' => hex(units, at + 2, 2).map(|byte| (byte, 4)),
        b'n' | b'r' | b't' | b'b' | b'f' | b'\n' => Some((b' ', 2)),
        same @ (b'/' | b'\\' | b'"' | b'*' | b'_' | b'-' | b'+' | b'=') => Some((same, 2)),
        _ => None,
    }
}

/// An HTML entity of one of the characters that a signature or its encodings have.
fn entity(units: &[Unit]) -> Option<(u8, usize)> {
    let text: Vec<u8> = units.iter().map(|unit| unit.byte).collect();
    let text = std::str::from_utf8(&text)
        .ok()
        .or_else(|| std::str::from_utf8(&text[..text.iter().position(|byte| *byte > 0x7f)?]).ok())?;
    if let Some(number) = text.strip_prefix("&#") {
        let (digits, radix, lead) = match number.strip_prefix(['x', 'X']) {
            Some(digits) => (digits, 16, 3),
            None => (number, 10, 2),
        };
        let length = digits
            .bytes()
            .take_while(|byte| char::from(*byte).is_digit(radix))
            .count();
        let value = u32::from_str_radix(&digits[..length], radix).ok()?;
        let closed = usize::from(digits[length..].starts_with(';'));
        return Some((u8::try_from(value).unwrap_or(u8::MAX), lead + length + closed));
    }
    let (name, _) = text[1..].split_once(';')?;
    let byte = match name {
        "ast" | "midast" => b'*',
        "lowbar" | "UnderBar" => b'_',
        "hyphen" | "dash" => b'-',
        "plus" => b'+',
        "sol" => b'/',
        "equals" => b'=',
        "percnt" => b'%',
        "amp" | "AMP" => b'&',
        "num" => b'#',
        "semi" => b';',
        "bsol" => b'\\',
        "NewLine" | "Tab" | "nbsp" | "shy" => b' ',
        _ => return None,
    };
    Some((byte, name.len() + 2))
}

/// In place, and what is left behind the end is wiped: it is a piece of what was to be taken out.
fn cut(bytes: &mut Vec<u8>, found: &[(usize, usize)], instead: &[u8]) {
    let (mut read, mut write) = (0, 0);
    for (start, end) in found {
        bytes.copy_within(read..*start, write);
        write += start - read;
        let instead = &instead[..instead.len().min(end - start)];
        bytes[write..write + instead.len()].copy_from_slice(instead);
        write += instead.len();
        read = *end;
    }
    if read > 0 {
        bytes.copy_within(read.., write);
        write += bytes.len() - read;
        bytes[write..].zeroize();
        bytes.truncate(write);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Of the shape and length of a real one.
    fn signature(seed: u64) -> String {
        let mut random = fastrand::Rng::with_seed(seed);
        let mut text = String::from("eJyrVgrxCdYrSy1SslIy0jNQ0gHzM1NS");
        text.extend((0..160).map(|_| {
            char::from(
                random
                    .choice(*b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789*-")
                    .unwrap(),
            )
        }));
        text + "_"
    }

    fn map(text: &str, mut one: impl FnMut(char) -> String) -> String {
        text.chars().map(&mut one).collect()
    }

    type Form = fn(&str) -> String;

    /// Every form in which a text can carry another one.
    const FORMS: [(&str, Form); 15] = [
        ("as it is", str::to_owned),
        ("percent, marks alone", |text| {
            map(text, |c| {
                if c.is_ascii_alphanumeric() {
                    c.into()
                } else {
                    format!("%{:02X}", u32::from(c))
                }
            })
        }),
        ("percent, everything, lower case", |text| {
            map(text, |c| format!("%{:02x}", u32::from(c)))
        }),
        ("percent twice", |text| {
            map(text, |c| {
                if c.is_ascii_alphanumeric() {
                    c.into()
                } else {
                    format!("%25{:02X}", u32::from(c))
                }
            })
        }),
        ("JSON escapes, everything", |text| {
            map(text, |c| format!("\\u{:04x}", u32::from(c)))
        }),
        ("JSON escapes of percent", |text| {
            map(text, |c| format!("\\u0025{:02X}", u32::from(c)))
        }),
        ("JSON inside JSON", |text| {
            map(text, |c| format!("\\\\u{:04X}", u32::from(c)))
        }),
        ("JavaScript escapes", |text| {
            map(text, |c| format!("\\x{:02x}", u32::from(c)))
        }),
        ("decimal entities", |text| map(text, |c| format!("&#{};", u32::from(c)))),
        ("hexadecimal entities", |text| {
            map(text, |c| format!("&#x{:X};", u32::from(c)))
        }),
        ("named entities", |text| {
            text.replace('*', "&ast;")
                .replace('-', "&hyphen;")
                .replace('_', "&lowbar;")
        }),
        ("base64", |text| {
            text.replace('*', "+").replace('-', "/").replace('_', "=")
        }),
        ("base64 in JSON", |text| {
            text.replace('*', "+").replace('-', "\\/").replace('_', "=")
        }),
        ("base64url, no padding", |text| {
            text.trim_end_matches('_').replace('-', "_").replace('*', "-")
        }),
        ("lines", |text| {
            text.as_bytes()
                .chunks(20)
                .map(|line| String::from_utf8_lossy(line) + "\r\n")
                .collect()
        }),
    ];

    fn redacted(text: &str, sigs: &[&str]) -> String {
        let mut bytes = text.as_bytes().to_vec();
        if is_suspect(&bytes) {
            redact(&mut bytes, sigs.iter().copied(), SIGNATURE);
        }
        String::from_utf8(bytes).unwrap()
    }

    #[test]
    fn no_form_of_a_signature_stays_whole_or_in_part() {
        let sig = signature(1);
        for (name, form) in FORMS {
            for part in [0..sig.len(), 0..60, 100..sig.len(), 70..94] {
                let form = form(&sig[part.clone()]);
                let echo = format!("{{\"ErrorInfo\":\"url ?usersig={form}&random=1\"}}");
                let left = redacted(&echo, &[&sig]);
                let rest = left
                    .strip_prefix("{\"ErrorInfo\":\"url ?usersig=(redacted UserSig)")
                    .unwrap_or_else(|| panic!("{name} {part:?}: {left}"));
                let rest = rest
                    .strip_suffix("&random=1\"}")
                    .unwrap_or_else(|| panic!("{name} {part:?}: {left}"));
                assert!(rest.chars().all(char::is_whitespace), "{name} {part:?}: {left}");
            }
        }
    }

    #[test]
    fn every_signature_that_is_given_is_looked_for_and_nothing_else_is_touched() {
        let (one, two) = (signature(1), signature(2));
        let text = format!("a {one} b {two} c 1400000000 administrator @TGS#2J4SZEAEL_a_long_name_of_a_group end");
        let left = redacted(&text, &[&one, &two]);
        assert_eq!(left, "a (redacted UserSig) b (redacted UserSig) c 1400000000 administrator @TGS#2J4SZEAEL_a_long_name_of_a_group end");
    }

    #[test]
    fn a_short_ready_signature_is_taken_out_when_it_is_whole() {
        let text = format!("x={} {}", "eJxabcdef", "z".repeat(SHORTEST));
        let left = redacted(&text, &["eJxabcdef"]);
        assert!(!left.contains("eJxabcdef") && left.ends_with("z"), "{left}");
    }

    #[test]
    fn a_login_that_comes_back_is_taken_out_also_in_an_escape() {
        let login = LoginParts::of(["dXNlcjpwQHNzOncjcmQ=", "p@ss:w#rd", "short"]);
        let mut echo = b"Basic dXNlcjpwQHNzOncjcmQ=, user:p%40ss:w%23rd short \\u0070@ss:w#rd".to_vec();
        login.redact(&mut echo);
        let left = String::from_utf8(echo).unwrap();
        assert_eq!(left, "Basic (redacted), user:(redacted) short (redacted)");
        assert_eq!(format!("{login:?}"), "LoginParts(redacted)");
    }

    #[test]
    fn an_ordinary_answer_is_not_searched() {
        for body in [
            r#"{"ActionStatus":"OK","ErrorInfo":"","ErrorCode":0}"#,
            r#"{"ErrorInfo":"\u4f1a\u8bae\u7fa4\u7ec4\u4e0d\u5b58\u5728\u4f1a\u8bae","GroupItem":[{"GroupName":"会議","GroupId":1}]}"#,
        ] {
            assert!(!is_suspect(body.as_bytes()), "{body}");
        }
    }

    #[test]
    fn a_signature_is_found_across_the_blocks_of_a_large_answer() {
        let sig = signature(3);
        for before in [BLOCK - 100, BLOCK - OVERLAP - 50, BLOCK - 1, 2 * BLOCK] {
            let text = format!("{}{}{}", ".".repeat(before), sig, ".".repeat(BLOCK));
            let left = redacted(&text, &[&sig]);
            assert_eq!(
                left,
                format!("{}(redacted UserSig){}", ".".repeat(before), ".".repeat(BLOCK))
            );
        }
    }

    #[test]
    fn a_piece_is_suspected_wherever_it_begins() {
        let piece = "a".repeat(SHORTEST);
        for before in 0..3 * SHORTEST {
            let text = format!("{}{piece}\"", "\"".repeat(before));
            assert!(is_suspect(text.as_bytes()), "{text}");
            let short = text.replacen('a', "\"", 1);
            assert!(!is_suspect(short.as_bytes()), "{short}");
        }
    }

    proptest! {
        #[test]
        fn in_two_forms_over_each_other_no_piece_stays(outer in 0..FORMS.len(), inner in 0..FORMS.len(), from in 0usize..100, length in SHORTEST..95) {
            let sig = signature(4);
            let part = &sig[from..from + length];
            let echo = format!("\"{}\"", (FORMS[outer].1)(&(FORMS[inner].1)(part)));
            let left = redacted(&echo, &[&sig]);
            prop_assert!(left.contains("(redacted UserSig)"), "{} of {}: {}", FORMS[outer].0, FORMS[inner].0, left);
        }

        #[test]
        fn bytes_without_a_signature_stay_as_they_came(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
            let sig = signature(5);
            let mut same = bytes.clone();
            redact(&mut same, std::iter::once(&*sig), SIGNATURE);
            prop_assert_eq!(same, bytes);
        }
    }
}
