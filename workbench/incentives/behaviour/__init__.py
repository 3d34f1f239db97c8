"""Behaviour: what people do when a plan pays.

effort.py   effort against pay, from an experiment     agency.py    best contracts in closed form
dynamic.py  effort and timing over the year, by types  paths.py     the same person by person
observe.py  people's years and rates from the tables   moments.py   behaviour that fits them
reading.py  habits: hold-back, pull-in, giving up ...  assumptions.py  parameters and their sources
curve_shape.py, gaming.py  what a curve invites to     judge.py, design.py  better rates
person.py   how a person answers to pay

Limits: one window's attainment is the state, so that a bonus of the year beside pay by quarters is
read one at a time; people answer to their own pay, not to each other.
"""
