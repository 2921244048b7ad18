/* ---
indicator: books_given
label: 赠送图书
unit: 册
shape: sum
direction: up
record: book_gift
counts: books given to staff libraries and employers; books a library holds are a stock and not counted
basis: 赠送的图书册数；书屋藏书是存量，不计
--- */
select unit_code, given_from_on as from_on, given_to_on as to_on, copies as numerator, part_id, row_number
from current.book_gift
