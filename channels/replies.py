"""What a debtor means by a short reply, in Chinese or English. Pure: whoever reads it decides what follows."""

import re
import unicodedata
from dataclasses import dataclass
from datetime import date
from typing import Literal

from channels.named_days import named_day

ReplyKind = Literal["stop", "start", "help", "paid", "promise", "dispute", "wrong_person", "question", "other"]


@dataclass(frozen=True, slots=True)
class Reply:
    """`on` is the day a promise names, where it names one that can be read; it may lie in the past. `calls`: a stop that is not about
    texts alone, for it speaks of calls or of contact as such. `in_words`: a stop said in a sentence, in which there may be more."""

    kind: ReplyKind
    on: date | None = None
    calls: bool = False
    in_words: bool = False


_SIMPLIFIED = str.maketrans(
    "訂閱發給別說經議異誤錯電話週號點個這還結業們為嗎時來沒問題請復幫費匯銀單計賣過戶認識後內繳轉帳齊掛擾騷煩絕續預約聯繫係錢該從與對價積開準備嗎愛趕緊買園樓層戶當間餘額",
    "订阅发给别说经议异误错电话周号点个这还结业们为吗时来没问题请复帮费汇银单计卖过户认识后内缴转账齐挂扰骚烦绝续预约联系系钱该从与对价积开准备吗爱赶紧买园楼层户当间余额",
)

_WORDS: tuple[tuple[ReplyKind, str], ...] = (
    ("stop", "stopall|stop|unsubscribe|cancel|end|quit|optout|revoke|td|t|(?:td?)?退订|拒收|停止|取消订阅|取消|停发"),
    ("start", "start|unstop|yes|恢复订阅|重新订阅|恢复接收|重新接收|恢复|开始"),
    ("help", "help|info|帮助|客服|人工|转人工|人工客服|求助"),
)
"""Whole messages only, however they are spaced and decorated; a wish to be left alone or helped also repeated, or with a courtesy round it.
The English ones are the words that Twilio's default opt-out handling knows."""

_COURTESY_BEFORE = r"(?:please|pls|reply|请|我要|我需要|需要|回复|回)*"
_COURTESY_AFTER = r"(?:please|pls|thanks|thankyou|thx|now|it|this|me|sms|texts?|messages?|短信|信息|谢谢|吧|啊|了)*"
_WHOLE = tuple(
    (kind, re.compile(words if kind == "start" else rf"{_COURTESY_BEFORE}({words})(?:\1)*{_COURTESY_AFTER}")) for kind, words in _WORDS
)

_OVER = r"(?=[了啦吧好行谢哈呀啊,.。!;； ]|$)"
_NO_MORE = r"(?:不要|不用|不需要|别|停止|请勿|勿|不准|不许|不得|禁止|拒绝)再?(?:给我|跟我|和我|向我)?再?"

_STOP_TEXTS = re.compile(
    rf"{_NO_MORE}(?:发(?=短信|信息|消息|送|来|这|了|$|[,.。!])|接收(?=短信|信息|消息|了|$|[,.。!]))"
    r"|不(?:想|再|要|愿意?)再?(?:接收|收到?)(?=[^,.。]{0,4}(?:短信|信息|消息|通知)|了|$|[,.。!])"
    r"|(?<!not )(?<!n't )\bstop (?:text|messag|sms|spam)"
    r"|(?<!not )(?<!n't )\bstop send(?:ing)?(?: me| us| any| these| this| those| more| all| such| your)*"
    r"(?: (?:text|messag|sms|reminder|notice|stuff|spam)|$|[.!,])"
    r"|\b(?:do not|don't|never) (?:text|message|sms)(?: me| us| this number| again| any ?more|$|[.!,])|\bno more (?:texts?|messages?|sms)\b"
    r"|\b(?:remove (?:me|us|(?:my|this) (?:phone |mobile |cell )?number)|take (?:me|us|(?:my|this) number) off)(?: from)?"
    r"(?: your| this| the| all)*(?: call| text| sms| mailing| contact| messag\w+)?(?: (?:lists?|systems?|records?|databases?))?"
    r"(?:$|[.!,])"
    r"|(?<!not )(?<!n't )\bopt(?:ing)?[ -]?(?:me )?out"
    r"(?! of (?!(?:the |all |your |these |this )*(?:text|messag|sms|call|contact|reminder)))"
    r"|\bunsubscribe\b(?! from (?!(?:the |all |your |these |this |any )*(?:text|messag|sms|list|notif|remind|alert)))"
    r"|退订(?:你们|贵司|这个|这些|所有|全部|物业|催[缴费款收]|的)*(?:短信|信息|消息|通知|提醒)?"
    r"(?:不了|失败|成功|一下|谢谢|[了吧啊呢吗我])*(?:$|[^\w])"
)
"""A wish to get no more texts, anywhere in a text. Of what is cancelled beside texts (a parking space) it says nothing."""

