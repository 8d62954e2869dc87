"""What a newcomer meets first keeps its word: make, the locks and the set-up script."""

import ast
import os
import re
import shutil
import stat
import subprocess
import sys
import tomllib
from dataclasses import dataclass, replace
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest
from packaging.requirements import Requirement

ROOT = Path(__file__).parent.parent
MAKEFILE = (ROOT / "Makefile").read_text(encoding="utf-8")
TARGETS = re.findall(r"^([a-z][a-z-]*):", MAKEFILE, flags=re.MULTILINE)
VARIABLES = re.findall(r"^([A-Z]+) =", MAKEFILE, flags=re.MULTILINE)
PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
LOCKS = ("requirements.lock", "requirements-dev.lock")


# --- make -----------------------------------------------------------------------------------


def make(*arguments: str) -> str:
    """Run make as from a fresh shell, though the tests may have been started by another make."""
    environment = {k: v for k, v in os.environ.items() if not k.startswith(("MAKE", "MFLAGS"))}
    run = subprocess.run(
        ["make", *arguments], cwd=ROOT, env=environment, capture_output=True, text=True
    )
    assert run.returncode == 0, run.stderr
    return run.stdout


def test_all_comes_first() -> None:
    assert TARGETS[0] == "all"


def test_every_target_is_phony() -> None:
    (phony,) = re.findall(r"^\.PHONY: (.*)$", MAKEFILE, flags=re.MULTILINE)
    assert phony.split() == TARGETS


@pytest.mark.parametrize("name", [*TARGETS, *VARIABLES])
def test_help_has_a_line_for(name: str) -> None:
    assert re.search(rf"^  {name} +\S", make("help"), flags=re.MULTILINE)


def test_help_is_aligned() -> None:
    lines = [line for line in make("help").splitlines() if line.startswith("  ")]
    assert len(lines) == len(TARGETS) + len(VARIABLES)
    assert all(re.match(r"  \S{1,11} +(?<=^.{14})\S", line) for line in lines)


@pytest.mark.parametrize("target", TARGETS)
def test_dry_run(target: str) -> None:
    assert make("--dry-run", target)


@pytest.mark.parametrize(
    ("arguments", "command"),
    [
        ([], "terbit build"),
        (["html"], "terbit build --to html,single"),
        (["pdf", "DOC=manual article"], "terbit build --to pdf manual article"),
        (["epub", "EDITION=student,teacher"], "terbit build --to epub --edition student,teacher"),
        (["OUT=my folder", "JOBS=2"], 'terbit build --out "my folder" --jobs 2'),
        (["check", "DOC=manual"], "terbit check manual"),
        (["test", "SLOW=1"], "pytest --numprocesses auto -m ''"),
    ],
)
def test_variables_reach_the_command(arguments: list[str], command: str) -> None:
    commands = [" ".join(line.split()) for line in make("--dry-run", *arguments).splitlines()]
    assert f".venv/bin/{command}" in commands


def test_ci_calls_make() -> None:
    script = ROOT / ".ci" / "run"
    assert script.stat().st_mode & stat.S_IXUSR
    assert script.read_text(encoding="utf-8").endswith("\nmake test SLOW=1\n")


# --- Dependencies ---------------------------------------------------------------------------


def wanted(*groups: str) -> list[Requirement]:
    """What pyproject.toml asks for: dependencies, extras and the groups named."""
    project = PYPROJECT["project"]
    lists = [project["dependencies"], *project["optional-dependencies"].values()]
    lists += [PYPROJECT["dependency-groups"][group] for group in groups]
    return [Requirement(text) for one in lists for text in one]


def locked(lock: str) -> dict[str, str]:
    """The versions in a lock; a package that it has twice counts with its last one."""
    text = (ROOT / lock).read_text(encoding="utf-8")
    return dict(re.findall(r"^([a-z0-9.-]+)==([^ ]+) ", text, flags=re.MULTILINE))


def normal(name: str) -> str:
    """A package's name as locks spell it."""
    return re.sub(r"[-_.]+", "-", name).lower()


def imported(folder: Path) -> set[str]:
    """The top-level modules that the Python files below a folder import."""
    names: set[str] = set()
    for file in folder.rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_bytes())):
            if isinstance(node, ast.Import):
                names.update(alias.name for alias in node.names)
            elif isinstance(node, ast.ImportFrom) and not node.level:
                names.add(node.module or "")
    return {name.partition(".")[0] for name in names}


EVERYTHING = [
    *wanted(*PYPROJECT["dependency-groups"]),
    *map(Requirement, PYPROJECT["build-system"]["requires"]),
]


