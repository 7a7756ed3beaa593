"""The words of the page on which letters are posted and followed."""

from collections.abc import Mapping
from typing import Final

BATCH_STATES: Final[Mapping[str, tuple[str, str]]] = {
    "open": ("收信中", "Open"),
    "closed": ("已截单", "Closed"),
    "handed_over": ("已交寄", "Handed over"),
    "acknowledged": ("已回执", "Acknowledged"),
}

WITHDRAWN: Final[Mapping[str, tuple[str, str]]] = {
    "facts_changed": ("欠费有变", "What is owed changed"),
    "pulled": ("已抽回", "Pulled out"),
}

RETURNS: Final[Mapping[str, tuple[str, str]]] = {
    "refused": ("拒收", "Refused"),
    "unknown": ("查无此人", "Unknown there"),
    "moved": ("已迁移", "Moved away"),
    "unclaimed": ("逾期未领", "Not claimed"),
}

ABOUT_LETTERS: Final[Mapping[str, tuple[str, str]]] = {
    "tracking": ("查询并导入邮件跟踪记录", "Fetch the tracking of letters and import it"),
    "tracking_words": ("邮件跟踪状态无法识别，请查看", "The post's words are not known: look at them"),
    "who_signed": ("邮件已妥投但未写明签收人，请查回执", "Delivered, but to whom? Look at the signed return"),
    "returned": ("信件退回，请决定下一步", "A letter came back: decide what is next"),
    "pull_letter": ("情况有变，信件能抽回请抽回", "Things have changed: pull the letter, if you can"),
    "letter_rejected": ("印厂退回信件，请处理", "The print house would not print a letter"),
}
