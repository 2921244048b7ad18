-- Days and spans of days, only as written: a month never becomes its first day, 15-9-1 is nobody's date.
-- Years 1900..2099; a two-digit year needs its 年 and means 1950..2049, like an Excel serial day.

-- 十 between digits: 二十一 → 21, 十 → 10
create or replace macro cn_tens(s) as
    regexp_replace(
        regexp_replace(
            regexp_replace(regexp_replace(s, '([1-9])十([1-9])', '\1\2', 'g'), '十([1-9])', '1\1', 'g'),
            '([1-9])十', '\10', 'g'
        ),
        '十', '10', 'g'
    );

-- one spelling of a written date or span: 二〇一五年十月廿一号 → 2015年10月21日, 15年9月 → 2015年9月,
-- an attached time of day is dropped, '至', '到', '～', '—' become '~'. NULL if blanks make it ambiguous.
create or replace macro date_text(t) as
    list_transform(
        [half_width(t)],
        lambda _h: list_transform(
            [
                tight_text(
                    regexp_replace(_h, '[T\s]+[0-9]{1,2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]+)?)?Z?$', '')
                )
            ],
            lambda _b: list_transform(
                [
                    regexp_replace(
                        regexp_replace(
                            translate(
                                replace(replace(_b, '月份', '月'), '--', '~'),
                                '号號至到〜∼—–―─‐‑‒−、', '日日~~~~~~~~----.'
                            ),
                            '~+', '~', 'g'
                        ),
                        '^\((.*)\)$', '\1'
                    )
                ],
                lambda _s: list_transform(
                    [
                        case
                            when not regexp_matches(_s, '[一二三四五六七八九十〇○零]') then _s
                            when regexp_matches(_s, '十[一二三四五六七八九]?年') then _s
                            else cn_tens(cn_canonical(translate(_s, 'Oo', '○○')))
                        end
                    ],
                    lambda _c: case
                        when regexp_matches(_c, '^[0-4][0-9]年[0-9]') then '20' || _c
                        when regexp_matches(_c, '^[5-9][0-9]年[0-9]') then '19' || _c
                        else _c
                    end
                )[1]
            )[1]
        )[1]
    )[1];

-- digits of a year, month, day → the day, NULL if the calendar has none
create or replace macro day_of(y, m, d) as
    case
        when y >= '1900' and y < '2100' and strlen(y) = 4
            then try_cast(y || '-' || lpad(m, 2, '0') || '-' || lpad(d, 2, '0') as date)
    end;

create or replace macro day_form() as
    '[0-9]{4}(?:-[0-9]{1,2}-[0-9]{1,2}|/[0-9]{1,2}/[0-9]{1,2}|\.[0-9]{1,2}\.[0-9]{1,2}'
    || '|年[0-9]{1,2}月[0-9]{1,2}日)';

-- `s` is date_text
create or replace macro read_day(s) as
    case
        when regexp_full_match(s, day_form())
            then case
                when s >= '1900' and s < '2100'
                    then try_cast(
                        regexp_replace(s, '^([0-9]+)[^0-9]([0-9]+)[^0-9]([0-9]+)日?$', '\1-\2-\3') as date
                    )
            end
        when regexp_full_match(s, '(?:19|20)[0-9]{6}') then day_of(s[1:4], s[5:6], s[7:8])
        when regexp_full_match(s, '[1-5][0-9]{4}(?:\.[0-9]+)?') and s[1:5] between '18264' and '54788'
            then date '1899-12-30' + cast(s[1:5] as integer)
    end;

create or replace macro parse_date(t) as
    case
        when regexp_full_match(t, '(?:19|20)[0-9]{2}(?:-[0-9]{1,2}-[0-9]{1,2}|/[0-9]{1,2}/[0-9]{1,2})')
            then try_cast(t as date)
        when regexp_full_match(t, '(?:19|20)[0-9]{2}\.[0-9]{1,2}\.[0-9]{1,2}')
            then try_cast(replace(t, '.', '-') as date)
        when regexp_full_match(t, '(?:19|20)[0-9]{2}年[0-9]{1,2}月[0-9]{1,2}日')
            then try_cast(replace(replace(replace(t, '年', '-'), '月', '-'), '日', '') as date)
        else list_transform([date_text(t)], lambda _s: read_day(_s))[1]
    end;

