-- What the assessment of a year says now. Until a year's scheme is scored, that is target, actual and attainment.
create schema if not exists assess;

create table if not exists ref.target (
  year smallint not null,
  unit_code varchar not null,
  indicator_id varchar not null,
  target decimal(18, 4) not null check (target > 0),
  document_no varchar not null,
  effective_on date not null
);

create table if not exists ref.unit_group (
  year smallint not null,
  unit_code varchar not null,
  group_id varchar not null
);

create table if not exists assess.attainment (
  year smallint not null,
  unit_code varchar not null,
  indicator_id varchar not null,
  target decimal(18, 4) not null,
  actual decimal(38, 6),
  attainment decimal(18, 4),
  state varchar not null,
  document_no varchar not null
);
