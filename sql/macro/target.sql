-- A target as a letter writes it, in the unit of its indicator: 92% is 0.92, 3.6万元 is 36000. `measure` is the letter's
-- own column 计量单位, or NULL; a percentage said twice (92% under %) is one. 0.92 under % may be 0.92 % or 92 %: NULL,
-- as is what has more than four decimals.

create or replace macro is_percent_word(w) as
    w is not null and w in ('%', '百分比', '百分数', '百分率', '百分点');

create or replace macro read_target(t, unit) as
    case
        when regexp_matches(t, '[%‰]|百分之|千分之') then parse_pct(t, null) * cast(0.01 as decimal(3, 2))
        when is_percent_word(unit) then parse_pct(t, '%') * cast(0.01 as decimal(3, 2))
        when ends_with(unit, '元') then parse_money(t, unit)
        when contains(t, '元') then parse_money(t, null)
        else parse_decimal(t, unit)
    end;

create or replace macro parse_target(written, measure) as
    list_transform(
        [tight_text(written)],
        lambda _t: list_transform(
            [read_target(_t, nullif(tight_text(measure), '比率'))],
            lambda _x: case when _x % cast(0.0001 as decimal(38, 8)) = 0 then cast(_x as decimal(18, 4)) end
        )[1]
    )[1];
