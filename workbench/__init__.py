"""Sales Workbench: analysis and simulation for people who plan and run a sales organisation."""

__version__ = "0.1.0"
