-- Yes and no, and what lists of what is done or not write for them (已组建, 筹备中). A circle (○) and a bare X are not read:
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
                    '是', '有', '√', '✓', '✔', '☑', '对', 'Y', 'YES', 'TRUE', 'T', '1', '已建会', '已建', '已组建', '已成立',
                    '已建立', '已挂牌', '已开展', '已签订', '已报备', '已备案', '已完成'
                ) then true
                when upper(bare_text(t)) in (
                    '否', '无', '没有', '不是', '×', '✗', '✘', '✕', '☐', 'N', 'NO', 'FALSE', 'F', '0', '未建会', '未建', '未组建', '未成立',
                    '未建立', '未挂牌', '未开展', '未签订', '未报备', '未备案', '未完成', '正在筹建', '筹建中', '筹备中', '待建', '拟建', '待组建'
                ) then false
            end
    end;

create or replace macro issue_bool(t, v) as
    case when t is not null and v is null then coalesce(cell_issue(t), 'bool_unreadable') end;
