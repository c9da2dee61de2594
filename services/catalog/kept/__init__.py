"""Answers kept in memory: what many people read and few change, said again without asking the database.

An answer is kept until the instant it stops being right, which is known in advance, or until something is published, which every
process hears of through PostgreSQL (docs/decisions/0026-guides-and-kept-answers.md). A process that does not hear keeps nothing.
"""
