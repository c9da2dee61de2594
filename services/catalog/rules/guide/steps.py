"""What a guide says of deciding: the steps in their order, and what the clock stands for."""

from services.catalog.rules.content import Bilingual, ItemContent, PlanStep, SpecialLimit
from services.catalog.rules.guide.parts import Listing, Part, Passage, Said
from services.catalog.rules.guide.teller import Teller


def process_parts(item: ItemContent, teller: Teller) -> tuple[Part, ...]:
    """The plan's steps where there is a plan, else the desks' steps."""
    if item.process_plan:
        stages = {stage.key: stage.name for stage in item.process_plan.stages}
        entries = tuple(_plan_step(step, stages.get(step.stage or ""), item, teller) for step in item.process_plan.steps)
    else:
        entries = tuple(teller.named(step.name, step.name_en) for step in item.process)
    return (Listing(entries, is_ordered=True),)


def _plan_step(step: PlanStep, stage: Bilingual | None, item: ItemContent, teller: Teller) -> Said:
    """Its stage, name, other authority and limit in one sentence, in Chinese as a whole where one of those has no English."""
    name, other = Bilingual(zh=step.name, en=step.name_en), step.authority
    by = Bilingual(zh=other.name, en=other.name_en) if other else None
    if not all(one.en for one in (name, stage, by) if one):
        teller = Teller("zh")
    text = teller.of(name).text
    if stage and stage.zh != name.zh:
        text = teller.word("stage_step", stage=teller.of(stage).text, step=text)
    if by:
        text = teller.word("by_other", step=text, authority=teller.of(by).text)
    if step.days:
        text = teller.word("step_days", step=text, limit=teller.days(step.days, item.promised_limit.unit))
    return Said(text, teller.language)


def special_parts(item: ItemContent, teller: Teller) -> tuple[Part, ...]:
    """Procedures whose time does not count (Licensing Law art. 45), each with its limit where one is set."""
    limits = {one.kind: one for one in item.special_limits}
    kinds = list(dict.fromkeys([*item.special_procedures, *limits]))
    if not kinds:
        return ()
    entries = tuple(_special(kind, limits.get(kind), teller) for kind in kinds)
    return (Passage(teller.say("special_not_counted")), Listing(entries))


def _special(kind: str, limit: SpecialLimit | None, teller: Teller) -> Said:
    """The procedure, its limit, and what the item says of it."""
    if limit is None:
        return teller.say(kind)
    if limit.text and limit.text.en is None:
        teller = Teller("zh")
    said = teller.word("at_most", what=teller.word(kind), limit=teller.days(limit.days, limit.unit))
    return teller.say("with_basis", what=said, basis=teller.of(limit.text).text) if limit.text else Said(said, teller.language)
