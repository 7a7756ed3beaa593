"""The words of the page on which files are made and fetched."""

from collections.abc import Mapping
from typing import Final

JOB_KINDS: Final[Mapping[str, tuple[str, str]]] = {
    "bundle": ("法院证据包", "Court bundle"),
    "archive": ("内部档案", "Internal archive"),
    "filing": ("立案材料", "Filing packets"),
    "audit": ("核验报告", "Audit report"),
}

JOB_STATES: Final[Mapping[str, tuple[str, str]]] = {
    "waiting": ("排队中", "Waiting"),
    "running": ("制作中", "Being made"),
    "done": ("可下载", "Ready"),
    "failed": ("未能完成", "Failed"),
    "removed": ("已删除", "Deleted"),
}
