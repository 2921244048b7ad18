"""The Chinese words of a trace: states, reasons why a row does not count, differences, and how amounts are written.

What a district reads says what to do about it; what only the office can settle says so.
"""

from __future__ import annotations

from fractions import Fraction

from flows.audit.proof_model import Difference

SHAPES = {
    "count": "计数",
    "sum": "求和",
    "distinct": "去重计数",
    "ratio": "比率",
    "stock": "时点数",
    "coverage": "覆盖率",
    "edition": "届数",
    "streak": "连续年数",
}

#: In place of a cell about a person.
WITHHELD = "（个人信息，不显示）"

ROLES = {"population": "应覆盖", "reached": "已覆盖"}

#: Recorded decisions and scores.
RECORDED = {
    "verified": "核定",
    "spot_check": "抽查核减",
    "ruled_figure": "申诉裁定（指标值）",
    "ruled_points": "申诉裁定（得分）",
    "deduction": "扣分",
    "rater_score": "评分",
}

#: Why a row does not count.
REASONS = {
    "other_period": "日期不在本期内",
    "straddles": "起止日期跨出本期，待定",
    "undated": "没有可用的日期",
    "unit_left": "该单位此时已并入其他单位",
    "other_roll": "不是期末在用的那一期名册",
    "not_valid": "期末一天不在有效期内",
    "no_edition": "看不出是第几届，待定",
    "other_category": "属于其他分类",
    "not_in_population": "本人不在应覆盖的名单上",
    "not_meant": "不符合统计口径（见“取数”中的条件）",
    "rejected": "未通过审核，请按说明改正后重报",
    "duplicate": "与同一表中前面的行重复",
    "key_elsewhere": "同一事项在后收到的报表里另有一行，以后者为准",
    "not_in_force": "所在报表不生效",
}

_DIFFERENCES = {
    "ledger_lacks": "台账里没有这一份报送",
    "file_changed": "库中原件与收到时不一致（SHA-256 不符），请从备份恢复",
    "ledger_differs": "发布库中的报送登记与台账不一致",
    "table_differs": "重新读出的表与发布时不一致",
    "row_differs": "该行与发布时不一致",
    "not_published": "发布库没有这个数，原件算得出",
    "records_differ": "计入的记录数不一致",
    "number_withheld": "发布为没有数，原件算得出",
    "numerator_differs": "分子（或数值）不一致",
    "denominator_differs": "分母不一致",
    "value_differs": "数值不一致",
    "aggregate_differs": "按现行口径把发布的行重新汇总，与发布值不一致",
    "figure_differs": "计分采用的数与发布的指标值不一致",
    "correction_differs": "核定、抽查或裁定之后的数不一致",
    "points_differ": "按考核办法重新计分，分数不一致",
    "block_differs": "各项之和与本级得分不一致",
    "scheme_differs": "考核办法在计分之后有改动",
}


def amount(value: Fraction | None) -> str:
    """An amount in full where it has an end, else rounded to six places for the eye; None is a dash."""
    if value is None:
        return "—"
    if value.denominator == 1:
        return str(value.numerator)
    scaled = value * 10**6
    if scaled.denominator != 1:
        return f"≈{_decimal(round(scaled))}"
    return _decimal(scaled.numerator)


def _decimal(millionths: int) -> str:
    sign, digits = ("-" if millionths < 0 else ""), f"{abs(millionths):07d}"
    return f"{sign}{digits[:-6]}.{digits[-6:]}".rstrip("0").rstrip(".")


def difference(found: Difference, place: str) -> str:
    """One difference as a sentence: where, what, and both sides."""
    text = f"{place}{_DIFFERENCES[found.code]}"
    if found.published and found.found:
        return f"{text}：发布 {found.published}；原件 {found.found}"
    if found.published:
        return f"{text}：发布 {found.published}；原件没有"
    return f"{text}：{found.found}" if found.found else text


def span(first: object, last: object) -> str:
    """A day, or first to last; what has no end is left open."""
    end = "" if last is None or str(last).startswith("9999") else str(last)
    return str(first) if first == last else f"{first or ''}至{end or '…'}"