_UNWISHED = re.compile(
    r"(?:不|别|勿|甭|无需|并非|(?<!还)(?<!怎么)(?<!什么)没有?)(?:要|想|用|必|需要?|是|会|再|给我|帮我|把我|替我|说过?|打算)*退订"
    r"|(?:不要|别|勿|不用)再?停止"
    r"|(?:\b(?:do|does|did)(?:n'?t| not)|\bnever|(?<!can )(?<!could )(?<!will )\bnot|\bno need)"
    r"(?: (?:want|wish|ask|asked|mean|intend|like|need|going|trying|please|ever|just|yet|to|you|me|us))*"
    r" (?:unsubscribe|opt(?:ing)?[ -]?(?:me )?out|remove|take)\b"
)
"""What a text says is not wanted. Who cannot, or was not let, wants it all the same."""

_STOP_ALL = re.compile(
    rf"{_NO_MORE}(?:(?:联系|骚扰|打扰)(?:我们?)?{_OVER}|打(?=电话|来|过来|了|$|[,.。!]))|(?:别|不要|不准|少)(?:再|来)*烦(?:我|人|了)"
    r"|(?<!not )(?<!n't )\bstop (?:call(?:ing|s)\b|phoning|ringing|contact|bother|harass)|\bleave (?:me|us) alone\b"
    r"|\b(?:do not|don't|never) (?:ever )?(?:contact|call|phone|ring|bother)(?: me| us| this number| again| any ?more|$|[.!,])"
    r"|\bno more (?:calls?|contact)\b"
)

_MEANINGS: tuple[tuple[ReplyKind, re.Pattern[str]], ...] = (
    (
        "wrong_person",
        re.compile(
            r"wrong (?:person|number|no\b)|not me\b|not the owner|(?:do not|don't|no longer) own\b"
            r"|\bsold (?:it|(?:the|my|this) (?:house|home|flat|apartment|unit|property))\b"
            r"|(?<![单额积字票别])(?:打错|发错)|找错|认错人|号码?错|搞错人|不是我(?:本人|的房|的家|家|$|[,.。!])|不是本人|不是[^,.。]{0,4}业主"
            r"|我(?:只)?是租(?:客|户|的|房)|已过户|卖掉了|房子已?卖|已经?卖(?:了|给)"
        ),
    ),
    (
        "dispute",
        re.compile(
            r"\bdisput|disagree|(?:not|don't) agree|incorrect|not (?:correct|right)|isn't right|wrong amount|overcharg|do(?:n't| not) owe"
            r"|\b(?:amounts?|bills?|charges?|figures?|sums?) (?:is|are|was|were|looks?) (?:wrong|too high)|\bbilled twice\b"
            r"|异议|争议|不认可|不认账|不同意|不合理|算错|搞错|弄错|多收|多算|乱收|重复[收计]|[不没]欠|面积不对|投诉"
            r"|(?:费用?|金额|账单|数字?|面积|单价|收费)[^,.。]{0,4}(?:不对|有误|错)"
        ),
    ),
    (
        "question",
        re.compile(
            r"不(?:会|想|愿意?|能|肯|打算|准备|去|来)?(?:再|去|来)*[交缴付]|[交缴付]不[了起]|拒绝?[交缴付]|凭什么"
            r"|以后[再才]|明年(?!\d|[一二三四五六七八九十]+月)|春节|过年|年后|节后|元旦"
            r"|(?:修|处理|解决)[^,.。]{0,4}[就再才][^,.。]{0,2}[交缴付]|服务[^,.。]{0,3}差|漏水|没修"
            r"|(?:won't|will not|not going to|never|refuse to|can't|cannot|unable to) (?:ever )?pay|pay nothing"
            r"|\b(?:if|once|when|until) (?:you|it)\b"
            r"|[交缴付转](?:清|完|过)?了?[吗没么](?:$|[?,.。])|是否|有没有[交缴付转]"
            r"|\b(?:did|have|has|was|were) (?:i|we|you|it|this|that)\b"
        ),
    ),
    (
        "promise",
        re.compile(
            r"(?<!not )(?<!your )\bpromise\b"
            r"|(?<!not )\b(?:(?:will|'ll|going to) (?:pay|transfer|settle|wire)|pay (?:on|by|in|next|tomorrow))\b"
            r"|(?:(?<!不)会|将|再|来|去|一定)[^,.。?]{0,6}[交缴付]|发了?工资"
            r"|(?:(?<!天)前|内|月底|年底|周末|下个?月)[^,.。?不没未已]{0,4}[交缴付](?!(?:清|完|齐)?[了过])"
        ),
    ),
    (
        "paid",
        re.compile(
            r"(?<!not )(?<!n't )(?<!be )(?<!get )(?<!getting )(?<!never )(?<!when )\b(?:already )?(?:paid|settled|transferred)\b"
            r"|payment (?:has been |was |is )?(?:sent|made|done|complete)"
            r"|已经?[^,.。?不没未]{0,4}[缴交付转汇]|刚[刚才]?[^,.。?不没未]{0,3}[缴交付转汇]|[缴交付][^,.。不没未]{0,2}过了?|[缴交付转汇]款?账?了"
            r"|[交缴付]的(?:$|[,.。])|[交缴付](?:清|完|齐|好)了?|结清|打款了|钱[^,.。没未]{0,4}(?:打|转)(?:了|过去)"
            r"|(?:缴费|付款|支付|转账|汇款)(?:成功|完成|完毕)"
        ),
    ),
    ("question", re.compile(r"[?吗呢]|怎么|如何|什么时候|哪里|多少|\b(?:how|who|why|where|what|which|when)\b")),
)
"""In the order they are asked: the more binding reading first, a promise before a payment it speaks of. Who will not or cannot pay, or pays
only for something in return, or at some time, has made no promise: a person answers."""

