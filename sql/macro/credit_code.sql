-- GB 32100-2015 unified social credit codes, 18 characters; and the 9-character organisation codes (GB 11714) that were
-- in use until 2015. A failed check character is flagged, never refused: such codes exist on paper.

create or replace macro credit_charset() as '0123456789ABCDEFGHJKLMNPQRTUWXY';

create or replace macro credit_weight(c, weight) as (strpos(credit_charset(), c) - 1) * weight;

-- check character of 17 characters of the charset; 31 → 0
create or replace macro credit_check(u) as
    substr(
        credit_charset(),
        (
            31 - (
                credit_weight(u[1], 1) + credit_weight(u[2], 3) + credit_weight(u[3], 9) + credit_weight(u[4], 27)
                + credit_weight(u[5], 19) + credit_weight(u[6], 26) + credit_weight(u[7], 16) + credit_weight(u[8], 17)
                + credit_weight(u[9], 20) + credit_weight(u[10], 29) + credit_weight(u[11], 25) + credit_weight(u[12], 13)
                + credit_weight(u[13], 8) + credit_weight(u[14], 24) + credit_weight(u[15], 10) + credit_weight(u[16], 30)
                + credit_weight(u[17], 28)
            ) % 31
        ) % 31 + 1,
        1
    );

create or replace macro org_weight(c, weight) as (strpos('0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ', c) - 1) * weight;

-- check character of the 8 characters of an organisation code; 10 → X, 11 → 0
create or replace macro org_check(u) as
    substr(
        '0X987654321',
        (
            org_weight(u[1], 3) + org_weight(u[2], 7) + org_weight(u[3], 9) + org_weight(u[4], 10) + org_weight(u[5], 5)
            + org_weight(u[6], 8) + org_weight(u[7], 4) + org_weight(u[8], 2)
        ) % 11 + 1,
        1
    );

create or replace macro credit_form() as '[0-9A-HJ-NPQRTUWXY]{18}';

create or replace macro parse_credit_code(t) as
    case
        when regexp_full_match(t, credit_form()) then t
        when t is not null
            then list_transform(
                [replace(upper(bare_text(t)), '－', '-')],
                lambda u: case
                    when regexp_full_match(u, credit_form()) then u
                    when regexp_full_match(u, '[0-9A-Z]{8}-[0-9X]') then u
                    when regexp_full_match(u, '[0-9A-Z]{8}[0-9X]') and org_check(u) = u[9] then u[1:8] || '-' || u[9]
                end
            )[1]
    end;

create or replace macro issue_credit_code(t, v) as
    case
        when t is null then null
        when v is null then 'credit_code_form'
        when strlen(v) = 10 then case when org_check(v) = v[10] then 'credit_code_legacy' else 'credit_code_check' end
        when credit_check(v) <> v[18] then 'credit_code_check'
    end;

-- 81: trade union at an employer, 89: other trade union
create or replace macro is_union_credit_code(v) as v[1:2] in ('81', '89');
