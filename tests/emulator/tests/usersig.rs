//! Tests of signatures: the vendor's vectors are accepted, every step of the check has its code, and what real
//! signers write differently does not matter.

use std::io::Write;

use crate::caller::*;
use chat_emulator::{ClockSetting, Config, Settings, DEFAULT_ADMIN};
use serde_json::{json, Value};

const TIME: i64 = 1_700_000_000;
const EXPIRE: i64 = 15_552_000;

/// The vendor's demo values: identifier, userbuf in hexadecimal, TLS.sig.
const VECTORS: [(&str, Option<&str>, &str); 4] = [
    ("xiaojun", None, "LvA7d/Iw7gSsnskvVzBDPOCCDbuNCw4GHwTC0bip+B4="),
    ("administrator", None, "JCzxanF8NTTXau4m+2h9wv7gYJnyNksm0xm1NEXU274="),
    (
        "xiaojun",
        Some("0000077869616f6a756e53724e000000271066413f00000000ff00000000"),
        "y9Avb5xwHgIgoABbGakLaE0xs+v/dLcIPegbWfcbRLI=",
    ),
    (
        "xiaojun",
        Some("0100077869616f6a756e53724e000000000066413f00000000ff0000000000066164626a6b6c"),
        "3JrO3Pxr1r0w8ssGgqR3c1J+DJdHL0qe+iE9IUV0lTU=",
    ),
];

/// Row 1 as a whole token, stored zlib, as the vendor's Go code makes it.
const GO_TOKEN: &str = "eAEBqwBU-3siVExTLnZlciI6IjIuMCIsIlRMUy5pZGVudGlmaWVyIjoieGlhb2p1biIsIlRMUy5zZGthcHBpZCI6MTQwMDAwMDAwMCwiVExTLmV4cGlyZSI6MTU1NTIwMDAsIlRMUy50aW1lIjoxNzAwMDAwMDAwLCJUTFMuc2lnIjoiTHZBN2QvSXc3Z1NzbnNrdlZ6QkRQT0NDRGJ1TkN3NEdId1RDMGJpcCtCND0ifa3HMfI_";

fn hex(text: &str) -> Vec<u8> {
    let digits: Vec<u8> = text.chars().map(|c| c.to_digit(16).unwrap() as u8).collect();
    digits.chunks(2).map(|pair| pair[0] << 4 | pair[1]).collect()
}

/// A setup in the year of the vectors, where both their identifiers are admins.
fn setup_of_the_vectors() -> Setup {
    let setup = Setup::with(Config {
        admins: vec!["xiaojun".into(), "administrator".into()],
        ..Config::default()
    });
    setup.emulator.set_clock(ClockSetting::frozen(TIME + 1));
    setup
}

fn vector_token(identifier: &str, userbuf: Option<&str>) -> Token {
    Token {
        time: TIME,
        expire: EXPIRE,
        userbuf: userbuf.map(hex),
        ..Token::of(identifier)
    }
}

#[test]
fn the_vendors_vectors_are_accepted() {
    let setup = setup_of_the_vectors();
    for (identifier, userbuf, signature) in VECTORS {
        let mut members = vector_token(identifier, userbuf).members();
        members["TLS.sig"] = signature.into();
        let token = packed(Value::Object(members.clone()).to_string().as_bytes(), 6);
        assert_eq!(setup.code_as(identifier, &token), 0, "{identifier} {userbuf:?}");
        members["TLS.time"] = (TIME + 1).into();
        let token = packed(Value::Object(members).to_string().as_bytes(), 6);
        assert_eq!(setup.code_as(identifier, &token), 70009, "{identifier} {userbuf:?}");
    }
    assert_eq!(setup.code_as("xiaojun", GO_TOKEN), 0);
}

#[test]
fn the_tests_own_signer_makes_the_vendors_signatures() {
    for (identifier, userbuf, signature) in VECTORS {
        assert_eq!(vector_token(identifier, userbuf).signature(), signature);
    }
}

