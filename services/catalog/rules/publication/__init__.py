"""The catalog refuses unlawful and needless asks: what an item must satisfy before it may be published.

Every check is a named rule with its source and its remedy, and points at the field; all failures are told at once. A new rule is one
function here and one pair of examples in `tests/catalog/rules/publication/pairs.py`, without which a test fails.
"""

# Importing a module registers its rules, in this order.
# isort: off
from services.catalog.rules.publication import limits as limits
from services.catalog.rules.publication import codes as codes
from services.catalog.rules.publication import materials as materials
from services.catalog.rules.publication import wording as wording
from services.catalog.rules.publication import situations as situations
from services.catalog.rules.publication import fees_and_results as fees_and_results
from services.catalog.rules.publication import process as process
from services.catalog.rules.publication import runs as runs
from services.catalog.rules.publication import form as form
from services.catalog.rules.publication import places as places
# isort: on

from services.catalog.rules.publication.registry import RULES, Finding, Obtainable, Retired, Rule, Said, Subject
from services.catalog.rules.publication.registry import check_item as findings

__all__ = ["RULES", "Finding", "Obtainable", "Retired", "Rule", "Said", "Subject", "findings"]
