"""Fees and results: charged by a rule, sealed by an authority."""

from collections.abc import Iterator

from services.catalog.rules.publication import sources
from services.catalog.rules.publication.registry import Fault, Said, Subject, rule


@rule(
    "fee-without-basis",
    title=("收费有依据", "A fee has a basis"),
    source=sources.LICENSING_58,
    remedy=("写明收费依据的文件，或不收费", "Name the rule that allows the charge, or do not charge"),
)
def fee_without_basis(subject: Subject) -> Iterator[Fault]:
    said = Said("收费应写明依据", "A fee names the rule that allows it.")
    if subject.item.fee.is_charged and subject.item.fee.basis is None:
        yield "/fee/basis", said
    for at, entry in enumerate(subject.item.fee_entries):
        if entry.basis is None:
            yield f"/fee_entries/{at}/basis", said


@rule(
    "free-and-charged",
    title=("不收费的事项没有收费项目", "What is free lists no charges"),
    source=sources.LICENSING_58,
    remedy=("改为收费并写明依据，或删去收费项目", "Say that it is charged, with its basis, or remove the charges"),
)
def free_and_charged(subject: Subject) -> Iterator[Fault]:
    if subject.item.fee_entries and not subject.item.fee.is_charged:
        yield "/fee/is_charged", Said("写明不收费，却列有收费项目", "It says that it is free and lists charges.")


@rule(
    "seal-missing",
    title=("许可证件有印章", "A licence bears a seal"),
    source=sources.LICENSING_39,
    remedy=("在办理结果中写明加盖谁的印章", "Say in the result whose seal it bears"),
)
def seal_missing(subject: Subject) -> Iterator[Fault]:
    """Of a licence: its results say their seal. Of others: what two or three pairs of hands decide is sealed where it is a document."""
    item = subject.item
    if item.item_type == "01" and item.result_type_code is not None and not item.results:
        yield "/results", Said("许可事项应写明办理结果和加盖的印章", "A licence item says its results and the seal they bear.")
    hands = max((step.grade for step in item.process if step.kind == "decide"), default=1)
    for at, result in enumerate(item.results):
        is_document = result.kind in ("licence", "certificate", "approval")
        if result.seal is None and (result.kind == "licence" or (is_document and (item.item_type == "01" or hands > 1))):
            yield (
                f"/results/{at}/seal",
                Said(f"“{result.name.zh}”没有写明加盖谁的印章", f"“{result.name.zh}” does not say whose seal it bears."),
            )


@rule(
    "result-differs",
    title=("办理结果与结果证照一致", "Results agree with the certificate issued"),
    source=sources.WHOLE_RECORD,
    remedy=("在办理结果中写明该证照类型，或改正类型代码", "Name that certificate type in the results, or correct its code"),
)
def result_differs(subject: Subject) -> Iterator[Fault]:
    item = subject.item
    if item.results and item.result_type_code is not None and item.result_type_code not in {one.type_code for one in item.results}:
        yield "/results", Said("办理结果中没有结果证照的类型", "No result is of the certificate type that is issued.")