#[test]
fn every_compression_level_and_member_order_is_accepted() {
    let setup = Setup::open();
    for level in 0..=9 {
        let token = Token {
            level,
            ..Token::of(DEFAULT_ADMIN)
        };
        assert_eq!(setup.code_as(DEFAULT_ADMIN, &token.text()), 0, "level {level}");
    }
    let members = Token::of(DEFAULT_ADMIN).members();
    let mut names: Vec<&String> = members.keys().collect();
    for _ in 0..names.len() {
        names.rotate_left(1);
        let written: Vec<String> = names
            .iter()
            .map(|name| format!(" \"{name}\" : {}", members[*name]))
            .collect();
        // Go ends with a newline.
        let token = packed(format!("{{{}}}\n", written.join(",")).as_bytes(), 6);
        assert_eq!(setup.code_as(DEFAULT_ADMIN, &token), 0, "{written:?}");
    }
}

#[test]
fn a_missing_number_counts_as_zero() {
    let setup = Setup::open();
    setup.emulator.set_clock(ClockSetting::frozen(500));
    let token = Token {
        time: 0,
        expire: 1000,
        ..Token::of(DEFAULT_ADMIN)
    };
    let mut members = token.members();
    members.remove("TLS.time");
    let text = Value::Object(members).to_string();
    assert_eq!(setup.code_as(DEFAULT_ADMIN, &packed(text.as_bytes(), 0)), 0);
    let token = Token {
        time: 400,
        expire: 0,
        ..Token::of(DEFAULT_ADMIN)
    };
    let mut members = token.members();
    members.remove("TLS.expire");
    let text = Value::Object(members).to_string();
    assert_eq!(setup.code_as(DEFAULT_ADMIN, &packed(text.as_bytes(), 0)), 70001);
}

#[test]
fn a_token_is_valid_at_its_last_second_and_expired_after_it() {
    let setup = setup_of_the_vectors();
    let token = vector_token(DEFAULT_ADMIN, None).text();
    setup.emulator.set_clock(ClockSetting::frozen(TIME + EXPIRE));
    assert_eq!(setup.code_as(DEFAULT_ADMIN, &token), 0);
    setup.emulator.set_clock(ClockSetting::frozen(TIME + EXPIRE + 1));
    assert_eq!(setup.code_as(DEFAULT_ADMIN, &token), 70001);
    setup.emulator.set_clock(ClockSetting::frozen(0));
    assert_eq!(
        setup.code_as(DEFAULT_ADMIN, &token),
        0,
        "a time of issue in the future is not refused"
    );
}

#[test]
fn extreme_numbers_in_a_token_do_no_harm() {
    let setup = Setup::open();
    let forever = Token {
        time: i64::MAX,
        expire: i64::MAX,
        ..Token::of(DEFAULT_ADMIN)
    };
    assert_eq!(setup.code_as(DEFAULT_ADMIN, &forever.text()), 0);
    let never = Token {
        time: i64::MIN,
        expire: i64::MIN,
        ..Token::of(DEFAULT_ADMIN)
    };
    assert_eq!(setup.code_as(DEFAULT_ADMIN, &never.text()), 70001);
}

#[test]
fn an_empty_token_is_70002() {
    assert_eq!(Setup::open().code_as(DEFAULT_ADMIN, ""), 70002);
}

