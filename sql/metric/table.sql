-- The tables the aggregation fills. Values are computed, never typed in: a build may drop and refill them.
create schema if not exists metric;

create table if not exists metric.value (
  unit_code varchar not null,
  period_id varchar not null,
  indicator_id varchar not null,
  category varchar,
  state varchar not null check (state in ('value', 'zero', 'not_applicable', 'not_reported', 'rejected')),
  value decimal(38, 6),
  numerator decimal(38, 6),
  denominator decimal(38, 6),
  record_count bigint not null,
  undecided_count bigint not null,
  lower decimal(38, 6),
  upper decimal(38, 6)
);

create table if not exists metric.flag (
  unit_code varchar not null,
  period_id varchar not null,
  indicator_id varchar not null,
  flag varchar not null,
  message varchar not null
);

create schema if not exists ref;

create table if not exists ref.indicator (
  indicator_id varchar not null,
  label varchar not null,
  unit varchar not null,
  shape varchar not null,
  direction varchar not null,
  counts varchar not null,
  basis varchar not null,
  record varchar not null,
  area varchar not null,
  claims integer[] not null,
  above_one boolean not null
);
