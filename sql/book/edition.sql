-- The editions of closed years, filled from data/books at each publication.
-- One row per edition: when and from what it was made. `fingerprint` stands for every byte of it.
create or replace table book.edition (
  year smallint not null,
  edition integer not null,
  closed_on date not null,
  recorded_at timestamp not null,
  reason varchar,
  scheme varchar not null,
  scheme_fingerprint varchar not null,
  code_fingerprint varchar not null,
  deliveries bigint not null,
  last_received_at timestamp not null,
  fingerprint varchar not null,
  manifest varchar not null,
  signed_by varchar,
  closed_by varchar,
  despite varchar[],
  absent_columns varchar[] not null
);

-- One row per edition and table: how many rows the edition says it has.
create or replace table book.file (
  year smallint not null,
  edition integer not null,
  table_name varchar not null,
  row_count bigint not null,
  sha256 varchar not null
);

-- One row per preview: up to when its data were known, and the last day on which objections to it are taken.
create or replace table book.preview (
  year smallint not null,
  number integer not null,
  until date not null,
  closed_on date not null,
  last_received_at timestamp not null,
  fingerprint varchar not null,
  manifest varchar not null
);
