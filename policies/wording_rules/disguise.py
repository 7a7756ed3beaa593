"""A text as its reader takes it: under spaces and marks, full-width and circled letters, traditional characters, look-alikes and emoji.

Chinese is read without spaces and odd marks; the marks that end a clause stay, for 公示，您 is not 公示您, unless they stand around a
single character, which no clause is (停，水). Latin is read three ways: as it stands, with marks and digits inside words read as letters
(p0-lice), and with single spaced letters drawn together (c u t).
"""

import re
import unicodedata
from dataclasses import dataclass

BOUNDARY = "。"


@dataclass(frozen=True, slots=True)
class Readings:
    """A text as Chinese and as Latin readers take it; empty where it has no word of theirs."""

    chinese: tuple[str, ...]
    latin: tuple[str, ...]


def read(text: str) -> Readings:
    """The readings of a text."""
    joined = _chinese(text)
    return Readings((joined,) if _HAN.search(joined) else (), _latin(text))


def _chinese(text: str) -> str:
    """Simplified characters, clauses divided by one 。 each."""
    plain = unicodedata.normalize("NFKC", text).casefold().translate(_AS_READ)
    joined, last = "", ""
    for clause in filter(None, (_ODD.sub("", each) for each in _CLAUSE_MARKS.split(plain))):
        joined += clause if not last or len(last) == 1 or len(clause) == 1 else BOUNDARY + clause
        last = clause
    return joined


def _latin(text: str) -> tuple[str, ...]:
    """Lower case, without accents; the later readings only where they differ."""
    looked = unicodedata.normalize("NFKD", text.translate(_LATIN_LOOKS))
    bare = looked if looked.isascii() else "".join(each for each in looked if unicodedata.category(each) not in ("Mn", "Cf"))
    plain = _SPACE.sub(" ", bare.casefold())
    inside = _MARKED_WORD.sub(lambda word: _ODD.sub("", word[0].translate(_LEET)), plain)
    drawn = _SPACED_LETTERS.sub(lambda run: _ODD.sub("", run[0]), plain)
    return tuple(dict.fromkeys((plain, inside, drawn)))


_ODD = re.compile(r"[\W_]+")
_SPACE = re.compile(r"\s+")
_HAN = re.compile(r"[\u4e00-\u9fff]{2}")
_CLAUSE_MARKS = re.compile(r"[。,.、;:!?\n…—|/]+")
_MARKED_WORD = re.compile(r"(?<![a-z0-9])(?=[^\s]*[a-z])[a-z0-9@$_]+(?:[^\w\s,;:!?()]+[a-z0-9@$_]+)*")
_SPACED_LETTERS = re.compile(r"(?<![a-z])(?:[a-z][\W_]{1,2}){3,}[a-z](?![a-z])")
_LEET = str.maketrans("013457@$", "oleastas")

_TRADITIONAL = (
    (
        "丟乾佈佔來侷係個們傢傳僅僱價兒內兩凍別刪則劃動務勞區協卽員問喫單噁噴噹嚮嚴囂圍執報場墻壟媽學實寧審寫將對導屬師幹庫廢廳張"
        "強彆彔後徑徵恥惡愛態慼應戀戶摳撥擾攪敎敗斷於時暫曏會査條棟業極榦樁樓機橫檢檯櫃欄權氣決沒準溫滾潑潔為無熱爲牆獄現產産當癡"
        "發監眞眾睏窮箇節範糞紀紅納終結絕給統絶經綫維緊線緝緩總繫繳纏纜罰羣聯脅脩腦臉臨臺菓萬著藍處虛號蟲蠻衆衕衚裏裝裡製覈視親託"
        "記訟訪設許訴診註詐評話說説請謹護讓負責貴費貼資質賬賭賴踰車軌輛輪辦迴逕進過還郵鄉鄰釦銀銷錄錢録錶鍋鎖長門閉開間閘閥闆關隻"
        "難電響項須領題額顏顔類颱飯養餬馬騙騷體髮鬍鬚鬧麪麫麵點齣"
    ),
    (
        "丢干布占来局系个们家传仅雇价儿内两冻别删则划动务劳区协即员问吃单恶喷当向严嚣围执报场墙垄妈学实宁审写将对导属师干库废厅张"
        "强别录后径征耻恶爱态戚应恋户抠拨扰搅教败断于时暂向会查条栋业极干桩楼机横检台柜栏权气决没准温滚泼洁为无热为墙狱现产产当痴"
        "发监真众困穷个节范粪纪红纳终结绝给统绝经线维紧线缉缓总系缴缠缆罚群联胁修脑脸临台果万着蓝处虚号虫蛮众同胡里装里制核视亲托"
        "记讼访设许诉诊注诈评话说说请谨护让负责贵费贴资质账赌赖逾车轨辆轮办回径进过还邮乡邻扣银销录钱录表锅锁长门闭开间闸阀板关只"
        "难电响项须领题额颜颜类台饭养糊马骗骚体发胡须闹面面面点出"
    ),
)
"""The traditional forms of the characters that the rules look for."""
_LOOKS = ("氺沝仃㐬⺡💧💦🚰🚿⚡🔌💡♨", "水水停流水水水水水电电电热")
_AS_READ = str.maketrans("".join((_TRADITIONAL[0], _LOOKS[0])), "".join((_TRADITIONAL[1], _LOOKS[1])))

_CYRILLIC = ("АВЕЁЅІЈКМНОРСТУХҮԚԜавеёѕіјкмнорстухүһӏԁԛԝг", "ABEESIJKMHOPCTYXYQWabeesijkmhopctyxyhldqwr")
_GREEK = ("ΑΒΕΖΗΙΚΜΝΟΡΤΥΧαβεικνορτυχωϲϳ", "ABEZHIKMNOPTYXabeikvoptuxwcj")
_SMALL_CAPITALS = ("ᴀʙᴄᴅᴇꜰɢʜɪᴊᴋʟᴍɴᴏᴘʀꜱᴛᴜᴠᴡʏᴢı", "abcdefghijklmnoprstuvwyzi")
_ENCLOSED = {start + place: chr(ord("a") + place) for start in (0x1F150, 0x1F170, 0x1F1E6) for place in range(26)}
_LATIN_LOOKS = _ENCLOSED | {
    ord(odd): letter for odds, letters in (_CYRILLIC, _GREEK, _SMALL_CAPITALS) for odd, letter in zip(odds, letters, strict=True)
}