-- year, month, day of both ends as written
create or replace macro end_names() as ['y', 'm', 'd', 'y2', 'm2', 'd2'];

-- first and last day of a span that is not a single day; `s` is date_text.
-- 2015.1 stays unread: a spreadsheet makes it of 2015.10 too.
create or replace macro read_span(s) as
    case
        when regexp_full_match(s, '[0-9]{4}\.1') then null
        when regexp_full_match(s, '[0-9]{4}(?:年[0-9]{1,2}月|[-./][0-9]{1,2})|(?:19|20)[0-9]{4}')
            then list_transform(
                [day_of(s[1:4], regexp_extract(s[5:], '[0-9]+'), '1')], lambda _d: [_d, last_day(_d)]
            )[1]
        when regexp_full_match(s, '[0-9]{4}年?度?|[0-9]{4}年全年')
            then [day_of(s[1:4], '1', '1'), day_of(s[1:4], '12', '31')]
        when regexp_full_match(s, '[0-9]{4}年(?:第?[1-4]季度?)|[0-9]{4}年?Q[1-4]')
            then list_transform(
                [day_of(s[1:4], cast(cast(regexp_extract(s[5:], '[1-4]') as integer) * 3 as varchar), '1')],
                lambda _d: [cast(_d - interval 2 month as date), last_day(_d)]
            )[1]
        when regexp_full_match(s, '[0-9]{4}年上半年') then [day_of(s[1:4], '1', '1'), day_of(s[1:4], '6', '30')]
        when regexp_full_match(s, '[0-9]{4}年下半年') then [day_of(s[1:4], '7', '1'), day_of(s[1:4], '12', '31')]
        when regexp_full_match(s, '[0-9]{4}年[0-9]{1,2}月[上中下]旬')
            then list_transform(
                [day_of(s[1:4], regexp_extract(s, '年([0-9]+)月', 1), '1')],
                lambda _d: case s[-2]
                    when '上' then [_d, _d + 9]
                    when '中' then [_d + 10, _d + 19]
                    else [_d + 20, last_day(_d)]
                end
            )[1]
        else
            list_transform(
                [
                    list_filter(
                        [
                            -- 2015年9月1日至9月3日, 2015年9月1-3日, 2015年1-9月
                            regexp_extract(
                                s,
                                '^([0-9]{4})年([0-9]{1,2})(?:月(?:([0-9]{1,2})日?)?)?[-~]'
                                || '(?:([0-9]{4})年)?(?:([0-9]{1,2})月)?(?:([0-9]{1,2})日)?$',
                                end_names()
                            ),
                            -- 2011-2015, 2011年至2015年
                            regexp_extract(s, '^([0-9]{4})()()年?[-~]([0-9]{4})()()年?度?$', end_names()),
                            -- 2015.9.1-2015.9.3, 2015-09-01至2015-09-03
                            regexp_extract(
                                s,
                                '^([0-9]{4})[-./]([0-9]{1,2})[-./]([0-9]{1,2})[-~]'
                                || '([0-9]{4})[-./]([0-9]{1,2})[-./]([0-9]{1,2})$',
                                end_names()
                            ),
                            -- 2014.12-2015.2; with hyphens inside only if something else stands between
                            regexp_extract(
                                s,
                                '^([0-9]{4})[./]([0-9]{1,2})()[-~]([0-9]{4})[./]([0-9]{1,2})()$',
                                end_names()
                            ),
                            regexp_extract(
                                s, '^([0-9]{4})-([0-9]{1,2})()~([0-9]{4})-([0-9]{1,2})()$', end_names()
                            ),
                            -- 2015.9.1-9.3, 2015.9.1-3
                            regexp_extract(
                                s,
                                '^([0-9]{4})[./]([0-9]{1,2})[./]([0-9]{1,2})[-~]()'
                                || '(?:([0-9]{1,2})[./])?([0-9]{1,2})$',
                                end_names()
                            ),
                            regexp_extract(
                                s,
                                '^([0-9]{4})-([0-9]{1,2})-([0-9]{1,2})~()(?:([0-9]{1,2})-)?([0-9]{1,2})$',
                                end_names()
                            )
                        ],
                        lambda _p: _p.y <> ''
                    )[1]
                ],
                lambda _p: case
                    when _p.d <> '' and _p.d2 <> '' and (_p.y2 = '' or _p.m2 <> '')
                        then [
                            day_of(_p.y, _p.m, _p.d),
                            day_of(
                                case _p.y2 when '' then _p.y else _p.y2 end,
                                case _p.m2 when '' then _p.m else _p.m2 end,
                                _p.d2
                            )
                        ]
                    when _p.d = '' and _p.d2 = '' and _p.m <> '' and _p.m2 <> ''
                        then [
                            day_of(_p.y, _p.m, '1'),
                            last_day(day_of(case _p.y2 when '' then _p.y else _p.y2 end, _p.m2, '1'))
                        ]
                    when _p.m = '' and _p.d = '' and _p.m2 = '' and _p.d2 = '' and _p.y2 <> ''
                        then [day_of(_p.y, '1', '1'), day_of(_p.y2, '12', '31')]
                end
            )[1]
    end;

