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

comment on table metric.value is '指标值 | One row per unit, period, indicator and category (NULL category: the total)';
comment on column metric.value.unit_code is '单位代码 | Assessed unit, the city, or a unit with figures of its own';
comment on column metric.value.period_id is '时期 | Period of ref.period; both ends included';
comment on column metric.value.indicator_id is '指标代码 | Indicator of ref.indicator';
comment on column metric.value.category is '分类 | NULL is the total; otherwise level, kind, title …; no_id: rows without a usable ID';
comment on column metric.value.state is '状态 | value, zero, not_applicable, not_reported or rejected';
comment on column metric.value.value is '数值 | The value in the unit of the indicator; a rate is a fraction of 1';
comment on column metric.value.numerator is '分子 | Numerator; for other shapes the value itself';
comment on column metric.value.denominator is '分母 | Denominator of a rate';
comment on column metric.value.record_count is '记录数 | Accepted rows behind the value';
comment on column metric.value.undecided_count is '待定记录数 | Rejected or not exactly dated rows that may belong to the value';
comment on column metric.value.lower is '下限 | Lowest value the undecided rows allow; NULL is open';
comment on column metric.value.upper is '上限 | Highest value the undecided rows allow; NULL is open';
comment on table metric.flag is '指标提示 | Values that need a word of explanation; they are published unchanged';
comment on column metric.flag.unit_code is '单位代码 | As in metric.value';
comment on column metric.flag.period_id is '时期 | As in metric.value';
comment on column metric.flag.indicator_id is '指标代码 | As in metric.value';
comment on column metric.flag.flag is '提示类别 | above_one: a rate above 100 %; edition_gap: a missing edition';
comment on column metric.flag.message is '说明 | What to look at, in Chinese';

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

comment on table ref.indicator is '指标 | What is counted, by whose definition; from the headers of sql/indicator';
comment on column ref.indicator.indicator_id is '指标代码 | File name of the definition';
comment on column ref.indicator.label is '指标名称 | Chinese name';
comment on column ref.indicator.unit is '计量单位 | Unit of the value';
comment on column ref.indicator.shape is '类型 | count, sum, distinct, ratio, stock, coverage, edition, streak';
comment on column ref.indicator.direction is '方向 | up: more is better';
comment on column ref.indicator.counts is '定义（英文） | What is counted, every fork decided';
comment on column ref.indicator.basis is '统计口径 | The same in Chinese';
comment on column ref.indicator.record is '台账 | Main record kind';
comment on column ref.indicator.area is '工作领域 | Area of work';
comment on column ref.indicator.claims is '对应表述 | Numbers of the claims of the article it answers';
comment on column ref.indicator.above_one is '可超过100% | A rate that may exceed 100 % by its definition';
