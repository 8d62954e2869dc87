"""Expand: Jinja2 in a chapter's text, where the publication switched it on.

`{{ expression }}` and `{% tag %}` are Jinja2's own; a comment is `{## … ##}`,
because Jinja's `{# … #}` is how a label of Pandoc's begins (`{#fig:map}`). A line
that holds nothing but a tag leaves no empty line behind, so that a loop can
write the rows of a table. Code is never touched: fenced blocks, wherever they
are nested and raw ones too, and spans between backticks. (A block that is code
by its indentation alone is text here: only Pandoc knows what a list makes of it.)

The line map is made by markers. The template is parsed, and each line of its
text is led by a marker that tells its number, as is each expression; what comes
out is read back marker by marker. Text that a macro, a `set`, a `filter` or a
`call` captures has none, for it is a value that the template may measure and
compare; its lines are found again by what they say, or else stand where the
captured text was put out.

A template of a publication that nobody trusts runs in Jinja's sandbox and within
`MAX_STEPS` and `MAX_SIZE`. These are counts and not a clock, so that the same
source fails or succeeds everywhere alike.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Generator, Iterable, Mapping
from dataclasses import dataclass
from functools import wraps
from itertools import islice
from types import TracebackType
from typing import Any, cast

from jinja2 import Environment, StrictUndefined, TemplateSyntaxError, UndefinedError, nodes
from jinja2.exceptions import SecurityError
from jinja2.nodes import EvalContext
from jinja2.runtime import Context
from jinja2.sandbox import ImmutableSandboxedEnvironment
from jinja2.visitor import NodeTransformer

from terbit.diagnostics import Finding, Place
from terbit.pipeline.code_spans import OPENING, hide_code

MAX_SIZE = 20_000_000
"""The most characters that one chapter, or one value in it, may have."""
MAX_STEPS = 250_000
"""The most rounds of loops and calls of macros in one chapter."""
MAX_BITS = 4096
"""The most bits of a whole number that a template computes."""


@dataclass(frozen=True, slots=True)
class Expanded:
    """The text for Pandoc; `lines[i]` is the source line of `text.split("\\n")[i]`, from 1."""

    text: str
    lines: tuple[int, ...]


def expand(
    text: str, *, file: str, enabled: bool, context: Mapping[str, object]
) -> tuple[Expanded, tuple[Finding, ...]]:
    """Run the templates in `text`, which stands in `file`, with the names of `context`.

    A mistake in them is one finding `template-failed`, and the text as it was.
    """
    same = Expanded(text, tuple(range(1, text.count("\n") + 2)))
    if not enabled or not OPENING.search(text):
        return same, ()
    try:
        return _expand(text, context, last=len(same.lines)), ()
    except Exception as error:  # whatever a template can raise is the template's mistake
        return same, (_finding(error, file, context),)


def _expand(text: str, context: Mapping[str, object], last: int) -> Expanded:
    """What the templates in `text`, which has `last` lines, make of it; or any exception."""
    mark, brace = _unused(text, 2)
    environment = _Sandbox()
    tree = environment.parse(hide_code(text, brace))
    if outside := next(tree.find_all(_OUTSIDE), None):
        raise TemplateSyntaxError(
            "no other file can be taken in here, but by ::: {.include file=…}", outside.lineno
        )
    marking = _Marking(mark)
    tree = marking.visit(_Counting().visit(tree))
    rendered, origins = _unmark(_render(environment, tree, context), mark)
    lines = tuple(
        min(n if n > 0 else marking.captured.get(line.strip(), 0) or -n, last)
        for n, line in zip(origins, rendered.split("\n"), strict=True)
    )
    return Expanded(rendered.replace(brace, "{"), lines)


def _unused(text: str, count: int) -> list[str]:
    """`count` characters that `text` does not hold, from the far end of the private ones."""
    taken = set(text)
    return list(islice((c for c in map(chr, range(0x10FFFD, 0xDFFF, -1)) if c not in taken), count))


# code --------------------------------------------------------------------

_OUTSIDE = (nodes.Include, nodes.Import, nodes.FromImport, nodes.Extends)


class _TooMuchError(Exception):
    """A template asks for more than `MAX_SIZE`, `MAX_STEPS` or `MAX_BITS`."""


class _Sandbox(ImmutableSandboxedEnvironment):
    """Jinja's sandbox, with counts of what a template does."""

    intercepted_binops = frozenset({"*", "**", "%"})

    def __init__(self) -> None:
        super().__init__(
            undefined=StrictUndefined,
            comment_start_string="{##",
            comment_end_string="##}",
            trim_blocks=True,
            lstrip_blocks=True,
            keep_trailing_newline=True,
            autoescape=False,
            finalize=self.put_out,
            cache_size=0,
        )
        del self.globals["lipsum"]
        for name in (*_GROWING & self.filters.keys(), "format"):
            self.filters[name] = _watched(name, self.filters[name])
        self.steps = 0

    def step(self) -> None:
        """Count a round of a loop or a call of a macro."""
        self.steps += 1
        if self.steps > MAX_STEPS:
            raise _TooMuchError(f"more than {MAX_STEPS:,} rounds of loops")

    def put_out(self, value: object) -> object:
        """What an expression puts out: any value but none at all, and not endless."""
        if value is None:
            raise UndefinedError("the value is empty (null)")
        if isinstance(value, str) and len(value) > MAX_SIZE:
            raise _TooMuchError(f"more than {MAX_SIZE:,} characters")
        return value

    def joined(self, *values: object) -> str:
        """What `~` makes of its operands."""
        return str(self.put_out("".join(map(str, values))))

    def call_binop(self, context: Context, operator: str, left: Any, right: Any) -> Any:
        """`left operator right`, refused if the outcome would be too large."""
        if isinstance(left, int) and isinstance(right, int):
            bits = left.bit_length() * right if operator == "**" else 0
            if max(bits, left.bit_length() + right.bit_length()) > MAX_BITS:
                raise _TooMuchError(f"numbers of more than {MAX_BITS:,} bits")
        elif operator == "%" and isinstance(left, str):
            _refuse_growth("format", left, ())
        elif operator == "*":
            _refuse_growth("replace", left, (right,))
        return super().call_binop(context, operator, left, right)

    def call(self, context: Context, called: Any, *args: Any, **named: Any) -> Any:
        """What `called` gives, refused if it is a method that makes a text too large."""
        if isinstance(owner := getattr(called, "__self__", None), str):
            _refuse_growth(called.__name__, owner, (*args, *named.values()))
        return super().call(context, called, *args, **named)

    def wrap_str_format(self, value: Any) -> Callable[..., str] | None:
        """The safe form of a text's method `format`, refused if it makes a text too large."""
        if (safe := super().wrap_str_format(value)) is not None:
            _refuse_growth("format", value.__self__, ())
        return safe


