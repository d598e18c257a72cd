//! What a journal keeps beside its rows, as records that are carried whole from one file to another: nothing else says what they
//! said. Whoever puts a journal together checks them all at the end.
//!
//! *Absent:* meaning. A record is the columns of its table.

use super::read::signed;
use crate::error::StoreError;
use crate::journal::MAX_READ_BYTES;
use rusqlite::types::{ToSqlOutput, Value, ValueRef};
use rusqlite::{Connection, ToSql, params_from_iter};

const READING: &str = "reading what is kept";
/// Records that one read returns at most.
const MAX_RECORDS: i64 = 1024;

/// A table whose records are kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Table {
    /// Others' cosignatures on this log's checkpoints.
    Cosignatures,
    /// Heads of other logs, of which this node is a witness.
    Witnessed,
    /// Checkpoints that were published.
    Published,
    /// Leases.
    Leases,
    /// Sealed papers.
    Papers,
}

impl Table {
    /// All of them, in an order in which a journal that goes on meanwhile can be read: what speaks of something comes before it.
    /// Papers alone are read behind the rows that cite them.
    pub const ALL: [Self; 5] =
        [Self::Cosignatures, Self::Witnessed, Self::Published, Self::Leases, Self::Papers];

    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Cosignatures => "cosignature",
            Self::Witnessed => "witnessed",
            Self::Published => "published",
            Self::Leases => "lease",
            Self::Papers => "paper",
        }
    }

    /// The table of that name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|table| table.name() == name)
    }

    /// Its columns, as this version of the schema has them.
    fn columns(self, conn: &Connection) -> Result<Vec<String>, StoreError> {
        let sql = "SELECT name FROM pragma_table_info(?1) ORDER BY cid";
        let mut select = conn.prepare_cached(sql).map_err(StoreError::sql(READING))?;
        let found = select.query_map([self.name()], |row| row.get(0)).map_err(StoreError::sql(READING))?;
        found.collect::<Result<_, _>>().map_err(StoreError::sql(READING))
    }
}

/// One column of a record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Column {
    /// A number.
    Integer(i64),
    /// A text.
    Text(String),
    /// Bytes.
    Bytes(Vec<u8>),
}

/// One record, in the order of its table's columns.
pub type Record = Vec<Column>;

impl Column {
    fn of(value: ValueRef<'_>) -> Option<Self> {
        match value {
            ValueRef::Integer(number) => Some(Self::Integer(number)),
            ValueRef::Text(text) => std::str::from_utf8(text).ok().map(|text| Self::Text(text.to_owned())),
            ValueRef::Blob(bytes) => Some(Self::Bytes(bytes.to_vec())),
            ValueRef::Null | ValueRef::Real(_) => None,
        }
    }

    fn bytes(&self) -> usize {
        match self {
            Self::Integer(_) => size_of::<i64>(),
            Self::Text(text) => text.len(),
            Self::Bytes(bytes) => bytes.len(),
        }
    }
}

impl ToSql for Column {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(match self {
            Self::Integer(number) => ToSqlOutput::Owned(Value::Integer(*number)),
            Self::Text(text) => ToSqlOutput::Borrowed(ValueRef::Text(text.as_bytes())),
            Self::Bytes(bytes) => ToSqlOutput::Borrowed(ValueRef::Blob(bytes)),
        })
    }
}

/// Records of a table from `place` on, about [`MAX_READ_BYTES`] of them, and the place behind the last; none at the end.
pub(super) fn read(
    conn: &Connection,
    table: Table,
    place: u64,
) -> Result<Option<(u64, Vec<Record>)>, StoreError> {
    let (doing, name, columns) = (READING, table.name(), table.columns(conn)?);
    let sql = format!(
        "SELECT rowid, {} FROM {name} WHERE rowid >= ?1 ORDER BY rowid LIMIT {MAX_RECORDS}",
        columns.join(", ")
    );
    let mut select = conn.prepare_cached(&sql).map_err(StoreError::sql(doing))?;
    let mut found = select.query([signed(place)]).map_err(StoreError::sql(doing))?;
    let (mut records, mut bytes, mut next) = (Vec::new(), 0, place);
    while bytes < MAX_READ_BYTES
        && let Some(row) = found.next().map_err(StoreError::sql(doing))?
    {
        let damaged = || StoreError::damaged(name, next);
        let at = row.get::<_, i64>(0).ok().and_then(|at| u64::try_from(at).ok()).ok_or_else(damaged)?;
        let read = (1..=columns.len()).map(|column| row.get_ref(column).ok().and_then(Column::of));
        let record: Record = read.collect::<Option<_>>().ok_or_else(damaged)?;
        bytes += record.iter().map(Column::bytes).sum::<usize>();
        next = at + 1;
        records.push(record);
    }
    Ok((!records.is_empty()).then_some((next, records)))
}

/// Puts a record into its table.
pub(super) fn write(conn: &Connection, table: Table, record: &[Column]) -> Result<(), StoreError> {
    let (name, columns) = (table.name(), table.columns(conn)?);
    if record.len() != columns.len() {
        return Err(StoreError::damaged(name, 0));
    }
    let places: Vec<_> = (1..=columns.len()).map(|place| format!("?{place}")).collect();
    let sql = format!("INSERT INTO {name} ({}) VALUES ({})", columns.join(", "), places.join(", "));
    let written = conn.prepare_cached(&sql).and_then(|mut insert| insert.execute(params_from_iter(record)));
    written.map(drop).map_err(|error| match error.sqlite_error_code() {
        // Of another type than the table's, or there already.
        Some(rusqlite::ErrorCode::ConstraintViolation) => StoreError::damaged(name, 0),
        _ => StoreError::sql("writing what is kept")(error),
    })
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]
mod tests {
    use super::*;
    use crate::sqlite::schema;

    /// What follows from the rows, and the rows themselves with their salts.
    const ELSEWHERE: [&str; 5] = ["head", "stream", "tile", "journal", "salt"];

    #[test]
    fn every_table_is_carried_or_follows_from_the_rows() {
        let conn = Connection::open_in_memory().unwrap();
        schema::create_tables(&conn).unwrap();
        let mut tables = conn.prepare("SELECT name FROM sqlite_schema WHERE type = 'table'").unwrap();
        let names: Vec<String> =
            tables.query_map([], |row| row.get(0)).unwrap().collect::<Result<_, _>>().unwrap();
        let mut known: Vec<_> = Table::ALL.map(Table::name).into_iter().chain(ELSEWHERE).collect();
        let mut names: Vec<_> = names.iter().map(String::as_str).collect();
        known.sort_unstable();
        names.sort_unstable();
        assert_eq!(names, known);
        for table in Table::ALL {
            assert_eq!(Table::named(table.name()), Some(table));
        }
    }
}
