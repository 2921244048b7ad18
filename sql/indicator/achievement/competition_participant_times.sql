/* ---
indicator: competition_participant_times
label: 劳动竞赛参赛职工
unit: 人次
shape: sum
direction: up
record: competition_participation
counts: participations in labour competitions, summed over competition and employer; a worker in two competitions counts twice
basis: 劳动竞赛参赛职工人次，按竞赛和单位汇总；一人参加两项计两次
--- */
select unit_code, held_from_on as from_on, held_to_on as to_on, participant_times as numerator, part_id, row_number
from current.competition_participation
