"""What may never be said, rule by rule, each with its reason and its source. Read like a list; asked by `policies.wording_rules`."""

from policies.actions import Sentence
from policies.wording_rules.findings import BEFORE_ANY_DEMAND, EVERYWHERE, NOTES, TO_ANYBODY, Forbidden, Kind


def _never(
    rule: str,
    reason: Sentence,
    source: str,
    zh: tuple[str, ...] = (),
    en: tuple[str, ...] = (),
    *,
    lawful: tuple[str, ...] = (),
    kinds: frozenset[Kind] = TO_ANYBODY,
    in_names: bool = False,
) -> Forbidden:
    return Forbidden(rule, reason, source, "|".join(zh), "|".join(en), "|".join(lawful), kinds, in_names)


_YOUR = r"(?:您|你|他|她|其|贵)?(?:们|家|户|单位|房屋|房间)?(?:里)?的?"
_SUPPLY = (
    r"(?:水(?![费表泵箱管质景池果])|电(?![费表梯话信子动瓶脑视池邮器工缆站车桩影商])|燃?气(?![费表温象候])|暖(?!心|意|气?费)|"
    r"热(?!线|心|烈|水器|力费))"
)
_UTILITIES_EN = r"(?:water|power|electricity|heat(?:ing)?|gas|utilit(?:y|ies))(?: (?:supply|supplies))?"
_NO_ITEM = r"(?! ?(?:charges?|fees?|bills?|costs?|rates?|meters?|leaks?|tanks?|pumps?|usage|share))\b"
_ACCESS_EN = r"(?:access|entry|lifts?|elevators?|parking|gates?|key ?cards?|fobs?)"
_CLOSE_PEOPLE = (
    r"雇主|老板|领导|同事|亲属|亲戚|亲友|家人|家属|父母|爸妈|子女|孩子|儿子|女儿|爱人|配偶|妻子|丈夫|老婆|老公|学校|老师|邻居|"
    r"街坊|朋友|村(?:委会|干部|长|里)|(?:工作|用人)单位"
)
_CLOSE_PEOPLE_EN = (
    r"(?:employers?|boss(?:es)?|co-?workers?|colleagues?|famil(?:y|ies)|relatives?|parents?|mother|father|wife|husband|spouse|"
    r"children|kids|school|neighbou?rs?|friends?|landlord)"
)
_HARSH_NOW = r"(?:必须|务必|限您?你?|勒令)"

UTILITIES = Sentence(
    "不得以停水、停电、停热、停燃气催交（民法典944条3款）。", "Cutting water, power, heat or gas is never threatened (Civil Code 944(3))."
)
UTILITIES_SOURCE = "Civil Code 944(3)"

