-- Yes and no, and what lists of employers write for them (已建会). A circle (○) and a bare X are not read:
-- districts use them for either.

create or replace macro parse_bool(t) as
    case t
        when '是' then true
        when '否' then false
        when '有' then true
        when '无' then false
        when '√' then true
        when '1' then true
        when '0' then false
        else
            case
                when upper(bare_text(t)) in (
                    '是', '有', '√', '✓', '✔', '☑', '对', 'Y', 'YES', 'TRUE', 'T', '1', '已建会', '已建'
                ) then true
                when upper(bare_text(t)) in (
                    '否', '无', '没有', '不是', '×', '✗', '✘', '✕', '☐', 'N', 'NO', 'FALSE', 'F', '0', '未建会', '未建'
                ) then false
            end
    end;

create or replace macro issue_bool(t, v) as
    case when t is not null and v is null then coalesce(cell_issue(t), 'bool_unreadable') end;
