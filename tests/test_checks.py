"""Every finding has a publication in `checks/<CODE>/<case>/` that shows it.

`expected.json` says what must be found: code, severity, place, and a part of the
message. `case.py` may make files that git does not carry well (`make(folder)`)
or change the machine (`hook(monkeypatch)`); `unit.txt` names the test of a code
that no source can show. `UPDATE_GOLDEN=1` writes the findings anew: read them
before they are committed.
"""

from __future__ import annotations

import itertools
import json
import os
import runpy
import shutil
import time
from pathlib import Path
from typing import Any

import pytest

from conftest import Terbit, Write, png, tree_bytes, write
from terbit.diagnostics import RULES, Severity

CHECKS = Path(__file__).parent / "checks"
CASES = sorted(p.parent for p in CHECKS.glob("*/*/expected.json"))
NOT_SOURCE = ("expected.json", "case.py", "__pycache__")


def _id(case: Path) -> str:
    return f"{case.parent.name}/{case.name}"


def _expected(case: Path) -> dict[str, Any]:
    value: dict[str, Any] = json.loads((case / "expected.json").read_text(encoding="utf-8"))
    return value


def _prepare(case: Path, folder: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Copy a case's publication beside the output; the arguments of its command."""
    target = folder / case.name
    shutil.copytree(case, target, ignore=shutil.ignore_patterns(*NOT_SOURCE))
    if (target / "source").is_dir():
        shutil.copytree(target / "source", folder / "source")
    own = runpy.run_path(str(case / "case.py")) if (case / "case.py").is_file() else {}
    if "make" in own:
        own["make"](target)
    if "hook" in own:
        own["hook"](monkeypatch)
    arguments = _expected(case).get("arguments", ["build", "{case}", "--to", "epub"])
    return [a.format(case=case.name) for a in arguments]


def _seen(finding: dict[str, Any], case: Path) -> dict[str, Any]:
    """A finding as `expected.json` has it; the file relative to the publication."""
    place = (finding["file"] or "").removeprefix(f"{case.name}/")
    # where a validator stops within our own style sheet is not the case's business
    for key in ("line", "column") if finding["code"] != "epubcheck" else ():
        place += f":{finding[key]}" if finding[key] else ""
    message = finding["message"].replace(str(Path.cwd()), "")
    return {
        "code": finding["code"],
        "severity": finding["severity"],
        "place": place,
        "message": message,
    }


@pytest.mark.parametrize("case", CASES, ids=_id)
def test_case(case: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, terbit: Terbit) -> None:
    arguments = _prepare(case, tmp_path, monkeypatch)
    if arguments[0] in ("build", "check"):
        arguments += ["--report", "json", "--jobs", "1"]
    started = time.monotonic()
    run = terbit(*arguments)
    seconds = time.monotonic() - started
    found = [_seen(f, case) for f in run.findings]
    expected = _expected(case)
    if os.environ.get("UPDATE_GOLDEN"):
        kept = {f["message"] for f in expected["findings"]}  # a part is as good as the whole
        for finding in found:
            finding["message"] = next(
                (m for m in kept if m and m in finding["message"]), finding["message"]
            )
        expected |= {"exit": run.code, "findings": found}
        text = json.dumps(expected, ensure_ascii=False, indent=1) + "\n"
        (case / "expected.json").write_text(text, encoding="utf-8")

    assert case.parent.name in [f["code"] for f in found], "the case shows its own code"
    wanted = expected["findings"]
    keys = ("code", "severity", "place")
    assert [[f[k] for k in keys] for f in found] == [[f[k] for k in keys] for f in wanted]
    for one, other in zip(found, wanted, strict=True):
        assert other["message"] in one["message"]
    assert run.code == expected["exit"]
    assert "Traceback" not in run.out + run.err
    assert seconds < 60
    if run.code == 2 and arguments[0] == "build":
        assert not tree_bytes(tmp_path / "build"), "nothing is published"


def test_every_code_has_a_case() -> None:
    with_cases = {c.parent.name for c in CASES} | {p.parent.name for p in CHECKS.glob("*/unit.txt")}
    assert with_cases == set(RULES)
    assert {p.name for p in CHECKS.iterdir()} == set(RULES)


@pytest.mark.parametrize("note", sorted(CHECKS.glob("*/unit.txt")), ids=lambda p: p.parent.name)
def test_the_unit_test_of_a_code_exists(note: Path) -> None:
    file, _, name = note.read_text(encoding="utf-8").split()[0].partition("::")
    text = (CHECKS.parent.parent / file).read_text(encoding="utf-8")
    assert f"def {name}(" in text
    assert note.parent.name in text


@pytest.mark.parametrize("case", CASES, ids=_id)
def test_severity_is_that_of_the_catalogue(case: Path) -> None:
    # what a validator says keeps the validator's severity
    for finding in _expected(case)["findings"]:
        if finding["code"] in ("epubcheck", "no-effect-yet") or "--strict" in str(_expected(case)):
            continue
        assert finding["severity"] == RULES[finding["code"]].severity.word


def _is_lenient(case: Path) -> bool:
    expected = _expected(case)
    errors = [f for f in expected["findings"] if f["severity"] == "error"]
    return bool(errors) and all(RULES[f["code"]].lenient for f in errors)


def _first_two(cases: list[Path]) -> list[Path]:
    """Two cases of each code: the placeholder is the same for all."""
    by_code = itertools.groupby(cases, key=lambda case: case.parent)
    return [case for _, group in by_code for case in itertools.islice(group, 2)]


LENIENT = _first_two([c for c in CASES if _is_lenient(c)])


def test_every_lenient_code_can_be_lenient() -> None:
    assert {c.parent.name for c in LENIENT} == {code for code, r in RULES.items() if r.lenient}


@pytest.mark.parametrize("case", LENIENT, ids=_id)
def test_lenient_publishes_all_the_same(
    case: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, terbit: Terbit
) -> None:
    arguments = _prepare(case, tmp_path, monkeypatch)
    run = terbit(*arguments, "--lenient", "--report", "json", "--jobs", "1")
    assert run.code == 1, run.out
    assert {f["code"] for f in run.findings} == {f["code"] for f in _expected(case)["findings"]}
    assert (tmp_path / "build" / case.name / f"{case.name}.epub").is_file()


KEEPING = ("bad-yaml/tab", "not-utf8/latin-1", "broken-link/anchor", "missing-file/cover")


@pytest.mark.parametrize("name", KEEPING)
def test_what_was_published_stays(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, terbit: Terbit
) -> None:
    case = CHECKS / name
    arguments = [*_prepare(case, tmp_path, monkeypatch), "--jobs", "1"]
    folder = tmp_path / case.name
    good = write(tmp_path / "good" / case.name, {"01.md": "# Good\n\nText.\n"})
    bad = tmp_path / "bad"
    folder.rename(bad)
    good.rename(folder)
    assert terbit(*arguments).code == 0
    before = tree_bytes(tmp_path / "build")
    assert before
    shutil.rmtree(folder)
    bad.rename(folder)
    assert terbit(*arguments).code == 2
    assert tree_bytes(tmp_path / "build") == before


# all together, and what is no fault


def test_everything_is_said_in_one_run(publication: Write, terbit: Terbit) -> None:
    publication(
        "# One\n\n### Deep\n\n![A map](none.png) [x](#nowhere) @fig:none 漢\n",
        yaml="style: {acent: red}\ncover: none.jpg\ncontents: [01.md, 02.md, 03.md]\n",
        files={"02.md": b"# Two \xe9\n", "03.md": ""},
    )
    run = terbit("build", "sample", "--to", "single", "--report", "json")
    assert run.code == 2
    assert set(run.codes) == {
        *("bad-token", "missing-file", "not-utf8", "empty-file", "skipped-level"),
        *("missing-picture", "broken-link", "broken-reference", "missing-glyph"),
    }


def test_all_faults_of_the_metadata_are_said_in_one_run(publication: Write, terbit: Terbit) -> None:
    publication(
        yaml="kinds: book\nlanguge: id\npage: {size: A55}\nversion: 1.0\n"
        "identifiers: {isbn: {pdf: '1'}, doi: x}\nformats: pdf\n"
    )
    run = terbit("build", "sample", "--report", "json")
    assert run.code == 2
    assert sorted(run.codes) == [
        *("bad-identifier", "bad-isbn", "bad-page", "unknown-key", "unknown-key"),
        *("wrong-type", "wrong-type"),
    ]
    assert len({f["line"] for f in run.findings}) > 4


def test_one_bad_publication_does_not_stop_the_others(publication: Write, terbit: Terbit) -> None:
    publication(name="good")
    publication("# One\n\n[x](#none)\n", name="bad")
    run = terbit("build", "bad", "good", "--to", "epub", "--report", "json", "--jobs", "1")
    assert run.code == 2
    assert [(o["publication"], o["state"]) for o in run.outcomes] == [
        ("bad", "failed"),
        ("good", "built"),
    ]


@pytest.mark.parametrize(
    ("text", "yaml"),
    [
        ("\ufeff# One\r\n\r\nText ![A map](map.png).\r\n", "keywords: [a]\r\n"),
        ("# One\r\rText ![A map](map.png).\r", ""),
        ("# One\n\nText ![A map](map.png) without an end of line", "subtitle: Käse"),
    ],
    ids=["bom-and-crlf", "cr", "no-final-newline"],
)
def test_no_fault(text: str, yaml: str, publication: Write, terbit: Terbit) -> None:
    folder = publication(text, yaml=yaml, files={"map.png": png(4, 3)})
    if yaml.endswith("\r\n"):
        path = folder / "publication.yaml"
        path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes().replace(b"\n", b"\r\n"))
    run = terbit("build", "sample", "--to", "epub", "--report", "json")
    assert (run.code, run.findings) == (0, [])


