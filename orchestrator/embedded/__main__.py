"""`python -m orchestrator.embedded stop|remove STATE`: what `make clean` does before it deletes the state folder."""

import sys
from pathlib import Path

from orchestrator import embedded

if __name__ == "__main__":
    act = {"stop": embedded.stop, "remove": embedded.remove}[sys.argv[1]]
    act(Path(sys.argv[2]))
