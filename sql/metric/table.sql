-- The tables the aggregation fills. Values are computed, never typed in: a build may drop and refill them.
create schema if not exists metric;

create table if not exists metric.value (
  unit_code varchar not null,
  period_id varchar not null,
  indicator_id varchar not null,
  category varchar,
  state varchar not null check (state in ('value', 'zero', 'not_applicable', 'not_reported', 'rejected', 'unsettled')),
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

-- What no span of days changes, by which metric.in_span answers for any: whose rows count for a unit, what is handed in of each kind
-- from its first to its last day, and by whom without a gap; flows by day; the rows of all other indicators but of rolls.
create table if not exists metric.unit_member (
  unit_code varchar not null,
  part_unit varchar not null,
  before_on date,
  is_own_of_city boolean not null
);

create table if not exists metric.record_end (
  record varchar not null,
  first_on date not null,
  last_on date not null
);

create table if not exists metric.report_span (
  unit_code varchar not null,
  record varchar not null,
  is_roll boolean not null,
  first_on date not null,
  last_on date not null
);

create table if not exists metric.roll_span (
  unit_code varchar not null,
  record varchar not null,
  snapshot_on date not null,
  until_on date not null
);

create table if not exists metric.flow_sum (
  indicator_id varchar not null,
  unit_code varchar not null,
  category varchar,
  since_on date not null,
  until_on date not null,
  numerator decimal(38, 6),
  denominator decimal(38, 6),
  record_count bigint not null,
  numerator_more decimal(38, 6),
  denominator_more decimal(38, 6),
  undecided_count bigint not null,
  open_count bigint not null,
  numerator_open bigint not null,
  denominator_open bigint not null
);

create table if not exists metric.event_unit (
  indicator_id varchar not null,
  unit_code varchar not null,
  category varchar,
  since_on date not null,
  until_on date not null,
  subject blob,
  is_accepted boolean not null,
  is_rejected boolean not null,
  is_open boolean not null
);

create table if not exists metric.validity_unit (
  indicator_id varchar not null,
  unit_code varchar not null,
  category varchar,
  since_on date,
  until_on date,
  subject blob,
  numerator decimal(38, 6),
  denominator decimal(38, 6),
  is_accepted boolean not null,
  is_open boolean not null
);

create table if not exists metric.coverage_unit (
  indicator_id varchar not null,
  unit_code varchar not null,
  part_unit varchar not null,
  category varchar,
  since_on date,
  until_on date,
  subject blob,
  numerator decimal(38, 6),
  denominator decimal(38, 6),
  part_id bigint not null,
  row_number integer not null,
  is_accepted boolean not null,
  is_open boolean not null,
  record varchar,
  snapshot_on date
);

create table if not exists metric.streak_unit (
  indicator_id varchar not null,
  unit_code varchar not null,
  award_year integer not null,
  since_on date,
  numerator decimal(38, 6),
  is_accepted boolean not null,
  is_open boolean not null
);

create schema if not exists ref;

-- Filled anew from the headers, so that it may be made anew.
create or replace table ref.indicator (
  indicator_id varchar not null,
  label varchar not null,
  unit varchar not null,
  shape varchar not null,
  direction varchar not null,
  counts varchar not null,
  basis varchar not null,
  record varchar not null,
  area varchar not null,
  above_one boolean not null,
  is_rate boolean not null,
  is_edition boolean not null,
  at_end boolean not null,
  by_subject boolean not null,
  adds_own boolean not null
);

create or replace table ref.indicator_record (
  indicator_id varchar not null,
  record varchar not null,
  is_needed boolean not null
);

-- What decides whether, when and with how much a row counts: while it is open, the row is undecided.
create or replace table ref.indicator_column (
  indicator_id varchar not null,
  record varchar not null,
  column_name varchar not null
);

-- What each roll says, counted once when it arrives and kept while the same parts are in force.
create table if not exists metric.snapshot_count (
  indicator_id varchar not null,
  record varchar not null,
  unit_code varchar not null,
  snapshot_on date not null,
  parts bigint[] not null,
  category varchar,
  numerator decimal(38, 6),
  numerator_low decimal(38, 6) not null,
  numerator_high decimal(38, 6),
  denominator decimal(38, 6),
  denominator_high decimal(38, 6),
  record_count bigint not null,
  undecided_count bigint not null,
  open_count bigint not null
);

-- The few subjects that stand on the rolls of more than one unit: the city counts each of them once.
create table if not exists metric.shared_subject (
  indicator_id varchar not null,
  record varchar not null,
  unit_code varchar not null,
  snapshot_on date not null,
  category varchar,
  subject blob not null
);

-- A roll: the parts in force that tell one unit's state on one day. Other parts are another roll.
create or replace view metric.snapshot_slot as
select p.record, u.unit_code, p.snapshot_on, list(distinct p.part_id order by p.part_id) as parts
from meta.part_in_force as p
join meta.part_unit as u on u.part_id = p.part_id
group by p.record, u.unit_code, p.snapshot_on;