@pytest.mark.parametrize("requirement", EVERYTHING, ids=str)
def test_dependency_is_bounded(requirement: Requirement) -> None:
    assert {specifier.operator for specifier in requirement.specifier} == {">=", "<"}


@pytest.mark.parametrize(("folder", "groups"), [("scripts", []), ("tests", ["dev"])])
def test_what_is_imported_is_depended_on(folder: str, groups: list[str]) -> None:
    ours = {"terbit", *sys.stdlib_module_names, *(path.stem for path in ROOT.glob("tests/**/*.py"))}
    known = {normal(requirement.name) for requirement in wanted(*groups)}
    makers = {**packages_distributions(), "pydantic_core": ["pydantic"]}
    missing = [
        module
        for module in imported(ROOT / folder) - ours
        if known.isdisjoint(map(normal, makers.get(module, [])))
    ]
    assert not missing


def test_dependencies_are_named_once() -> None:
    names = [normal(requirement.name) for requirement in wanted(*PYPROJECT["dependency-groups"])]
    assert len(names) == len(set(names))


@pytest.mark.parametrize(
    ("lock", "groups"),
    [("requirements.lock", ["make"]), ("requirements-dev.lock", ["make", "dev"])],
)
def test_lock_holds_what_is_wanted(lock: str, groups: list[str]) -> None:
    versions = locked(lock)
    stale = [
        str(requirement)
        for requirement in wanted(*groups)
        if not requirement.specifier.contains(versions.get(normal(requirement.name), "0"))
    ]
    assert not stale, "run `make lock`"


def test_tests_run_on_the_versions_that_users_get() -> None:
    assert locked("requirements.lock").items() <= locked("requirements-dev.lock").items()


@pytest.mark.parametrize("lock", LOCKS)
def test_lock_is_hashed_and_names_no_index(lock: str) -> None:
    lines = (ROOT / lock).read_text(encoding="utf-8").splitlines()
    assert not [line for line in lines if "://" in line or "index" in line or "links" in line]
    entries = [line for line in lines if line and not line.lstrip().startswith("#")]
    pin = re.compile(r"[a-z0-9.-]+==\S+( ; .+)? \\|    --hash=sha256:[0-9a-f]{64}( \\)?")
    assert not [line for line in entries if not pin.fullmatch(line)]


# --- scripts/setup.sh -----------------------------------------------------------------------
# Run on a made-up machine: a path that holds some tools of this one and stand-ins for what
# could change it. Each stand-in writes down how it was called. The Python is this one, but
# whether it finds the system's libraries is a file's word.

TOOLS = ("cat", "cksum", "cp", "dirname", "env", "grep", "mkdir", "mktemp", "rm", "touch")

PYTHON = """#!/bin/sh
case "$1 $2" in
    '-m venv') mkdir -p "$3/bin" && cp "$0" "$3/bin/python" && echo venv >>"{machine}/calls" ;;
    '-m pip') echo "$*" >>"{machine}/calls" && [ ! -e "{machine}/is-offline" ] ;;
    *) PYTHONPATH="{machine}/site" exec "{python}" "$@" ;;
esac
"""

SITE = """
import ctypes
import pathlib
import sys

machine = pathlib.Path(__file__).parent.parent
if not (machine / "has-venv").exists():
    sys.modules["ensurepip"] = None


def load(name):
    if not (machine / "has-libraries").exists():
        raise OSError(name)


ctypes.CDLL = load
"""

WEASYPRINT = """
import pathlib

if (pathlib.Path(__file__).parent.parent / "has-other-libraries").exists():
    raise OSError("cannot load library")
"""

APT_GET = """#!/bin/sh
echo "apt-get $*" >>"{machine}/calls"
case "$*" in
    update) rm -f "{machine}/is-new" ;;
    *) [ ! -e "{machine}/is-new" ] || exit 100 ;;
esac
case "$*" in *libpango*) touch "{machine}/has-libraries" ;; esac
case "$*" in *-venv*) touch "{machine}/has-venv" ;; esac
case "$*" in *default-jre-headless*) cp "{machine}/bin/true" "{machine}/bin/java" ;; esac
case "$*" in *chromium*) cp "{machine}/bin/true" "{machine}/bin/chromium" ;; esac
case "$*" in *poppler-utils*) cp "{machine}/bin/true" "{machine}/bin/pdftoppm" ;; esac
"""

SUDO = """#!/bin/sh
echo "sudo $*" >>"{machine}/calls"
[ -e "{machine}/has-sudo" ] || exit 1
shift
exec "$@"
"""


