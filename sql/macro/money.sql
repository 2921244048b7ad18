-- Amounts of money in yuan. `unit` is the unit of the column (元 千元 万元 百万元 亿元), NULL, or 'conflict' where the
-- header and the sheet disagree. 4万 and 4万元 are 40000 yuan under 元, 万元 or no unit, and contradict 千元.

create or replace macro yuan_factor(unit) as
    case when unit is null or unit = '元' then 1 else scale_factor(replace(unit, '元', '')) end;

-- parts of an amount: g sign, n numeral, y 元, j 角, f 分; all empty if it is no amount
create or replace macro money_parts(t) as
    regexp_extract(
        upper(tight_text(t)),
        '^(?:人民币|RMB|CNY)?:?(-|−)?[¥￥]?(-|−)?(' || numeral_form() || ')??(?:(元|圆|圓|块)(?:人民币)?)?'
        || '(?:零?([1-9一壹二贰貳两三叁參四肆五伍六陆陸七柒八捌九玖])角)?'
        || '(?:零?([1-9一壹二贰貳两三叁參四肆五伍六陆陸七柒八捌九玖])分)?(?:整|正)?$',
        ['g', 'h', 'n', 'y', 'j', 'f']
    );

-- the cell's own unit against the column's: NULL if they contradict each other, else the numeral's factor
create or replace macro money_factor(p, unit) as
    case
        when yuan_factor(unit) = 1 then 1
        when p.j <> '' or p.f <> '' then null
        when not regexp_matches(p.n, '[百佰千仟万萬亿億]') then case when p.y = '' then yuan_factor(unit) end
        when regexp_extract(cn_canonical(p.n), '[千万亿]$') = replace(unit, '元', '') then 1
        when regexp_extract(cn_canonical(p.n), '百万$') = replace(unit, '元', '') then 1
    end;

-- yuan, not rounded and of either sign → DECIMAL(38,8); `x` is the numeral's value
create or replace macro read_money(p, x, unit) as
    case
        when p.n = '' and p.j = '' and p.f = '' then null
        when p.n <> '' and p.y = '' and (p.j <> '' or p.f <> '') then null
        when p.n = '' and p.y <> '' then null
        else
            (case when p.n = '' then cast(0 as decimal(38, 8)) else x end * money_factor(p, unit)
            + cast('0' || cn_canonical(p.j) || '0' as bigint) * cast(0.01 as decimal(38, 8))
            + cast('0' || cn_canonical(p.f) as bigint) * cast(0.01 as decimal(38, 8)))
            * case when p.g <> '' or p.h <> '' then -1 else 1 end
    end;

create or replace macro parse_money(t, unit) as
    case
        when (unit is null or unit = '元') and regexp_full_match(t, '[0-9]{1,16}(?:\.[0-9]{1,2})?')
            then try_cast(t as decimal(18, 2))
        when unit = '万元' and regexp_full_match(t, '[0-9]{1,8}(?:\.[0-9]{1,6})?')
            then cast(try_cast(t as decimal(18, 6)) * 10000 as decimal(18, 2))
        when (unit is null or unit = '元')
            and regexp_full_match(t, '[¥￥]?(?:[0-9]{1,12}|[0-9]{1,3}(?:,[0-9]{3}){1,3})(?:\.[0-9]{1,2})?元?')
            then try_cast(regexp_replace(t, '[¥￥,元]', '', 'g') as decimal(18, 2))
        when (unit is null or unit in ('元', '万元')) and regexp_full_match(t, '[0-9]{1,8}(?:\.[0-9]{1,6})?万元?')
            then cast(try_cast(regexp_extract(t, '^[0-9.]+') as decimal(18, 6)) * 10000 as decimal(18, 2))
        when unit = 'conflict' then null
        else list_transform(
            [money_parts(t)],
            lambda _p: list_transform(
                [read_money(_p, parse_numeral(_p.n), unit)],
                lambda _x: case
                    when _x >= 0 and _x < 10000000000000000 and _x % cast(0.01 as decimal(38, 8)) = 0
                        then cast(_x as decimal(18, 2))
                end
            )[1]
        )[1]
    end;

create or replace macro issue_money(t, unit, v) as
    case
        when t is null or v is not null then null
        when cell_issue(t) is not null then cell_issue(t)
        when regexp_matches(
            upper(half_width(t)), '美元|美金|港币|港元|欧元|日元|日圆|英镑|台币|澳元|澳币|韩元|卢布|外币|USD|HKD|EUR|JPY|GBP|[$€£]'
        )
            then 'money_foreign'
        when is_approximate(t) then 'money_approximate'
        when unit = 'conflict' then 'money_unit_conflict'
        when regexp_full_match(bare_text(t), '\([0-9.,]+\)') then 'money_negative'
        else list_transform(
            [money_parts(t)],
            lambda _p: list_transform(
                [parse_numeral(_p.n)],
                lambda _n: case
                    when _n is not null and money_factor(_p, unit) is null then 'money_unit_conflict'
                    when regexp_full_match(_p.n, '[0-9]{1,16}\.[0-9]{3,}') and _n is null
                        then 'money_precision'
                    else list_transform(
                        [read_money(_p, _n, unit)],
                        lambda _x: case
                            when _x < 0 then 'money_negative'
                            when _x < 10000000000000000 then 'money_precision'
                            else 'money_unreadable'
                        end
                    )[1]
                end
            )[1]
        )[1]
    end;
