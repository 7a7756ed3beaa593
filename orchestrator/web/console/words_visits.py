"""The words of the page that is used at the door."""

from collections.abc import Mapping
from typing import Final

SHOTS: Final[Mapping[str, tuple[str, str]]] = {
    "door_number": ("门牌号", "Door number"),
    "notice": ("通知书（字迹清楚）", "The notice, readable"),
    "fixed": ("已张贴", "Fixed to the door"),
    "other": ("其他", "Other"),
}

CHECKS: Final[Mapping[str, tuple[str, str]]] = {
    "rang": ("已按门铃，等候一分钟", "Rang and waited a minute"),
    "introduced": ("已出示工作证，说明来意", "Showed the badge and said what it is about"),
    "handed_over": ("已交付或出示通知书", "Handed over or showed the notice"),
    "photo_of_door_number": ("已拍门牌号，今日验证码在画面内", "Photo of the door number, with the code of the day in it"),
    "readable_notice": ("照片中的通知书字迹清楚", "The notice is readable in a photo"),
    "fixed": ("已拍张贴后的全景", "Photo of the notice on the door"),
    "outside_only": ("未进入室内，未拍摄室内", "Stayed outside; nothing inside was photographed"),
}

EXHIBITS: Final[Mapping[str, tuple[str, str]]] = {
    "photo": ("照片", "Photo"),
    "signature": ("签名", "Signature"),
    "recording": ("录音", "Recording"),
    "scan": ("扫描件", "Scan"),
    "tracking": ("物流记录", "Tracking"),
    "document": ("文件", "Document"),
}

SIGNERS: Final[Mapping[str, tuple[str, str]]] = {
    "self": ("本人", "in person"),
    "family": ("同住成年家属", "adult relative"),
    "authorised": ("受托人", "authorised person"),
    "legal_representative": ("法定代表人", "legal representative"),
    "mail_desk": ("收发室", "mail desk"),
    "locker": ("快递柜", "locker"),
    "station": ("驿站", "parcel station"),
    "guard": ("门岗", "guard"),
    "own_desk": ("本公司物业前台", "our own desk"),
}
