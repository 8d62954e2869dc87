from pathlib import Path


def make(folder: Path) -> None:
    (folder.parent / "secret.md").write_text("# Secret\n", encoding="utf-8")
    (folder / "01.md").symlink_to("../secret.md")
