"""The command line: arguments → settings → a call; errors → exit codes."""

from __future__ import annotations

import sys
import tempfile
import time
import traceback
from collections.abc import Sequence
from functools import partial
from pathlib import Path

import click

from terbit import reports, tasks, toolchain
from terbit.diagnostics import Finding, Severity
from terbit.errors import InputError, TerbitError
from terbit.model import Outcome
from terbit.settings import BUILD, SOURCE, Settings, source_date_epoch

PUBLICATIONS = click.argument("publications", nargs=-1, metavar="[PUBLICATION]…")


def _common(function: click.decorators.FC) -> click.decorators.FC:
    """The options that build and check share."""
    options = (
        click.option(
            "--to",
            "formats",
            metavar="FORMAT,…",
            help="Formats to make: pdf, epub, html (the site), single (one HTML file)."
            " Without it, those of the publication.",
        ),
        click.option(
            "--edition",
            metavar="NAME,…|all",
            help="Editions to make, by name. Without it, the default edition.",
        ),
        click.option(
            "--out",
            type=click.Path(path_type=Path),
            default=Path(BUILD),
            show_default=True,
            help="Folder to publish into.",
        ),
        click.option(
            "--jobs",
            type=click.IntRange(1),
            help="Processes to use. Without it, one for each core.",
        ),
        click.option(
            "--lenient",
            is_flag=True,
            help="Publish in spite of missing pictures, broken links and the like, with a"
            " placeholder that can be seen.",
        ),
        click.option("--strict", is_flag=True, help="Treat warnings as errors."),
        click.option("--no-cache", is_flag=True, help="Make everything again."),
        click.option(
            "--report",
            type=click.Choice(["text", "json"]),
            default="text",
            show_default=True,
            help="How to say what was found.",
        ),
    )
    for option in reversed(options):
        function = option(function)
    return function


@click.group(
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="Exit codes: 0 done; 1 published with errors, or found wanting; 2 wrong input, at least"
    " one edition not published; 3 a system component is missing; 70 a bug in Terbit.",
)
@click.version_option(toolchain.version(), prog_name="terbit")
def cli() -> None:
    """Publish one Markdown source as PDF, EPUB and HTML.

    A publication is a folder with Markdown files and a publication.yaml. PUBLICATION is such a
    folder, or the name of one in source/; none means all in source/. What is made goes to
    build/NAME/.

    \b
    A first book:
      terbit new my-book --kind book
      terbit build my-book
    """


@cli.command()
@PUBLICATIONS
@_common
def build(publications: tuple[str, ...], **options: object) -> None:
    """Build publications into PDF, EPUB and HTML.

    Everything that is wrong is said together, each with its file and line. An edition with an
    error is not published, and what was published before stays as it was.
    """
    from terbit.build import build as run

    sys.exit(_run(run, publications, options))


@cli.command()
@PUBLICATIONS
@_common
def check(publications: tuple[str, ...], **options: object) -> None:
    """Build, then run the validators on what was made.

    A validator that this machine lacks is named as skipped; with --strict that ends in exit
    code 3.
    """
    from terbit.check import check as run

    sys.exit(_run(run, publications, options, checking=True))


@cli.command()
@click.argument("name")
@click.option(
    "--kind",
    type=click.Choice(["article", "book", "handout", "course"]),
    help="What it is. Asked for on a terminal; otherwise an article.",
)
@click.option("--language", help="Language of the text, such as id or en.")
@click.option("--title", help="Its title.")
def new(name: str, kind: str | None, language: str | None, title: str | None) -> None:
    """Make the folder NAME with a first text to write in.

    In a folder that has source/, the publication is made there.
    """
    from terbit.authoring.new import create

    if sys.stdin.isatty() and sys.stdout.isatty():
        title = title or click.prompt("Title", default=Path(name).name)
        language = language or click.prompt("Language", default="id")
        kind = kind or click.prompt(
            "Kind", default="article", type=click.Choice(["article", "book", "handout", "course"])
        )
    folder = create(Path(name), kind or "article", language or "id", title)
    click.echo(f"Made {folder}. Write in it, then: terbit build {name}")