-- [first day, last day] of date_text `s`; [NULL, NULL] or NULL if unreadable or impossible
create or replace macro read_bounds(s) as
    list_transform([read_day(s)], lambda _d: case when _d is not null then [_d, _d] else read_span(s) end)[1];

-- 201*年, 20XX年9月, 20__年, 2015年*月
create or replace macro is_masked_date(t) as
    regexp_full_match(
        upper(bare_text(t)),
        '(?:[12][0-9]|[*×X?_□]{2})[0-9年月日号度.\-/至~]*[*×X?_□][0-9年月日号度.\-/至~*×X?_□]*'
        || '|[*×X?_□]{2,}年.*'
    );

create or replace macro issue_date(t, v) as
    case
        when t is null or v is not null then null
        when cell_issue(t) is not null then cell_issue(t)
        when is_masked_date(t) then 'date_masked'
        else list_transform(
            [date_text(t)],
            lambda _s: case
                when read_span(_s)[1] is not null then 'date_month_only'
                when regexp_full_match(_s, day_form() || '|[0-9]{8}') then 'date_impossible'
                else 'date_unreadable'
            end
        )[1]
    end;

-- a month and a day, or a month, without a year: as written in the year that the table covers, if it covers one and the day is
-- in it: 3月5日 → 2015年3月5日, 3-5 → 2015-3-5. Anything else stays as it is. 3.1 stays: a spreadsheet makes it of 3.10 too.
create or replace macro in_covered_year(t, since, until) as
    case
        when t is null or starts_with(t, '19') or starts_with(t, '20') or year(since) <> year(until) then t
        when not regexp_full_match(
            t,
            '(?:1[0-2]|0?[1-9])(?:月(?:份|[上中下]旬|[0-9]{1,2}[日号]?)?|[-/][0-9]{1,2}|\.(?:[0-9]{2}|[4-9]))'
            || '|(?:1[0-2]|0?[1-9])月(?:[0-9]{1,2}[日号]?)?[至到~—-](?:(?:1[0-2]|0?[1-9])月)?(?:[0-9]{1,2}[日号]?)?'
            || '|(?:1[0-2]|0?[1-9])\.[0-9]{1,2}[至到~—-](?:1[0-2]|0?[1-9])\.[0-9]{1,2}'
        ) then t
        when cast(regexp_extract(t, '^[0-9]+') as integer) not between month(since) and month(until) then t
        else year(since) || coalesce(nullif(regexp_extract(t, '^[0-9]+([-/.])', 1), ''), '年') || regexp_replace(t, '月([0-9]+)$', '月\1日')
    end;

-- calendar days by which a report was late, at least 1; 0 in time. Days end with `last_on`, the scheme's closing day (NULL: without one);
-- `known_on` stands for a report that has not come.
create or replace macro days_late(due_on, came_on, known_on, last_on) as
    case
        when coalesce(came_on, known_on) <= due_on then 0
        else greatest(1, least(coalesce(came_on, known_on), last_on) - due_on)
    end;
