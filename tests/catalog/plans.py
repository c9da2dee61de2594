"""A process with everything a plan can say: stages, branches at once, a choice, returns, a joint session, special procedures."""

from services.catalog.rules.content import ProcessPlan

_FIRE = {"code": "11511602DEM000014R", "name": "区消防救援大队", "name_en": "Fire and Rescue Brigade"}

JOINT_PLAN = ProcessPlan.model_validate(
    {
        "stages": [
            {"key": "review", "name": {"zh": "审查", "en": "Review"}},
            {"key": "decision", "name": {"zh": "决定", "en": "Decision"}},
            {"key": "delivery", "name": {"zh": "送达", "en": "Delivery"}},
        ],
        "steps": [
            {
                "key": "review", "name": "书面审查", "stage": "review", "kind": "review", "post": "reviewer", "days": 1,
                "split": "all", "ways": [{"to": "visit"}, {"to": "fire"}, {"to": "experts"}],
            },
            {
                "key": "visit", "name": "经营场所现场核查", "stage": "review", "kind": "site_visit", "post": "reviewer", "days": 3,
                "ways": [{"to": "session"}, {"to": "review", "is_return": True}],
            },
            {
                "key": "fire", "name": "消防救援机构意见", "stage": "review", "kind": "cosign", "post": "reviewer", "authority": _FIRE,
                "days": 2, "ways": [{"to": "session"}],
            },
            {
                "key": "experts", "name": "专家评审", "stage": "review", "kind": "expert_review", "post": "reviewer", "days": 10,
                "ways": [{"to": "summary"}],
            },
            {"key": "summary", "name": "专家意见汇总", "stage": "review", "kind": "review", "post": "reviewer", "ways": [{"to": "session"}]},
            {
                "key": "session", "name": "联合会审", "stage": "decision", "kind": "joint_session", "post": "reviewer", "days": 1,
                "waits_for": "all", "participants": [{"authority": _FIRE}],
                "ways": [
                    {"to": "decide", "when": {"zh": "意见一致", "en": "Agreed"}},
                    {"to": "hearing", "when": {"zh": "有重大利益关系", "en": "Great interests"}},
                ],
            },
            {
                "key": "hearing", "name": "听证", "stage": "decision", "kind": "hearing", "post": "reviewer", "days": 20,
                "ways": [{"to": "decide"}],
            },
            {
                "key": "decide", "name": "决定", "stage": "decision", "kind": "decide", "post": "decider", "grade": 2, "days": 1,
                "split": "all", "ways": [{"to": "certificate"}, {"to": "publicity"}, {"to": "review", "is_return": True}],
            },
            {"key": "certificate", "name": "制证", "stage": "delivery", "kind": "certificate", "post": "window", "days": 1},
            {"key": "publicity", "name": "结果公示", "stage": "delivery", "kind": "publicity", "post": "window", "days": 7},
        ],
    }
)  # fmt: skip