@cli.command()
@click.option(
    "--report",
    type=click.Choice(["text", "json"]),
    default="text",
    show_default=True,
    help="How to say it.",
)
def doctor(report: str) -> None:
    """Say what this machine has, lacks, and how to get it."""
    from terbit.authoring.doctor import as_json, as_text, diagnose

    parts = diagnose()
    click.echo(as_json(parts) if report == "json" else as_text(parts))
    sys.exit(0 if all(p.found for p in parts if p.needed) else 3)


@cli.command()
def schema() -> None:
    """Print the JSON Schema of publication.yaml, for editors."""
    from terbit.authoring.schema import schema_text

    click.echo(schema_text())


@cli.command()
@PUBLICATIONS
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    default=Path(BUILD),
    show_default=True,
    help="Folder that was published into.",
)
@click.option("--cache", is_flag=True, help="Remove kept pieces as well.")
def clean(publications: tuple[str, ...], out: Path, cache: bool) -> None:
    """Remove what was published, of the publications named or of all."""
    from terbit.cleaning import clean as run
    from terbit.pipeline.load import name_of

    folders = [(Path(p), Path(SOURCE) / p) for p in publications]
    names = [
        next((name_of(f) for f in both if (f / "publication.yaml").is_file()), both[0].name)
        for both in folders
    ]
    for folder in run(out, names, cache=cache):
        click.echo(f"Removed {folder}")


# running


def find_publications(names: Sequence[str]) -> list[Path]:
    """The folders meant: paths, or names in source/; all of source/ if none is given.

    Raises InputError.
    """
    if not names:
        source = Path(SOURCE)
        found = sorted(p.parent for p in source.glob("*/publication.yaml"))
        if not found and Path("publication.yaml").is_file():
            return [Path()]
        if not found:
            raise InputError(
                [
                    Finding(
                        "no-publication",
                        f"there is no publication in {source}/",
                        None,
                        "make one with: terbit new my-book",
                    )
                ]
            )
        return found
    out, wrong = [], []
    for name in names:
        here = Path(name)
        candidates = [here] if here.is_dir() else [Path(SOURCE) / name]
        if (
            here.is_dir()
            and not (here / "publication.yaml").is_file()
            and (Path(SOURCE) / name / "publication.yaml").is_file()
        ):
            candidates = [Path(SOURCE) / name]
        if candidates[0].is_dir():
            out.append(candidates[0])
        else:
            import difflib

            there = [p.parent.name for p in Path(SOURCE).glob("*/publication.yaml")]
            near = difflib.get_close_matches(name, there, 1)
            hint = (
                f"did you mean {near[0]}?"
                if near
                else "give a folder that holds a publication.yaml"
            )
            wrong.append(Finding("no-publication", f"there is no publication {name}", None, hint))
    if wrong:
        raise InputError(wrong)
    return list(dict.fromkeys(out))


def _settings(options: dict[str, object]) -> Settings:
    def words(key: str) -> tuple[str, ...]:
        return tuple(w.strip() for w in str(options[key] or "").split(",") if w.strip())

    formats = words("formats")
    from terbit import outputs

    unknown = [f for f in formats if f not in outputs.names()]
    if unknown:
        hint = f"there are: {', '.join(outputs.names())}"
        raise InputError(
            [Finding("unknown-format", f"there is no format {f}", None, hint) for f in unknown]
        )
    try:
        epoch = source_date_epoch()
    except ValueError:
        raise InputError(
            [
                Finding(
                    "wrong-type",
                    "SOURCE_DATE_EPOCH is not a number of seconds",
                    None,
                    "unset it, or set it to a whole number",
                )
            ]
        ) from None
    return Settings(
        out=Path(str(options["out"])),
        formats=formats,
        editions=words("edition") or ("",),
        jobs=int(str(options["jobs"])) if options["jobs"] else tasks.cores(),
        lenient=bool(options["lenient"]),
        strict=bool(options["strict"]),
        use_cache=not options["no_cache"],
        epoch=epoch,
    )


