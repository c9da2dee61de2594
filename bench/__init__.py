"""Load generators and benchmarks. `make bench` runs them all and prints one table of ratios; nothing here is asserted by a test.

The machine is shared and noisy: trust ratios within one run, and treat differences under 20 % as none.
"""
