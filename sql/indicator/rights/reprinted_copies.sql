/* ---
indicator: reprinted_copies
label: 翻印法律法规小册子
unit: 册
shape: sum
direction: up
record: publication
category: title_plain
counts: copies of law texts reprinted, all titles together; category by title
basis: 翻印法律法规小册子的册数，各书合计；按书名分类
--- */
select unit_code, title_plain as category, printed_from_on as from_on, printed_to_on as to_on, copies as numerator, part_id, row_number
from current.publication
where kind = 'reprinted'
