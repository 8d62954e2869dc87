"""The command line: what it lists, how it ends, what it says, and to whom."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path
from typing import Any

import pytest

from conftest import ROOT, Terbit, Write, command, tree_bytes, write
from terbit import cli, outputs
from terbit.artifacts import read_manifest

COMMANDS = ("build", "check", "clean", "doctor", "new", "schema")


# help


def test_help_lists_the_commands_there_are(terbit: Terbit) -> None:
    run = terbit("--help")
    assert run.code == 0
    listed = run.out.partition("Commands:\n")[2].partition("\n\n")[0]
    assert tuple(re.findall(r"^  (\w+)  ", listed, flags=re.MULTILINE)) == COMMANDS
    assert "Exit codes: 0 done" in " ".join(run.out.split())


@pytest.mark.parametrize("name", COMMANDS)
def test_each_command_has_help(name: str, terbit: Terbit) -> None:
    run = terbit(name, "--help")
    assert run.code == 0
    command_ = cli.cli.commands[name]
    assert command_.help
    assert command_.help[0].isupper()
    for parameter in command_.params:
        if parameter.param_type_name == "option":
            assert getattr(parameter, "help", None), parameter.name


def test_help_names_every_format(terbit: Terbit) -> None:
    said = " ".join(terbit("build", "--help").out.split())
    for name in outputs.names():
        assert re.search(rf"\b{name}\b", said)


def test_version(terbit: Terbit) -> None:
    assert re.fullmatch(r"terbit, version \d\S*\n", terbit("--version").out)


# exit codes


@pytest.mark.parametrize(
    ("arguments", "part"),
    [
        (["bild"], "No such command"),
        (["build", "--jobs", "0"], "Invalid value for '--jobs'"),
        (["build", "--report", "xml"], "Invalid value for '--report'"),
        (["build", "--wibble"], "No such option"),
        (["new"], "Missing argument"),
        (["new", "x", "--kind", "novel"], "Invalid value for '--kind'"),
        (["new", "x", "--language", "nowhere at all"], "bad-language"),
        (["build", "nowhere"], "no-publication"),
        (["build", "--to", "mobi"], "unknown-format"),
    ],
)
def test_wrong_usage_is_2(arguments: list[str], part: str, terbit: Terbit) -> None:
    run = terbit(*arguments)
    assert run.code == 2
    assert part in run.err
    assert "Traceback" not in run.err


def test_the_nearest_name_is_offered(publication: Write, terbit: Terbit) -> None:
    publication(name="source/my-book")
    run = terbit("build", "my-bok")
    assert run.code == 2
    assert "did you mean my-book?" in run.err


def test_lenient_is_1_and_strict_is_2(publication: Write, terbit: Terbit) -> None:
    publication("# One\n\n### Skipped\n\n[x](#none)\n")
    assert terbit("build", "sample", "--to", "epub").code == 2
    assert terbit("build", "sample", "--to", "epub", "--lenient").code == 1
    assert terbit("build", "sample", "--to", "epub", "--lenient", "--strict").code == 2


@pytest.mark.parametrize("value", ["tomorrow", "1.5", "12 34"])
def test_source_date_epoch_that_is_no_number(
    value: str, publication: Write, terbit: Terbit, monkeypatch: pytest.MonkeyPatch
) -> None:
    publication()
    monkeypatch.setenv("SOURCE_DATE_EPOCH", value)
    run = terbit("build", "sample", "--to", "epub")
    assert run.code == 2
    assert "SOURCE_DATE_EPOCH" in run.err


@pytest.mark.parametrize("value", ["-5", "99999999999999999999", "253402300800"])
def test_source_date_epoch_out_of_range_is_no_bug(
    value: str, publication: Write, terbit: Terbit, monkeypatch: pytest.MonkeyPatch
) -> None:
    publication()
    monkeypatch.setenv("SOURCE_DATE_EPOCH", value)
    assert terbit("build", "sample", "--to", "epub").code in (0, 2)


def test_a_bug_is_70_with_a_saved_traceback(
    publication: Write, terbit: Terbit, monkeypatch: pytest.MonkeyPatch
) -> None:
    def bug(*_: object) -> None:
        raise ZeroDivisionError("a bug made for this test")

    publication()
    monkeypatch.setattr("terbit.build.load", bug)
    run = terbit("build", "sample")
    assert run.code == 70
    assert "Traceback" not in run.out + run.err
    path = Path(re.search(r"(/\S+\.txt)", run.err)[1])  # type: ignore[index]
    text = path.read_text(encoding="utf-8")
    path.unlink()
    assert "Traceback" in text
    assert "ZeroDivisionError: a bug made for this test" in text


# reports


def test_the_report_is_json_alone(publication: Write, terbit: Terbit) -> None:
    publication("# One\n\n[x](#nowhere)\n", name="bad")
    publication(name="good")
    run = terbit("build", "bad", "good", "--to", "epub", "--jobs", "1", "--report", "json")
    bad, good = run.outcomes
    assert bad["findings"] == [
        {
            "code": "broken-link",
            "severity": "error",
            "message": "there is no anchor “nowhere”",
            "hint": "give the target an id such as {#target}",
            "file": "bad/01.md",
            "line": 3,
            "column": None,
        }
    ]
    assert (good["state"], good["files"]) == ("built", ["good.epub"])
    assert "bad: load" in run.err, "progress goes to standard error"


@pytest.mark.parametrize("arguments", [["nowhere"], ["sample", "--to", "mobi"]])
def test_the_report_of_wrong_usage_is_json_too(
    arguments: list[str], publication: Write, terbit: Terbit
) -> None:
    publication()
    run = terbit("build", *arguments, "--report", "json")
    assert run.code == 2
    assert len(run.codes) == 1


def test_the_text_report_can_be_opened_by_an_editor(publication: Write, terbit: Terbit) -> None:
    publication("# One\n\n[x](#nowhere)\n")
    out = terbit("build", "sample", "--to", "epub").out
    assert out.splitlines() == [
        "sample/01.md:3: error: there is no anchor “nowhere” [broken-link]",
        "    give the target an id such as {#target}",
        "sample: not published (1 error); what was published before is untouched",
    ]


# building


def test_a_second_build_has_nothing_to_do(publication: Write, terbit: Terbit) -> None:
    publication()
    first = terbit("build", "sample", "--to", "epub,single")
    assert "published sample.epub, sample.html in build/sample" in first.out
    before = {p: p.stat().st_mtime_ns for p in Path("build/sample").rglob("*")}
    second = terbit("build", "sample", "--to", "epub,single")
    assert (second.code, second.out) == (0, "sample: nothing to do, all is up to date\n")
    assert {p: p.stat().st_mtime_ns for p in Path("build/sample").rglob("*")} == before


def test_a_publication_in_this_folder(publication: Write, terbit: Terbit) -> None:
    folder = publication()
    os.chdir(folder)
    assert terbit("build", "--to", "epub").code == 0
    assert (folder / "build" / "sample" / "sample.epub").is_file()
    assert "nothing to do" in terbit("build", "--to", "epub").out


def test_a_change_builds_again(publication: Write, terbit: Terbit) -> None:
    folder = publication(files={"own.css": "p { color: red }\n"}, yaml="css: [own.css]\n")
    assert "published" in terbit("build", "sample", "--to", "epub").out
    for name, text in (
        ("01.md", "# One\n\nOther.\n"),
        ("02.md", "# Two\n\nText.\n"),
        ("own.css", "p { color: blue }\n"),
        ("publication.yaml", "title: Other\nlanguage: en\ndate: 2026-01-02\n"),
    ):
        (folder / name).write_text(text, encoding="utf-8")
        assert "published" in terbit("build", "sample", "--to", "epub").out, name
    (folder / "02.md").unlink()
    assert "published" in terbit("build", "sample", "--to", "epub").out
    (Path("build/sample/sample.epub")).unlink()
    assert "published" in terbit("build", "sample", "--to", "epub").out
    assert "published" in terbit("build", "sample", "--to", "epub", "--no-cache").out


def test_what_is_fresh_still_says_its_findings(publication: Write, terbit: Terbit) -> None:
    publication("# One\n\n### Skipped\n")
    first = terbit("build", "sample", "--to", "epub", "--report", "json")
    second = terbit("build", "sample", "--to", "epub", "--report", "json")
    assert second.findings == first.findings
    assert [o["state"] for o in second.outcomes] == ["fresh"]


def test_formats_and_editions_of_the_metadata(publication: Write, terbit: Terbit) -> None:
    publication(yaml="formats: [epub]\neditions:\n  a: {toc: {depth: 1}}\n  b: {}\n")
    assert terbit("build", "sample", "--edition", "all", "--jobs", "1").code == 0
    place = Path("build/sample")
    assert {p.name for p in place.glob("*")} == {"sample.epub", "manifest.json", "editions"}
    for name in ("a", "b"):
        folder = place / "editions" / name
        assert {p.name for p in folder.glob("*")} == {"sample.epub", "manifest.json"}
        assert read_manifest(folder)["edition"] == name


def test_all_of_source_and_its_defaults(publication: Write, terbit: Terbit) -> None:
    publication(name="source/one")
    publication(name="source/two", yaml="keywords: [own]\n")
    Path("source/defaults.yaml").write_text(
        "formats: [epub]\nkeywords: [shared]\npage: {size: A6}\n", encoding="utf-8"
    )
    run = terbit("build", "--jobs", "1")
    assert run.code == 0
    assert Path("build/one/one.epub").is_file()
    assert Path("build/two/two.epub").is_file()
    assert not Path("build/one/one.pdf").exists()
    Path("source/defaults.yaml").write_text("formts: [epub]\n", encoding="utf-8")
    run = terbit("build", "--jobs", "1", "--report", "json")
    assert (run.code, set(run.codes)) == (2, {"unknown-key"})
    assert {f["file"] for f in run.findings} == {"source/defaults.yaml"}


@pytest.mark.parametrize("jobs", ["1", "2"])
def test_a_folder_outside_the_project(tmp_path: Path, jobs: str) -> None:
    write(tmp_path / "far away" / "my book", {"01.md": "# One\n\nText.\n"})
    (tmp_path / "here").mkdir()
    out = tmp_path / "to" / "there"
    done = command(
        *("build", "--to", "pdf,epub,html", "--out", str(out), "--jobs", jobs),
        str(tmp_path / "far away" / "my book"),
        cwd=tmp_path / "here",
    )
    assert done.returncode == 0, done.stdout + done.stderr
    made = {p.relative_to(out).as_posix() for p in out.glob("*/*")}
    assert made == {
        *("my-book/my-book.pdf", "my-book/my-book.epub", "my-book/site", "my-book/manifest.json"),
    } | {p.relative_to(out).as_posix() for p in out.glob(".cache/*")}
    assert not list((tmp_path / "here").iterdir())


def test_two_jobs_say_the_same_as_one(publication: Write, tmp_path: Path) -> None:
    for name in ("a", "b"):
        publication("# One\n\n[x](#none)\n", name=name)
    said = [
        command("build", "a", "b", "--to", "epub", "--jobs", jobs, cwd=tmp_path)
        for jobs in ("1", "2")
    ]
    assert [s.returncode for s in said] == [2, 2]
    assert said[0].stdout == said[1].stdout


def test_two_publications_of_the_same_name_clash(publication: Write, terbit: Terbit) -> None:
    publication(name="a", yaml="name: same\n")
    publication(name="b", yaml="name: same\n")
    run = terbit("build", "a", "b", "--to", "epub", "--jobs", "1", "--report", "json")
    assert (run.code, run.codes) == (2, ["name-clash"])


# the other commands


@pytest.mark.parametrize(
    ("kind", "language"), [("article", "id"), ("book", "en"), ("handout", "en"), ("course", "id")]
)
def test_what_new_makes_can_be_built(kind: str, language: str, terbit: Terbit) -> None:
    assert terbit("new", "demo", "--kind", kind, "--language", language).code == 0
    run = terbit("build", "demo", "--to", "epub", "--report", "json")
    assert run.code == 0
    assert run.codes == ["no-date"]
    metadata = Path("demo/publication.yaml").read_text(encoding="utf-8")
    assert f"kind: {kind}\n" in metadata


def test_new_and_build_in_an_empty_folder(tmp_path: Path) -> None:
    assert command("new", "demo", cwd=tmp_path).returncode == 0
    done = command("build", "demo", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    made = {p.name for p in (tmp_path / "build" / "demo").iterdir()}
    assert made == {"demo.pdf", "demo.epub", "demo.html", "site", "manifest.json"}


def test_new_goes_into_source_where_there_is_one(terbit: Terbit, tmp_path: Path) -> None:
    (tmp_path / "source").mkdir()
    assert terbit("new", "demo").code == 0
    assert (tmp_path / "source" / "demo" / "01.md").is_file()


def test_new_overwrites_nothing(publication: Write, terbit: Terbit) -> None:
    folder = publication()
    before = tree_bytes(folder)
    assert terbit("new", "sample").code == 2
    assert tree_bytes(folder) == before


def test_new_quotes_what_yaml_would_misread(terbit: Terbit) -> None:
    title = 'A "title": with \\ signs #1'
    assert terbit("new", "demo", "--title", title).code == 0
    assert terbit("build", "demo", "--to", "epub").code == 0
    assert read_manifest(Path("build/demo"))["title"] == title


def test_clean(publication: Write, terbit: Terbit) -> None:
    publication(name="one")
    publication(name="two")
    assert terbit("build", "one", "two", "--to", "epub", "--jobs", "1").code == 0
    Path("build/mine").mkdir()
    Path("build/mine/manifest.json").write_text("{}", encoding="utf-8")
    assert terbit("clean", "one").out == "Removed build/one\n"
    assert Path("build/two/two.epub").is_file()
    assert Path("build/.cache").is_dir()
    assert terbit("clean", "two", "--cache").out == "Removed build/two\nRemoved build/.cache\n"
    assert [p.name for p in Path("build").iterdir()] == ["mine"]
    assert terbit("clean").code == 0
    assert Path("build/mine/manifest.json").is_file()


def test_clean_removes_the_output_when_nothing_is_left(publication: Write, terbit: Terbit) -> None:
    publication(yaml="editions: {a: {}}\n")
    assert terbit("build", "sample", "--to", "epub", "--edition", "all").code == 0
    assert terbit("clean").code == 0
    assert not Path("build").exists()
    assert terbit("clean").code == 0


def test_doctor(terbit: Terbit, monkeypatch: pytest.MonkeyPatch) -> None:
    run = terbit("doctor")
    assert run.code == 0
    assert "Ready to build." in run.out
    parts = json.loads(terbit("doctor", "--report", "json").out)
    assert {p["name"] for p in parts} >= {"Python", "Pandoc", "WeasyPrint", "Java", "epubcheck"}
    monkeypatch.setattr("terbit.pandoc.version", lambda: (_ for _ in ()).throw(OSError("gone")))
    run = terbit("doctor")
    assert run.code == 3
    assert "LACKS  Pandoc" in run.out


# the schema


def fits(value: Any, schema: Any, root: Any) -> bool:
    """JSON Schema as far as ours uses it."""
    if "$ref" in schema:
        return fits(value, root["$defs"][schema["$ref"].rpartition("/")[2]], root)
    kinds = {
        "object": dict,
        "array": list,
        "string": str,
        "boolean": bool,
        "null": type(None),
        "integer": int,
        "number": (int, float),
    }
    kind = schema.get("type")
    if kind and (
        not isinstance(value, kinds[kind]) or (isinstance(value, bool) and kind != "boolean")
    ):
        return False
    if "enum" in schema and value not in schema["enum"]:
        return False
    if "const" in schema and value != schema["const"]:
        return False
    for key, some in (("anyOf", any), ("oneOf", any), ("allOf", all)):
        if key in schema and not some(fits(value, s, root) for s in schema[key]):
            return False
    if isinstance(value, str):
        return bool(re.search(schema.get("pattern", ""), value)) and len(value) >= schema.get(
            "minLength", 0
        )
    if isinstance(value, list):
        return len(value) >= schema.get("minItems", 0) and all(
            fits(v, schema.get("items", {}), root) for v in value
        )
    if isinstance(value, dict):
        properties = schema.get("properties", {})
        more = schema.get("additionalProperties", True)
        return set(schema.get("required", ())) <= set(value) and all(
            fits(v, properties[k], root)
            if k in properties
            else more is True or (isinstance(more, dict) and fits(v, more, root))
            for k, v in value.items()
        )
    return True


@pytest.fixture(scope="module")
def schema() -> Any:
    from terbit.authoring.schema import schema_text

    return json.loads(schema_text())


def test_schema_is_whole(schema: Any, terbit: Terbit) -> None:
    assert json.loads(terbit("schema").out) == schema
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    text = json.dumps(schema)
    for name in re.findall(r'"#/\$defs/(\w+)"', text):
        assert name in schema["$defs"]
    assert set(re.findall(r'"type": "(\w+)"', text)) <= {
        *("object", "array", "string", "boolean", "null", "integer", "number"),
    }


SAMPLE = {
    "title": "Sample",
    "language": "id",
    "kind": "book",
    "authors": ["A. Writer", {"name": "B. Writer", "role": "edt"}],
    "date": "2026-11-24",
    "keywords": ["one", "two"],
    "contents": [
        {"front": ["a.md"]},
        {"part": "One", "chapters": ["b.md"]},
        "c.md",
        {"back": ["d.md"]},
    ],
    "numbering": {"chapters": False, "sections": 2},
    "style": {"accent": "#123456", "line-height": 1.5},
    "css": {"all": ["own.css"]},
    "editions": {"teacher": {"show": ["solutions"], "page": {"size": "A4"}}},
    "findings": {"no-date": "off"},
}


@pytest.mark.parametrize(
    "change",
    [
        {},
        {"authors": "A. Writer"},
        {"authors": {"name": "A. Writer"}},
        {"keywords": "one"},
        {"css": ["own.css"]},
        {"css": "own.css"},
        {"date": 2026},
        {"contents": "SUMMARY.md"},
        {"fonts": "own.otf"},
    ],
    ids=str,
)
def test_schema_accepts_what_terbit_accepts(change: dict[str, Any], schema: Any) -> None:
    from terbit.metadata import Metadata
    from terbit.pipeline.load import _tuples

    value = {**SAMPLE, **change}
    Metadata.model_validate(_tuples({**value, "name": "sample"}))
    assert fits(value, schema, schema)


@pytest.mark.parametrize(
    "change",
    [
        {"kind": "novel"},
        {"titel": "x"},
        {"page": {"columns": "two"}},
        {"formats": []},
        {"title": 1},
    ],
    ids=str,
)
def test_schema_refuses_what_terbit_refuses(change: dict[str, Any], schema: Any) -> None:
    assert not fits({**SAMPLE, **change}, schema, schema)


def test_the_publications_of_this_project_fit(schema: Any) -> None:
    from terbit.pipeline.yaml_reader import read

    files = sorted((ROOT / "source").glob("*/publication.yaml"))
    assert files
    for path in files:
        value, _, found = read(path.read_text(encoding="utf-8"), path.name)
        assert not found
        assert fits(value, schema, schema), path
