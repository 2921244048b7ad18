-- Text forms. `t` is VARCHAR or NULL; NULL stays NULL. Load order of this folder: text, number, then by name.
-- Full-width letters and digits (U+FF01..U+FF5E) and the ideographic blank are the only forms that are
-- folded: other compatibility characters (circled digits, roman numerals) are left for a person to look at.
-- Every macro asks the cheap question first: translate() builds its map for every cell, 5 us for all letters.
-- Names that start with '_' are lambda parameters, so that no column or alias of a caller can be captured.

create or replace macro half_width(t) as
    case
        when strlen(t) = length(t) then t
        when not regexp_matches(t, '[！-～\x{3000}]') then t
        when not regexp_matches(t, '[！-＇＊-～\x{3000}]') then replace(replace(t, '（', '('), '）', ')')
        when not regexp_matches(t, '[！-＋；-～]') then translate(t, '０１２３４５６７８９，－．／：　', '0123456789,-./: ')
        else translate(
            t,
            '！＂＃＄％＆＇（）＊＋，－．／０１２３４５６７８９：；＜＝＞？＠ＡＢＣＤＥＦＧＨＩＪＫＬＭＮＯＰＱＲＳＴＵＶＷＸＹＺ［＼］＾＿｀ａｂｃｄｅｆｇｈｉｊｋｌｍｎｏｐｑｒｓｔｕｖｗｘｙｚ｛｜｝～　',
            '!"#$%&''()*+,-./0123456789:;<=>?@ABCDEFGHIJKLMNOPQRSTUVWXYZ[\]^_`abcdefghijklmnopqrstuvwxyz{|}~ '
        )
    end;

-- without any blank, control or zero-width character: '姓 名', '身份证\n号', '2015 年 9 月'
create or replace macro bare_text(t) as
    half_width(
        case
            when regexp_matches(t, '[\s\p{Z}\p{Cc}\p{Cf}]')
                then regexp_replace(t, '[\s\p{Z}\p{Cc}\p{Cf}]+', '', 'g')
            else t
        end
    );

-- like bare_text, but NULL where a blank stands between digits: '2015-9-1 5' is not the 15th, 12 34 not 1234
create or replace macro tight_text(t) as
    case
        when not regexp_matches(t, '[\s\p{Z}\p{Cc}\p{Cf}]') then half_width(t)
        when not regexp_matches(t, '[0-9０-９.．,，][\s\p{Z}\p{Cc}\p{Cf}]+[0-9０-９.．,，]')
            then half_width(regexp_replace(t, '[\s\p{Z}\p{Cc}\p{Cf}]+', '', 'g'))
    end;

-- as stored: half-width, inner runs of blanks are one blank
create or replace macro clean_text(t) as
    case
        when not regexp_matches(t, '[！-～\s\p{Z}\p{Cc}\p{Cf}]') then t
        when not regexp_matches(t, '[\s\p{Z}\p{Cc}\p{Cf}]') then half_width(t)
        else nullif(
            trim(
                regexp_replace(
                    regexp_replace(half_width(t), '\p{Cf}+', '', 'g'), '[\s\p{Z}\p{Cc}]+', ' ', 'g'
                )
            ),
            ''
        )
    end;

-- for matching names and codes only: no blanks, upper-case latin
create or replace macro key_text(t) as
    case
        when not regexp_matches(t, '[a-z！-～\s\p{Z}\p{Cc}\p{Cf}]') then t
        when not regexp_matches(t, '[a-zａ-ｚ]') then nullif(bare_text(t), '')
        else nullif(upper(bare_text(t)), '')
    end;

-- What a sheet shows in place of a value: an error, or the reader's sign of a formula that was never calculated.
create or replace macro cell_issue(t) as
    case
        when not starts_with(t, '#') then null
        when t = '#未计算!' then 'cell_not_calculated'
        when upper(t) in (
            '#N/A', '#REF!', '#DIV/0!', '#VALUE!', '#NAME?', '#NULL!', '#NUM!', '#SPILL!', '#CALC!', '#FIELD!',
            '#GETTING_DATA', '#CONNECT!', '#BLOCKED!', '#UNKNOWN!', '#BUSY!', '#EXTERNAL!', '#PYTHON!', '#ERROR!'
        ) then 'cell_error'
    end;

create or replace macro parse_text(t) as case when cell_issue(t) is null then clean_text(t) end;

create or replace macro issue_text(t, v) as case when v is null then cell_issue(t) end;

-- a number or day: NULL where a stroke says that there is none
create or replace macro stated(t) as case when t in ('/', '-', '--', '—', '——', '－', '－－', '／', '\') then null else t end;