#[test]
fn a_damaged_token_is_70003() {
    let setup = Setup::open();
    let good = setup.usersig.clone();
    let json = Value::Object(Token::of(DEFAULT_ADMIN).members()).to_string();
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    gzip.write_all(json.as_bytes()).unwrap();
    let mut raw = flate2::write::DeflateEncoder::new(Vec::new(), flate2::Compression::default());
    raw.write_all(json.as_bytes()).unwrap();
    let mut wrong_sum = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::default());
    wrong_sum.write_all(json.as_bytes()).unwrap();
    let mut wrong_sum = wrong_sum.finish().unwrap();
    *wrong_sum.last_mut().unwrap() ^= 1;
    for (what, token) in [
        ("cut", good[..good.len() / 2].to_owned()),
        ("cut by four", good[..good.len() - 4].to_owned()),
        ("cut by one", good[..good.len() - 1].to_owned()),
        ("longer", format!("{good}AAAA")),
        ("foreign character", format!("!{}", &good[1..])),
        ("not base64", "abc".into()),
        ("not zlib", mapped(b"hello, this is no zlib")),
        ("gzip", mapped(&gzip.finish().unwrap())),
        ("raw deflate", mapped(&raw.finish().unwrap())),
        ("wrong checksum", mapped(&wrong_sum)),
        ("more after the stream", {
            let mut zlib = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::default());
            zlib.write_all(json.as_bytes()).unwrap();
            mapped(&[zlib.finish().unwrap(), b"more".to_vec()].concat())
        }),
        ("not JSON", packed(b"{\"TLS.ver\":", 6)),
        ("no object", packed(b"[1]", 6)),
        ("a bomb", packed(&vec![b' '; 50_000_000], 9)),
        (
            "just too large",
            packed(format!("{json}{}", " ".repeat(64 * 1024)).as_bytes(), 9),
        ),
    ] {
        assert_eq!(setup.code_as(DEFAULT_ADMIN, &token), 70003, "{what}");
    }
}

#[test]
fn the_usual_base64_alphabet_is_not_accepted() {
    let setup = Setup::open();
    // A token that has both characters; the vendor's map is not RFC 4648.
    let token = (0..).map(|n| {
        Token {
            expire: 1000 + n,
            ..Token::of(DEFAULT_ADMIN)
        }
        .text()
    });
    let token = token
        .into_iter()
        .find(|text| text.contains('*') && text.contains('-'))
        .unwrap();
    assert_eq!(setup.code_as(DEFAULT_ADMIN, &token), 0);
    let standard = token.replace('*', "%2B").replace('-', "%2F").replace('_', "%3D");
    assert_eq!(setup.code_as(DEFAULT_ADMIN, &standard), 70003);
    let url_safe = token.replace('-', "_").replace('*', "-");
    assert_eq!(setup.code_as(DEFAULT_ADMIN, &url_safe), 70003);
}

#[test]
fn a_token_that_lacks_a_member_is_70005() {
    let setup = Setup::open();
    let whole = Token::of(DEFAULT_ADMIN).members();
    let mut tried = 0;
    for (name, wrong) in [
        ("TLS.ver", Some(json!("1.0"))),
        ("TLS.ver", Some(json!(2.0))),
        ("TLS.ver", None),
        ("TLS.identifier", None),
        ("TLS.identifier", Some(json!(7))),
        ("TLS.sdkappid", Some(json!("1400000000"))),
        ("TLS.sdkappid", Some(json!(-1))),
        ("TLS.time", Some(json!("1"))),
        ("TLS.expire", Some(json!(1.5))),
        ("TLS.sig", None),
        ("TLS.sig", Some(json!("not base64!"))),
        ("TLS.userbuf", Some(json!(1))),
        ("TLS.userbuf", Some(json!("?"))),
    ] {
        let mut members = whole.clone();
        match wrong {
            Some(value) => drop(members.insert(name.into(), value)),
            None => drop(members.remove(name)),
        }
        let token = packed(Value::Object(members).to_string().as_bytes(), 6);
        assert_eq!(setup.code_as(DEFAULT_ADMIN, &token), 70005, "{name}");
        tried += 1;
    }
    assert_eq!(tried, 13);
}

#[test]
fn a_token_of_another_app_key_or_person_is_refused_with_its_own_code() {
    let setup = Setup::open();
    let other_app = Token {
        app: 1_400_000_001,
        ..Token::of(DEFAULT_ADMIN)
    };
    assert_eq!(setup.code_as(DEFAULT_ADMIN, &other_app.text()), 70014);
    assert_eq!(setup.code_as("Administrator", &setup.usersig), 70013);
    let other_key = Token {
        key: "0".repeat(64),
        ..Token::of(DEFAULT_ADMIN)
    };
    assert_eq!(setup.code_as(DEFAULT_ADMIN, &other_key.text()), 70009);
}

