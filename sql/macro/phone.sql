-- Telephone numbers: mobile, area code with number, local number, several in one cell. Normal form: digits,
-- area code and extension set off by '-', numbers joined by '/'. Only validated, never stored.

create or replace macro phone_text(t) as
    regexp_replace(
        translate(regexp_replace(upper(half_width(t)), '^''+', ''), '、，,;；‐‑‒–—―−', '/////-------'),
        '[\s\p{Z}\p{Cc}\p{Cf}]*([/-])[\s\p{Z}\p{Cc}\p{Cf}]*', '\1', 'g'
    );

create or replace macro read_phone(u) as
    case
        when regexp_full_match(u, '(?:\+?86|0086)?1[3-9][0-9]{9}') then right(u, 11)
        when regexp_full_match(u, '(?:\+?86-?)?\(?0[0-9]{2,3}\)?-?[2-9][0-9]{6,7}(?:(?:-|转)[0-9]{1,6})?')
            then regexp_replace(
                regexp_replace(regexp_replace(u, '^\+?86-?', ''), '转', '-'),
                '^\(?(010|02[0-9]|0[3-9][0-9]{2})\)?-?([2-9])', '\1-\2'
            )
        when regexp_full_match(u, '[2-9][0-9]{6,7}(?:(?:-|转)[0-9]{1,6})?') then replace(u, '转', '-')
        when regexp_full_match(u, '[48]00-?[0-9]{3}-?[0-9]{4}') then replace(u, '-', '')
    end;

-- '139 1234 5678' and '139-1234-5678' are one number; '13912345678 13812345678' are two
create or replace macro phone_piece(u) as
    case
        when regexp_full_match(u, '(?:(?:\+?86|0086)[ -]?)?1[3-9][0-9][ -]?[0-9]{4}[ -]?[0-9]{4}')
            then read_phone(regexp_replace(u, '[ -]', '', 'g'))
        else read_phone(regexp_replace(u, '[\s\p{Z}]+', '', 'g'))
    end;

create or replace macro parse_phone(t) as
    case
        when regexp_full_match(t, '1[3-9][0-9]{9}|(?:010|02[0-9]|0[3-9][0-9]{2})-[2-9][0-9]{6,7}') then t
        when t is not null
            then list_transform(
                [
                    list_transform(
                        string_split(
                            regexp_replace(
                                phone_text(t),
                                '([0-9]{7,11})[\s\p{Z}]+(1[3-9][0-9]{9}|0[0-9]{2,3}-[0-9]{7,8})', '\1/\2', 'g'
                            ),
                            '/'
                        ),
                        lambda _u: phone_piece(_u)
                    )
                ],
                lambda _parts: case
                    when len(list_filter(_parts, lambda _x: _x is null)) = 0 then array_to_string(_parts, '/')
                end
            )[1]
    end;

create or replace macro issue_phone(t, v) as
    case when t is not null and v is null then coalesce(cell_issue(t), 'phone_unreadable') end;