FORBIDDEN: tuple[Forbidden, ...] = (
    _never(
        "utilities",
        UTILITIES,
        UTILITIES_SOURCE,
        zh=(
            rf"(?<![临暂车])停(?:掉|了|止|用)?{_YOUR}{_SUPPLY}",
            rf"(?<![判诊不果推决垄])断(?:掉|了|开)?{_YOUR}{_SUPPLY}",
            rf"(?<![期有权年时额无上下局界])限(?:制)?{_YOUR}{_SUPPLY}",
            rf"(?:掐|切|关)(?:掉|断|了|闭)?{_YOUR}(?:总)?(?:{_SUPPLY}|水阀|气阀|电闸|水闸)",
            rf"(?:停止|中断|切断|暂停|限制|终止|断开|中止|停掉)[^。]{{0,8}}(?:供应{_SUPPLY}|供[水电气暖热]|用[水电气暖热]|{_SUPPLY})",
            r"[水电气暖](?:力|源)?(?:将|会|都|就|全|也)*(?:被|给|予以)?(?:停(?:掉|了|供)|切断|掐断|断(?:掉|了|开)|关停|拉断)",
            r"(?:拉|跳)[了掉]?(?:您|你)?家?的?(?:电)?闸",
            r"(?:拆除?|锁住?|封)[了掉]?(?:您|你)?家?的?[水电气]表",
            r"停供|断供(?:水|电|气|暖|热)",
        ),
        en=(
            r"\b(?:cut|shut|turn|switch|disconnect|stop|suspend|restrict|interrupt|discontinu|"
            rf"withhold)\w*\b[^.;!?]{{0,24}}\b{_UTILITIES_EN}{_NO_ITEM}",
            rf"\b{_UTILITIES_EN}{_NO_ITEM}[^.;!?]{{0,24}}\b(?:cut(?:[ -]?off)?|disconnected|shut(?:[ -]?(?:off|down))?|"
            r"turned off|switched off|stopped|suspended|restricted"
            r"|interrupted|discontinued)\b",
            rf"\b{_UTILITIES_EN} (?:disconnection|cut-?off|shut-?off|suspension)\b|\bno (?:pay|payment|"
            rf"money)\b[^.;!?]{{0,4}}\bno {_UTILITIES_EN}\b",
            r"\b(?:cut|shut|turn|switch)(?:off)?(?:the|your)?(?:water|power|electricity|heating|gas)(?:off)?\b",
        ),
        lawful=(r"cut-?off (?:date|day|time)", r"(?:reply|text|send) stop\b", r"\bstop by\b", r"\b(?:bus|tram) stops?\b"),
    ),
    _never(
        "utilities",
        UTILITIES,
        UTILITIES_SOURCE,
        en=(
            r"(?<![a-z])(?:ting|duan|停|断)[\W_]*(?:nin|ni|您|你)?[\W_]*(?:jia|家)?[\W_]*(?:de|的)?[\W_]*(?:shui|dian|"
            r"nuan(?:qi)?|燃气|水|电)(?![a-z])",
        ),
        lawful=(r"[停断][\W_]*[水电]\w*", r"(?:临|暂|车|判|诊)[停断]"),
        in_names=True,
    ),
    _never(
        "access",
        Sentence("不得限制进出、电梯或停车。", "Access, lifts and parking are never made conditional on payment."),
        "Civil Code 271, 944(3)",
        zh=(
            r"(?:禁止|限制|不准|不许|不让|拒绝|不予|阻止|不得)(?:您|你|其|业主|车辆|他|她)?(?:的?车辆?|再)?的?(?:出入|进出|进入|"
            r"进门|进(?:小区|大门|地库|车库|楼)|通行|入内|入库|放行|停车(?!费|管理|场)|使用(?:电梯|门禁|车位)|乘坐电梯|坐电梯)",
            r"(?:停用|停止|注销|取消|锁定|锁死|限制|关闭|冻结|收回|消磁|停掉|删除)(?:您|你|其|他|她)?(?:家|户|"
            r"车)?的?(?:使用)?(?:门禁|门卡|电梯|梯控|车位|车牌|停车(?!费)|人脸|道闸|蓝牙)",
            r"(?:门禁|门卡|电梯卡|梯控|车位|车牌)(?:将|会|就|已|全部)?(?:被|予以|给)?(?:停用|注销|取消|锁定|限制|关闭|冻结|收回|"
            r"消磁|停掉|作废|失效)",
            r"锁[您你]?的?车(?!位[费号])|拖[您你]?的?车(?!位)|锁轮|地锁",
        ),
        en=(
            r"\b(?:block(?:s|ed|ing)?|den(?:y|ies|ied)|disabl\w*|revok\w*|restrict\w*|lock\w*|suspend\w*|deactivat\w*|cancel\w*|"
            rf"refus\w*)\b[^.;!?]{{0,24}}\b{_ACCESS_EN}{_NO_ITEM}",
            rf"\b{_ACCESS_EN}{_NO_ITEM}[^.;!?]{{0,30}}\b(?:blocked|denied|disabled|revoked|restricted|locked|suspended|"
            r"deactivated|cancelled|canceled)\b",
            rf"\b(?:lose|loss of)\b[^.;!?]{{0,16}}\b{_ACCESS_EN}{_NO_ITEM}",
            r"\b(?:tow|clamp)(?:ed|ing)?\b|\bwheel clamps?\b|\block(?:ed)? (?:you )?out\b",
        ),
        lawful=(
            r"(?:车位有限|此处|路口|门前|消防[通车]道)。?严?禁止?停车|禁止停车占用",
            r"\bblocks? (?:no\.? ?)?(?:[a-z]|\d+[a-z]?)\b",
        ),
    ),
    _never(
        "service-condition",
        Sentence("服务不得以缴费为条件。", "Service is never a condition of payment."),
        "Civil Code 942; policy point 05",
        zh=(
            r"(?:停止|暂停|拒绝|取消|中止|终止|不再)(?:为|对|向)?(?:您|你)(?:家|户|们)?的?(?:提供)?(?:一切|各项|任何|所有|全部|"
            r"部分|相关)?的?(?:物业)?(?:服务|维修|报修|保洁|受理)",
            r"(?:将|会|就|则|有权|可以|立即|即|要)(?:停止|暂停|拒绝|取消|中止|终止|不再)(?:提供|受理)?(?:一切|各项|任何|所有|"
            r"全部)?(?:物业)?(?:服务|维修|报修|保洁)",
            r"(?:停止|不再)(?:一切|各项|所有|全部)(?:物业)?服务",
            r"不(?:交|缴)(?:清)?(?:物业)?费?[。就则]{0,2}(?:就|则)?(?:概|一律)?不(?:予|给|再)?(?:维修|修|服务|办理|受理|派单|上门)",
        ),
        en=(
            r"\b(?:refus|withhold|withdraw|suspend|stop|terminat|den(?:y|ied))\w*\b[^.;!?]{0,16}\b(?:services?|repairs?|"
            r"maintenance)\b(?! (?:charges?|fees?|bills?|costs?|contract))",
            r"\b(?:no|without) (?:payment|paying)[^.;!?]{0,6}\bno (?:services?|repairs?)\b",
        ),
        lawful=(r"(?:前台|窗口|柜台|系统|大厅|节假日|春节期间)[^。]{0,8}(?:暂停|停止)(?:服务|受理|办理)",),
    ),
    _never(
        "public-naming",
        Sentence(
            "不得公开欠费人的姓名或名单（个人信息保护法25条，民法典1032条）。", "No debtor is named in public (PIPL 25; Civil Code 1032)."
        ),
        "PIPL 25; Civil Code 1024, 1032",
        zh=(
            r"(?:公示|公布|曝光|张贴|通报|公开|公告|登报)(?:出来)?(?:您|你|其|他|她|欠[费缴]|拖欠|未缴费?的?(?:业主|住户|名单)|"
            r"名单|姓名|房号|个人信息|业主(?:姓名|名单|房号|信息))",
            r"(?:姓名|房号|逾期者)(?:将|会|就)?[^。]{0,4}(?:公示|公布|张榜|张贴|曝光|上墙)",
            r"(?:将|把|对)(?:您|你|其|他|她|欠费|拖欠|未缴费?的?(?:业主|住户|名单))[^。]{0,12}(?:公示|公布|曝光|张贴|通报|公开|"
            r"公告|登报|张榜|上榜|上墙|贴出来|贴(?:到|在))",
            r"(?:欠费|欠缴|黑|失信|老赖)名单|红黑榜|黑榜|曝光台|点名(?:批评|通报|公布)|(?:全|整个)(?:小区|楼|单元|业主群?|"
            r"社区)(?:的人)?都?(?:会|将|要)?(?:知道|通报|看看)",
            r"(?:在|到|发到|发在|贴在|贴到)(?:业主|小区|楼栋|微信)?(?:群|公告栏|宣传栏|单元门|楼道|大门口|"
            r"朋友圈)[^。]{0,6}(?:曝光|点名|公布(?:您|你)|示众|贴(?:您|你))",
        ),
        en=(
            r"\b(?:publish|post|expos|display|announc|pin up|read out|list)\w*\b[^.;!?]{0,24}\b(?:names?|list|debtors?|"
            r"non-?payers?|you)\b(?! (?:of|for) (?:payment|account)s?)",
            r"\b(?:your|their|debtors'?) names?\b[^.;!?]{0,24}\b(?:boards?|lobby|public|lists?|posters?|chat|website|doors?)\b",
            r"\bblack ?list\w*|\bname and shame|\bwall of shame|\bnam(?:e|ed|ing)\b[^.;!?]{0,12}\bin public\b|\bpublicly nam(?:e|ed|ing)\b",
        ),
        lawful=(
            r"\b(?:by|in the|to the) post\b",
            r"\bposts?(?:ed)? (?:to|you)\b",
            r"\bpost (?:it|this|the|your (?:cheque|form|letter))\b",
            r"\blist(?:ed)? (?:below|above|for)\b",
            r"\b(?:the|a|full|here is the|send you the) list\b",
            r"\bsend you\b",
        ),
    ),
    _never(
        "third-parties",
        Sentence("不得将欠费告知单位、亲属或邻居（个人信息保护法23条）。", "Employers, relatives and neighbours are never told (PIPL 23)."),
        "PIPL 23",
        zh=(
            r"(?:通知|告知|告诉|联系|找|走访|通报|反映到?|报告|去|(?<![收接得看感])到|打给|打电话给|上)到?(?:您|你|其|他|"
            r"她)们?的?(?:所在)?(?:工作)?的?(?:单位|公司|" + _CLOSE_PEOPLE + r")",
            r"(?:通知|告知|告诉|联系|走访|通报)到?(?:所在单位|" + _CLOSE_PEOPLE + r")",
            r"让(?:您|你|其|他|她)们?的?(?:单位|公司|" + _CLOSE_PEOPLE + r")[^。]{0,4}(?:知道|都知道|来还|出面|看看)",
        ),
        en=(
            r"\b(?:tell|told|inform|contact|notify|call|visit|reach out to|write to|speak to|"
            rf"talk to)\w*\b[^.;!?]{{0,16}}\b(?:your|their|his|her|the debtor's)[^.;!?]{{0,12}}\b{_CLOSE_PEOPLE_EN}\b",
            r"\b(?:inform|notify|tell)\w*\b (?:the )?(?:employers?|boss|neighbou?rs?|colleagues?|relatives?)\b",
        ),
        lawful=(
            r"(?:要求|请求?|希望|同意|授权|委托|让)(?:我们?|我司|物业|公司)?(?:改)?(?:联系|通知|告知|告诉|找|打给)(?=其|他|她|家|"
            r"妻|丈|儿|女|父|母|子|爱|配|亲)",
            r"联系您的(?:客服|管家)",
        ),
        kinds=EVERYWHERE,
    ),
    _never(
        "false-authority",
        Sentence(
            "不得冒充或假借公权力，不得以征信、拘留相告。", "No authority is posed as: no police, arrest, credit record or court order."
        ),
        "Criminal Code 279; Civil Code 1024; consultation draft on collection practices",
        zh=(
            r"公安(?!街|路|县|支行|小区)|派出所(?!旁|对面|路|小区)|警察|警方|民警|特警|报警|逮捕|拘留|坐牢|蹲监狱|判刑|刑事|通缉|"
            r"犯罪|犯法|涉嫌(?:违法|诈骗)",
            r"法院(?:传票|已|执行局|执行庭|将(?:查封|冻结|强制))|传票|执行局|强制(?:执行|扣划|扣款)|查封|冻结(?:您|你|其|他|账户|"
            r"银行|资产|存款|工资)|扣(?:划|押)(?:您|你|其|存款|工资)|限制出境",
            r"征信|失信被?执?行?人?|限制高消费|限高|黑户|纪委|纪检|影响(?:您|你)?的?(?:子女|孩子|小孩)?的?(?:上学|政审|考公|入学|"
            r"贷款|出行)|政审",
            r"(?:政府|街道|社区|住建局|房管局|法院|检察院)(?:要求|命令|责令|勒令|授权|委托)(?:您|你|我们|我司)",
            r"已(?:经)?(?:移交|移送)(?:公安|司法|法院|执法)|司法(?:拘留|强制|机关(?:已|将))",
        ),
        en=(
            r"\b(?:police|arrest\w*|jail\w*|prison|criminal\w*|bailiffs?|sheriffs?|court orders?|summons(?:es)?|subpoena\w*|interpol)\b",
            r"\b(?:arrest|search|bench) warrants?\b|\bwarrants? for\b|\b(?:garnish|seiz|repossess|evict)\w*\b",
            r"\bfreez\w* (?:your|the|all)? ?(?:bank )?(?:accounts?|assets|funds|wages)\b",
            r"\bcredit (?:agenc(?:y|ies)|scores?|records?|bureaus?|ratings?|reports?|history|file)\b",
            r"\bgovernment (?:orders?|requires? you|has ordered)\b",
        ),
        lawful=(
            r"(?:谨防|防范|警惕|遇到?|疑似|如遇)[^。]{0,14}(?:诈骗|冒充|可疑)[^。]{0,14}"
            r"。?(?:请)?(?:及时)?(?:报警|拨打(?:110|96110)(?:报警)?|向公安机关(?:报案|核实))",
        ),
        in_names=True,
    ),
    _never(
        "threat",
        Sentence("不得威胁（治安管理处罚法50条）。", "No threats: pestering and threatening are offences."),
        "Public Security Administration Punishments Law 50 (2026)",
        zh=(
            r"后果自负|一切后果|严重后果|后果(?:很|非常|十分)?严重|不堪设想|不客气(?!地?说)|等着瞧|走着瞧|你(?:们|"
            r"给我)*等着(?!回)|天打雷劈|不得好死|报应|给你点颜色|要你好看|收拾你|弄死|打断|砍|找人(?:收拾|修理|找你)",
            r"堵(?:您|你|他|她|其)?(?:家|的)?家?(?:大)?门|天天(?:上门|打电话|来|去)|每天(?:上门|打电话)|没完没了|骚扰(?:您|你|他|"
            r"她)|(?:不|没)得?安宁|让你(?:好看|难看|待不下去|不得安生)|别怪(?:我|我们)",
            r"(?:给我|你)小心(?:点|着|一点)|小心(?:点|一点)(?!儿?滑)|小心(?:您|你)的?(?:家人|孩子|命|腿|车(?!辆?停))|走夜路|"
            r"知道(?:您|你)(?:家)?(?:住|孩子|在哪)|(?:您|你)会后悔",
            r"(?:泼|喷)(?:油漆|漆|粪)|砸(?:门|车|玻璃)|(?:上门|去)(?:闹|堵|围)",
        ),
        en=(
            r"(?<!/)\bor else\b|\byou(?:'| wi)?ll (?:regret|be sorry)\b|\bwatch (?:out|your back)\b|\bwe know where you\b|"
            r"\b(?:every day|daily)\b[^.;!?]{0,16}\buntil you pay\b",
            r"\bface the consequences\b|\bserious consequences\b|\bmake your life\b|\bcome after you\b|\bhunt you\b|\b(?:hurt|"
            r"beat|harm) you\b|\bteach you a lesson\b|\bbreak your\b",
        ),
        lawful=(r"打断(?:您|你|对方|业主|其)?(?:的)?(?:话|说话|一下)|不打断",),
        kinds=EVERYWHERE,
    ),
    _never(
        "insult",
        Sentence("不得侮辱或评价人格。", "No insults, and no word about anyone's character."),
        "Civil Code 1024; Public Security Administration Punishments Law 50",
        zh=(
            r"老赖|无赖|赖皮|耍赖|赖账|赖着不|不要脸|没脸|厚颜|脸皮厚?|无耻|(?<!防)骗子|缺德|没(?:良心|教养|素质|道德)|素质(?:低|"
            r"差|太)|丢人|人品|品(?:行|德)(?:差|恶劣|有问题)",
            r"穷鬼|穷光蛋|吃白食|白住|占便宜|蛀虫|败类|人渣|垃圾人|王八|混蛋|滚蛋|流氓|刁民|恶意(?:拖欠|欠费)|不[讲守]?诚信|"
            r"不[讲守]信用|没(?:有)?信用|言而无信|傻[逼子瓜]|白痴|神经病|有病吧|脑子有(?:病|问题)|可耻|可恶",
        ),
        en=(
            r"\b(?:deadbeats?|cheats?|scum|shame(?:less|ful)?|liars?|thie(?:f|ves)|crooks?|disgrace(?:ful)?|freeloaders?|"
            r"scroungers?|idiots?|stupid|moron|parasites?|pathetic|cheapskate|dishonest|bastard|scoundrel)\b",
        ),
        lawful=(r"(?:谨防|警惕)骗子", r"\bit(?: i|')s a shame\b"),
        kinds=EVERYWHERE,
    ),
    _never(
        "false-urgency",
        Sentence("不得制造虚假的紧迫感。", "No false urgency: the date that counts is the pay-by date."),
        "Civil Code 944(1): a reasonable period",
        zh=(
            r"最后(?:一次)?(?:通牒|机会|警告|警示)|仅此一次机会|(?:过|逾)[时期]不候|刻不容缓|十万火急|火速",
            r"(?:限|必须|务必|须|请)(?:您|你)?(?:于|在)?(?:24|48|12|2|二十四|四十八|十二|两|2)个?小时(?:之)?内",
            r"(?:24|48|12|二十四|四十八|十二|两)个?小时(?:之)?内(?:必须|务必|不(?:缴|交|付|还|处理)|未(?:缴|交|付|还)|缴清|交清|"
            r"付清|还清|到账)",
            rf"今[天日](?:之)?内必须|{_HARSH_NOW}(?:于|在)?(?:立即|立刻|马上|今[天日]|当天|现在|明天)|(?:立刻|马上)(?:缴|交|付|"
            r"还)(?:清|纳|款|钱)",
        ),
        en=(
            r"\b(?:final|last) (?:chance|warning|ultimatum)\b|\bact now\b|\burgent(?:ly)?\b|\bbefore it(?: i|')s too late\b|"
            r"\b(?:pay|settle)\b[^.;!?]{0,24}\b(?:immediately|at once|right now|today or)\b|\bimmediate payment\b",
            r"\b(?:pay|settle|clear|respond)\b[^.;!?]{0,30}\bwithin (?:2|12|24|48|twelve|twenty-four|forty-eight) ?(?:h|hrs?|"
            r"hours)\b|\bwithin (?:24|48) hours\b[^.;!?]{0,12}\b(?:or|otherwise|failing)\b|\byou (?:have|only have) (?:24|"
            r"48) hours\b",
        ),
    ),
    _never(
        "wage-hardship",
        Sentence(
            "不以员工工资、生活困难诉苦；只说真实可核的事。",
            "No story of unpaid wages or hungry families: only what is true and can be checked.",
        ),
        "policy point 11",
        zh=(
            r"发不(?:出|起)工资|(?:员工|保洁|保安|工人|师傅|兄弟|阿姨|人员)(?:们)?[^。]{0,10}(?:等着?(?:发)?(?:工资|钱|米)|"
            r"没(?:有)?工资|工资(?:都)?(?:没|发不)|养家|吃不上饭|没钱过年)|养家糊口|揭不开锅|我们也不容易",
        ),
        en=(
            r"\b(?:staff|cleaners?|guards?|workers?|employees)\b[^.;!?]{0,30}\b(?:unpaid|hungry|wages|salar(?:y|ies)|"
            r"feed (?:their|a) famil)",
        ),
    ),
    _never(
        "too-grave",
        Sentence("提醒和协商中不提诉讼。", "A reminder or an offer does not speak of suits."),
        "policy points 08, 09",
        zh=(r"起诉|(?<!无需)诉讼(?!时效)|律师|法院|仲裁|法律(?:后果|责任|途径|手段|程序|武器)|打官司|上诉|告(?:您|你)(?!知|诉)|追究",),
        en=(
            r"\b(?:sue[ds]?|suing|lawsuits?|litigat\w*|lawyers?|attorneys?|solicitors?|legal (?:action|proceedings|steps|consequences))\b",
            r"\b(?:a|at|before|by|in|into|the|to) courts?\b(?! (?:road|street|avenue|lane))|\bcourt (?:action|case|claim|costs?|"
            r"fees?|proceedings)\b",
        ),
        kinds=BEFORE_ANY_DEMAND,
        in_names=True,
    ),
    _never(
        "names-a-home",
        Sentence("面向全体的通知不得出现房号。", "A notice to everyone names no home."),
        "PIPL 25; policy point 10",
        en=(
            r"\d+\s*[-—#栋幢号楼]\s*\d+\s*[-—单元]+\s*\d+|\d+\s*[栋幢号楼][^.;]{0,4}\d+\s*室|\d{3,4}室|\b(?:flat|unit|apartment|"
            r"apt) ?\d+[a-z]?\b",
        ),
        kinds=frozenset({"community"}),
    ),
    _never(
        "about-the-person",
        Sentence(
            "记录只写时间、金额、方式和对方原话；不写对健康、信仰、家事和品行的判断（个人信息保护法28条）。",
            "A note holds when, how much, how and their own words; nothing on health, faith, family affairs or character (PIPL 28).",
        ),
        "PIPL 28; policy point 19",
        zh=(
            r"精神(?:病|有问题|不正常)|艾滋|性取向|同性恋|信教|教徒|出轨|小三|前科|坐过牢|劳改|吸毒|酒鬼|赌(?:徒|鬼)|(?:态度|"
            r"脾气)(?:恶劣|极差|很差|嚣张|蛮横)|胡搅蛮缠|无理取闹|难缠|奇葩|装(?:穷|傻|死)|嘴硬|抠门|小气|外地人|乡下人",
        ),
        en=(
            r"\b(?:crazy|insane|mental(?:ly)?|drunk|alcoholic|addict|gay|muslim|christian|jewish|jew|affair|ex-?con|rude|"
            r"arrogant|nasty|difficult (?:person|man|woman)|pretends? to be poor|trouble-?maker)\b",
        ),
        kinds=NOTES,
    ),
)