_WIDE = re.compile(r"%[^A-Za-z%]*(?:\*|[0-9]{5})|\{[^{}]*:[^{}]*(?:\{|[0-9]{5})")
_GROWING = frozenset(
    "batch center expandtabs indent join ljust replace rjust slice zfill".split()  # noqa: SIM905
)


def _refuse_growth(name: str, value: object, arguments: Iterable[object]) -> None:
    """Raise if the filter or method `name` could make more than `MAX_SIZE` of `value`."""
    if name == "format":
        too_much = isinstance(value, str) and _WIDE.search(value) is not None
    else:
        widest = max(map(_size, arguments), default=1)
        too_much = name in _GROWING and _size(value) * widest > MAX_SIZE
    if too_much:
        raise _TooMuchError(f"more than {MAX_SIZE:,} characters")


def _size(value: object) -> int:
    """The characters of a text or of a list of texts, a whole number itself, 1 for all else."""
    if isinstance(value, (list, tuple)):
        return sum(len(item) if isinstance(item, str) else 1 for item in value)
    if isinstance(value, int):
        return max(value, 1)
    return len(value) if isinstance(value, str) else 1


def _watched(name: str, apply: Callable[..., Any]) -> Callable[..., Any]:
    """The filter `name`, refused where it makes a text too large."""

    @wraps(apply)  # with Jinja's notes on what it is to be given first
    def watched(*arguments: Any, **named: Any) -> Any:
        given = [a for a in arguments if not isinstance(a, (Environment, EvalContext))]
        _refuse_growth(name, given[0], (*given[1:], *named.values()))
        return apply(*arguments, **named)

    return watched


class _Counting(NodeTransformer):
    """Lets the sandbox count loops, macros and what `~` joins."""

    def _counted(self, node: Any) -> nodes.Node:
        self.generic_visit(node)
        step = nodes.EnvironmentAttribute("step", lineno=node.lineno)
        call = nodes.Call(step, [], [], None, None, lineno=node.lineno)
        node.body.insert(0, nodes.ExprStmt(call, lineno=node.lineno))
        return node  # type: ignore[no-any-return]

    visit_For = visit_Macro = visit_CallBlock = _counted  # noqa: N815

    def visit_Concat(self, node: nodes.Concat) -> nodes.Node:  # noqa: N802
        self.generic_visit(node)
        joined = nodes.EnvironmentAttribute("joined", lineno=node.lineno)
        return nodes.Call(joined, node.nodes, [], None, None, lineno=node.lineno)


