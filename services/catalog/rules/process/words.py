"""What pictures of a process say, in the reader's language."""

from typing import Literal

from services.catalog.rules.content import Bilingual, PlanStep, StepKind

Language = Literal["zh", "en"]

KINDS: dict[StepKind, tuple[str, str]] = {
    "review": ("审查", "Review"),
    "check": ("审核", "Check"),
    "decide": ("决定", "Decision"),
    "site_visit": ("现场核查", "Site visit"),
    "inspection": ("检验", "Inspection"),
    "testing": ("检测", "Testing"),
    "expert_review": ("专家评审", "Expert review"),
    "hearing": ("听证", "Hearing"),
    "joint_session": ("联合会审", "Joint session"),
    "cosign": ("会签", "Co-signature"),
    "publicity": ("公示", "Public notice"),
    "payment": ("缴费", "Payment"),
    "certificate": ("制证", "Making the certificate"),
    "delivery": ("送达", "Delivery"),
}
_UNITS = {"working_day": ("个工作日", "working day"), "calendar_day": ("天", "day")}


def say(language: Language, zh: str, en: str) -> str:
    return zh if language == "zh" else en


def text_of(text: Bilingual, language: Language) -> str:
    return (text.en or text.zh) if language == "en" else text.zh


def name_of(step: PlanStep, language: Language) -> str:
    return (step.name_en or step.name) if language == "en" else step.name


def days_of(step: PlanStep, unit: str, language: Language) -> str | None:
    """3个工作日; 3 working days."""
    if step.days is None:
        return None
    zh, en = _UNITS[unit]
    return say(language, f"{step.days}{zh}", f"{step.days} {en}{'' if step.days == 1 else 's'}")


def told(step: PlanStep, unit: str, language: Language) -> str:
    """A step in one sentence: its name, kind, who does it, how long it takes."""
    parts = [say(language, *KINDS[step.kind])]
    if step.authority is not None:
        parts.append((step.authority.name_en or step.authority.name) if language == "en" else step.authority.name)
    if step.kind == "decide":
        parts.append(say(language, f"权限等级{step.grade}", f"authority grade {step.grade}"))
    days = days_of(step, unit, language)
    parts += [days] if days else []
    names = [(one.authority.name_en or one.authority.name) if language == "en" else one.authority.name for one in step.participants]
    if names:
        parts.append(say(language, f"参加：{'、'.join(names)}", f"with {', '.join(names)}"))
    return say(language, f"{step.name}（{'，'.join(parts)}）", f"{name_of(step, language)} ({', '.join(parts)})")
