-- A stretch of days as written: a day, month, quarter, half, year or a range of them. Both ends included.

create or replace macro parse_span_from(t) as
    case
        when regexp_full_match(t, '(?:19|20)[0-9]{2}-[0-9]{2}-[0-9]{2}') then try_cast(t as date)
        when regexp_full_match(t, '(?:19|20)[0-9]{2}年[0-9]{1,2}月')
            then try_cast(replace(replace(t, '年', '-'), '月', '-1') as date)
        else list_transform([span_bounds(t)], lambda _b: case when _b[1] <= _b[2] then _b[1] end)[1]
    end;

create or replace macro parse_span_to(t) as
    case
        when regexp_full_match(t, '(?:19|20)[0-9]{2}-[0-9]{2}-[0-9]{2}') then try_cast(t as date)
        when regexp_full_match(t, '(?:19|20)[0-9]{2}年[0-9]{1,2}月')
            then last_day(try_cast(replace(replace(t, '年', '-'), '月', '-1') as date))
        else list_transform([span_bounds(t)], lambda _b: case when _b[1] <= _b[2] then _b[2] end)[1]
    end;

create or replace macro issue_span(t, v) as
    case
        when t is null or v is not null then null
        when is_masked_date(t) then 'span_masked'
        when regexp_full_match(date_text(t), '[0-9]{4}\.1') then 'span_ambiguous'
        when span_bounds(t)[1] > span_bounds(t)[2] then 'span_reversed'
        when regexp_full_match(date_text(t), day_form() || '|[0-9]{8}') or len(span_bounds(t)) = 2 then 'span_impossible'
        else 'span_unreadable'
    end;
