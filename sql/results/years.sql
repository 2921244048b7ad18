-- The years that are scored up to a year ($year), the last one last.
select year, label, document_no, closing_on, full_points, total_places
from ref.scheme
where year <= $year
order by year
