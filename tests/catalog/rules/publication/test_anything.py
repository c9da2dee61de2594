"""Whatever the model admits is judged: no plan or table, however wrong, makes the rules themselves fail."""

from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from services.catalog.rules.content import ItemContent
from services.catalog.rules.publication import RULES, findings
from tests.catalog.sample import item

KEYS = st.sampled_from(["review", "decide", "a", "b", "c"])
TEXT = st.sampled_from([{"zh": "说明"}, {"zh": "其他材料"}, {"zh": "{0}", "en": "{}"}, {"zh": "a\u0008"}])
KINDS = st.sampled_from(["review", "check", "decide", "hearing", "joint_session", "publicity"])
CHOICES = ["x", "y"]

WAYS = st.lists(st.fixed_dictionaries({"to": KEYS, "is_return": st.booleans()}), max_size=4)
STEPS = st.fixed_dictionaries(
    {
        "key": KEYS,
        "name": st.just("环节"),
        "kind": KINDS,
        "post": st.just("reviewer"),
        "stage": st.none() | KEYS,
        "days": st.none() | st.integers(0, 3650),
        "grade": st.integers(1, 3),
        "ways": WAYS,
        "split": st.sampled_from(["one", "all"]),
        "waits_for": st.sampled_from(["any", "all"]),
        "is_beyond_catalog": st.booleans(),
    }
)
ROWS = st.fixed_dictionaries(
    {
        "key": KEYS,
        "name": TEXT,
        "when": st.dictionaries(KEYS, st.lists(st.sampled_from([*CHOICES, "z"]), max_size=3), max_size=3),
        "materials": st.lists(KEYS, max_size=2),
        "steps": st.lists(KEYS, max_size=2),
        "fields": st.lists(KEYS, max_size=2),
        "promised_limit": st.none() | st.fixed_dictionaries({"days": st.integers(0, 40)}),
        "instead": st.none() | st.fixed_dictionaries({"text": TEXT}),
    }
)
QUESTIONS = st.fixed_dictionaries(
    {
        "key": KEYS,
        "text": TEXT,
        "kind": st.sampled_from(["single", "multiple"]),
        "choices": st.just([{"key": key, "label": {"zh": key}} for key in CHOICES]),
    }
)
TABLES = st.fixed_dictionaries(
    {
        "rule": st.sampled_from(["only", "first", "every"]),
        "questions": st.lists(QUESTIONS, min_size=1, max_size=3),
        "rows": st.lists(ROWS, min_size=1, max_size=4),
    }
)
PLANS = st.fixed_dictionaries({"steps": st.lists(STEPS, min_size=1, max_size=6)})


@given(plan=st.none() | PLANS, table=st.none() | TABLES, name=TEXT)
@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_every_item_the_model_admits_is_judged_by_every_rule(
    plan: dict[str, Any] | None, table: dict[str, Any] | None, name: dict[str, str]
) -> None:
    content = ItemContent.model_validate(item(process_plan=plan, situation_table=table, name=name["zh"]))
    found = findings(content, [])
    assert {one.rule for one in found} <= set(RULES)
    assert all(one.pointer.startswith("/") and one.zh and one.en for one in found)