class _Marking(NodeTransformer):
    """Puts a marker before each line of text (its number) and each expression (its negative).

    `captured` holds the lines of the text that gets no marker, stripped, each
    with its number, or 0 if it stands there twice.
    """

    def __init__(self, mark: str) -> None:
        self.mark = mark
        self.captured: dict[str, int] = {"": 0}

    def _marker(self, number: int) -> str:
        return f"{self.mark}{number}{self.mark}"

    def visit_Output(self, node: nodes.Output) -> nodes.Node:  # noqa: N802
        out: list[nodes.Expr] = []
        for child in node.nodes:
            line = child.lineno
            if isinstance(child, nodes.TemplateData):
                first, *rest = child.data.split("\n")
                text = self._marker(line) + first
                text += "".join(
                    f"\n{self._marker(number)}{part}" for number, part in enumerate(rest, line + 1)
                )
                out.append(nodes.TemplateData(text, lineno=line))
            else:
                out += [nodes.TemplateData(self._marker(-line), lineno=line), child]
        return nodes.Output(out, lineno=node.lineno)

    def _captured(self, node: nodes.Node) -> nodes.Node:
        for data in node.find_all(nodes.TemplateData):
            for number, part in enumerate(data.data.split("\n"), data.lineno):
                key = part.strip()
                self.captured[key] = 0 if key in self.captured else number
        return node

    visit_Macro = visit_AssignBlock = _captured  # noqa: N815

    def _put_out(self, node: nodes.Node) -> list[nodes.Node]:
        marker = nodes.TemplateData(self._marker(-node.lineno), lineno=node.lineno)
        return [nodes.Output([marker], lineno=node.lineno), self._captured(node)]

    visit_FilterBlock = visit_CallBlock = _put_out  # noqa: N815


def _render(environment: Environment, tree: nodes.Template, context: Mapping[str, object]) -> str:
    """The text that the template makes, markers and all, within `MAX_SIZE`."""
    template = environment.from_string(tree)
    stream = template.root_render_func(template.new_context(dict(context)))
    out, size = [], 0
    for piece in stream:
        out.append(piece)
        size += len(piece)
        if size > MAX_SIZE:  # raised in the template, so that its line is known
            error = _TooMuchError(f"more than {MAX_SIZE:,} characters")
            cast("Generator[str, None, None]", stream).throw(error)
    return "".join(out)


def _unmark(rendered: str, mark: str) -> tuple[str, list[int]]:
    """The text without its markers, and for each of its lines what its marker says.

    That is the last one before the line's first character.
    """
    pieces = re.split(f"{mark}(-?[0-9]+){mark}", rendered)
    origins: list[int] = []
    origin, fresh = 1, True  # fresh: a line begins with the next character
    for marker, piece in zip(["1", *pieces[1::2]], pieces[::2], strict=True):
        origin = int(marker)
        if not piece:
            continue
        whole = piece.count("\n") + (not piece.endswith("\n"))
        origins += [origin] * (whole if fresh else whole - 1)
        fresh = piece.endswith("\n")
    if fresh:
        origins.append(origin)
    return "".join(pieces[::2]), origins


# mistakes ----------------------------------------------------------------


def _finding(error: Exception, file: str, context: Mapping[str, object]) -> Finding:
    """What went wrong in a template, as a finding at its line."""
    what = str(error).strip().rstrip(".") or type(error).__name__
    line, hint = _line(error.__traceback__), "correct the template at this line"
    match error:
        case TemplateSyntaxError(message=message, lineno=line):
            what = (message or what).rstrip(".")
            hint = (
                "write {{ … }}, {% … %} and {## … ##}; where these are meant as text, put them "
                "in code or between {% raw %} and {% endraw %}"
            )
        case UndefinedError():
            hint = (
                f"there is {', '.join(sorted(context)) or 'no name'}; where a value may be "
                "missing, write {{ name | default('', true) }}"
            )
        case SecurityError():
            hint = "a template can read values and change none"
        case _TooMuchError():
            what, hint = f"it makes {what}", "make the loops or the values smaller"
        case RecursionError() | SyntaxError() | MemoryError():
            what = "it is nested too deeply, or calls itself without end"
            hint = "make the template simpler, and give a recursion an end"
    return Finding(
        "template-failed", f"the template cannot be run: {what}", Place(file, line), hint
    )


def _line(trace: TracebackType | None) -> int:
    """The line of the innermost template in a traceback, 0 if there is none."""
    line = 0
    while trace is not None:
        template = trace.tb_frame.f_globals.get("__jinja_template__")
        if template is not None:
            line = template.get_corresponding_lineno(trace.tb_lineno)
        trace = trace.tb_next
    return line
