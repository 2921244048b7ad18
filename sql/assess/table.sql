-- What a year's scheme says, and what scoring it gives. A year's rows are computed anew as a whole; points are rounded half up
-- to six places unless the scheme rounds earlier. `book.*` holds what was decided, these tables what the data say now.
-- One row per year: the scheme it was scored with, what the linter remarked about it (a JSON array; no errors), and scheme.yml as it was.
create table if not exists ref.scheme (
  year smallint not null,
  scheme varchar not null,
  label varchar not null,
  document_no varchar not null,
  closing_on date not null,
  full_points decimal(18, 6) not null,
  total_places tinyint not null,
  bonus_cap decimal(18, 6),
  fingerprint varchar not null,
  judged_by varchar not null,
  remarks varchar not null,
  text varchar not null
);

-- One row per year and item of the scheme, blocks and leaves.
create table if not exists ref.item (
  year smallint not null,
  item_id varchar not null,
  parent_id varchar,
  position integer not null,
  label varchar not null,
  indicator_id varchar,
  full_points decimal(18, 6) not null,
  most_points decimal(18, 6) not null,
  least_points decimal(18, 6),
  rule varchar,
  is_leaf boolean not null,
  department varchar,
  evidence varchar
);

-- One row per year and class of bonus.
create table if not exists ref.bonus_class (
  year smallint not null,
  class_id varchar not null,
  label varchar not null,
  cap decimal(18, 6)
);

-- One row per year, unit, indicator and effective day: every version of a target.
create table if not exists ref.target (
  year smallint not null,
  unit_code varchar not null,
  indicator_id varchar not null,
  target decimal(18, 6) not null,
  document_no varchar not null,
  effective_on date not null
);

-- One row per year and assessed unit.
create table if not exists ref.unit_group (
  year smallint not null,
  unit_code varchar not null,
  group_id varchar not null
);

-- One row per year, unit, indicator, category and period that a rule read: the figure that counts, before and after corrections.
create table if not exists assess.figure (
  year smallint not null,
  unit_code varchar not null,
  indicator_id varchar not null,
  category varchar,
  period_id varchar not null,
  state varchar not null,
  computed decimal(38, 6),
  actual decimal(38, 6),
  lower decimal(38, 6),
  upper decimal(38, 6),
  numerator decimal(38, 6),
  denominator decimal(38, 6)
);

-- One row per year, unit and item of the scheme: leaves, and the blocks they add up to within the caps of ref.item.
create table if not exists assess.item_score (
  year smallint not null,
  unit_code varchar not null,
  item_id varchar not null,
  indicator_id varchar,
  is_leaf boolean not null,
  full_points decimal(18, 6) not null,
  target decimal(18, 6),
  actual decimal(38, 6),
  attainment decimal(38, 6),
  points decimal(18, 6),
  points_low decimal(18, 6),
  points_high decimal(18, 6),
  state varchar not null
    check (state in ('value', 'zero', 'not_applicable', 'not_reported', 'rejected', 'unsettled', 'no_target', 'unscored')),
  rule varchar,
  explanation varchar not null,
  document_no varchar
);

-- One row per year and unit.
create table if not exists assess.result (
  year smallint not null,
  unit_code varchar not null,
  group_id varchar not null,
  base_points decimal(18, 6) not null,
  bonus_points decimal(18, 6) not null,
  deduction_points decimal(18, 6) not null,
  total_points decimal(18, 6) not null,
  group_rank integer not null,
  overall_rank integer not null,
  grade varchar not null,
  status varchar not null check (status in ('final', 'provisional')),
  gates varchar[] not null,
  points_low decimal(18, 6) not null,
  points_high decimal(18, 6) not null,
  group_rank_best integer not null,
  group_rank_worst integer not null,
  grade_best varchar not null,
  grade_worst varchar not null,
  rescale decimal(18, 6) not null
);

-- One row per bonus application counted in the year: what was claimed, granted and counted, and why.
create table if not exists assess.bonus (
  year smallint not null,
  unit_code varchar not null,
  class_id varchar,
  kind varchar,
  matter varchar not null,
  level varchar not null,
  work_year smallint not null,
  counted_year smallint not null,
  claimed decimal(18, 6) not null,
  granted decimal(18, 6),
  counted decimal(18, 6) not null,
  why varchar not null,
  document_no varchar,
  part_id bigint not null,
  row_number integer not null
);

-- One row per recorded decision that changed a figure or points.
create table if not exists assess.adjustment (
  year smallint not null,
  unit_code varchar not null,
  kind varchar not null
    check (kind in ('verified', 'spot_check', 'ruled_figure', 'ruled_points', 'deduction')),
  item_id varchar,
  indicator_id varchar,
  amount decimal(38, 6) not null,
  before decimal(38, 6),
  after decimal(38, 6),
  reason varchar,
  document_no varchar,
  part_id bigint not null,
  row_number integer not null
);

-- One row per gate (veto, bar, must-have) that holds for a unit, and per record that says so.
create table if not exists assess.gate (
  year smallint not null,
  unit_code varchar not null,
  gate_id varchar not null,
  label varchar not null,
  effect varchar not null,
  detail varchar not null,
  part_id bigint,
  row_number integer
);

-- One row per matter the office has to settle before a year can be closed (errors), or should know of.
create table if not exists assess.finding (
  year smallint not null,
  severity varchar not null check (severity in ('error', 'warning', 'info')),
  code varchar not null,
  unit_code varchar,
  item_id varchar,
  message varchar not null,
  part_id bigint,
  row_number integer
);

-- One row per year, day, unit and leaf with a target or points: where a unit stands within the year.
create table if not exists assess.progress (
  year smallint not null,
  on_day date not null,
  unit_code varchar not null,
  item_id varchar not null,
  indicator_id varchar,
  target decimal(18, 6),
  actual decimal(38, 6),
  state varchar not null,
  pace decimal(18, 6),
  pace_basis varchar check (pace_basis in ('past', 'elapsed', 'target')),
  expected decimal(38, 6),
  light varchar check (light in ('green', 'yellow', 'red')),
  points decimal(18, 6),
  full_points decimal(18, 6) not null,
  known_on date
);
