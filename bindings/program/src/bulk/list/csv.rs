//! Rows and columns of a CSV list. A cell in quotes is byte for byte what stands in it, and a cell is never longer than its line.
//! Own code, because what matters here is what the known readers do not tell: whether a cell was quoted, and its line as an editor counts.

use super::{bare, checked, is_known, plain, Item, Items, Lines, Reading, Source, Wrong, ACCOUNT_NAMES, GROUP_NAMES};
use crate::output::quoted;

/// What a column may be separated by.
const DELIMITERS: [char; 4] = [',', ';', '\t', '|'];

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cell {
    pub text: String,
    /// It stood between quotes.
    quoted: bool,
}

/// Where the account and the group stand in a row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Columns {
    /// `None` where there is one column only.
    pub delimiter: Option<char>,
    /// The names of the columns, where the first row holds them.
    pub header: Option<Vec<String>>,
    /// Cells of a row.
    count: usize,
    pub account: usize,
    /// `None` where every account has the same group.
    pub group: Option<usize>,
}

/// The cells of a line.
pub fn cells(line: &str, delimiter: Option<char>) -> Result<Vec<Cell>, String> {
    let (mut cells, mut rest) = (Vec::new(), line);
    loop {
        let (cell, behind) = match rest.strip_prefix('"') {
            Some(inside) => quoted_cell(inside)?,
            None => {
                let end = delimiter
                    .and_then(|delimiter| rest.find(delimiter))
                    .unwrap_or(rest.len());
                let text = rest[..end].to_owned();
                (Cell { text, quoted: false }, &rest[end..])
            }
        };
        cells.push(cell);
        let mut next = behind.chars();
        match next.next() {
            None => return Ok(cells),
            Some(c) if Some(c) == delimiter => rest = next.as_str(),
            Some(_) => return Err("something follows a cell in quotes; is a quote inside it not doubled?".into()),
        }
    }
}

/// What stands up to the closing quote, and what stands behind that.
fn quoted_cell(inside: &str) -> Result<(Cell, &str), String> {
    let (mut text, mut rest) = (String::new(), inside);
    loop {
        let Some((before, behind)) = rest.split_once('"') else {
            return Err("a quote is not closed on its line".into());
        };
        text += before;
        match behind.strip_prefix('"') {
            Some(more) => {
                text.push('"');
                rest = more;
            }
            None => return Ok((Cell { text, quoted: true }, behind)),
        }
    }
}

/// The first row decides; if it is ambiguous, the list is refused.
fn delimiter(source: &Source, first: &str) -> Result<Option<char>, String> {
    if source.delimiter.is_some() {
        return Ok(source.delimiter);
    }
    // What stands between quotes separates nothing.
    let outside: String = first.split('"').step_by(2).collect();
    let found: Vec<char> = DELIMITERS.into_iter().filter(|c| outside.contains(*c)).collect();
    let is_tsv = source
        .path
        .extension()
        .is_some_and(|ending| ending.eq_ignore_ascii_case("tsv"));
    match found.as_slice() {
        [] => Ok(None),
        [one] => Ok(Some(*one)),
        _ if is_tsv && found.contains(&'\t') => Ok(Some('\t')),
        several => Err(format!(
            "what separates its columns? Its first row holds {}: give --delimiter, or put a cell that holds the other one between quotes",
            several.iter().map(|c| name(*c)).collect::<Vec<_>>().join(" and ")
        )),
    }
}

fn name(delimiter: char) -> String {
    match delimiter {
        '\t' => "a tab".into(),
        other => format!("{other:?}"),
    }
}

pub fn first_line(is_header: bool) -> &'static str {
    if is_header {
        "the first one is a header"
    } else {
        "the first one is data"
    }
}

/// How a first row is refused that may be a header or not.
pub fn either(text: &str) -> String {
    format!(
        "its first row reads like a header ({}): give --header if it is one, --no-header if it is data",
        quoted(text)
    )
}

pub fn items(source: &Source, first: Result<(u64, String), Wrong>, lines: Lines) -> Result<(Reading, Items), String> {
    let (number, line) = first.map_err(|wrong| format!("line {}: {}", wrong.line, wrong.what))?;
    let delimiter = delimiter(source, &line)?;
    let head = cells(&line, delimiter).map_err(|what| format!("line {number}: {what}"))?;
    let columns = Columns::of(source, delimiter, &head)?;
    let first = columns.header.is_none().then_some(Ok((number, line)));
    let (reading, group) = (Reading::Csv(columns.clone()), source.group.clone());
    let items = first.into_iter().chain(lines).filter_map(move |line| {
        let (number, line) = match line {
            Ok(line) => line,
            Err(wrong) => return Some(Err(wrong)),
        };
        let item = columns.item(&line, group.as_deref()).transpose()?;
        Some(item.map_err(|what| Wrong { line: number, what }))
    });
    Ok((reading, Box::new(items)))
}

