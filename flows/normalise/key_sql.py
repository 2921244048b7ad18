"""What is decided of rows together, as SQL: what persons of a part share, repeats in it, losers between parts, keys and columns
that vanished; and what references to other kinds ask for.

A key with a NULL part tells nothing apart.
"""

from __future__ import annotations

import duckdb

from flows.contract.catalogue import ROOT
from flows.contract.record import CrossReference, Record
from flows.database.connect import run_file
from flows.normalise.record_sql import hash_parameters, hmac

#: Persons whose rows of a part do not say the same in what is shown by group: nobody can tell from what is stored.
PERSON_DIFFERS = "create temporary table if not exists person_differs (part_id bigint, person_key blob)"


def _same_key(record: Record) -> list[str]:
    return [f'"{name}"' for name in record.key]


def _named(unit: str, word: str) -> str:
    """The keyed hash of what somebody names; parameters `$inner` and `$outer`, as of `insert`."""
    return hmac(f"concat_ws(':', 'named', {unit}, {word})", word)


def written_names(refer: CrossReference, source: str, which: str) -> str:
    """What a column names, folded, with its first row and how often: a roll writes a few hundred texts a hundred thousand times."""
    return f"""select part_id, unit_code, key_text(text) as word, min(row_number) as row_number, sum(times)::bigint as times
  from (
    select part_id, unit_code, "{refer.column}" as text, min(row_number) as row_number, count(*) as times
    from {source} where "{refer.column}" is not null and {which} and ({refer.when or "true"}) group by all
  ) group by all"""


def insert_grouped(con: duckdb.DuckDBPyConnection, record: Record, pads: tuple[bytes, bytes]) -> None:
    """Move the rows of `typed` into `core.<record>`, each with what five persons of its table share, and NULL for the rest.

    A birth decade, a town and a sex may name somebody to whoever knows the unit (`sql/meta/person_group.sql`). Decided
    within one table, so that it depends on no other file; what was written is in `typed` alone, and in the vault. What refers
    to another kind goes to `meta.named` as a keyed hash. `pads`: the two padded keys.
    """
    for refer in record.refers:
        if refer.column in record.grouped:
            named = f"""insert into meta.named
            select part_id, unit_code, '{refer.column}', {_named("unit_code", "word")}, row_number, times
            from ({written_names(refer, "typed", "row_state = 'accepted'")})"""
            con.execute(named, hash_parameters(named, pads))
    said = ", ".join(record.grouped)
    native = ", ".join(("part_id", "unit_code", *record.counted, *record.grouped))
    root, listed = (
        f"[{', '.join(f'cast({name} as varchar)' for name in names)}]"
        for names in (("unit_code", *record.counted), record.grouped)
    )
    one = "partition by part_id, unit_code, person_key order by row_number"
    con.execute(f"""create or replace temporary table person_again as
    with again as (
      select hash(part_id, unit_code, person_key) as person from typed
      where row_state = 'accepted' and person_key is not null group by all having count(*) > 1
    ),
    ranked as (
      select part_id, person_key, row_number, row_number() over ({one}) as place,
        hash({said}) <> first_value(hash({said})) over ({one}) as differs
      from typed semi join again on again.person = hash(part_id, unit_code, person_key)
      where row_state = 'accepted' and person_key is not null
    )
    from ranked where place > 1""")
    con.execute(
        f"{PERSON_DIFFERS}; insert into person_differs select part_id, person_key from person_again where differs"
    )
    con.execute(f"""create or replace temporary table person_said as
    with counted as (
      select {native}, count(*) as persons
      from typed anti join person_again as a on a.part_id = typed.part_id and a.row_number = typed.row_number
      where row_state = 'accepted' group by all
    )
    select *, {root} as root, {listed} as said from counted""")
    run_file(con, ROOT / "sql" / "meta" / "person_group.sql")
    kept = ", ".join(
        f"case when g.shown >= {place} then t.{name} end as {name}"
        for place, name in enumerate(record.grouped, 1)
    )
    same = " and ".join(
        f"g.{name} is not distinct from t.{name}" for name in (*record.counted, *record.grouped)
    )
    con.execute(f"""insert into core.{record.record}
    with g as (from person_said join person_shown using (part_id, root, said))
    select t.* replace ({kept}) from typed as t
    left join g on g.part_id = t.part_id and g.unit_code is not distinct from t.unit_code and {same}""")
    for table in ("typed", "person_again", "person_said", "person_shown"):
        con.execute(f"drop table {table}")


def mark_duplicates(record: Record) -> str:
    """UPDATE of rows that repeat an earlier accepted row of their own part (parameters: `$first`, `$last` part id).

    A key with a NULL part does not deduplicate. The first row stays; a repeat with other content is
    told apart from a plain repeat, so that the district learns which of its lines disagree. Candidates
    are found by the hash of the key, which needs a third of the memory; the keys themselves decide.
    """
    table, key = f"core.{record.record}", ", ".join(_same_key(record))
    content = ", ".join(f'"{name}"' for name in record.compared)
    present = " and ".join(f"{name} is not null" for name in _same_key(record))
    by_person = record.grouped and "person_key" in record.key
    differs = "(part_id, person_key) in (from person_differs)" if by_person else "false"
    return f"""with
repeated as (
  select hash(part_id, {key}) as key_hash from {table}
  where part_id between $first and $last and row_state = 'accepted' and {present}
  group by all having count(*) > 1
),
ranked as (
  select part_id, row_number, hash({content}) as content, {differs} as differs,
    first_value(hash({content})) over same as kept, row_number() over same as place
  from {table} semi join repeated on repeated.key_hash = hash(part_id, {key})
  where part_id between $first and $last and row_state = 'accepted' and {present}
  window same as (partition by part_id, {key} order by row_number)
)
update {table} as c
set row_state = 'duplicate',
  issues = list_append(coalesce(c.issues, []), '{record.key[-1]}:' || case when r.content = r.kept and not r.differs then 'duplicate_row' else 'key_conflict' end)
from ranked as r
where r.place > 1 and c.part_id = r.part_id and c.row_number = r.row_number"""


