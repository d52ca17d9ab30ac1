//! Reads the rows that a pasted or uploaded text names. Nothing is guessed: a line that could be read in two ways is taken whole,
//! so that the preview says that it was not found, instead of showing another customer.

use csv::{ReaderBuilder, StringRecord, Trim};
use std::{
    collections::BTreeSet,
    fmt::{self, Display, Formatter},
};
use uuid::Uuid;

/// What a heading may call the column that names a row.
const COLUMNS: [&str; 9] = [
    "id",
    "key",
    "alias",
    "customer",
    "customer_id",
    "customer_key",
    "configuration_id",
    "ingest_alias",
    "uniqueness_key",
];
/// A tab stands in no key and no alias, but between the cells that are copied from a spreadsheet.
const TAB: u8 = b'\t';

/// The line of a table in which a cell begins that has no end: it would swallow the lines after it.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct NotClosed(u64);

impl Display for NotClosed {
    fn fmt(&self, out: &mut Formatter<'_>) -> fmt::Result {
        write!(
            out,
            "opens a quotation mark in line {} and does not close it. Close it, or leave it out",
            self.0
        )
    }
}

/// Of a table, which has a heading, the first column that is named for ids, keys or aliases; else every line.
pub(crate) fn references(text: &str) -> Result<BTreeSet<String>, NotClosed> {
    // No database keeps a NUL in its text.
    let text = text.replace('\0', "");
    let text = text.trim_start_matches('\u{feff}').trim();
    let heading = text.lines().next().unwrap_or_default();
    let column = [b',', b';', TAB]
        .into_iter()
        .filter(|separator| heading.contains(char::from(*separator)))
        .find_map(|separator| Some((separator, named(&first_record(heading, separator)?)?)));
    let cells: Vec<String> = match column {
        Some((separator, column)) => {
            let table: Vec<StringRecord> = records(text, separator).collect();
            match table.last().and_then(|last| not_closed(text, last)) {
                Some(line) => return Err(line),
                None => table
                    .iter()
                    .skip(1)
                    .filter_map(|cells| cells.get(column).map(str::to_owned))
                    .collect(),
            }
        }
        None => {
            // A word alone is no heading: there is nothing below it.
            let below = text.lines().nth(1).is_some();
            let headed = below && named(&StringRecord::from(vec![heading])).is_some();
            text.lines().skip(usize::from(headed)).map(line).collect()
        }
    };
    Ok(cells.into_iter().filter(|cell| !cell.is_empty()).collect())
}

/// Marks come in pairs, also where they are doubled; an odd one within a cell is a letter, unless the last cell goes over lines.
fn not_closed(text: &str, last: &StringRecord) -> Option<NotClosed> {
    let odd = text.matches('"').count() % 2 == 1;
    let over_lines = last.iter().any(|cell| cell.contains('\n'));
    let line = last.position().map(csv::Position::line);
    line.filter(|_| odd && over_lines).map(NotClosed)
}

/// Which of these cells names the column.
fn named(heading: &StringRecord) -> Option<usize> {
    heading.iter().position(|cell| {
        let cell = cell.trim().to_lowercase().replace([' ', '-'], "_");
        COLUMNS.contains(&cell.as_str())
    })
}

/// A line that no heading explains: its first cell where what follows cannot belong to it, else all of it.
fn line(line: &str) -> String {
    let line = line.trim();
    let cell =
        |separator| first_record(line, separator).and_then(|cells| cells.get(0).map(str::to_owned));
    if line.contains(char::from(TAB)) {
        return cell(TAB).unwrap_or_default();
    }
    let is_id = |cell: &String| Uuid::try_parse(cell).is_ok();
    let id = [b',', b';'].into_iter().filter_map(cell).find(is_id);
    let quoted = || cell(b',').filter(|_| line.starts_with('"'));
    id.or_else(quoted).unwrap_or_else(|| line.to_owned())
}

fn first_record(text: &str, separator: u8) -> Option<StringRecord> {
    records(text, separator).next()
}

/// The lines of a table, each as its cells.
fn records(text: &str, separator: u8) -> impl Iterator<Item = StringRecord> {
    ReaderBuilder::new()
        .delimiter(separator)
        .has_headers(false)
        .flexible(true)
        .trim(Trim::All)
        .from_reader(text.as_bytes())
        .into_records()
        .map_while(Result::ok)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_is_read_as_people_paste_it() {
        const ID: &str = "019a0000-0000-7000-8000-000000000001";
        for (text, expected) in [
            ("", vec![]),
            ("acme\n beta \r\n\nacme\n", vec!["acme", "beta"]),
            // A key may hold a comma: cut off, the line would name another customer.
            ("acme,eu\nacme;us\n", vec!["acme,eu", "acme;us"]),
            ("key\nacme,eu\n", vec!["acme,eu"]),
            ("acme,Acme Inc\n", vec!["acme,Acme Inc"]),
            ("customer\n", vec!["customer"]),
            ("customer\nacme\n", vec!["acme"]),
            (
                "\u{feff}Customer Key,name\nacme,Acme Inc\n\"with, comma\",x\n",
                vec!["acme", "with, comma"],
            ),
            ("id;name\na;b\n", vec!["a"]),
            // As a job's results are downloaded: the second column.
            (
                "index,id,name\r\n\"0\",\"a\",\"A,\nB\"\r\n\"1\",\"b\",\"\"\r\n",
                vec!["a", "b"],
            ),
            ("name,key\nno key\nA,a\n", vec!["a"]),
            ("a\tb\n\"say \"\"hi\"\"\"\n", vec!["a", "say \"hi\""]),
            (&format!("{ID},Acme Inc\n"), vec![ID]),
            (&format!("\"{ID}\";\"Acme Inc\"\n"), vec![ID]),
            ("a\0b\n\0\n", vec!["ab"]),
            ("\"never closed\nsecond\n", vec!["never closed", "second"]),
        ] {
            let references = references(text).unwrap();
            assert_eq!(
                references.iter().map(String::as_str).collect::<Vec<_>>(),
                expected,
                "{text:?}"
            );
        }
    }

    #[test]
    fn a_cell_that_would_swallow_the_lines_after_it_is_refused() {
        for (text, expected) in [
            ("key,name\na,A\nb,\"B\nc,C\nd,D\n", Err(NotClosed(3))),
            ("key,name\na,A\n\"b,B\nc,C\n", Err(NotClosed(3))),
            // In inches, and over two lines.
            ("key,name\na,5\" pipe\nb,B\n", Ok(2)),
            ("key,name\na,\"A\nA\"\nb,\"B\nB\"\n", Ok(2)),
        ] {
            let read = references(text).map(|rows| rows.len());
            assert_eq!(read, expected, "{text:?}");
        }
    }
}
