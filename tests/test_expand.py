"""The step expand: Jinja2 in the text, its line map, its limits and its mistakes."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from terbit.diagnostics import Place
from terbit.pipeline import expand as module
from terbit.pipeline.code_spans import fences
from terbit.pipeline.expand import Expanded, expand


def run(text: str, **context: object) -> Expanded:
    """The expanded text, which has to be free of mistakes."""
    expanded, findings = expand(text, file="01.md", enabled=True, context=context)
    assert findings == ()
    assert len(expanded.lines) == expanded.text.count("\n") + 1
    return expanded


def mapped(text: str, **context: object) -> list[tuple[int, str]]:
    """The lines that come out, each with the source line it came from."""
    expanded = run(text, **context)
    return list(zip(expanded.lines, expanded.text.split("\n"), strict=True))


def mistake(text: str, **context: object) -> tuple[int, str]:
    """The line and the sentence of the one finding; the text is as it was."""
    expanded, findings = expand(text, file="01.md", enabled=True, context=context)
    assert expanded.text == text
    assert expanded.lines == tuple(range(1, text.count("\n") + 2))
    (finding,) = findings
    assert finding.code == "template-failed"
    assert finding.hint
    assert "Traceback" not in finding.message
    assert finding.place is not None
    assert finding.place.file == "01.md"
    return finding.place.line, finding.message


# what is left alone --------------------------------------------------------


def test_switched_off() -> None:
    text = "{{ name }}\n{% broken\n"
    expanded, findings = expand(text, file="01.md", enabled=False, context={})
    assert expanded == Expanded(text, (1, 2, 3))
    assert findings == ()


@given(st.text(st.characters(exclude_characters="{")))
def test_text_without_a_brace_is_unchanged(text: str) -> None:
    assert run(text) == Expanded(text, tuple(range(1, text.count("\n") + 2)))


@pytest.mark.parametrize(
    "label",
    ["# Heading {#sec:a}", "![x](y.png){#fig:map}", "[a]{#b .c}", "$$x$$ {#eq:e}", "::: {#d .n}"],
)
def test_labels_are_no_comments(label: str) -> None:
    assert run(f"{label} {{{{ n }}}}\n", n=1).text == f"{label} 1\n"


CODE = [
    "`{{ a }}`",
    "``{{ ` }}``",
    "```` {% ``` %} ````",
    "`{% if\n%}` and on",
    "`{## a ##}`",
    "```\n{{ a }}\n```",
    "~~~~ {.jinja}\n~~~\n{% for %}\n~~~\n~~~~",
    "```{=html}\n<p>{{ a }}{# b #}\n```",
    "- item\n\n  ```python\n  {{ a }}\n\n  {{ b }}\n  ```",
    "1. ~~~\n   {{ a }}\n   ~~~",
    "> ```\n> {{ a }}\n> ```",
    "`<b>{{ a }}</b>`{=html}",
    "```{{r}}\n1\n```",
    "````\n```\n{{ a }}\n````",
]


@pytest.mark.parametrize("code", CODE)
def test_code_is_never_touched(code: str) -> None:
    before, after = "{{ n }} before\n\n", "\n\nafter {{ n }}\n"
    expanded = run(before + code + after, n=1)
    assert expanded.text == "1 before\n\n" + code + "\n\nafter 1\n"
    assert expanded.lines == tuple(range(1, expanded.text.count("\n") + 2))


@given(st.lists(st.sampled_from([*CODE, "word", "{{ n }}", "# H {#h}"]), min_size=1, max_size=6))
def test_any_mixture_of_code_and_text(blocks: list[str]) -> None:
    text = "\n\n".join(blocks) + "\n\n{{ n }}"
    expanded = run(text, n=1)
    assert expanded.text == "\n\n".join("1" if b == "{{ n }}" else b for b in [*blocks, "{{ n }}"])
    assert expanded.lines == tuple(range(1, text.count("\n") + 2))


@pytest.mark.parametrize(
    ("text", "out"),
    [
        ("a ` {{ n }}", "a ` 1"),  # a lone backtick opens nothing
        ("a `b\n\n{{ n }} `", "a `b\n\n1 `"),  # nor does code reach over an empty line
        (r"\`{{ n }}`", r"\`1`"),
        ("`` {{ n }} `", "`` 1 `"),
        ("```\n{{ n }}", "```\n1"),  # a fence that nothing closes is text
        ("~~~\n{{ n }}", "~~~\n1"),
        ("{{ '`' }} {{ n }} {{ '`' }}", "` 1 `"),
        ('{{ "`}}" }} {{ n }} `{{ n }}`', "`}} 1 `{{ n }}`"),
        ("{% raw %}`{{ a }}{% endraw %} {{ n }}`", "`{{ a }} 1`"),
        ("{## ``` ` ##}{{ n }} `x`", "1 `x`"),
    ],
)
def test_what_only_looks_like_code(text: str, out: str) -> None:
    assert run(text, n=1).text == out


def test_private_characters_of_the_source_survive() -> None:
    private = "\U0010fffd\U0010fffc\U0010fffb \ue000"
    assert run(private + "{{ n }}`{`", n=private).text == private * 2 + "`{`"


def test_values_are_not_escaped() -> None:
    assert run("{{ n }}", n="<b> & *c*").text == "<b> & *c*"


# the line map --------------------------------------------------------------


def test_lines_of_a_loop() -> None:
    assert mapped(
        "| a |\n|---|\n{% for row in rows %}\n| {{ row }} |\n| x |\n{% endfor %}\n\nend\n",
        rows="12",
    ) == [
        (1, "| a |"),
        (2, "|---|"),
        (4, "| 1 |"),
        (5, "| x |"),
        (4, "| 2 |"),
        (5, "| x |"),
        (7, ""),
        (8, "end"),
        (9, ""),
    ]


def test_lines_of_conditions_and_comments() -> None:
    text = "a\n{% if no %}\nb\n{% else %}\n\nc\n{% endif %}\n{## two\nlines ##}\nd {## e ##}f"
    assert mapped(text, no=False) == [(1, "a"), (5, ""), (6, "c"), (10, "d f")]


def test_lines_of_values_that_have_several() -> None:
    assert mapped("a\n{{ v }}\nb {{ v }} c\n{{\n v }}\nd\n", v="1\n2") == [
        (1, "a"),
        (2, "1"),
        (2, "2"),
        (3, "b 1"),
        (3, "2 c"),
        (5, "1"),
        (5, "2"),
        (6, "d"),
        (7, ""),
    ]


def test_lines_where_white_space_is_cut() -> None:
    assert mapped("a\n{%- if true -%}\n\n  {{ v }}\n{%- endif %}\nb", v="x\ny") == [
        (1, "ax"),
        (4, "yb"),
    ]


def test_lines_of_macros() -> None:
    text = (
        "{% macro box(t) %}\nText of the box.\n\n**{{ t }}**\n{% endmacro %}\na\n\n{{ box(1) }}\nb"
    )
    assert mapped(text) == [
        (6, "a"),
        (7, ""),
        (2, "Text of the box."),
        (8, ""),
        (8, "**1**"),
        (8, ""),
        (9, "b"),
    ]


def test_lines_of_captured_text() -> None:
    text = (
        "{% set s %}\none\n{% endset %}\n{% macro m() %}{{ caller() }}{% endmacro %}\n"
        "{{ s }}{% call m() %}\ntwo\n{{ 3 }}\n{% endcall %}\n{% filter trim %}\n\nfour\n\n"
        "{% endfilter %}\n\nfive"
    )
    assert mapped(text) == [(2, "one"), (6, "two"), (5, "3"), (11, "four"), (15, "five")]


def test_captured_text_has_no_markers() -> None:
    text = "{% macro m() %}\nab\n{% endmacro %}{{ m()|length }} {{ m() == 'ab\n' }} {{ m()|trim }}!"
    assert run(text).text == "3 True ab!"


def test_lines_of_a_recursive_loop() -> None:
    text = "{% for i in tree recursive %}\n- {{ i[0] }}\n{{ loop(i[1]) }}{% endfor %}\nend"
    assert mapped(text, tree=[("a", [("b", [])]), ("c", [])]) == [
        (2, "- a"),
        (2, "- b"),
        (2, "- c"),
        (4, "end"),
    ]


def test_lines_of_raw_text() -> None:
    text = "a\n{% raw %}{{ b }}\n{{ c }}\n{% endraw %}\nd"
    assert mapped(text) == [(1, "a"), (2, "{{ b }}"), (3, "{{ c }}"), (5, "d")]


@given(st.lists(st.sampled_from(["text", "", "{{ v }}", "if", "for", "a {## c ##}b"]), max_size=12))
def test_each_line_knows_where_it_stood(kinds: list[str]) -> None:
    """Lines numbered in the source say their own number when they come out."""
    lines: list[str] = []
    for kind in kinds:
        here = len(lines) + 1
        if kind in ("if", "for"):
            tag = "{% if true %}" if kind == "if" else "{% for i in [1, 2] %}"
            lines += [tag, f"n{here + 1}", "{% end" + kind + " %}"]
        else:
            lines.append(f"n{here} {kind}")
    expanded = run("\n".join([*lines, f"n{len(lines) + 1} {{{{ v }}}}"]), v="value")
    said = [line.split()[0] for line in expanded.text.split("\n")]
    assert said == [f"n{number}" for number in expanded.lines]


# mistakes ------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "line", "part"),
    [
        ("a\n{{ nope }}\n", 2, "'nope' is undefined"),
        ("a\n\n{{ book.nope }}", 3, "has no attribute 'nope'"),
        ("a\n{% if x %}\nb", 3, "to be closed is 'if'"),
        ("a\nb\n{{ 1 +", 3, "unexpected"),
        ("a\n{% nonsense %}", 2, "unknown tag 'nonsense'"),
        ("\n\n{## no end", 3, "end of comment"),
        ("\n{{ 'a'|nonsense }}", 2, "No filter named 'nonsense'"),
        ("\n\n{{ 1 / 0 }}", 3, "division by zero"),
        ("\n{{ 1 + 'a' }}", 2, "unsupported operand"),
        ("\n{{ ''.__class__.__mro__ }}", 2, "unsafe"),
        ("\n{{ book.update({'a': 1}) }}", 2, "unsafe"),
        ("\n{{ book.none }}", 2, "empty (null)"),
        ("{% macro m() %}\n\n{{ nope }}{% endmacro %}\n{{ m() }}", 3, "'nope' is undefined"),
        ("{% for i in [1, 0] %}\n{{ 1 // i }}\n{% endfor %}", 2, "zero"),
        ("\n{% include 'a.md' %}", 2, "no other file"),
        ("\n{% import 'a.md' as a %}", 2, "no other file"),
        ("\n{% from 'a.md' import a %}", 2, "no other file"),
        ("\n{% if no %}{% extends 'a.md' %}{% endif %}", 2, "no other file"),
        ("{% macro m() %}{{ m() }}{% endmacro %}\n{{ m() }}", 1, "without end"),
        ("{{ " + "(" * 3000 + "1" + ")" * 3000 + " }}", 0, "too deeply"),
        ("{% for i in [1] %}" * 50 + "{% endfor %}" * 50, 0, "too deeply"),
    ],
)
def test_mistakes(text: str, line: int, part: str) -> None:
    at, message = mistake(text, book={"title": "T", "none": None}, no=False)
    assert part in message
    assert at == line


def test_a_mistake_names_what_there_is() -> None:
    _, (finding,) = expand("{{ x }}", file="a.md", enabled=True, context={"b": 1, "a": 2})
    assert finding.place == Place("a.md", 1)
    assert "a, b" in finding.hint


LOOP = "{% for i in range(99999) %}"
MUCH = "{{ 'abcdefghij' * 1000 }}"
DOUBLED = "{% set n = namespace(x='aaaa') %}{% for i in range(99) %}"


@pytest.mark.parametrize(
    "text",
    [
        "{{ range(1000000) }}",
        LOOP * 3 + "{% endfor %}" * 3,
        "{% set x %}" + LOOP * 2 + "a" + "{% endfor %}" * 2 + "{% endset %}",
        LOOP + MUCH + "{% endfor %}",
        "{{ 'a' * 999999999 }}",
        "{{ 999999999 * [1] }}",
        "{{ 9 ** (9 ** 9) }}",
        "{% set n = namespace(x=9) %}" + LOOP + "{% set n.x = n.x * n.x %}{% endfor %}",
        DOUBLED + "{% set n.x = n.x ~ n.x %}{% endfor %}",
        DOUBLED + "{% set n.x %}{{ n.x }}{{ n.x }}{% endset %}{% endfor %}",
        "{{ '%999999999d' % 1 }}",
        "{{ '%999999999d'|format(1) }}",
        "{{ '{:999999999}'.format(1) }}",
        "{{ '{:{}}'.format(1, 999999999) }}",
        "{{ 'a'|center(999999999) }}",
        "{{ 'a'.rjust(999999999) }}",
        "{{ 'a'|indent(999999999, true) }}",
        "{{ [1]|batch(999999999, 0)|list }}",
        "{{ ('a' * 1000000)|replace('a', 'b' * 1000) }}",
        "{{ ('a' * 1000000).replace('a', 'b' * 1000) }}",
        "{{ (['a' * 1000000] * 100)|join }}",
    ],
)
def test_endless_templates_are_stopped(text: str) -> None:
    start = time.process_time()
    line, message = mistake("\n" + text)
    assert line == 2
    assert "more than" in message or "Range too big" in message
    assert time.process_time() - start < 10


def test_ordinary_filters_work() -> None:
    text = (
        "{{ '{:,}'.format(1234567) }} {{ '%05.2f'|format(3.14159) }} {{ '%s' % 'a' }}"
        " {{ [1, 2]|join(', ') }} {{ 'a\nb'|indent(2) }} {{ 'abc'.replace('b', 'x') }}"
        " {{ 'ab'|center(4) }} {{ 'a' ~ 1 }} {{ 2 ** 10 }} {{ 'ab' * 2 }} {{ 7 % 4 }}"
        " {{ [1, 2, 3]|batch(2)|list }} {{ 2.5 * 2 }}"
    )
    assert run(text).text == (
        "1,234,567 03.14 a 1, 2 a\n  b axc  ab  a1 1024 abab 3 [[1, 2], [3]] 5.0"
    )


# fences --------------------------------------------------------------------


def test_fences() -> None:
    text = "```\na\n```\n~~~~\n```\n~~~\n~~~~~\n> ```\n> ```\n`````\n``` x ```"
    assert fences(text.split("\n")) == {0: 2, 2: 4, 3: 6, 4: 7, 5: 6, 7: 8, 8: 9}


@given(st.lists(st.sampled_from(["```", "````", "~~~", "~~~~~", "a", "``` x", "  ```", "> ~~~"])))
def test_fences_are_what_a_slow_search_finds(lines: list[str]) -> None:
    def run_of(line: str) -> str:
        return line.lstrip(" >").split(" ")[0]

    expected = {}
    for number, line in enumerate(lines):
        if run_of(line)[0] in "`~":
            for later in range(number + 1, len(lines)):
                closes = " x" not in lines[later] and lines[later] != "a"
                if closes and run_of(lines[later]).startswith(run_of(line)):
                    expected[number] = later
                    break
    assert fences(lines) == expected


@pytest.mark.parametrize(
    "text",
    [
        "`" + " `` ``` ````" * 50_000,
        "\n".join("`" * (3 + n) for n in range(1500, 0, -1)),
        "~~~\n" * 200_000,
        "{% raw %} " * 100_000,
        "{{ ' " * 100_000,
        "> - 1. " * 60_000,
        "{% " * 200_000,
    ],
    ids=["ticks", "falling", "tildes", "raw", "strings", "markers", "tags"],
)
def test_time_is_near_linear(text: str) -> None:
    start = time.process_time()
    expand(text + "{{ 1 }}", file="a.md", enabled=True, context={})
    assert time.process_time() - start < 5


def test_the_limits_are_counts() -> None:
    assert run(f"{{% for i in range({min(99_999, module.MAX_STEPS)}) %}}{{% endfor %}}").text == ""