#[test]
fn the_key_is_text_and_never_hex_decoded() {
    let setup = Setup::open();
    let mut members = Token::of(DEFAULT_ADMIN).members();
    let decoded = {
        use base64::Engine;
        use hmac::{Hmac, KeyInit, Mac};
        let mut mac = Hmac::<sha2::Sha256>::new_from_slice(&hex(chat_emulator::DEFAULT_SECRET_KEY)).unwrap();
        let text = format!(
            "TLS.identifier:{DEFAULT_ADMIN}\nTLS.sdkappid:1400000000\nTLS.time:{}\nTLS.expire:{}\n",
            members["TLS.time"], members["TLS.expire"]
        );
        mac.update(text.as_bytes());
        base64::engine::general_purpose::STANDARD.encode(mac.finalize().into_bytes())
    };
    members["TLS.sig"] = decoded.into();
    assert_eq!(
        setup.code_as(DEFAULT_ADMIN, &packed(Value::Object(members).to_string().as_bytes(), 6)),
        70009
    );
}

#[test]
fn an_app_without_a_key_on_file_is_70016() {
    let setup = Setup::open();
    setup.emulator.set_settings(Settings {
        key_on_file: false,
        ..Settings::default()
    });
    assert_eq!(setup.code_as(DEFAULT_ADMIN, &setup.usersig), 70016);
    setup.emulator.set_settings(Settings::default());
    assert_eq!(setup.code_as(DEFAULT_ADMIN, &setup.usersig), 0);
}

#[test]
fn a_revoked_token_is_70052_however_it_is_packed_and_a_new_one_is_not() {
    let setup = Setup::open();
    let token = Token::of(DEFAULT_ADMIN);
    assert_eq!(setup.code_as(DEFAULT_ADMIN, &token.text()), 0);
    assert_eq!(setup.emulator.revoke(DEFAULT_ADMIN), 1);
    assert_eq!(setup.code_as(DEFAULT_ADMIN, &token.text()), 70052);
    let repacked = Token {
        level: 0,
        ..token.clone()
    };
    assert_eq!(setup.code_as(DEFAULT_ADMIN, &repacked.text()), 70052);
    let renewed = Token {
        time: token.time + 1,
        ..token
    };
    assert_eq!(setup.code_as(DEFAULT_ADMIN, &renewed.text()), 0);
}

#[test]
fn five_failed_checks_lock_out_for_a_minute_only_with_the_switch_on() {
    let setup = Setup::open();
    let token = Token {
        time: TIME,
        ..Token::of(DEFAULT_ADMIN)
    };
    setup.emulator.set_clock(ClockSetting::frozen(TIME));
    for _ in 0..10 {
        assert_eq!(setup.code_as(DEFAULT_ADMIN, "abcd"), 70003);
    }
    assert_eq!(setup.code_as(DEFAULT_ADMIN, &token.text()), 0, "the switch is off");

    setup.emulator.reset();
    setup.emulator.set_clock(ClockSetting::frozen(TIME));
    setup.emulator.set_settings(Settings {
        lock_out: true,
        ..Settings::default()
    });
    for _ in 0..5 {
        assert_eq!(setup.code_as(DEFAULT_ADMIN, "abcd"), 70003);
    }
    assert_eq!(setup.code_as(DEFAULT_ADMIN, &token.text()), 70050);
    setup.emulator.set_clock(ClockSetting::frozen(TIME + 59));
    assert_eq!(setup.code_as(DEFAULT_ADMIN, &token.text()), 70050);
    setup.emulator.set_clock(ClockSetting::frozen(TIME + 60));
    assert_eq!(setup.code_as(DEFAULT_ADMIN, &token.text()), 0);
}

#[test]
fn identifiers_with_strange_characters_work_when_encoded() {
    let strange = "a b&c#d+e%";
    let setup = Setup::with(Config {
        admins: vec![strange.into()],
        ..Config::default()
    });
    let sig = Token::of(strange).text();
    assert_eq!(setup.code_as("a%20b%26c%23d%2Be%25", &sig), 0);
}