@dataclass(frozen=True)
class Machine:
    """A made-up machine with a copy of the project in it."""

    folder: Path
    project: Path

    def has(self, *facts: str) -> None:
        """Let a fact be true of it, such as `has-sudo`."""
        for fact in facts:
            (self.folder / fact).touch()

    def add_program(self, name: str, text: str = "#!/bin/sh\n") -> None:
        """Put a program on its path."""
        program = self.folder / "bin" / name
        text = text.format(machine=self.folder, python=sys.executable) if "{" in text else text
        program.write_text(text, encoding="utf-8")
        program.chmod(0o755)

    def set_up(self, mode: str = "build") -> subprocess.CompletedProcess[str]:
        """Run the set-up script there."""
        return subprocess.run(
            ["/bin/sh", self.project / "scripts" / "setup.sh", mode],
            env={"PATH": str(self.folder / "bin")},
            capture_output=True,
            text=True,
        )

    def calls(self) -> list[str]:
        """What was called since the last look, in order."""
        log = self.folder / "calls"
        lines = log.read_text(encoding="utf-8").splitlines() if log.exists() else []
        log.unlink(missing_ok=True)
        return lines

    def stamps(self) -> set[str]:
        """The set-ups that are finished there."""
        return {path.name for path in self.project.glob(".venv/stamp-*")}


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    """A Debian with Python and nothing more, and a user who may not install."""
    machine = Machine(tmp_path, tmp_path / "project")
    (tmp_path / "bin").mkdir()
    (tmp_path / "site").mkdir()
    (tmp_path / "site" / "sitecustomize.py").write_text(SITE, encoding="utf-8")
    (tmp_path / "site" / "weasyprint.py").write_text(WEASYPRINT, encoding="utf-8")
    for tool in TOOLS:
        source = shutil.which(tool)
        assert source, tool
        (tmp_path / "bin" / tool).symlink_to(source)
    machine.add_program("true")
    machine.add_program("python3", PYTHON)
    machine.add_program("apt-get", APT_GET)
    machine.add_program("sudo", SUDO)
    machine.add_program("id", "#!/bin/sh\necho 1000\n")
    machine.add_program("uname", "#!/bin/sh\necho Linux\n")
    for name in ("pyproject.toml", *LOCKS, "scripts/setup.sh"):
        copy = machine.project / name
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, copy)
    return machine


@pytest.fixture
def ready(machine: Machine) -> Machine:
    """A machine that is set up for building, with Java."""
    machine.has("has-venv", "has-libraries")
    machine.add_program("java")
    assert machine.set_up().returncode == 0
    machine.calls()
    return machine


VENV = f"python3.{sys.version_info.minor}-venv"
LIBRARIES = "libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0"


@pytest.mark.parametrize(
    ("mode", "packages"),
    [
        ("build", f"{VENV} {LIBRARIES}"),
        (
            "test",
            rf"{VENV} {LIBRARIES} default-jre-headless"
            " chromium(-browser)? libatomic1 poppler-utils",
        ),
    ],
)
def test_who_may_not_install_is_told_the_command(
    machine: Machine, mode: str, packages: str
) -> None:
    run = machine.set_up(mode)
    assert run.returncode == 3
    command = rf" sudo apt-get install --yes --no-install-recommends {packages}$"
    assert re.search(command, run.stderr, flags=re.MULTILINE)
    assert machine.calls() == ["sudo -n true"]
    assert not (machine.project / ".venv").exists()


def test_root_installs_what_is_missing_and_nothing_else(machine: Machine) -> None:
    machine.has("has-venv")
    machine.add_program("id", "#!/bin/sh\necho 0\n")
    run = machine.set_up()
    assert run.returncode == 0, run.stderr
    apt, venv, packages, project = machine.calls()
    assert apt == f"apt-get install --yes --no-install-recommends {LIBRARIES}"
    assert venv == "venv"
    assert packages.endswith("--require-hashes --requirement requirements.lock")
    assert project.endswith("--no-deps --no-build-isolation --editable .")
    assert machine.stamps() == {"stamp-build"}


def test_sudo_without_a_password_will_do(machine: Machine) -> None:
    machine.has("has-sudo")
    run = machine.set_up("test")
    assert run.returncode == 0, run.stderr
    assert "sudo -n env DEBIAN_FRONTEND=noninteractive apt-get install" in " ".join(machine.calls())
    assert machine.stamps() == {"stamp-build", "stamp-test"}


def test_new_machine_fetches_its_lists_of_packages(machine: Machine) -> None:
    machine.has("has-venv", "is-new")
    machine.add_program("id", "#!/bin/sh\necho 0\n")
    assert machine.set_up().returncode == 0
    assert [call.split()[:2] for call in machine.calls()[:3]] == [
        ["apt-get", "install"],
        ["apt-get", "update"],
        ["apt-get", "install"],
    ]