def _run(
    function: object,
    publications: Sequence[str],
    options: dict[str, object],
    *,
    checking: bool = False,
) -> int:
    """Run build or check over the publications; the exit code."""
    from terbit.progress import Display

    try:
        settings = _settings(options)
        folders = find_publications(publications)
        clash = _clashes(folders)
        if clash:
            raise InputError(clash)
    except InputError as error:
        if options["report"] != "json":
            raise
        click.echo(reports.as_json([Outcome("", "", "failed", error.findings)]))
        return error.exit_code
    outcomes: list[list[Outcome]] = [[] for _ in folders]
    if not checking:
        from terbit.build import fresh

        outcomes = [fresh(folder, settings) or [] for folder in folders]
    todo = [i for i, done in enumerate(outcomes) if not done]
    if todo:
        with Display([folders[i].resolve().name for i in todo], settings.jobs) as display:
            task = partial(_one, function, settings, display.reporter)
            for n, done in tasks.run(task, [folders[i] for i in todo], settings.jobs):
                outcomes[todo[n]] = done
                display.finish(n, done)
    flat = [o for group in outcomes for o in group]
    if options["report"] == "json":
        click.echo(reports.as_json(flat))
    else:
        click.echo(reports.text(flat, settings.out))
    return exit_code(flat, settings.strict, checking=checking)


def _one(function: object, settings: Settings, reporter: object, folder: Path) -> list[Outcome]:
    assert callable(function)
    assert callable(reporter)
    outcomes: list[Outcome] = function(folder, settings, partial(reporter, folder.resolve().name))
    return outcomes


def _clashes(folders: Sequence[Path]) -> list[Finding]:
    """Publications that would be built to the same place."""
    from terbit.pipeline.load import name_of

    seen: dict[str, Path] = {}
    out: list[Finding] = []
    for folder in folders:
        name = name_of(folder)
        if name in seen:
            out.append(
                Finding(
                    "name-clash",
                    f"{folder} and {seen[name]} would be built to the same place",
                    None,
                    f"give one of them a name of its own: name: {name}-2 in its publication.yaml",
                )
            )
        seen.setdefault(name, folder)
    return out


def exit_code(outcomes: Sequence[Outcome], strict: bool, *, checking: bool) -> int:
    """0 done; 1 published with errors or found wanting; 2 not published; 3 something is missing."""
    if any(o.state == "failed" for o in outcomes):
        return 2
    skipped = any(f.code == "check-skipped" for o in outcomes for f in o.findings)
    if checking and strict and skipped:
        return 3
    errors = any(f.severity is Severity.ERROR for o in outcomes for f in o.findings)
    return 1 if errors else 0


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line. Expected failures are sentences, bugs a saved traceback (exit 70)."""
    try:
        cli.main(args=list(arguments) if arguments is not None else None, standalone_mode=False)
        return 0
    except click.exceptions.Exit as error:
        return error.exit_code
    except click.ClickException as error:
        error.show()
        return 2
    except click.Abort:
        click.echo("Stopped.", err=True)
        return 130
    except InputError as error:
        for finding in error.findings:
            click.echo(f"error: {finding.message} [{finding.code}]", err=True)
            if finding.hint:
                click.echo(f"    {finding.hint}", err=True)
        return 2
    except TerbitError as error:
        click.echo(f"error: {error}", err=True)
        return error.exit_code
    except SystemExit as error:
        return int(error.code or 0)
    except Exception:
        name = f"terbit-bug-{time.strftime('%Y%m%d-%H%M%S')}.txt"
        path = Path(tempfile.gettempdir()) / name
        path.write_text(traceback.format_exc(), encoding="utf-8")
        click.echo(f"This is a bug in Terbit. Please report it with the file {path}", err=True)
        return 70
