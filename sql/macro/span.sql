-- A stretch of days as written: a day, month, quarter, half, year or a range of them. Both ends included.

create or replace macro span_bounds(t) as
    list_transform(
        [date_text(t)],
        lambda _s: list_transform([read_bounds(_s)], lambda _b: case when _b[1] <= _b[2] then _b end)[1]
    )[1];

create or replace macro parse_span_from(t) as
    case
        when regexp_full_match(t, '(?:19|20)[0-9]{2}-[0-9]{2}-[0-9]{2}') then try_cast(t as date)
        when regexp_full_match(t, '(?:19|20)[0-9]{2}年[0-9]{1,2}月')
            then try_cast(replace(replace(t, '年', '-'), '月', '-1') as date)
        else span_bounds(t)[1]
    end;

create or replace macro parse_span_to(t) as
    case
        when regexp_full_match(t, '(?:19|20)[0-9]{2}-[0-9]{2}-[0-9]{2}') then try_cast(t as date)
        when regexp_full_match(t, '(?:19|20)[0-9]{2}年[0-9]{1,2}月')
            then last_day(try_cast(replace(replace(t, '年', '-'), '月', '-1') as date))
        else span_bounds(t)[2]
    end;

create or replace macro issue_span(t, v) as
    case
        when t is null or v is not null then null
        when cell_issue(t) is not null then cell_issue(t)
        when is_masked_date(t) then 'span_masked'
        else list_transform(
            [date_text(t)],
            lambda _s: case
                when regexp_full_match(_s, '[0-9]{4}\.1') then 'span_ambiguous'
                when regexp_full_match(_s, day_form() || '|[0-9]{8}') then 'span_impossible'
                else list_transform(
                    [read_bounds(_s)],
                    lambda _b: case
                        when _b[1] > _b[2] then 'span_reversed'
                        when len(_b) = 2 then 'span_impossible'
                        else 'span_unreadable'
                    end
                )[1]
            end
        )[1]
    end;
