"""What ends a build: a small tree of exceptions, each with its exit code.

TerbitError
  x InputError          2   the source or the command line is wrong
  x LayoutFault         2   a layout has a mistake
  x MissingComponent    3   a system component the work needs is not there
"""

from __future__ import annotations

from collections.abc import Iterable

from terbit.diagnostics import Finding


class TerbitError(Exception):
    """An expected failure: a sentence for the user, never a traceback."""

    exit_code = 2


class InputError(TerbitError):
    """Wrong input, said as findings."""

    exit_code = 2

    def __init__(self, findings: Iterable[Finding]) -> None:
        self.findings = tuple(findings)
        super().__init__("; ".join(f.message for f in self.findings))


class LayoutFault(TerbitError):
    """A theme's template, style sheet or list of fonts cannot be used; the sentence says why."""


class MissingComponent(TerbitError):
    """Something outside Python is missing; the sentence says how to get it."""

    exit_code = 3
