"""The commands of `workbench`, one file a subject; `cli.py` puts them together.

Studies: `studies.py`. Many runs at once: `sweeps.py`. What runs left: `runs.py`. Data: `data.py`,
`importing.py`. Projects: `projects.py`. What all share: `shared.py`. Heavy imports happen inside
the commands, so that `--help` is quick.
"""
