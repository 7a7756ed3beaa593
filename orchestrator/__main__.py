"""`python -m orchestrator` is `xianli`, also where the path of the checkout is too long or too odd for a script's first line."""

from orchestrator.cli import main

if __name__ == "__main__":
    main()
