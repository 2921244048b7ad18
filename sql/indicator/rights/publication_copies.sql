/* ---
indicator: publication_copies
label: 编印宣传书籍
unit: 册
shape: sum
direction: up
record: publication
category: title_plain
counts: copies of books compiled by the union, per title (the category) — each title has its own figure
basis: 工会编印书籍的册数，按书名分类，各书分别计数
--- */
select unit_code, title_plain as category, printed_from_on as from_on, printed_to_on as to_on, copies as numerator, part_id, row_number
from current.publication
where kind = 'compiled'
