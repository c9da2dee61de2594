"""`tongban demo`: the main journey against a running suite, by its gateway alone, told step by step.

`host.demo.journey` is the journey as a library; tests and load generators walk it too.
"""
