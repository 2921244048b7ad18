-- GB 11643 citizen numbers. Normal form: 18 characters, half-width, X upper case; a 15-digit number of the
-- first generation becomes its 18-digit form. What cannot be repaired for certain is NULL: a number that went
-- through a spreadsheet as a number (5.00118E+17) has lost its end, though 9 % of such pass the check digit.

-- Sum of weight × digit over the first 17 digits, as integer `n`, modulo 11. With n_k = n // 10^k and
-- d_k = n_k - 10 n_(k+1) it telescopes to n_k × (w_k + w_(k-1)), as 10 = -1 (mod 11): 17 divisions, no list.
create or replace macro id_checksum(n) as
    (
        n * 2
        + n // 10 * 6
        + n // 100
        + n // 1000 * 2
        + n // 10000 * 4
        + n // 100000 * 8
        + n // 1000000 * 5
        + n // 10000000 * 10
        + n // 100000000 * 9
        + n // 1000000000 * 7
        + n // 10000000000 * 3
        + n // 100000000000 * 6
        + n // 1000000000000
        + n // 10000000000000 * 2
        + n // 100000000000000 * 4
        + n // 1000000000000000 * 8
        + n // 10000000000000000 * 5
    ) % 11;

-- whether digits 7..14 of the 17 are a day of 1900..2099
create or replace macro id_has_birth(n) as
    n // 1000000000 % 100 between 19 and 20
    and n // 100000 % 100 between 1 and 12
    and n // 1000 % 100 between 1 and 31
    and (
        n // 1000 % 100 <= 28
        or try_cast(
            (n // 10000000 % 10000) || '-' || (n // 100000 % 100) || '-' || (n // 1000 % 100) as date
        ) is not null
    );

-- 18 characters as they are, if everything holds
create or replace macro read_id18(u) as
    list_transform(
        [try_cast(substr(u, 1, 17) as bigint)],
        lambda _n: case
            when _n >= 10000000000000000
                and cast(_n as varchar) = substr(u, 1, 17)
                and substr('10X98765432', id_checksum(_n) + 1, 1) = substr(u, 18)
                and id_has_birth(_n)
                then u
        end
    )[1];

-- 15 digits → 18: the century 19 after the division code, the check character at the end
create or replace macro id15_to_17(u) as u[1:6] || '19' || u[7:15];

create or replace macro read_id15(u) as
    list_transform(
        [cast(id15_to_17(u) as bigint)],
        lambda _n: case when id_has_birth(_n) then _n || substr('10X98765432', id_checksum(_n) + 1, 1) end
    )[1];

-- blanks, a leading apostrophe and the case of X never change who is meant
create or replace macro id_text(t) as
    regexp_replace(upper(bare_text(t)), '^[''`‘’′]+|[''`‘’′]+$', '', 'g');

create or replace macro parse_citizen_id(t) as
    coalesce(
        case
            when strlen(t) = 18 then read_id18(case when ends_with(t, 'x') then upper(t) else t end)
            when regexp_full_match(t, '[1-9][0-9]{14}') then read_id15(t)
        end,
        case
            when t is not null
                then list_transform(
                    [id_text(t)],
                    lambda _u: case
                        when regexp_full_match(_u, '[1-9][0-9]{16}[0-9X]') then read_id18(_u)
                        when regexp_full_match(_u, '[1-9][0-9]{14}') then read_id15(_u)
                    end
                )[1]
        end
    );

-- Divisions of the Chongqing area since 1980 (GB/T 2260 and its yearly lists); elsewhere only the province is
-- judged. `p` is the 6-digit prefix as integer. 81 to 83: residence permits of
-- people from Hong Kong, Macao and Taiwan.
create or replace macro id_prefix_known(p) as
    case
        when p // 10000 = 50
            then p between 500101 and 500120 or p between 500151 and 500156 or p between 500181 and 500184
                or p between 500221 and 500243 or p between 500321 and 500329 or p between 500381 and 500384
                or p between 500421 and 500425
        when p // 100 = 5102
            then p between 510202 and 510203 or p between 510211 and 510219 or p between 510221 and 510232
                or p between 510281 and 510283
        when p // 100 = 5112 then p between 511202 and 511204 or p between 511221 and 511228
        when p // 100 = 5122 then p = 512201 or p between 512221 and 512229
        when p // 100 = 5123 then p between 512301 and 512302 or p between 512321 and 512330
        when p // 100 = 5127 then p between 512721 and 512728
        when p // 100 = 5190 then p between 519001 and 519010
        else
            p // 10000 between 11 and 15 or p // 10000 between 21 and 23 or p // 10000 between 31 and 37
            or p // 10000 between 41 and 46 or p // 10000 between 51 and 54 or p // 10000 between 61 and 65
            or p // 10000 = 71 or p in (810000, 820000, 830000)
    end;

-- The same for the plain form alone, which nearly every row has: `n` is the cell's first 17 characters as integer,
-- worked out once by the caller. A regular expression, as text such as 9.99999999999e+16 becomes a number too.
create or replace macro id_number(t) as try_cast(substr(t, 1, 17) as bigint);

create or replace macro plain_citizen_id(t, n) as
    case
        when regexp_full_match(t, '[1-9][0-9]{16}[0-9X]')
            and substr('10X98765432', id_checksum(n) + 1, 1) = right(t, 1)
            and id_has_birth(n)
            then t
    end;

create or replace macro issue_citizen_id(t, v) as
    case
        when t is null then null
        when v is not null then case
            when list_transform([cast(substr(v, 1, 6) as integer)], lambda _p: not id_prefix_known(_p))[1]
                then 'id_prefix'
        end
        when cell_issue(t) is not null then cell_issue(t)
        else list_transform(
            [id_text(t)],
            lambda _u: case
                when regexp_full_match(_u, '[0-9](?:\.[0-9]+)?E[+]?[0-9]+|[0-9]{15,18}\.[0-9]+')
                    then 'id_lossy'
                when regexp_matches(_u, '[*×●•·#＊_?]|XX|X.') then 'id_masked'
                when not regexp_full_match(_u, '[1-9][0-9]{14}|[1-9][0-9]{16}[0-9X]') then 'id_length'
                when not id_has_birth(
                    cast(case strlen(_u) when 15 then id15_to_17(_u) else _u[1:17] end as bigint)
                ) then 'id_birth'
                else 'id_checksum'
            end
        )[1]
    end;

-- of a normal form only
create or replace macro id_birth_on(v) as
    cast(try_strptime(substr(v, 7, 8), '%Y%m%d') as date);

-- GB/T 2261.1: '1' male, '2' female
create or replace macro id_sex(v) as
    case cast(substr(v, 17, 1) as integer) % 2 when 1 then '1' when 0 then '2' end;
