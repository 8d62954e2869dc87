from pathlib import Path


def make(folder: Path) -> None:
    (folder / "x.png").symlink_to("/etc/hostname")