def find_losers(record: Record) -> str:
    """Rows whose key another part in force also has and that lose to it (parameter: `$parts`, the parts to judge).

    The latest received wins; equal times fall back on covered period and name, never on load order.
    """
    table = f"core.{record.record}"
    day = ["p.snapshot_on"] if record.snapshot else []
    key = ", ".join([*(f"c.{name}" for name in _same_key(record)), *day])
    present = " and ".join(f"c.{name} is not null" for name in _same_key(record))
    content = ", ".join(f'c."{name}"' for name in record.compared)
    return f"""insert into meta.loser
with
claimed as (
  select c.part_id, c.row_number, hash({content}) as content,
    row_number() over same as place, first_value(c.part_id) over same as winner_part_id,
    first_value(c.row_number) over same as winner_row_number, first_value(hash({content})) over same as winner_content
  from {table} as c
  join meta.part_in_force as p on p.part_id = c.part_id
  where c.part_id in (select unnest($parts)) and c.row_state = 'accepted' and {present}
  window same as (
    partition by {key}
    order by p.received_at desc, p.covers_to desc, p.covers_from desc, p.name, p.sheet, c.row_number
  )
)
select '{record.record}' as record, part_id, row_number, winner_part_id, winner_row_number, content <> winner_content as differs
from claimed where place > 1"""


def vanished(record: Record) -> str:
    """Rows of a replaced part whose key its successor lacks (parameters: `$old` part ids, `$new` part ids)."""
    table, key = f"core.{record.record}", _same_key(record)
    same = " and ".join(f"n.{name} = o.{name}" for name in key)
    present = " and ".join(f"o.{name} is not null" for name in key)
    return f"""select o.part_id, o.row_number from {table} as o
anti join (select * from {table} where part_id in (select unnest($new)) and row_state <> 'rejected') as n on {same}
where o.part_id in (select unnest($old)) and o.row_state = 'accepted' and {present}"""


def vanished_columns(record: Record) -> str:
    """Columns with values in a replaced part and none in its successor (parameters: `$old`, `$new` part ids).

    A correction that leaves a column out, or a second file with another figure for the same slot, replaces
    values whose rows still have their keys: `vanished` would not show them.
    """
    own = {
        c.name: name
        for name, _, c in record.stored_columns
        if c is not None and not c.derive and name not in record.key and name in record.compared
    }
    names = ", ".join(f"'{name}'" for name in own)
    counts = ", ".join(f'count("{stored}")' for stored in own.values())

    def filled(parts: str) -> str:
        return (
            f"select unnest([{names}]) as column_name, unnest([{counts}]) as cells from core.{record.record} "
            f"where part_id in (select unnest({parts})) and row_state <> 'rejected'"
        )

    return f"""select o.column_name from ({filled("$old")}) as o
join ({filled("$new")}) as n on n.column_name = o.column_name
where o.cells > 0 and n.cells = 0
  and exists (from core.{record.record} where part_id in (select unnest($new)) and row_state <> 'rejected')"""


def broken_references(record: Record, refer: CrossReference) -> str:
    """INSERT of an issue for each text of a part that the unit's lists of the other kind do not have, at its first row.

    Parameters, where the column is one of `Record.grouped`: `$inner` and `$outer`, as of `insert`."""
    kind, there = refer.target
    is_grouped = refer.column in record.grouped
    written = (
        f"""select n.part_id, n.unit_code, n.word, min(n.row_number) as row_number, sum(n.times)::bigint as times
  from meta.named as n join meta.part_in_force as p on p.part_id = n.part_id and p.record = '{record.record}'
  where n.column_name = '{refer.column}' group by all"""
        if is_grouped  # a row may not show it
        else written_names(refer, f"current.{record.record}", "true")
    )
    word = f'key_text(t."{there}")'
    listed = _named("t.unit_code", word) if is_grouped else word
    return f"""insert into meta.issue (delivery_id, sheet, row_number, column_name, issue_code, severity, message, part_id)
with
named as (
  {written}
),
listed as (
  select distinct t.unit_code, {listed} as word
  from core.{kind} as t join meta.part_in_force as p on p.part_id = t.part_id where t."{there}" is not null
),
sent as (
  select distinct u.unit_code, year(p.covers_from) as first_year, year(p.covers_to) as last_year
  from meta.part_in_force as p join meta.part_unit as u on u.part_id = p.part_id where p.record = '{kind}'
)
select p.delivery_id, p.sheet, n.row_number, '{refer.column}', c.code, c.severity,
  replace(replace(c.message, '{{column}}', l.label), '{{place}}', r.label)
    || case when n.times > 1 then '（本表同样的共' || n.times || '行）' else '' end, p.part_id
from named as n
join meta.part as p on p.part_id = n.part_id
join ref.issue as c on c.code = 'reference_broken'
join ref.record as r on r.record = '{kind}'
join ref.record_column as l on l.record = '{record.record}' and l.column_name = '{refer.column}'
anti join listed on listed.unit_code = n.unit_code and listed.word = n.word
where exists (from sent as s
  where s.unit_code = n.unit_code and s.first_year <= year(p.covers_to) and s.last_year >= year(p.covers_from))"""
