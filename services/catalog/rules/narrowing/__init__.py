"""Situations narrowed: what given answers ask for, exactly, and what is wrong with a table before anybody answers it."""

from services.catalog.rules.narrowing.answers import AnswerFault, Answers, answer_faults
from services.catalog.rules.narrowing.guide import Asked, Narrowed, narrow
from services.catalog.rules.narrowing.walk import MOST_CASES, Situation, TooManySituations, open_questions, situations

__all__ = [
    "MOST_CASES", "AnswerFault", "Answers", "Asked", "Narrowed", "Situation", "TooManySituations", "answer_faults", "narrow", "open_questions",
    "situations",
]  # fmt: skip