def test_building_without_java_is_a_note(machine: Machine) -> None:
    machine.has("has-venv", "has-libraries")
    run = machine.set_up()
    assert run.returncode == 0
    assert "note: no Java" in run.stderr
    assert "default-jre-headless" in run.stderr


def test_testing_without_java_is_not(ready: Machine) -> None:
    (ready.folder / "bin" / "java").unlink()
    ready.add_program("chromium")
    ready.add_program("pdftoppm")
    run = ready.set_up("test")
    assert run.returncode == 3
    assert run.stderr.endswith("--no-install-recommends default-jre-headless\n")
    assert ready.stamps() == {"stamp-build"}


def test_second_run_does_nothing(ready: Machine) -> None:
    run = ready.set_up()
    assert (run.returncode, run.stdout, run.stderr) == (0, "", "")
    assert not ready.calls()


@pytest.mark.parametrize("name", ["pyproject.toml", "requirements.lock", "scripts/setup.sh"])
def test_what_it_was_set_up_from_changes(ready: Machine, name: str) -> None:
    with (ready.project / name).open("a", encoding="utf-8") as file:
        file.write("\n# changed\n")
    assert ready.set_up().returncode == 0
    assert [call[:6] for call in ready.calls()] == ["-m pip"] * 2, ".venv itself is kept"
    assert ready.stamps() == {"stamp-build"}


def test_interrupted_install_never_looks_finished(ready: Machine) -> None:
    lock = ready.project / "requirements.lock"
    lock.write_text("# changed\n", encoding="utf-8")
    ready.has("is-offline")
    assert ready.set_up().returncode == 1
    assert not ready.stamps()
    (ready.folder / "is-offline").unlink()
    ready.calls()
    assert ready.set_up().returncode == 0
    assert ready.calls()[0] == "venv", "a half-made .venv is made anew"
    assert ready.stamps() == {"stamp-build"}


def test_moved_project_is_set_up_again(ready: Machine) -> None:
    moved = replace(ready, project=ready.project.rename(ready.folder / "moved"))
    assert moved.set_up().returncode == 0
    assert moved.calls()[0] == "venv", "the scripts in .venv carry the old path"


@pytest.mark.parametrize("python", ["#!/bin/sh\nexit 1\n", None])
def test_no_python_new_enough(machine: Machine, python: str | None) -> None:
    (machine.folder / "bin" / "python3").unlink()
    if python:
        machine.add_program("python3", python)
    run = machine.set_up()
    assert run.returncode == 3
    assert "Python 3.11" in run.stderr
    assert "sudo apt-get install" in run.stderr


def test_libraries_that_only_weasyprint_misses(machine: Machine) -> None:
    machine.has("has-venv", "has-libraries", "has-other-libraries")
    run = machine.set_up()
    assert run.returncode == 3
    assert "cannot load library" in run.stderr
    assert not machine.stamps()


@pytest.mark.parametrize(
    ("manager", "command"),
    [
        ("dnf", "sudo dnf install --assumeyes python3 pango harfbuzz fontconfig"),
        ("pacman", "sudo pacman -S --needed --noconfirm python pango harfbuzz fontconfig"),
    ],
)
def test_other_systems_are_told_their_own_command(
    machine: Machine, manager: str, command: str
) -> None:
    (machine.folder / "bin" / "apt-get").rename(machine.folder / "bin" / manager)
    run = machine.set_up()
    assert run.returncode == 3
    assert run.stderr.endswith(f"    {command}\n")


def test_mac_without_homebrew_is_told_its_command(machine: Machine) -> None:
    (machine.folder / "bin" / "apt-get").unlink()
    machine.add_program("uname", "#!/bin/sh\necho Darwin\n")
    run = machine.set_up()
    assert run.returncode == 3
    assert "first install Homebrew" in run.stderr
    assert run.stderr.endswith("    brew install python@3.12 pango\n")


def test_alpine_is_told_that_it_is_not_supported(machine: Machine) -> None:
    (machine.folder / "bin" / "apt-get").rename(machine.folder / "bin" / "apk")
    run = machine.set_up()
    assert run.returncode == 3
    assert "Alpine" in run.stderr


def test_unknown_systems_are_told_what_is_missing(machine: Machine) -> None:
    (machine.folder / "bin" / "apt-get").unlink()
    run = machine.set_up()
    assert run.returncode == 3
    assert "Pango" in run.stderr
    assert "HarfBuzz" in run.stderr


@pytest.mark.parametrize("mode", ["", "all"])
def test_wrong_usage(machine: Machine, mode: str) -> None:
    assert machine.set_up(mode).returncode == 2
