"""Behaviour: what people do when a plan pays.

effort.py   effort against pay, from an experiment        agency.py   best contracts in closed form
dynamic.py  effort and timing over the year, by types     moments.py  its parameters from data
gaming.py   what a payout curve invites to                design.py   better rates under a budget
"""
