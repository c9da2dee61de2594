"""What rules of publication stand on: laws by article, notices by number, the design of this catalog where no law speaks.

Articles of the Administrative Licensing Law are of its text of 2019; of the Regulation on Optimizing the Business Environment, of 2019
(State Council Order 722). The articles of the Licensing Law were read word for word; the regulation and the notices are cited from
knowledge of them and want checking against their official texts before anybody relies on the wording.
"""

from services.catalog.rules.publication.registry import Said

LICENSING_30 = Said(
    "行政许可法第三十条：条件、程序、期限以及需要提交的全部材料的目录应当公示",
    "Administrative Licensing Law art. 30: conditions, procedure, limits and the complete list of materials are published",
)
LICENSING_34 = Said(
    "行政许可法第三十四条：行政机关应当对申请材料进行审查；能够当场作出决定的应当当场作出决定",
    "Administrative Licensing Law art. 34: materials are reviewed; what can be decided on the spot is decided on the spot",
)
LICENSING_38 = Said(
    "行政许可法第三十八条：申请应当依法作出准予或者不予许可的书面决定",
    "Administrative Licensing Law art. 38: an application ends in a written decision, to grant or to refuse",
)
LICENSING_39 = Said(
    "行政许可法第三十九条：许可证件应当加盖本行政机关印章",
    "Administrative Licensing Law art. 39: a licence bears the seal of the authority",
)
LICENSING_42 = Said(
    "行政许可法第四十二条、优化营商环境条例第三十六条：应当在规定的时限内作出决定",
    "Administrative Licensing Law art. 42, Regulation on Optimizing the Business Environment art. 36: decisions keep the limits set by law",
)
LICENSING_45 = Said(
    "行政许可法第四十五条：听证、检验、检测、专家评审等所需时间不计入期限，但应当告知申请人",
    "Administrative Licensing Law art. 45: hearings, inspections, testing and expert reviews do not count, but the applicant is told how long",
)
LICENSING_58 = Said(
    "行政许可法第五十八条、第五十九条：不得收取任何费用，法律、行政法规另有规定的除外；按公布的法定项目和标准收费",
    "Administrative Licensing Law arts. 58 and 59: no fees but those that laws allow, by published items and standards",
)
LICENSING_82 = Said(
    "行政许可法第八十二条：该法规定的期限以工作日计算；其他期限的单位应当写明并可比较",
    "Administrative Licensing Law art. 82: its limits are in working days; other limits say their unit, so that they can be compared",
)
BUSINESS_35 = Said(
    "优化营商环境条例第三十五条：没有法律、法规、规章依据，不得增设办理条件和环节",
    "Regulation on Optimizing the Business Environment art. 35: without a basis in law, no conditions and no steps are added",
)
SHARED_ONCE = Said(
    "国发〔2016〕55号：凡是能通过网络共享复用的材料，不得要求企业和群众重复提交",
    "State Council notice 2016-55: what can be shared over the network may not be demanded again",
)
COMMITMENTS = Said(
    "国办发〔2020〕42号：直接涉及公共安全、生态环境保护和人身健康、生命财产安全的事项不适用告知承诺制",
    "State Council Office notice 2020-42: no commitment in place of proof where public safety, ecology, health or life are touched",
)
ITEM_CODES = Said(
    "国家政务服务事项编码规则：基本编码12位、实施编码31位、业务办理项编码33位（GB/T 39046 的代码表）",
    "National rules of item codes: 12, 31 and 33 characters, with the code tables of GB/T 39046",
)
USCC = Said("GB 32100：统一社会信用代码的编码规则和校验码", "GB 32100: the unified social credit code and its check character")
JSON_SCHEMA = Said("JSON Schema 2020-12 规范", "The JSON Schema 2020-12 specification")
ONE_TIME_NOTICE = Said(
    "行政许可法第三十二条第四项：需要补正的全部内容应当一次告知，因此应当事先说清楚",
    "Administrative Licensing Law art. 32 (4): everything missing is said at once, so it is clear beforehand what is asked",
)
AUTHORITY_GRADES = Said(
    "本目录的设计：独任一人、一审一核两人、报批三人；谁审查谁不得决定",
    "Design of this catalog: sole decision one pair of hands, review and check two, report three; nobody decides what they reviewed",
)
SITUATIONS = Said(
    "本目录的设计：情形是一张决策表，每种回答都应得到确定的材料、环节和表单（docs/decisions/0024）",
    "Design of this catalog: situations are a decision table, and every answer leads to exact materials, steps and fields (decision 0024)",
)
PROCESS = Said(
    "本目录的设计：流程是一张图，每次办理都应走到一次且仅一次决定（docs/decisions/0024）",
    "Design of this catalog: a process is a graph, and every run of it comes to exactly one decision (decision 0024)",
)
PLAIN_LANGUAGE = Said(
    "行政许可法第三十条、优化营商环境条例第三十五条：公示的内容应当准确、细化、量化，使办事人看得懂",
    "Administrative Licensing Law art. 30, Regulation on Optimizing the Business Environment art. 35: what is published is exact and can be understood",
)
TOLERANCE = Said(
    "本目录的设计：容缺受理只及于次要材料，缺少核心材料无从审查，也无从受理",
    "Design of this catalog: only minor materials may follow later; without a core material there is nothing to review",
)
WHOLE_RECORD = Said(
    "本目录的设计：标识在一个事项内唯一，引用的内容必须存在",
    "Design of this catalog: keys are unique within an item, and what is referred to exists",
)
