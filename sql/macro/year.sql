-- A calendar year, 1900..2099: 2015, 2015年, 2015年度, 二〇一五年, 15年 (1950..2049).

create or replace macro read_year(s) as
    case
        when regexp_full_match(s, '(?:19|20)[0-9]{2}(?:年?度?|\.0+)') then cast(s[1:4] as smallint)
        when regexp_full_match(s, '[0-9]{2}年度?')
            then cast(case when s[1:2] < '50' then '20' else '19' end || s[1:2] as smallint)
    end;

create or replace macro parse_year(t) as
    case
        when regexp_full_match(t, '(?:19|20)[0-9]{2}') then cast(t as smallint)
        else list_transform([date_text(t)], lambda _s: read_year(_s))[1]
    end;

create or replace macro issue_year(t, v) as
    case
        when t is null or v is not null then null
        when cell_issue(t) is not null then cell_issue(t)
        when is_masked_date(t) then 'year_masked'
        else 'year_unreadable'
    end;
