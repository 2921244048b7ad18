-- Numerals and exact division. `s` is bare text: half-width, no blanks, unit words already taken off.
-- What is not one of the listed forms is NULL: '1e2', '0x10', '1,23', 三四百 (300 or 400?), 一千二 (1200 or 1002?).

-- positional text in one spelling: 肆万零伍佰 → 4万05百, 廿一 → 2十1
create or replace macro cn_canonical(s) as
    replace(
        replace(
            replace(
                translate(
                    s,
                    '〇零○◯一壹二贰貳两兩三叁參四肆五伍六陆陸七柒八捌九玖拾佰仟萬億',
                    '000011222223334455666778899十百千万亿'
                ),
                '廿', '2十'
            ),
            '卅', '3十'
        ),
        '卌', '4十'
    );

-- regex of 1..9999 in canonical form. A digit after a gap needs its 零; 一百一十五 and 一百十五 are both in use.
create or replace macro cn_section_form() as
    '(?:'
    || '[1-9]千(?:0[1-9]|0[1-9]?十[1-9]?|[1-9]百(?:0[1-9]|[1-9]?十[1-9]?)?)?'
    || '|[1-9]百(?:0[1-9]|[1-9]?十[1-9]?)?'
    || '|[1-9]?十[1-9]?'
    || '|[1-9]'
    || ')';

-- value of one canonical section, 0 for an empty one
create or replace macro cn_section(u) as
    cast('0' || regexp_extract(u, '([1-9])千', 1) as bigint) * 1000
    + cast('0' || regexp_extract(u, '([1-9])百', 1) as bigint) * 100
    + case
        when contains(u, '十') then coalesce(try_cast(regexp_extract(u, '([1-9])十', 1) as bigint), 1) * 10
        else 0
    end
    + cast('0' || regexp_extract(u, '([1-9])$', 1) as bigint);

-- value of a canonical number below 10^12, NULL if it is not well formed
create or replace macro cn_value(u) as
    case
        when u = '0' then cast(0 as bigint)
        when not regexp_full_match(
            u,
            '(?:' || cn_section_form() || '亿)?0?'
            || '(?:' || cn_section_form() || '万)?0?(?:' || cn_section_form() || ')?'
        )
            or u = ''
            or starts_with(u, '0')
            or ends_with(u, '0')
            or regexp_matches(u, '[万亿](?:[1-9]|[1-9]?十[1-9]?)(?:万|$)')
            then null
        else
            cn_section(regexp_extract(u, '^(.*)亿', 1)) * 100000000
            + cn_section(regexp_extract(u, '(?:^|亿)([^亿]*)万', 1)) * 10000
            + cn_section(regexp_extract(u, '([^万亿]*)$', 1))
    end;

-- 一千二百, 十五, 廿, 肆万零伍佰 (positional); 二〇一五, 三〇 (digit by digit; 三四 alone may mean "3 or 4")
create or replace macro cn_int(s) as
    list_transform(
        [cn_canonical(s)],
        lambda _u: case
            when regexp_full_match(_u, '[0-9]{3,15}') and not regexp_matches(s, '[两兩廿卅卌]')
                then cast(_u as bigint)
            when regexp_full_match(_u, '[1-9]0') then cast(_u as bigint)
            else cn_value(_u)
        end
    )[1];

-- the characters a numeral can have: what comes before a unit word
create or replace macro numeral_form() as
    '[0-9.,〇零○◯一壹二贰貳两兩三叁參四肆五伍六陆陸七柒八捌九玖十拾百佰千仟万萬亿億廿卅卌]+';

create or replace macro scale_factor(word) as
    case word
        when '' then 1
        when '十' then 10
        when '百' then 100
        when '千' then 1000
        when '万' then 10000
        when '十万' then 100000
        when '百万' then 1000000
        when '千万' then 10000000
        when '亿' then 100000000
    end;

-- digits with or without thousands separators → DECIMAL(38,8), at most 8 decimals
create or replace macro parse_plain_numeral(s) as
    case
        -- by way of DECIMAL(18,8) in 0.1 us; a cast of text to DECIMAL(38,8) takes 28 us
        when regexp_full_match(s, '[0-9]{1,10}(?:\.[0-9]{1,8})?')
            then cast(try_cast(s as decimal(18, 8)) as decimal(38, 8))
        when regexp_full_match(s, '[0-9]{1,18}(?:\.[0-9]{1,8}0*)?') then try_cast(s as decimal(38, 8))
        when regexp_full_match(s, '[0-9]{1,3}(?:,[0-9]{3}){1,2}(?:\.[0-9]{1,8})?')
            then cast(try_cast(replace(s, ',', '') as decimal(18, 8)) as decimal(38, 8))
        when regexp_full_match(s, '[0-9]{1,3}(?:,[0-9]{3}){1,5}(?:\.[0-9]{1,8}0*)?')
            then try_cast(replace(s, ',', '') as decimal(38, 8))
    end;

-- any unsigned numeral → DECIMAL(38,8), NULL if unreadable or with more than 8 decimals
create or replace macro parse_numeral(s) as
    case
        when regexp_full_match(s, '[0-9.,]+') then parse_plain_numeral(s)
        when regexp_full_match(
            s, '(?:[0-9]{1,12}|[0-9]{1,3}(?:,[0-9]{3}){1,3})(?:\.[0-9]{1,8}0*)?(?:[十百千]?万|[十百千亿])'
        )
            then parse_plain_numeral(regexp_extract(s, '^[0-9.,]+'))
                * cast(scale_factor(regexp_extract(s, '[^0-9.,]+$')) as bigint)
        when regexp_full_match(s, '[0-9]{1,6}亿[0-9]{1,4}万')
            then cast(cast(regexp_extract(s, '^[0-9]+') as bigint) as decimal(38, 8)) * 100000000
                + cast(cast(regexp_extract(s, '亿([0-9]+)', 1) as bigint) as decimal(38, 8)) * 10000
        when regexp_full_match(s, '[〇零○◯一壹二贰貳两兩三叁參四肆五伍六陆陸七柒八捌九玖十拾百佰千仟万萬亿億廿卅卌]+')
            then cast(cn_int(s) as decimal(38, 8))
        when regexp_full_match(s, '(?:[1-9][百千万亿]){2,}') then cast(cn_value(s) as decimal(38, 8))
    end;

-- 20多万, 3万余, 近百, 约50, 十来个: a bound, not a value
create or replace macro is_approximate(t) as
    regexp_matches(t, '余|多|约|近|左右|上下|以上|以下|以内|不足|超|逾|大概|至少|最多|来[个人名件]')
    and regexp_matches(t, '[0-9０-９〇零一二两三四五六七八九十百千万亿]');

-- exact n / d, half away from zero, to 0..6 places. n and d are integers or DECIMAL with at most 6 decimals.
-- DECIMAL division would go through DOUBLE. d = 0 → NULL.
create or replace macro half_up(n, d, places) as
    case
        when d = 0 then null
        else
            cast(
                (
                    2 * abs(cast(cast(n as decimal(32, 6)) * 1000000 as hugeint))
                    * cast([1, 10, 100, 1000, 10000, 100000, 1000000][places + 1] as hugeint)
                    + abs(cast(cast(d as decimal(32, 6)) * 1000000 as hugeint))
                )
                // nullif(2 * abs(cast(cast(d as decimal(32, 6)) * 1000000 as hugeint)), 0)
                * cast([1000000, 100000, 10000, 1000, 100, 10, 1][places + 1] as hugeint)
                * (sign(n) * sign(d))
                as decimal(38, 0)
            ) * cast(0.000001 as decimal(7, 6))
    end;