_UNPAID = re.compile(
    r"(?:没|未|不)[^,.。]{0,3}[缴交付转]"
    r"|(?:\bnot|\bnever|n'?t|\bnobody(?: has)?|\bno one(?: has)?)(?: (?:yet|already|been|be|fully|even|actually|all|quite))*"
    r" (?:paid|settled|transferred)\b|\bno payment\b|\b(?:if|once|until|unless|being) (?:paid|settled|transferred)\b"
)
_A_DAY_UNREAD = re.compile(
    r"\d|[一二两三四五六七八九十]个?(?:月|号|日|天|周|星期|礼拜)|\b(?:christmas|new year|easter|thanksgiving|spring|summer|autumn|winter)\b"
    r"|\bin may\b|\b(?:jan(?:uary)?|feb(?:ruary)?|march|april|june|july|aug(?:ust)?|sept(?:ember)?|oct(?:ober)?|nov(?:ember)?)\b"
    r"|\bdec(?:ember)?\b"
)
"""A figure or a season beside a promise: a day was meant, or a sum, that nobody here can read."""
_PAST = re.compile(r"昨|前天|上个?(?:周|月|星期|礼拜)|刚|已|[交缴付转汇](?:清|完|齐)?款?账?[的了过]|\b(?:last|yesterday|ago|paid)\b")
_WILL_PAY = re.compile(r"[交缴付转汇]|给钱|还钱|承诺|保证|答应|\b(?:pay|paying|transfer|settle|wire)\b")
_HARDSHIP = re.compile(r"没有?钱|有了?钱|困难|失业|no money|lost my job|hardship")


def understand(body: str, today: date) -> Reply:
    """Read a reply written on `today` (the debtor's local date).

    >>> understand(" ＴＤ ", date(2026, 11, 24)).kind
    'stop'
    >>> understand("12月5日交", date(2026, 11, 24))
    Reply(kind='promise', on=datetime.date(2026, 12, 5), calls=False, in_words=False)
    """
    text = _plain(body)
    word = "".join(each for each in text if each.isalnum())
    for kind, pattern in _WHOLE:
        if pattern.fullmatch(word):
            return Reply(kind)
    wished = _UNWISHED.sub("", text)
    if _STOP_ALL.search(wished):
        return Reply("stop", calls=True, in_words=True)
    if _STOP_TEXTS.search(wished):
        return Reply("stop", in_words=True)
    on = named_day(text, today)
    kind = _meaning(text, on)
    if kind == "promise" and on is None and _A_DAY_UNREAD.search(text):
        return Reply("other")
    return Reply(kind, on if kind == "promise" else None)


def _meaning(text: str, on: date | None) -> ReplyKind:
    for kind, pattern in _MEANINGS:
        if kind == "paid" and on is not None and _WILL_PAY.search(text) and not _PAST.search(text):
            return "promise"
        if pattern.search(text) and not (kind == "paid" and _UNPAID.search(text)):
            return kind
    return "question" if _HARDSHIP.search(text) else "other"


def _plain(body: str) -> str:
    """Narrow, lower case, simplified, one space at a time; what is drawn (emoji) and what is not seen at all counts for nothing."""
    wide = unicodedata.normalize("NFKC", body).replace("’", "'").replace("‘", "'").casefold().translate(_SIMPLIFIED)
    seen = "".join(_seen(each) for each in wide)
    return " ".join(seen.split()).strip("。.!~ ")


def _seen(character: str) -> str:
    category = unicodedata.category(character)
    if category in ("Cf", "Mn", "Me", "Cn", "Co", "Cs"):
        return ""
    return " " if category in ("So", "Sk", "Cc") else character
