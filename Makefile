# Two commands: `make demo` shows a report, `make test` proves the project. Both set up all they need.
# The work is done by workbench/setup; without make: python -m workbench.setup demo

# A Python that is tested first, then any; another one: make PYTHON=/path/to/python demo
PYTHON ?= $(shell for python in python3 python3.13 python3.12 python3.11 python; do \
	"$$python" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' \
	>/dev/null 2>&1 && echo "$$python" && exit; done; echo python3)
SETUP = @"$(PYTHON)" -m workbench.setup
# more for the command itself: make test ARGS="-k growth", make lock ARGS=--upgrade
ARGS ?=

.DEFAULT_GOAL := help
.PHONY: help demo test lab lint format lock install

help:
	$(SETUP) --help

demo test lab lint format lock install:
	$(SETUP) $@ $(ARGS)
