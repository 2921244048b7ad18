"""That the set can be measured: the mapping names what exists, the words lead somewhere, nothing is silently wrong.

How much the reader takes in is not demanded here: that is what the set measures.
"""

import yaml

from flows.contract.catalogue import code_lists, records
from flows.contract.indicator import indicators
from tests.natural import spec
from tests.natural.measure import MAPPING, NOT_STORED, measure_set, totals
from tests.natural.truth import parts, plain

KINDS = {kind: body for kind, body in MAPPING.items() if kind != "except"}
WORDS = yaml.safe_load((spec.FOLDER / "words.yml").read_text("utf-8"))


def test_every_meaning_leads_to_a_column_or_to_none() -> None:
    for file in spec.load() + spec.load_second():
        for _, table in file.tables:
            stated = {column.means for column in table.columns if column.means} | set(table.facts)
            assert stated <= set(KINDS[table.kind]["columns"]), (file.number, table.kind)


def test_the_mapping_names_columns_codes_and_indicators_that_exist() -> None:
    for kind, body in KINDS.items():
        record = records()[body["record"]]
        assert record.label == kind
        names = {*record.columns, *(name for name, _, _ in record.stored_columns)}
        for meaning, columns in body["columns"].items():
            for name in columns.split("|"):
                assert name == NOT_STORED or name in names, (kind, meaning, name)
        for meaning, codes in body["codes"].items():
            column = record.columns.get(body["columns"][meaning].split("|")[0])
            if column is not None and column.list:
                listed = {entry.code for entry in code_lists()[column.list]}
                assert {code for said in codes.values() for code in said.split("|")} <= listed, (
                    kind,
                    meaning,
                )
        for indicator in body["figures"]:
            assert indicator in indicators(), (kind, indicator)


def test_every_word_that_a_quantity_counts_leads_to_a_code() -> None:
    """A word that leads nowhere would count nothing, and the reader would seem to be wrong."""
    lists, kinds, lost = code_lists(), records(), []
    for file in (*spec.load(), *spec.load(kept_back=True), *spec.load_second()):
        for table in (table for sheet in file.sheets for table in sheet.tables):
            mapped, columns = MAPPING[table.kind], kinds[MAPPING[table.kind]["record"]].columns
            for meaning, words in (pair for q in table.quantities for pair in parts(q.by).where.items()):
                names = [n for n in mapped["columns"].get(meaning, NOT_STORED).split("|") if n in columns]
                codes = {e.code for e in lists.get(columns[names[0]].list or "", ())} if names else set()
                lost += [
                    (file.number, w)
                    for w in words
                    if codes and w not in {*codes, *mapped["codes"].get(meaning, {})}
                ]
    assert lost == []


def test_the_words_stand_in_open_files_and_lead_to_the_contracts() -> None:
    heads = {
        plain(text)
        for file in spec.load(kept_back=False)
        for _, table in file.tables
        for column in table.columns
        for text in (column.lines[-1], column.head.replace(" ", ""))
    }
    for entry in WORDS["headers"]:
        assert entry["word"] in heads, entry
        for record, columns in entry["means"].items():
            known = {NOT_STORED, *records()[record].columns}
            known |= {name for name, _, _ in records()[record].stored_columns}
            assert set(columns.split("|")) <= known, entry
    for entry in WORDS["codes"]:
        record, column = entry["column"].split(".")
        assert column in records()[record].columns, entry


def test_nothing_is_silently_wrong() -> None:
    """Over both parts, as totals only: a name here would give away a file that is kept back."""
    result = totals(measure_set(spec.load()))
    wrong = result["quantities"]["wrong"] + result["figures"]["wrong"]
    assert (wrong, result["rows_extra"]) == (0, 0)
    assert result["quantities"]["all"] >= 170
