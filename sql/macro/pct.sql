-- Percent points: 85 % is 85. `unit` is the unit of the column: % (or NULL), ‰, or a fraction (小数, 比例, 比值).
-- A bare 0.85 or 1 may be 0.85 % or 85 %: it is never read. 0 is 0 either way.

create or replace macro is_fraction_unit(unit) as
    unit is not null and unit in ('小数', '比例', '比值', '系数');

create or replace macro pct_parts(t) as
    regexp_extract(
        tight_text(t), '^(百分之|千分之)?(-|−)?(' || numeral_form() || ')(%|‰|个百分点|百分点)?$', ['l', 'g', 'n', 'w']
    );

create or replace macro read_pct(p, unit) as
    list_transform(
        [parse_numeral(p.n) * case p.g when '' then 1 else -1 end],
        lambda _x: case
            when unit = 'conflict' then null
            when p.l <> '' and p.w <> '' then null
            when p.l = '千分之' or p.w = '‰' then _x * cast(0.1 as decimal(38, 8))
            when p.l <> '' or p.w <> '' then _x
            when is_fraction_unit(unit) then _x * 100
            when unit = '‰' then _x * cast(0.1 as decimal(38, 8))
            when unit is not null and unit not in ('%', '百分比', '百分点', '个百分点') then null
            when _x = 0 or abs(_x) > 1 then _x
        end
    )[1];

create or replace macro parse_pct(t, unit) as
    case
        when unit is distinct from 'conflict' and regexp_full_match(t, '[0-9]{1,5}(?:\.[0-9]{1,4})?%')
            then try_cast(rtrim(t, '%') as decimal(9, 4))
        when (unit is null or unit = '%')
            and regexp_full_match(t, '(?:[2-9]|[1-9][0-9]{1,4})(?:\.[0-9]{1,4})?')
            then try_cast(t as decimal(9, 4))
        else list_transform(
            [pct_parts(t)],
            lambda _p: list_transform(
                [read_pct(_p, unit)],
                lambda _x: case
                    when abs(_x) < 100000 and _x % cast(0.0001 as decimal(38, 8)) = 0
                        then cast(_x as decimal(9, 4))
                end
            )[1]
        )[1]
    end;

create or replace macro issue_pct(t, unit, v) as
    case
        when t is null or v is not null then null
        when cell_issue(t) is not null then cell_issue(t)
        when is_approximate(t) then 'pct_approximate'
        when unit = 'conflict' then 'pct_unit_conflict'
        else list_transform(
            [pct_parts(t)],
            lambda _p: case
                when abs(read_pct(_p, unit)) < 100000 or regexp_full_match(_p.n, '[0-9]{1,5}\.[0-9]{5,}')
                    then 'pct_precision'
                when unit is not null and unit not in ('%', '‰', '百分比', '百分点', '个百分点')
                    and not is_fraction_unit(unit)
                    then 'pct_unit_conflict'
                when _p.l = '' and _p.w = '' and abs(parse_numeral(_p.n)) <= 1 then 'pct_ambiguous'
                else 'pct_unreadable'
            end
        )[1]
    end;