@pytest.mark.parametrize("level", ["warning", "note", "off"])
def test_the_publication_sets_levels(level: str, publication: Write, terbit: Terbit) -> None:
    publication("# One\n\n[x](#none)\n", yaml=f"findings: {{broken-link: {level}}}\n")
    run = terbit("build", "sample", "--to", "epub", "--report", "json")
    assert run.code == 0
    assert [f["severity"] for f in run.findings] == ([] if level == "off" else [level])


def test_strict_makes_warnings_errors(publication: Write, terbit: Terbit) -> None:
    publication("# One\n\n### Three\n")
    assert terbit("build", "sample", "--to", "epub").code == 0
    run = terbit("build", "sample", "--to", "epub", "--strict", "--report", "json")
    assert run.code == 2
    assert [f["severity"] for f in run.findings] == [Severity.ERROR.word]


def test_shift_jis_is_refused_before_pandoc(
    publication: Write, terbit: Terbit, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Pandoc 3.9 runs for minutes on Shift_JIS."""

    def never(*_: object, **__: object) -> None:
        raise AssertionError("Pandoc was called")

    monkeypatch.setattr("terbit.pandoc.read", never)
    publication(("# 題\n\n" + "日本語の文章が続きます。" * 50_000).encode("shift_jis"))
    started = time.monotonic()
    run = terbit("build", "sample", "--to", "epub", "--report", "json")
    assert (run.code, run.codes) == (2, ["not-utf8"])
    assert time.monotonic() - started < 5
