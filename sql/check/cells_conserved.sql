-- one row per delivery with a cell that is not accounted for
select d.delivery_id, d.cells_nonempty, d.cells_explained, coalesce(sum(a.cells), 0) as cells_by_class
from meta.delivery as d
left join meta.cell_account as a using (delivery_id)
group by all
having d.cells_nonempty <> d.cells_explained or d.cells_explained <> coalesce(sum(a.cells), 0);
