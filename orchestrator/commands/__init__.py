"""One module per command (or group of commands). None is imported before it is asked for: see `orchestrator/cli.py`."""
