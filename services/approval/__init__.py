"""Approval: deciding. It owns cases, their tasks and a copy of the working-day calendar.

Tables: `cases`, `tasks`, `calendar_years`.
Topics in: `tongban.intake.application` (accepted, withdrawn), `tongban.catalog.calendar` (loaded).
Topic out: `tongban.approval.case` (opened, task completed, decided, terminated).
Called by: the approver desk, through the gateway. It calls nobody.

A case opens by the event of acceptance and in no other way: a decision without an acceptance is impossible by construction.
"""
