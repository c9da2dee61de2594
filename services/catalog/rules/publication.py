"""The catalog refuses unlawful asks: what an item must satisfy before it may be published.

Every check names its rule and points at the field; all failures are told at once. "What the network can supply, nobody may
demand again" is the State Council's rule for service guides; a promise within the law is the Administrative Licensing Law's
art. 42; fees need a basis by its art. 58; notify-and-commit does not cover public safety, ecology, health and life.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
import re

from jsonschema import Draft202012Validator

from services.catalog.rules.content import ItemContent, Material
from services.catalog.rules.form_schema import form_faults
from services.catalog.rules.words import normal_form
from standards.errors import StandardViolation
from standards.item_codes import parse_base_code, parse_implementation_code
from standards.uscc import parse_uscc

_ABOUT_A_COPY = re.compile(r"(原件|复印件|扫描件|电子版|照片)?(及|和|或|、)?(原件|复印件|扫描件|电子版|照片)$|[（(][^）)]*[）)]$")
_WHOSE = re.compile(r"^(申请人|申请单位|法定代表人|负责人|经办人|代理人|受托人|本人|企业|单位)+(的)?")

_SAYS = {
    "certificate-type-missing": ("来源为电子证照的材料应写明证照类型", "A material from the certificate library names its certificate type."),
    "shared-resource-missing": ("来源为共享数据的材料应写明共享资源", "A material from shared data names its shared resource."),
    "needed-when-missing": ("按情形提交的材料应写明何种情形需要", "A conditional material says when it is needed."),
    "tolerant-days-missing": ("可容缺的材料应写明补交期限", "A tolerant material says within how many working days it follows."),
    "duplicate-key": ("标识“{key}”重复", "The key “{key}” is used twice."),
}


@dataclass(frozen=True, slots=True)
class Finding:
    """One reason why an item may not be published. `pointer` is a JSON pointer into its content; `rule` is stable."""

    pointer: str
    rule: str
    zh: str
    en: str


@dataclass(frozen=True, slots=True)
class Obtainable:
    """A material that the network can supply: from the certificate library, or as shared data. `names` are what people call it."""

    code: str
    source: str
    names: tuple[str, ...]
