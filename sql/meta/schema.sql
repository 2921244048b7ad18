-- Schemas and the tables that every build has; kinds, indicators and views are added from their own files.
create schema if not exists ref;
create schema if not exists core;
create schema if not exists current;
create schema if not exists metric;
create schema if not exists assess;
create schema if not exists book;
create schema if not exists open;
create schema if not exists meta;

-- one row per delivery of the ledger received by the build's as-of time
create table meta.delivery (
  delivery_id integer not null,
  sender varchar,
  name varchar not null,
  sha256 varchar not null,
  received_at timestamp not null,
  encoding varchar,
  evidence varchar,
  withdrawn_at timestamp,
  cells_nonempty bigint not null,
  cells_explained bigint not null,
  format varchar,
  is_backdated boolean not null,
  withdrawn_reason varchar
);

-- one row per delivery whose reader the system kills: it is not in meta.delivery, counts nowhere, and every build tries again
create table meta.unread (
  delivery_id integer not null,
  sender varchar,
  name varchar not null,
  received_at timestamp not null,
  withdrawn_at timestamp
);

-- one row per recognised table of a delivery
create table meta.part (
  part_id bigint not null,
  delivery_id integer not null,
  sheet varchar not null,
  record varchar not null,
  covers_from date,
  covers_to date,
  rows_read bigint not null,
  rows_accepted bigint not null,
  rows_rejected bigint not null,
  rows_duplicate bigint not null,
  rows_ignored bigint not null,
  replaced_by bigint,
  held varchar,
  in_force boolean not null,
  header_row integer not null,
  covers_evidence varchar,
  is_turned boolean not null,
  check (rows_read = rows_accepted + rows_rejected + rows_duplicate + rows_ignored)
);

-- one row per (part, unit it reports on)
create table meta.part_unit (part_id bigint not null, unit_code varchar not null);

-- one row per column of its contract that a table has not under a known header: held, if a header that nobody knows may be it
create table meta.open_column (
  part_id bigint not null,
  column_name varchar not null,
  why varchar not null check (why in ('held', 'absent')),
  header varchar,
  position integer
);

-- one row per (delivery, sheet, class of cell): what became of its non-empty cells
create table meta.cell_account (
  delivery_id integer not null,
  sheet varchar not null,
  class varchar not null,
  cells bigint not null
);

-- one row per part with persons (and per million rows of it): how many of them stand alone, or with fewer than four others,
-- in what is kept of them by group: as written, and as it is shown
create table meta.person_group (
  part_id bigint not null,
  persons bigint not null,
  alone bigint,
  few bigint,
  alone_shown bigint,
  few_shown bigint
);

-- one row per part, unit and what persons name in a column that a row shows only where five share it: what another kind lists
-- is asked by a keyed hash, so that the row it was first met in tells nobody what it says
create table meta.named (
  part_id bigint not null,
  unit_code varchar,
  column_name varchar not null,
  word blob not null,
  row_number integer not null,
  times bigint not null
);

-- one row per finding; the message never holds the text of a cell
create table meta.issue (
  delivery_id integer,
  sheet varchar,
  row_number integer,
  column_name varchar,
  issue_code varchar not null,
  severity varchar not null,
  message varchar not null,
  part_id bigint,
  state varchar not null default 'open'
);

-- one row per accepted row that loses its key to a row of another part in force
create table meta.loser (
  record varchar not null,
  part_id bigint not null,
  row_number integer not null,
  winner_part_id bigint not null,
  winner_row_number integer not null,
  differs boolean not null
);

-- one row per record kind whose rows changed since its indicators were computed
create table meta.stale (record varchar not null);

-- one row: what this database was made from
create table meta.run (
  as_of timestamp,
  code_fingerprint varchar not null,
  key_fingerprint varchar not null,
  deliveries bigint not null,
  last_received_at timestamp,
  ledger_lines bigint,
  ledger_head varchar,
  is_published boolean not null default false
);

-- one row per unit and matter in which a year differs from the publication before (`against` which, known up to `since`), split so that
-- it adds up; kept until results of that year change again. In a book the same, beside the edition or preview before it.
create table meta.restatement (
  year smallint not null,
  unit_code varchar not null,
  against varchar not null,
  since timestamp,
  kind varchar not null
    check (kind in ('total', 'group_rank', 'overall_rank', 'grade', 'item', 'bonus', 'deduction', 'other')),
  item_id varchar,
  label varchar not null,
  before decimal(18, 6),
  after decimal(18, 6),
  by_data decimal(18, 6),
  by_target decimal(18, 6),
  by_scheme decimal(18, 6),
  by_decision decimal(18, 6),
  by_code decimal(18, 6),
  before_label varchar not null,
  after_label varchar not null,
  reasons varchar not null,
  gone integer[] not null,
  came integer[] not null
);

-- one row per table: what the step that wrote it last left in it
create table meta.seal (name varchar not null, content varchar not null);

-- one row per part whose rows count: the latest received of its slot, not withdrawn, not held back
create view meta.part_in_force as
select p.part_id, p.delivery_id, d.sender, p.record, p.covers_from, p.covers_to, p.covers_to as snapshot_on,
  p.sheet, d.name, d.received_at
from meta.part as p
join meta.delivery as d using (delivery_id)
where p.in_force;

-- one row per row of a replaced part whose key its successor no longer has
create table meta.vanished (part_id bigint not null, row_number integer not null);

-- one row per column of a replaced part that held values and of which its successor holds none
create table meta.vanished_column (part_id bigint not null, column_name varchar not null);

-- one row per row of a returned file that came back, and per row or column of it that did not
create table meta.returned_row (
  delivery_id integer not null,
  sheet varchar not null,
  row_number integer,
  part_id bigint,
  from_delivery_id integer,
  from_sheet varchar,
  from_row_number integer,
  outcome varchar not null,
  changed_columns varchar[] not null,
  unasked_columns varchar[] not null
);

-- What the values of this database were defined by; one row.
create table if not exists meta.measured (
  definition_fingerprint varchar not null
);
