//! What a file is that is not UTF-8 text: it is named as what it is, with the command that turns it into what can be read.

pub const BOM: &[u8] = b"\xef\xbb\xbf";

/// Whether a file that begins so can be text in UTF-8.
pub fn of_the_start(start: &[u8]) -> Result<(), String> {
    let utf = |name: &str| Err(format!("{name}, not UTF-8: {}", convert(name)));
    let zeros_at = |rest: usize| {
        let two = start.len() >= 4;
        two && start
            .iter()
            .take(64)
            .enumerate()
            .all(|(at, byte)| at % 2 != rest || *byte == 0)
    };
    match start {
        [0xff, 0xfe, 0, 0, ..] | [0, 0, 0xfe, 0xff, ..] => utf("UTF-32"),
        [0xff, 0xfe, ..] | [0xfe, 0xff, ..] => utf("UTF-16"),
        [b'P', b'K', 3, 4, ..] | [0xd0, 0xcf, 0x11, 0xe0, ..] => {
            Err("a spreadsheet or an archive, not text: save it as CSV in UTF-8".into())
        }
        [0x1f, 0x8b, ..] => Err("compressed with gzip: unpack it, as in `gzip -dc LIST.gz > LIST`".into()),
        _ if zeros_at(1) => utf("UTF-16LE"),
        _ if zeros_at(0) => utf("UTF-16BE"),
        _ if start.contains(&0) => Err("not text: it holds bytes that are zero".into()),
        _ => Ok(()),
    }
}

/// What a line is that is not UTF-8.
pub fn of_a_line(line: &[u8]) -> String {
    let high: Vec<&[u8]> = line.split(u8::is_ascii).filter(|run| !run.is_empty()).collect();
    // Two bytes a character, both of them high, is how Chinese is written; in Western languages such bytes mostly stand alone.
    let name = if high.iter().all(|run| run.len() % 2 == 0) {
        "GB18030"
    } else if high.iter().all(|run| run.iter().all(|byte| *byte >= 0xa0)) {
        "ISO-8859-1"
    } else {
        "WINDOWS-1252"
    };
    let shown = match name {
        "GB18030" => "GBK (GB18030)",
        "ISO-8859-1" => "Latin-1 (ISO-8859-1)",
        _ => "Latin-1 (Windows-1252)",
    };
    format!("not UTF-8; it looks like {shown}: {}", convert(name))
}

fn convert(from: &str) -> String {
    format!("turn it into UTF-8, as in `iconv -f {from} -t UTF-8 LIST > UTF8-LIST`")
}
