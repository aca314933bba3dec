//! The fenced blocks of a README, for the tests that run them.

/// What stands between two fences. Its tag is a kind and, after a space, a file or a place.
pub struct Block {
    pub kind: String,
    pub file: String,
    pub text: String,
    pub line: usize,
}

/// All blocks of a README, in order.
pub fn blocks(readme: &str) -> Vec<Block> {
    let mut blocks = Vec::new();
    let mut open: Option<Block> = None;
    for (number, line) in readme.lines().enumerate() {
        match (line.strip_prefix("```"), &mut open) {
            (Some(tag), None) => {
                let (kind, file) = tag.split_once(' ').unwrap_or((tag, ""));
                open = Some(Block {
                    kind: kind.into(),
                    file: file.into(),
                    text: String::new(),
                    line: number + 1,
                });
            }
            (Some(_), Some(_)) => blocks.extend(open.take()),
            (None, Some(block)) => block.text += &format!("{line}\n"),
            (None, None) => {}
        }
    }
    assert!(open.is_none(), "the last block is never closed");
    blocks
}
