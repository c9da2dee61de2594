"""Intake's routes: one router a resource."""