impl Columns {
    fn of(source: &Source, delimiter: Option<char>, first: &[Cell]) -> Result<Columns, String> {
        let wish = |wish: &Option<String>| wish.as_deref().map(|wish| Wish::of(wish, first, source)).transpose();
        let (account, group) = (wish(&source.account_column)?, wish(&source.group_column)?);
        let by_name = [&account, &group].into_iter().flatten().any(|wish| wish.by_name);
        let is_header = match source.header {
            Some(is_header) => is_header,
            None if by_name => true,
            None => match first.iter().find(|cell| is_known(&cell.text)) {
                Some(cell) => return Err(either(&cell.text)),
                None => false,
            },
        };
        let needs_group = source.group.is_none();
        // The order of two columns counts only where somebody said that there are no names.
        let in_order = source.header == Some(false)
            && account.is_none()
            && group.is_none()
            && first.len() == 1 + usize::from(needs_group);
        let account = match account {
            Some(wish) => wish.at,
            None if first.len() == 1 || in_order => 0,
            None => only(first, is_header, &ACCOUNT_NAMES, "accounts", "--account-column")?,
        };
        let group = match group {
            Some(wish) => Some(wish.at),
            None if !needs_group => None,
            None if in_order => Some(1),
            None => Some(only(
                first,
                is_header,
                &GROUP_NAMES,
                "groups",
                "--group for all of them, or --group-column",
            )?),
        };
        if group == Some(account) {
            return Err("the accounts and the groups cannot be in the same column".into());
        }
        Ok(Columns {
            delimiter,
            header: is_header.then(|| first.iter().map(|cell| cell.text.clone()).collect()),
            count: first.len(),
            account,
            group,
        })
    }

    /// The item of a row; `None` for one whose cells are all empty, as spreadsheets leave them behind.
    fn item(&self, line: &str, group: Option<&str>) -> Result<Option<Item>, String> {
        let cells = cells(line, self.delimiter)?;
        if cells.iter().all(|cell| cell.text.is_empty() && !cell.quoted) {
            return Ok(None);
        }
        if cells.len() != self.count {
            return Err(format!(
                "{} where the first row has {}; a cell that holds {} has to stand between quotes",
                counted(cells.len()),
                self.count,
                self.delimiter.map_or_else(|| "a delimiter".into(), name)
            ));
        }
        let account = self.cell(&cells[self.account], "the account's cell")?;
        let group = match (group, self.group) {
            (Some(group), _) => group.to_owned(),
            (None, Some(at)) => self.cell(&cells[at], "the group's cell")?,
            (None, None) => return Err("no group in it".into()),
        };
        checked(account, group).map(Some)
    }

    fn cell(&self, cell: &Cell, whose: &str) -> Result<String, String> {
        if cell.quoted {
            return Ok(cell.text.clone());
        }
        if cell.text.contains('"') {
            return Err(format!(
                "a quote is inside {whose}; put all of it between quotes, and write the quote twice"
            ));
        }
        if self.delimiter.is_none() && cell.text.contains(DELIMITERS) {
            return Err(format!(
                "{whose} may be several: give --delimiter, or put all of it between quotes"
            ));
        }
        bare(&cell.text, whose).map(str::to_owned)
    }

    pub fn rows(&self) -> Vec<(&'static str, String)> {
        let separated = match self.delimiter {
            Some(delimiter) => format!("columns separated by {}", name(delimiter)),
            None => "one column".into(),
        };
        let column = |at: usize| match &self.header {
            Some(names) => format!("column {}, {}", at + 1, quoted(&names[at])),
            None => format!("column {}", at + 1),
        };
        let list = format!(
            "CSV, {separated}, {}",
            first_line(self.header.is_some()).replace("one", "row")
        );
        let mut rows = vec![("list", list), ("account", column(self.account))];
        rows.extend(self.group.map(|at| ("group", column(at))));
        rows
    }
}

/// A column that somebody named.
struct Wish {
    at: usize,
    by_name: bool,
}

impl Wish {
    fn of(wish: &str, first: &[Cell], source: &Source) -> Result<Wish, String> {
        let called: Vec<usize> = (0..first.len()).filter(|at| first[*at].text == wish).collect();
        let number = wish.parse::<usize>().ok();
        match (number, called.as_slice()) {
            (Some(0), _) => Err("columns are counted from 1".into()),
            (Some(number), [] ) if number > first.len() => {
                Err(format!("there is no column {number}; its first row has {}", counted(first.len())))
            }
            (Some(number), called) if called.iter().any(|at| *at != number - 1) && source.header != Some(false) => {
                Err(format!("column {number}, or the one that its first row calls so? Call that one otherwise, or give --no-header"))
            }
            (Some(number), _) => Ok(Wish { at: number - 1, by_name: false }),
            (None, _) if source.header == Some(false) => {
                Err(format!("a column is called {} only in a header; give its number", quoted(wish)))
            }
            (None, [at]) => Ok(Wish { at: *at, by_name: true }),
            (None, []) => Err(format!("no column is called {} in its first row", quoted(wish))),
            (None, _) => Err(format!("several columns are called {}; give the number of one", quoted(wish))),
        }
    }
}

/// The one column whose name is known.
fn only(first: &[Cell], is_header: bool, known: &[&str], whose: &str, flag: &str) -> Result<usize, String> {
    let found: Vec<usize> = (0..first.len())
        .filter(|at| is_header && known.contains(&plain(&first[*at].text).as_str()))
        .collect();
    match found.as_slice() {
        [one] => Ok(*one),
        [] if is_header => Err(format!("which column holds the {whose}? None has a known name: give {flag}")),
        [] => Err(format!(
            "which column holds the {whose}? Give {flag} with its number, or --header if its first row names the columns"
        )),
        several => Err(format!(
            "which column holds the {whose}: {}? Give {flag}",
            several.iter().map(|at| quoted(&first[*at].text)).collect::<Vec<_>>().join(" or ")
        )),
    }
}

fn counted(cells: usize) -> String {
    match cells {
        1 => "1 cell".into(),
        more => format!("{more} cells"),
    }
}
