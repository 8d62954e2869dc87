"""Links and references: what is written in one chapter -> the anchor it means.

A link may be `#anchor` (of this chapter, else of the nearest that has it),
`other.md`, `other.md#anchor`, `other.html#anchor`, or `/path` from `links.root`.
"""

from __future__ import annotations

import difflib
import posixpath
import re
from collections.abc import Mapping, Sequence
from urllib.parse import unquote, urlsplit

from terbit.diagnostics import Finding
from terbit.model import Facts, Target, Use
from terbit.pipeline.transform.anchors import LABEL, anchor_of

Anchor = tuple[str, str]
WEB = frozenset({"http", "https", "mailto", "tel", "ftp", "sftp", "xmpp", "irc", "news", "geo"})


def is_outside(url: str) -> bool:
    """True if a link leads to the web, or another scheme that readers may follow."""
    return urlsafe_scheme(url) in WEB or url.startswith("//")


def is_valid(url: str) -> bool:
    """True if a link to the web is an address that readers can follow (RFC 3986)."""
    try:
        parts = urlsplit(url.strip())
        wants_host = parts.scheme in ("http", "https", "ftp", "sftp") or url.startswith("//")
        host = parts.hostname or ""
        return bool(
            (not wants_host or (host and not re.search(r"[\s<>\"{}|\\^`]", host)))
            and (parts.port is None or parts.port < 65536)
            and (wants_host or parts.path)
            and not re.search(r"%(?![0-9A-Fa-f]{2})", url)
        )
    except ValueError:
        return False


def urlsafe_scheme(url: str) -> str:
    try:
        return urlsplit(url.strip()).scheme.casefold()
    except ValueError:
        return ""


def links(
    chapter: Facts, chapters: Sequence[Facts], root: str, exists: Mapping[str, bool]
) -> tuple[dict[str, Anchor], tuple[Finding, ...]]:
    """Each internal URL of the chapter as written -> (slug, anchor); anchor "" is the top."""
    out: dict[str, Anchor] = {}
    findings: list[Finding] = []
    for use in chapter.links:
        if is_outside(use.target) and not is_valid(use.target):
            findings.append(
                Finding(
                    "broken-link",
                    f"“{use.target[:80]}” is not a valid address",
                    use.place,
                    "mend the address: its host, its port, or a % that is not %25",
                )
            )
        if use.target in out or is_outside(use.target):
            continue
        scheme = urlsafe_scheme(use.target)
        if scheme and ":" in use.target.split("/")[0] and len(scheme) > 1:
            findings.append(
                Finding(
                    "unsafe-markup",
                    f"a link with {scheme}: is not published",
                    use.place,
                    "link to a chapter, an anchor or the web",
                )
            )
            continue
        found = _internal(use, chapter, chapters, root, exists)
        if isinstance(found, Finding):
            findings.append(found)
        else:
            out[use.target] = found
    return out, tuple(findings)


def _internal(
    use: Use, chapter: Facts, chapters: Sequence[Facts], root: str, exists: Mapping[str, bool]
) -> Anchor | Finding:
    path, _, fragment = use.target.partition("#")
    path, fragment = unquote(path.split("?")[0]), unquote(fragment)
    if not path:
        if not fragment:
            return chapter.slug, ""
        return _anchor(use, fragment, chapter, chapters)
    files = {c.file: c for c in chapters}
    base = root if path.startswith("/") else posixpath.dirname(chapter.file)
    wanted = posixpath.normpath(posixpath.join(base, path.lstrip("/")))
    stem = wanted.removesuffix(".html").removesuffix(".htm").removesuffix(".md")
    for name in (wanted, f"{stem}.md", f"{wanted}.md", f"{stem}/README.md", f"{stem}/index.md"):
        if name in files:
            other = files[name]
            if not fragment:
                return other.slug, ""
            name = anchor_of(fragment)
            if name in other.anchors:
                return other.slug, name
            near = difflib.get_close_matches(name, list(other.anchors), 1)
            hint = f"did you mean #{near[0]}?" if near else f"{other.file} has no such heading"
            return Finding(
                "broken-link", f"{other.file} has no anchor “{fragment}”", use.place, hint
            )
    if exists.get(wanted):
        return Finding(
            "broken-link",
            f"“{path}” is a file of the folder, but no chapter",
            use.place,
            "list it in contents, or link to where readers can fetch it on the web",
        )
    near = difflib.get_close_matches(wanted, list(files), 1)
    return Finding(
        "broken-link",
        f"the link “{use.target}” leads to no chapter",
        use.place,
        f"did you mean {near[0]}?" if near else "link to a chapter, an anchor or the web",
    )


def _anchor(use: Use, fragment: str, chapter: Facts, chapters: Sequence[Facts]) -> Anchor | Finding:
    name = anchor_of(fragment)
    here = [c.slug for c in chapters].index(chapter.slug)
    order = sorted(range(len(chapters)), key=lambda i: (abs(i - here), i))
    for i in order:
        if name in chapters[i].anchors:
            return chapters[i].slug, name
        if name == chapters[i].slug:
            return chapters[i].slug, ""
    every = [a for i in order for a in chapters[i].anchors if not a.startswith("index-")]
    near = difflib.get_close_matches(name, every, 1)
    hint = f"did you mean #{near[0]}?" if near else "give the target an id such as {#target}"
    return Finding("broken-link", f"there is no anchor “{fragment}”", use.place, hint)


def references(
    chapter: Facts, chapters: Sequence[Facts], targets: Mapping[Anchor, Target]
) -> tuple[dict[str, Target], tuple[Finding, ...]]:
    """Each label that the chapter refers to, as written -> its target."""
    out: dict[str, Target] = {}
    findings: list[Finding] = []
    order = [c.slug for c in chapters]
    here = order.index(chapter.slug)
    for use in chapter.references:
        found = LABEL.match(use.target)
        name = anchor_of(use.target)
        having = [t for (_, a), t in targets.items() if a == name]
        if having:
            out[use.target] = min(having, key=lambda t: abs(order.index(t.slug) - here))
            continue
        if found and any(name in c.anchors for c in chapters):
            findings.append(
                Finding(
                    "broken-reference",
                    f"what carries the label {use.target} has no number to refer to",
                    use.place,
                    f"write a link with words of its own: [words](#{use.target})",
                )
            )
        elif found:
            labels = [a for _, a in targets if LABEL.match(a)]
            near = difflib.get_close_matches(name, labels, 1, 0.4)
            findings.append(
                Finding(
                    "broken-reference",
                    f"there is nothing with the label {use.target}",
                    use.place,
                    f"did you mean @{near[0]}?" if near else "give the target this label in {#…}",
                )
            )
        else:
            findings.append(
                Finding(
                    "not-a-citation",
                    f"@{use.target} is neither a label nor a citation; it stays text",
                    use.place,
                    f"write \\@{use.target} to say so",
                )
            )
    return out, tuple(findings)
