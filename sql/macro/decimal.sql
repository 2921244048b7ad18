-- Measured quantities: floor space, hours. `unit` is the unit of the column or NULL, 'conflict' if it is
-- disputed. Four decimals at most; a negative one is read as written (contracts check where it may not be).

create or replace macro measure_name(word) as
    case
        when word in ('㎡', 'M2', 'M²', '平米', '平方', '平方公尺', '米2') then '平方米'
        when word in ('H', '时', '个小时', '小时数', 'HOUR', 'HOURS') then '小时'
        when word in ('KM', '千米') then '公里'
        when word in ('M', '公尺') then '米'
        when word in ('T') then '吨'
        when word in ('KG', '千克') then '公斤'
        when word in ('学时') then '课时'
        else word
    end;

create or replace macro measure_scale(unit) as
    case when regexp_matches(unit, '^(?:千克|千米|千瓦|千伏|百分)') then '' else unit_scale(unit) end;

create or replace macro decimal_parts(t) as
    regexp_extract(
        upper(tight_text(t)), '^(-|−)?(' || numeral_form() || ')([^0-9.,+\-]{0,6}2?)$', ['g', 'n', 'w']
    );

-- the cell's unit word must be the column's, if both have one
create or replace macro decimal_factor(p, unit) as
    case
        when p.w <> '' and unit is not null
            and measure_name(p.w) <> measure_name(upper(replace(unit, measure_scale(unit), '')))
            then null
        when measure_scale(unit) = '' or unit is null then 1
        when not regexp_matches(p.n, '[百佰千仟万萬亿億]')
            then case when p.w = '' then scale_factor(measure_scale(unit)) end
        when ends_with(cn_canonical(p.n), measure_scale(unit)) then 1
    end;

create or replace macro is_measure(word) as
    word = '' or measure_name(word) in (
        '平方米', '小时', '公里', '米', '吨', '公斤', '课时', '亩', '公顷', '天', '分', '分钟', '岁', '年', '月', '个月',
        '倍', '升', '千瓦时', '人', '名', '个', '件', '场', '次', '人次', '户', '家'
    );

create or replace macro read_decimal(p, unit) as
    case when is_measure(p.w) then parse_numeral(p.n) end
    * decimal_factor(p, unit)
    * case p.g when '' then 1 else -1 end;

create or replace macro parse_decimal(t, unit) as
    case
        when unit_scale(unit) = '' and unit is distinct from 'conflict'
            and regexp_full_match(t, '[0-9]{1,14}(?:\.[0-9]{1,4})?')
            then try_cast(t as decimal(18, 4))
        when unit_scale(unit) = '' and ends_with(t, unit)
            and regexp_full_match(left(t, length(t) - length(unit)), '[0-9]{1,14}(?:\.[0-9]{1,4})?')
            then try_cast(left(t, length(t) - length(unit)) as decimal(18, 4))
        when unit = 'conflict' then null
        else list_transform(
            [decimal_parts(t)],
            lambda _p: list_transform(
                [read_decimal(_p, unit)],
                lambda _x: case
                    when abs(_x) < 100000000000000 and _x % cast(0.0001 as decimal(38, 8)) = 0
                        then cast(_x as decimal(18, 4))
                end
            )[1]
        )[1]
    end;

create or replace macro issue_decimal(t, unit, v) as
    case
        when t is null or v is not null then null
        when cell_issue(t) is not null then cell_issue(t)
        when is_approximate(t) then 'decimal_approximate'
        when unit = 'conflict' then 'decimal_unit_conflict'
        else list_transform(
            [decimal_parts(t)],
            lambda _p: list_transform(
                [case when is_measure(_p.w) then parse_numeral(_p.n) end],
                lambda _n: case
                    when _n is not null and decimal_factor(_p, unit) is null then 'decimal_unit_conflict'
                    when _n * decimal_factor(_p, unit) < 100000000000000
                        or regexp_full_match(_p.n, '[0-9]{1,14}\.[0-9]{9,}')
                        then 'decimal_precision'
                    else 'decimal_unreadable'
                end
            )[1]
        )[1]
    end;
