"""The planners as a local app: `server.py` serves, `home.py` is the first page, `uploads.py` data.

The pages are Voila's engine under a template of our own (`../share/voila/templates/workbench`), so
that nothing is fetched from elsewhere. Command: `command.py`.
"""
