"""JSON Schema of scheme.yml for editors: what may be written where, as one types it.

Made from the models of `flows/score/scheme/scheme_model.py`, with the short forms they accept (a number as the name of a transform, bands as
pairs, a rule as a bare number, an effect as a word), so that an editor completes and underlines what the loader would take or
refuse. Nothing is added by hand; `--check` refuses a stale file. What a schema cannot say (sums, gaps, names that lead nowhere)
is the linter's.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from flows.contract.catalogue import ROOT
from flows.report import generated
from flows.score.rules.condition import CONDITIONS
from flows.score.rules.rule import KINDS
from flows.score.scheme.scheme_model import Effect, Scheme
from flows.score.sources.input import SOURCES
from flows.score.transforms.transform import TRANSFORMS

#: Beside the years, so that every scheme.yml finds it: `# yaml-language-server: $schema=../scheme.schema.json`.
FILE = Path("data") / "scheme" / "scheme.schema.json"

_NUMBER = r"^[-+]?(\d+(\.\d*)?|\.\d+)([eE][-+]?\d+)?$"
_EXACT = {"anyOf": [{"type": "number"}, {"type": "string", "pattern": _NUMBER}]}
_WHOLE = {"anyOf": [{"type": "integer"}, {"type": "string", "pattern": r"^[-+]?\d+$"}]}


#: Unions by the name they have here, with the kinds of each.
_UNIONS: dict[str, Sequence[type]] = {
    "Rule": list(KINDS.values()),
    "Input": list(SOURCES.values()),
    "Condition": list(CONDITIONS.values()),
}


def schema() -> dict[str, Any]:
    """The schema as a JSON object; equal models give equal objects."""
    made = _as_typed(Scheme.model_json_schema(by_alias=True))
    kinds: dict[str, Any] = made["$defs"]
    kinds["exact"], kinds["whole"] = _EXACT, _WHOLE
    kinds["Transform"] = {"enum": ["value", *sorted(TRANSFORMS)]}
    for source in SOURCES.values():
        kinds[source.__name__]["properties"]["as"] = {"anyOf": _transforms()}
    kinds["Input"] = {"anyOf": [*_transforms(), *(_ref(source.__name__) for source in SOURCES.values())]}
    kinds["Condition"] = {"anyOf": [_ref(kind.__name__) for kind in CONDITIONS.values()]}
    by_key = {key: _ref(kind.__name__) for key, kind in KINDS.items()}
    one = {"type": "object", "properties": by_key, "additionalProperties": False}
    kinds["Rule"] = {"anyOf": [_ref("exact"), {**one, "minProperties": 1, "maxProperties": 1}]}
    rows = kinds["Bands"]["properties"]["points"]
    kinds["Bands"]["properties"]["points"] = {"anyOf": [_pairs(), rows]}
    kinds["Bands"] = _short(kinds["Bands"], [_pairs(), rows])
    kinds["Item"]["oneOf"] = [{"required": ["items"]}, {"required": ["rule", "points"]}]
    words = [name for name, field in Effect.model_fields.items() if field.annotation is bool]
    kinds["Effect"] = _short({**kinds["Effect"], "minProperties": 1}, [{"enum": words}])
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "scheme.yml",
        **{key: value for key, value in made.items() if key != "$defs"},
        "$defs": {name: kinds[name] for name in sorted(kinds)},
    }


def _ref(name: str) -> dict[str, Any]:
    return {"$ref": f"#/$defs/{name}"}


def _short(whole: dict[str, Any], forms: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """A model that may also be written short; its description stays in front."""
    rest = {key: value for key, value in whole.items() if key != "description"}
    return {"description": whole.get("description", ""), "anyOf": [*forms, rest]}


def _transforms() -> list[dict[str, Any]]:
    """One transform, or several from left to right."""
    return [_ref("Transform"), {"type": "array", "items": _ref("Transform"), "minItems": 1}]


def _pairs() -> dict[str, Any]:
    """Bands as [threshold, points], the highest first."""
    pair = {"type": "array", "items": _ref("exact"), "minItems": 2, "maxItems": 2}
    return {"type": "array", "items": pair, "minItems": 1}


def _as_typed(node: Any) -> Any:
    """Numbers as digits or text, texts that may look like numbers, nothing where a default is none."""
    if isinstance(node, list):
        return [_as_typed(part) for part in node]
    if not isinstance(node, dict):
        return node
    if "oneOf" in node:
        refs = {part["$ref"].rpartition("/")[2] for part in node["oneOf"]}
        return _ref(next(name for name, kinds in _UNIONS.items() if refs == {k.__name__ for k in kinds}))
    kept = [part for part in node.get("anyOf", ()) if part.get("type") != "null"]
    if kept:
        return _alternatives(node, kept)
    if node.get("type") == "integer":
        return _ref("whole")
    out = {key: _as_typed(value) for key, value in node.items() if key not in ("title", "default")}
    if isinstance(node.get("properties"), dict):  # names of keys, whatever they are called
        out["properties"] = {name: _as_typed(value) for name, value in node["properties"].items()}
    if out.get("type") == "string" and not {"enum", "const", "pattern", "format"} & set(out):
        out["type"] = ["string", "number"]
    return out


def _alternatives(node: dict[str, Any], kept: list[dict[str, Any]]) -> dict[str, Any]:
    types = [part.get("type") for part in kept]
    if "number" in types and "string" in types:
        others = [
            _as_typed(part)
            for part in kept
            if part.get("type") not in ("number", "string") or "const" in part
        ]
        return {"anyOf": [_ref("exact"), *others]} if others else _ref("exact")
    made = [_as_typed(part) for part in kept]
    told = {"description": node["description"]} if "description" in node else {}
    return {**told, **made[0]} if len(made) == 1 else {**told, "anyOf": made}


def _page() -> str:
    """The file as it is kept."""
    return json.dumps(schema(), ensure_ascii=False, indent=2) + "\n"


def is_current(root: Path = ROOT) -> bool:
    """Whether the file in the repository is the one it is made from now."""
    return not generated.stale(root, {FILE: _page()})


def main(arguments: Sequence[str] | None = None, root: Path = ROOT) -> int:
    """Write the file, or with `--check` only say whether it is current (exit code 1 when stale)."""
    return generated.write(root, {FILE: _page()}, "flows.report.printed.scheme_schema", arguments)


if __name__ == "__main__":
    sys.exit(main())
