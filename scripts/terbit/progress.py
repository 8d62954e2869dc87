"""Progress on standard error: a bar for each publication on a terminal, plain lines elsewhere."""

from __future__ import annotations

import multiprocessing
import sys
import threading
from collections.abc import Sequence
from types import TracebackType
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn

from terbit.model import Outcome

STEPS = ("load", "parse", "resolve", "render", "typeset", "assemble", "publish", "verify")


class Display:
    """Shows the steps that workers report; `reporter(publication, name, step)` may be pickled."""

    def __init__(self, names: Sequence[str], jobs: int) -> None:
        self._names = list(names)
        self._parallel = jobs > 1 and len(names) > 1
        self._console = Console(file=sys.stderr)
        self._bars: Progress | None = None
        self._tasks: dict[str, Any] = {}
        self._manager: Any = None
        self.reporter: Any = self._show
        if self._parallel:
            self._manager = multiprocessing.get_context("spawn").Manager()
            self._queue = self._manager.Queue()
            self.reporter = _Sender(self._queue)
            self._thread = threading.Thread(target=self._listen, daemon=True)

    def __enter__(self) -> Display:
        if self._console.is_terminal:
            self._bars = Progress(
                TextColumn("{task.description}"),
                BarColumn(),
                TextColumn("{task.fields[step]}"),
                console=self._console,
                transient=True,
            )
            self._bars.start()
            for name in self._names:
                self._tasks[name] = self._bars.add_task(name, total=len(STEPS), step="waits")
        if self._parallel:
            self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._parallel:
            self._queue.put(None)
            self._thread.join(timeout=5)
            self._manager.shutdown()
        if self._bars:
            self._bars.stop()

    def finish(self, position: int, outcomes: Sequence[Outcome]) -> None:
        if self._bars:
            task = self._tasks[self._names[position]]
            state = ", ".join(dict.fromkeys(o.state for o in outcomes))
            self._bars.update(task, completed=len(STEPS), step=state)

    def _listen(self) -> None:
        while (item := self._queue.get()) is not None:
            self._show(*item)

    def _show(self, publication: str, _: str, step: str) -> None:
        if self._bars is None:
            sys.stderr.write(f"{publication}: {step}\n")
            return
        place = STEPS.index(step.split(" ")[0]) if step.split(" ")[0] in STEPS else 0
        self._bars.update(self._tasks[publication], completed=place, step=step)


class _Sender:
    """Sends steps from a worker process."""

    def __init__(self, queue: Any) -> None:
        self._queue = queue

    def __call__(self, *item: str) -> None:
        self._queue.put(item)
