-- Whole numbers of things. `unit` is the unit of the column (人, 万人, 万册 …) or NULL, 'conflict' if it is
-- disputed. The measure word of the cell may differ from the column's, except where the difference is known
-- to change the number: heads, visits (人次) and households (户). '人/人次': a column of visits of which nobody on the sheet
-- says so; a header 参训人数 over 91人 means what it means over 91.

create or replace macro unit_scale(unit) as
    case
        when unit is null or substr(unit, 1, 1) not in ('十', '百', '千', '万', '亿') then ''
        else regexp_extract(unit, '^(?:[十百千]?万|[百千亿])')
    end;

create or replace macro count_family(word) as
    case
        when word in ('人', '名', '位', '口') then 'head'
        when word in ('人次', '次', '人·次') then 'visit'
        when word in ('户', '家庭') then 'household'
    end;

create or replace macro count_parts(t) as
    regexp_extract(
        tight_text(t),
        '^(-|−)?(' || numeral_form() || ')'
        || '(人次|名次|场次|户次|家次|件次|台次|人|名|位|口|个|件|册|份|场|户|家|条|本|期|次|起|宗|项|张|部|台|处|所|支|只|例|届'
        || '|对|批|队|篇|首|幅|块|间|座|套|轮|种|类|班|期次|组|片|盒|箱|枚|把|双|辆|艘|天|岁|门|课时|学时|小时)?$',
        ['g', 'n', 'w']
    );

create or replace macro count_factor(p, unit) as
    case
        when unit = '人/人次' then case when count_family(p.w) is distinct from 'household' then 1 end
        when count_family(p.w) <> count_family(replace(unit, unit_scale(unit), '')) then null
        when unit_scale(unit) = '' then 1
        when not regexp_matches(p.n, '[百佰千仟万萬亿億]')
            then case when p.w = '' then scale_factor(unit_scale(unit)) end
        when ends_with(cn_canonical(p.n), unit_scale(unit)) then 1
    end;

create or replace macro parse_count(t, unit) as
    case
        when unit_scale(unit) = '' and unit is distinct from 'conflict'
            and regexp_full_match(t, '[0-9]{1,18}')
            then try_cast(t as bigint)
        when unit_scale(unit) = '' and ends_with(t, unit)
            and regexp_full_match(left(t, length(t) - length(unit)), '[0-9]{1,18}')
            then try_cast(left(t, length(t) - length(unit)) as bigint)
        when unit_scale(unit) = '万' and regexp_full_match(t, '[0-9]{1,10}(?:\.[0-9]{1,4})?')
            then cast(try_cast(t as decimal(18, 4)) * 10000 as bigint)
        when unit = 'conflict' then null
        else list_transform(
            [count_parts(t)],
            lambda _p: list_transform(
                [case when _p.g = '' then parse_numeral(_p.n) * count_factor(_p, unit) end],
                lambda _x: case
                    when _x % 1 = 0 and _x < 1000000000000000000 then cast(_x as bigint)
                end
            )[1]
        )[1]
    end;

create or replace macro issue_count(t, unit, v) as
    case
        when t is null or v is not null then null
        when cell_issue(t) is not null then cell_issue(t)
        when is_approximate(t) then 'count_approximate'
        when unit = 'conflict' then 'count_unit_conflict'
        else list_transform(
            [count_parts(t)],
            lambda _p: list_transform(
                [parse_numeral(_p.n)],
                lambda _n: case
                    when _n is not null and count_factor(_p, unit) is null then 'count_unit_conflict'
                    when _n is not null and _p.g <> '' then 'count_negative'
                    when _n * count_factor(_p, unit) % 1 <> 0
                        or regexp_full_match(_p.n, '[0-9]{1,15}\.[0-9]{9,}')
                        then 'count_fraction'
                    else 'count_unreadable'
                end
            )[1]
        )[1]
    end;
