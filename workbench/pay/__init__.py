"""The exact pay engine: what a plan pays to whom, to the cent, and why.

`load_plan` reads a plan (a small YAML file), `pay` settles a year of credit lines by it. The
engine serves incentives and dealer rebates alike. First steps: docs/first_plan.md.
"""

from workbench.pay.plan import Plan, load_plan, plan_from, plan_schema

__all__ = ["Plan", "load_plan", "plan_from", "plan_schema"]
