"""Region and authority: ones that the catalog knows."""

from collections.abc import Iterator

from services.catalog.rules.publication import sources
from services.catalog.rules.publication.registry import Fault, Said, Subject, rule


@rule(
    "region-unknown",
    title=("区划已载入", "The region is known"),
    source=sources.WHOLE_RECORD,
    remedy=("先载入区划，或改正区划代码", "Load the regions first, or correct the code"),
)
def region_unknown(subject: Subject) -> Iterator[Fault]:
    if not subject.is_region_known:
        yield "/region_code", Said("没有这个区划，请先载入区划", "There is no such region; load the regions first.")


@rule(
    "authority-unknown",
    title=("实施机关已登记", "The authority is known"),
    source=sources.WHOLE_RECORD,
    remedy=("核对代码，或先在身份服务中登记该部门", "Check the code, or enter the department at identity first"),
)
def authority_unknown(subject: Subject) -> Iterator[Fault]:
    if not subject.is_authority_known:
        code = subject.item.authority.code
        zh = f"没有统一社会信用代码为 {code} 的部门（刚登记的稍等片刻再试）"
        yield "/authority/code", Said(zh, f"No department has the code {code} (if just entered, try again shortly).")
